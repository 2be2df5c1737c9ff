"""The company as it has to be known before anything can be read, and its units of measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tools.domain.identifiers import CompanyId
from tools.domain.units import UnitMismatch, as_decimal, factor, unit_code
from tools.erp.errors import ErpRejected
from tools.erp.tryton.wire import Unit


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


def in_unit(quantity: Decimal, source: Unit, target: Unit) -> Decimal:
    """By Tryton's own factors, which a company may define for its boxes and rolls too. Raises ErpRejected for
    units of different categories: Tryton lets nobody enter that."""
    if source.id == target.id:
        return quantity
    if source.category != target.category:
        raise ErpRejected(
            f"Tryton holds quantities of one order line in {source.symbol} and in {target.symbol}, "
            "which are not of one category; settle it there",
            field="unit",
        )
    return as_decimal(Fraction(quantity) * _base(source) / _base(target))


def _base(unit: Unit) -> Fraction:
    """How many of its category's base unit one is: `factor`, and 1 / `rate`. Tryton rounds one of them to 12
    decimals: the one with fewer digits is meant."""
    if unit.factor <= 0 or unit.rate <= 0:
        raise ErpRejected(f"Tryton's unit {unit.symbol} has no factor", field="unit")
    factor, rate = Fraction(unit.factor), Fraction(unit.rate)
    return 1 / rate if rate.denominator < factor.denominator else factor
