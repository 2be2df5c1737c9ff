"""What can be done in an ERP, one class a kind. Each names its business identity as `key`.

Nothing here can change supplier master data, a bank account or a payment: there is no such action.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from tools.domain.documents import DocumentType, Record
from tools.domain.identifiers import CompanyId, OrderNumber, SupplierId
from tools.domain.money import Currency, Exact, Money


class InvoiceKey(Record):
    """Business identity of a supplier document; the same whatever is corrected in a proposal."""

    company: CompanyId
    supplier_id: SupplierId
    document_type: DocumentType
    number: str
    """The supplier's number as printed, trimmed."""
    invoice_date: date

    @property
    def text(self) -> str:
        """Stable text for unique constraints and reference fields; letter case does not count."""
        parts = (
            self.company,
            self.supplier_id,
            self.document_type,
            self.number,
            self.invoice_date.isoformat(),
        )
        return "|".join(part.strip().casefold().replace("|", "/") for part in parts)


class PostingLine(Record):
    """One line to post. Either an item or an account; the order line is what it bills."""

    invoice_line: int | None = None
    """Position in `Invoice.lines`; absent for a line that the document does not itemise."""
    description: str
    quantity: Exact
    unit: str | None = None
    unit_price: Exact
    """In the document's currency, for one unit, not rounded."""
    net_amount: Money
    item_number: str | None = None
    account: str | None = None
    cost_centre: str | None = None
    tax_code: str | None = None
    """The ERP's own code; absent: the ERP determines the tax."""
    tax_rate: Exact | None = None
    order_number: OrderNumber | None = None
    order_line_id: str | None = None


class InvoiceAction(Record):
    """What posting, parking and crediting have in common. Amounts are positive in all three: that a
    credit note reduces the debt is said by its kind."""

    company: CompanyId
    supplier_id: SupplierId
    supplier_name: str
    number: str
    invoice_date: date
    posting_date: date
    due_date: date | None = None
    currency: Currency
    lines: tuple[PostingLine, ...]
    net: Money
    tax: Money
    gross: Money
    preceding_invoice: str | None = None
    """The ERP's number of the invoice a credit note refers to, where it is known."""

    def _key(self, document_type: DocumentType) -> InvoiceKey:
        return InvoiceKey(
            company=self.company,
            supplier_id=self.supplier_id,
            document_type=document_type,
            number=self.number,
            invoice_date=self.invoice_date,
        )


class PostInvoice(InvoiceAction):
    kind: Literal["post_invoice"] = "post_invoice"

    @property
    def key(self) -> str:
        return self.invoice_key.text

    @property
    def invoice_key(self) -> InvoiceKey:
        return self._key(DocumentType.INVOICE)


class ParkInvoice(InvoiceAction):
    """Keep the invoice in the ERP as a draft without ledger effect."""

    kind: Literal["park_invoice"] = "park_invoice"

    @property
    def key(self) -> str:
        return f"park|{self.invoice_key.text}"

    @property
    def invoice_key(self) -> InvoiceKey:
        return self._key(DocumentType.INVOICE)


class PostCreditNote(InvoiceAction):
    kind: Literal["post_credit_note"] = "post_credit_note"

    @property
    def key(self) -> str:
        return self.invoice_key.text

    @property
    def invoice_key(self) -> InvoiceKey:
        return self._key(DocumentType.CREDIT_NOTE)


class ReceivedLine(Record):
    order_line_id: str
    quantity: Exact
    """In the order line's unit."""


class CreateGoodsReceipt(Record):
    kind: Literal["create_goods_receipt"] = "create_goods_receipt"
    company: CompanyId
    order_number: OrderNumber
    delivery_note: str
    """The supplier's delivery note: with the order it is the receipt's identity."""
    received_on: date
    lines: tuple[ReceivedLine, ...]
    value: Money | None = None
    """At the order's prices, for the limits of authority; the ERP values the goods itself."""

    @property
    def key(self) -> str:
        return f"receipt|{self.company}|{self.order_number}|{self.delivery_note}".casefold()


def _times(before: int) -> str:
    """What tells a repeated entry from the first one in its key."""
    return f"|{before}" if before else ""


class HoldInvoice(Record):
    """Stop payment of a posted invoice with the ERP's own reason code."""

    kind: Literal["hold_invoice"] = "hold_invoice"
    company: CompanyId
    supplier_id: SupplierId
    posted_number: str
    reason_code: str
    value: Money | None = None
    """For the limits of authority: nothing is paid by a hold, so zero."""
    before: int = 0
    """How often the case placed this hold before; it was released then, and this is an entry of its own."""

    @property
    def key(self) -> str:
        return f"hold|{self.company}|{self.posted_number}|{self.reason_code}{_times(self.before)}".casefold()


class ReleaseHold(Record):
    kind: Literal["release_hold"] = "release_hold"
    company: CompanyId
    supplier_id: SupplierId
    posted_number: str
    reason_code: str
    value: Money | None = None
    """What is paid when due once the hold is gone, for the limits of authority."""
    before: int = 0
    """How often the case released this hold before."""

    @property
    def key(self) -> str:
        number = f"{self.company}|{self.posted_number}"
        return f"release|{number}|{self.reason_code}{_times(self.before)}".casefold()


class DraftOrderLine(Record):
    item_number: str | None = None
    account: str | None = None
    description: str
    quantity: Exact
    unit: str
    unit_price: Money
    tax_code: str | None = None


class CreatePurchaseOrder(Record):
    """A draft order; a buyer releases it in the ERP."""

    kind: Literal["create_purchase_order"] = "create_purchase_order"
    company: CompanyId
    supplier_id: SupplierId
    currency: Currency
    reference: str
    """Our reference, kept by the ERP: the identity of the draft."""
    lines: tuple[DraftOrderLine, ...]

    @property
    def key(self) -> str:
        return f"order|{self.company}|{self.supplier_id}|{self.reference}".casefold()


class AmendOrderLine(Record):
    """A buyer's change of an order line. Values left out stay as they are."""

    kind: Literal["amend_order_line"] = "amend_order_line"
    company: CompanyId
    order_number: OrderNumber
    order_line_id: str
    quantity: Exact | None = None
    unit_price: Money | None = None
    value: Money | None = None
    """The whole line as it comes to be, for the limits of authority."""
    before: int = 0
    """How often the case changed this line before."""

    @property
    def key(self) -> str:
        price = "" if self.unit_price is None else str(self.unit_price)
        parts = (self.company, self.order_number, self.order_line_id, self.quantity, price)
        return ("|".join(("amend", *map(str, parts))) + _times(self.before)).casefold()


class ReverseInvoice(Record):
    """Cancel a posted invoice by the ERP's own reversal."""

    kind: Literal["reverse_invoice"] = "reverse_invoice"
    company: CompanyId
    supplier_id: SupplierId
    posted_number: str
    posting_date: date
    reason: str

    @property
    def key(self) -> str:
        return f"reverse|{self.company}|{self.posted_number}".casefold()


Action = Annotated[
    PostInvoice
    | ParkInvoice
    | PostCreditNote
    | CreateGoodsReceipt
    | HoldInvoice
    | ReleaseHold
    | CreatePurchaseOrder
    | AmendOrderLine
    | ReverseInvoice,
    Field(discriminator="kind"),
]
