"""The company as it has to be known before anything can be read, and its units of measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tools.domain.identifiers import CompanyId
from tools.domain.units import UnitMismatch, as_decimal, factor, unit_code


@dataclass(frozen=True)
class Setup:
    """What has to be known of the company before anything can be read."""

    company: CompanyId
    company_id: int
    party_id: int
    """The company's own party: it is nobody's supplier."""
    currency: str
    units: Mapping[str, int]
    """Symbol -> id."""
    currencies: Mapping[str, int]
    taxes: Mapping[str, int]
    """Name -> id, of those that a line may carry."""
    payment_block: str | None = None
    """Name of the party category that stands for a block of payments."""

    def unit_id(self, rec20: str | None) -> int | None:
        """The company's unit for a Rec. 20 code, or for one that counts exactly the same."""
        codes = {symbol: code_of(symbol) for symbol in self.units}
        same = [symbol for symbol, code in codes.items() if code == rec20]
        like = [symbol for symbol, code in codes.items() if rec20 and _is_same(rec20, code)]
        found = min(same or like, default=None)
        return None if found is None else self.units[found]


def code_of(symbol: str) -> str:
    """Tryton calls one piece `u`; a symbol that nobody knows stays what it is."""
    return unit_code(symbol) or symbol or "C62"


def _is_same(left: str, right: str) -> bool:
    try:
        return factor(left, right) == 1
    except UnitMismatch:
        return False


def in_unit(quantity: Decimal, source: str, target: str) -> Decimal:
    """As it is where the units cannot be compared: Tryton keeps them in one category, so our table of units
    is what is missing."""
    if source == target:
        return quantity
    try:
        return as_decimal(Fraction(quantity) * factor(source, target))
    except UnitMismatch:
        return quantity
