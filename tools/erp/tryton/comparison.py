"""What Tryton keeps of a supplier invoice, compared with what was approved and how that is sent."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tools.domain.actions import InvoiceAction
from tools.domain.decision import PostCreditNote
from tools.domain.money import Money
from tools.erp.tryton import records
from tools.erp.tryton.documents import Ledger, Part, line_of
from tools.erp.tryton.setup import Setup

LARGEST_TAX_STEP = Decimal("0.05")
"""How far the supplier's tax may be from the computed one to be entered as printed; the rest is refused."""


def difference(row: records.FullInvoice, action: InvoiceAction, setup: Setup) -> str | None:
    """What Tryton keeps otherwise than approved, as part of a sentence; None when nothing."""
    if row.company != setup.company_id:
        return f"it belongs to company ({row.company}) there and to {setup.company} here"
    supplier = row.party.code if row.party is not None else "nobody"
    if supplier != action.supplier_id:
        return f"the supplier is {supplier} there and {action.supplier_id} here"
    if row.currency.code != action.currency:
        return f"the currency is {row.currency.code} there and {action.currency} here"
    sign = -1 if isinstance(action, PostCreditNote) else 1
    totals = (
        ("the net amount", row.untaxed_amount, action.net),
        ("the tax", row.tax_amount, action.tax),
        ("the total with tax", row.total_amount, action.gross),
    )
    for name, theirs, ours in totals:
        if sign * theirs != ours.amount:
            return f"{name} is {Money(amount=sign * theirs, currency=action.currency)} there and {ours} here"
    return None


def is_ours(
    row: records.FullInvoice, action: InvoiceAction, parts: Iterable[Part], ledger: Ledger, setup: Setup
) -> bool:
    """Whether a draft is the one this order would make: supplier, day, currency, totals, and each line as it
    would be sent. Then an interrupted attempt (or parking) left it, whoever looks at it. Raises ErpRejected
    for what Tryton does not have."""
    if row.invoice_date != action.invoice_date or difference(row, action, setup) is not None:
        return False
    left = [line for line in row.lines if line.type == "line"]
    for part in parts:
        body = line_of(part, ledger, setup)
        same = next((line for line in left if _is_same(line, part, body, ledger)), None)
        if same is None:
            return False
        left.remove(same)
    return not left


def _is_same(line: records.InvoiceLine, part: Part, body: dict[str, Any], ledger: Ledger) -> bool:
    """Tryton takes spaces off the ends of a text."""
    return (
        line.quantity == part.quantity
        and line.unit_price == part.unit_price
        and line.amount == part.amount(part.line.net_amount.currency)
        and line.currency == body["currency"]
        and (line.origin or None) == part.origin
        and line.product in (body["product"], *_of_origin(part, body, ledger))
        and (line.account, line.unit) == (body["account"], body["unit"])
        and set(line.taxes) == set(body["taxes"][0][1])
        and line.description.strip() == str(body["description"]).strip()
    )


def _of_origin(part: Part, body: dict[str, Any], ledger: Ledger) -> list[int]:
    """A line that Tryton made itself has the product of its order line, also where none was approved."""
    ordered = ledger.ordered.get(part.line.order_line_id or "")
    if body["product"] is not None or part.origin is None or ordered is None or ordered.product is None:
        return []
    return [ordered.product.id]


def redated(row: records.FullInvoice, action: InvoiceAction) -> dict[str, Any]:
    """Posting and due date of the order where the draft has others: it may have been parked while another
    period was open."""
    changes: dict[str, Any] = {}
    if row.accounting_date != action.posting_date:
        changes["accounting_date"] = action.posting_date
    if action.due_date is not None and row.payment_term_date != action.due_date:
        changes |= {"payment_term": None, "payment_term_date": action.due_date}
    return changes


def tax_correction(row: records.FullInvoice, action: InvoiceAction) -> list[Any] | None:
    """The command that enters the supplier's tax as printed, where it is some cents from the computed one;
    None where nothing is to be corrected, or where more than cents would be."""
    sign = -1 if isinstance(action, PostCreditNote) else 1
    step = sign * action.tax.amount - row.tax_amount
    if not step or abs(step) > LARGEST_TAX_STEP or not row.taxes:
        return None
    largest = max(row.taxes, key=lambda tax: abs(tax.amount))
    return ["write", [largest.id], {"amount": largest.amount + step}]
