"""An invoice as it was read, written as UBL 2.1: what stands in it, right or wrong, and nothing computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from tools.domain.documents import AllowanceCharge, Invoice, InvoiceLine, Party, TaxLine
from tools.domain.money import Money

_SPACE = "urn:oasis:names:specification:ubl:schema:xsd:"
_VAT = "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"


def invoice_ubl(invoice: Invoice) -> str:
    """Raises nothing: a field that the invoice lacks is left out."""
    root = "CreditNote" if invoice.is_credit_note else "Invoice"
    parts = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_SPACE}{root}-2"'
        f' xmlns:cac="{_SPACE}CommonAggregateComponents-2" xmlns:cbc="{_SPACE}CommonBasicComponents-2">',
        *_head(invoice, root),
        _party("AccountingSupplierParty", invoice.supplier),
        _party("AccountingCustomerParty", invoice.buyer),
        _within("PayeeParty", _within("PartyName", _basic("Name", invoice.payee_name))),
        _within("Delivery", _basic("ActualDeliveryDate", invoice.supply_date)),
        *_payment(invoice),
        *(_allowance(entry) for entry in invoice.allowances),
        _taxes(invoice),
        _totals(invoice),
        *(_line(root, place, line) for place, line in enumerate(invoice.lines, 1)),
        f"</{root}>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _head(invoice: Invoice, root: str) -> Iterator[str]:
    code = invoice.type_code or ("381" if invoice.is_credit_note else "380")
    yield "<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>"
    yield _basic("ID", invoice.number)
    yield _basic("IssueDate", invoice.issue_date)
    yield _basic("DueDate", invoice.due_date) if root == "Invoice" else ""
    yield f"<cbc:{root}TypeCode>{escape(code)}</cbc:{root}TypeCode>"
    yield from (_basic("Note", note) for note in invoice.notes)
    yield _basic("DocumentCurrencyCode", invoice.currency)
    yield _basic("BuyerReference", invoice.buyer_reference)
    yield _within("OrderReference", _basic("ID", invoice.order_number))
    yield _within(
        "BillingReference", _within("InvoiceDocumentReference", _basic("ID", invoice.preceding_invoice))
    )


def _payment(invoice: Invoice) -> Iterator[str]:
    for account in (*invoice.ibans, *invoice.other_accounts):
        inner = _within("PayeeFinancialAccount", _basic("ID", account))
        yield _within("PaymentMeans", "<cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>" + inner)
    yield _within("PaymentTerms", _basic("Note", invoice.payment_terms))


def _basic(name: str, value: object, attributes: str = "") -> str:
    return (
        "" if value is None or value == "" else f"<cbc:{name}{attributes}>{escape(str(value))}</cbc:{name}>"
    )


def _within(name: str, inner: str) -> str:
    return f"<cac:{name}>{inner}</cac:{name}>" if inner else ""


def _amount(name: str, money: Money | None) -> str:
    return "" if money is None else _basic(name, f"{money.amount:f}", f' currencyID="{money.currency}"')


def _party(role: str, party: Party) -> str:
    address = (
        _basic("StreetName", party.street)
        + _basic("CityName", party.city)
        + _basic("PostalZone", party.postcode)
        + _within("Country", _basic("IdentificationCode", party.country))
    )
    vat = _basic("CompanyID", party.vat_id)
    legal = _basic("RegistrationName", party.name) + _basic("CompanyID", party.registration_id)
    inner = (
        _basic("EndpointID", party.endpoint_id)
        + _within("PartyIdentification", _basic("ID", party.gln, ' schemeID="0088"'))
        + _within("PartyName", _basic("Name", party.trading_name))
        + _within("PostalAddress", address)
        + (_within("PartyTaxScheme", vat + _VAT) if vat else "")
        + _within("PartyLegalEntity", legal)
        + _within("Contact", _basic("ElectronicMail", party.email))
    )
    return _within(role, f"<cac:Party>{inner}</cac:Party>")


def _category(name: str, category: str | None, rate: object) -> str:
    if category is None and rate is None:
        return ""
    return f"<cac:{name}>{_basic('ID', category)}{_basic('Percent', rate)}{_VAT}</cac:{name}>"


def _allowance(entry: AllowanceCharge) -> str:
    inner = (
        _basic("ChargeIndicator", str(entry.is_charge).lower())
        + _basic("AllowanceChargeReason", entry.reason)
        + _amount("Amount", entry.amount)
        + _category("TaxCategory", "S" if entry.tax_rate else None, entry.tax_rate)
    )
    return _within("AllowanceCharge", inner)


def _taxes(invoice: Invoice) -> str:
    rows: Sequence[TaxLine] = invoice.taxes
    return _within("TaxTotal", _amount("TaxAmount", invoice.tax_total) + "".join(map(_tax, rows)))


def _tax(row: TaxLine) -> str:
    inner = (
        _basic("ID", row.category) + _basic("Percent", row.rate) + _basic("TaxExemptionReason", row.reason)
    )
    category = f"<cac:TaxCategory>{inner}{_VAT}</cac:TaxCategory>"
    return _within(
        "TaxSubtotal", _amount("TaxableAmount", row.base) + _amount("TaxAmount", row.amount) + category
    )


def _totals(invoice: Invoice) -> str:
    names = {
        "LineExtensionAmount": invoice.line_total,
        "TaxExclusiveAmount": invoice.net_total,
        "TaxInclusiveAmount": invoice.gross_total,
        "PrepaidAmount": invoice.prepaid,
        "PayableRoundingAmount": invoice.rounding,
        "PayableAmount": invoice.payable,
    }
    return _within("LegalMonetaryTotal", "".join(_amount(name, money) for name, money in names.items()))


def _line(root: str, place: int, line: InvoiceLine) -> str:
    unit = "" if line.unit is None else f' unitCode="{escape(line.unit)}"'
    quantity = "CreditedQuantity" if root == "CreditNote" else "InvoicedQuantity"
    base = "" if line.price_base == 1 else _basic("BaseQuantity", line.price_base, unit)
    order = _within("OrderReference", _basic("ID", line.order_number))
    reference = _basic("LineID", line.order_line_ref or ("NA" if order else None)) + order
    return _within(
        f"{root}Line",
        _basic("ID", line.line_id or place)
        + _basic(quantity, line.quantity, unit)
        + _amount("LineExtensionAmount", line.net_amount)
        + _within("OrderLineReference", reference)
        + _adjusted(line)
        + _within("Item", _item(line))
        + _within("Price", _amount("PriceAmount", line.unit_price) + base if line.unit_price else ""),
    )


def _adjusted(line: InvoiceLine) -> str:
    if line.adjustments is None:
        return ""
    charged = line.adjustments.amount >= 0
    inner = _basic("ChargeIndicator", str(charged).lower()) + _amount("Amount", abs(line.adjustments))
    return _within("AllowanceCharge", inner)


def _item(line: InvoiceLine) -> str:
    gtin = _basic("ID", line.gtin, ' schemeID="0160"')
    return (
        _basic("Name", line.description)
        + _within("BuyersItemIdentification", _basic("ID", line.buyer_item_id))
        + _within("SellersItemIdentification", _basic("ID", line.supplier_item_id))
        + _within("StandardItemIdentification", gtin)
        + _category("ClassifiedTaxCategory", line.tax_category, line.tax_rate)
    )
