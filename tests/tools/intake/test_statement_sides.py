"""A statement written from our side is noticed and asked about, and balances are known by word and place."""

from __future__ import annotations

import pytest

from tools.domain.money import Money
from tools.domain.statement import Statement
from tools.intake.statement import read_statement

MIRRORED = """Datum;Nummer;Text;Soll;Haben
01.03.2026;RE-1;Rechnung;;100,00
02.03.2026;RE-2;Rechnung;;50,00
10.03.2026;Z-1;Zahlung;100,00;
;;Saldo per 31.03.2026;;50,00
"""


def read(text: str, *, mirrored: bool = False) -> Statement:
    return read_statement(text.encode(), "s.csv", "EUR", mirrored=mirrored)


def eur(text: str) -> Money:
    return Money.of(text, "EUR")


def rows(found: Statement) -> list[tuple[str, str | None, str]]:
    return [(line.kind.value, line.number, f"{line.amount.amount:.2f}") for line in found.lines]


def test_columns_the_other_way_round_are_asked_about_and_not_turned() -> None:
    found = read(MIRRORED)
    assert not found.lines
    assert found.unread[0].startswith("all 3 rows") and "--mirrored" in found.unread[0]
    assert found.unread[1:] == (
        "row 2: 01.03.2026 RE-1 Rechnung 100,00 (“Rechnung” would lower what we owe)",
        "row 3: 02.03.2026 RE-2 Rechnung 50,00 (“Rechnung” would lower what we owe)",
        "row 4: 10.03.2026 Z-1 Zahlung 100,00 (“Zahlung” would raise what we owe)",
    )


def test_a_person_may_say_that_they_are() -> None:
    found = read(MIRRORED, mirrored=True)
    assert rows(found) == [
        ("invoice", "RE-1", "100.00"),
        ("invoice", "RE-2", "50.00"),
        ("payment", "Z-1", "-100.00"),
    ]
    assert (found.closing, found.unread) == (eur("50.00"), ())


def test_a_wrong_word_for_mirrored_is_noticed_too() -> None:
    right = "Date,Number,Type,Debit,Credit\n2026-03-01,A1,Invoice,100.00,\n"
    assert not read(right).unread
    found = read(right, mirrored=True)
    assert not found.lines and found.unread[0].startswith("all 1 rows")


def test_one_row_on_the_wrong_side_is_left_to_a_person_and_the_others_are_read() -> None:
    found = read(
        "Date,Number,Type,Debit,Credit\n2026-03-01,A1,Invoice,100.00,\n2026-03-02,A2,Invoice,,30.00\n"
        "2026-03-03,P1,Payment,,100.00\n"
    )
    assert rows(found) == [("invoice", "A1", "100.00"), ("payment", "P1", "-100.00")]
    assert found.unread == ("row 3: 2026-03-02 A2 Invoice 30.00 (“Invoice” would lower what we owe)",)


def test_invoices_with_a_minus_are_from_our_books_and_so_are_their_balances() -> None:
    text = (
        "Date,Number,Type,Amount,Balance\n"
        "2026-03-01,A1,Invoice,-100.00,-100.00\n2026-03-02,P,Payment,40.00,-60.00\n"
    )
    assert "--mirrored" in read(text).unread[0]
    found = read(text, mirrored=True)
    assert rows(found) == [("invoice", "A1", "100.00"), ("payment", "P", "-40.00")]
    assert found.closing == eur("60.00")


@pytest.mark.parametrize(
    "word", ["Payment returned", "Rücklastschrift Zahlung", "Paiement rejeté", "Invoice"]
)
def test_what_was_taken_back_stands_on_the_other_side_rightly(word: str) -> None:
    found = read(f"Date,Number,Type,Debit,Credit\n2026-03-01,T1,{word},100.00,\n")
    assert found.lines[0].amount == eur("100.00") and not found.unread


@pytest.mark.parametrize("word", ["Invoice cancelled", "Storno Rechnung", "Invoice payment by credit card"])
def test_words_that_name_more_than_one_thing_or_a_reversal_raise_no_doubt(word: str) -> None:
    found = read(f"Date,Number,Type,Debit,Credit\n2026-03-01,T1,{word},,100.00\n")
    assert found.lines[0].amount == eur("-100.00") and not found.unread


def test_payments_without_a_sign_in_one_column_lower_the_balance_as_ever() -> None:
    found = read("Date,Number,Type,Amount\n2026-03-01,A1,Invoice,100.00\n2026-03-02,P,Payment,40.00\n")
    assert rows(found)[1] == ("payment", "P", "-40.00") and not found.unread


@pytest.mark.parametrize(
    "words",
    [
        "Saldo",
        "Saldo per 01.03.2026",
        "Saldovortrag",
        "Vortrag",
        "Alter Saldo",
        "Beginsaldo",
        "Oud saldo",
        "Solde",
        "Solde au 01/03/2026",
        "Solde précédent",
        "A nouveau",
        "Report",
        "Saldo anterior",
        "Saldo precedente",
        "Balance",
        "Balance brought forward",
        "Balance b/f",
        "Bal. fwd",
        "Brought forward",
        "Opening balance",
        "Ingående saldo",
    ],
)
def test_the_balance_before_the_entries_is_known_by_word_or_by_place(words: str) -> None:
    found = read(f"Date;Type;Number;Amount\n01.03.2026;{words};;500,00\n05.03.2026;Invoice;A1;100,00\n")
    assert (found.opening, found.closing) == (eur("500.00"), eur("600.00"))
    assert rows(found) == [("invoice", "A1", "100.00")] and not found.unread


def test_the_same_word_below_the_entries_is_the_balance_after_them() -> None:
    found = read("Date;Type;Number;Amount\n05.03.2026;Invoice;A1;100,00\n31.03.2026;Saldo;;100,00\n")
    assert (found.opening, found.closing, found.closing_is_printed) == (None, eur("100.00"), True)
    assert rows(found) == [("invoice", "A1", "100.00")]


def test_a_balance_carried_from_page_to_page_is_no_second_opening() -> None:
    found = read(
        "Date;Type;Number;Amount\n01.03.2026;Saldovortrag;;500,00\n05.03.2026;Rechnung;A1;100,00\n"
        ";Übertrag;;600,00\n06.03.2026;Rechnung;A2;50,00\n"
    )
    assert found.opening == eur("500.00") and len(found.lines) == 2


@pytest.mark.parametrize(
    "words", ["Transport to Kiel", "Expense report", "Vortrag Steuerrecht", "Balance weight"]
)
def test_goods_and_services_of_such_names_are_entries(words: str) -> None:
    found = read(f"Date;Description;Number;Amount\n05.03.2026;{words};A1;100,00\n")
    assert rows(found) == [("invoice", "A1", "100.00")] and found.opening is None
