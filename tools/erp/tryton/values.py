"""Values as Tryton's JSON-RPC carries them: amounts, days and moments are objects with `__class__`."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any


def typed(value: Any) -> Any:
    """A value as it is sent. A Decimal is an amount; a quantity is a plain number, see `Quantity`.
    A moment is sent in UTC, which is what Tryton keeps."""
    if isinstance(value, Quantity):
        return value.number
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": f"{value:f}"}
    if isinstance(value, datetime):
        kept = value.astimezone(UTC)
        parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
        return {"__class__": "datetime", **{name: getattr(kept, name) for name in parts}}
    if isinstance(value, date):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    if isinstance(value, bytes):
        return {"__class__": "bytes", "base64": b64encode(value).decode()}
    if isinstance(value, Mapping):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [typed(item) for item in value]
    return value


class Quantity:
    """A number of a Float field. It is sent as a JSON number with exactly these digits."""

    def __init__(self, number: Decimal) -> None:
        self.number = number


def untyped(value: Any, number: Callable[[Decimal], Any] = lambda number: number) -> Any:
    """A value as it came, in Python's own types; a plain number with decimals goes through `number`. Raises
    ValueError for a form that nobody knows."""
    if isinstance(value, list):
        return [untyped(item, number) for item in value]
    if isinstance(value, Decimal):
        return number(value)
    if not isinstance(value, dict):
        return value
    kind = value.get("__class__")
    if kind is None:
        return {key: untyped(item, number) for key, item in value.items()}
    numbers = {name: item for name, item in value.items() if name != "__class__"}
    if kind == "Decimal":
        return Decimal(value["decimal"])
    if kind == "date":
        return date(**numbers)
    if kind == "datetime":
        return datetime(**numbers, tzinfo=UTC)
    if kind == "bytes":
        return b64decode(value["base64"])
    raise ValueError(f"a value of type {kind}")
