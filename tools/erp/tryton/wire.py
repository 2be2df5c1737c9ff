"""What is read of Tryton's models, field for field. A name that ends in a point is the record (or the list of
records) behind a relation; the fields to ask for follow from these classes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, TypeVar, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _exact(value: Any) -> Any:
    """A whole quantity comes as an integer from some databases."""
    return Decimal(value) if isinstance(value, int) else value


Number = Annotated[Decimal, BeforeValidator(_exact)]
Text = Annotated[str, BeforeValidator(lambda value: value or "")]
"""Tryton says null for a text that is empty."""
Flag = Annotated[bool, BeforeValidator(bool)]
"""0, 1 and null come from some databases."""


W = TypeVar("W", bound="Wire")


class Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    model: ClassVar[str] = ""
    """Tryton's name of the model."""
    id: int

    @classmethod
    def fields(cls) -> list[str]:
        """The fields to ask for, with points through relations."""
        found: list[str] = []
        for name, field in cls.model_fields.items():
            told = field.alias or name
            inner = behind(field.annotation)
            if inner is None:
                found.append(told)
            else:
                found += [f"{told}{deeper}" for deeper in inner.fields() if deeper != "id"]
        return [name for name in found if name != "id"]


def behind(annotation: Any) -> type[Wire] | None:
    """The class of a related record: of `X`, `X | None` or `tuple[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, Wire):
        return annotation
    if get_origin(annotation) is None:
        return None
    return next((found for part in get_args(annotation) if (found := behind(part)) is not None), None)


class Coded(Wire):
    code: Text = ""


class Country(Coded):
    model = "country.country"


class Currency(Coded):
    model = "currency.currency"


class Unit(Wire):
    model = "product.uom"
    symbol: Text = ""
    factor: Number
    rate: Number
    category: int


class CompanyParty(Wire):
    model = "party.party"
    code: Text = ""
    name: Text = ""


class Company(Wire):
    model = "company.company"
    party: CompanyParty = Field(alias="party.")
    currency: Currency = Field(alias="currency.")


class Identifier(Wire):
    model = "party.identifier"
    type: Text = ""
    code: Text = ""


class Address(Wire):
    model = "party.address"
    street: Text = ""
    city: Text = ""
    postal_code: Text = ""
    country: Country | None = Field(default=None, alias="country.")


class Category(Wire):
    model = "party.category"
    name: Text = ""


class BankNumber(Wire):
    model = "bank.account.number"
    type: Text = ""
    number_compact: Text = ""
    active: Flag = True


class BankAccount(Wire):
    model = "bank.account"
    active: Flag = True
    numbers: tuple[BankNumber, ...] = Field(default=(), alias="numbers.")


class Party(Wire):
    """A supplier. Every party may be one: Tryton has no mark for it."""

    model = "party.party"
    code: Text = ""
    name: Text = ""
    active: Flag = True
    email: Text = ""
    phone: Text = ""
    identifiers: tuple[Identifier, ...] = Field(default=(), alias="identifiers.")
    addresses: tuple[Address, ...] = Field(default=(), alias="addresses.")
    categories: tuple[Category, ...] = Field(default=(), alias="categories.")
    supplier_currency: Currency | None = Field(default=None, alias="supplier_currency.")
    bank_accounts: tuple[BankAccount, ...] = Field(default=(), alias="bank_accounts.")


class Product(Wire):
    model = "product.product"
    code: Text = ""
    type: Text = ""


class TaxChild(Wire):
    model = "account.tax"
    rate: Number | None = None


class Tax(Wire):
    model = "account.tax"
    name: Text = ""
    type: Text = ""
    rate: Number | None = None
    childs: tuple[TaxChild, ...] = Field(default=(), alias="childs.")


class Location(Wire):
    model = "stock.location"
    type: Text = ""


class MovedShipment(Wire):
    """The shipment of a movement: its model is told by the reference, its number by its name."""

    model = ""
    number: Text = ""


class Move(Wire):
    model = "stock.move"
    quantity: Number
    state: Text = ""
    effective_date: date | None = None
    unit: Unit = Field(alias="unit.")
    from_location: Location = Field(alias="from_location.")
    shipment: MovedShipment | None = Field(default=None, alias="shipment.")


class InvoiceState(Wire):
    model = "account.invoice"
    state: Text = ""


class BilledLine(Wire):
    model = "account.invoice.line"
    type: Text = ""
    quantity: Number | None = None
    unit: Unit | None = Field(default=None, alias="unit.")
    invoice: InvoiceState | None = Field(default=None, alias="invoice.")


class OrderLine(Wire):
    model = "purchase.line"
    type: Text = ""
    sequence: int | None = None
    description: Text = ""
    quantity: Number | None = None
    unit_price: Number | None = None
    delivery_date: date | None = None
    unit: Unit | None = Field(default=None, alias="unit.")
    product: Product | None = Field(default=None, alias="product.")
    taxes: tuple[Tax, ...] = Field(default=(), alias="taxes.")
    moves: tuple[Move, ...] = Field(default=(), alias="moves.")
    invoice_lines: tuple[BilledLine, ...] = Field(default=(), alias="invoice_lines.")


class Employee(Wire):
    model = "company.employee"
    rec_name: Text = ""


class PartyCode(Coded):
    model = "party.party"


class Order(Wire):
    model = "purchase.purchase"
    number: Text = ""
    state: Text = ""
    purchase_date: date | None = None
    party: PartyCode = Field(alias="party.")
    currency: Currency = Field(alias="currency.")
    quoted_by: Employee | None = Field(default=None, alias="quoted_by.")
    lines: tuple[OrderLine, ...] = Field(default=(), alias="lines.")


class ChangedOrder(Wire):
    model = "purchase.purchase"
    number: Text = ""


class Invoice(Wire):
    """Header of a supplier invoice; of a credit note the amounts are negative."""

    model = "account.invoice"
    number: Text = ""
    reference: Text = ""
    state: Text = ""
    invoice_date: date | None = None
    accounting_date: date | None = None
    payment_term_date: date | None = None
    untaxed_amount: Number
    tax_amount: Number
    total_amount: Number
    party: PartyCode | None = Field(default=None, alias="party.")
    currency: Currency = Field(alias="currency.")
    version: Text = Field(default="", alias="_timestamp")


class PayableLine(Wire):
    model = "account.move.line"
    debit: Number
    credit: Number
    amount_second_currency: Number | None = None
    second_currency: Currency | None = Field(default=None, alias="second_currency.")
    maturity_date: date | None = None
    move_origin: str | None = None
    party: PartyCode | None = Field(default=None, alias="party.")


class OpenInvoice(Wire):
    model = "account.invoice"
    number: Text = ""
    reference: Text = ""
    invoice_date: date | None = None
    amount_to_pay: Number | None = None
    lines_to_pay: tuple[int, ...] = ()


class AccountType(Wire):
    model = "account.account.type"
    expense: Flag = False
    debt: Flag = False


class LedgerAccount(Wire):
    model = "account.account"
    code: Text = ""
    name: Text = ""
    closed: Flag = False
    balance: Number | None = None
    type: AccountType | None = Field(default=None, alias="type.")


class Period(Wire):
    model = "account.period"
    start_date: date
    end_date: date
    state: Text = ""


class Attachment(Wire):
    model = "ir.attachment"
    name: Text = ""
    data_size: int | None = None


READ: tuple[type[Wire], ...] = (Company, Party, Order, ChangedOrder, Invoice, PayableLine, OpenInvoice)
MASTERS: tuple[type[Wire], ...] = (LedgerAccount, Tax, Unit, Currency, Period, Attachment)
"""Together: every model that a read asks for by itself; the others come behind these."""
