"""A model's claims against the records: what no record bears out is struck, what one bears out stays."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.atoms import atoms
from agent.grounding import STRUCK, Records, ground
from evals.grounding import measure

FACTS = Records(
    [
        "Invoice RE-2026-118 of 2026-03-16: 1234.56 EUR, order PO-77 line 10000.",
        "ordered 400 H87 at 0.85 EUR (+8.0 %, limit 2 %), GR000107 on 2026-01-05, 100 pieces missing.",
    ]
)


@pytest.mark.parametrize(
    "text",
    [
        "Die Rechnung über 1.234,56 EUR vom 16. März 2026 gehört zu PO 77.",
        "La facture RE-2026-118 du 16 mars 2026 : 1 234,56 €, soit 8 % de trop.",
        "De factuur van 16-03-2026 rekent € 0,85 per stuk; 100 stuks ontbreken.",
        "On March 16, 2026 they billed 1,234.56 for order po-77; receipt GR000107 came on 5 January.",
        "In January 2026 the goods came, 400 of them, 8.00 percent above; invoice 2026-118.",
        "Es fehlen 100Stück, Zeile 10000, Beleg 000107.",
        "1. First look at PO-77.\n2. Then ask for 100 pieces.",
        "Nothing speaks against it; one or two people may look.",
    ],
)
def test_what_the_records_say_stays_however_it_is_written(text: str) -> None:
    assert ground(text, FACTS).struck == ()
    assert ground(text, FACTS).text == text


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Die Rechnung über 1.234,65 EUR", "1.234,65"),
        ("It came on 17 March 2026.", "17 March 2026"),
        ("Order PO-78 is open.", "PO-78"),
        ("Order PO 78 is open.", "PO 78"),
        ("vijftig stuks ontbreken", "vijftig"),
        ("since February 2026", "February 2026"),
        ("9 percent above", "9"),
        ("GR000108", "GR000108"),
        ("twenty-five pieces", "twenty-five"),
        ("quatre-vingt pièces", "quatre-vingt"),
        ("EUR 77.00 too much", "77.00"),
        ("on 03/16/2027", "03/16/2027"),
    ],
)
def test_what_no_record_says_is_struck_and_told(text: str, claim: str) -> None:
    found = ground(text, FACTS)
    assert found.struck == (claim,)
    assert found.text == text.replace(claim, STRUCK)


def test_a_long_row_of_joined_words_is_read_in_one_go() -> None:
    assert atoms("a-" * 20_000) == []


def test_a_sum_of_true_figures_is_struck() -> None:
    assert ground("Together that is 500 pieces.", FACTS).struck == ("500",)


@given(st.text(max_size=200))
def test_every_text_bears_out_itself(text: str) -> None:
    assert ground(text, Records([text])).struck == ()


@given(st.text(alphabet="0123456789.,-/ PORE%€abc", max_size=60))
def test_nothing_but_claims_is_taken_out(text: str) -> None:
    found = ground(text, Records([]))
    left = [part for part in found.text.split(STRUCK) if part]
    assert len(found.struck) == len(atoms(text)) == found.text.count(STRUCK)
    assert sum(map(len, left)) + sum(map(len, found.struck)) == len(text)


@given(
    value=st.decimals(min_value=Decimal("0.01"), max_value=Decimal("9999999"), places=2),
    marks=st.sampled_from(
        [(".", ","), (",", "."), (" ", ","), ("'", "."), ("\u202f", ","), ("", "."), ("", ",")]
    ),
)
def test_an_amount_is_the_same_amount_in_every_country(value: Decimal, marks: tuple[str, str]) -> None:
    thousands, point = marks
    written = f"{value:,.2f}".translate({ord(","): thousands, ord("."): point})
    other = f"{value + 1:,.2f}".translate({ord(","): thousands, ord("."): point})
    records = Records([f"{value} EUR"])
    assert ground(f"it is {written} in all", records).struck == ()
    assert ground(f"it is {other} in all", records).struck == (other,)


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2089, 12, 31)))
def test_a_date_is_the_same_date_in_every_order(day: date) -> None:
    records = Records([f"dated {day.isoformat()}."])
    forms = (f"{day:%d.%m.%Y}", f"{day:%d/%m/%Y}", f"{day:%m/%d/%Y}", f"{day.day} {day:%B} {day.year}")
    assert [ground(f"on {form}!", records).struck for form in forms] == [()] * 4


def test_true_sentences_stay_and_made_up_claims_go_in_four_languages() -> None:
    report = measure(seed=7, stories=10)
    assert report.true_sentences >= 100
    assert report.fabrications >= 100
    assert report.false_strikes == 0, report.examples
    assert report.missed <= report.fabrications // 100, report.examples
