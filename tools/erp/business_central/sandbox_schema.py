"""The vendor's field lists, and what a server that minds them refuses.

`fields.json` is derived from the page objects of microsoft/BCApps (see README.md). Texts in quotation
marks in the vendor's sources are used as they stand there.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from tools.erp.answers import to_json

EMPTY_GUID = str(uuid.UUID(int=0))
NO_DATE = "0001-01-01"
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EMPTY: Mapping[str, Any] = {
    "Guid": EMPTY_GUID,
    "Date": NO_DATE,
    "DateTimeOffset": f"{NO_DATE}T00:00:00Z",
    "Decimal": Decimal(0),
    "Int32": 0,
    "Boolean": False,
}


class ApiError(Exception):
    """An answer of the API that is not a success."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def body(self, correlation: str) -> dict[str, Any]:
        text = f"{self}  CorrelationId:  {correlation}."
        return {"error": {"code": self.code, "message": text}}


def bad_request(message: str, code: str = "BadRequest") -> ApiError:
    return ApiError(400, code, message)


def not_found(message: str, code: str = "BadRequest_ResourceNotFound") -> ApiError:
    return ApiError(404, code, message)


def business(message: str, code: str = "Application_DialogException") -> ApiError:
    return ApiError(400, code, message)


def check_match(if_match: str | None, current: str) -> None:
    """Optimistic locking: the header must be there, and name the record's version or any."""
    if not if_match:
        raise bad_request("The request must have an If-Match header.", "BadRequest_InvalidToken")
    if if_match not in ("*", current):
        raise ApiError(409, "Request_EntityChanged", "Another user has already changed the record.")


@dataclass(frozen=True)
class Field:
    name: str
    type: str
    read_only: bool
    max_length: int | None
    values: tuple[str, ...] | None

    @property
    def empty(self) -> Any:
        if self.values is not None:
            return "_x0020_"
        return _EMPTY.get(self.type, "")


@dataclass(frozen=True)
class Entity:
    name: str
    insert: bool
    modify: bool
    delete: bool
    actions: tuple[str, ...]
    navigation: Mapping[str, str]
    fields: Mapping[str, Field]

    def render(self, values: Mapping[str, Any], etag: str) -> dict[str, Any]:
        """A record with exactly the published fields but streams; what the books do not know is empty."""
        unknown = sorted(set(values) - set(self.fields))
        if unknown:
            raise LookupError(f"{self.name} has no {', '.join(unknown)}")
        row: dict[str, Any] = {"@odata.etag": etag}
        for field in self.fields.values():
            if field.type == "Stream":
                continue  # fetched by an address of its own
            value = values.get(field.name)
            row[field.name] = field.empty if value is None else value
        return row

    def check(self, body: Any, *, nested: str | None = None) -> dict[str, Any]:
        """The body of a POST or PATCH. Raises ApiError for unknown and read-only fields, wrong types and
        texts that are too long. `nested` is a property that may carry lines."""
        if not isinstance(body, dict):
            raise bad_request("The body must be a JSON object.")
        for name, value in body.items():
            if name == nested:
                continue
            field = self.fields.get(name)
            if field is None:
                raise bad_request(
                    f"The property '{name}' does not exist on type 'Microsoft.NAV.{self.name}'."
                )
            if field.read_only:
                raise bad_request(f"Control '{name}' is read-only.", "BadRequest_InvalidOperation")
            check_value(field, value)
        return body


def check_value(field: Field, value: Any) -> None:
    checks = {
        "String": _is_text,
        "Guid": _is_guid,
        "Date": _is_date,
        "Decimal": _is_number,
        "Int32": _is_integer,
        "Boolean": _is_boolean,
    }
    check = checks.get(field.type)
    if check is None or not check(value):
        code = "Application_InvalidGUID" if field.type == "Guid" else "BadRequest"
        raise bad_request(f"The value of '{field.name}' is not of type Edm.{field.type}.", code)
    if field.values is not None and value not in field.values:
        raise bad_request(f"'{value}' is not a value of '{field.name}'.")
    if field.max_length is not None and len(value) > field.max_length:
        raise business(
            f"The length of the string is {len(value)}, but it must be less than or equal to "
            f"{field.max_length} characters. Value: {value}",
            "Application_StringExceededLength",
        )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_guid(value: Any) -> bool:
    return isinstance(value, str) and _GUID.fullmatch(value) is not None


def _is_date(value: Any) -> bool:
    if not isinstance(value, str) or len(value) != len(NO_DATE):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


@cache
def entities() -> Mapping[str, Entity]:
    """Entity set -> its published description."""
    text = Path(__file__).with_name("fields.json").read_text(encoding="utf-8")
    return {name: _entity(name, data) for name, data in json.loads(text).items()}


def _entity(name: str, data: Mapping[str, Any]) -> Entity:
    fields = {
        field: Field(
            name=field,
            type=told["type"],
            read_only=told.get("readOnly", False),
            max_length=told.get("maxLength"),
            values=None if told.get("values") is None else tuple(told["values"]),
        )
        for field, told in data["fields"].items()
    }
    return Entity(
        name=name,
        insert=data["insert"],
        modify=data["modify"],
        delete=data["delete"],
        actions=tuple(data["actions"]),
        navigation=data["navigation"],
        fields=fields,
    )


def timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def json_bytes(value: Any) -> bytes:
    return to_json(value)
