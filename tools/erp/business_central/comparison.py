"""A draft or posted document beside the order: what Business Central tells back against all that was sent.

What the order leaves open is Business Central's own choice and not compared: an item's unit, a tax code, the
description of an account. Where no cost centre was approved, a draft made now may carry the supplier's own
default; one that is found must carry none, because nobody can tell whose choice it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from tools.domain.decision import InvoiceAction, PostCreditNote, PostingLine
from tools.domain.money import Money, round_amount
from tools.erp.business_central import mapping, wire
from tools.erp.business_central.documents import Document, cost_centre, lines_of, object_of, sent_text
from tools.erp.business_central.documents import unit_of as sent_unit
from tools.erp.business_central.mapping import Setup

_Pair = tuple[str, object, object]
"""What is compared in words, as it stands there, as it was approved."""


def difference(row: Document, action: InvoiceAction, setup: Setup) -> str | None:
    """What the ERP's document says differently from what was approved in amounts or coding (account or item,
    quantity, unit, tax code, cost centre), both in words; None if nothing."""
    currency = setup.currency_of(row.currency_code)
    if currency != action.currency:
        return f"the currency is {currency} there and {action.currency} here"
    totals = (
        ("the net total", row.total_amount_excluding_tax, action.net),
        ("the tax", row.total_tax_amount, action.tax),
        ("the total with tax", row.total_amount_including_tax, action.gross),
    )
    for name, theirs, ours in totals:
        if theirs != ours.amount:
            return f"{name} is {Money(amount=theirs, currency=currency)} there and {ours} here"
    kept = _kept(row)
    if len(kept) != len(action.lines):
        return f"it has {len(kept)} lines there and {len(action.lines)} here"
    return _told(_coding(row, action, setup))


def is_ours(row: Document, action: InvoiceAction, setup: Setup) -> bool:
    """Whether a draft is the one this order would make, whoever looks at it: it was left by an interrupted
    attempt or by parking. Everything that is sent is compared but the dates that `redated` tells."""
    if mapping.document_date(row) != action.invoice_date or difference(row, action, setup) is not None:
        return False
    return _told(_further(row, action)) is None


def is_approved(row: Document, action: InvoiceAction, setup: Setup) -> bool:
    """Whether a document says all that was approved, its dates too."""
    return is_ours(row, action, setup) and not redated(row, action)


def redated(row: Document, action: InvoiceAction) -> dict[str, str]:
    """Posting and due date of the order where the draft has others: a draft may have been parked while
    another period was open."""
    wanted = {"postingDate": (row.posting_date, action.posting_date)}
    if action.due_date is not None:
        wanted["dueDate"] = (row.due_date, action.due_date)
    return {name: ours.isoformat() for name, (theirs, ours) in wanted.items() if theirs != ours}


def _coding(row: Document, action: InvoiceAction, setup: Setup) -> Iterator[_Pair]:
    centre = cost_centre(action.lines)
    if centre is not None:
        yield "the cost centre", _code(row.shortcut_dimension1_code), _code(centre)
    for number, (theirs, ours) in enumerate(zip(_kept(row), action.lines, strict=True), 1):
        line = f"of line {number}"
        kind, key = object_of(ours)
        yield (
            f"the object {line}",
            f"{theirs.line_type} {_code(theirs.line_object_number)}",
            f"{kind} {_code(key)}",
        )
        yield f"the quantity {line}", theirs.quantity, _quantity(ours)
        net = round_amount(ours.net_amount.amount, ours.net_amount.currency)
        yield f"the amount {line}", theirs.amount_excluding_tax, net
        unit = sent_unit(ours, setup)
        if unit is not None:
            yield f"the unit {line}", _code(theirs.unit_of_measure_code), _code(unit)
        if ours.tax_code is not None:
            yield f"the tax code {line}", _code(theirs.tax_code), _code(ours.tax_code)


def _further(row: Document, action: InvoiceAction) -> Iterator[_Pair]:
    yield "the cost centre", _code(row.shortcut_dimension1_code), _code(cost_centre(action.lines) or "")
    if isinstance(row, wire.Invoice):
        yield "prices with tax", row.prices_include_tax, False
    elif isinstance(action, PostCreditNote) and action.preceding_invoice is not None:
        yield "the credited invoice", _code(row.invoice_number), _code(action.preceding_invoice)
    for theirs, ours in zip(_kept(row), action.lines, strict=True):
        if sent_text(ours).strip():
            yield "a description", theirs.description.strip(), sent_text(ours).strip()
        priced = mapping.priced(ours)
        yield "a unit cost", theirs.unit_cost, None if priced is None else priced.unit_cost


def _told(pairs: Iterator[_Pair]) -> str | None:
    for name, theirs, ours in pairs:
        if theirs != ours:
            return f"{name} is {_named(theirs)} there and {_named(ours)} here"
    return None


def _named(value: object) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value) or "none"


def _quantity(line: PostingLine) -> Decimal:
    priced = mapping.priced(line)
    return Decimal(0) if priced is None else priced.quantity


def _kept(row: Document) -> list[wire.DocumentLine]:
    """The lines as they were entered, without the comments."""
    return sorted((line for line in lines_of(row) if line.line_type != "Comment"), key=_place)


def _place(line: wire.DocumentLine) -> int:
    return line.sequence


def _code(text: str) -> str:
    """Fields of type Code are kept in upper case."""
    return text.strip().upper()
