"""Dates and the order of day and month."""

from __future__ import annotations

from datetime import date

import pytest

from tools.intake.pdf_dates import DateOrder, date_order, find_dates
from tools.intake.pdf_language import language_of, usual_date_order

DAY, MONTH = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST


@pytest.mark.parametrize(
    "text",
    [
        "03.04.2026",
        "3.4.26",
        "2026-04-03",
        "2026/04/03",
        "20260403",
        "3 April 2026",
        "3. April 2026",
        "April 3, 2026",
        "Apr 3rd, 2026",
        "03-Apr-2026",
        "3 avril 2026",
        "3 april 2026",
        "3 aprile 2026",
        "3 de abril de 2026",
        "3 kwietnia 2026",
        "3. huhtikuuta 2026",
    ],
)
def test_a_date_that_says_its_order_is_read(text: str) -> None:
    (found,) = find_dates(text)
    assert found.resolve(None) == date(2026, 4, 3)


@pytest.mark.parametrize(("order", "day"), [(DAY, date(2026, 4, 3)), (MONTH, date(2026, 3, 4)), (None, None)])
def test_slashes_need_an_order(order: DateOrder | None, day: date | None) -> None:
    (found,) = find_dates("03/04/2026")
    assert found.resolve(order) == day


def test_the_same_day_and_month_is_not_ambiguous() -> None:
    (found,) = find_dates("05/05/2026")
    assert found.resolve(None) == date(2026, 5, 5)


@pytest.mark.parametrize(
    "text", ["32.13.2026", "12.34", "1.2.3.4", "10.11.12.13", "30 Stk 2026", "HRB 181098"]
)
def test_other_numbers_are_no_dates(text: str) -> None:
    assert find_dates(text) == []


@pytest.mark.parametrize(
    ("texts", "usual", "order"),
    [
        (["03/04/2026", "31/12/2026"], None, DAY),
        (["03/04/2026", "12/31/2026"], None, MONTH),
        (["03/04/2026", "12/31/2026"], DAY, MONTH),
        (["31/12/2026", "12/31/2026"], DAY, None),
        (["03/04/2026"], MONTH, MONTH),
        (["03/04/2026"], None, None),
    ],
)
def test_one_clear_date_decides_for_all_and_two_orders_for_none(
    texts: list[str], usual: DateOrder | None, order: DateOrder | None
) -> None:
    assert date_order(texts, usual) is order


@pytest.mark.parametrize(
    ("language", "currency", "text", "order"),
    [
        ("de", None, "", DAY),
        ("en", "GBP", "", DAY),
        ("en", "USD", "Redmond WA, 98052", MONTH),
        ("en", "USD", "Sales tax", MONTH),
        ("en", "USD", "", None),
        ("en", None, "", None),
        (None, "EUR", "", None),
    ],
)
def test_the_usual_order_follows_language_and_country(
    language: str | None, currency: str | None, text: str, order: DateOrder | None
) -> None:
    assert usual_date_order(language, currency, text) is order


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Rechnung Rechnungsnummer Menge Einzelpreis MwSt", "de"),
        ("Factuur factuurdatum aantal omschrijving btw", "nl"),
        ("Facture désignation quantité prix unitaire TVA échéance", "fr"),
        ("Invoice due date quantity description amount", "en"),
        ("Lasku eräpäivä määrä yhteensä alv", "fi"),
        ("4711", None),
    ],
)
def test_the_language_is_told_by_trade_words(text: str, language: str | None) -> None:
    assert language_of(text) == language
