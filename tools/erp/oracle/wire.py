"""Oracle's JSON, attribute for attribute (REST resources 11.13.18.05). Vendor names are the aliases.

Only what is read is listed; `fields` asks for exactly these attributes. Ids have up to 18 digits, more than a
float holds: they are read as text, from a number or (framework version 9) from a string. A missing value is
null or left out. Nested children come as a list (framework versions 1 and 2) or as a collection with pages of
its own (3 and later); `Session` makes plain lists of both.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_pascal

from tools.domain.money import Exact


def _id(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and value.isdigit():
        return value
    raise ValueError("an id is a whole number")


def _day(value: Any) -> Any:
    """A day may come with a time: `2026-02-03T00:00:00+00:00` is the third of February wherever we are."""
    return value[:10] if isinstance(value, str) and len(value) > 10 else value or None


def _text(value: Any) -> Any:
    return "" if value is None else value


def _flag(value: Any) -> Any:
    return {"Y": True, "N": False, None: False}.get(value, value)


WireId = Annotated[str, BeforeValidator(_id)]
WireDay = Annotated[date | None, BeforeValidator(_day)]
WireText = Annotated[str, BeforeValidator(_text)]
WireFlag = Annotated[bool, BeforeValidator(_flag)]


_NAMES = {
    "procurement_bu": "ProcurementBU",
    "po_header_id": "POHeaderId",
    "uom": "UOM",
    "uom_code": "UOMCode",
    "iban": "IBAN",
    "version": "@changeIndicator",
    "key": "@key",
    **{name: name for name in ("sites", "addresses", "lines", "schedules", "receipts", "invoices")},
    "invoice_lines": "invoiceLines",
    "invoice_installments": "invoiceInstallments",
}
"""Where Oracle's name is not the Pascal case of ours; children are written in camel case."""


def _name(name: str) -> str:
    return _NAMES.get(name) or to_pascal(name)


class Wire(BaseModel):
    """Attributes that are not listed are ignored: every update adds some."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=_name)

    resource: ClassVar[str]
    order_by: ClassVar[str] = ""
    """A key that never changes: pages are stable under it."""
    children: ClassVar[dict[str, type[Wire]]] = {}

    @classmethod
    def attributes(cls) -> tuple[str, ...]:
        names = (str(field.alias) for field in cls.model_fields.values())
        return tuple(name for name in names if name not in cls.children and not name.startswith("@"))

    @classmethod
    def selection(cls, prefix: str = "") -> str:
        """The value of `fields`: `A,B;lines:C,D;lines.schedules:E`."""
        own = ",".join(cls.attributes())
        parts = [f"{prefix}:{own}" if prefix else own]
        for name, child in cls.children.items():
            parts.append(child.selection(f"{prefix}.{name}" if prefix else name))
        return ";".join(parts)


VERSION = "@changeIndicator"
"""Where `Session` puts the change indicator of a record's self link, and `KEY` its opaque key."""
KEY = "@key"


class Site(Wire):
    resource = "sites"
    supplier_site: WireText = ""
    procurement_bu: WireText = ""
    supplier_address_name: WireText = ""
    site_purpose_pay_flag: WireFlag = False
    status: WireText = ""
    email: WireText = ""
    hold_all_invoices_flag: WireFlag = False
    invoice_currency_code: WireText = ""
    last_update_date: WireText = ""


class Address(Wire):
    resource = "addresses"
    address_name: WireText = ""
    country_code: WireText = ""
    address_line1: WireText = ""
    address_line2: WireText = ""
    city: WireText = ""
    postal_code: WireText = ""
    email: WireText = ""
    status: WireText = ""


class Supplier(Wire):
    resource = "suppliers"
    order_by = "SupplierId"
    children = {"sites": Site, "addresses": Address}
    supplier_id: WireId
    supplier: str
    supplier_number: str
    tax_registration_number: WireText = ""
    business_relationship_code: WireText = ""
    status: WireText = ""
    last_update_date: WireText = ""
    sites: tuple[Site, ...] = ()
    addresses: tuple[Address, ...] = ()


class SupplierName(Wire):
    """A supplier without its children: for turning ids into numbers."""

    resource = "suppliers"
    order_by = "SupplierId"
    supplier_id: WireId
    supplier_number: str


class SupplierAccount(Wire):
    """A bank account of a supplier. Oracle may show a number in part only: see `bank_accounts`."""

    resource = "externalBankAccounts"
    order_by = "BankAccountId"
    bank_account_id: WireId
    iban: WireText = ""
    end_date: WireDay = None


class InvoiceLine(Wire):
    resource = "invoiceLines"
    line_number: Exact
    line_type: WireText = ""
    line_amount: Exact
    description: WireText = ""
    tax_classification: WireText = ""
    distribution_combination: WireText = ""
    quantity: Exact | None = None
    unit_price: Exact | None = None
    purchase_order_number: WireText = ""
    purchase_order_line_number: Exact | None = None
    purchase_order_schedule_line_number: Exact | None = None
    discarded_flag: WireFlag = False
    canceled_flag: WireFlag = False


class Installment(Wire):
    resource = "invoiceInstallments"
    unpaid_amount: Exact | None = None
    due_date: WireDay = None


class Invoice(Wire):
    resource = "invoices"
    order_by = "InvoiceId"
    children = {"invoiceLines": InvoiceLine}
    version: WireText = ""
    invoice_id: WireId
    invoice_number: str
    invoice_type: WireText = ""
    invoice_currency: str
    invoice_amount: Exact
    invoice_date: WireDay = None
    accounting_date: WireDay = None
    supplier: WireText = ""
    supplier_number: WireText = ""
    supplier_site: WireText = ""
    invoice_group: WireText = ""
    description: WireText = ""
    voucher_number: WireText = ""
    control_amount: Exact | None = None
    validation_status: WireText = ""
    approval_status: WireText = ""
    accounting_status: WireText = ""
    paid_status: WireText = ""
    canceled_flag: WireFlag = False
    last_update_date: WireText = ""
    invoice_lines: tuple[InvoiceLine, ...] = ()


class InvoiceKeyed(Wire):
    """Only what is needed to address an invoice."""

    resource = "invoices"
    order_by = "InvoiceId"
    key: WireText = ""
    invoice_id: WireId


class OpenInvoice(Invoice):
    children = {"invoiceLines": InvoiceLine, "invoiceInstallments": Installment}
    invoice_installments: tuple[Installment, ...] = ()


class Hold(Wire):
    resource = "invoiceHolds"
    order_by = "HoldId"
    hold_id: WireId
    hold_name: str
    hold_reason: WireText = ""
    release_name: WireText = ""


class Period(Wire):
    resource = "accountingPeriodStatusLOV"
    order_by = "StartDate"
    closing_status: str
    start_date: WireDay
    end_date: WireDay


class BusinessUnit(Wire):
    resource = "finBusinessUnitsLOV"
    order_by = "BusinessUnitName"
    business_unit_name: WireText = ""


class Attachment(Wire):
    resource = "attachments"
    order_by = "AttachedDocumentId"
    file_name: WireText = ""


READ: tuple[type[Wire], ...] = (
    Supplier,
    SupplierName,
    SupplierAccount,
    OpenInvoice,
    Hold,
    Period,
    Attachment,
)
"""Every resource that is read here, its children in `children`."""
