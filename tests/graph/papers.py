"""The papers of the flow's tests: a small company's world and the documents its suppliers send."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from email.message import EmailMessage
from typing import Any
from xml.sax.saxutils import escape

from tools.domain.money import round_amount

COMPANY = "WERK"
NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
TODAY = NOW.date()

NORD, NORD_NAME, NORD_VAT = "V10001", "Nordberg Werkzeuge GmbH", "DE136695976"
SUED, SUED_NAME, SUED_VAT = "V10002", "Südtal Papier GmbH", "DE811569869"
NORD_IBAN, SUED_IBAN = "DE89370400440532013000", "DE62370400440532013001"
FOREIGN_IBAN = "NL91ABNA0417164300"
"""A valid account that nobody verified."""

PLAIN = "PO100001"
"""10 brackets at 10.00 from Nordberg, all received."""
AWAITED = "PO100002"
"""20 brackets at 10.00 from Nordberg, nothing received."""
PAPER = "PO100003"
"""5 packs of paper at 40.00 from Südtal, all received."""
SHARED = "PO100004"
"""100 brackets at 2.50 from Nordberg, all received."""
LINE = "10000"

Row = tuple[str, str, str, str]
"""Item, text, quantity, price."""
BRACKETS: Row = ("BRACKET", "Bracket", "10", "10.00")


def a_world() -> dict[str, Any]:
    """A world file's content: one company, two suppliers, four orders."""
    received = ((PLAIN, "10"), (PAPER, "5"), (SHARED, "100"))
    return {
        **_chart(),
        "posting_window": {"first_open": "2026-01-01", "last_open": "2026-12-31"},
        "items": [_item("BRACKET", "Bracket", "10.00"), _item("PAPER", "Paper A4", "40.00")],
        "suppliers": [
            {"supplier": _supplier(NORD, NORD_NAME, NORD_VAT, "Kiel")},
            {"supplier": _supplier(SUED, SUED_NAME, SUED_VAT, "Ulm")},
        ],
        "orders": [
            _order(PLAIN, NORD, "BRACKET", "Bracket", "10", "10.00"),
            _order(AWAITED, NORD, "BRACKET", "Bracket", "20", "10.00"),
            _order(PAPER, SUED, "PAPER", "Paper A4", "5", "40.00"),
            _order(SHARED, NORD, "BRACKET", "Bracket", "100", "2.50"),
        ],
        "receipts": [
            {
                "number": f"GR{position:06d}",
                "order_number": order,
                "received_on": "2026-03-10",
                "lines": [{"order_line_id": LINE, "quantity": quantity}],
            }
            for position, (order, quantity) in enumerate(received, start=1)
        ],
    }


def _chart() -> dict[str, Any]:
    names = ("payables", "gr_ir", "price_variance", "bank", "discount")
    return {
        "settings": {
            "company": COMPANY,
            "name": "Werk GmbH",
            "currency": "EUR",
            "controls": dict(zip(names, ("1600", "1610", "4910", "1100", "4920"), strict=True)),
            "default_tax_code": "S19",
        },
        "units": ["H87"],
        "accounts": [
            _account("1100", "Bank"),
            _account("1300", "Inventory"),
            _account("1520", "Input VAT"),
            _account("1600", "Suppliers"),
            _account("1610", "Goods received, not invoiced"),
            _account("4100", "Office costs", direct=True),
            _account("4500", "Freight", direct=True),
            _account("4910", "Price differences"),
            _account("4920", "Discounts received"),
        ],
        "tax_codes": [
            {"code": "S19", "description": "19 %", "category": "S", "rate": "19", "input_account": "1520"}
        ],
    }


def _account(number: str, name: str, *, direct: bool = False) -> dict[str, Any]:
    return {"number": number, "name": name, "direct_posting": direct}


def _item(number: str, text: str, price: str) -> dict[str, Any]:
    return {
        "number": number,
        "description": text,
        "unit": "H87",
        "inventory_account": "1300",
        "tax_code": "S19",
        "unit_price": price,
    }


def _supplier(supplier_id: str, name: str, vat_id: str, city: str) -> dict[str, Any]:
    return {
        "supplier_id": supplier_id,
        "name": name,
        "vat_id": vat_id,
        "city": city,
        "postcode": "12345",
        "country": "DE",
    }


def _order(number: str, supplier_id: str, item: str, text: str, quantity: str, price: str) -> dict[str, Any]:
    line = {
        "line_id": LINE,
        "item_number": item,
        "description": text,
        "unit": "H87",
        "ordered": quantity,
        "tax_code": "S19",
        "tax_rate": "19",
        "unit_price": {"amount": price, "currency": "EUR"},
    }
    return {
        "number": number,
        "supplier_id": supplier_id,
        "currency": "EUR",
        "state": "open",
        "ordered_on": "2026-02-20",
        "lines": [line],
    }


