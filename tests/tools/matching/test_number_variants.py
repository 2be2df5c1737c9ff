"""One invoice number in the spellings of suppliers, clerks and scanners; and numbers that are two."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.builders import SUPPLIER, a_posting, an_invoice, eur
from tests.tools.matching.test_duplicate_rules import DAY, a_case, found
from tools.matching.document_print import print_of
from tools.matching.duplicate_keys import register_keys, search_keys
from tools.matching.invoice_numbers import is_same_number, lookalike_numbers, normalise_number, spellings
from tools.matching.number_readings import dated_numbers
from tools.matching.number_words import revision_of

SPELLINGS = [
    "RE-2026-0017",
    "RE-2026-0017-R1",
    "RE-2026-0017 V2",
    "RE-2026-0017 Rev. 2",
    "RE-2026-0017-00",
    "RE-2026-0017 (2)",
    "RE-26-0017",
    "RE 26/17",
    "2026RE0017",
    "RE20260017",
    "RE260017",
    "20260017",
    "2026-0017",
    "2026/17",
    "0017/2026",
    "00172026",
    "RE-0017/26",
    "BELEG-2026-0017",
    "Beleg-Nr. 2026-0017",
    "ReNr 2026-0017",
    "Rechnungsnummer: 2026/0017",
    "Facture n\u00ba 2026-0017",
    "RE|2026|0017",
    "RE-\u0662\u0660\u0662\u0666-\u0660\u0660\u0661\u0667",
    "\uff12\uff10\uff12\uff16-\uff10\uff10\uff11\uff17",
]


@pytest.mark.parametrize(("one", "two"), list(combinations(SPELLINGS, 2)))
def test_two_spellings_of_one_number_are_found_and_block(one: str, two: str) -> None:
    assert is_same_number(one, two) and is_same_number(two, one)
    mine, theirs = an_invoice(number=one), an_invoice(number=two)
    assert found(mine, a_case(theirs))[0][0] == "block"
    other_amount = print_of(an_invoice("80.00", number=two, lines=(), order_number=None))
    assert search_keys(print_of(mine), SUPPLIER) & register_keys(other_amount, SUPPLIER)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("RE-2026-0017", "RE-2025-0017"),
        ("RE-26-0017", "RE-25-0017"),
        ("20260017", "20250017"),
        ("20260017", "2026-0018"),
        ("RE-26-0017", "RE-2026-0018"),
        ("4711-12", "4711-13"),
        ("4711-01", "4711-02"),
        ("2026-R1", "2026-R2"),
        ("2026-V1", "2026-V2"),
        ("20262025", "20252026"),
        ("100", "100-000"),
        ("AB-2026-0017", "AC-2026-0017"),
        ("2026AB0017", "2026AC0017"),
        ("R240017", "R250017"),
    ],
)
def test_numbers_of_one_series_stay_apart(one: str, two: str) -> None:
    assert dated_numbers(one).isdisjoint(dated_numbers(two))
    mine, theirs = an_invoice("80.00", number=one), an_invoice(number=two, issue_date=DAY.replace(month=1))
    assert [entry for entry in found(mine, a_case(theirs)) if entry[0] != "info"] == []


@pytest.mark.parametrize(
    ("number", "running"),
    [
        ("BELEG-17", "17"),
        ("ReNr0017", "17"),
        ("Re.-Nr. 17", "17"),
        ("INVNO 17", "17"),
        ("17-R1", "17"),
        ("17 rev 3", "17"),
        ("2026RE0017", "17"),
        ("2026AB0017", "2026AB0017"),
        ("R240017", "R240017"),
        ("2026-R1", "R1"),
        ("V2", "V2"),
        ("(2)", "2"),
    ],
)
def test_what_is_not_the_number_goes_and_the_number_stays(number: str, running: str) -> None:
    assert normalise_number(number) == running


def test_a_bar_parts_a_number_or_was_a_one() -> None:
    assert lookalike_numbers("20|7") == {"207", "2017"}
    assert found(an_invoice(number="34|7"), a_case(an_invoice(number="3417")))[0] == (
        "block",
        "duplicate.number.lookalike",
    )


def test_another_revision_over_another_amount_is_a_warning() -> None:
    assert revision_of("RE-17-R1") == "R1" and revision_of("RE-17") == ""
    corrected = an_invoice("80.00", number="RE-417-R1")
    assert found(corrected, a_case(an_invoice(number="RE-417"))) == [("warn", "duplicate.number.revision")]
    assert found(an_invoice(number="RE-417-R1"), a_case(an_invoice(number="RE-417"))) == [
        ("block", "duplicate.number.normalised")
    ]


def test_a_dated_number_without_a_running_one_is_none() -> None:
    assert dated_numbers("2026") == dated_numbers("RE-26") == dated_numbers("") == frozenset()
    assert dated_numbers("AB-2026-0017") == dated_numbers("2026AB17") == {(2026, "AB17")}


@pytest.mark.parametrize(
    ("printed", "typed"),
    [
        ("RE-26-0017", "RE-2026-0017"),
        ("RE-2026-0017", "RE-26-0017"),
        ("RE-26-0017 V2", "RE-2026-0017"),
        ("RE-0017-R1", "RE-0017"),
        ("RE-0017 Kopie", "RE-0017"),
        ("RE-0017 (2)", "RE-0017"),
    ],
)
def test_the_erp_is_asked_for_what_a_clerk_may_have_typed(printed: str, typed: str) -> None:
    assert typed in spellings(printed) and len(spellings(printed)) <= 5
    posted = a_posting(supplier_number=typed, gross=eur("121.00"))
    assert found(an_invoice(number=printed), postings=[posted])[0][0] == "block"
    assert spellings("V2") == ("V2",) and "2026" not in spellings("2026-R1")


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Kopie 489853", "489853"),
        ("Kopie der Rechnung RE-489853", "489853"),
        ("Duplicata_489853", "489853"),
        ("670174_neu", "RE-670174"),
        ("670174neu", "670174"),
        ("420931-DUP", "420931"),
        ("Mahnung zu 413302", "413302"),
        ("2. Mahnung f\u00fcr Rechnung Nr. 413302 vom 01.02.2026", "413302"),
        ("Reminder for INV-413302", "413302"),
        ("Invoice no. 293748 dated 01.02.2026", "293748"),
        ("Rechnung 293748 vom 1. Februar 2026", "INV-293748"),
        ("facture 293748 du 2026-02-01", "293748"),
        ("\u03a1\u0395319630", "RE319630"),
        ("\u0420\u0415325948", "RE325948"),
        ("\u0420\u0415325948", "PE325948"),
        ("R-714613-01", "R-714613"),
        ("\u00c4X-714613", "AEX-714613"),
        ("A\u0308X-714613", "AEX714613"),
        ("N\u00c9-714613", "NE-714613"),
        ("DE-428887-INV", "INV-428887-DE"),
        ("DE428887", "428887DE"),
        ("428887-INV", "428887"),
    ],
)
def test_words_and_parts_around_a_number_leave_it_the_same(one: str, two: str) -> None:
    mine, theirs = an_invoice(number=one), an_invoice(number=two, issue_date=DAY.replace(month=1))
    for new, old in ((mine, theirs), (theirs, mine)):
        assert found(new, a_case(old))[0][0] == "block"
        assert search_keys(print_of(new), SUPPLIER) & {
            key for key in register_keys(print_of(old), SUPPLIER) if key.kind == "number"
        }


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("R-714613-01", "R-714613-02"),
        ("202601-01", "202601"),
        ("52-3400", "3400-52"),
        ("AB-428887", "CD-428887"),
        ("2026 vom 01.02.2026", "2026 vom 02.02.2026"),
        ("A-99-1234", "1234-99-B"),
    ],
)
def test_parts_that_count_keep_two_numbers_apart(one: str, two: str) -> None:
    mine, theirs = an_invoice("80.00", number=one), an_invoice(number=two, issue_date=DAY.replace(month=1))
    assert [entry for entry in found(mine, a_case(theirs)) if entry[0] != "info"] == []


def test_a_number_with_a_digit_doubled_is_told_although_it_is_the_later_one() -> None:
    earlier = an_invoice(number="665416", issue_date=DAY.replace(month=1))
    assert found(an_invoice(number="6654166"), a_case(earlier)) == [("warn", "duplicate.number.misread")]
    assert found(an_invoice("80.00", number="6654166"), a_case(earlier)) == []
    few = an_invoice(number="112", issue_date=DAY.replace(month=1))
    assert found(an_invoice(number="1112"), a_case(few)) == [], "a small counter may have come so far"
    assert spellings("Mahnung zu RE-413302")[-1] == "RE-413302"
