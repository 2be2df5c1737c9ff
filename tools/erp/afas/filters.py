"""Queries of a GetConnector: filter, order and page, within the length that Profit takes.

Profit knows a short form (lists of fields, values and operators) and a JSON form. The short form joins with
`,` (and) or `;` (or) and has no escape for these signs in a value; how it mixes both is not published. So
it is used for one kind of joining and plain values only, and the JSON form for everything else.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from urllib.parse import quote
from zoneinfo import ZoneInfo

LONGEST_QUERY = 2049
"""Characters of the parameters, the question mark included; a longer one is answered 404."""
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


class Is(IntEnum):
    """Profit's operator numbers, those that are used here."""

    EQUAL = 1
    NOT_BEFORE = 2
    AFTER = 4
    NOT = 7


@dataclass(frozen=True)
class Condition:
    field: str
    operator: Is
    value: str


Group = tuple[Condition, ...]
"""Conditions that hold together."""


@dataclass(frozen=True)
class Query:
    """Rows of which any group holds; without groups all. `order` names fields that make a row unique: a
    page without an order may repeat rows and leave others out."""

    connector: str
    order: tuple[str, ...]
    groups: tuple[Group, ...] = ()

    def path(self, skip: int, take: int) -> str:
        """Relative to the service's root."""
        order = ",".join(self.order)
        return f"connectors/{self.connector}?skip={skip}&take={take}&orderbyfieldids={order}{self._filter()}"

    @property
    def fits(self) -> bool:
        """With room for a large `skip`."""
        return len(self.path(10_000_000, 10_000).partition("?")[2]) + 1 <= LONGEST_QUERY

    def _filter(self) -> str:
        if not self.groups:
            return ""
        single = all(len(group) == 1 for group in self.groups)
        plain = all(_is_plain(condition.value) for group in self.groups for condition in group)
        if plain and (single or len(self.groups) == 1):
            return _short(self.groups[0], ",") if not single else _short([g[0] for g in self.groups], ";")
        return f"&filterjson={quote(_json(self.groups), safe='')}"


def _is_plain(value: str) -> bool:
    return value == value.strip() != "" and not set(value) & set(',;"\\')


def _short(conditions: Sequence[Condition], joint: str) -> str:
    lists = {
        "filterfieldids": [condition.field for condition in conditions],
        "filtervalues": [condition.value for condition in conditions],
        "operatortypes": [str(int(condition.operator)) for condition in conditions],
    }
    # The joints stay as they are, as in the vendor's examples: encoded they take three characters.
    return "".join(
        f"&{name}={joint.join(quote(value, safe='') for value in values)}" for name, values in lists.items()
    )


def _json(groups: Iterable[Group]) -> str:
    filters = [
        {
            "@FilterId": f"F{number}",
            "Field": [
                {"@FieldId": each.field, "@OperatorType": str(int(each.operator)), "#text": each.value}
                for each in group
            ],
        }
        for number, group in enumerate(groups, start=1)
    ]
    return json.dumps({"Filters": {"Filter": filters}}, ensure_ascii=False, separators=(",", ":"))


def any_of(connector: str, order: tuple[str, ...], groups: Collection[Group]) -> list[Query]:
    """As few queries as fit that together find every row of which any group holds. A group that fits in no
    query by itself is left out: no field is long enough to hold such a value."""
    found: list[Query] = []
    part: tuple[Group, ...] = ()
    for group in dict.fromkeys(groups):
        longer = Query(connector, order, (*part, group))
        if longer.fits:
            part = longer.groups
            continue
        if part:
            found.append(Query(connector, order, part))
        part = (group,) if Query(connector, order, (group,)).fits else ()
    if part:
        found.append(Query(connector, order, part))
    return found


def letter_cases(text: str) -> tuple[str, ...]:
    """How a number may be kept; whether Profit's comparison minds letter case is not published."""
    return tuple(dict.fromkeys((text, text.upper(), text.lower())))


def changed_after(field: str, moment: datetime) -> Condition:
    """Profit keeps and compares Amsterdam's wall clock. In the hour that comes twice in autumn the filter
    starts with that hour, because a later change may carry an earlier time. A fraction of a second asks
    for the whole second, because times are told in seconds. Raises ValueError without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    local = moment.astimezone(AMSTERDAM)
    naive = local.replace(tzinfo=None)
    first = local.replace(fold=0)
    if local.fold == 0 and first.utcoffset() != local.replace(fold=1).utcoffset():
        naive -= timedelta(hours=1)
    operator = Is.NOT_BEFORE if naive.microsecond else Is.AFTER
    return Condition(field, operator, naive.replace(microsecond=0).isoformat())
