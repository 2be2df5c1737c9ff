"""Supplier invoices as they are read and compared. Pure.

- Amounts are positive in invoices and credit memos; the header says which it is.
- The header has the gross amount only; the tax is what its tax lines add up to.
- A document that cancels another one is no document of a supplier.
- `Posting.erp_id` is number and fiscal year: numbers may come back in another year.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from tools.domain.decision import InvoiceAction, InvoiceKey, PostCreditNote, Posting, PostingState
from tools.domain.documents import DocumentType, OpenItem
from tools.domain.identifiers import SupplierId
from tools.domain.money import Money
from tools.erp.sap.documents import Invoice, InvoiceState, LedgerItem, WholeInvoice
from tools.erp.sap.references import by_hand, is_ours_of, whole

POSTED, DELETED, PARKED = "5", "2", "A"
INVOICE_ORIGIN = "RMRP"
"""Type of the reference document of a ledger item that a supplier invoice made."""
_BLOCKS = {
    "R": "payment block R: invoice verification found it outside its tolerances",
    "A": "payment block A: blocked for payment",
}


def state_of(row: InvoiceState, paid: Collection[str]) -> PostingState:
    """A status nobody knows counts as a draft: then nothing is taken for posted that may not be. `paid`:
    object keys of documents whose ledger items are all cleared."""
    if row.reverse_document or row.supplier_invoice_status == DELETED:
        return PostingState.CANCELLED
    if row.supplier_invoice_status != POSTED:
        return PostingState.DRAFT
    return PostingState.PAID if object_key(row) in paid else PostingState.POSTED


def object_key(row: InvoiceState) -> str:
    """How other applications name it: ten digits and the year."""
    return f"{row.supplier_invoice.zfill(10)}{row.fiscal_year}"


def posting(row: Invoice, paid: Collection[str] = ()) -> Posting:
    """`reference` tells a payment block: posted is not yet payable."""
    gross = Money(amount=row.invoice_gross_amount, currency=row.document_currency)
    tax = Money(amount=tax_of(row), currency=row.document_currency)
    return Posting(
        erp_id=f"{row.supplier_invoice}/{row.fiscal_year}",
        number=row.supplier_invoice,
        state=state_of(row, paid),
        supplier_id=SupplierId(row.invoicing_party),
        document_type=document_type(row),
        supplier_number=number_of(row) or None,
        invoice_date=row.document_date,
        posting_date=row.posting_date,
        net=gross - tax,
        tax=tax,
        gross=gross,
        reference=block_told(row.payment_blocking_reason),
        version=version(row),
    )


def version(row: Invoice) -> str:
    parts = (row.last_changed, row.supplier_invoice_status, row.payment_blocking_reason, row.reverse_document)
    return "|".join(parts)


def block_told(code: str) -> str | None:
    return _BLOCKS.get(code, f"payment block {code}") if code else None


def tax_of(row: Invoice) -> Decimal:
    return sum((tax.tax_amount for tax in row.taxes), Decimal(0))


def document_type(row: InvoiceState) -> DocumentType:
    return DocumentType.CREDIT_NOTE if row.supplier_invoice_is_credit_memo else DocumentType.INVOICE


def number_of(row: Invoice) -> str:
    return whole(row.reference, row.full_reference)


def is_meant(row: Invoice, key: InvoiceKey, gross: Money | None) -> bool:
    """Whether a document stands under this supplier, type and number; the date of one with the whole number
    is looked at by the caller. A number that a person cut counts only with the same date, and the same amount
    where one is given: many numbers may share its sixteen characters."""
    same_party = row.invoicing_party.lstrip("0").casefold() == key.supplier_id.lstrip("0").casefold()
    if not same_party or document_type(row) is not key.document_type or row.is_reversal:
        return False
    if number_of(row).casefold() == key.number.strip().casefold():
        return True
    if is_ours_of(key.number, row.reference, row.full_reference):
        return True
    told = Money(amount=row.invoice_gross_amount, currency=row.document_currency)
    cut = row.reference.casefold() in (form.casefold() for form in by_hand(key.number))
    return cut and row.document_date == key.invoice_date and gross in (None, told)


def difference(row: WholeInvoice, action: InvoiceAction) -> str | None:
    """What SAP's document says differently from what was approved, both figures in words; None if nothing."""
    if row.document_currency != action.currency:
        return f"the currency is {row.document_currency} there and {action.currency} here"
    found = {
        "total": (row.invoice_gross_amount, action.gross),
        "tax": (tax_of(row), action.tax),
        "net amount": (_net_of(row), action.net),
    }
    for words, (kept, approved) in found.items():
        there = Money(amount=kept, currency=row.document_currency)
        if there != approved:
            return f"the {words} is {there} there and {approved} here"
    return None


def _net_of(row: WholeInvoice) -> Decimal:
    """What its items add up to; an account item on the other side takes off."""
    billed = sum((item.supplier_invoice_item_amount for item in row.order_items), Decimal(0))
    plus = "H" if row.supplier_invoice_is_credit_memo else "S"
    return billed + sum(
        (
            item.supplier_invoice_item_amount * (1 if item.debit_credit_code == plus else -1)
            for item in row.account_items
        ),
        row.unplanned_delivery_cost,
    )


def is_credit(action: InvoiceAction) -> bool:
    return isinstance(action, PostCreditNote)


def cleared(items: Iterable[LedgerItem]) -> set[str]:
    """Object keys of which every ledger item is cleared: an invoice may be split into several due dates."""
    left: dict[str, bool] = {}
    for item in items:
        key = item.original_reference_document
        left[key] = left.get(key, True) and item.is_cleared
    return {key for key, done in left.items() if done}


def open_item(item: LedgerItem) -> OpenItem:
    """What we owe is positive: a supplier's credit side. The document is named as people know it."""
    amount = abs(item.amount_in_transaction_currency)
    owed = amount if item.debit_credit_code == "H" else -amount
    by_invoice = item.reference_document_type == INVOICE_ORIGIN
    number = item.original_reference_document[:10].lstrip("0") if by_invoice else item.accounting_document
    return OpenItem(
        supplier_id=SupplierId(item.supplier),
        document_number=number,
        supplier_invoice_number=item.document_reference_id or None,
        document_date=item.document_date,
        due_date=item.net_due_date,
        amount=Money(amount=owed, currency=item.transaction_currency),
    )
