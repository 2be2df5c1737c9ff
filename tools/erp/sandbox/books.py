"""The records a company keeps. Frozen each; `Books` holds them and is the only thing that changes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType, OrderLine, PurchaseOrder, Record
from tools.domain.money import Currency, Exact, round_amount
from tools.domain.supplier import Supplier
from tools.erp.contract import CostCentre, PostingWindow
from tools.erp.sandbox.entries import ZERO, LedgerEntry, SupplierEntry


class ControlAccounts(Record):
    """Accounts the system posts to by itself."""

    payables: str
    gr_ir: str
    """Clearing between goods receipt and invoice."""
    price_variance: str
    bank: str
    discount: str


class CompanySettings(Record):
    company: str
    name: str
    currency: Currency
    controls: ControlAccounts
    default_tax_code: str | None = None
    hold_reasons: tuple[str, ...] = ()
    max_tax_difference: Exact = Decimal("0.05")
    """How far the supplier's tax may differ from the computed tax, in the document's currency."""
    receipt_tolerance: Exact = ZERO
    """Percent by which a receipt may exceed what was ordered."""
    digits_only: bool = False
    """The books' own numbers have no letters, as in an ERP whose number fields are numeric."""


class LedgerAccount(Record):
    number: str
    name: str
    heading: bool = False
    """Groups other accounts; nothing is ever posted to it."""
    direct_posting: bool = True
    """False for accounts that only the system posts to."""
    blocked: bool = False


class TaxCode(Record):
    code: str
    description: str = ""
    category: str
    """UNCL5305: S, Z, E, AE, K, G, O."""
    rate: Exact
    """Percent. With reverse charge this is what we assess ourselves; the supplier charges nothing."""
    input_account: str | None = None
    output_account: str | None = None
    """Set for reverse charge only: where the tax we owe ourselves goes."""

    @property
    def reverse_charge(self) -> bool:
        return self.output_account is not None


class Item(Record):
    number: str
    description: str
    unit: str
    inventory_account: str
    tax_code: str | None = None
    unit_price: Exact = ZERO
    """Last purchase price of one unit, company currency."""
    blocked: bool = False


class Rate(Record):
    starting: date
    rate: Exact = Field(gt=0)
    """Company currency for one unit of the foreign currency."""


class SupplierCard(Record):
    supplier: Supplier
    payables_account: str
    tax_code: str | None = None
    changed_at: datetime


class Clearing(Record):
    """What lies on GR/IR for one order line."""

    quantity: Exact = ZERO
    """Received less billed."""
    value: Exact = ZERO
    """Credit balance in company currency; has the sign of `quantity`."""

    def moved(self, quantity: Decimal, unit_value: Decimal, currency: str) -> tuple[Clearing, Decimal]:
        """The clearing after `quantity` more was received (or billed, if negative), and the change of value.

        What is open is cleared in proportion, so a fully received and fully billed line ends at exactly
        zero whatever happened to price or rate in between; the rest counts at `unit_value`.
        """
        opposite = self.quantity * quantity < 0
        covered = min(abs(quantity), abs(self.quantity)) if opposite else ZERO
        cleared = self.value * covered / abs(self.quantity) if opposite else ZERO
        beyond = (abs(quantity) - covered) * unit_value
        change = round_amount((beyond if quantity > 0 else -beyond) - cleared, currency)
        return Clearing(quantity=self.quantity + quantity, value=self.value + change), change


class OrderCard(Record):
    order: PurchaseOrder
    reference: str | None = None
    clearing: dict[str, Clearing] = Field(default_factory=dict)
    """Order line id -> its GR/IR."""
    changed_at: datetime

    @property
    def is_frame(self) -> bool:
        """A blanket order: what may be billed of it is limited in value, or to some days."""
        return (self.order.value_limit, self.order.valid_from, self.order.valid_to) != (None, None, None)


class ReceivedQuantity(Record):
    order_line_id: str
    quantity: Exact
    accepted: Exact | None = None
    """By inspection; absent: not inspected."""
    has_exception: bool = False
    """The receiver marked it."""

    @property
    def kept(self) -> Decimal:
        """What came to stay: for an ERP without inspections, into which what is refused is not booked, or
        from which it is booked back."""
        return self.quantity if self.accepted is None else min(self.accepted, self.quantity)


class Receipt(Record):
    number: str
    order_number: str
    supplier_id: str
    delivery_note: str | None = None
    received_on: date
    lines: tuple[ReceivedQuantity, ...]
    changed_at: datetime


