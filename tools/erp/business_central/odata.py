"""The part of OData that Business Central understands: query texts and `$batch` bodies.

`or` works between comparisons of one field only, and a filter may have at most 100 nodes, of which each
comparison takes up to six; so many keys become many short queries, and one `$batch` carries them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar
from urllib.parse import quote

from tools.erp.business_central.wire import Wire

MOST_COMPARISONS = 15
"""Comparisons in one filter, the service's node limit of 100 divided by six and a reserve."""
LONGEST_URL = 4000
"""Characters of one encoded address; gateways cut between 2,000 and 16,000."""
MOST_IN_BATCH = 100
"""Operations in one `$batch` (operational limits, Business Central online)."""

T = TypeVar("T")


@dataclass(frozen=True)
class Query:
    """A read of one entity set of the company."""

    entity: type[Wire]
    filter: str | None = None
    with_lines: bool = False
    """Read the lines with the header; entities without lines are always read without."""
    under: str = ""
    """The record whose part is read, with a slash: `purchaseInvoices(GUID)/`; empty: all of the company."""
    top: int | None = None

    @property
    def path(self) -> str:
        """Relative to the company: `vendors?$select=…&$filter=…`."""
        options = [f"$select={','.join(self.entity.select())}"]
        if self.top is not None:
            options.append(f"$top={self.top}")
        if self.with_lines and self.entity.lines is not None:
            lines = self.entity.lines
            options.append(f"$expand={lines.entity_set}($select={','.join(lines.select())})")
        if self.filter is not None:
            options.append(f"$filter={quote(self.filter, safe='')}")
        return f"{self.under}{self.entity.entity_set}?{'&'.join(options)}"


def literal(text: str) -> str:
    """A string constant; a quote inside is doubled."""
    return "'" + text.replace("'", "''") + "'"


def moment(value: datetime) -> str:
    """A date-time constant in UTC. A value without a time zone is refused: which moment is it?"""
    if value.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def any_of(field: str, values: Iterable[str]) -> str:
    return " or ".join(f"{field} eq {literal(value)}" for value in values)


def queries_for(
    entity: type[Wire],
    field: str,
    values: Collection[str],
    *,
    also: str | None = None,
    with_lines: bool = False,
) -> list[Query]:
    """Queries that together find every record whose `field` is one of `values`, each within the limits
    of filter and address. `also` is a condition on another field that holds for all."""
    found: list[Query] = []
    part: list[str] = []
    for value in dict.fromkeys(values):
        longer = _query(entity, field, [*part, value], also, with_lines)
        if part and (len(part) == MOST_COMPARISONS or len(longer.path) > LONGEST_URL):
            found.append(_query(entity, field, part, also, with_lines))
            part = []
        part.append(value)
    if part:
        found.append(_query(entity, field, part, also, with_lines))
    return found


def _query(
    entity: type[Wire], field: str, values: Sequence[str], also: str | None, with_lines: bool
) -> Query:
    keys = any_of(field, values)
    return Query(entity, keys if also is None else f"{also} and ({keys})", with_lines)


def letter_cases(text: str) -> tuple[str, ...]:
    """The ways a number may be kept. Number fields are of type Code, which the database keeps in upper
    case; imported records may be kept otherwise, and the comparison minds letter case."""
    return tuple(dict.fromkeys((text.upper(), text, text.lower())))


def parts(items: Sequence[T], size: int) -> Iterator[list[T]]:
    source = iter(items)
    while part := list(islice(source, size)):
        yield part
