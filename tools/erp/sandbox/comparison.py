"""A document of the books beside the order it was looked up for."""

from __future__ import annotations

from collections.abc import Iterator

from tools.domain.decision import InvoiceAction, PostingLine
from tools.erp.sandbox.books import DocumentLine, PurchaseDocument


def unlike(document: PurchaseDocument, action: InvoiceAction) -> str | None:
    """What the document says otherwise than approved, in words; None for nothing. What the order leaves open
    (an item's account, a tax code) is the company's own choice."""
    if len(document.lines) != len(action.lines):
        return f"it has {len(document.lines)} lines there and {len(action.lines)} here"
    for number, (theirs, ours) in enumerate(zip(document.lines, action.lines, strict=True), 1):
        for name, there, here in _told(theirs, ours, document.currency):
            if there != here:
                return f"{name} of line {number} is {there or 'none'} there and {here or 'none'} here"
    return None


def _told(theirs: DocumentLine, ours: PostingLine, currency: str) -> Iterator[tuple[str, object, object]]:
    yield "the item", theirs.item_number, ours.item_number
    yield "the order", theirs.order_number, ours.order_number
    yield "the order line", theirs.order_line_id, ours.order_line_id
    yield "the cost centre", theirs.cost_centre, ours.cost_centre
    yield "the quantity", theirs.quantity, ours.quantity
    yield "the net amount", theirs.net(currency), ours.net_amount.amount
    if ours.account is not None:
        yield "the account", theirs.account, ours.account
    if ours.tax_code is not None:
        yield "the tax code", theirs.tax_code, ours.tax_code
