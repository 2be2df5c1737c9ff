"""The fields of Tryton's models, and what a server that minds them refuses.

`fields.json` tells what a running Tryton 8.0 answered to `fields_get` (see README.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from tools.erp.tryton.values import Quantity

RELATIONS = ("one2many", "many2many")


class Crash(Exception):
    """A Python error in the server: `["'name'", ""]`, as for a field nobody knows."""


class UserError(Exception):
    """The application says no."""

    def __init__(self, message: str, kind: str = "UserError", name: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.name = name

    @property
    def body(self) -> list[Any]:
        if self.kind == "UserError":
            return [self.kind, [str(self), "", None]]
        if self.kind == "UserWarning":
            return [self.kind, [self.name, str(self), ""]]
        return [self.kind, str(self)]


@dataclass(frozen=True)
class Field:
    type: str
    relation: str | None = None
    read_only: bool = False
    required: bool = False
    values: tuple[str, ...] | None = None


@cache
def models() -> Mapping[str, Mapping[str, Field]]:
    """Model -> field -> what the running server told of it."""
    return {**_told_in("fields.json"), **of_module()}


@cache
def of_module() -> Mapping[str, Mapping[str, Field]]:
    """The same of the models that only the module of `extension/` brings."""
    return _told_in("extension/fields.json")


def _told_in(name: str) -> dict[str, dict[str, Field]]:
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    return {
        model: {
            name: Field(
                type=told["type"],
                relation=told.get("relation"),
                read_only=told.get("readOnly", False),
                required=told.get("required", False),
                values=None if told.get("values") is None else tuple(told["values"]),
            )
            for name, told in fields.items()
        }
        for model, fields in json.loads(text).items()
    }


def field_of(model: str, name: str) -> Field:
    if name in ("id", "rec_name", "_timestamp"):
        return Field("integer" if name == "id" else "char")
    found = models().get(model, {}).get(name)
    if found is None:
        raise Crash(f"'{name}'")
    return found


_TYPES: Mapping[str, tuple[type, ...]] = {
    "char": (str,),
    "text": (str,),
    "selection": (str,),
    "reference": (str,),
    "integer": (int,),
    "many2one": (int,),
    "float": (int, Quantity),
    "numeric": (Decimal,),
    "date": (date,),
    "boolean": (bool,),
    "binary": (bytes,),
    "one2many": (list,),
    "many2many": (list,),
}


def check(model: str, values: Any) -> dict[str, Any]:
    """The values of a create or write; an amount is a typed Decimal, a quantity a plain number. Stricter than
    Tryton: what is read-only cannot be sent."""
    if not isinstance(values, dict):
        raise Crash("values must be a dictionary")
    for name, value in values.items():
        field = field_of(model, name)
        if field.read_only:
            raise UserError(f'The field "{name}" of "{model}" is read-only.')
        if value is None:
            continue
        _check_value(model, name, field, value)
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    return value.number if isinstance(value, Quantity) else value


def _check_value(model: str, name: str, field: Field, value: Any) -> None:
    plain = type(value) in _TYPES[field.type]
    if not plain or isinstance(value, datetime):
        raise Crash(f"'{name}' of {model} takes no {type(value).__name__}")
    if field.values is not None and value not in field.values:
        raise UserError(
            f'The value "{value}" for field "{name}" of "{model}" is not one of the allowed options.'
        )
