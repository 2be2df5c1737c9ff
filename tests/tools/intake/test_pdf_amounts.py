"""Numbers and their decimal convention."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tools.intake.pdf_amounts import (
    Convention,
    convention_of,
    numerals,
    read,
    read_number,
    usual_convention,
)
from tools.intake.pdf_lines import Cell, cell_of
from tools.intake.pdf_words import Box, Word

POINT, COMMA = Convention.POINT, Convention.COMMA


def a_cell(text: str, gap: float = 2.5) -> Cell:
    words, x = [], 0.0
    for part in text.split():
        width = 5.0 * len(part)
        words.append(Word(part, Box(x, 0, x + width, 10), 1))
        x += width + gap
    return cell_of(words, 0)


@pytest.mark.parametrize(
    ("raw", "convention", "value"),
    [
        ("12,34", None, "12.34"),
        ("12.34", None, "12.34"),
        ("1.234,56", None, "1234.56"),
        ("1,234.56", None, "1234.56"),
        ("1.234.567", None, "1234567"),
        ("1'234.50", None, "1234.50"),
        ("1’234.5", None, "1234.5"),
        ("1 234,56", None, "1234.56"),
        ("0,500", None, "0.500"),
        ("1234.567", None, "1234.567"),
        ("12,3456", None, "12.3456"),
        ("1,23,456.00", None, "123456.00"),
        ("42", None, "42"),
        ("1.234", COMMA, "1234"),
        ("1.234", POINT, "1.234"),
        ("1,234", POINT, "1234"),
        ("1,234", COMMA, "1.234"),
    ],
)
def test_a_number_is_read_as_printed(raw: str, convention: Convention | None, value: str) -> None:
    assert read_number(raw, convention) == Decimal(value)


@pytest.mark.parametrize("raw", ["1.234", "12,500", "999.999"])
def test_one_sign_before_three_digits_stays_unread_without_a_convention(raw: str) -> None:
    assert read_number(raw, None) is None


@pytest.mark.parametrize("raw", ["1.23.4", "12.34,567,8", "1,2345,678.00"])
def test_badly_grouped_numbers_are_not_read(raw: str) -> None:
    assert read_number(raw, None) is None


def test_a_currency_without_decimals_makes_the_sign_a_group() -> None:
    assert read_number("12,345", None, "JPY") == 12345


@pytest.mark.parametrize(
    ("raws", "convention"),
    [
        (["1.234", "12,50"], COMMA),
        (["1,234", "12.50"], POINT),
        (["1.234", "5.678"], None),
        (["12.50", "12,50"], None),
        (["1.50", *["2,50"] * 5], COMMA),
        ([], None),
    ],
)
def test_all_numbers_of_a_document_decide_together(raws: list[str], convention: Convention | None) -> None:
    assert convention_of(raws) is convention


@pytest.mark.parametrize(
    ("language", "currency", "convention"),
    [
        ("de", "EUR", COMMA),
        ("en", "USD", POINT),
        ("en", "EUR", None),
        ("de", "CHF", None),
        (None, "EUR", None),
        ("nl", None, None),
    ],
)
def test_language_and_currency_decide_only_where_habits_are_one(
    language: str | None, currency: str | None, convention: Convention | None
) -> None:
    assert usual_convention(language, currency) is convention


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1 234,56 €", ["1234.56"]),
        ("€ 12,50", ["12.50"]),
        ("$1,002.00", ["1002.00"]),
        ("-20,48 €", ["-20.48"]),
        ("- 20,48", ["-20.48"]),
        ("20,48-", ["-20.48"]),
        ("(1,200.00)", ["-1200.00"]),
        ("100,- EUR", ["100"]),
        ("EUR100.00", ["100.00"]),
        ("CHF 1'234.50", ["1234.50"]),
        ("ABC123 M-01 12.03.2026 4711a", []),
        ("7% von 129,37", ["7", "129.37"]),
    ],
)
def test_numbers_are_found_in_text_with_sign_and_currency(text: str, values: list[str]) -> None:
    assert [read(one, None) for one in numerals(a_cell(text))] == [Decimal(value) for value in values]


def test_a_wide_gap_keeps_a_quantity_apart_from_the_price_behind_it() -> None:
    assert [one.raw for one in numerals(a_cell("2 100,00", gap=8))] == ["2", "100,00"]


@pytest.mark.parametrize(
    ("text", "currency"), [("12,50 €", "EUR"), ("£9.00", "GBP"), ("kr 5,00", "kr"), ("12,50", None)]
)
def test_the_sign_beside_a_number_is_its_currency(text: str, currency: str | None) -> None:
    assert next(numerals(a_cell(text))).currency == currency


def test_a_percentage_is_marked() -> None:
    assert [one.percent for one in numerals(a_cell("21 % 5% 100,00"))] == [True, True, False]
