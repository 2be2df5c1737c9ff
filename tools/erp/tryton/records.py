"""What a write looks at in Tryton's models: the records a document names, and what is compared before and
after."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import Field

from tools.erp.tryton.wire import Coded, Flag, Invoice, Number, PartyCode, Text, Wire


class Creditor(Wire):
    """What a supplier's draft takes from the party."""

    model = "party.party"
    code: Text = ""
    name: Text = ""
    active: Flag = True
    account_payable: int | None = None
    supplier_payment_term: int | None = None
    addresses: tuple[int, ...] = ()


class BilledOrder(Wire):
    """Who bills an order: `invoice_party`, else the party it was given to."""

    model = "purchase.purchase"
    number: Text = ""
    invoice_method: Text = ""
    party: PartyCode = Field(alias="party.")
    invoice_party: PartyCode | None = Field(default=None, alias="invoice_party.")

    @property
    def biller(self) -> str:
        return (self.invoice_party or self.party).code


class ProductCode(Coded):
    model = "product.product"


class Defaults(Wire):
    """The company's accounts for what no party and no product says."""

    model = "account.configuration"
    default_account_payable: int | None = None
    default_category_account_expense: int | None = None


class BilledOrderLine(Wire):
    """What an invoice line takes from the order line it bills."""

    model = "purchase.line"
    unit: int | None = None
    taxes: tuple[int, ...] = ()
    product: ProductCode | None = Field(default=None, alias="product.")
    purchase: BilledOrder = Field(alias="purchase.")


class IncomingMove(Wire):
    model = "stock.move"
    origin: Text = ""
    quantity: Number
    unit: int | None = None
    state: Text = ""
    shipment: str | None = None


class OrderedUnit(Wire):
    model = "purchase.line"
    unit: int | None = None


class Shipment(Wire):
    model = "stock.shipment.in"
    number: Text = ""
    reference: Text = ""
    state: Text = ""
    effective_date: date | None = None
    supplier: PartyCode = Field(alias="supplier.")
    incoming_moves: tuple[IncomingMove, ...] = Field(default=(), alias="incoming_moves.")


class Warehouse(Wire):
    model = "stock.location"
    input_location: int | None = None
    storage_location: int | None = None


class DeliveredOrder(Wire):
    model = "purchase.purchase"
    party: PartyCode = Field(alias="party.")
    warehouse: Warehouse = Field(alias="warehouse.")


class DraftOrder(Wire):
    model = "purchase.purchase"
    number: Text = ""
    description: Text = ""
    party: PartyCode = Field(alias="party.")
    version: Text = Field(default="", alias="_timestamp")


class LedgerCode(Coded):
    model = "account.account"


class InvoiceLine(Wire):
    model = "account.invoice.line"
    type: Text = ""
    quantity: Number | None = None
    unit_price: Number | None = None
    amount: Number | None = None
    origin: str | None = None
    description: Text = ""
    currency: int | None = None
    account: int | None = None
    product: int | None = None
    unit: int | None = None
    taxes: tuple[int, ...] = ()


class InvoiceTax(Wire):
    model = "account.invoice.tax"
    amount: Number
    base: Number


class FullInvoice(Invoice):
    """With what is compared before it is posted."""

    company: int | None = None
    lines: tuple[InvoiceLine, ...] = Field(default=(), alias="lines.")
    taxes: tuple[InvoiceTax, ...] = Field(default=(), alias="taxes.")


class WaitingInvoice(Wire):
    model = "account.invoice"
    state: Text = ""
    reference: Text = ""
    company: int | None = None
    party: int | None = None
    currency: int | None = None
    payment_term: int | None = None
    payment_term_date: date | None = None
    lines: tuple[int, ...] = ()
    version: Text = Field(default="", alias="_timestamp")


class WaitingLine(Wire):
    """An invoice line that Tryton made from an order line; loose ones are on no invoice yet."""

    model = "account.invoice.line"
    origin: str | None = None
    quantity: Number = Decimal(0)
    taxes: tuple[int, ...] = ()
    company: int | None = None
    party: int | None = None
    """Of a loose line; one on an invoice is its party's."""
    currency: int | None = None
    product: int | None = None
    invoice: WaitingInvoice | None = Field(default=None, alias="invoice.")


class DueLine(Wire):
    model = "account.move.line"
    payment_blocked: Flag = False


class PayableInvoice(Invoice):
    lines_to_pay: tuple[DueLine, ...] = Field(default=(), alias="lines_to_pay.")


class Note(Wire):
    model = "ir.note"
    message: Text = ""


class HoldRecord(Wire):
    """A hold of the module in `extension/`."""

    model = "account.invoice.hold"
    reason: Text = ""


OF_MODULE: tuple[type[Wire], ...] = (HoldRecord,)
"""What only a server with that module has."""
LOOKED_AT: tuple[type[Wire], ...] = (
    Creditor,
    Defaults,
    ProductCode,
    BilledOrderLine,
    OrderedUnit,
    Shipment,
    DeliveredOrder,
    DraftOrder,
    LedgerCode,
    FullInvoice,
    WaitingLine,
    PayableInvoice,
    Note,
)
"""Every model that a write asks for by itself."""
