"""What a second reader says counts only where the document's own text bears it out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.domain.documents import Problem, Reading, ReadingState
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.intake.limits import no_invoice
from tools.intake.readable_text import MOST_SIGNS, html_text, may_be_invoice, of_letter
from tools.matching.model_ways import ways_for_model
from tools.matching.reading import check_reading
from tools.matching.resolutions import allowed
from tools.matching.ways_out import Effect
from tools.printed_values import PrintedValues
from tools.second_reading import OTHERWISE, READ_BY_MODEL, Claims, SecondReading, completed

READER = "model small, prompt extract/v1 00000000"
TODAY = date(2026, 3, 16)
IBAN = "DE89370400440532013000"
TEXT = f"""Rechnung

Rechnungsnummer: RE-2026/17   Datum: 12.03.2026
Bestellung: 4500123
Zahlbar bis: 26.03.2026
Hammer groß        2     1.250,00     2.500,00
Nägel            100         0,55        55,00
Summe netto                           2.555,00 EUR
MwSt. 19 %                              485,45 EUR
Rechnungsbetrag                       3.040,45 EUR
IBAN {IBAN}   Tel. 0431 5550100
Nordberg Werkzeuge GmbH, Kiel
"""
RIGHT = {
    "invoice_number": "RE-2026/17",
    "issue_date": "12.03.2026",
    "due_date": "26.03.2026",
    "currency": "EUR",
    "supplier_name": "Nordberg Werkzeuge GmbH",
    "order_reference": "4500123",
    "net_total": "2.555,00",
    "tax_total": "485,45",
    "gross_total": "3.040,45",
}
LINES = (
    {"description": "Hammer groß", "quantity": "2", "unit_price": "1.250,00", "amount": "2.500,00"},
    {"description": "Nägel", "quantity": "100", "unit_price": "0,55", "amount": "55,00"},
)


def a_letter(text: str = TEXT) -> Reading:
    letter = of_letter(text)
    assert letter is not None
    return no_invoice("text", "plain text").model_copy(update={"text": letter})


def read(
    values: Mapping[str, str] = RIGHT,
    lines: tuple[Mapping[str, str], ...] = (),
    kind: str = "invoice",
    text: str = TEXT,
) -> SecondReading:
    return completed(a_letter(text), Claims(kind=kind, values=values, lines=lines), READER, TODAY)


def invoice_of(found: SecondReading) -> Any:
    assert found.reading is not None and found.reading.invoice is not None, found.dropped
    return found.reading.invoice


def marks(found: SecondReading) -> list[Problem]:
    assert found.reading is not None
    return [problem for problem in found.reading.problems if problem.code == READ_BY_MODEL]


def test_a_letter_becomes_an_invoice_whose_every_value_is_marked() -> None:
    found = read(lines=LINES)
    invoice = invoice_of(found)
    assert (invoice.number, invoice.issue_date, invoice.due_date) == (
        "RE-2026/17",
        date(2026, 3, 12),
        date(2026, 3, 26),
    )
    assert [str(line.net_amount) for line in invoice.lines] == ["2500.00 EUR", "55.00 EUR"]
    assert {line.tax_rate for line in invoice.lines} == {Decimal(19)}
    assert found.reading is not None and found.reading.state is ReadingState.INVOICE
    assert {problem.field for problem in marks(found)} == {*RIGHT, "lines"} == set(found.taken)
    assert all(problem.severity == "error" and READER in problem.message for problem in marks(found))
    assert all(invoice.origins[name].read_by == READER for name in found.taken)
    assert not found.dropped


def test_the_line_of_the_document_stands_beside_the_value() -> None:
    (mark,) = (problem for problem in marks(read()) if problem.field == "gross_total")
    assert "“Rechnungsbetrag 3.040,45 EUR”" in mark.message


def test_the_account_is_what_rules_found_and_stands_in_no_mark() -> None:
    found = read({**RIGHT, "invoice_number": IBAN, "order_reference": "0431 5550100"})
    assert found.reading is None
    assert not any(IBAN in words for words in found.dropped)
    assert invoice_of(read()).ibans == (IBAN,)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("invoice_number", "RE-2026"),
        ("invoice_number", "E-2026/17"),
        ("invoice_number", "12.03.2026"),
        ("invoice_number", "485,45"),
        ("invoice_number", "Rechnung"),
        ("issue_date", "13.03.2026"),
        ("due_date", "2026-03-27"),
        ("currency", "USD"),
        ("supplier_name", "Nordberg GmbH"),
        ("supplier_name", "19"),
        ("order_reference", "4500124"),
        ("order_reference", "RE-2026/17"),
    ],
)
def test_what_does_not_stand_in_the_text_as_this_field_is_dropped_and_told(field: str, said: str) -> None:
    found = read({**RIGHT, field: said})
    assert found.dropped and field not in found.taken


def test_a_number_that_is_part_of_another_is_not_in_the_text() -> None:
    printed = PrintedValues.of("Rechnung 20261234")
    assert printed.words("2026") is None and printed.words("20261234") == "20261234"


def test_the_same_date_in_another_form_is_the_same_date() -> None:
    assert invoice_of(read({**RIGHT, "issue_date": "2026-03-12"})).issue_date == date(2026, 3, 12)


def test_a_date_with_two_readings_is_never_settled_by_a_model() -> None:
    text = "Invoice 77-A of 03/04/2026\nTotal 10.00 EUR\nVAT 0.00\nNet 10.00"
    values = {"invoice_number": "77-A", "issue_date": "03/04/2026", "currency": "EUR", "gross_total": "10.00"}
    assert PrintedValues.of(text, "XXX").dates in ({}, {"03/04/2026": date(2026, 4, 3)})
    for said in ("03/04/2026", "2026-03-04"):
        found = read({**values, "issue_date": said}, text=text)
        assert found.taken.get("issue_date") in (None, "2026-04-03")


def test_totals_that_do_not_add_up_are_dropped_together() -> None:
    found = read({**RIGHT, "net_total": "2.500,00", "tax_total": "55,00"})
    assert found.reading is None
    assert any("do not give gross" in words for words in found.dropped)


@pytest.mark.parametrize(
    ("field", "said"), [("net_total", "3.040,45"), ("tax_total", ""), ("gross_total", "0,55")]
)
def test_one_wrong_total_is_mended_by_the_printed_amount_that_the_others_make_it(
    field: str, said: str
) -> None:
    found = read({**RIGHT, field: said})
    assert [invoice_of(found).net_total.amount, invoice_of(found).tax_total.amount] == [
        Decimal("2555.00"),
        Decimal("485.45"),
    ]
    assert bool(said) == any("fits the other two" in words for words in found.dropped)


def test_nothing_is_mended_where_two_ways_fit() -> None:
    text = """Rechnung RE-1 in EUR
        Netto 100,00   MwSt. 19 %  19,00   119,00
        zum Vergleich  MwSt. 7 %    7,00   107,00"""
    said = {"invoice_number": "RE-1", "currency": "EUR", "net_total": "100,00", "gross_total": "119,00"}
    found = read({**said, "tax_total": "7,00"}, text=text)
    assert found.reading is None and any("do not give gross" in words for words in found.dropped)
    assert str(invoice_of(read({**said, "tax_total": "19,00"}, text=text)).tax_total) == "19.00 EUR"


@pytest.mark.parametrize(
    "lines",
    [
        (LINES[0],),
        (LINES[0], LINES[0]),
        ({**LINES[0], "quantity": "100"}, LINES[1]),
        ({**LINES[0], "description": "Hammer klein"}, LINES[1]),
        ({**LINES[0], "amount": "2.501,00"}, LINES[1]),
    ],
)
def test_lines_are_taken_all_together_or_not_at_all(lines: tuple[Mapping[str, str], ...]) -> None:
    found = read(lines=lines)
    assert invoice_of(found).lines == () and any("ine" in words for words in found.dropped)


def test_no_model_confirms_what_a_model_read_and_nothing_else_passes_over_it() -> None:
    found = check_reading(marks(read()))
    assert {entry.severity for entry in found} == {Severity.BLOCK}
    ways = allowed(found)
    assert [way.id for way in ways if way.effect is Effect.POST] == ["values_confirmed"]
    assert {way.id for way in ways_for_model(found, ways)} == {"ask_supplier", "return_to_supplier"}
    stuck = Discrepancy(kind=DiscrepancyKind.BANK_CHANGE, severity=Severity.BLOCK, rule="r", message="m")
    assert not any(way.effect is Effect.POST for way in allowed([*found, stuck]))


def test_what_is_no_invoice_stays_as_it_was() -> None:
    for kind in ("reminder", "other", "", "invoice\n"):
        assert read(kind=kind).reading is None


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(sorted(RIGHT)), st.text(max_size=30) | st.sampled_from(sorted(RIGHT.values()))
    ),
    st.sampled_from(["invoice", "credit_note", "other"]),
)
def test_whatever_is_said_only_printed_values_come_out(values: dict[str, str], kind: str) -> None:
    found = read(values, kind=kind)
    if found.reading is None or found.reading.invoice is None:
        return
    invoice = found.reading.invoice
    printed = PrintedValues.of(TEXT, "EUR")
    money = (invoice.net_total, invoice.tax_total, invoice.gross_total)
    assert {total.amount for total in money if total} <= set(printed.amounts.values())
    assert {day for day in (invoice.issue_date, invoice.due_date) if day} <= set(printed.dates.values())
    texts = (invoice.number, invoice.order_number, invoice.supplier.name, invoice.buyer.name)
    assert all(text in " ".join(TEXT.split()) for text in texts if text)
    assert {problem.field for problem in marks(found)} == set(found.taken)
    if None not in money:
        assert money[0] + money[1] == money[2]  # type: ignore[operator]


def test_a_long_text_keeps_head_and_end_and_counts_what_it_leaves_out() -> None:
    rows = "\n".join(f"Artikel {number}   1   10,00   10,00" for number in range(400))
    letter = of_letter(f"Rechnung RE-1\n{rows}\nRechnungsbetrag 4.000,00 EUR")
    assert letter is not None and len(letter.text) <= MOST_SIGNS
    assert letter.text.startswith("Rechnung RE-1") and letter.text.endswith("4.000,00 EUR")
    assert letter.lines_left_out + letter.text.count("\n") + 1 == 402


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Out of office until 12.50", False),
        ("Our newsletter: drills from 9.99 EUR", False),
        ("Lieferschein zu 10,00", False),
        ("Ihre Rechnung über 10,00 EUR", True),
        ("factuurnummer 12, totaal 3,50", True),
        ("invoice without any amount", False),
    ],
)
def test_only_a_letter_about_an_invoice_with_an_amount_is_kept(text: str, expected: bool) -> None:
    assert may_be_invoice(text) is expected


def test_a_letter_that_calls_itself_something_else_is_not_kept() -> None:
    assert of_letter("Mahnung\n\nRechnung RE-1 vom 1.1.2026 über 10,00 EUR ist offen.") is None


def test_markup_that_is_not_shown_is_not_read() -> None:
    page = (
        "<html><head><title>x</title></head><body><p>Rechnung <b>RE-1</b></p>"
        '<div style="display: none">Rechnung <br> RE-666</div><p hidden>RE-667</p><script>RE-668</script>'
        "<table><tr><td>Summe</td><td>10,00</td></tr></table></body></html>"
    )
    text = html_text(page)
    assert "Rechnung RE-1" in text and "Summe  10,00" in text
    assert not any(hidden in text for hidden in ("RE-666", "RE-667", "RE-668"))


CREDIT = """Gutschrift Nr. AB-2025-82 vom 31.01.2025
Wir schreiben Ihnen gut:
Netto 200,00 EUR
MwSt. 19% 38,00 EUR
Gutschriftbetrag 238,00 EUR
"""
CREDITED = {"invoice_number": "AB-2025-82", "issue_date": "31.01.2025", "currency": "EUR"}
CREDITED |= {"net_total": "200,00", "tax_total": "38,00", "gross_total": "238,00"}


def questions(found: SecondReading) -> list[str]:
    assert found.reading is not None
    return [
        problem.message
        for problem in found.reading.problems
        if problem.code == OTHERWISE and problem.severity == "error"
    ]


@pytest.mark.parametrize(
    "first_line",
    [
        "Gutschrift Nr. AB-2025-82 vom 31.01.2025",
        "Guten Tag, anbei erhalten Sie unsere Gutschrift mit der Nummer AB-2025-82 vom 31.01.2025",
        "Gutschrift-Nr.: AB-2025-82 vom 31.01.2025",
        "Credit note AB-2025-82 of 31.01.2025 for invoice RE-9",
        "Creditnota AB-2025-82 van 31.01.2025",
        "Facture d'avoir AB-2025-82 du 31.01.2025",
    ],
)
def test_the_documents_word_for_a_credit_note_stands_against_the_model(first_line: str) -> None:
    text = CREDIT.replace("Gutschrift Nr. AB-2025-82 vom 31.01.2025", first_line)
    text = text if "Gutschrift" in first_line else text.replace("Gutschriftbetrag", "Total")
    found = read(CREDITED, kind="invoice", text=text)
    assert invoice_of(found).document_type == "credit_note" and invoice_of(found).type_code == "381"
    (question,) = questions(found)
    assert "rules read credit note" in question and "the model reads invoice" in question
    assert question.removesuffix(" Compare it with the document.") in found.dropped
    (finding,) = (entry for entry in check_reading(found.reading.problems) if entry.message == question)  # type: ignore[union-attr]
    assert (finding.severity, finding.kind) == (Severity.BLOCK, DiscrepancyKind.READ_BY_MODEL)
    agreed = read(CREDITED, kind="credit_note", text=text)
    assert invoice_of(agreed).document_type == "credit_note" and not questions(agreed)
    assert "document_type" not in agreed.taken


def test_an_invoice_by_its_title_is_none_to_give_money_back_because_a_model_says_so() -> None:
    found = read(kind="credit_note")
    assert invoice_of(found).document_type == "invoice"
    assert "rules read invoice from “Rechnung”, the model reads credit note" in questions(found)[0]
    both = read(kind="credit_note", text=f"{TEXT}abzüglich Bonusgutschrift 12,00 EUR")
    (question,) = questions(both)
    assert "Bonusgutschrift 12,00" in question and "it is kept as invoice" in question


@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
def test_a_kind_that_only_the_model_tells_is_marked_like_every_value(kind: str) -> None:
    text = TEXT.replace("Rechnung\n", "Hallo, hier kommt unsere Rechnung\n", 1)
    found = read(kind=kind, text=text)
    assert found.taken["document_type"] == kind.replace("_", " ") and not questions(found)
    assert invoice_of(found).origins["document_type"].read_by == READER
    assert "document_type" in {problem.field for problem in marks(found)}


def test_a_letter_that_names_both_is_a_question() -> None:
    text = TEXT.replace("Rechnung\n", "Hallo, unsere Gutschrift zu Ihrer Rechnung\n", 1)
    found = read(text=text)
    assert "“Hallo, unsere Gutschrift zu Ihrer Rechnung” names a credit note" in questions(found)[0]
    (mark,) = (
        problem for problem in marks(read(text=text, kind="credit_note")) if problem.field == "document_type"
    )
    assert "from “Hallo, unsere Gutschrift zu Ihrer Rechnung”" in mark.message


@pytest.mark.parametrize("tax", ["VAT 19 %: 38.00 EUR", "VAT (19 %) 38.00 EUR", "MwSt. 19%   38.00 EUR"])
def test_a_rate_counts_whatever_sign_stands_behind_it(tax: str) -> None:
    text = f"Invoice 2026-118\nNet: 200.00 EUR\n{tax}\nTotal: 238.00 EUR"
    said = {"invoice_number": "2026-118", "currency": "EUR"}
    said |= {"net_total": "200.00", "tax_total": "38.00", "gross_total": "238.00"}
    assert [row.rate for row in invoice_of(read(said, text=text)).taxes] == [Decimal(19)]
