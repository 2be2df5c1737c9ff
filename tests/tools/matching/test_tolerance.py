"""Limits: the boundary is inside, and breaking either bound is a failure."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from tools.domain.policy import Limit
from tools.matching.tolerance import Bound, broken
from tools.matching.wording import limit_text, percent_text


@pytest.mark.parametrize(
    ("limit", "excess", "expected", "bounds"),
    [
        (Limit(percent=Decimal(5)), "20", "400", ()),
        (Limit(percent=Decimal(5)), "20.01", "400", (Bound.PERCENT,)),
        (Limit(absolute=Decimal(20)), "20", "1", ()),
        (Limit(absolute=Decimal(20)), "20.01", "9999", (Bound.ABSOLUTE,)),
        (Limit(percent=Decimal(5), absolute=Decimal(20)), "21", "400", (Bound.PERCENT, Bound.ABSOLUTE)),
        (Limit(), "0.01", "100", (Bound.ANY,)),
        (Limit(), "0", "100", ()),
        (Limit(unlimited=True), "999", "0", ()),
        (Limit(percent=Decimal(500)), "0.01", "0", (Bound.PERCENT,)),
        (Limit(absolute=Decimal(1)), "0.5", "0", ()),
        (Limit(percent=Decimal(0)), "-3", "100", ()),
    ],
)
def test_a_limit_is_broken_only_beyond_it(
    limit: Limit, excess: str, expected: str, bounds: tuple[Bound, ...]
) -> None:
    assert broken(limit, Fraction(excess), Fraction(expected)) == bounds


def test_percentages_are_told_with_the_digits_they_need() -> None:
    assert percent_text(Fraction(6), Fraction(100)) == "+6.0 %"
    assert percent_text(Fraction(-1), Fraction(3)) == "-33.33 %"
    assert percent_text(Fraction(1), Fraction(0)) == "above zero"
    assert percent_text(Fraction(-1), Fraction(0)) == "below zero"


def test_limits_are_told_in_words() -> None:
    assert limit_text(Limit(percent=Decimal(5), absolute=Decimal(20)), "EUR") == "5 % and 20 EUR"
    assert limit_text(Limit(), "EUR") == "no difference"
