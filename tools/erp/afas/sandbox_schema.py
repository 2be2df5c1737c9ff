"""The vendor's field lists, and what a server that minds them refuses.

`fields.json` is derived from the vendor's OpenAPI files (see README.md), `getconnectors.json` is ours.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from tools.erp.afas.checks import own_connectors
from tools.erp.answers import to_json
from tools.erp.sandbox.refusal import Refusal, Refused

_GUID = re.compile(r"\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")
_GIVEN_BY_PROFIT = frozenset({"EnNo", "SbId", "ItSp"})
"""Starred in the vendor's schema; absent from all of the vendor's samples."""
_UNKNOWN = -2147180999


class ProfitError(Exception):
    """An answer that is not a success. Refusals of substance are HTTP 500."""

    def __init__(self, message: str, *, status: int = 500, number: int = -2147220469) -> None:
        super().__init__(message)
        self.status = status
        self.number = number

    def content(self) -> bytes:
        if self.status in (401, 403, 404):
            return b""
        reference = uuid.uuid5(uuid.NAMESPACE_OID, str(self)).hex.upper()
        return to_json(
            {"externalMessage": str(self), "errorNumber": self.number, "profitLogReference": reference}
        )


def unexpected() -> ProfitError:
    """What Profit says about a question it cannot read."""
    return ProfitError("An unexpected error has occurred.", number=_UNKNOWN)


_DOES_NOT_EXIST = {
    Refusal.UNKNOWN_SUPPLIER: "Account Number",
    Refusal.UNKNOWN_ACCOUNT: "Account Number",
    Refusal.UNKNOWN_ITEM: "Item code",
    Refusal.UNKNOWN_UNIT: "Unit",
    Refusal.UNKNOWN_TAX_CODE: "VAT code",
    Refusal.UNKNOWN_CURRENCY: "Currency",
    Refusal.UNKNOWN_ORDER: "Number",
}
"""What the books refuse and the vendor has a published sentence for; only the first label is published."""


def refused(refusal: Refused) -> ProfitError:
    """What the books refuse, in the vendor's words where they are published, else in the books'."""
    label = _DOES_NOT_EXIST.get(refusal.code)
    return ProfitError(
        refusal.message if label is None else f"The entered value for '{label}' does not exist."
    )


@dataclass(frozen=True)
class Element:
    """One record of a message: values in their types, and the records inside it."""

    fields: Mapping[str, Any]
    objects: Mapping[str, tuple[Element, ...]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.fields.get(name)

    def inner(self, name: str) -> tuple[Element, ...]:
        return self.objects.get(name, ())


@cache
def published() -> Mapping[str, Any]:
    text = Path(__file__).with_name("fields.json").read_text(encoding="utf-8")
    told: Mapping[str, Any] = json.loads(text)
    return told


def get_fields(name: str) -> Mapping[str, str] | None:
    """Field -> type of a GetConnector; None for one that nobody made."""
    if name in own_connectors():
        return {key: told["type"] for key, told in own_connectors()[name]["fields"].items()}
    found: Mapping[str, str] | None = published()["get"].get(name)
    return found


def read_message(method: str, connector: str, body: Any) -> Element:
    """The one record of a message. Raises ProfitError for unknown connectors, objects and fields, wrong
    types, texts that are too long and fields that are missing."""
    schema = published()["update"].get(f"{method} {connector}")
    if schema is None:
        raise ProfitError("", status=404)
    if not isinstance(body, dict) or set(body) != {schema["root"]}:
        raise ProfitError(f"The message must hold one '{schema['root']}'.")
    elements = list(_elements(body[schema["root"]], schema, schema["root"], method))
    if len(elements) != 1:
        raise ProfitError(f"The message must hold one '{schema['root']}'.")
    return elements[0]


def _elements(part: Any, schema: Mapping[str, Any], name: str, method: str) -> Iterator[Element]:
    inside = part.get("Element") if isinstance(part, dict) and set(part) == {"Element"} else None
    for each in inside if isinstance(inside, list) else [inside]:
        if not isinstance(each, dict) or set(each) - {"Fields", "Objects"} or "Fields" not in each:
            raise ProfitError(f"The element '{name}' is not built of Fields and Objects.")
        yield _element(each, schema, name, method)


def _element(given: Mapping[str, Any], schema: Mapping[str, Any], name: str, method: str) -> Element:
    values = {}
    for key, value in given["Fields"].items():
        described = schema["fields"].get(key)
        if described is None:
            raise ProfitError(f"The field '{key}' does not exist in '{name}'.")
        values[key] = None if value is None else _value(key, value, described)
    required = {key for key, told in schema["fields"].items() if told.get("required")} - _GIVEN_BY_PROFIT
    is_change_of_line = method == "PUT" and "GuLi" in values
    lacks = sorted(key for key in required if values.get(key) in (None, ""))
    if lacks and not is_change_of_line:
        raise ProfitError(f"Enter a value for '{lacks[0]}'.")
    objects = given.get("Objects") or {}
    merged = {
        key: part
        for one in ([objects] if isinstance(objects, dict) else objects)
        for key, part in one.items()
    }
    return Element(values, {key: _inside(key, part, schema, method) for key, part in merged.items()})


def _inside(key: str, part: Any, schema: Mapping[str, Any], method: str) -> tuple[Element, ...]:
    below = schema.get("objects", {}).get(key)
    if below is None:
        raise ProfitError(f"The object '{key}' does not exist here.")
    return tuple(_elements(part, below, key, method))


def _value(key: str, value: Any, told: Mapping[str, Any]) -> Any:
    """Numbers, days and flags may come as texts, as in the vendor's samples."""
    try:
        read = _typed(value, told)
    except (ValueError, InvalidOperation, TypeError):
        raise ProfitError(f"The entered value for '{key}' is not of type {told['type']}.") from None
    if "maxLength" in told and len(str(value)) > told["maxLength"]:
        raise ProfitError(f"The entered value for '{key}' is longer than {told['maxLength']} characters.")
    if "values" in told and str(value) not in told["values"]:
        raise ProfitError(f"The entered value for '{key}' does not exist.")
    return read


