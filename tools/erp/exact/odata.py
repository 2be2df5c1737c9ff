"""The OData dialect of Exact Online: literals, query texts, many keys in few short addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar
from urllib.parse import quote

from tools.erp.exact.wire import Wire

LONGEST_QUERY = 1900
"""Characters of one encoded query: a server of Microsoft's ASP.NET refuses more than 2,048 where nobody
raised its limit (system.web/httpRuntime maxQueryStringLength)."""
CODE_LENGTH = 18
"""Characters of an account's code; numbers stand at the right, blanks before them."""
_CODE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9 ._/-]*[A-Za-z0-9])?")

T = TypeVar("T")


@dataclass(frozen=True)
class Query:
    """A read of one resource of the division. A filter or a choice of fields is always there: resources
    that have neither are refused."""

    entity: type[Wire]
    filter: str | None = None
    with_lines: bool = False
    top: int | None = None

    @property
    def path(self) -> str:
        """Relative to the division: `crm/Accounts?$select=…&$filter=…`."""
        return f"{self.entity.resource}?{self.options}"

    @property
    def options(self) -> str:
        fields = list(self.entity.select())
        options = []
        lines = self.entity.lines if self.with_lines else None
        if lines is not None:
            name = self.entity.lines_field
            fields += [f"{name}/{field}" for field in lines.select()]
            options.append(f"$expand={name}")
        options.insert(0, f"$select={','.join(fields)}")
        wanted = self.filter or self.entity.everything
        if wanted is not None:
            options.append(f"$filter={quote(wanted, safe='')}")
        if self.top is not None:
            options.append(f"$top={self.top}")
        return "&".join(options)


def text(value: str) -> str:
    """A string constant; a quote inside is doubled."""
    return "'" + value.replace("'", "''") + "'"


def guid(value: str) -> str:
    return f"guid'{value}'"


def day(value: date) -> str:
    return f"datetime'{value.isoformat()}'"


def moment(value: datetime) -> str:
    """A moment as UTC. Exact's stamps carry no zone; its sites stand at UTC or east of it, so a stamp in
    local time only makes more come. A value without a time zone is refused: which moment is it?"""
    if value.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return f"datetime'{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}'"


def account_codes(codes: Iterable[str]) -> list[str]:
    """The constants under which accounts' codes are found: eighteen characters, blanks first. Whether a code
    with letters stands to the right as well is not documented, so it is asked for as it is, too; what no
    account's code can be is not asked for at all."""
    found = []
    for code in codes:
        if len(code) > CODE_LENGTH or not _CODE.fullmatch(code):
            continue
        found.append(text(code.rjust(CODE_LENGTH)))
        if not (code.isascii() and code.isdigit()):
            found.append(text(code))
    return found


def any_of(field: str, constants: Iterable[str]) -> str:
    return " or ".join(f"{field} eq {constant}" for constant in constants)


def queries_for(
    entity: type[Wire],
    field: str,
    constants: Iterable[str],
    *,
    also: str | None = None,
    with_lines: bool = False,
) -> list[Query]:
    """Queries that together find every record whose `field` is one of the constants, each short enough."""
    found: list[Query] = []
    part: list[str] = []
    for constant in dict.fromkeys(constants):
        longer = _query(entity, field, [*part, constant], also, with_lines)
        if part and len(longer.options) > LONGEST_QUERY:
            found.append(_query(entity, field, part, also, with_lines))
            part = []
        part.append(constant)
    if part:
        found.append(_query(entity, field, part, also, with_lines))
    return found


def _query(
    entity: type[Wire], field: str, constants: Sequence[str], also: str | None, with_lines: bool
) -> Query:
    keys = any_of(field, constants)
    if also is not None:
        keys = f"{also} and ({keys})"
    return Query(entity, keys, with_lines)


def letter_cases(value: str) -> tuple[str, ...]:
    """The ways a reference may be kept; whether comparisons mind letter case is not published."""
    return tuple(dict.fromkeys((value.upper(), value, value.lower())))


def numbers(values: Iterable[str]) -> Iterator[str]:
    """Those that can be an Int32 key, in plain form; others cannot exist there."""
    for value in values:
        if value.isascii() and value.isdigit() and int(value) < 2**31 and str(int(value)) == value:
            yield value
