"""The published resources and attributes, and Oracle's refusals: from `fields.json` beside this file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any


class ApiError(Exception):
    """An answer that is not a success. `path` names the attribute at fault, `code` is Oracle's own."""

    def __init__(self, status: int, detail: str, *, path: str = "", code: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.path = path
        self.code = code


def bad_request(detail: str, path: str = "", code: str = "") -> ApiError:
    return ApiError(400, detail, path=path, code=code)


@dataclass(frozen=True)
class Attribute:
    name: str
    type: str
    """Id (int64), Number, Text, Date, Moment, Flag, List."""
    writable: bool
    max_length: int | None
    source: str | None
    """None: listed for this resource; `client`: seen in public clients of it; `draft`: listed for the
    draft of it; `unverified`: neither."""

    def check(self, value: Any) -> None:
        """Raises ApiError for a value of another type or one that is too long."""
        if value is None:
            return
        if not _CHECKS[self.type](value):
            raise bad_request(f"Attribute {self.name} has a value of the wrong type.", f"/{self.name}")
        if self.max_length is not None and len(value) > self.max_length:
            raise bad_request(
                f"The value of {self.name} is longer than {self.max_length} characters.", f"/{self.name}"
            )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value) is not None
    except ValueError:
        return False


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "Id": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Number": _is_number,
    "Text": lambda value: isinstance(value, str),
    "Date": _is_day,
    "Moment": lambda value: isinstance(value, str),
    "Flag": lambda value: isinstance(value, bool),
    "List": lambda value: isinstance(value, list),
}


@dataclass(frozen=True)
class Resource:
    name: str
    key: str
    methods: tuple[str, ...]
    actions: tuple[str, ...]
    queryable: frozenset[str]
    fields: Mapping[str, Attribute]
    children: Mapping[str, Resource] = field(default_factory=dict)

    def render(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A record with every published attribute; what is not given is null. Raises KeyError for one that
        is not published."""
        for name in values:
            self.fields[name]
        return {name: values.get(name) for name in self.fields}

    def check(self, body: Any) -> dict[str, Any]:
        """The body of a POST or PATCH. Raises ApiError for unknown and read-only attributes, wrong types and
        texts that are too long, in children too."""
        if not isinstance(body, dict):
            raise bad_request("The request body is not a JSON object.")
        for name, value in body.items():
            child = self.children.get(name)
            if child is not None:
                if not isinstance(value, list):
                    raise bad_request(f"{name} is not a list.", f"/{name}")
                for each in value:
                    child.check(each)
                continue
            attribute = self.fields.get(name)
            if attribute is None:
                raise bad_request(
                    f"The attribute {name} is not defined for the resource {self.name}.", f"/{name}"
                )
            if not attribute.writable:
                raise bad_request(f"Attribute {name} in {self.name} cannot be updated.", f"/{name}")
            attribute.check(value)
        return body

    def walk(self, path: str = "") -> Iterator[tuple[str, Resource]]:
        """This resource and all below it, by path: `invoices`, `invoices.invoiceLines`."""
        here = f"{path}.{self.name}" if path else self.name
        yield here, self
        for child in self.children.values():
            yield from child.walk(here)

    def described(self) -> dict[str, Any]:
        """As `describe` tells it."""
        return {
            "attributes": [
                {
                    "name": each.name,
                    "type": _TOLD[each.type],
                    "updatable": each.writable,
                    "queryable": each.name in self.queryable,
                    **({} if each.max_length is None else {"maxLength": each.max_length}),
                }
                for each in self.fields.values()
            ],
            "children": {name: child.described() for name, child in self.children.items()},
        }


_TOLD = {
    "Id": "integer",
    "Number": "number",
    "Text": "string",
    "Date": "date",
    "Moment": "datetime",
    "Flag": "boolean",
    "List": "array",
}


@cache
def resources() -> Mapping[str, Resource]:
    text = Path(__file__).with_name("fields.json").read_text(encoding="utf-8")
    return {name: _resource(name, told) for name, told in json.loads(text).items()}


def _resource(name: str, told: Mapping[str, Any]) -> Resource:
    return Resource(
        name=name,
        key=told.get("key", ""),
        methods=tuple(told["methods"]),
        actions=tuple(told.get("actions", ())),
        queryable=frozenset(told["queryable"]),
        fields={
            field: Attribute(
                field,
                each["type"],
                each.get("writable", False),
                each.get("maxLength"),
                each.get("source"),
            )
            for field, each in told["fields"].items()
        },
        children={child: _resource(child, each) for child, each in told.get("children", {}).items()},
    )


def timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
