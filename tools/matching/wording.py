"""Figures in the words of a finding: amounts, percentages, quantities."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tools.domain.documents import InvoiceLine
from tools.domain.money import Money
from tools.domain.policy import Limit
from tools.domain.units import as_decimal

_SHOWN_PLACES = 6


def money(amount: Fraction | Decimal, currency: str) -> Money:
    """An exact amount as Money, cut after twelve decimals."""
    return Money(amount=as_decimal(Fraction(amount)), currency=currency)


def amount_text(amount: Fraction | Decimal, currency: str) -> str:
    """`10.60 EUR`; more decimals where a unit price has them, at most six."""
    return str(Money(amount=as_decimal(Fraction(amount), _SHOWN_PLACES), currency=currency))


def number_text(value: Fraction | Decimal) -> str:
    """A quantity without trailing zeros."""
    return f"{as_decimal(Fraction(value), _SHOWN_PLACES):f}"


def percent_text(difference: Fraction, expected: Fraction) -> str:
    """`+6.0 %` of what was expected; in words where nothing was expected."""
    if expected == 0:
        return "above zero" if difference > 0 else "below zero"
    share = as_decimal(difference / abs(expected) * 100, 8)
    places = Decimal("0.1") if share == share.quantize(Decimal("0.1")) else Decimal("0.01")
    return f"{share.quantize(places, rounding=ROUND_HALF_UP):+f} %"


def limit_text(limit: Limit, unit: str) -> str:
    """`5 % and 20 EUR`: both bind where both are set."""
    parts = []
    if limit.percent is not None:
        parts.append(f"{limit.percent:f} %")
    if limit.absolute is not None:
        parts.append(f"{limit.absolute:f} {unit}")
    return " and ".join(parts) or "no difference"


def line_name(line: InvoiceLine, index: int) -> str:
    """The line's own number, else its position counted from 1."""
    return line.line_id or str(index + 1)
