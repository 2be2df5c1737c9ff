"""Early-payment discounts out of the supplier's terms."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.builders import an_invoice
from tools.domain.money import Money
from tools.matching.payment_terms import annual_return, discounts, reachable

ISSUED = date(2026, 3, 1)


def read(terms: str | None, issued: date | None = ISSUED) -> list[tuple[str, str]]:
    invoice = an_invoice().model_copy(update={"payment_terms": terms, "issue_date": issued})
    return [(str(entry.percent), entry.until.isoformat()) for entry in discounts(invoice)]


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ("#SKONTO#TAGE=14#PROZENT=2.25#", [("2.25", "2026-03-15")]),
        (
            "#SKONTO#TAGE=7#PROZENT=2.00#\n#SKONTO#TAGE=14#PROZENT=1.00#",
            [("2.00", "2026-03-08"), ("1.00", "2026-03-15")],
        ),
        ("#SKONTO#TAGE=30#PROZENT=0.00#", []),
        ("2% 10, net 30", [("2", "2026-03-11")]),
        ("2/10 net 30", [("2", "2026-03-11")]),
        ("1.5/15, n/45", [("1.5", "2026-03-16")]),
        ("3% Skonto innerhalb 10 Tagen bis 15.03.2026", [("3", "2026-03-15")]),
        ("Zahlbar in 30 Tagen netto, 3% Skonto innerhalb 10 Tagen", [("3", "2026-03-11")]),
        ("10 Tage, 2 % Skonto", [("2", "2026-03-11")]),
        (
            "2,5% Skonto 8 Tage; 1% Skonto 20 Tage; 30 Tage netto",
            [("2.5", "2026-03-09"), ("1", "2026-03-21")],
        ),
        ("2% korting bij betaling binnen 8 dagen", [("2", "2026-03-09")]),
        ("Escompte de 2 % pour paiement sous 10 jours", [("2", "2026-03-11")]),
        ("2% discount if paid by 2026-03-20", [("2", "2026-03-20")]),
    ],
)
def test_a_discount_is_read_with_its_last_day(terms: str, found: list[tuple[str, str]]) -> None:
    assert read(terms) == found


@pytest.mark.parametrize(
    "terms",
    [
        None,
        "30 days net",
        "Bei Verzug 9 % Zinsen nach 30 Tagen",
        "Net 45 days. Late payment interest 8% per year",
        "Pas d'escompte pour paiement anticipé, pénalités de retard 12 % après 30 jours",
        "19 % MwSt, 14 Tage",
        "50% deposit, 30 days",
        "Skonto nach Vereinbarung",
        "2 % Skonto bis 31.02.2026",
        "25 % Skonto innerhalb 10 Tagen",
        "2 % Skonto bis 01.02.2026",
        "10 days, 2% late interest 3/10 net",
    ],
)
def test_interest_tax_deposits_and_nonsense_are_no_discount(terms: str | None) -> None:
    assert read(terms) == []


def test_without_a_date_of_issue_there_is_no_last_day() -> None:
    assert read("2% 10, net 30", issued=None) == []


def test_the_highest_discount_still_to_be_had_counts() -> None:
    terms = "3% Skonto 7 Tage; 2% Skonto 14 Tage"
    invoice = an_invoice().model_copy(update={"payment_terms": terms, "issue_date": ISSUED})
    best = reachable(invoice, date(2026, 3, 8))
    assert best is not None and best.percent == 3
    later = reachable(invoice, date(2026, 3, 9))
    assert later is not None and later.percent == 2
    assert reachable(invoice, date(2026, 3, 16)) is None


def test_the_amount_is_a_share_of_the_gross_or_of_the_named_base_rounded_half_up() -> None:
    invoice = an_invoice().model_copy(update={"payment_terms": "#SKONTO#TAGE=7#PROZENT=2.00#"})
    assert discounts(invoice)[0].amount(Money.of("121.25", "EUR")) == Money.of("2.43", "EUR")
    based = "#SKONTO#TAGE=7#PROZENT=2.00#BASISBETRAG=100.00#"
    invoice = invoice.model_copy(update={"payment_terms": based})
    assert discounts(invoice)[0].amount(Money.of("121.25", "EUR")) == Money.of("2.00", "EUR")


def test_two_percent_ten_days_net_thirty_earns_thirty_seven_percent_a_year() -> None:
    earned = annual_return(Decimal(2), 10, 30)
    assert earned is not None and round(earned, 1) == Decimal("37.2")
    assert annual_return(Decimal(2), 30, 30) is None
    assert annual_return(Decimal(100), 10, 30) is None
