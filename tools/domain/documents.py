"""What suppliers send: invoices, readings of files; with the records of the purchase they are matched with.

Absent means absent on the document; nothing is filled in here. Amounts carry the document's currency,
`XXX` where it names none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from tools.domain.identifiers import DocumentId
from tools.domain.mail import MailFacts
from tools.domain.money import Currency, Exact, Money
from tools.domain.purchase import (
    GoodsReceipt,
    OpenItem,
    OrderLine,
    OrderState,
    PurchaseOrder,
    ReceiptLine,
)
from tools.domain.record import Record

__all__ = [
    "AllowanceCharge",
    "DocumentFormat",
    "DocumentType",
    "GoodsReceipt",
    "Invoice",
    "InvoiceLine",
    "OpenItem",
    "OrderLine",
    "OrderState",
    "Origin",
    "Party",
    "Problem",
    "ProblemSeverity",
    "PurchaseOrder",
    "ReadableText",
    "Reading",
    "ReadingState",
    "ReceiptLine",
    "Record",
    "SourceDocument",
    "TaxLine",
]


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
    read_by: str | None = None
    """The language model and the prompt that read it: `model local qwen…, prompt extract/v1 3fa9c1d2`.
    Absent: rules read it."""


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
    supply_date: date | None = None
    """Tax point (BT-7), else delivery (BT-72), else the last day billed (BT-74); absent: the issue date
    (Directive 2006/112/EC art. 226 no. 7 asks for it only where it differs)."""
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


class ReadableText(Record):
    """What a person can read in a file that rules could not read in full, for a second reader."""

    text: str
    """Lines; two or more blanks part columns, a form feed parts pages."""
    lines_left_out: int = 0
    """Lines in the middle of a long text that are not in `text`."""
    ibans: tuple[str, ...] = ()
    """Accounts in the whole text; they are claims, as `Invoice.ibans`."""


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
    mail: MailFacts | None = None
    """The mail it came in; absent for files that came otherwise."""
    numbers: tuple[str, ...] = ()
    """Digits of what may be telephone numbers on the document, whatever it is: no number to call back."""
    text: ReadableText | None = None
    """Only where something was left open that the text may tell; absent once a second reader has read it."""


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
