"""Published sample documents, read from their pages alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.tools.intake.pdf_invoices import errors, read, totals_of

DATA = Path(__file__).parents[2] / "data" / "pdf"


@dataclass(frozen=True)
class Truth:
    supplier: str
    buyer: str
    number: str
    issued: str
    totals: tuple[str, str, str]
    lines: tuple[str, ...]
    credit_note: bool = False


TRUTHS = {
    "english_lines": Truth(
        "Sammy Maystone", "Taylor Riddel", "invoice_number_1", "2022-01-01",
        ("127.50 USD", "0.00 USD", "127.50 USD"), ("120.00", "7.50"),
    ),
    "american_open_balance": Truth(
        "Contoso Ltd.", "Microsoft Corp", "INV-100", "2019-11-15",
        ("100.00 USD", "10.00 USD", "110.00 USD"), ("100.00",),
    ),
    "french_credit_note": Truth(
        "Au bon moulin SARL", "Ma jolie boutique", "AV-2017-0005", "2017-11-16",
        ("-218.48 EUR", "-14.99 EUR", "-233.47 EUR"), ("-20.48", "-198.00"), credit_note=True,
    ),
    "german_total_row": Truth(
        "KOSTENLIEFERANT GMBH", "MUSTER-KUNDE GMBH", "KR87654321012", "2013-10-06",
        ("1056.05 EUR", "200.65 EUR", "1256.70 EUR"), ("520.00", "205.00", "288.75", "36.75", "12.10"),
    ),
    "german_two_rates": Truth(
        "Lieferant GmbH", "Kunden AG Mitte", "471102", "2024-11-15",
        ("473.00 EUR", "56.87 EUR", "529.87 EUR"), ("198.00", "275.00"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TRUTHS)
def test_a_published_document_is_read_as_its_pages_show_it(name: str) -> None:
    truth = TRUTHS[name]
    reading = read((DATA / f"{name}.pdf").read_bytes())
    invoice = reading.invoice
    assert invoice is not None
    assert errors(reading) == set()
    assert (invoice.supplier.name, invoice.buyer.name) == (truth.supplier, truth.buyer)
    assert (invoice.number, str(invoice.issue_date)) == (truth.number, truth.issued)
    assert totals_of(invoice) == truth.totals
    assert tuple(str(line.net_amount.amount) for line in invoice.lines if line.net_amount) == truth.lines
    assert invoice.is_credit_note is truth.credit_note


def test_an_earlier_balance_is_no_part_of_the_invoice_and_is_named() -> None:
    reading = read((DATA / "american_open_balance.pdf").read_bytes())
    assert reading.invoice is not None
    assert (str(reading.invoice.gross_total), reading.invoice.payable) == ("110.00 USD", None)
    assert "earlier_balance" in {one.code for one in reading.problems}


def test_letters_of_a_ligature_stay_in_their_word() -> None:
    invoice = read((DATA / "german_two_rates.pdf").read_bytes()).invoice
    assert invoice is not None
    assert [line.description for line in invoice.lines] == ["Trennblätter A4", "Joghurt Banane"]
