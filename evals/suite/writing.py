"""Writes documents for cases: an invoice or credit note as UBL, from a few words about its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.sax.saxutils import escape

from tools.domain.documents import DocumentType
from tools.domain.money import Currency, Exact, round_amount
from tools.domain.record import Record

_SPACES = (
    "urn:oasis:names:specification:ubl:schema:xsd:{root}-2",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
)
_TERM = timedelta(days=30)
_MOST_DIGITS = 9


class WrittenLine(Record):
    item: str = ""
    """The buyer's item number; empty: none is printed."""
    text: str
    quantity: Exact
    unit: str = "H87"
    price: Exact
    base: Exact = Decimal(1)
    """Quantity that the price is for."""
    category: str = "S"
    rate: Exact = Decimal(19)
    order: str = ""
    """Order the line names; empty: none."""
    order_line: str = ""

    @property
    def unrounded(self) -> Decimal:
        return self.quantity * self.price / self.base

    @classmethod
    def of(cls, told: str, texts: Mapping[str, tuple[str, str]]) -> WrittenLine:
        """`ITEM:QUANTITY:PRICE`; `texts` says an item's description and unit. Of a company that keeps no
        items the first word is a description itself. Raises ValueError."""
        name, _, rest = told.partition(":")
        quantity, _, price = rest.partition(":")
        text, unit = texts.get(name, (name, "C62"))
        try:
            amounts = Decimal(quantity), Decimal(price)
        except InvalidOperation:
            amounts = Decimal("NaN"), Decimal("NaN")
        if not all(amount.is_finite() for amount in amounts) or not (name.strip() and name.isprintable()):
            raise ValueError(f"{told!r}: write ITEM:QUANTITY:PRICE, such as W-100:10:129.00")
        if texts and name not in texts:
            raise ValueError(
                f"{told!r}: the company knows no item {name}; it knows {', '.join(sorted(texts))}"
            )
        if fault := _unwritable(*amounts):
            raise ValueError(f"{told!r}: {fault}")
        return cls(
            item=name if name in texts else "", text=text, unit=unit, quantity=amounts[0], price=amounts[1]
        )


def _unwritable(quantity: Decimal, price: Decimal) -> str:
    """Why no line can say so, in words; empty: one can. The decimals are those that every ERP here keeps or
    can make up for: SAP's quantities have three, Business Central's prices five."""
    if quantity <= 0:
        return "a quantity is above zero"
    for word, number, most in (("quantity", quantity, 3), ("price", price, 5)):
        if number and number.adjusted() >= _MOST_DIGITS:
            return f"a {word} has up to {_MOST_DIGITS} digits before its point"
        if -int(number.normalize().as_tuple().exponent) > most:
            return f"a {word} has up to {most} decimals"
    return ""


class WrittenDocument(Record):
    """Whatever is empty is not printed."""

    number: str
    type: DocumentType = DocumentType.INVOICE
    issued: date
    currency: Currency = "EUR"
    supplier: Mapping[str, Any]
    """As the master data have it."""
    buyer: str
    lines: tuple[WrittenLine, ...]
    order: str = ""
    preceding: str = ""
    iban: str = ""
    note: str = ""
    charge: Exact = Decimal(0)
    """Freight or the like on the whole document, taxed as the first line."""
    charge_reason: str = "Freight"

    @property
    def sums(self) -> dict[tuple[str, Decimal], Decimal]:
        """(category, rate) -> what is taxed by it."""
        found: dict[tuple[str, Decimal], Decimal] = {}
        for line in self.lines:
            key = (line.category, line.rate)
            found[key] = found.get(key, Decimal(0)) + self.net_of(line)
        if self.charge:
            first = (self.lines[0].category, self.lines[0].rate)
            found[first] += self.charge
        return found

    def net_of(self, line: WrittenLine) -> Decimal:
        return round_amount(line.unrounded, self.currency)

    @property
    def net(self) -> Decimal:
        return sum(self.sums.values(), Decimal(0))

    @property
    def tax(self) -> Decimal:
        taxes = (round_amount(base * rate / 100, self.currency) for (_, rate), base in self.sums.items())
        return sum(taxes, Decimal(0))


def ubl(document: WrittenDocument) -> str:
    """The document as UBL 2.1, one element a line."""
    root = "CreditNote" if document.type is DocumentType.CREDIT_NOTE else "Invoice"
    code = {DocumentType.CREDIT_NOTE: "381"}.get(document.type, "380")
    main, aggregate, basic = (space.format(root=root) for space in _SPACES)
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<{root} xmlns="{main}" xmlns:cac="{aggregate}" xmlns:cbc="{basic}">',
        "<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>",
        _basic("ID", document.number),
        _basic("IssueDate", document.issued),
        _basic("DueDate", document.issued + _TERM) if root == "Invoice" else "",
        f"<cbc:{root}TypeCode>{code}</cbc:{root}TypeCode>",
        _basic("Note", document.note),
        _basic("DocumentCurrencyCode", document.currency),
        _reference("OrderReference", document.order),
        _preceding(document.preceding),
        _party("AccountingSupplierParty", document.supplier),
        _party("AccountingCustomerParty", {"name": document.buyer, "country": "DE"}),
        _account(document.iban),
        _charge(document),
        *_taxes(document),
        *_totals(document),
        *(_line(document, root, place, line) for place, line in enumerate(document.lines, 1)),
        f"</{root}>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _basic(name: str, value: object, attributes: str = "") -> str:
    text = escape(str(value))
    return f"<cbc:{name}{attributes}>{text}</cbc:{name}>" if text else ""


