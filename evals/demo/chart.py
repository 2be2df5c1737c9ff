"""The demo company's accounts, tax codes and exchange rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tools.erp.sandbox.books import CompanySettings, ControlAccounts, LedgerAccount, Rate, TaxCode

COMPANY = "DEMO"
INVENTORY = "1140"
SERVICES = "4100"
DEFAULT_ACCOUNT = "4900"

SETTINGS = CompanySettings(
    company=COMPANY,
    name="Rheinhafen Handels GmbH",
    currency="EUR",
    controls=ControlAccounts(
        payables="1600", gr_ir="1610", price_variance="4910", bank="1200", discount="4920"
    ),
    default_tax_code="VAT19",
)


def _system(number: str, name: str) -> LedgerAccount:
    """An account that only the system posts to."""
    return LedgerAccount(number=number, name=name, direct_posting=False)


def _heading(number: str, name: str) -> LedgerAccount:
    return LedgerAccount(number=number, name=name, heading=True, direct_posting=False)


ACCOUNTS = (
    _heading("1000", "Assets and debts"),
    _system(INVENTORY, "Goods in stock"),
    _system("1200", "Bank"),
    _system("1570", "Input VAT, domestic"),
    _system("1575", "Input VAT, refundable abroad"),
    _system("1577", "Input VAT, reverse charge"),
    _system("1600", "Suppliers"),
    _system("1610", "Goods received, not invoiced"),
    _system("1787", "Output VAT, reverse charge"),
    _heading("4000", "Costs"),
    LedgerAccount(number=SERVICES, name="Services bought in"),
    LedgerAccount(number="4210", name="Rent and operating costs"),
    LedgerAccount(number="4360", name="Insurance"),
    LedgerAccount(number="4530", name="Vehicle costs"),
    LedgerAccount(number="4730", name="Freight inwards"),
    LedgerAccount(number="4800", name="Entertainment, closed account", blocked=True),
    LedgerAccount(number=DEFAULT_ACCOUNT, name="Other operating costs"),
    _system("4910", "Price differences"),
    _system("4920", "Discounts received"),
    LedgerAccount(number="4980", name="Rounding differences"),
)


def _charged(code: str, rate: str, account: str) -> TaxCode:
    return TaxCode(
        code=code, description=f"VAT {rate} %", category="S", rate=Decimal(rate), input_account=account
    )


def _untaxed(code: str, category: str, description: str) -> TaxCode:
    return TaxCode(code=code, description=description, category=category, rate=Decimal(0))


def _self_assessed(code: str, category: str, description: str) -> TaxCode:
    return TaxCode(
        code=code,
        description=description,
        category=category,
        rate=Decimal(19),
        input_account="1577",
        output_account="1787",
    )


TAX_CODES = (
    _charged("VAT19", "19", "1570"),
    _charged("VAT7", "7", "1570"),
    _charged("ABROAD5.5", "5.5", "1575"),
    _charged("ABROAD6", "6", "1575"),
    _charged("ABROAD10", "10", "1575"),
    _charged("ABROAD20", "20", "1575"),
    _charged("ABROAD21", "21", "1575"),
    _charged("ABROAD25", "25", "1575"),
    _untaxed("ZERO", "Z", "Zero rate"),
    _untaxed("EXEMPT", "E", "Exempt"),
    _untaxed("EXPORT", "G", "Export of the supplier"),
    _untaxed("NOTAX", "O", "Outside the scope of VAT"),
    _self_assessed("IC19", "K", "Intra-community supply"),
    _self_assessed("RC19", "AE", "Reverse charge"),
)

TAX_CODE_OF = {
    **{f"S:{code.rate.normalize():f}": code.code for code in TAX_CODES if code.category == "S"},
    "S:0": "ZERO",
    **{f"{code.category}:0": code.code for code in TAX_CODES if code.category != "S"},
}
"""`category:rate` as on an invoice -> our tax code; the settings carry the same table."""

UNITS = tuple("C62 DAY EA GRM H87 HUR KGM LTR MON MTK MTR SET TNE XBC XPK XPP".split())

# Year averages of the European Central Bank's reference rates would differ by year; one rate a currency
# keeps the demo's figures easy to check.
RATES = {
    "USD": (Rate(starting=date(2010, 1, 1), rate=Decimal("0.92")),),
    "GBP": (Rate(starting=date(2010, 1, 1), rate=Decimal("1.17")),),
}
