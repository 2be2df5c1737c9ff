"""Short codes as SAP has them for what the sandbox company's books name at length."""

from __future__ import annotations

from collections.abc import Iterator
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
_ITEM_DIGITS = 5
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

    def item(self, order: str | None, line_id: str | None) -> str:
        """The item number, five digits with leading zeros, of an order's line in the books."""
        card = self._books.orders.get(order or "")
        lines = [line.line_id for line in card.order.lines] if card is not None else []
        return _item_numbers(lines)[line_id or ""]

    def line_id(self, order: str | None, item: str | None) -> str:
        """The books' line; an item that the order lacks is handed back as it is, without leading zeros."""
        card = self._books.orders.get(order or "")
        lines = [line.line_id for line in card.order.lines] if card is not None else []
        asked = (item or "").zfill(_ITEM_DIGITS)
        named = (line for line, number in _item_numbers(lines).items() if number == asked)
        return next(named, (item or "").lstrip("0"))

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


def _item_numbers(line_ids: list[str]) -> dict[str, str]:
    """Line -> item number: its own where that has at most five digits, else the next one after those before,
    in SAP's steps of ten. An order only grows at its end, so a number once given stays."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for line in line_ids:
        own = line.zfill(_ITEM_DIGITS) if line.isascii() and line.isdigit() else ""
        fits = len(own) == _ITEM_DIGITS and own not in taken
        found[line] = (
            own if fits else next(item for item in _after(max(taken, default="")) if item not in taken)
        )
        taken.add(found[line])
    return found


def _after(item: str) -> Iterator[str]:
    """Tens above the item; where there is no more room, any number from the first."""
    most = 10**_ITEM_DIGITS
    start = int(item or "0") // 10 * 10 + 10
    yield from (f"{number:05d}" for number in range(start, most, 10))
    yield from (f"{number:05d}" for number in range(1, most))


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
