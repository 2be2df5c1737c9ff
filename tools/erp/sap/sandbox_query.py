"""`$filter` and the other query options of OData V2, no wider than SAP Gateway reads them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from tools.erp.sap.published import Entity, Property, services
from tools.erp.sap.sandbox_schema import UNKNOWN_PROPERTY, ODataError, Row, bad_request, value_of

Test = Callable[[Row], bool]
_TOKEN = re.compile(
    r"\s*(?:(?P<literal>(?:datetimeoffset|datetime|time|guid)?'(?:[^']|'')*')|(?P<mark>[()])|(?P<word>[^\s()']+))"
)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_OPTIONS = frozenset("$filter $select $expand $orderby $top $skip $skiptoken $inlinecount $format".split())
CUSTOM = frozenset({"sap-client", "sap-language"})


class _Parser:
    """A recursive descent over comparisons, `and`, `or` and brackets."""

    def __init__(self, entity: Entity, text: str) -> None:
        self._entity = entity
        self._tokens = _tokens(text)

    def parse(self) -> Test:
        test = self._or()
        if self._tokens:
            raise _invalid(f"unexpected {self._tokens[0]}")
        return test

    def _or(self) -> Test:
        tests = [self._and()]
        while self._next_is("or"):
            tests.append(self._and())
        return tests[0] if len(tests) == 1 else lambda row: any(test(row) for test in tests)

    def _and(self) -> Test:
        tests = [self._one()]
        while self._next_is("and"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        word = self._take()
        if word == "(":
            test = self._or()
            if self._take() != ")":
                raise _invalid("a bracket is not closed")
            return test
        told = _known(self._entity, word)
        if not told.filterable:
            raise bad_request(f"Property {word} of {self._entity.type} cannot be used in a filter.")
        compare = _COMPARE.get(self._take())
        if compare is None:
            raise _invalid(f"only {', '.join(_COMPARE)} are understood after {word}")
        constant = _constant(self._take(), told)
        return lambda row: _holds(compare, value_of(told, row), constant)

    def _take(self) -> str:
        if not self._tokens:
            raise _invalid("it ends too early")
        return self._tokens.pop(0)

    def _next_is(self, expected: str) -> bool:
        if self._tokens and self._tokens[0] == expected:
            self._tokens.pop(0)
            return True
        return False


def _holds(compare: Callable[[Any, Any], bool], value: Any, constant: Any) -> bool:
    """Null is equal to nothing and neither before nor after anything."""
    if value is None or constant is None:
        return compare is operator.ne
    if type(constant) is date and isinstance(value, datetime):
        value = value.date()
    return compare(value, constant)


def _invalid(what: str) -> ODataError:
    return bad_request(f"Invalid expression in $filter: {what}", "/IWCOR/CX_OD_FILTER_ERROR")


def _tokens(text: str) -> list[str]:
    found, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _invalid(f"cannot be read from {text[position : position + 20]}")
        found.append(match.group().strip())
        position = match.end()
    return found


def _constant(word: str, told: Property) -> Any:
    prefix, quote, rest = word.partition("'")
    text = rest[:-1].replace("''", "'") if quote else ""
    readers: Mapping[str, tuple[str, Callable[[], Any]]] = {
        "String": ("'", lambda: text),
        "DateTime": ("datetime'", lambda: datetime.fromisoformat(text).date()),
        "DateTimeOffset": ("datetimeoffset'", lambda: datetime.fromisoformat(text).astimezone(UTC)),
        "Time": ("time'", lambda: _time(text)),
        "Boolean": ("", lambda: {"true": True, "false": False}[word]),
        "Decimal": ("", lambda: Decimal(re.fullmatch(r"(-?\d+(\.\d+)?)[mM]?", word)[1])),  # type: ignore[index]
    }
    expected, read = readers.get(told.kind, ("", lambda: None))
    if prefix + quote != expected and not (expected == "" and not quote):
        raise _invalid(f"{word} is no constant of type Edm.{told.kind}")
    try:
        return read()
    except (ValueError, KeyError, TypeError):
        pass
    raise _invalid(f"{word} is no constant of type Edm.{told.kind}")


def _time(text: str) -> time:
    hours, minutes, seconds = (int(part) for part in re.findall(r"\d+", text))
    return time(hours, minutes, seconds)


def key_constant(word: str, told: Property) -> Any:
    """A value in the brackets of an address."""
    return _constant(word, told)


@dataclass(frozen=True)
class Options:
    """What a request asks of a collection or record."""

    test: Test | None = None
    select: frozenset[str] | None = None
    """Property names, `to_X` and `to_X/Name`."""
    expand: frozenset[str] = field(default_factory=frozenset)
    """`to_X`, `to_X/to_Y`."""
    order: tuple[tuple[str, bool], ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False

    def sorted(self, rows: list[Row], entity: Entity) -> list[Row]:
        for name, descending in reversed(self.order):
            told = entity.properties[name]
            rows = sorted(rows, key=lambda row: value_of(told, row), reverse=descending)
        return rows


def read_options(entity: Entity, params: Mapping[str, str]) -> Options:
    """Raises ODataError for options, properties and values that are not understood."""
    unknown = sorted(set(params) - _OPTIONS - CUSTOM)
    if unknown:
        raise bad_request(f"The system query option '{unknown[0]}' is not supported.")
    if params.get("$format", "json") != "json":
        raise bad_request("This sandbox answers in JSON only.")
    text = params.get("$filter")
    expand = frozenset(part.strip() for part in params.get("$expand", "").split(",") if part.strip())
    for path in expand:
        _navigated(entity, path.split("/"))
    return Options(
        test=None if text is None else _Parser(entity, text).parse(),
        select=_select(entity, params.get("$select"), expand),
        expand=expand,
        order=_order(entity, params.get("$orderby")),
        top=None if "$top" not in params else _number("$top", params["$top"]),
        skip=_number("$skip", params.get("$skiptoken", params.get("$skip", "0"))),
        count=params.get("$inlinecount") == "allpages",
    )


def target_of(entity: Entity, navigation: str) -> Entity:
    told = entity.navigation.get(navigation)
    if told is None:
        raise bad_request(f"Navigation property {navigation} is not defined for {entity.type}.")
    return services()[entity.service].entities[told[0]]


def _navigated(entity: Entity, names: list[str]) -> Entity:
    for name in names:
        entity = target_of(entity, name)
    return entity


def _select(entity: Entity, text: str | None, expand: frozenset[str]) -> frozenset[str] | None:
    if text is None:
        return None
    names = frozenset(part.strip() for part in text.split(","))
    for path in names:
        *way, last = path.split("/")
        inside = _navigated(entity, way)
        if way and "/".join(way) not in expand:
            raise bad_request(f"{path} is selected and {'/'.join(way)} is not expanded.")
        if last not in inside.navigation:
            _known(inside, last)
    return names


def _order(entity: Entity, text: str | None) -> tuple[tuple[str, bool], ...]:
    order = []
    for part in (text or "").split(","):
        name, _, direction = part.strip().partition(" ")
        if name:
            if direction not in ("", "asc", "desc"):
                raise bad_request(f"The order '{direction}' is not understood.")
            order.append((_known(entity, name).name, direction == "desc"))
    return tuple(order)


def _known(entity: Entity, name: str) -> Property:
    if name not in entity.properties:
        raise bad_request(f"Property {name} not found in type {entity.type}.", UNKNOWN_PROPERTY)
    return entity.properties[name]


def _number(name: str, text: str) -> int:
    if not text.isdigit():
        raise bad_request(f"Invalid value '{text}' for {name}.")
    return int(text)
