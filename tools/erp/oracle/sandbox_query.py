"""`q`, `finder`, `fields`, `orderBy`, `limit` and `offset` as Oracle reads them, or stricter."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from tools.erp.oracle.sandbox_schema import ApiError, Attribute, Resource, bad_request

Row = Mapping[str, Any]
Test = Callable[[Row], bool]

MOST_ROWS = 500
DEFAULT_ROWS = 25
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[(),]|<>|!=|>=|<=|[=<>]|[^\s(),=<>!']+)")
_SIMPLE = re.compile(r"([\w.]+)\s*(<>|!=|>=|<=|[=<>])\s*(.*)", re.DOTALL)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_UPPER = "UPPER "
"""Put before the name of an attribute whose text is compared in capitals."""
_IN_CAPITALS = frozenset({("invoices", "InvoiceNumber"), ("receivingReceiptRequests", "ShipmentNumber")})
"""What may be asked for so: that a pod takes the function for any attribute is published nowhere, so it is
refused for all but those that the doctor tries."""
_OPTIONS = frozenset("q finder fields expand orderBy limit offset onlyData totalResults links".split())


def _unreadable(text: str) -> ApiError:
    return bad_request(f"The query parameter was provided but it could not be processed. Query: {text}")


@dataclass(frozen=True)
class Options:
    test: Test | None = None
    fields: Mapping[str, tuple[str, ...]] | None = None
    """Child path ("" for the record itself) -> attributes; None: all."""
    expand: frozenset[str] = frozenset()
    order: tuple[tuple[str, bool], ...] = ()
    limit: int = DEFAULT_ROWS
    offset: int = 0
    only_data: bool = False
    total: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)

    def shows(self, path: str) -> bool:
        """Whether a child is part of the record."""
        if self.fields is not None:
            return any(name == path or name.startswith(f"{path}.") for name in self.fields)
        return any(each == "all" or each == path or each.startswith(f"{path}.") for each in self.expand)


def read_options(resource: Resource, params: Mapping[str, str], version: int) -> Options:
    """Raises ApiError for options, attributes and values that are not understood."""
    unknown = sorted(set(params) - _OPTIONS)
    if unknown:
        raise bad_request(f"URL request parameter {unknown[0]} cannot be used in this context.")
    return Options(
        test=_test(resource, params, version),
        fields=None if "fields" not in params else _fields(resource, params["fields"]),
        expand=frozenset(part for part in params.get("expand", "").split(",") if part),
        order=_order(resource, params.get("orderBy")),
        limit=min(_number(params.get("limit", str(DEFAULT_ROWS))), MOST_ROWS),
        offset=_number(params.get("offset", "0")),
        only_data=params.get("onlyData") == "true",
        total=params.get("totalResults") == "true",
    )


def _test(resource: Resource, params: Mapping[str, str], version: int) -> Test | None:
    tests: list[Test] = []
    if "finder" in params:
        tests.append(_finder(resource, params["finder"]))
    elif resource.name == "externalBankAccounts":
        raise bad_request("You must provide a finder to search external bank accounts.")
    if "q" in params:
        q = params["q"]
        tests.append(_simple(resource, q) if version == 1 else _Parser(resource, q).parse())
    return (lambda row: all(test(row) for test in tests)) if tests else None


def _finder(resource: Resource, text: str) -> Test:
    name, _, given = text.partition(";")
    attribute, _, value = given.partition("=")
    if (resource.name, text) == ("externalBankAccounts", "SearchExternalBankAccount;Intent=Supplier"):
        return lambda row: True
    if name != "PrimaryKey" or attribute not in resource.fields:
        raise bad_request(f"The finder {name} is not defined for {resource.name}.")
    return lambda row: str(row.get(attribute)) == value


def _simple(resource: Resource, text: str) -> Test:
    """Framework version 1: conditions apart by semicolons, no `and`, no `in`."""
    tests: list[Test] = []
    for part in text.split(";"):
        match = _SIMPLE.fullmatch(part.strip())
        if match is None or " and " in match[3]:
            raise _unreadable(text)
        word = match[3].strip()
        quoted = word if word.startswith("'") else f"'{word}'"
        tests.append(_condition(resource, match[1], match[2], [quoted], text, strict=False))
    return lambda row: all(test(row) for test in tests)


class _Parser:
    """Framework version 2 and later: `A='x' and B in ('y','z') and child.C>'…'`."""

    def __init__(self, resource: Resource, text: str) -> None:
        self._resource = resource
        self._text = text
        self._tokens = _tokens(text)

    def parse(self) -> Test:
        tests = [self._one()]
        while self._tokens:
            if self._take().casefold() != "and":
                raise _unreadable(self._text)
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        name, compare = self._take(), self._take()
        if (name, compare) == ("UPPER", "("):
            name, compare = self._upper()
        if compare.casefold() != "in":
            return _condition(self._resource, name, compare, [self._take()], self._text)
        words = []
        if self._take() != "(":
            raise _unreadable(self._text)
        while True:
            words.append(self._take())
            mark = self._take()
            if mark == ")":
                break
            if mark != ",":
                raise _unreadable(self._text)
        return _condition(self._resource, name, "in", words, self._text)

    def _upper(self) -> tuple[str, str]:
        """`UPPER(A)`: the text in capitals, one character for one; the constant is taken as it is."""
        name = self._take()
        if self._take() != ")":
            raise _unreadable(self._text)
        return f"{_UPPER}{name}", self._take()

    def _take(self) -> str:
        if not self._tokens:
            raise _unreadable(self._text)
        return self._tokens.pop(0)


def _tokens(text: str) -> list[str]:
    found, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text)
        found.append(match[1])
        position = match.end()
    return found


def _condition(
    resource: Resource, name: str, compare: str, words: Sequence[str], text: str, *, strict: bool = True
) -> Test:
    upper, name = name.startswith(_UPPER), name.removeprefix(_UPPER)
    child, _, attribute = name.rpartition(".")
    owner = resource
    for step in filter(None, child.split(".")):
        if step not in owner.children:
            raise _unreadable(text)
        owner = owner.children[step]
    told = owner.fields.get(attribute)
    if told is None or attribute not in owner.queryable:
        raise bad_request(f"The attribute {name} is not queryable in {resource.name}.", f"/{name}")
    if upper and ((resource.name, name) not in _IN_CAPITALS or compare not in ("=", "in")):
        raise _unreadable(text)
    values = [_value(told, word, text, strict=strict) for word in words]
    if compare == "in":
        test = _comparing(told, attribute, lambda held, given: held in given, values, upper=upper)
    elif compare in _COMPARE:
        test = _comparing(told, attribute, _COMPARE[compare], values[0], upper=upper)
    else:
        raise _unreadable(text)
    if not child:
        return test
    return lambda row: any(test(each) for each in row.get(child) or ())


def _comparing(
    told: Attribute, name: str, compare: Callable[[Any, Any], bool], value: Any, *, upper: bool
) -> Test:
    def test(row: Row) -> bool:
        held = _comparable(told, row.get(name))
        if upper and held is not None:
            held = "".join(big if len(big := each.upper()) == 1 else each for each in held)
        return held is not None and compare(held, value)

    return test


def _comparable(told: Attribute, value: Any) -> Any:
    if value is None or told.type in ("Text", "Flag", "Date"):
        return value
    return datetime.fromisoformat(value) if told.type == "Moment" else Decimal(value)


def _value(told: Attribute, word: str, text: str, *, strict: bool) -> Any:
    """Texts, days and moments are quoted, numbers are not; in version 1 nothing needs to be."""
    quoted = word.startswith("'")
    if strict and quoted is (told.type in ("Id", "Number")):
        raise _unreadable(text)
    plain = word[1:-1].replace("''", "'") if quoted else word
    try:
        if told.type == "Moment":
            return datetime.fromisoformat(plain)
        return Decimal(plain) if told.type in ("Id", "Number") else plain
    except (ValueError, InvalidOperation):
        raise _unreadable(text) from None


def _number(text: str) -> int:
    if not text.isdigit():
        raise bad_request(f"{text} is not a number of records.")
    return int(text)


def _fields(resource: Resource, text: str) -> Mapping[str, tuple[str, ...]]:
    """`A,B;lines:C,D;lines.schedules:E`. An attribute that is not there is a server error in Oracle."""
    found: dict[str, tuple[str, ...]] = {}
    for part in text.split(";"):
        path, colon, names = part.rpartition(":")
        owner = resource
        for step in filter(None, path.split(".")):
            if step not in owner.children:
                raise ApiError(500, f"JBO-25058: Definition {step} of type Accessor is not found.")
            owner = owner.children[step]
        listed = tuple(name for name in names.split(",") if name)
        missing = [name for name in listed if name not in owner.fields]
        if missing:
            raise ApiError(500, f"JBO-25058: Definition {missing[0]} of type Attribute is not found.")
        found[path if colon else ""] = listed
    return found


def _order(resource: Resource, text: str | None) -> tuple[tuple[str, bool], ...]:
    order = []
    for part in filter(None, (text or "").split(",")):
        name, _, direction = part.partition(":")
        if name not in resource.fields or direction not in ("", "asc", "desc"):
            raise bad_request(f"{part} cannot be ordered by.")
        order.append((name, direction == "desc"))
    return tuple(order)
