"""OData V2 as SAP Gateway reads it: addresses, constants, and many keys in few queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import TypeVar
from urllib.parse import quote

from tools.erp.sap.published import entity_of
from tools.erp.sap.wire import Wire

MOST_COMPARISONS = 50
"""Comparisons in one filter: the gateway turns them into a selection of the database."""
LONGEST_URL = 6000
"""Characters of one address; gateways before an SAP system cut at 8,000 and more."""

T = TypeVar("T")


@dataclass(frozen=True)
class Query:
    """A read of one entity set."""

    entity: type[Wire]
    filter: str | None = None
    order_by: str | None = None
    top: int | None = None
    skip: int = 0

    @property
    def service(self) -> str:
        return entity_of(self.entity.entity_set).service

    @property
    def path(self) -> str:
        """Below the service: `A_PurchaseOrder?$select=…&$expand=…&$filter=…`."""
        options = [f"$select={','.join(self.entity.select())}"]
        if expand := self.entity.expand():
            options.append(f"$expand={','.join(expand)}")
        if self.filter is not None:
            options.append(f"$filter={quote(self.filter, safe='')}")
        if self.order_by is not None:
            options.append(f"$orderby={quote(self.order_by, safe='')}")
        if self.top is not None:
            options.append(f"$top={self.top}")
        if self.skip:
            options.append(f"$skip={self.skip}")
        return f"{self.entity.entity_set}?{'&'.join(options)}"


def literal(text: str) -> str:
    """A string constant; a quote inside is doubled."""
    return "'" + text.replace("'", "''") + "'"


def day_constant(day: date) -> str:
    return f"datetime'{day.isoformat()}T00:00:00'"


def moment_constant(moment: datetime) -> str:
    """In UTC. A value without a time zone is refused: which moment is it?"""
    return f"datetimeoffset'{_utc(moment):%Y-%m-%dT%H:%M:%S}Z'"


def stamp(moment: datetime) -> str:
    """A moment as SAP's long time stamp in a text: YYYYMMDDhhmmss and seven decimals, UTC."""
    known = _utc(moment)
    return f"{known:%Y%m%d%H%M%S}.{known.microsecond:06d}0"


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC)


def any_of(field: str, values: Iterable[str]) -> str:
    return " or ".join(f"{field} eq {literal(value)}" for value in values)


def queries_for(
    entity: type[Wire], field: str, values: Collection[str], *, also: str | None = None
) -> list[Query]:
    """Queries that together find every record whose `field` is one of `values`, each within the limits of
    filter and address. `also` is a condition that holds for all."""
    found: list[Query] = []
    part: list[str] = []
    for value in dict.fromkeys(values):
        longer = _query(entity, field, [*part, value], also)
        if part and (len(part) == MOST_COMPARISONS or len(longer.path) > LONGEST_URL):
            found.append(_query(entity, field, part, also))
            part = []
        part.append(value)
    if part:
        found.append(_query(entity, field, part, also))
    return found


def _query(entity: type[Wire], field: str, values: Sequence[str], also: str | None) -> Query:
    keys = any_of(field, values)
    return Query(entity, keys if also is None else f"{also} and ({keys})")


def key_path(entity_set: str, **keys: str) -> str:
    """`A_SupplierInvoice(SupplierInvoice='1',FiscalYear='2026')`."""
    named = ",".join(f"{name}={quote(literal(value), safe=_SAFE)}" for name, value in keys.items())
    return f"{entity_set}({named})"


_SAFE = "'"


def call_path(function: str, parameters: Mapping[str, str]) -> str:
    """A function import with its parameters as constants."""
    named = "&".join(f"{name}={quote(value, safe=_SAFE)}" for name, value in parameters.items())
    return f"{function}?{named}"


def letter_cases(text: str) -> tuple[str, ...]:
    """The ways a reference may be kept: entry on a screen makes it upper case, an interface may not."""
    return tuple(dict.fromkeys((text.upper(), text, text.lower())))


def parts(items: Sequence[T], size: int) -> Iterator[list[T]]:
    source = iter(items)
    while part := list(islice(source, size)):
        yield part
