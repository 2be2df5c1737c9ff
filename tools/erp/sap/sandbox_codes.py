"""Short codes as SAP has them for what the sandbox company's books name at length."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tools.domain.money import round_amount
from tools.domain.supplier import SupplierBlock
from tools.erp.sandbox.books import PurchaseDocument
from tools.erp.sandbox.company import Company

PLANT, STORAGE, PURCHASING, GROUP, CHART = "1010", "101A", "1010", "001", "YCOA"
CONTROLLING = "A000"
_UNITS = {
    "H87": "PC",
    "C62": "EA",
    "XBX": "BOX",
    "KGM": "KG",
    "HUR": "H",
    "LTR": "L",
    "MTR": "M",
    "XCT": "CAR",
}
"""Unit codes as a company names them; others are named like the international code."""
BLOCK_OF_HOLD = {"PRICE": "R", "QUANTITY": "R", "DATE": "R", "QUALITY": "R"}
"""What the books call a hold by its reason is the system's block; every other one a person set."""
BLOCKED = {SupplierBlock.NONE: "", SupplierBlock.PAYMENT: "A", SupplierBlock.ALL: "A"}


class Codes:
    """Tax codes of two characters and units of three, both ways; item numbers of five digits."""

    def __init__(self, company: Company) -> None:
        self._books = company.books
        self._tax = _short_codes(list(company.books.tax_codes))
        self._long = {short: code for code, short in self._tax.items()}

    @property
    def tax_codes(self) -> dict[str, str]:
        """The books' code -> SAP's."""
        return dict(self._tax)

    def tax(self, code: str | None) -> str:
        return "" if code is None else self._tax[code]

    def tax_code(self, short: str) -> str | None:
        """The books' code; None for one that is not set up."""
        return self._long.get(short)

    def unit(self, rec20: str | None) -> str:
        return "" if rec20 is None else _UNITS.get(rec20, rec20)

    def rec20(self, code: str) -> str | None:
        return next((unit for unit in self._books.units if self.unit(unit) == code), None)

    @property
    def units(self) -> dict[str, str]:
        """SAP's unit -> the international code, for all that are set up."""
        return {self.unit(rec20): rec20 for rec20 in self._books.units}


def _short_codes(codes: list[str]) -> dict[str, str]:
    """Codes of two characters stay; the others get free ones, in their order."""
    kept = {code: code for code in codes if len(code) <= 2}
    free = (f"{letter}{digit}" for letter in "VWXYZ" for digit in "0123456789ABCDEF")
    for code in codes:
        if code not in kept:
            kept[code] = next(short for short in free if short not in kept.values())
    return kept


def item_number(line_id: str) -> str:
    """Five digits with leading zeros. Raises LookupError for a line that SAP could not number."""
    if not line_id.isdigit() or len(line_id) > 5:
        raise LookupError(f"{line_id} is no item number of a purchase order")
    return line_id.zfill(5)


def line_id(item: str) -> str:
    return item.lstrip("0")


def fiscal_year(document: PurchaseDocument, today: date) -> str:
    return f"{(document.posting_date or document.invoice_date or today).year}"


def object_key(number: str, year: str) -> str:
    """How an invoice is named by other applications: ten digits and the year."""
    return f"{number.zfill(10)}{year}"


def priced(amount: Decimal, base: Decimal) -> tuple[Decimal, Decimal]:
    """Price and price unit with at most three decimals; a finer price counts for more units."""
    while amount != amount.quantize(Decimal("0.001")) and base < 10000:
        amount, base = amount * 10, base * 10
    return round_amount(amount, "KWD"), base  # a currency of three decimals


def full(amount: Decimal) -> Decimal:
    """Without an exponent and without zeros at the end beyond two decimals."""
    plain = amount.normalize()
    return plain.quantize(Decimal("0.01")) if plain == plain.quantize(Decimal("0.01")) else plain
