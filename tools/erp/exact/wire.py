"""Exact Online's JSON, field for field. Vendor names are the aliases.

Only what is read is listed; `$select` asks for exactly these fields. Moments are `/Date(milliseconds)/`,
numbers are doubles, codes may be filled up with blanks, absent values are null.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_MOMENT = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_NOISE = Decimal("0.00000001")


def _date(value: Any) -> Any:
    moment = _moment(value)
    return moment.date() if isinstance(moment, datetime) else moment


def _moment(value: Any) -> Any:
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    return datetime.fromtimestamp(int(found.group(1)) // 1000, UTC)


def _exact(value: Any) -> Any:
    """A double without what binary fractions add behind the eighth decimal: 121.00000000000001."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return value
    number = Decimal(value)
    return number.quantize(_NOISE).normalize() + 0 if abs(number) < 10**15 else number


def _text(value: Any) -> Any:
    return "" if value is None else value.strip() if isinstance(value, str) else value


def _lines(value: Any) -> Any:
    """An expanded collection; one that was not expanded holds nothing but its address."""
    if isinstance(value, dict):
        return tuple(value.get("results", ()))
    return () if value is None else value


Day = Annotated[date | None, BeforeValidator(_date)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Number = Annotated[Decimal, BeforeValidator(_exact)]
Text = Annotated[str, BeforeValidator(_text)]


class Wire(BaseModel):
    """Fields that are not listed are ignored: Exact adds some every few months."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    resource: ClassVar[str]
    lines: ClassVar[type[Wire] | None] = None
    lines_field: ClassVar[str] = ""
    everything: ClassVar[str | None] = None
    """A filter that every record passes, where reading without any is refused: there is a sync endpoint."""

    @classmethod
    def select(cls) -> tuple[str, ...]:
        """The vendor's names of the fields read, without lines."""
        names = (str(field.alias) for field in cls.model_fields.values())
        return tuple(name for name in names if name != cls.lines_field)


class Me(Wire):
    resource = "current/Me"
    current_division: int = Field(alias="CurrentDivision")


class BankAccount(Wire):
    resource = "crm/BankAccounts"
    account: Text = Field(alias="Account")
    bank_account: Text = Field(alias="BankAccount")
    main: bool | None = Field(None, alias="Main")


class Account(Wire):
    """A relation; here a supplier."""

    resource = "crm/Accounts"
    lines = BankAccount
    lines_field = "BankAccounts"
    id: str = Field(alias="ID")
    code: Text = Field(alias="Code")
    name: Text = Field(alias="Name")
    trade_name: Text = Field("", alias="TradeName")
    vat_number: Text = Field("", alias="VATNumber")
    chamber_of_commerce: Text = Field("", alias="ChamberOfCommerce")
    gln: Text = Field("", alias="GlnNumber")
    address_line1: Text = Field("", alias="AddressLine1")
    address_line2: Text = Field("", alias="AddressLine2")
    city: Text = Field("", alias="City")
    postcode: Text = Field("", alias="Postcode")
    country: Text = Field("", alias="Country")
    email: Text = Field("", alias="Email")
    phone: Text = Field("", alias="Phone")
    purchase_currency: Text = Field("", alias="PurchaseCurrency")
    gl_account_purchase: str | None = Field(None, alias="GLAccountPurchase")
    blocked: bool | None = Field(None, alias="Blocked")
    bank_accounts: Annotated[tuple[BankAccount, ...], BeforeValidator(_lines)] = Field(
        (), alias="BankAccounts"
    )


class OrderLine(Wire):
    resource = "purchaseorder/PurchaseOrderLines"
    id: str = Field(alias="ID")
    order_id: str = Field(alias="PurchaseOrderID")
    line_number: int = Field(alias="LineNumber")
    item_code: Text = Field("", alias="ItemCode")
    supplier_item_code: Text = Field("", alias="SupplierItemCode")
    description: Text = Field("", alias="Description")
    unit: Text = Field("", alias="Unit")
    quantity: Number = Field(alias="Quantity")
    purchase_quantity: Number | None = Field(None, alias="QuantityInPurchaseUnits")
    unit_price: Number = Field(alias="UnitPrice")
    net_price: Number | None = Field(None, alias="NetPrice")
    discount: Number | None = Field(None, alias="Discount")
    vat_code: Text = Field("", alias="VATCode")
    vat_percentage: Number | None = Field(None, alias="VATPercentage")
    receipt_date: Day = Field(None, alias="ReceiptDate")
    received: Number | None = Field(None, alias="ReceivedQuantity")
    invoiced: Number | None = Field(None, alias="InvoicedQuantity")


class Order(Wire):
    resource = "purchaseorder/PurchaseOrders"
    everything = "OrderNumber gt 0"
    lines = OrderLine
    lines_field = "PurchaseOrderLines"
    id: str = Field(alias="PurchaseOrderID")
    number: int = Field(alias="OrderNumber")
    order_date: Day = Field(None, alias="OrderDate")
    supplier_code: Text = Field(alias="SupplierCode")
    currency: Text = Field(alias="Currency")
    agent: Text = Field("", alias="PurchaseAgentFullName")
    status: int = Field(alias="OrderStatus")
    approval: int | None = Field(None, alias="ApprovalStatus")
    order_lines: Annotated[tuple[OrderLine, ...], BeforeValidator(_lines)] = Field(
        (), alias="PurchaseOrderLines"
    )


class ReceiptLine(Wire):
    resource = "purchaseorder/GoodsReceiptLines"
    id: str = Field(alias="ID")
    receipt_id: str = Field(alias="GoodsReceiptID")
    order_number: int | None = Field(None, alias="PurchaseOrderNumber")
    order_line_id: str | None = Field(None, alias="PurchaseOrderLineID")
    line_number: int = Field(0, alias="LineNumber")
    item_code: Text = Field("", alias="ItemCode")
    description: Text = Field("", alias="Description")
    unit: Text = Field("", alias="ItemUnitCode")
    received: Number = Field(alias="QuantityReceived")


class Receipt(Wire):
    resource = "purchaseorder/GoodsReceipts"
    lines = ReceiptLine
    lines_field = "GoodsReceiptLines"
    id: str = Field(alias="ID")
    number: int = Field(alias="ReceiptNumber")
    receipt_date: Day = Field(alias="ReceiptDate")
    supplier_code: Text = Field("", alias="SupplierCode")
    your_ref: Text = Field("", alias="YourRef")
    receipt_lines: Annotated[tuple[ReceiptLine, ...], BeforeValidator(_lines)] = Field(
        (), alias="GoodsReceiptLines"
    )


class EntryLine(Wire):
    """A line of such an entry, without the line that Exact adds for the tax."""

    resource = "purchaseentry/PurchaseEntryLines"
    id: str = Field(alias="ID")
    account: str = Field(alias="GLAccount")
    amount: Number = Field(alias="AmountFC")
    vat_code: Text = Field("", alias="VATCode")
    cost_centre: Text = Field("", alias="CostCenter")


class Entry(Wire):
    """An invoice or credit note in a purchase journal."""

    resource = "purchaseentry/PurchaseEntries"
    lines = EntryLine
    lines_field = "PurchaseEntryLines"
    everything = "Status ge 0"
    id: str = Field(alias="EntryID")
    number: int = Field(alias="EntryNumber")
    type: int = Field(alias="Type")
    status: int = Field(alias="Status")
    supplier: str = Field(alias="Supplier")
    your_ref: Text = Field("", alias="YourRef")
    entry_date: Day = Field(None, alias="EntryDate")
    currency: Text = Field(alias="Currency")
    amount: Number = Field(alias="AmountFC")
    vat: Number | None = Field(None, alias="VATAmountFC")
    year: int | None = Field(None, alias="ReportingYear")
    period: int | None = Field(None, alias="ReportingPeriod")
    document: str | None = Field(None, alias="Document")
    entry_lines: Annotated[tuple[EntryLine, ...], BeforeValidator(_lines)] = Field(
        (), alias="PurchaseEntryLines"
    )


class LogisticsInvoice(Wire):
    """An invoice of the logistics module: a draft (status 10), open (20) or processed (50)."""

    resource = "purchase/PurchaseInvoices"
    everything = "Status ge 0"
    id: str = Field(alias="ID")
    number: int | None = Field(None, alias="EntryNumber")
    type: int = Field(alias="Type")
    status: int = Field(alias="Status")
    supplier: str = Field(alias="Supplier")
    your_ref: Text = Field("", alias="YourRef")
    invoice_date: Day = Field(None, alias="InvoiceDate")
    currency: Text = Field(alias="Currency")
    amount: Number | None = Field(None, alias="Amount")
    vat: Number | None = Field(None, alias="VATAmount")


class FileOfDocument(Wire):
    resource = "documents/DocumentAttachments"
    everything = "ID ne guid'00000000-0000-0000-0000-000000000000'"
    id: str = Field(alias="ID")
    document: str = Field(alias="Document")
    name: Text = Field("", alias="FileName")
    size: Number | None = Field(None, alias="FileSize")


class Document(Wire):
    resource = "documents/Documents"
    id: str = Field(alias="ID")
