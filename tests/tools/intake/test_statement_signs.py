"""Signs, sides and days of a statement: one reader decides, and what it cannot read is left to a person."""

from __future__ import annotations

import pytest

from tests.tools.intake.test_statement_sides import eur, read


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        *(
            (form, "-119.00")
            for form in ("119,00CR", "119,00 CR", "119,00Cr.", "119,00 cr", "119,00-", "-119,00")
        ),
        *(
            (form, "-119.00")
            for form in ("(119,00)", "119,00 H", "119,00H", "119,00 C", "€ 119,00CR", "(€119,00)")
        ),
        *((form, "-119.00") for form in ("119,00 EUR-", "−119,00", "119,00 Haben", "-119,00 CR")),
        *(
            (form, "119.00")
            for form in ("119,00DR", "119,00 Dr.", "119,00 S", "+119,00", "119,00D", "EUR 119,00")
        ),
    ],
)
def test_every_form_of_a_side_is_read_the_same_way(written: str, amount: str) -> None:
    found = read(f"Date;Number;Amount\n01.03.2026;A1;{written}\n02.03.2026;A2;238,00 CR\n")
    assert [line.amount for line in found.lines] == [eur(amount), eur("-238.00")]
    assert not found.unread


@pytest.mark.parametrize(
    "written", ["119,00 USD", "-119,00 DR", "119,00 X", "119,00--", "(119,00", "119,00CR7"]
)
def test_what_contradicts_itself_or_is_no_sign_is_not_understood(written: str) -> None:
    found = read(f"Date;Number;Amount\n01.03.2026;A1;{written}\n")
    assert not found.lines and len(found.unread) == 1


@pytest.mark.parametrize("day", ["99.99.2026", "31.02.2026", "2026-13-45", "45.13.", "20261399"])
def test_a_day_that_does_not_exist_is_not_understood(day: str) -> None:
    found = read(f"Date;Number;Amount\n{day};A1;119,00\n")
    assert not found.lines
    assert found.unread == (f"row 2: {day} A1 119,00 (“{day}” is not a day of the calendar)",)


@pytest.mark.parametrize("day", ["01.03.", "", "heute"])
def test_a_row_with_a_number_may_lack_a_full_date(day: str) -> None:
    (line,) = read(f"Date;Number;Amount\n{day};A1;119,00\n").lines
    assert (line.booked, line.amount) == (None, eur("119.00"))


def test_an_opening_balance_that_cannot_be_read_is_not_taken_for_none() -> None:
    found = read("Date;Type;Number;Amount\n;Saldovortrag;;500,00 X\n05.03.2026;Rechnung;A1;100,00\n")
    assert found.opening is None and len(found.unread) == 1
