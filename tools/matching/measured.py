"""What a measure found: two values, their unit, and how they came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tools.domain.documents import Invoice
from tools.domain.money import is_currency
from tools.domain.supplier import Supplier
from tools.matching.invoice_lines import BillableLine
from tools.matching.order_lines import OpenLine
from tools.matching.quantities import Burden
from tools.matching.wording import amount_text, number_text


@dataclass(frozen=True, slots=True)
class Measured:
    """`unit` is a currency, a unit of quantity, or words such as `days`."""

    actual: Fraction
    expected: Fraction
    unit: str
    source: str
    """The figures that the two values were computed from."""
    line: BillableLine | None = None
    wanted: OpenLine | None = None

    @property
    def difference(self) -> Fraction:
        return self.actual - self.expected

    def text(self, value: Fraction) -> str:
        """`10.60 EUR` or `12.5 KGM`."""
        if is_currency(self.unit):
            return amount_text(value, self.unit)
        return f"{number_text(value)} {self.unit}"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything of one document that measures look at besides the order line."""

    invoice: Invoice
    burdens: Sequence[Burden] = ()
    """What it bills on each order line, in the order's currency."""
    rest: Sequence[BillableLine] = ()
    """Its lines without an order line."""
    wanted: Sequence[OpenLine] = ()
    """All lines of its orders."""
    supplier: Supplier | None = None
    today: date | None = None
    company_currency: str = "EUR"
    rates: Mapping[str, Fraction] = field(default_factory=dict)
    """Currency -> company currency for one of it."""

    def rate(self, currency: str) -> Fraction | None:
        """Company currency for one of `currency`; None where no rate is known."""
        return Fraction(1) if currency == self.company_currency else self.rates.get(currency)
