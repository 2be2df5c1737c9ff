"""A word near a row of digits tells whether it is somebody's account."""

from __future__ import annotations

import time

import pytest

from tools.account_numbers import REMOVED, without_numbers


@pytest.mark.parametrize(
    "text",
    [
        "RIB 20041010050500013M02606",
        "RIB : 20041 01005 0500013M026 06",
        "numéro de compte: 0500013M026",
        "compte n° 20041010050500013M02606",
        "compte courant: 00012345678",
        "notre nouveau compte bancaire est désormais 00012345678",
        "conto corrente n. 000000123456",
        "unser neues Konto lautet jetzt 0532013000",
        "Kontonummer des neuen Kontos: 0532013000",
        "Geschäftskonto bei der Sparkasse: 0532013000",
        "Konto (EUR): 0532013000",
        "Konto für Rechnungen: 0532013000",
        "our new account is now 12345678",
        "Our account, for invoices of yours, is now 12345678",
        "the account at Example Bank plc. is 12345678",
        "Rekening (nieuw): 0417164300",
        "ons nieuwe rekeningnummer bij de bank is 0417164300",
        "CCP 12 345 67 P 020",
        "nueva cuenta bancaria de la empresa: 1234567890",
        "nowy numer rachunku to 12345678901234",
        "konta bankowego nr 12345678901234",
        "0532013000, Bankleitzahl 37040044",
        "12345678 (sort code 20-20-15)",
        "0532013000 bei der BLZ 37040044",
        "BLZ 37040044, 0532013000",
        "sort code 20-20-15, 12345678",
        "Konten 0532013000, 0532013008 und 0532013009",
        "Konto\n0532013000",
        "unser Konto bei der Postbank 0532013000",
    ],
)
def test_what_a_word_calls_an_account_is_taken_out(text: str) -> None:
    left = without_numbers(text)
    assert REMOVED in left
    assert not any(sign.isdigit() for sign in left)


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("Konto 0532013000, Rechnung 20260815", "Rechnung 20260815"),
        ("account for order 4500012345 is now 12345678", "order 4500012345"),
        ("Konto 4100 ist jetzt 0532013000", "Konto 4100"),
        ("our account, valid from 1 December 2026, is 12345678", "1 December 2026"),
        ("Konto lautet 0532013000 12.11.2026", "12.11.2026"),
        ("unser Konto lautet nun 0532013000 1.200,00 EUR", "1.200,00 EUR"),
    ],
)
def test_only_the_account_is_taken_out_of_a_sentence(text: str, stays: str) -> None:
    left = without_numbers(text)
    assert stays in left
    assert left.count(REMOVED) == 1
    assert "0532013" not in left and "1234567" not in left.replace("4500012345", "")


@pytest.mark.parametrize(
    "text",
    [
        "to the account below, see order 4500012345",
        "auf unser Konto zu Bestellung 4500017331 und Rechnung 20260815",
        "book to account 4100, GTIN 4006381333931",
        "Konto 6100 Büromaterial 4006381333931",
        "Sachkonto 84000000, Kundenkonto 10023456",
        "3 % Skonto, Beleg 20260815",
        "charge account 6100 for delivery note 80012345",
        "on account, VAT NL123456789B01, USt-IdNr. DE811569869",
        "bitte auf unser Konto 1.234.567,89 EUR bis 12.11.2026 zahlen",
        "the account shows a balance of 1200000 EUR",
        "account statement of 2026-11-02",
        "rekening 2026-0815 van 2026-11-02",
        "accounts payable, 020 7946 0123",
        "questions about the account: phone 020 7946 0123",
        "Fragen zum Konto: Tel. (030) 12345678",
        "about our account call +49 30 1234567",
        "tenir compte de la commande 4500017331",
        "per conto di Rossi, fattura 20260815",
        "paid to our account last week. Position 10203040 is open.",
        "Rechnung 20260815, BIC",
        "VAT 811569869, BIC",
        "facture 20260815 compte 4011",
        "rachunek za zamówienie 4500017331",
        "order 4500017331, item 10203040",
    ],
)
def test_numbers_that_other_words_own_stay(text: str) -> None:
    assert without_numbers(text) == text


@pytest.mark.parametrize("piece", ["Konto ", "1 ", "Konto 12 ", "1.", "BLZ 1 ", "konto", "a-", "Konto A 1 "])
def test_a_long_text_is_read_in_little_time(piece: str) -> None:
    started = time.process_time()
    without_numbers(piece * (20_000 // len(piece)))
    assert time.process_time() - started < 5
