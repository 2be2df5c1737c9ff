"""Business Central's JSON, field for field (API v2.0). Vendor names are the aliases.

Only what is read is listed; `$select` asks for exactly these fields. Decimals are JSON numbers, a missing
date is 0001-01-01, characters other than letters and digits in enum values are written `_xHHHH_`.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from tools.domain.money import Exact

_NO_DATE = date(1, 1, 1)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _date(value: Any) -> Any:
    if value in (None, "", _NO_DATE.isoformat()):
        return None
    return value


def _enum(value: Any) -> Any:
    """`Fixed_x0020_Asset` → `Fixed Asset`; the blank value `_x0020_` → an empty text."""
    if not isinstance(value, str):
        return value
    return _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), value).strip()


WireDate = Annotated[date | None, BeforeValidator(_date)]
WireEnum = Annotated[str, BeforeValidator(_enum)]


class Wire(BaseModel):
    """Fields that are not listed are ignored: newer versions add some."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)

    entity_set: ClassVar[str]
    lines: ClassVar[type[Wire] | None] = None

    @classmethod
    def select(cls) -> tuple[str, ...]:
        """The vendor names of the fields read, without annotations and lines."""
        names = (str(field.alias) for field in cls.model_fields.values())
        expanded = cls.lines.entity_set if cls.lines is not None else None
        return tuple(name for name in names if not name.startswith("@") and name != expanded)


Etag = Annotated[str, Field(alias="@odata.etag")]


class Company(Wire):
    entity_set = "companies"
    id: str
    name: str


class Vendor(Wire):
    entity_set = "vendors"
    etag: Etag
    number: str
    display_name: str
    address_line1: str = ""
    address_line2: str = ""
    city: str = ""
    country: str = ""
    postal_code: str = ""
    phone_number: str = ""
    email: str = ""
    tax_registration_number: str = ""
    currency_code: str = ""
    blocked: WireEnum = ""


class OrderLine(Wire):
    entity_set = "purchaseOrderLines"
    etag: Etag
    sequence: int
    line_type: WireEnum
    line_object_number: str = ""
    description: str = ""
    unit_of_measure_code: str = ""
    quantity: Exact
    direct_unit_cost: Exact
    discount_percent: Exact = Decimal(0)
    tax_code: str = ""
    tax_percent: Exact | None = None
    expected_receipt_date: WireDate = None
    received_quantity: Exact
    invoiced_quantity: Exact


class Order(Wire):
    entity_set = "purchaseOrders"
    lines = OrderLine
    etag: Etag
    id: str
    number: str
    order_date: WireDate = None
    vendor_number: str
    currency_code: str = ""
    purchaser: str = ""
    prices_include_tax: bool = False
    status: WireEnum
    purchase_order_lines: tuple[OrderLine, ...]


class ReceiptLine(Wire):
    entity_set = "purchaseReceiptLines"
    sequence: int
    line_type: WireEnum
    line_object_number: str = ""
    description: str = ""
    unit_of_measure_code: str = ""
    quantity: Exact


class Receipt(Wire):
    entity_set = "purchaseReceipts"
    lines = ReceiptLine
    number: str
    posting_date: date
    order_number: str
    purchase_receipt_lines: tuple[ReceiptLine, ...]


class OrderNumber(Wire):
    """An order's number alone, for asking which ones changed."""

    entity_set = "purchaseOrders"
    number: str


class ReceivedOrder(Wire):
    """The order of a receipt alone."""

    entity_set = "purchaseReceipts"
    order_number: str


class DocumentLine(Wire):
    """What a line of an invoice and of a credit memo have in common."""

    sequence: int = 0
    line_type: WireEnum
    line_object_number: str = ""
    description: str = ""
    unit_of_measure_code: str = ""
    quantity: Exact = Decimal(0)
    unit_cost: Exact = Decimal(0)
    amount_excluding_tax: Exact = Decimal(0)
    tax_code: str = ""


class InvoiceLine(DocumentLine):
    entity_set = "purchaseInvoiceLines"


class CreditMemoLine(DocumentLine):
    entity_set = "purchaseCreditMemoLines"


class Document(Wire):
    """What an invoice and a credit memo have in common; amounts are positive in both."""

    etag: Etag
    id: str
    number: str
    posting_date: WireDate = None
    due_date: WireDate = None
    vendor_number: str
    currency_code: str = ""
    shortcut_dimension1_code: str = ""
    total_amount_excluding_tax: Exact
    total_tax_amount: Exact
    total_amount_including_tax: Exact
    status: WireEnum


class Invoice(Document):
    entity_set = "purchaseInvoices"
    lines = InvoiceLine
    invoice_date: WireDate = None
    vendor_invoice_number: str = ""
    prices_include_tax: bool = False
    purchase_invoice_lines: tuple[InvoiceLine, ...] = ()


class CreditMemo(Document):
    entity_set = "purchaseCreditMemos"
    lines = CreditMemoLine
    credit_memo_date: WireDate = None
    vendor_credit_memo_number: str = ""
    invoice_number: str = ""
    purchase_credit_memo_lines: tuple[CreditMemoLine, ...] = ()


class Account(Wire):
    entity_set = "accounts"
    number: str
    display_name: str
    blocked: bool
    account_type: WireEnum
    direct_posting: bool
    net_change: Exact


class TaxGroup(Wire):
    """Where the company uses VAT, its VAT product posting groups."""

    entity_set = "taxGroups"
    code: str


class LedgerSetup(Wire):
    entity_set = "generalLedgerSetup"
    allow_posting_from: WireDate = None
    allow_posting_to: WireDate = None
    local_currency_code: str
    shortcut_dimension1_code: str = ""


class Dimension(Wire):
    entity_set = "dimensions"
    id: str
    code: str


class DimensionValue(Wire):
    entity_set = "dimensionValues"
    code: str
    display_name: str = ""


class DocumentAttachment(Wire):
    entity_set = "documentAttachments"
    etag: Etag
    id: str
    file_name: str
    byte_size: int


class Period(Wire):
    entity_set = "accountingPeriods"
    starting_date: date
    closed: bool


class Unit(Wire):
    entity_set = "unitsOfMeasure"
    code: str
    international_standard_code: str = ""


class Subscription(Wire):
    """A webhook subscription. It belongs to no company's entity list."""

    entity_set = "subscriptions"
    etag: Etag
    subscription_id: str
    notification_url: str
    resource: str
    expiration_date_time: datetime


READ: tuple[type[Wire], ...] = (
    Company,
    Vendor,
    Order,
    OrderLine,
    Receipt,
    ReceiptLine,
    Invoice,
    InvoiceLine,
    CreditMemo,
    CreditMemoLine,
    OrderNumber,
    ReceivedOrder,
    Account,
    TaxGroup,
    LedgerSetup,
    Dimension,
    DimensionValue,
    DocumentAttachment,
    Period,
    Unit,
)
"""Every entity that is read."""
