"""Exact money, the one rounding, units that convert and units that do not."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tools.domain.money import (
    CurrencyMismatch,
    Money,
    Quantity,
    is_currency,
    minor_unit,
    round_amount,
    total,
)
from tools.domain.units import UnitMismatch, as_decimal, factor, unit_code


def eur(amount: str | int) -> Money:
    return Money.of(amount, "EUR")


@pytest.mark.parametrize("amount", [0.1, True, "NaN", "Infinity", "abc"])
def test_what_is_not_an_exact_number_is_no_amount(amount: Any) -> None:
    with pytest.raises(ValidationError):
        Money.of(amount, "EUR")


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(ValidationError, match="ABC"):
        eur(1).model_validate({"amount": "1", "currency": "ABC"})
    assert is_currency("EUR") and not is_currency("XXX") and not is_currency("ABC")


def test_two_currencies_are_never_added_or_compared() -> None:
    for act in (lambda: eur(1) + Money.of(1, "USD"), lambda: eur(1) < Money.of(1, "USD")):
        with pytest.raises(CurrencyMismatch):
            act()


def test_money_adds_compares_and_multiplies() -> None:
    assert eur("1.10") + eur("2.20") == eur("3.30")
    assert eur("1.10") - eur("2.20") == eur("-1.10")
    assert -eur(1) == eur(-1) and abs(eur(-1)) == eur(1)
    assert eur(2) * 3 == eur(6) and eur(2) * Decimal("0.5") == eur(1)
    assert eur(1) < eur(2) and eur(2) <= eur(2) and not eur(2) < eur(2)
    assert total([eur(1), eur(2)], "EUR") == eur(3) and total([], "EUR") == Money.zero("EUR")


def test_money_is_not_multiplied_by_a_float() -> None:
    factor_: Any = 0.5
    with pytest.raises(TypeError):
        eur(1) * factor_


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("2.345", "EUR", "2.35"),
        ("-2.345", "EUR", "-2.35"),
        ("2.5", "JPY", "3"),
        ("1.2345", "KWD", "1.235"),
        ("1.23455", "CLF", "1.2346"),
        (f"1{'0' * 40}.005", "EUR", f"1{'0' * 40}.01"),
    ],
)
def test_rounding_goes_half_away_from_zero_to_the_minor_unit(
    amount: str, currency: str, rounded: str
) -> None:
    assert round_amount(Decimal(amount), currency) == Decimal(rounded)
    assert Money.of(amount, currency).rounded() == Money.of(rounded, currency)


def test_minor_units_follow_iso_4217() -> None:
    assert [minor_unit(code) for code in ("JPY", "EUR", "KWD", "CLF")] == [0, 2, 3, 4]


def test_amounts_are_shown_with_the_decimals_they_need() -> None:
    assert str(eur("5")) == "5.00 EUR" and str(eur("0.4505")) == "0.4505 EUR"
    assert str(Quantity.of("10.50", "KGM")) == "10.50 KGM"


@given(st.lists(st.decimals(-999999, 999999, places=4), max_size=20))
def test_a_sum_does_not_depend_on_the_order(amounts: list[Decimal]) -> None:
    moneys = [Money.of(amount, "EUR") for amount in amounts]
    assert total(moneys, "EUR") == total(reversed(moneys), "EUR")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("H87", "H87"),
        ("h87", "H87"),
        (" Stk. ", "H87"),
        ("Stunden", "HUR"),
        ("%", "P1"),
        ("XBC", "XBC"),
        ("LH", "LH"),
        ("KWT", "KWT"),
        ("E34", "E34"),
        ("Seiten", "ZP"),
        ("Gebinde", None),
        ("", None),
        ("  ", None),
        (None, None),
    ],
)
def test_unit_words_are_read_and_unknown_ones_are_not_guessed(text: str | None, code: str | None) -> None:
    assert unit_code(text) == code


def test_units_of_one_dimension_convert_exactly() -> None:
    assert factor("TNE", "KGM") == 1000
    assert factor("DZN", "H87") == 12
    assert factor("MIN", "HUR") == Fraction(1, 60)
    assert factor("LH", "HUR") == 1
    assert factor("ONZ", "LBR") == Fraction(1, 16)
    assert factor("YRD", "FOT") == 3
    assert factor("MAW", "KWT") == 1000
    assert factor("BC", "XBC") == 1
    assert factor("Gebinde", "Gebinde") == 1


def test_an_item_s_own_conversion_comes_first() -> None:
    item = {"XCT": Fraction(12), "H87": Fraction(1), "DZN": Fraction(10)}
    assert factor("XCT", "H87", item) == 12
    assert factor("DZN", "H87", item) == 10
    assert factor("TNE", "KGM", item) == 1000


@pytest.mark.parametrize(
    ("source", "target"),
    [("KGM", "H87"), ("XCT", "H87"), ("ABC", "H87"), ("H87", "ABC"), ("XBC", "XCR"), ("KWT", "KWH")],
)
def test_units_that_nothing_relates_do_not_convert(source: str, target: str) -> None:
    with pytest.raises(UnitMismatch):
        factor(source, target)


def test_a_fraction_is_shown_exact_where_it_ends() -> None:
    assert str(as_decimal(Fraction(45, 100))) == "0.45"
    assert str(as_decimal(Fraction(1000))) == "1000"
    assert as_decimal(Fraction(1, 3), 4) == Decimal("0.3333")
    assert as_decimal(Fraction(10**40 + 1)) == Decimal(10**40 + 1)
