"""What suppliers send and what the ERP knows about the purchase: invoice, order, receipt, open item.

Absent means absent on the document; nothing is filled in here. Amounts carry the document's currency,
`XXX` where it names none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from tools.domain.identifiers import CompanyId, DocumentId, OrderNumber, SupplierId
from tools.domain.money import Currency, Exact, Money


class Record(BaseModel):
    """Frozen; unknown fields are refused, so a typing error cannot lose a value."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DocumentType(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class DocumentFormat(StrEnum):
    UBL = "ubl"
    CII = "cii"
    ZUGFERD_1 = "zugferd1"
    HYBRID_PDF = "hybrid_pdf"
    TEXT_PDF = "text_pdf"
    MAIL = "mail"
    UNKNOWN = "unknown"


class Origin(Record):
    """Where one field was found. XML: `xpath`. PDF: `page` (from 1) and `box` (x0, y0, x1, y1 in
    points from the page's top left corner)."""

    xpath: str | None = None
    page: int | None = None
    box: tuple[Exact, Exact, Exact, Exact] | None = None


class Party(Record):
    """One side of the invoice as the document names it."""

    name: str | None = None
    """Registered name (BT-27, BT-44)."""
    trading_name: str | None = None
    vat_id: str | None = None
    registration_id: str | None = None
    """Company register number (BT-30)."""
    gln: str | None = None
    endpoint_id: str | None = None
    """Electronic address such as a Peppol id (BT-34)."""
    street: str | None = None
    city: str | None = None
    postcode: str | None = None
    country: str | None = None
    """ISO 3166 alpha-2."""
    email: str | None = None


class TaxLine(Record):
    """One row of the VAT breakdown (BG-23)."""

    category: str | None = None
    """UNCL5305 code: S, Z, E, AE, K, G, O, L, M."""
    rate: Exact | None = None
    """Percent."""
    base: Money | None = None
    amount: Money | None = None
    reason: str | None = None


class AllowanceCharge(Record):
    """A discount (`is_charge` false) or a charge on document level (BG-20, BG-21); `amount` is positive."""

    is_charge: bool
    amount: Money
    tax_rate: Exact | None = None
    reason: str | None = None


class InvoiceLine(Record):
    line_id: str | None = None
    description: str | None = None
    quantity: Exact | None = None
    unit: str | None = None
    """Unit code or word exactly as the document gives it; `units.unit_code` reads it."""
    unit_price: Money | None = None
    """Net price (BT-146) of `price_base` units."""
    price_base: Exact = Decimal(1)
    """Base quantity of the price (BT-149): 100 for 'price per 100'."""
    net_amount: Money | None = None
    """BT-131, after the line's own allowances and charges."""
    adjustments: Money | None = None
    """Sum of the line's charges less its allowances (BG-27, BG-28); absent when there are none."""
    tax_rate: Exact | None = None
    tax_category: str | None = None
    order_number: str | None = None
    """Order named on the line itself; else the document's order applies."""
    order_line_ref: str | None = None
    buyer_item_id: str | None = None
    supplier_item_id: str | None = None
    gtin: str | None = None
    parent_line_id: str | None = None
    """Set where this line is a part of another line; its amount is then not added again."""


class Invoice(Record):
    """A supplier's invoice or credit note as sent.

    Signs are the document's own: a credit note (381) usually carries positive amounts.
    `origins` maps a field path (`invoice_number`, `lines[0].quantity`) to where it was found.
    """

    document_type: DocumentType
    type_code: str | None = None
    """UN/CEFACT 1001: 380 invoice, 381 credit note, 384 corrected invoice, 386 prepayment …"""
    format: DocumentFormat
    profile: str | None = None
    number: str | None = None
    issue_date: date | None = None
    due_date: date | None = None
    currency: Currency
    supplier: Party
    buyer: Party
    payee_name: str | None = None
    """Named when someone else than the supplier is to be paid (BT-59), for example a factor."""
    order_number: str | None = None
    """The buyer's order (BT-13)."""
    buyer_reference: str | None = None
    preceding_invoice: str | None = None
    """The invoice that a credit note or a correction refers to (BT-25)."""
    ibans: tuple[str, ...] = ()
    """Accounts the document asks to be paid on, in its order, without blanks. A claim, never master data."""
    other_accounts: tuple[str, ...] = ()
    """Accounts in another form than an IBAN, as printed; a claim like `ibans`."""
    payment_terms: str | None = None
    lines: tuple[InvoiceLine, ...] = ()
    allowances: tuple[AllowanceCharge, ...] = ()
    taxes: tuple[TaxLine, ...] = ()
    line_total: Money | None = None
    """BT-106."""
    net_total: Money | None = None
    """BT-109, without tax."""
    tax_total: Money | None = None
    """BT-110, in the document's currency."""
    gross_total: Money | None = None
    """BT-112, with tax."""
    prepaid: Money | None = None
    """BT-113."""
    rounding: Money | None = None
    """BT-114."""
    payable: Money | None = None
    """BT-115."""
    notes: tuple[str, ...] = ()
    origins: Mapping[str, Origin] = Field(default_factory=dict)

    @property
    def is_credit_note(self) -> bool:
        return self.document_type is DocumentType.CREDIT_NOTE


