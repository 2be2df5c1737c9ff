"""Cross Industry Invoices of all ages and profiles become Invoice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.tools.intake.samples import codes, invoice_of, read, sample
from tools.domain.documents import DocumentFormat
from tools.domain.money import Money


def cii(*replacements: tuple[str, str]) -> bytes:
    text = sample("xrechnung_cii.xml").decode()
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


def test_the_header_and_lines_of_an_xrechnung_are_read() -> None:
    invoice = invoice_of(cii())
    assert (invoice.number, invoice.issue_date, invoice.currency) == ("123456XX", date(2016, 4, 4), "EUR")
    assert (invoice.supplier.name, invoice.supplier.trading_name) == (
        "[Seller name]",
        "[Seller trading name]",
    )
    assert invoice.supplier.vat_id == "DE 123456789"
    line = invoice.lines[0]
    assert (line.quantity, line.unit, line.order_line_ref) == (Decimal(1), "XPP", "6171175.1")
    assert line.net_amount == Money.of("288.79", "EUR")


def test_the_minimum_profile_has_totals_and_no_lines() -> None:
    reading = read(sample("facturx_minimum.xml"))
    assert reading.invoice is not None
    assert reading.invoice.lines == ()
    assert reading.invoice.gross_total == Money.of("-233.47", "EUR")
    assert reading.problems == ()


def test_sub_lines_name_their_line_and_are_not_added_twice() -> None:
    reading = read(sample("facturx_sub_lines.xml"))
    assert reading.invoice is not None
    assert [line.parent_line_id for line in reading.invoice.lines] == ["01", "01", None, "02", "02", None]
    assert "line_total_wrong" not in codes(reading)


def test_zugferd_1_is_read_in_its_own_words() -> None:
    invoice = invoice_of(sample("zugferd1_comfort.xml"))
    assert invoice.format is DocumentFormat.ZUGFERD_1
    assert (invoice.number, invoice.due_date) == ("471102", date(2013, 4, 4))
    assert [str(line.net_amount) for line in invoice.lines] == ["198.00 EUR", "275.00 EUR"]


def test_wrong_totals_of_zugferd_1_are_all_named() -> None:
    found = codes(read(sample("zugferd1_wrong_totals.xml")))
    assert {"line_amount_wrong", "line_total_wrong", "net_total_wrong", "gross_total_wrong"} <= found


def zugferd1_with_allowance(amount: str, net: str) -> bytes:
    text = sample("zugferd1_comfort.xml").decode()
    entry = (
        "<ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>false</udt:Indicator>"
        f'</ram:ChargeIndicator><ram:ActualAmount currencyID="EUR">{amount}</ram:ActualAmount>'
        "</ram:SpecifiedTradeAllowanceCharge><ram:SpecifiedTradePaymentTerms>"
    )
    assert "<ram:SpecifiedTradePaymentTerms>" in text
    text = text.replace("<ram:SpecifiedTradePaymentTerms>", entry, 1)
    old = '<ram:TaxBasisTotalAmount currencyID="EUR">473.00'
    assert old in text
    return text.replace(old, f'<ram:TaxBasisTotalAmount currencyID="EUR">{net}').encode()


@pytest.mark.parametrize("amount", ["13.00", "-13.00"])
def test_a_zugferd_1_discount_counts_by_its_effect_whatever_its_sign(amount: str) -> None:
    reading = read(zugferd1_with_allowance(amount, "460.00"))
    assert reading.invoice is not None
    assert [(entry.is_charge, str(entry.amount)) for entry in reading.invoice.allowances] == [
        (False, "13.00 EUR")
    ]
    assert "net_total_wrong" not in codes(reading)


def test_discounts_that_only_the_totals_tell_are_counted() -> None:
    start = "<ram:TaxBasisTotalAmount>"
    content = cii((start, f"<ram:AllowanceTotalAmount>10.00</ram:AllowanceTotalAmount>{start}"))
    assert [str(entry.amount) for entry in invoice_of(content).allowances] == ["10.00 EUR"]
    assert "net_total_wrong" in codes(read(content))


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ('<udt:DateTimeString format="102">20260315</udt:DateTimeString>', date(2026, 3, 15)),
        ('<udt:DateTimeString format="203">202603151030</udt:DateTimeString>', date(2026, 3, 15)),
        ('<udt:DateTimeString format="204">20260315103000</udt:DateTimeString>', date(2026, 3, 15)),
        ("<udt:DateTime>2026-03-15T00:00:00</udt:DateTime>", date(2026, 3, 15)),
        ("<udt:DateTimeString>20260315</udt:DateTimeString>", date(2026, 3, 15)),
    ],
)
def test_the_written_forms_of_a_date_are_understood(written: str, day: date) -> None:
    old = '<udt:DateTimeString format="102">20160404</udt:DateTimeString>'
    assert invoice_of(cii((old, written))).issue_date == day


@pytest.mark.parametrize(("form", "value"), [("610", "202603"), ("102", "20260231"), ("616", "202611")])
def test_a_date_that_names_no_day_is_a_problem_and_no_guess(form: str, value: str) -> None:
    old = '<udt:DateTimeString format="102">20160404</udt:DateTimeString>'
    reading = read(cii((old, f'<udt:DateTimeString format="{form}">{value}</udt:DateTimeString>')))
    assert reading.invoice is not None
    assert reading.invoice.issue_date is None
    assert {"unreadable_value", "missing_issue_date"} <= codes(reading)


def test_the_tax_total_in_the_invoice_currency_is_taken_among_several() -> None:
    old = '<ram:TaxTotalAmount currencyID="EUR">22.04</ram:TaxTotalAmount>'
    foreign = f'<ram:TaxTotalAmount currencyID="DKK">164.00</ram:TaxTotalAmount>{old}'
    assert invoice_of(cii((old, foreign))).tax_total == Money.of("22.04", "EUR")


def test_without_a_net_price_the_gross_price_less_its_discount_counts() -> None:
    text = cii().decode()
    start, end = text.index("<ram:NetPriceProductTradePrice>"), text.index("</ram:NetPriceProductTradePrice>")
    gross = (
        "<ram:GrossPriceProductTradePrice><ram:ChargeAmount>300.00</ram:ChargeAmount>"
        "<ram:AppliedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>false</udt:Indicator>"
        "</ram:ChargeIndicator><ram:ActualAmount>11.21</ram:ActualAmount></ram:AppliedTradeAllowanceCharge>"
        "</ram:GrossPriceProductTradePrice>"
    )
    content = (text[:start] + gross + text[end + len("</ram:NetPriceProductTradePrice>") :]).encode()
    assert invoice_of(content).lines[0].unit_price == Money.of("288.79", "EUR")


@pytest.mark.parametrize("code", "81 83 261 262 296 308 381 396 420 458 532".split())
def test_all_credit_note_codes_are_credit_notes(code: str) -> None:
    assert invoice_of(cii(("<ram:TypeCode>380<", f"<ram:TypeCode>{code}<"))).is_credit_note


@pytest.mark.parametrize("code", "326 380 384 386 389 751 875".split())
def test_invoice_codes_are_invoices(code: str) -> None:
    assert not invoice_of(cii(("<ram:TypeCode>380<", f"<ram:TypeCode>{code}<"))).is_credit_note
