"""Suppliers' statements out of CSV and PDF."""

from __future__ import annotations

from datetime import date

import pytest

from tests.tools.intake.pdf_builder import Text, a_pdf, table_row
from tools.domain.money import Money
from tools.domain.statement import Statement
from tools.intake.statement import NoStatement, read_statement

ENGLISH = """Date,Type,Number,Amount,Balance
01/03/2026,Opening balance,,,"1,000.00"
05/03/2026,Invoice,INV-101,250.00,"1,250.00"
06/03/2026,Credit note,CN-7,(50.00),"1,200.00"
20/03/2026,Payment received,TRX 1,"1,000.00",200.00
,Closing balance,,,200.00
"""
GERMAN = """Kontoauszug Muster GmbH, Stand 31.03.2026;;;;
;;;;
Belegdatum;Belegnr.;Buchungstext;Soll EUR;Haben EUR
01.03.2026;RE-1001;Rechnung;1.234,56;
03.03.2026;RE-1002;Rechnung;500,00;
10.03.2026;GS-12;Gutschrift;;100,00
15.03.2026;Z-1;Zahlung;;1.234,56
;;Saldo per 31.03.2026;400,00;
"""
DUTCH = (
    "Factuurdatum\tFactuurnummer\tBedrag\tOpenstaand\n"
    "02-03-2026\tF77\t€ 121,00\t€ 60,50\n"
    "13-03-2026\tF78\t€ 10,00\t€ 10,00\n"
)
FRENCH = (
    "Date|N° pièce|Libellé|Débit|Crédit|Solde\n"
    "02/03/2026|FA-1|Facture|1 200,00||1 200,00\n"
    "25/03/2026|AV-1|Avoir||200,00|1 000,00\n"
)


def rows(found: Statement) -> list[tuple[str, str | None, str]]:
    return [(line.kind.value, line.number, f"{line.amount.amount:.2f}") for line in found.lines]


def read(text: str, currency: str = "EUR") -> Statement:
    return read_statement(text.encode(), "statement.csv", currency)


def eur(text: str) -> Money:
    return Money.of(text, "EUR")


def test_an_english_statement_with_a_running_balance_is_read() -> None:
    found = read(ENGLISH)
    assert rows(found) == [
        ("invoice", "INV-101", "250.00"),
        ("credit_note", "CN-7", "-50.00"),
        ("payment", "TRX 1", "-1000.00"),
    ]
    assert (found.opening, found.closing, found.closing_is_printed) == (eur("1000.00"), eur("200.00"), True)
    assert found.lines[0].booked == date(2026, 3, 5)
    assert not found.unread


def test_a_german_statement_with_debit_and_credit_is_read_whatever_its_encoding() -> None:
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        found = read_statement(GERMAN.encode(encoding), "auszug.csv", "EUR")
        assert rows(found) == [
            ("invoice", "RE-1001", "1234.56"),
            ("invoice", "RE-1002", "500.00"),
            ("credit_note", "GS-12", "-100.00"),
            ("payment", "Z-1", "-1234.56"),
        ]
        assert (found.closing, found.as_of) == (eur("400.00"), date(2026, 3, 31))


def test_what_is_left_of_an_amount_counts_before_the_amount() -> None:
    found = read(DUTCH)
    assert rows(found) == [("invoice", "F77", "60.50"), ("invoice", "F78", "10.00")]
    assert (found.closing, found.closing_is_printed) == (eur("70.50"), False)


def test_thousands_may_stand_apart_by_blanks() -> None:
    found = read(FRENCH)
    assert rows(found) == [("invoice", "FA-1", "1200.00"), ("credit_note", "AV-1", "-200.00")]
    assert found.closing == eur("1000.00")


def test_a_payment_that_was_returned_raises_the_balance_again() -> None:
    found = read("Date,Number,Type,Debit,Credit\n2026-03-01,T1,Payment returned,100.00,\n")
    assert rows(found) == [("payment", "T1", "100.00")]


def test_the_currency_of_the_file_counts_and_two_currencies_are_refused() -> None:
    table = "Date,Number,Amount,Currency\n2026-03-01,A1,10.00,USD\n"
    assert read(table).currency == "USD"
    with pytest.raises(NoStatement, match="mixes currencies: EUR, USD"):
        read(table + "2026-03-02,A2,10.00,EUR\n")


