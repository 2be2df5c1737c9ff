"""Telephone numbers in texts: one line in all its spellings, and other lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.domain.country_codes import COUNTRY_CODES
from tools.domain.telephone import (
    digits_of,
    full_line_among,
    is_same_full_line,
    is_telephone_number,
    numbers_in_markup,
    printed_number,
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


@settings(deadline=None)
@given(
    code=st.sampled_from(sorted(COUNTRY_CODES)),
    national=st.from_regex(r"[1-9][0-9]{7,9}", fullmatch=True),
    split=st.integers(1, 4),
    place=st.integers(0, 5),
    step=st.integers(1, 9),
)
def test_every_country_code_leaves_the_line_and_its_zeros(
    code: str, national: str, split: int, place: int, step: int
) -> None:
    parted = f"{national[:split]} {national[split:]}"
    forms = [
        f"0{parted}",
        f"+{code} {parted}",
        f"00{code} {parted}",
        f"+{code} (0){parted}",
        f"+{code} 0{parted}",
    ]
    for one in forms:
        assert digits_of(one) in (national, code + national)
        for other in forms:
            assert same_line(one, other) and is_same_full_line(one, other)
            assert printed_number(one, telephone_numbers(f"Tel. {other}")) is not None
    at = len(national) - 1 - place
    changed = f"{national[:at]}{(int(national[at]) + step) % 10}{national[at + 1 :]}"
    assert not any(
        same_line(form, f"0{changed}") or is_same_full_line(form, f"+{code}{changed}") for form in forms
    )


def test_no_country_code_begins_another_one() -> None:
    assert not any(one != two and two.startswith(one) for one in COUNTRY_CODES for two in COUNTRY_CODES)


@pytest.mark.parametrize(
    ("printed", "called"),
    [
        ("030 1234567", "+49 30 1234567"),
        ("020 5551234", "+31 20 5551234"),
        ("020 7946 0018", "+44 20 7946 0018"),
        ("0431 50 0241 0100", "+49 431 50 0241 0100"),
        ("0431\u2022555\u00b701_00", PLAIN),
        ("0431*5550100", PLAIN),
        ("0431,555,01,00", PLAIN),
        ("0431;555;0100", PLAIN),
        ("Tel.04315550100", PLAIN),
        ("Fon0431/5550100x12", PLAIN),
        ("0431/5550100x12", f"{PLAIN} 12"),
        ("\u24ea\u2463\u2462\u2460 \u2464\u2464\u2464 \u24ea\u2460\u24ea\u24ea", PLAIN),
        ("\u24ff\u2779\u2778\u2776 \u277a\u277a\u277a \u24ff\u2776\u24ff\u24ff", PLAIN),
        ("0\ufe0f\u20e34\ufe0f\u20e33\ufe0f\u20e31 5550100", PLAIN),
        ("0431 555\r\n   0100\n", PLAIN),
        ("0431 555\n0100 24103 Kiel", "+49 431 5550100"),
        ("0431 5550100 24103 Kiel", "+49 431 5550100"),
        ("12345678901 0431 55 50 10 0", "+49 431 5550100"),
        ("12345678901234567890 0431 55 50 10 0", "+49 431 5550100"),
        ("0\u200b4\u200b3\u2060 1\u00ad5\u3164550100", PLAIN),
        ("call 0800-NORDBERG today", "0800 66732374"),
        ("0800 NORD BERG", "+49 800 66732374"),
        ("+49 (0) 800 n\u00d6rdberg", "0800 66732374"),
        ("1-800-FLOWERS", "+1 800 356-9377"),
    ],
)
def test_a_number_is_seen_however_it_is_printed(printed: str, called: str) -> None:
    assert printed_number(called, telephone_numbers(f"Kiel\n{printed}")) is not None
    assert printed_number("+49 911 8765432", telephone_numbers(f"Kiel\n{printed}")) is None


def test_a_line_is_found_among_figures_of_other_documents() -> None:
    assert full_line_among("+49 431 5550100", ["431555010024103"]) is not None
    assert full_line_among("+49 431 5550101", ["431555010024103"]) is None


def test_words_and_breaks_that_are_no_number_give_none() -> None:
    assert telephone_numbers("0800 GmbH\n\nPage 12") == ()
    assert telephone_numbers("4711 0815\n") == ("47110815",)