class DocumentLine(Record):
    """One line of a purchase document. Exactly one of item, account or order line says what is debited."""

    line_id: str = ""
    """Unique in the document; given by the books when empty."""
    description: str = ""
    item_number: str | None = None
    account: str | None = None
    quantity: Exact = Decimal(1)
    unit: str | None = None
    unit_price: Exact = ZERO
    """Document currency, for one unit."""
    discount_percent: Exact = ZERO
    net_amount: Exact | None = None
    """Document currency; computed from quantity, price and discount when absent."""
    cost_centre: str | None = None
    tax_code: str | None = None
    """Absent: taken from the order line, the item, the supplier or the company, in this order."""
    order_number: str | None = None
    order_line_id: str | None = None

    def net(self, currency: str) -> Decimal:
        if self.net_amount is not None:
            return self.net_amount
        return round_amount(
            self.quantity * self.unit_price * (100 - self.discount_percent) / 100,
            currency,
        )


class TaxAmount(Record):
    """Tax of one code in one document, document currency."""

    tax_code: str
    rate: Exact
    base: Exact
    amount: Exact
    """What the supplier charges, or what we assess ourselves with reverse charge."""
    reverse_charge: bool = False


class Totals(Record):
    net: Exact = ZERO
    tax: Exact = ZERO
    """Charged by the supplier: without reverse charge."""
    gross: Exact = ZERO
    taxes: tuple[TaxAmount, ...] = ()


class PurchaseDocument(Record):
    """A supplier's invoice or credit note, from draft to paid. Amounts are positive in both."""

    document_id: str
    """Technical id, the same from draft to posted."""
    document_type: DocumentType
    state: PostingState = PostingState.DRAFT
    number: str
    """The draft's number; from posting on the posted number."""
    draft_number: str
    supplier_id: str
    supplier_number: str | None = None
    """The supplier's own number."""
    invoice_date: date | None = None
    posting_date: date | None = None
    due_date: date | None = None
    currency: Currency
    order_number: str | None = None
    preceding: str | None = None
    """Posted number of the invoice a credit note refers to."""
    reference: str | None = None
    stated_tax: Exact | None = None
    """Tax as the supplier printed it; a small difference to the computed tax is taken over."""
    stated_gross: Exact | None = None
    """Total as printed; posting refuses when the computed total is another."""
    lines: tuple[DocumentLine, ...] = ()
    totals: Totals = Totals()
    holds: tuple[str, ...] = ()
    cleared: dict[str, Exact] = Field(default_factory=dict)
    """Line id -> change of GR/IR value at posting; what a reversal gives back."""
    entry_number: int | None = None
    """The ledger entry of the posting."""
    reversed_by: str | None = None
    revision: int = 1
    changed_at: datetime

    @property
    def version(self) -> str:
        return str(self.revision)


class Attachment(Record):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    document_id: str
    name: str
    content: bytes
    sha256: str


class Books(BaseModel):
    """The whole state of a company. Only the desks of `Company` change it."""

    model_config = ConfigDict(extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    settings: CompanySettings
    window: PostingWindow = PostingWindow()
    units: tuple[str, ...] = ()
    accounts: dict[str, LedgerAccount] = Field(default_factory=dict)
    tax_codes: dict[str, TaxCode] = Field(default_factory=dict)
    cost_centres: tuple[CostCentre, ...] = ()
    items: dict[str, Item] = Field(default_factory=dict)
    rates: dict[Currency, tuple[Rate, ...]] = Field(default_factory=dict)
    suppliers: dict[str, SupplierCard] = Field(default_factory=dict)
    orders: dict[str, OrderCard] = Field(default_factory=dict)
    receipts: dict[str, Receipt] = Field(default_factory=dict)
    documents: dict[str, PurchaseDocument] = Field(default_factory=dict)
    entries: list[LedgerEntry] = Field(default_factory=list)
    supplier_entries: list[SupplierEntry] = Field(default_factory=list)
    attachments: list[Attachment] = Field(default_factory=list)
    counters: dict[str, int] = Field(default_factory=dict)
    """Last number used in each series."""

    def kept(self, order_number: str, line: OrderLine) -> Decimal:
        """What came to stay of all that was received of an order line."""
        receipts = (entry for entry in self.receipts.values() if entry.order_number == order_number)
        rows = (row for receipt in receipts for row in receipt.lines if row.order_line_id == line.line_id)
        return line.received - sum((row.quantity - row.kept for row in rows), ZERO)

    def plain_orders(self) -> list[OrderCard]:
        """All but frame orders: for an ERP whose orders have no such limits, and which would let a frame be
        billed without end if it were shown as one of them."""
        return [card for card in self.orders.values() if not card.is_frame]