class ReadingState(StrEnum):
    INVOICE = "invoice"
    NOT_AN_INVOICE = "not_an_invoice"
    UNREADABLE = "unreadable"


class ProblemSeverity(StrEnum):
    ERROR = "error"
    """Must be settled by a person before anything is posted."""
    WARNING = "warning"


class Problem(Record):
    """Something about a document that a person should know; `code` is stable, `message` is for people."""

    code: str
    severity: ProblemSeverity
    message: str
    field: str | None = None
    """Path of the field it is about, as in `Invoice.origins`."""


class Reading(Record):
    """What came out of one file. Every file has one: `invoice` is set only in state INVOICE;
    else `reason` is a stable word (`encrypted`, `damaged`, `too_large`, `archive_bomb`, `unsafe_xml`,
    `purchase_order` …) and `message` says what to do."""

    state: ReadingState
    format: DocumentFormat = DocumentFormat.UNKNOWN
    reason: str | None = None
    message: str | None = None
    invoice: Invoice | None = None
    problems: tuple[Problem, ...] = ()


class SourceDocument(Record):
    """One file as received, before reading. `name` is for people; `document_id` is the identity."""

    document_id: DocumentId
    name: str
    content: bytes
    path: str
    """Where it came from: a file path, with `!attachment-name` for a part of a mail."""
    sender: str | None = None
    """From-address of the mail, unverified."""
    subject: str | None = None
    message_id: str | None = None
    received_at: datetime | None = None


class OrderLine(Record):
    line_id: str
    """The line's number or id in the ERP, unique within the order."""
    item_number: str | None = None
    supplier_item_id: str | None = None
    gtin: str | None = None
    account: str | None = None
    """General-ledger account of a line without item."""
    description: str
    unit: str
    """UN/ECE Rec. 20 code."""
    ordered: Exact
    received: Exact = Decimal(0)
    accepted: Exact | None = None
    """Accepted by inspection; absent where the ERP inspects nothing."""
    invoiced: Exact = Decimal(0)
    """As the ERP counts it. What we billed through an ERP that keeps no link is added by matching."""
    unit_price: Money
    price_base: Exact = Decimal(1)
    discount_percent: Exact = Decimal(0)
    tax_code: str | None = None
    tax_rate: Exact | None = None
    receipt_required: bool = True
    """False for services and subscriptions: two-way matching."""
    cancelled: bool = False
    expected_on: date | None = None


class OrderState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class PurchaseOrder(Record):
    number: OrderNumber
    company: CompanyId
    supplier_id: SupplierId
    currency: Currency
    state: OrderState
    ordered_on: date | None = None
    buyer: str | None = None
    """The purchaser's name or code in the ERP."""
    lines: tuple[OrderLine, ...]
    version: str
    """Changes whenever the order or a line of it changes."""


class ReceiptLine(Record):
    order_line_id: str | None = None
    """Absent where the ERP's receipts do not name the order line."""
    item_number: str | None = None
    description: str | None = None
    quantity: Exact
    unit: str


class GoodsReceipt(Record):
    number: str
    order_number: OrderNumber
    received_on: date
    lines: tuple[ReceiptLine, ...]


class OpenItem(Record):
    """A posted, unpaid (or partly paid) entry of a supplier's account; credit notes are negative."""

    supplier_id: SupplierId
    document_number: str
    supplier_invoice_number: str | None = None
    due_date: date | None = None
    amount: Money
    remaining: Money | None = None
    """Absent where the ERP does not tell it."""
