"""What the ERP knows about a purchase: order, receipt, open item."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from tools.domain.identifiers import CompanyId, OrderNumber, SupplierId
from tools.domain.money import Currency, Exact, Money
from tools.domain.record import Record


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
    item_category: str | None = None
    """The ERP's category or group of the item; a policy may choose by it."""
    is_service: bool | None = None
    """Absent: a line that needs no receipt is a service."""
    price_is_estimate: bool = False
    """The buyer did not know the price yet; wider limits may apply."""
    price_unit: str | None = None
    """Rec. 20 code of what `unit_price` is for, where that is not `unit`: ordered in pieces, priced by
    the kilogram (catch weight)."""
    price_quantity: Exact | None = None
    """How many `price_unit` all that was ordered is expected to be."""
    planned_delivery_cost: Money | None = None
    """Agreed for all that was ordered."""
    moving_average: Money | None = None
    """The item's average cost in company currency, for one `unit`."""
    stock: Exact | None = None
    """In stock now, in `unit`."""


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
    value_limit: Money | None = None
    """A blanket order: all of it may be billed up to this value, without tax."""
    valid_from: date | None = None
    valid_to: date | None = None
    exchange_rate: Exact | None = None
    """Company currency for one of `currency`, fixed when ordering; absent where none was fixed."""
    version: str
    """Changes whenever the order or a line of it changes."""


class ReceiptLine(Record):
    order_line_id: str | None = None
    """Absent where the ERP's receipts do not name the order line."""
    item_number: str | None = None
    description: str | None = None
    quantity: Exact
    """Negative for goods that went back."""
    unit: str
    accepted: Exact | None = None
    """Accepted by inspection, in `unit`; absent where nothing was inspected (yet)."""
    has_exception: bool = False
    """The receiver marked the receipt as not in order."""


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
    document_date: date | None = None
    """The date on the supplier's document."""
    due_date: date | None = None
    amount: Money
    remaining: Money | None = None
    """Absent where the ERP does not tell it."""
