"""The tax row of a printed invoice: there where one rate explains the whole tax, else absent."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.tools.intake.pdf_invoices import Pairs, an_invoice, invoice_in, totals_of
from tools.domain.documents import TaxLine
from tools.domain.money import Money

GBP = "GBP"


@pytest.mark.parametrize(
    "label", ["VAT 20%", "VAT 20 %", "20% VAT", "VAT (20%)", "VAT (20 %)", "VAT [20.0%]"]
)
def test_the_rate_beside_the_tax_is_the_documents_tax_row(label: str) -> None:
    totals: Pairs = (("Net total", "£200.00"), (label, "£40.00"), ("Total", "£240.00"))
    row = TaxLine(rate=Decimal(20), base=Money.of("200.00", GBP), amount=Money.of("40.00", GBP))
    assert invoice_in(an_invoice(totals=totals)).taxes == (row,)


def test_a_tax_without_a_rate_beside_it_gets_none() -> None:
    totals: Pairs = (("Net total", "£200.00"), ("VAT", "£40.00"), ("Total", "£240.00"))
    assert invoice_in(an_invoice(totals=totals)).taxes == ()


def test_a_rate_that_does_not_give_the_tax_is_not_believed() -> None:
    totals: Pairs = (("Net total", "£200.00"), ("VAT 5%", "£40.00"), ("Total", "£240.00"))
    assert invoice_in(an_invoice(totals=totals)).taxes == ()


def test_two_rates_on_one_document_are_no_single_row() -> None:
    totals: Pairs = (
        ("Net total", "£200.00"),
        ("VAT 20%", "£20.00"),
        ("VAT 5%", "£5.00"),
        ("Total", "£225.00"),
    )
    invoice = invoice_in(an_invoice(totals=totals))
    assert totals_of(invoice) == ("200.00 GBP", "25.00 GBP", "225.00 GBP")
    assert invoice.taxes == ()


def test_no_tax_at_all_has_no_row() -> None:
    totals: Pairs = (("Net total", "£200.00"), ("VAT 0%", "£0.00"), ("Total", "£200.00"))
    assert invoice_in(an_invoice(totals=totals)).taxes == ()
