"""Whether an invoice that stands in Oracle is the one that would be sent: attribute by attribute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tools.erp.oracle import wire

_ASKED_BY = frozenset({"BusinessUnit", "invoiceLines"})
"""Not read with the invoice: it is searched within the business unit. Lines are compared one by one."""
_ORDER = "PurchaseOrderNumber"


def unlike(row: wire.Invoice, body: Mapping[str, Any]) -> str | None:
    """What Oracle's invoice says otherwise than `body`, which would be sent for it, both sides in words; None
    if nothing. What is not sent is Oracle's own to fill in, except an order that a line is matched to."""
    return next(_differences(row, body), None)


def _differences(row: wire.Invoice, body: Mapping[str, Any]) -> Iterator[str]:
    held = row.model_dump(by_alias=True)
    yield from _told({name: sent for name, sent in body.items() if name not in _ASKED_BY}, held, "")
    theirs = {
        line.line_number: line.model_dump(by_alias=True)
        for line in row.invoice_lines
        if not line.discarded_flag and line.line_type.casefold() != "tax"
    }
    ours = {Decimal(line["LineNumber"]): line for line in body["invoiceLines"]}
    if set(theirs) != set(ours):
        yield f"its lines are {_numbers(theirs)} there and {_numbers(ours)} here"
        return
    for number, line in sorted(ours.items()):
        sent = {_ORDER: "", **{name: value for name, value in line.items() if name != "LineNumber"}}
        yield from _told(sent, theirs[number], f" of line {number}")


def _told(sent: Mapping[str, Any], held: Mapping[str, Any], of: str) -> Iterator[str]:
    for name, ours in sent.items():
        theirs = held[name]
        if not _is_same(theirs, ours):
            yield f"{name}{of} is {_word(theirs)} there and {_word(ours)} here"


def _is_same(theirs: Any, ours: Any) -> bool:
    if isinstance(theirs, date):
        return bool(theirs.isoformat() == ours)
    if isinstance(theirs, str):
        return theirs.split() == str(ours).split()
    return bool(theirs == ours)


def _word(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "empty" if value in (None, "") else str(value)


def _numbers(lines: Mapping[Decimal, Any]) -> str:
    return ", ".join(_word(number) for number in sorted(lines)) or "none"
