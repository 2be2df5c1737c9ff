"""`$filter` and the other query options, as narrow as Business Central reads them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tools.erp.business_central.sandbox_schema import ApiError, Entity, bad_request, entities

Row = Mapping[str, Any]
Test = Callable[[Row], bool]

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<mark>[()])|(?P<word>[^\s()']+))")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_NODES = 6
"""Nodes a comparison takes of the hundred a filter may have (17 keys go into a limit of 100)."""
_OPTIONS = frozenset("$filter $select $expand $orderby $top $count $skiptoken aid".split())


def _invalid(what: str) -> ApiError:
    return bad_request(f"Invalid filter clause: {what}", "Application_FilterErrorException")


@dataclass
class _Clause:
    test: Test
    fields: set[str]


class _Parser:
    def __init__(self, entity: Entity, text: str) -> None:
        self._entity = entity
        self._tokens = _tokens(text)
        self._comparisons = 0

    def parse(self) -> Test:
        clause = self._or()
        if self._tokens:
            raise _invalid(f"unexpected {self._tokens[0]}")
        if self._comparisons * _NODES > 100:
            raise bad_request(
                "The node count limit of '100' has been exceeded. To increase the limit, set the "
                "'MaxNodeCount' property on EnableQueryAttribute or ODataValidationSettings."
            )
        return clause.test

    def _or(self) -> _Clause:
        clauses = [self._and()]
        while self._next_is("or"):
            clauses.append(self._and())
        if len(clauses) == 1:
            return clauses[0]
        fields = set().union(*(clause.fields for clause in clauses))
        if len(fields) > 1:
            raise bad_request("The 'OR' operator is not supported on distinct fields on an OData filter.")
        tests = [clause.test for clause in clauses]
        return _Clause(lambda row: any(test(row) for test in tests), fields)

    def _and(self) -> _Clause:
        clauses = [self._one()]
        while self._next_is("and"):
            clauses.append(self._one())
        tests = [clause.test for clause in clauses]
        fields = set().union(*(clause.fields for clause in clauses))
        return _Clause(lambda row: all(test(row) for test in tests), fields)

    def _one(self) -> _Clause:
        word = self._take()
        if word == "(":
            clause = self._or()
            if self._take() != ")":
                raise _invalid("a bracket is not closed")
            return clause
        told = self._entity.fields.get(word)
        if told is None:
            raise bad_request(
                f"Could not find a property named '{word}' on type 'Microsoft.NAV.{self._entity.name}'."
            )
        compare = _COMPARE.get(self._take())
        if compare is None:
            raise _invalid(f"only {', '.join(_COMPARE)} are understood after {word}")
        value = _constant(self._take(), told.type, told.values)
        self._comparisons += 1
        convert = _converted(told.type)
        return _Clause(lambda row: compare(convert(row[word]), value), {word})

    def _take(self) -> str:
        if not self._tokens:
            raise _invalid("it ends too early")
        return self._tokens.pop(0)

    def _next_is(self, expected: str) -> bool:
        if self._tokens and self._tokens[0] == expected:
            self._tokens.pop(0)
            return True
        return False


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


def _converted(kind: str) -> Callable[[Any], Any]:
    return str.lower if kind == "Guid" else lambda value: value


def _constant(word: str, kind: str, values: tuple[str, ...] | None) -> Any:
    quoted = word.startswith("'")
    if quoted != (kind == "String"):
        raise bad_request(
            "A binary operator with incompatible types was detected: "
            f"{word} is not a constant of type Edm.{kind}."
        )
    if kind == "String":
        text = word[1:-1].replace("''", "'")
        if values is not None and text not in values:
            raise bad_request(f"The string '{text}' is not a valid enumeration type constant.")
        return text
    return _plain_constant(word, kind)


def _plain_constant(word: str, kind: str) -> Any:
    patterns = {
        "Guid": r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        "Date": r"\d{4}-\d\d-\d\d",
        "DateTimeOffset": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z",
        "Boolean": r"true|false",
        "Int32": r"-?\d+",
        "Decimal": r"-?\d+(\.\d+)?",
    }
    if re.fullmatch(patterns.get(kind, "$^"), word) is None:
        raise _invalid(f"{word} is no constant of type Edm.{kind}")
    if kind == "Boolean":
        return word == "true"
    if kind == "Guid":
        return word.lower()
    if kind == "DateTimeOffset":
        # Moments are served with milliseconds, so texts of this form sort like the moments they name.
        whole, _, fraction = word.removesuffix("Z").partition(".")
        return f"{whole}.{fraction[:3].ljust(3, '0')}Z"
    return Decimal(word) if kind in ("Decimal", "Int32") else word


@dataclass(frozen=True)
class Options:
    """What a request asks of a collection."""

    entity: Entity
    test: Test | None = None
    filtered: frozenset[str] = frozenset()
    select: tuple[str, ...] | None = None
    expand: Mapping[str, Options] = field(default_factory=dict)
    order: tuple[tuple[str, bool], ...] = ()
    top: int | None = None
    count: bool = False
    skip: int = 0

    def chosen(self, row: Row) -> dict[str, Any]:
        """The fields asked for; the etag and expanded lines stay."""
        if self.select is None:
            return dict(row)
        kept = {*self.select, *self.expand, "@odata.etag"}
        return {name: value for name, value in row.items() if name in kept}

    def sorted(self, rows: list[Row]) -> list[Row]:
        for name, descending in reversed(self.order):
            rows = sorted(rows, key=lambda row: row[name], reverse=descending)
        return rows


def read_options(entity: Entity, params: Mapping[str, str]) -> Options:
    """Raises ApiError for options, fields and values that are not understood."""
    unknown = sorted(set(params) - _OPTIONS)
    if unknown:
        raise bad_request(f"The query parameter '{unknown[0]}' is not supported.")
    text = params.get("$filter")
    return Options(
        entity=entity,
        test=None if text is None else _Parser(entity, text).parse(),
        filtered=frozenset() if text is None else frozenset(_tokens(text)) & frozenset(entity.fields),
        select=_select(entity, params.get("$select")),
        expand=_expand(entity, params.get("$expand")),
        order=_order(entity, params.get("$orderby")),
        top=None if "$top" not in params else _number("$top", params["$top"]),
        count=params.get("$count", "false") == "true",
        skip=_number("$skiptoken", params.get("$skiptoken", "0")),
    )


def _number(name: str, text: str) -> int:
    if not text.isdigit():
        raise bad_request(f"Invalid value '{text}' for {name} query option found.")
    return int(text)


def _known(entity: Entity, name: str) -> str:
    if name not in entity.fields:
        raise bad_request(f"Could not find a property named '{name}' on type 'Microsoft.NAV.{entity.name}'.")
    return name


def _select(entity: Entity, text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(_known(entity, name.strip()) for name in text.split(","))


def _order(entity: Entity, text: str | None) -> tuple[tuple[str, bool], ...]:
    if text is None:
        return ()
    order = []
    for part in text.split(","):
        name, _, direction = part.strip().partition(" ")
        if direction not in ("", "asc", "desc"):
            raise bad_request(f"The order '{direction}' is not understood.")
        order.append((_known(entity, name), direction == "desc"))
    return tuple(order)


def _expand(entity: Entity, text: str | None) -> Mapping[str, Options]:
    """`lines($select=a,b;$expand=…),other`: brackets nest, semicolons part the inner options."""
    found: dict[str, Options] = {}
    for part in _outside_brackets(text or "", ","):
        name, bracket, inside = part.strip().partition("(")
        target = entities().get(entity.navigation.get(name, ""))
        if target is None:
            raise bad_request(f"'{name}' cannot be expanded on type 'Microsoft.NAV.{entity.name}'.")
        inner = inside.removesuffix(")") if bracket else ""
        pairs = (option.partition("=") for option in _outside_brackets(inner, ";"))
        found[name] = read_options(target, {key.strip(): value for key, _, value in pairs})
    return found


def _outside_brackets(text: str, separator: str) -> list[str]:
    parts, depth = [""], 0
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == separator and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part for part in parts if part.strip()]
