"""The part of Oracle's query language that is used: `q` in the grammar of framework version 2 and later."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar
from urllib.parse import quote

from tools.erp.oracle.wire import Wire

MOST_KEYS = 150
"""Keys in one `in (…)`. Oracle publishes no number; the database's own limit is 1,000."""
LONGEST_URL = 6000
"""Characters of one encoded address; web tiers cut at 8,000 and above."""
MOST_ROWS = 500
"""Records of one page; the service gives no more, whatever is asked."""

T = TypeVar("T")


@dataclass(frozen=True)
class Query:
    """A read of one collection. `path` names it; absent: the entity's own resource."""

    entity: type[Wire]
    q: str | None = None
    path: str | None = None

    def address(self, limit: int, offset: int) -> str:
        """`invoices?q=…&fields=…&orderBy=…&limit=…&offset=…`. The total is never asked for: counting is
        what makes large tables slow."""
        options = [] if self.q is None else [f"q={quote(self.q, safe='')}"]
        options.append(f"fields={quote(self.entity.selection(), safe=',;:.')}")
        if self.entity.order_by:
            options.append(f"orderBy={self.entity.order_by}:asc")
        options += [f"limit={limit}", f"offset={offset}"]
        return f"{self.path or self.entity.resource}?{'&'.join(options)}"


def literal(text: str) -> str:
    """A string constant; a quote inside is doubled."""
    return "'" + text.replace("'", "''") + "'"


def moment(value: datetime) -> str:
    """A date-time constant in UTC. A value without a time zone is refused: which moment is it?"""
    if value.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return literal(value.astimezone(UTC).isoformat(timespec="milliseconds"))


def equal(**values: str) -> str:
    """`A='x' and B='y'`."""
    return " and ".join(f"{name}={literal(value)}" for name, value in values.items())


def queries_for(
    entity: type[Wire],
    attribute: str,
    values: Collection[str],
    *,
    also: str | None = None,
    numeric: bool = False,
) -> list[Query]:
    """Queries that together find every record whose `attribute` is one of `values`, each within the limits
    of keys and address. `also` holds for all. `numeric`: the values are ids, written without quotes."""
    found: list[Query] = []
    part: list[str] = []
    for value in dict.fromkeys(values):
        word = value if numeric else literal(value)
        longer = _query(entity, attribute, [*part, word], also)
        if part and (len(part) == MOST_KEYS or len(longer.address(MOST_ROWS, 0)) > LONGEST_URL):
            found.append(_query(entity, attribute, part, also))
            part = []
        part.append(word)
    if part:
        found.append(_query(entity, attribute, part, also))
    return found


def _query(entity: type[Wire], attribute: str, words: Sequence[str], also: str | None) -> Query:
    keys = f"{attribute}={words[0]}" if len(words) == 1 else f"{attribute} in ({', '.join(words)})"
    return Query(entity, keys if also is None else f"{also} and {keys}")


def queries_in_any_case(
    entity: type[Wire], attribute: str, values: Collection[str], *, also: str | None = None
) -> list[Query]:
    """Like `queries_for`, however the text is written in Oracle: the comparison minds letter case, so both
    sides are in capitals."""
    capitals = [form for value in values for form in _capitals(value)]
    return queries_for(entity, f"UPPER({attribute})", capitals, also=also)


def _capitals(text: str) -> tuple[str, ...]:
    """A database turns one character into one (ß stays as it is), Python may turn one into two."""
    single = "".join(upper if len(upper := each.upper()) == 1 else each for each in text)
    return tuple(dict.fromkeys((single, text.upper())))


def parts(items: Iterable[T], size: int) -> Iterator[list[T]]:
    source = iter(items)
    while part := list(islice(source, size)):
        yield part
