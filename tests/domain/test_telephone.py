"""Telephone numbers in texts: one line in all its spellings, and other lines."""

from __future__ import annotations

import pytest

from tools.domain.telephone import (
    digits_of,
    full_line_among,
    is_same_full_line,
    is_telephone_number,
    numbers_in_markup,
    rings_at,
    same_line,
    telephone_numbers,
)

PLAIN = "0431 5550100"


@pytest.mark.parametrize(
    "spelling",
    [
        "+49 431 5550100",
        "+49 (0)431 5550100",
        "+49 0431 5550100",
        "+490431-5550100",
        "0049 0431 5550100",
        "0049 431/555 01 00",
        "4904315550100",
        "\u0660\u0664\u0663\u0661 \u0665\u0665\u0665\u0660\u0661\u0660\u0660",
        "\uff0b\uff14\uff19 \uff08\uff10\uff09\uff14\uff13\uff11 5550100",
    ],
)
def test_one_line_in_all_its_spellings(spelling: str) -> None:
    assert same_line(spelling, PLAIN) and same_line(PLAIN, spelling)
    assert same_line(spelling, "+49 431 5550100") and is_same_full_line("+49 431 5550100", spelling)
    assert is_telephone_number(spelling)
    (found,) = telephone_numbers(f"Tel. {spelling}.")
    assert same_line(found, PLAIN) and same_line(found, "+49 431 5550100")


@pytest.mark.parametrize("other", ["0431 5550101", "0430 5550100", "+49 4310 550100", "5550100 431"])
def test_another_line_stays_another(other: str) -> None:
    assert not same_line(other, PLAIN)
    assert not is_same_full_line(other, PLAIN)


@pytest.mark.parametrize(
    ("international", "digits"),
    [
        ("+1 (212) 555-0100", "12125550100"),
        ("+353 01 555 0100", "35315550100"),
        ("+44 020 79460000", "442079460000"),
    ],
)
def test_the_zero_behind_any_country_code_goes(international: str, digits: str) -> None:
    assert digits_of(international) == digits


def test_a_number_is_found_through_marks_and_character_names() -> None:
    (found,) = numbers_in_markup("<p>0431 <b>555</b>&nbsp;&#48;1&#x30;0</p>")
    assert rings_at(found, PLAIN)


def test_a_few_digits_of_another_document_are_no_line() -> None:
    assert rings_at(PLAIN, "550100") and not is_same_full_line(PLAIN, "550100")
    assert is_same_full_line(PLAIN, "0431 5550100 12"), "an extension behind a full number"
    assert is_same_full_line(f"{PLAIN} 12", "+49 431 5550100")


def test_one_line_is_found_among_many() -> None:
    many = [str(number) for number in range(4_900_000_000, 4_900_001_000)]
    assert full_line_among(PLAIN, many) is None
    assert full_line_among(f"{PLAIN}-12", [*many, "494315550100"]) == "494315550100"
    assert full_line_among(PLAIN, [*many, "431555010034"]) == "431555010034"