def test_an_amount_that_can_be_read_in_two_ways_is_shown_and_not_guessed() -> None:
    found = read("Date,Number,Amount\n2026-03-01,A1,1.234\n")
    assert found.unread == ("row 2: 2026-03-01 A1 1.234",)


def test_an_amount_that_belongs_to_nothing_is_shown() -> None:
    found = read("Date,Number,Amount\n2026-03-01,A1,12.50\n,,99.00\n,,\n")
    assert found.unread == ("row 3: 99.00",)


@pytest.mark.parametrize("cell", ["", "12.50 + 3.00", "7.00x9", "USD 20.00", "1e30", "5.000", "n/a"])
def test_what_is_no_single_amount_of_this_currency_is_shown_and_not_guessed(cell: str) -> None:
    found = read(f"Date,Number,Amount\n2026-03-01,A1,12.50\n2026-03-02,A2,{cell}\n")
    assert [line.number for line in found.lines] == ["A1"]
    assert len(found.unread) == 1 and "A2" in found.unread[0]


@pytest.mark.parametrize("cell", ["€ 20.00", "20.00 EUR", "EUR 20.00", "20.00 S", "+20.00", "20"])
def test_a_sign_a_side_or_the_currency_may_stand_beside_an_amount(cell: str) -> None:
    assert rows(read(f"Date,Number,Amount\n2026-03-01,A1,12.50\n2026-03-02,A2,{cell}\n"))[1:] == [
        ("invoice", "A2", "20.00")
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no header row"),
        (b"hello\nworld\n", "no header row"),
        (b"Date,Number,Amount\n", "no entries"),
        (b"%PDF-1.4 broken", "cannot be opened"),
    ],
)
def test_what_is_no_statement_says_what_it_lacks(content: bytes, told: str) -> None:
    with pytest.raises(NoStatement, match=told):
        read_statement(content, "x", "EUR")


def page(y: int, *cells: str) -> list[Text]:
    """A row of a statement: date, number and text flush left, amount flush right."""
    places = (50, 130, 230, -400, -520)
    return [text for text in table_row(y, *zip(places, cells, strict=False)) if text.text]


def test_a_statement_as_pdf_is_read_over_several_pages() -> None:
    head = ("Date", "Document no.", "Description", "Amount EUR", "Balance")
    first = [
        *page(60, "Northwind Ltd"),
        *page(80, "Statement date 31/03/2026"),
        *page(120, *head),
        *page(140, "", "", "Balance brought forward", "", "100.00"),
        *page(160, "05/03/2026", "INV-101", "Invoice", "250.00", "350.00"),
    ]
    second = [
        *page(120, *head),
        *page(140, "16/03/2026", "CN-7", "Credit note", "-50.00", "300.00"),
        *page(160, "", "", "Closing balance", "", "300.00"),
    ]
    found = read_statement(a_pdf(first, second), "statement.pdf", "EUR")
    assert rows(found) == [("invoice", "INV-101", "250.00"), ("credit_note", "CN-7", "-50.00")]
    assert (found.opening, found.closing) == (eur("100.00"), eur("300.00"))
    assert found.as_of == date(2026, 3, 31)
    assert not found.unread


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ([Text(50, 50, "Hello")], "picture without text"),
        ([Text(50, 50 + 20 * at, f"Word {at}") for at in range(9)], "no table"),
    ],
)
def test_a_pdf_without_a_table_says_so(texts: list[Text], told: str) -> None:
    with pytest.raises(NoStatement, match=told):
        read_statement(a_pdf(texts), "x.pdf", "EUR")


def test_a_comma_file_is_read_under_an_address_that_has_none() -> None:
    text = 'Nordberg Werkzeuge GmbH\nKiel\ndate,number,amount\n2026-03-01,RE-1,"1,234.50"\n'
    found = read_statement(text.encode(), "s.csv", "EUR")
    assert [line.amount for line in found.lines] == [Money.of("1234.50", "EUR")]


def test_a_cell_too_long_for_any_statement_is_told_and_not_a_crash() -> None:
    with pytest.raises(NoStatement, match="field larger"):
        read_statement(b"date,number,amount\n2026-03-01,RE-1," + b"1" * 200_000, "s.csv", "EUR")
