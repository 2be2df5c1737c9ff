"""Searching and reading as Tryton's models do it, over rows that are made from the books."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from tools.erp.tryton.sandbox_schema import RELATIONS, Crash, field_of
from tools.erp.tryton.values import Quantity

Row = Mapping[str, Any]
Rows = Callable[[str], Mapping[int, Row]]
"""Model -> id -> row; relations are ids or lists of ids, references `model,id`."""


class Orm:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def search(
        self, model: str, domain: Any, offset: int, limit: int | None, order: Any, *, active_test: bool
    ) -> list[int]:
        """Ids of what fits. Archived records are left out unless the context asks for them."""
        rows = self._rows(model)
        found = [key for key, row in rows.items() if self._fits(model, row, domain)]
        if active_test:
            found = [key for key in found if rows[key].get("active", True)]
        for name, direction in reversed(order or []):
            field_of(model, name)
            found.sort(key=lambda key: _sortable(rows[key].get(name)), reverse=direction == "DESC")
        return found[offset : None if limit is None else offset + limit]

    def read(self, model: str, ids: Iterable[int], names: Sequence[str]) -> list[dict[str, Any]]:
        return [self._told(model, key, names) for key in ids]

    def _told(self, model: str, key: int, names: Sequence[str]) -> dict[str, Any]:
        row = self._row(model, key)
        told: dict[str, Any] = {"id": key}
        deeper: dict[str, list[str]] = {}
        for name in names:
            head, point, rest = name.partition(".")
            field_of(model, head)
            if point:
                deeper.setdefault(head, []).append(rest)
            else:
                told[head] = _shown(model, head, row.get(head))
        for head, inner in deeper.items():
            told[f"{head}."] = self._behind(model, head, row.get(head), inner)
        return told

    def _behind(self, model: str, name: str, value: Any, names: Sequence[str]) -> Any:
        field = field_of(model, name)
        if field.type in RELATIONS:
            return self.read(str(field.relation), value or [], names)
        if value is None:
            return None
        target, key = _target(field.relation, field.type, value)
        return self._told(target, key, names)

    def _row(self, model: str, key: int) -> Row:
        row = self._rows(model).get(key)
        if row is None:
            raise Crash(f"record {key} of {model} does not exist")
        return row

    def _fits(self, model: str, row: Row, domain: Any) -> bool:
        if not isinstance(domain, list):
            raise Crash("a domain is a list")
        if not domain:
            return True
        if isinstance(domain[0], str) and domain[0] not in ("AND", "OR"):
            return self._holds(model, row, domain)
        parts = domain[1:] if isinstance(domain[0], str) else domain
        fits = (self._fits(model, row, part) for part in parts)
        return any(fits) if domain[0] == "OR" else all(fits)

    def _holds(self, model: str, row: Row, clause: list[Any]) -> bool:
        if len(clause) not in (3, 4):
            raise Crash("a clause has three or four parts")
        path, operator, wanted = clause[:3]
        head, point, rest = path.partition(".")
        field = field_of(model, head)
        value = row.get(head)
        if not point:
            return _compare(value, operator, wanted)
        if field.type == "reference":
            if len(clause) != 4:
                raise Crash(f"a search through the reference {head} names its model")
            if value is None or value.partition(",")[0] != clause[3]:
                return False
            inner = [(clause[3], int(value.partition(",")[2]))]
        elif field.type in RELATIONS:
            inner = [(str(field.relation), key) for key in value or []]
        else:
            inner = [] if value is None else [(str(field.relation), value)]
        # Through a list of records it is enough that one fits.
        return any(self._holds(name, self._row(name, key), [rest, operator, wanted]) for name, key in inner)


def _shown(model: str, name: str, value: Any) -> Any:
    """A Float is a plain number, every other Decimal an amount."""
    is_float = isinstance(value, Decimal) and field_of(model, name).type == "float"
    return Quantity(value) if is_float else value


def _target(relation: str | None, kind: str, value: Any) -> tuple[str, int]:
    if kind == "reference":
        model, _, key = value.partition(",")
        return model, int(key)
    return str(relation), value


def _sortable(value: Any) -> tuple[bool, Any]:
    return value is not None, value


def _compare(value: Any, operator: str, wanted: Any) -> bool:
    if operator in ("=", "!="):
        return (_plain(value) == _plain(wanted)) is (operator == "=")
    if operator in ("in", "not in"):
        if not isinstance(wanted, list):
            raise Crash(f"{operator} takes a list")
        return (_plain(value) in [_plain(each) for each in wanted]) is (operator == "in")
    if operator in ("ilike", "not ilike"):
        return _like(value, wanted) is (operator == "ilike")
    if operator in (">", ">=", "<", "<="):
        return value is not None and _ordered(value, operator, wanted)
    raise Crash(f"unknown operator {operator}")


def _plain(value: Any) -> Any:
    """A boolean that nobody set is false."""
    return None if value is False else value


def _ordered(value: Any, operator: str, wanted: Any) -> bool:
    if isinstance(value, datetime) is not isinstance(wanted, datetime):
        raise Crash("a moment is compared with a moment")
    if not isinstance(wanted, (int, Decimal, datetime, str)):
        raise Crash(f"{operator} takes no {type(wanted).__name__}")
    found: bool = {
        ">": lambda: value > wanted,
        ">=": lambda: value >= wanted,
        "<": lambda: value < wanted,
        "<=": lambda: value <= wanted,
    }[operator]()
    return found


def _like(value: Any, pattern: str) -> bool:
    """SQL's pattern: `%` any text, `_` any character, a backslash before either takes its meaning."""
    return value is not None and _matches(str(value).casefold(), pattern.casefold())


def _matches(text: str, pattern: str) -> bool:
    if not pattern:
        return not text
    head, rest = pattern[0], pattern[1:]
    if head == "%":
        return any(_matches(text[start:], rest) for start in range(len(text) + 1))
    if head == "\\" and rest:
        head, rest = rest[0], rest[1:]
    elif head == "_":
        return bool(text) and _matches(text[1:], rest)
    return text.startswith(head) and _matches(text[1:], rest)
