"""The standard world's chart of accounts, tax codes, items and exchange rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tools.erp.contract import CostCentre
from tools.erp.sandbox.books import Item, LedgerAccount, Rate, TaxCode

ACCOUNTS = (
    LedgerAccount(number="1000", name="Assets and debts", heading=True, direct_posting=False),
    LedgerAccount(number="1100", name="Bank", direct_posting=False),
    LedgerAccount(number="1300", name="Inventory", direct_posting=False),
    LedgerAccount(number="1520", name="Input VAT", direct_posting=False),
    LedgerAccount(number="1530", name="Output VAT, reverse charge", direct_posting=False),
    LedgerAccount(number="1600", name="Suppliers", direct_posting=False),
    LedgerAccount(number="1610", name="Goods received, not invoiced", direct_posting=False),
    LedgerAccount(number="4000", name="Costs", heading=True, direct_posting=False),
    LedgerAccount(number="4100", name="Office costs"),
    LedgerAccount(number="4200", name="Services"),
    LedgerAccount(number="4300", name="Freight"),
    LedgerAccount(number="4500", name="Representation, old", blocked=True),
    LedgerAccount(number="4910", name="Price differences", direct_posting=False),
    LedgerAccount(number="4920", name="Discounts received", direct_posting=False),
)

COST_CENTRES = (
    CostCentre(code="SALES", name="Sales"),
    CostCentre(code="WORKS", name="Works, hall 2"),
    CostCentre(code="OLD", name="Closed branch", blocked=True),
)

TAX_CODES = (
    TaxCode(code="S21", description="21 %", category="S", rate=Decimal(21), input_account="1520"),
    TaxCode(code="S19", description="19 %", category="S", rate=Decimal(19), input_account="1520"),
    TaxCode(code="S9", description="9 %", category="S", rate=Decimal(9), input_account="1520"),
    TaxCode(code="S0", description="0 %", category="S", rate=Decimal(0)),
    TaxCode(
        code="AE21",
        description="Reverse charge",
        category="AE",
        rate=Decimal(21),
        input_account="1520",
        output_account="1530",
    ),
)


def _item(number: str, description: str, unit: str, price: str, tax_code: str = "S21") -> Item:
    return Item(
        number=number,
        description=description,
        unit=unit,
        inventory_account="1300",
        tax_code=tax_code,
        unit_price=Decimal(price),
    )


ITEMS = (
    _item("BRACKET", "Bracket", "H87", "10.00"),
    _item("SCREW", "Screw", "H87", "0.1234"),
    _item("PAPER", "Paper", "XBX", "4.29", "S9"),
)

RATES = {
    "USD": (Rate(starting=date(2026, 1, 1), rate=Decimal("0.92")),),
    "JPY": (Rate(starting=date(2026, 1, 1), rate=Decimal("0.0061")),),
}
