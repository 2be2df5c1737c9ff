"""Figures that do not add up, missing fields and doubtful values are problems."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import an_invoice, an_invoice_line
from tests.tools.intake.samples import codes, read, ubl
from tools.domain.documents import Invoice, ProblemSeverity
from tools.domain.money import Money
from tools.intake.checks import problems_of

TOTALS = ("line_total", "net_total", "tax_total", "gross_total", "payable")


def found(invoice: Invoice, today: date | None = None) -> dict[str, ProblemSeverity]:
    return {problem.code: problem.severity for problem in problems_of(invoice, today)}


def total(name: str, amount: str) -> str:
    return f'{name} currencyID="EUR">{amount}'


LINE_END = "</cbc:LineExtensionAmount>\n<cac:Item>"
RATE_END = "</cbc:Percent></cac:TaxCategory>"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (total("TaxInclusiveAmount", "121.00"), total("TaxInclusiveAmount", "131.00"), "gross_total_wrong"),
        (total("TaxExclusiveAmount", "100.00"), total("TaxExclusiveAmount", "90.00"), "net_total_wrong"),
        (total("PayableAmount", "121.00"), total("PayableAmount", "120.00"), "payable_wrong"),
        (
            total("<cac:TaxTotal><cbc:TaxAmount", "21"),
            total("<cac:TaxTotal><cbc:TaxAmount", "2"),
            "tax_total_wrong",
        ),
        (">10</cbc:Inv", ">11</cbc:Inv", "line_amount_wrong"),
        (f">100.00{LINE_END}", f">99.00{LINE_END}", "line_total_wrong"),
        (f">21{RATE_END}", f">9{RATE_END}", "tax_row_wrong"),
        ("<cbc:ID>INV-1</cbc:ID>", "", "missing_invoice_number"),
        ("<cbc:IssueDate>2026-03-01</cbc:IssueDate>", "", "missing_issue_date"),
        ("<cbc:RegistrationName>Brackets BV</cbc:RegistrationName>", "", "missing_supplier_name"),
    ],
)
def test_one_wrong_value_is_one_error_by_name(old: str, new: str, code: str) -> None:
    reading = read(ubl((old, new)))
    assert code in codes(reading)
    errors = {problem.code for problem in reading.problems if problem.severity is ProblemSeverity.ERROR}
    assert code in errors


@settings(max_examples=200, deadline=None)
@given(
    field=st.sampled_from(TOTALS),
    cents=st.integers(-10_000, 10_000).filter(bool),
)
def test_no_wrong_total_goes_without_a_problem(field: str, cents: int) -> None:
    sound = an_invoice(lines=(an_invoice_line(), an_invoice_line(quantity="3", price="7.35")))
    assert found(sound) == {}
    stated = getattr(sound, field) or sound.gross_total
    wrong = Money(amount=stated.amount + Decimal(cents) / 100, currency="EUR")
    assert found(sound.model_copy(update={field: wrong}))


def test_tax_may_be_rounded_by_the_line() -> None:
    lines = tuple(an_invoice_line(quantity="1", price="10.03") for _ in range(3))
    invoice = an_invoice(lines=lines)
    row = invoice.taxes[0].model_copy(update={"amount": Money.of("6.33", "EUR")})
    by_line = invoice.model_copy(
        update={
            "taxes": (row,),
            "tax_total": Money.of("6.33", "EUR"),
            "gross_total": Money.of("36.42", "EUR"),
            "payable": None,
        }
    )
    assert found(by_line) == {"tax_row_rounding": ProblemSeverity.WARNING}


def test_a_price_rounded_to_cents_moves_the_line_within_its_rounding() -> None:
    near = an_invoice(lines=(an_invoice_line(quantity="1000", price="0.33", net="333.33"),))
    assert "line_amount_wrong" in found(near)
    nearer = an_invoice(lines=(an_invoice_line(quantity="1000", price="0.333", net="333.33"),))
    assert found(nearer).get("line_amount_rounding") is ProblemSeverity.WARNING


def test_a_line_without_amount_is_an_error() -> None:
    line = an_invoice_line().model_copy(update={"net_amount": None})
    invoice = an_invoice(lines=(an_invoice_line(),)).model_copy(update={"lines": (line,)})
    assert found(invoice)["missing_line_amount"] is ProblemSeverity.ERROR


def test_the_minimum_profile_may_have_been_paid_in_part() -> None:
    invoice = an_invoice().model_copy(
        update={"profile": "urn:factur-x.eu:1p0:minimum", "payable": Money.of("1.00", "EUR")}
    )
    assert "payable_wrong" not in found(invoice)


def test_dates_are_held_against_today() -> None:
    invoice = an_invoice().model_copy(update={"issue_date": date(2026, 3, 2), "due_date": date(2026, 3, 30)})
    assert "issue_date_in_future" in found(invoice, date(2026, 3, 1))
    assert "issue_date_in_future" not in found(invoice, date(2026, 3, 2))
    assert "issue_date_too_old" in found(invoice, date(2037, 1, 1))
    assert "due_before_issue" in found(invoice.model_copy(update={"due_date": date(2026, 3, 1)}))


def test_wrong_check_digits_are_warnings() -> None:
    reading = read(ubl(("NL91 ABNA", "NL92 ABNA"), ("NL810462783B01", "DE123456789")))
    severities = {problem.code: problem.severity for problem in reading.problems}
    assert severities == {
        "iban_check_digits": ProblemSeverity.WARNING,
        "vat_id_check_digits": ProblemSeverity.WARNING,
    }


def test_a_pro_forma_invoice_is_never_free_of_errors() -> None:
    reading = read(ubl((">380<", ">325<")))
    assert [(problem.code, problem.severity) for problem in reading.problems] == [
        ("pro_forma", ProblemSeverity.ERROR)
    ]


def test_credit_notes_may_be_positive_or_negative() -> None:
    assert read(ubl((">380<", ">381<"))).problems == ()
    negative = ubl(
        (">100.00<", ">-100.00<"),
        (">21.00<", ">-21.00<"),
        (">121.00<", ">-121.00<"),
        (">10</cbc:Inv", ">-10</cbc:Inv"),
    )
    assert read(negative).problems == ()
