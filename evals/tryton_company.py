"""The company that a real Tryton holds in tests: a chart, taxes, suppliers, articles, open years; and the
orders and receipts that other people make while a test runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from evals.tryton_rpc import TrytonRpc

COMPANY = "Noordzee Techniek B.V."
OFFICE = "10010"
TOOLS = "10020"
BLOCKED = "10060"
FIRST_YEAR = 2026
PASSWORD = "a-password-of-the-tests"  # noqa: S105 - a server on this machine that lives for one run
ADMINISTRATOR = "admin"


def make_company(rpc: TrytonRpc, last_year: int) -> None:
    """Fills a fresh database. Fiscal years from FIRST_YEAR to `last_year` are open."""
    currency = _currencies(rpc)
    countries = {
        code: rpc.create("country.country", name=name, code=code)
        for code, name in (("NL", "Netherlands"), ("DE", "Germany"))
    }
    own = rpc.create("party.party", name=COMPANY, code="NZT")
    company = rpc.create("company.company", party=own, currency=currency)
    rpc("res.user.write", [rpc.user_id], {"companies": [["add", [company]]], "company": company})
    rpc.choose_company()
    _chart(rpc, company)
    for year in range(FIRST_YEAR, last_year + 1):
        _fiscal_year(rpc, company, year)
    _ledger(rpc, company)
    _suppliers(rpc, countries)


def _currencies(rpc: TrytonRpc) -> int:
    made = {}
    for code, symbol, rate in (("EUR", "€", "1"), ("USD", "$", "1.25")):
        rates = [["create", [{"date": date(2025, 1, 1), "rate": Decimal(rate)}]]]
        made[code] = rpc.create(
            "currency.currency",
            name=code,
            code=code,
            symbol=symbol,
            digits=2,
            rounding=Decimal("0.01"),
            rates=rates,
        )
    return made["EUR"]


def _chart(rpc: TrytonRpc, company: int) -> None:
    template = rpc.first("account.account.template", ["parent", "=", None])
    wizard = rpc.wizard("account.create_chart.create")[0]
    told: dict[str, Any] = {"account": {"company": company, "account_template": template}}
    rpc.wizard("account.create_chart.execute", wizard, told, "create_account")
    kept = ["party_required", "=", True]
    told["properties"] = {
        "company": company,
        "account_receivable": rpc.first("account.account", ["type.receivable", "=", True], kept),
        "account_payable": rpc.first("account.account", ["type.payable", "=", True], kept),
        "category_account_expense": rpc.first("account.account", ["type.expense", "=", True]),
        "category_account_revenue": rpc.first("account.account", ["type.revenue", "=", True]),
    }
    rpc.wizard("account.create_chart.execute", wizard, told, "create_properties")
    rpc.wizard("account.create_chart.delete", wizard)


def _fiscal_year(rpc: TrytonRpc, company: int, year: int) -> None:
    kinds = {name: rpc.first("ir.sequence.type", ["name", "=", name]) for name in ("Account Move", "Invoice")}
    moves, invoices = (
        rpc.create("ir.sequence.strict", name=f"{name} {year}", sequence_type=kind, company=company)
        for name, kind in kinds.items()
    )
    names = ("out_invoice", "in_invoice", "out_credit_note", "in_credit_note")
    sequences = {"company": company, **{f"{name}_sequence": invoices for name in names}}
    fiscal_year = rpc.create(
        "account.fiscalyear",
        name=str(year),
        company=company,
        start_date=date(year, 1, 1),
        end_date=date(year, 12, 31),
        move_sequence=moves,
        invoice_sequences=[["create", [sequences]]],
    )
    rpc("account.fiscalyear.create_period", [fiscal_year])


def _ledger(rpc: TrytonRpc, company: int) -> None:
    """Two expense accounts, the input tax and its rates, a payment term, articles."""
    expense = rpc.first("account.account", ["type.expense", "=", True])
    debt = rpc.first("account.account", ["type.payable", "=", True])
    kinds = {
        row["id"]: row["type"] for row in rpc.rows("account.account", [["id", "in", [expense, debt]]], "type")
    }
    accounts = {
        code: rpc.create("account.account", name=name, code=code, company=company, type=kinds[kind])
        for code, name, kind in (
            ("4100", "Office costs", expense),
            ("4200", "Services", expense),
        )
    }
    tax_account = rpc.create(
        "account.account", name="Input VAT", code="1520", company=company, type=_tax_type(rpc)
    )
    taxes = {
        name: _tax(rpc, company, name, rate, tax_account) for name, rate in (("S19", "0.19"), ("S7", "0.07"))
    }
    term_line = {"type": "remainder", "relativedeltas": [["create", [{"days": 30}]]]}
    rpc.create("account.invoice.payment_term", name="30 days", lines=[["create", [term_line]]])
    category = rpc.create(
        "product.category",
        name="Bought",
        accounting=True,
        account_expense=accounts["4100"],
        supplier_taxes=[["add", [taxes["S19"]]]],
    )
    unit = rpc.first("product.uom", ["symbol", "=", "u"])
    for code, name, kind in (
        ("BRACKET", "Bracket, steel", "goods"),
        ("VISIT", "Maintenance visit", "service"),
    ):
        rpc.create(
            "product.template",
            name=name,
            code=code,
            type=kind,
            default_uom=unit,
            purchase_uom=unit,
            purchasable=True,
            account_category=category,
            products=[["create", [{}]]],
        )


def _tax_type(rpc: TrytonRpc) -> int:
    wanted = rpc.rows("account.account", [["code", "=", "1.4.1"]], "type")
    return int(wanted[0]["type"])


def _tax(rpc: TrytonRpc, company: int, name: str, rate: str, account: int) -> int:
    return rpc.create(
        "account.tax",
        name=name,
        description=f"{name} input tax",
        type="percentage",
        rate=Decimal(rate),
        company=company,
        invoice_account=account,
        credit_note_account=account,
    )


def _suppliers(rpc: TrytonRpc, countries: Mapping[str, int]) -> None:
    bank = rpc.create("bank", party=rpc.create("party.party", name="Bank", code="BANK"))
    term = rpc.first("account.invoice.payment_term", ["name", "=", "30 days"])
    for code, name, vat, country, iban, active in (
        (OFFICE, "Van Dijk Kantoor B.V.", "NL810462783B01", "NL", "NL64ABNA0417164301", True),
        (TOOLS, "Müller & Söhne Werkzeugbau GmbH", "DE136695976", "DE", "DE62370400440532013001", True),
        (BLOCKED, "Verlopen Handel B.V.", "NL004495445B01", "NL", "NL20INGB0001234567", False),
    ):
        address = {"street": "Keizersgracht 12", "city": "Amsterdam", "country": countries[country]}
        party = rpc.create(
            "party.party",
            name=name,
            code=code,
            supplier_payment_term=term,
            addresses=[["create", [address]]],
            identifiers=[["create", [{"type": "eu_vat", "code": vat}]]],
            contact_mechanisms=[["create", [{"type": "email", "value": f"invoice@{code}.example"}]]],
        )
        number = {"type": "iban", "number": iban}
        rpc.create("bank.account", bank=bank, owners=[["add", [party]]], numbers=[["create", [number]]])
        if not active:
            rpc("party.party.write", [party], {"active": False})


@dataclass(frozen=True)
class Ordered:
    """An order as its buyer sees it."""

    id: int
    number: str
    line_ids: tuple[int, ...]


def order_goods(
    rpc: TrytonRpc,
    *lines: tuple[str, str, str],
    supplier: str = TOOLS,
    invoice_method: str = "manual",
    day: date = date(2026, 3, 2),
) -> Ordered:
    """A confirmed order: `lines` are article, quantity, price. What buyers do; no connector is involved."""
    party = rpc.rows("party.party", [["code", "=", supplier]], "addresses")[0]
    unit = rpc.first("product.uom", ["symbol", "=", "u"])
    tax = rpc.first("account.tax", ["name", "=", "S19"])
    created = [
        {
            "type": "line",
            "product": rpc.first("product.product", ["code", "=", article]),
            "description": f"{article} as agreed",
            "quantity": float(quantity),
            "unit": unit,
            "unit_price": Decimal(price),
            "taxes": [["add", [tax]]],
        }
        for article, quantity, price in lines
    ]
    order = rpc.create(
        "purchase.purchase",
        party=party["id"],
        invoice_address=party["addresses"][0],
        currency=rpc.first("currency.currency", ["code", "=", "EUR"]),
        warehouse=rpc.first("stock.location", ["type", "=", "warehouse"]),
        payment_term=rpc.first("account.invoice.payment_term", ["name", "=", "30 days"]),
        invoice_method=invoice_method,
        purchase_date=day,
        lines=[["create", created]],
    )
    for button in ("quote", "confirm", "process"):
        rpc(f"purchase.purchase.{button}", [order])
    row = rpc.rows("purchase.purchase", [["id", "=", order]], "number", "lines")[0]
    return Ordered(order, row["number"], tuple(row["lines"]))


def receive_goods(rpc: TrytonRpc, order: Ordered, note: str, day: date, **quantities: str) -> None:
    """Books the order's open movements in, or of the articles named as much as is told."""
    moves = rpc.rows(
        "stock.move",
        [["origin.purchase.id", "=", order.id, "purchase.line"], ["state", "=", "draft"]],
        "product.code",
    )
    party = rpc.rows("purchase.purchase", [["id", "=", order.id]], "party", "warehouse")[0]
    places = rpc.rows(
        "stock.location", [["id", "=", party["warehouse"]]], "input_location", "storage_location"
    )[0]
    shipment = rpc.create(
        "stock.shipment.in",
        supplier=party["party"],
        warehouse=party["warehouse"],
        warehouse_input=places["input_location"],
        warehouse_storage=places["storage_location"],
        reference=note,
        effective_date=day,
        incoming_moves=[["add", [move["id"] for move in moves]]],
    )
    for move in moves:
        wanted = quantities.get(move["product."]["code"])
        if wanted is not None:
            rpc("stock.move.write", [move["id"]], {"quantity": float(wanted)})
    for button in ("receive", "do"):
        rpc(f"stock.shipment.in.{button}", [shipment])
