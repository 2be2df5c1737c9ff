"""The published fields of the resources that are served, and what a body may hold."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z?)?")
_NEWER = {"string": "String", "int": "Int32", "float": "Double", "bool": "Boolean"}
"""Types of a client's classes for properties that came after the published list."""
_RANGES = {"Byte": (0, 255), "Int16": (-(2**15), 2**15 - 1), "Int32": (-(2**31), 2**31 - 1)}


class ApiError(Exception):
    """An answer of the API that is not a success."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.headers = dict(headers or {})

    @property
    def body(self) -> dict[str, Any]:
        return {"error": {"code": "", "message": {"lang": "", "value": str(self)}}}


def bad_request(text: str) -> ApiError:
    return ApiError(400, text)


def business(text: str) -> ApiError:
    """What the rules of the books refuse: Exact answers 500."""
    return ApiError(500, text)


@dataclass(frozen=True)
class Field:
    name: str
    type: str
    post: bool
    put: bool
    verified: bool


@dataclass(frozen=True)
class Resource:
    name: str
    methods: frozenset[str]
    key: str
    fields: Mapping[str, Field]

    def row(self, **values: Any) -> dict[str, Any]:
        """A record with exactly the published fields; what the books do not know is null."""
        unknown = sorted(set(values) - set(self.fields))
        if unknown:
            raise LookupError(f"{self.name} has no {', '.join(unknown)}")
        return {name: values.get(name) for name in self.fields}

    def check(self, body: Any, method: str) -> dict[str, Any]:
        """Raises ApiError for unknown and read-only fields and for wrong types."""
        if not isinstance(body, dict):
            raise bad_request("The request body must be a JSON object.")
        for name, value in body.items():
            field = self.fields.get(name)
            if field is None:
                raise bad_request(f"The property '{name}' does not exist on type '{self.name}'.")
            if not (field.post if method == "post" else field.put):
                raise bad_request(f"The property '{name}' of '{self.name}' is read-only.")
            if value is not None and field.type in _CHECKS and not _CHECKS[field.type](value):
                raise bad_request(f"Error processing request stream: '{name}' is no Edm.{field.type}.")
        return body


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _whole(kind: str) -> Callable[[Any], bool]:
    low, high = _RANGES.get(kind, (-(2**63), 2**63 - 1))
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_binary(value: Any) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        return False
    return True


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "String": lambda value: isinstance(value, str),
    "Guid": lambda value: isinstance(value, str) and _GUID.fullmatch(value) is not None,
    "DateTime": lambda value: isinstance(value, str) and _DAY.fullmatch(value) is not None,
    "Double": _is_number,
    "Boolean": lambda value: isinstance(value, bool),
    "Binary": _is_binary,
    **{kind: _whole(kind) for kind in ("Byte", "Int16", "Int32", "Int64")},
}


@cache
def resources() -> Mapping[str, Resource]:
    """`service/Resource` -> its published description."""
    text = Path(__file__).with_name("fields.json").read_text(encoding="utf-8")
    return {name: _resource(name, told) for name, told in json.loads(text).items()}


def _resource(name: str, told: Mapping[str, Any]) -> Resource:
    fields = {}
    for field, text in told["fields"].items():
        kind, _, marks = text.partition(" ")
        fields[field] = Field(field, _NEWER.get(kind, kind), "p" in marks, "u" in marks, "?" not in marks)
    return Resource(name, frozenset(told["methods"]), told["key"], fields)


def day_of(value: str) -> date:
    return date.fromisoformat(value[:10])


def shown(value: Any) -> Any:
    """A value as the API writes it: moments as milliseconds since 1970."""
    if isinstance(value, datetime):
        return f"/Date({int(value.timestamp() * 1000)})/"
    if isinstance(value, date):
        return shown(datetime(value.year, value.month, value.day, tzinfo=UTC))
    return value
