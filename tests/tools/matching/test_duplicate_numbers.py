"""Numbers that were misread, mistyped, or refer to one another."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.builders import SUPPLIER_IBAN, a_credit_note, an_invoice, an_invoice_line
from tests.tools.matching.test_duplicate_rules import DAY, a_case, found
from tools.domain.documents import Party
from tools.domain.identifiers import SupplierId
from tools.matching.document_print import print_of
from tools.matching.invoice_numbers import is_one_apart, lookalike_number, normalise_number

MONTH_AGO = DAY - timedelta(days=30)


@pytest.mark.parametrize(
    ("printed", "running"), [("RE2026-0012", "12"), ("0012/2026", "12"), ("R240017", "R240017")]
)
def test_a_year_may_stand_before_or_behind_the_running_number(printed: str, running: str) -> None:
    assert normalise_number(printed) == running


def test_one_sign_apart_is_changed_lost_added_or_swapped() -> None:
    assert is_one_apart("891", "819") and is_one_apart("891", "8991") and is_one_apart("4891", "489")
    assert not is_one_apart("12", "13") and not is_one_apart("8912", "9821") and not is_one_apart("7", "789")


def test_a_number_one_sign_apart_over_the_same_amount_and_day_blocks() -> None:
    original = a_case(an_invoice(number="RE-891"))
    assert found(an_invoice(number="RE-819"), original) == [("block", "duplicate.number.misread")]
    assert found(an_invoice("80.00", number="RE-819"), original) == []


def test_neighbours_in_a_numbering_are_weaker_and_cleared_by_what_the_lines_say() -> None:
    assert found(an_invoice(number="892"), a_case(an_invoice(number="891"))) == [
        ("warn", "duplicate.number.misread")
    ]
    one, two = (
        an_invoice(number=number, lines=(an_invoice_line(f"Ride on {day}.03.2026"),))
        for number, day in (("892", 12), ("891", 13))
    )
    assert found(one, a_case(two)) == []


def test_a_number_one_sign_apart_another_day_is_suspected_only_out_of_sequence() -> None:
    earlier = an_invoice(number="891", issue_date=MONTH_AGO)
    assert found(an_invoice(number="892"), a_case(earlier)) == []
    assert found(an_invoice(number="819"), a_case(earlier)) == [("warn", "duplicate.number.misread")]
    later = an_invoice(number="819", issue_date=DAY + timedelta(days=30))
    assert found(an_invoice(number="891"), a_case(later)) == [("warn", "duplicate.number.misread")]
    assert found(an_invoice(number="819"), a_case(earlier, stage="rejected")) == []
    undated = an_invoice(number="819", issue_date=None)
    assert found(undated, a_case(earlier)) == [("warn", "duplicate.number.misread")]


def test_letters_read_for_digits_are_the_number() -> None:
    assert lookalike_number("INV-1O34") == lookalike_number("lnv 1034") == "1034"
    original = a_case(an_invoice(number="1034"))
    assert found(an_invoice(number="IO34"), original) == [("block", "duplicate.number.lookalike")]
    assert found(an_invoice("80.00", number="IO34"), original) == [("warn", "duplicate.number.lookalike")]
    far = a_case(an_invoice("80.00", number="1034", issue_date=MONTH_AGO))
    assert found(an_invoice(number="IO34"), far) == []


def test_two_prefixes_with_two_amounts_are_two_series() -> None:
    other = a_case(an_invoice("80.00", number="FV-100", issue_date=MONTH_AGO))
    assert found(an_invoice(number="RE-100"), other) == [("info", "duplicate.series")]


def test_the_same_period_billed_again_weeks_later_is_told() -> None:
    row = an_invoice_line("Rent March 2026", "1", "100.00")
    first = an_invoice(lines=(row,), number="101", issue_date=DAY - timedelta(days=20))
    again = an_invoice(lines=(row,), number="177")
    assert found(again, a_case(first)) == [("warn", "duplicate.period")]
    split = [a_case(first.model_copy(update={"number": n}), f"C-{n}") for n in ("101", "115")]
    assert found(again, *split) == [], "the sender bills this month in several documents"


def test_what_corrects_or_refers_to_another_open_document_is_told() -> None:
    original = an_invoice(number="100", issue_date=MONTH_AGO)
    corrected = an_invoice("90.00", number="207", type_code="384", preceding_invoice="100")
    assert found(original, a_case(corrected)) == [("block", "duplicate.corrected")]
    second = corrected.model_copy(update={"number": "350", "issue_date": DAY + timedelta(days=20)})
    assert found(second, a_case(corrected)) == [("block", "duplicate.corrected")]
    notes = [
        a_credit_note(number=number, preceding_invoice="100", issue_date=day)
        for number, day in (("CN-207", MONTH_AGO), ("CN-350", DAY))
    ]
    assert found(notes[1], a_case(notes[0])) == [("warn", "duplicate.corrected")]
    again = an_invoice(number="207", preceding_invoice="100")
    assert found(again, a_case(original)) == [("warn", "duplicate.corrected")]
    assert found(original, a_case(corrected, stage="rejected")) == []


def test_a_shared_account_suspects_only_with_number_and_amount() -> None:
    seller = Party(name="Shop 24")
    factored = a_case(an_invoice(supplier=seller), supplier_id=SupplierId("777"))
    assert found(an_invoice(), factored) == [("warn", "duplicate.account")]
    assert found(an_invoice("80.00"), factored) == []
    assert found(an_invoice(number="9001"), factored) == []
    assert print_of(an_invoice()).ibans == (SUPPLIER_IBAN,)


def test_a_document_received_for_two_of_our_companies_blocks() -> None:
    sister = a_case(an_invoice(), company="SISTER")
    assert found(an_invoice(), sister) == [("block", "duplicate.company")]
    assert found(an_invoice(number="9001"), sister) == []
    sent_back = a_case(an_invoice(), company="SISTER", stage="rejected")
    assert found(an_invoice(), sent_back) == [("warn", "duplicate.company")]


def test_an_invoice_below_zero_counts_as_money_back() -> None:
    below = an_invoice("-121.00", number="9001", issue_date=date(2026, 3, 16))
    assert print_of(below).is_credit
    assert found(an_invoice(number="9001"), a_case(below)) == [("block", "duplicate.type")]


def test_amounts_in_two_currencies_are_never_the_same() -> None:
    assert found(an_invoice(number="9001"), a_case(an_invoice(currency="USD"))) == []