def _typed(value: Any, told: Mapping[str, Any]) -> Any:
    kind, form = told["type"], told.get("format")
    if kind == "boolean":
        return (
            {"1": True, "0": False, "true": True, "false": False}[str(value).lower()]
            if _known(value)
            else None
        )
    if kind == "integer":
        return int(str(value))
    if kind == "number":
        number = Decimal(str(value))
        if not number.is_finite():
            raise ValueError(value)
        return number
    if not isinstance(value, str):
        raise TypeError(value)
    if form == "date":
        return date.fromisoformat(value)
    if form == "uuid" and not _GUID.fullmatch(value):
        raise ValueError(value)
    return value


def _known(value: Any) -> bool:
    if str(value).lower() not in ("1", "0", "true", "false"):
        raise ValueError(value)
    return True


def metainfo(kind: str, name: str) -> dict[str, Any]:
    """Profit's description of one connector. Raises ProfitError for one that is not there."""
    if kind == "get":
        fields = get_fields(name)
        if fields is None:
            raise ProfitError("", status=404)
        listed = [{"id": key, "fieldId": key, "dataType": told, "label": key} for key, told in fields.items()]
        return {"name": name, "description": name, "fields": listed}
    schemas = [told for key, told in published()["update"].items() if key.split()[1] == name]
    if not schemas:
        raise ProfitError("", status=404)
    return {"id": name, **_described(schemas[0], schemas[0]["root"])}


def _described(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    fields = [
        {
            "fieldId": key,
            "dataType": told["type"],
            "mandatory": bool(told.get("required")),
            "length": told.get("maxLength", 0),
        }
        for key, told in schema["fields"].items()
    ]
    objects = [_described(below, key) for key, below in schema.get("objects", {}).items()]
    return {"name": name, "fields": fields, "objects": objects}
