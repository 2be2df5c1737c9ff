"""Totals that rules read are not replaced by a model's, and where several sets add up a person is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from tests.tools.intake.pdf_builder import Text, a_pdf, table_row
from tools.domain.documents import Invoice, Reading
from tools.intake.checks import checked
from tools.intake.limits import no_invoice
from tools.intake.pdf_text import read_text_pdf
from tools.intake.readable_text import of_letter
from tools.printed_totals import printed_sets
from tools.printed_values import PrintedValues
from tools.second_reading import OTHERWISE, Claims, SecondReading, completed

READER = "model small, prompt extract/v1 00000000"
TODAY = date(2026, 3, 16)
LAST_MONTH = "Vormonat: 100,00 + 19,00 = 119,00"


def a_page(*more: str) -> Reading:
    """200.00 + 38.00 = 238.00 EUR, of which rules read the tax and the gross total without proof."""
    rows = [table_row(400 + 20 * at, (50, text)) for at, text in enumerate(more)]
    content = a_pdf(
        [
            Text(50, 50, "Nordberg Werkzeuge GmbH, Kiel", 9),
            Text(50, 90, "Werk GmbH, Bonn"),
            Text(50, 140, "Rechnung", 20),
            *table_row(180, (50, "Rechnungsnummer"), (200, "RE-77")),
            *table_row(200, (50, "Rechnungsdatum"), (200, "16.03.2026")),
            *table_row(300, (50, "Ware"), (-500, "200,00 EUR")),
            *table_row(320, (50, "19 % Steuer"), (-500, "38,00 EUR")),
            *table_row(340, (50, "Bitte ueberweisen"), (-500, "238,00 EUR")),
            *(cell for row in rows for cell in row),
        ]
    )
    return checked(read_text_pdf(content, "paper.pdf"), TODAY)


def said(net: str, tax: str, gross: str) -> dict[str, str]:
    return {"net_total": net, "tax_total": tax, "gross_total": gross}


def read(reading: Reading, values: Mapping[str, str]) -> SecondReading:
    return completed(reading, Claims(kind="invoice", values=values), READER, TODAY)


def invoice_of(found: SecondReading) -> Invoice:
    assert found.reading is not None and found.reading.invoice is not None, found.dropped
    return found.reading.invoice


def totals(found: SecondReading) -> list[str]:
    invoice = invoice_of(found)
    return [str(total) for total in (invoice.net_total, invoice.tax_total, invoice.gross_total)]


def blocking(found: SecondReading) -> list[str]:
    assert found.reading is not None
    return [
        one.message for one in found.reading.problems if one.code == OTHERWISE and one.severity == "error"
    ]


def codes(found: SecondReading) -> list[str]:
    assert found.reading is not None
    return [problem.code for problem in found.reading.problems]


def test_a_models_totals_that_add_up_do_not_replace_what_rules_read() -> None:
    found = read(a_page(LAST_MONTH), said("100,00", "19,00", "119,00"))
    assert totals(found) == ["None", "38.00 EUR", "238.00 EUR"] and not found.taken
    told = " ".join(blocking(found))
    assert "Tax total: rules read 38.00, the model reads 19.00." in told
    assert "Gross total: rules read 238.00, the model reads 119.00." in told
    assert "200.00 + 38.00 = 238.00" in told and "100.00 + 19.00 = 119.00" in told
    assert codes(found).count("total_unproven") == 2
    assert all(any(words.startswith(one) for words in blocking(found)) for one in found.dropped)


@pytest.mark.parametrize(
    "values",
    [said("100,00", "19,00", "238,00"), said("100,00", "", "119,00"), said("19,00", "119,00", "238,00")],
)
def test_nothing_is_mended_over_a_total_that_rules_read(values: dict[str, str]) -> None:
    found = read(a_page(LAST_MONTH), values)
    assert totals(found) == ["None", "38.00 EUR", "238.00 EUR"]
    assert any("rules read" in words for words in blocking(found)) and "total_unproven" in codes(found)


def test_what_fits_the_totals_of_the_rules_fills_what_is_empty() -> None:
    found = read(a_page(), said("200,00", "38,00", "238,00"))
    assert totals(found) == ["200.00 EUR", "38.00 EUR", "238.00 EUR"]
    assert set(found.taken) == {"net_total", "tax_total", "gross_total"} and not blocking(found)
    assert "total_unproven" not in codes(found)
    differs = read(a_page("Ware 19,00 EUR"), said("200,00", "19,00", "238,00"))
    assert totals(differs) == totals(found) and "tax_total" not in differs.taken
    assert blocking(differs)[0].startswith("Tax total: rules read 38.00, the model reads 19.00.")


LETTER = f"""Rechnung RE-5
Netto 200,00 EUR
MwSt. 19 %: 38,00 EUR
Summe 238,00 EUR
{LAST_MONTH}
"""


@pytest.mark.parametrize("values", [said("100,00", "19,00", "119,00"), said("200,00", "38,00", "238,00")])
def test_two_sets_in_a_letter_are_a_question_whichever_the_model_names(values: dict[str, str]) -> None:
    text = of_letter(LETTER)
    letter = no_invoice("text", "plain text").model_copy(update={"text": text})
    found = read(letter, {**values, "invoice_number": "RE-5", "currency": "EUR"})
    (told,) = blocking(found)
    assert "several sets" in told and "200.00 + 38.00 = 238.00" in told and "100.00 + 19.00 = 119.00" in told


def test_the_parts_of_the_total_by_tax_rate_are_no_other_totals() -> None:
    text = """Rechnung RE-6
Netto 100,00 EUR  MwSt. 19 %  19,00 EUR  Brutto 119,00 EUR
Netto  50,00 EUR  MwSt.  7 %   3,50 EUR  Brutto  53,50 EUR
Summe 150,00 EUR  Steuer      22,50 EUR  Gesamt 172,50 EUR"""
    letter = no_invoice("text", "plain text").model_copy(update={"text": of_letter(text)})
    values = said("150,00", "22,50", "172,50")
    found = read(letter, {**values, "invoice_number": "RE-6", "currency": "EUR"})
    assert totals(found)[2] == "172.50 EUR" and not blocking(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Net 10.00  VAT 20 %  2.00  Total 12.00", [Decimal("12.00")]),
        ("Net 10.00  VAT  2.00  Total 12.00", [Decimal("12.00")]),
        ("Net 10.00  VAT 7 %  2.00  Total 12.00", []),
        ("Chair 10.00  Freight 2.00  Sum 12.00", []),
        ("VAT 0 %  Net 10.00  Tax 0.00  Total 10.00", []),
    ],
)
def test_a_set_has_a_tax_that_follows_from_its_net_amount(text: str, expected: list[Decimal]) -> None:
    assert [one.gross for one in printed_sets(PrintedValues.of(text))] == expected
