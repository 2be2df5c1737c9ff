"""`$filter` and the other query options, as narrow as Exact Online reads them or narrower."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tools.erp.exact.sandbox_schema import Field, Resource, bad_request, resources

Row = Mapping[str, Any]
Test = Callable[[Row], bool]
LINES = {
    ("crm/Accounts", "BankAccounts"): "crm/BankAccounts",
    ("purchaseorder/PurchaseOrders", "PurchaseOrderLines"): "purchaseorder/PurchaseOrderLines",
    ("purchaseorder/GoodsReceipts", "GoodsReceiptLines"): "purchaseorder/GoodsReceiptLines",
    ("purchaseentry/PurchaseEntries", "PurchaseEntryLines"): "purchaseentry/PurchaseEntryLines",
}
_TOKEN = re.compile(
    r"\s*(?P<token>(?:guid|datetime)?'(?:[^']|'')*'|[(),]|[^\s(),']+)",
)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_FILTERED = frozenset(
    "crm/Accounts purchaseorder/PurchaseOrders purchaseentry/PurchaseEntries purchase/PurchaseInvoices "
    "financial/GLAccounts bulk/Cashflow/Payments documents/Documents documents/DocumentAttachments".split()
)
"""Resources whose records a sync endpoint tells, or may tell: those of entries come as transaction lines."""
_OPTIONS = frozenset("$filter $select $expand $top $skiptoken".split())


class _Parser:
    def __init__(self, resource: Resource, text: str) -> None:
        self._resource = resource
        self._tokens = _tokens(text)

    def parse(self) -> Test:
        test = self._or()
        if self._tokens:
            raise bad_request(f"Syntax error at '{self._tokens[0]}'.")
        return test

    def _or(self) -> Test:
        tests = [self._and()]
        while self._next_is("or"):
            tests.append(self._and())
        return lambda row: any(test(row) for test in tests)

    def _and(self) -> Test:
        tests = [self._one()]
        while self._next_is("and"):
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        word = self._take()
        if word == "(":
            test = self._or()
            self._expect(")")
            return test
        convert: Callable[[Any], Any] = _same
        if word in _FUNCTIONS:
            self._expect("(")
            convert, word = _FUNCTIONS[word], self._take()
            self._expect(")")
        told = self._resource.fields.get(word)
        if told is None:
            raise bad_request(f"No property '{word}' exists in type '{self._resource.name}'.")
        compare = _COMPARE.get(self._take())
        if compare is None:
            raise bad_request(f"Syntax error behind '{word}'.")
        value = _constant(self._take(), told)
        return lambda row: row[word] is not None and compare(_comparable(convert(row[word])), value)

    def _expect(self, token: str) -> None:
        if self._take() != token:
            raise bad_request(f"Syntax error: '{token}' expected.")

    def _take(self) -> str:
        if not self._tokens:
            raise bad_request("Syntax error: the filter ends too early.")
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
            raise bad_request(f"Syntax error at position {position}.")
        found.append(match["token"])
        position = match.end()
    return found


def _same(value: Any) -> Any:
    return value


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {"trim": _trimmed}


def _comparable(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value


def _constant(word: str, told: Field) -> Any:
    """A constant of exactly the field's type."""
    quoted = re.fullmatch(r"(guid|datetime)?'(.*)'", word, re.DOTALL)
    kinds = {"Guid": "guid", "DateTime": "datetime", "String": None}
    if told.type in kinds:
        if quoted is None or quoted[1] != kinds[told.type]:
            raise _incompatible(word, told)
        return _quoted(quoted[2], told, word)
    if told.type == "Boolean" and word in ("true", "false"):
        return word == "true"
    if re.fullmatch(r"-?\d+(\.\d+)?L?", word) is None or told.type == "Boolean":
        raise _incompatible(word, told)
    return Decimal(word.removesuffix("L"))


def _quoted(text: str, told: Field, word: str) -> Any:
    if told.type == "String":
        return text.replace("''", "'")
    if told.type == "Guid":
        if re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text) is None:
            raise _incompatible(word, told)
        return text.lower()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _incompatible(word, told) from None
    return moment.replace(tzinfo=UTC)


def _incompatible(word: str, told: Field) -> Exception:
    return bad_request(
        f"Operator incompatible with operand types: '{told.name}' is Edm.{told.type}, not {word}."
    )


@dataclass(frozen=True)
class Options:
    """What a request asks of a collection."""

    resource: Resource
    test: Test | None = None
    select: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    top: int | None = None
    after: str | None = None
    """Key of the last row of the page before."""
    inner: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Expanded property -> the fields chosen of it."""


def read_options(resource: Resource, params: Mapping[str, str]) -> Options:
    """Raises ApiError for options, fields and values that are not understood, and where neither a choice of
    fields nor a single row is asked for."""
    unknown = sorted(set(params) - _OPTIONS)
    if unknown:
        raise bad_request(f"The query parameter '{unknown[0]}' is not supported.")
    if "$select" not in params and params.get("$top") != "1":
        raise bad_request("Please add a $select or a $top=1 statement to the query string.")
    expand = tuple(name for name in params.get("$expand", "").split(",") if name)
    for name in expand:
        if (resource.name, name) not in LINES:
            raise bad_request(f"'{name}' of '{resource.name}' cannot be expanded.")
    select, inner = _select(resource, params.get("$select", ""), expand)
    if resource.name in _FILTERED and "$filter" not in params:
        raise bad_request(
            "A filter is mandatory for this endpoint; there is a sync endpoint for all records."
        )
    return Options(
        resource,
        _Parser(resource, params["$filter"]).parse() if "$filter" in params else None,
        select,
        expand,
        _number(params["$top"]) if "$top" in params else None,
        params.get("$skiptoken"),
        inner,
    )


def _number(text: str) -> int:
    if not text.isdigit():
        raise bad_request(f"'{text}' is no number of rows.")
    return int(text)


def _select(
    resource: Resource, text: str, expand: tuple[str, ...]
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    own: list[str] = []
    inner: dict[str, list[str]] = {name: [] for name in expand}
    for part in filter(None, text.split(",")):
        name, slash, rest = part.partition("/")
        if slash and name not in inner:
            raise bad_request(f"'{part}' is chosen, but '{name}' is not expanded.")
        target = resources()[LINES[(resource.name, name)]] if slash else resource
        if (rest or name) not in target.fields:
            raise bad_request(f"No property '{rest or name}' exists in type '{target.name}'.")
        (inner[name] if slash else own).append(rest or name)
    return tuple(own), {name: tuple(chosen) for name, chosen in inner.items()}
