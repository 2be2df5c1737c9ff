"""A made-up company with any number of orders and their invoices, for load and crash runs.

The same seed gives the same company. Names, prices and quantities are invented; ids carry valid check
digits only because the program checks them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from stdnum import iban as _iban
from stdnum.de import vat as _vat

from tools.domain.money import round_amount

COMPANY = "MADEUP"
_FIRST = "Nord Süd Ost West Alt Neu Ober Unter Hoch Tief".split()
_SECOND = "berg stein feld wald bach see tal brück hof mark".split()
_TRADE = "Werkzeuge Elektro Papier Logistik Chemie Holz Metall Druck Textil Technik".split()


@dataclass(frozen=True)
class MadeUp:
    """`world` is a world file's content; `invoices` are (file name, UBL text); `accounts` are
    (supplier id, IBAN) that count as verified."""

    world: dict[str, Any]
    invoices: tuple[tuple[str, str], ...]
    accounts: tuple[tuple[str, str], ...]

    def write_inbox(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.invoices:
            (folder / name).write_text(text, encoding="utf-8")
        return folder


@dataclass(frozen=True)
class _Line:
    item: str
    text: str
    quantity: int
    price: Decimal

    @property
    def net(self) -> Decimal:
        return round_amount(self.price * self.quantity, "EUR")


def make_up(
    count: int,
    *,
    suppliers: int = 100,
    lines: int = 3,
    seed: int = 1,
    day: date,
    digits_only: bool = False,
) -> MadeUp:
    """`count` invoices over as many orders, all received in full and at the ordered price. `digits_only`:
    orders, receipts and suppliers are numbered so that every ERP can hold them."""
    source = random.Random(seed)  # noqa: S311 - repeatable, not secret
    firms = [_firm(source, number, "" if digits_only else "V") for number in range(suppliers)]
    items = [
        (f"ART-{number:04d}", f"Part {number:04d}", Decimal(source.randrange(50, 50000)).scaleb(-2))
        for number in range(200)
    ]
    orders, receipts, invoices = [], [], []
    for number in range(count):
        firm = firms[number % suppliers]
        priced = [
            _Line(item, text, source.randrange(1, 100), price)
            for item, text, price in source.sample(items, lines)
        ]
        order = f"{45 if digits_only else 'PO'}{100000 + number}"
        orders.append(_order(order, firm, priced, day))
        receipts.append(_receipt(order, f"{50 if digits_only else 'GR'}{number:06d}", priced, day))
        invoices.append(
            (f"invoice-{number:05d}.xml", _ubl(f"RE-{seed}-{number:05d}", order, firm, priced, day))
        )
    world = {
        **_chart(digits_only),
        "suppliers": [{"supplier": firm["master"]} for firm in firms],
        "orders": orders,
        "receipts": receipts,
        "items": [_item(*item) for item in items],
    }
    return MadeUp(
        world=world,
        invoices=tuple(invoices),
        accounts=tuple((firm["master"]["supplier_id"], firm["iban"]) for firm in firms),
    )


def _firm(source: random.Random, number: int, letter: str) -> dict[str, Any]:
    name = f"{source.choice(_FIRST)}{source.choice(_SECOND)} {source.choice(_TRADE)} {number:03d} GmbH"
    digits = f"{100000000 + source.randrange(90000000):09d}"[:8]
    check = next(d for d in "0123456789" if _vat.is_valid(f"DE{digits}{d}"))
    account = f"{10000000 + number:08d}{source.randrange(10**10):010d}"
    iban = f"DE{_iban.calc_check_digits(f'DE00{account}')}{account}"
    return {
        "iban": iban,
        "vat": f"DE{digits}{check}",
        "name": name,
        "master": {
            "supplier_id": f"{letter}{10000 + number}",
            "name": name,
            "vat_id": f"DE{digits}{check}",
            "street": "Hauptstraße 1",
            "city": "Musterstadt",
            "postcode": "12345",
            "country": "DE",
        },
    }


def _chart(digits_only: bool) -> dict[str, Any]:
    def account(number: str, name: str, direct: bool = False) -> dict[str, Any]:
        return {"number": number, "name": name, "direct_posting": direct}

    return {
        "settings": {
            "company": COMPANY,
            "name": "Made-up company",
            "currency": "EUR",
            "controls": {
                "payables": "1600",
                "gr_ir": "1610",
                "price_variance": "4910",
                "bank": "1100",
                "discount": "4920",
            },
            "default_tax_code": "S19",
            "digits_only": digits_only,
        },
        "units": ["H87"],
        "accounts": [
            account("1100", "Bank"),
            account("1300", "Inventory"),
            account("1520", "Input VAT"),
            account("1600", "Suppliers"),
            account("1610", "Goods received, not invoiced"),
            account("4100", "Office costs", True),
            account("4910", "Price differences"),
            account("4920", "Discounts received"),
        ],
        "tax_codes": [
            {"code": "S19", "description": "19 %", "category": "S", "rate": "19", "input_account": "1520"}
        ],
    }


def _item(number: str, text: str, price: Decimal) -> dict[str, Any]:
    return {
        "number": number,
        "description": text,
        "unit": "H87",
        "inventory_account": "1300",
        "tax_code": "S19",
        "unit_price": str(price),
    }


def _order(number: str, firm: dict[str, Any], lines: list[_Line], day: date) -> dict[str, Any]:
    return {
        "number": number,
        "supplier_id": firm["master"]["supplier_id"],
        "currency": "EUR",
        "state": "open",
        "ordered_on": (day - timedelta(days=20)).isoformat(),
        "lines": [
            {
                "line_id": str(10000 * position),
                "item_number": line.item,
                "description": line.text,
                "unit": "H87",
                "ordered": str(line.quantity),
                "tax_code": "S19",
                "tax_rate": "19",
                "unit_price": {"amount": str(line.price), "currency": "EUR"},
            }
            for position, line in enumerate(lines, start=1)
        ],
    }


def _receipt(order: str, number: str, lines: list[_Line], day: date) -> dict[str, Any]:
    return {
        "number": number,
        "order_number": order,
        "received_on": (day - timedelta(days=5)).isoformat(),
        "lines": [
            {"order_line_id": str(10000 * position), "quantity": str(line.quantity)}
            for position, line in enumerate(lines, start=1)
        ],
    }


def _ubl(number: str, order: str, firm: dict[str, Any], lines: list[_Line], day: date) -> str:
    net = sum((line.net for line in lines), Decimal(0))
    tax = round_amount(net * 19 / 100, "EUR")
    rows = "".join(
        f"<cac:InvoiceLine><cbc:ID>{position}</cbc:ID>"
        f'<cbc:InvoicedQuantity unitCode="H87">{line.quantity}</cbc:InvoicedQuantity>'
        f'<cbc:LineExtensionAmount currencyID="EUR">{line.net}</cbc:LineExtensionAmount>'
        f"<cac:Item><cbc:Name>{line.text}</cbc:Name>"
        f"<cac:BuyersItemIdentification><cbc:ID>{line.item}</cbc:ID></cac:BuyersItemIdentification>"
        f"<cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent>"
        f"<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item>"
        f'<cac:Price><cbc:PriceAmount currencyID="EUR">{line.price}</cbc:PriceAmount></cac:Price>'
        f"</cac:InvoiceLine>"
        for position, line in enumerate(lines, start=1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"'
        ' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
        ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">'
        "<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>"
        f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{day}</cbc:IssueDate>"
        f"<cbc:DueDate>{day + timedelta(days=30)}</cbc:DueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>"
        "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
        f"<cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>"
        f"{_party('AccountingSupplierParty', firm['name'], firm['vat'])}"
        f"{_party('AccountingCustomerParty', 'Made-up company', None)}"
        "<cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode><cac:PayeeFinancialAccount>"
        f"<cbc:ID>{firm['iban']}</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>"
        f'<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{tax}</cbc:TaxAmount><cac:TaxSubtotal>'
        f'<cbc:TaxableAmount currencyID="EUR">{net}</cbc:TaxableAmount>'
        f'<cbc:TaxAmount currencyID="EUR">{tax}</cbc:TaxAmount><cac:TaxCategory><cbc:ID>S</cbc:ID>'
        "<cbc:Percent>19</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>"
        "</cac:TaxSubtotal></cac:TaxTotal><cac:LegalMonetaryTotal>"
        f'<cbc:LineExtensionAmount currencyID="EUR">{net}</cbc:LineExtensionAmount>'
        f'<cbc:TaxExclusiveAmount currencyID="EUR">{net}</cbc:TaxExclusiveAmount>'
        f'<cbc:TaxInclusiveAmount currencyID="EUR">{net + tax}</cbc:TaxInclusiveAmount>'
        f'<cbc:PayableAmount currencyID="EUR">{net + tax}</cbc:PayableAmount></cac:LegalMonetaryTotal>'
        f"{rows}</Invoice>"
    )


def _party(role: str, name: str, vat_id: str | None) -> str:
    tax = (
        ""
        if vat_id is None
        else (
            f"<cac:PartyTaxScheme><cbc:CompanyID>{vat_id}</cbc:CompanyID><cac:TaxScheme>"
            "<cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
        )
    )
    return (
        f"<cac:{role}><cac:Party><cac:PostalAddress><cbc:CityName>Musterstadt</cbc:CityName>"
        "<cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>"
        f"{tax}<cac:PartyLegalEntity><cbc:RegistrationName>{escape(name)}</cbc:RegistrationName>"
        f"</cac:PartyLegalEntity></cac:Party></cac:{role}>"
    )