def a_document(
    number: str = "RE-1",
    *,
    order: str | None = PLAIN,
    rows: Sequence[Row] = (BRACKETS,),
    name: str = NORD_NAME,
    vat_id: str | None = NORD_VAT,
    city: str = "Kiel",
    buyer: str = "Werk GmbH",
    iban: str | None = NORD_IBAN,
    notes: Sequence[str] = (),
    preceding: str | None = None,
    day: date = TODAY,
    credit: bool = False,
) -> bytes:
    """A UBL invoice (or credit note) whose totals agree: 10 brackets at 10.00 of order PLAIN."""
    nets = [round_amount(Decimal(quantity) * Decimal(price), "EUR") for _, _, quantity, price in rows]
    net = sum(nets, Decimal(0))
    tax = round_amount(net * 19 / 100, "EUR")
    kind = "CreditNote" if credit else "Invoice"
    head = "".join(
        (
            "<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>",
            f"<cbc:ID>{escape(number)}</cbc:ID><cbc:IssueDate>{day}</cbc:IssueDate>",
            f"<cbc:{kind}TypeCode>{381 if credit else 380}</cbc:{kind}TypeCode>",
            *(f"<cbc:Note>{escape(note)}</cbc:Note>" for note in notes),
            "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>",
            f"<cac:OrderReference><cbc:ID>{escape(order)}</cbc:ID></cac:OrderReference>" if order else "",
            _preceding(preceding) if preceding else "",
            _party("AccountingSupplierParty", name, vat_id, city),
            _party("AccountingCustomerParty", buyer, None, "Bonn"),
            _payment(iban) if iban else "",
        )
    )
    body = "".join(
        _line(kind, position, row, amount)
        for position, (row, amount) in enumerate(zip(rows, nets, strict=True), start=1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<{kind} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{kind}-2"'
        ' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
        ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">'
        f"{head}{_totals(net, tax)}{body}</{kind}>"
    ).encode()


def _money(tag: str, amount: Decimal | str) -> str:
    return f'<cbc:{tag} currencyID="EUR">{amount}</cbc:{tag}>'


def _preceding(number: str) -> str:
    return (
        "<cac:BillingReference><cac:InvoiceDocumentReference>"
        f"<cbc:ID>{escape(number)}</cbc:ID>"
        "</cac:InvoiceDocumentReference></cac:BillingReference>"
    )


def _payment(iban: str) -> str:
    return (
        "<cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode>"
        f"<cac:PayeeFinancialAccount><cbc:ID>{iban}</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>"
    )


def _totals(net: Decimal, tax: Decimal) -> str:
    category = (
        "<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent>"
        "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>"
    )
    return (
        f"<cac:TaxTotal>{_money('TaxAmount', tax)}<cac:TaxSubtotal>{_money('TaxableAmount', net)}"
        f"{_money('TaxAmount', tax)}{category}</cac:TaxSubtotal></cac:TaxTotal>"
        f"<cac:LegalMonetaryTotal>{_money('LineExtensionAmount', net)}{_money('TaxExclusiveAmount', net)}"
        f"{_money('TaxInclusiveAmount', net + tax)}{_money('PayableAmount', net + tax)}"
        "</cac:LegalMonetaryTotal>"
    )


def _line(kind: str, position: int, row: Row, net: Decimal) -> str:
    item, text, quantity, price = row
    word = "Credited" if kind == "CreditNote" else "Invoiced"
    ours = f"<cac:BuyersItemIdentification><cbc:ID>{item}</cbc:ID></cac:BuyersItemIdentification>"
    return (
        f"<cac:{kind}Line><cbc:ID>{position}</cbc:ID>"
        f'<cbc:{word}Quantity unitCode="H87">{quantity}</cbc:{word}Quantity>'
        f"{_money('LineExtensionAmount', net)}<cac:Item><cbc:Name>{escape(text)}</cbc:Name>"
        f"{ours if item else ''}<cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent>"
        "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item>"
        f"<cac:Price>{_money('PriceAmount', price)}</cac:Price></cac:{kind}Line>"
    )


def _party(role: str, name: str, vat_id: str | None, city: str) -> str:
    tax = (
        f"<cac:PartyTaxScheme><cbc:CompanyID>{vat_id}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID>"
        "</cac:TaxScheme></cac:PartyTaxScheme>"
        if vat_id
        else ""
    )
    return (
        f"<cac:{role}><cac:Party><cac:PostalAddress><cbc:CityName>{city}</cbc:CityName>"
        "<cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>"
        f"{tax}<cac:PartyLegalEntity><cbc:RegistrationName>{escape(name)}</cbc:RegistrationName>"
        f"</cac:PartyLegalEntity></cac:Party></cac:{role}>"
    )


def a_mail(
    *documents: bytes, text: str = "Please find our documents attached.", subject: str = "Invoices"
) -> bytes:
    """A mail of the supplier with the documents attached."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "billing@nordberg.example", "ap@werk.example", subject
    mail["Message-ID"], mail["Date"] = "<1@nordberg.example>", "Mon, 16 Mar 2026 08:00:00 +0000"
    mail.set_content(text)
    for position, content in enumerate(documents, start=1):
        mail.add_attachment(
            content, maintype="application", subtype="xml", filename=f"invoice-{position}.xml"
        )
    return mail.as_bytes()
