"""The questions a GetConnector answers: filters, order, pages. As narrow as the vendor describes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl

from tools.erp.afas.filters import LONGEST_QUERY
from tools.erp.afas.sandbox_schema import ProfitError, unexpected

MOST_VALUES = 150_000
"""Rows times fields of one answer; the vendor calls it a good start, here it is a limit."""

Row = Mapping[str, Any]
Test = tuple[str, int, str]
"""Field, operator, value."""
_KNOWN = frozenset("skip take orderbyfieldids filterfieldids filtervalues operatortypes filterjson".split())
_ORDERED = {2: "__ge__", 3: "__le__", 4: "__gt__", 5: "__lt__"}
_TEXTS: Mapping[int, Callable[[str, str], bool]] = {
    6: lambda held, asked: asked in held,
    10: lambda held, asked: held.startswith(asked),
    11: lambda held, asked: asked not in held,
    12: lambda held, asked: not held.startswith(asked),
    13: lambda held, asked: held.endswith(asked),
    14: lambda held, asked: not held.endswith(asked),
    15: lambda held, asked: asked.casefold() in held.casefold(),
}


def page_of(rows: Sequence[Row], query: str, fields: Mapping[str, str], turn: int) -> dict[str, Any]:
    """One page. Without an order the rows come in another order each `turn`, as the vendor warns. Raises
    ProfitError."""
    if len(query) + 1 > LONGEST_QUERY:
        raise ProfitError("", status=404)
    given = dict(parse_qsl(query, keep_blank_values=True))
    if set(given) - _KNOWN:
        raise unexpected()
    skip, take = _number(given.get("skip", "0")), _number(given.get("take", "100"))
    if (skip, take) != (-1, -1) and (skip < 0 or take < 1):
        raise unexpected()
    if take * len(fields) >= MOST_VALUES:
        raise ProfitError("Out of memory")
    groups = _groups(given)
    for name in {name for group in groups for name, _, _ in group}:
        _check_field(name, fields)
    found = [row for row in rows if not groups or any(_holds(row, group) for group in groups)]
    found = _ordered(found, given.get("orderbyfieldids", ""), fields, turn)
    if take >= 0:
        found = found[skip : skip + take]
    return {"skip": skip, "take": take, "rows": [_rendered(row) for row in found]}


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise unexpected() from None


def _check_field(name: str, fields: Mapping[str, str]) -> None:
    if name not in fields:
        raise ProfitError(f"Connector field '{name}' not found")


def _groups(given: Mapping[str, str]) -> list[list[Test]]:
    """Groups of which any, with tests of which all must hold."""
    if "filterjson" in given:
        if "filterfieldids" in given:
            raise unexpected()
        return _json_groups(given["filterjson"])
    lists = [given.get(name, "") for name in ("filterfieldids", "filtervalues", "operatortypes")]
    if not any(lists):
        return []
    # How the vendor reads a mixture of both joints, or one inside a value, is not published: it is refused.
    joint, other = (";", ",") if ";" in lists[0] else (",", ";")
    if any(other in text for text in lists):
        raise unexpected()
    names, values, operators = (text.split(joint) for text in lists)
    if not len(names) == len(values) == len(operators):
        raise unexpected()
    tests = [_test(*each) for each in zip(names, operators, values, strict=True)]
    return [[test] for test in tests] if joint == ";" else [tests]


def _json_groups(text: str) -> list[list[Test]]:
    try:
        filters = json.loads(text)["Filters"]["Filter"]
        return [
            [_test(each["@FieldId"], each["@OperatorType"], each["#text"]) for each in one["Field"]]
            for one in filters
        ]
    except (ValueError, KeyError, TypeError):
        raise unexpected() from None


def _test(name: str, operator: str, value: str) -> Test:
    number = _number(str(operator))
    if not 1 <= number <= 15:
        raise unexpected()
    return name, number, value


def _holds(row: Row, group: Sequence[Test]) -> bool:
    return all(_matches(row[name], operator, value) for name, operator, value in group)


def _matches(held: Any, operator: int, asked: str) -> bool:
    if operator in (8, 9):
        return (held in (None, "")) is (operator == 8)
    if held is None:
        return operator == 7
    if operator in _TEXTS:
        return _TEXTS[operator](str(held), asked)
    value = _like(held, asked)
    if operator in (1, 7):
        return bool(held == value) is (operator == 1)
    return bool(getattr(held, _ORDERED[operator])(value))


def _like(held: Any, asked: str) -> Any:
    """The asked value in the type of the held one; letter case counts, to be on the strict side."""
    try:
        if isinstance(held, bool):
            return {"true": True, "false": False}[asked]
        if isinstance(held, datetime):
            return datetime.fromisoformat(asked).replace(tzinfo=None)
        if isinstance(held, date):
            return date.fromisoformat(asked[:10])
        if isinstance(held, (int, Decimal)):
            return Decimal(asked)
    except (ValueError, KeyError, InvalidOperation):
        raise unexpected() from None
    return asked


def _ordered(rows: list[Row], order: str, fields: Mapping[str, str], turn: int) -> list[Row]:
    if not order:
        start = turn % len(rows) if rows else 0
        return [*rows[start:], *rows[:start]]
    for name in reversed(order.split(",")):
        bare = name.removeprefix("-")
        _check_field(bare, fields)
        rows = sorted(rows, key=lambda row, bare=bare: _place(row[bare]), reverse=name.startswith("-"))  # type: ignore[misc]
    return rows


def _place(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else 0)


def _rendered(row: Row) -> dict[str, Any]:
    return {name: _shown(value) for name, value in row.items()}


def _shown(value: Any) -> Any:
    """Times are Amsterdam's and still carry a Z."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}Z"
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00Z"
    return value