def _reference(name: str, order: str) -> str:
    return f"<cac:{name}>{_basic('ID', order)}</cac:{name}>" if order else ""


def _preceding(number: str) -> str:
    inner = _reference("InvoiceDocumentReference", number)
    return f"<cac:BillingReference>{inner}</cac:BillingReference>" if number else ""


def _party(role: str, party: Mapping[str, Any]) -> str:
    address = (
        _basic("StreetName", party.get("street", ""))
        + _basic("CityName", party.get("city", ""))
        + _basic("PostalZone", party.get("postcode", ""))
        + f"<cac:Country>{_basic('IdentificationCode', party.get('country', 'DE'))}</cac:Country>"
    )
    vat, scheme = party.get("vat_id", ""), "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
    tax = f"<cac:PartyTaxScheme>{_basic('CompanyID', vat)}{scheme}</cac:PartyTaxScheme>" if vat else ""
    name = _basic("RegistrationName", party["name"])
    return (
        f"<cac:{role}><cac:Party><cac:PostalAddress>{address}</cac:PostalAddress>{tax}"
        f"<cac:PartyLegalEntity>{name}</cac:PartyLegalEntity></cac:Party></cac:{role}>"
    )


def _account(iban: str) -> str:
    inner = f"<cac:PayeeFinancialAccount>{_basic('ID', iban)}</cac:PayeeFinancialAccount>"
    return f"<cac:PaymentMeans>{_basic('PaymentMeansCode', 58)}{inner}</cac:PaymentMeans>" if iban else ""


def _amount(name: str, amount: Decimal, currency: str) -> str:
    return _basic(name, amount, f' currencyID="{currency}"')


def _category(name: str, category: str, rate: Decimal) -> str:
    scheme = "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
    return f"<cac:{name}>{_basic('ID', category)}{_basic('Percent', rate)}{scheme}</cac:{name}>"


def _charge(document: WrittenDocument) -> str:
    if not document.charge:
        return ""
    first = document.lines[0]
    return (
        f"<cac:AllowanceCharge>{_basic('ChargeIndicator', 'true')}"
        f"{_basic('AllowanceChargeReason', document.charge_reason)}"
        f"{_amount('Amount', document.charge, document.currency)}"
        f"{_category('TaxCategory', first.category, first.rate)}</cac:AllowanceCharge>"
    )


def _taxes(document: WrittenDocument) -> Sequence[str]:
    currency = document.currency
    parts = ["<cac:TaxTotal>", _amount("TaxAmount", document.tax, currency)]
    for (category, rate), base in document.sums.items():
        tax = round_amount(base * rate / 100, currency)
        parts.append(
            f"<cac:TaxSubtotal>{_amount('TaxableAmount', base, currency)}"
            f"{_amount('TaxAmount', tax, currency)}"
            f"{_category('TaxCategory', category, rate)}</cac:TaxSubtotal>"
        )
    return [*parts, "</cac:TaxTotal>"]


def _totals(document: WrittenDocument) -> Sequence[str]:
    net, gross, currency = document.net, document.net + document.tax, document.currency
    return [
        "<cac:LegalMonetaryTotal>",
        _amount("LineExtensionAmount", net - document.charge, currency),
        _amount("TaxExclusiveAmount", net, currency),
        _amount("TaxInclusiveAmount", gross, currency),
        _amount("ChargeTotalAmount", document.charge, currency) if document.charge else "",
        _amount("PayableAmount", gross, currency),
        "</cac:LegalMonetaryTotal>",
    ]


def _line(document: WrittenDocument, root: str, place: int, line: WrittenLine) -> str:
    quantity = "CreditedQuantity" if root == "CreditNote" else "InvoicedQuantity"
    base = _basic("BaseQuantity", line.base, f' unitCode="{line.unit}"') if line.base != 1 else ""
    order = _reference("OrderReference", line.order)
    if line.order or line.order_line:
        at = _basic("LineID", line.order_line or place)
        order = f"<cac:OrderLineReference>{at}{order}</cac:OrderLineReference>"
    item = _basic("Name", line.text)
    if line.item:
        item += f"<cac:BuyersItemIdentification>{_basic('ID', line.item)}</cac:BuyersItemIdentification>"
    return (
        f"<cac:{root}Line>{_basic('ID', place)}"
        + _basic(quantity, line.quantity, f' unitCode="{line.unit}"')
        + _amount("LineExtensionAmount", document.net_of(line), document.currency)
        + order
        + f"<cac:Item>{item}{_category('ClassifiedTaxCategory', line.category, line.rate)}</cac:Item>"
        + f"<cac:Price>{_amount('PriceAmount', line.price, document.currency)}{base}</cac:Price>"
        + f"</cac:{root}Line>"
    )
