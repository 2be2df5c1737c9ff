"""Which documents are invoices: the title decides, not a mention."""

from __future__ import annotations

import pytest

from tests.tools.intake.pdf_builder import Text, a_pdf
from tests.tools.intake.pdf_invoices import an_invoice, read
from tools.domain.documents import DocumentType, ReadingState


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("Order confirmation", "order_confirmation"),
        ("Auftragsbestätigung", "order_confirmation"),
        ("Orderbevestiging", "order_confirmation"),
        ("Delivery note", "delivery_note"),
        ("Lieferschein", "delivery_note"),
        ("Pakbon", "delivery_note"),
        ("Bon de livraison", "delivery_note"),
        ("Statement of account", "statement"),
        ("Payment reminder", "reminder"),
        ("Mahnung", "reminder"),
        ("Aanmaning", "reminder"),
        ("Quotation", "quote"),
        ("Angebot", "quote"),
        ("Devis", "quote"),
        ("Pro forma invoice", "pro_forma"),
        ("Proforma-Rechnung", "pro_forma"),
        ("Remittance advice", "remittance_advice"),
        ("Purchase order", "purchase_order"),
        ("Bon de commande", "purchase_order"),
        ("Receipt", "receipt"),
    ],
)
def test_a_title_of_another_document_is_no_invoice(title: str, reason: str) -> None:
    reading = read(an_invoice(title=title))
    assert reading.state is ReadingState.NOT_AN_INVOICE
    assert reading.reason == reason


@pytest.mark.parametrize(
    ("title", "row"),
    [
        ("Rekeningoverzicht", "Factuur"),
        ("Kontoauszug", "Rechnung"),
        ("Saldenmitteilung", "Rechnung"),
        ("Relevé de compte", "Facture"),
        ("Statement of account", "Invoice"),
        ("Statement", "Invoice"),
        ("Zahlungserinnerung", "Rechnung"),
    ],
)
@pytest.mark.parametrize("size", [10, 16])
def test_rows_that_begin_with_the_word_invoice_are_not_the_title(title: str, row: str, size: int) -> None:
    page = [Text(50, 60, "Van Dijk Verpakkingen B.V."), Text(50, 120, title, size)]
    rows = ("VD-2511  05-02-2026  600,00", "VD-2540  19.02.26  1.345,00", "VD-2544  19/02/2026  45.00")
    page += [Text(50, 150 + 15 * at, f"{row} {words}") for at, words in enumerate(rows)]
    reading = read(a_pdf([*page, Text(50, 220, "Saldo: 1.990,00 EUR")]))
    assert reading.state is ReadingState.NOT_AN_INVOICE
    assert reading.reason in ("statement", "reminder")


def test_an_invoice_that_mentions_a_statement_is_still_one_by_its_title() -> None:
    """A number and a date behind the title make it no row: an amount would."""
    reading = read(an_invoice(title="Invoice INV-77 05.02.26"))
    assert reading.invoice is not None


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Invoice", DocumentType.INVOICE),
        ("Rechnung", DocumentType.INVOICE),
        ("R E C H N U N G", DocumentType.INVOICE),
        ("Credit note", DocumentType.CREDIT_NOTE),
        ("Gutschrift", DocumentType.CREDIT_NOTE),
        ("Creditnota", DocumentType.CREDIT_NOTE),
        ("Avoir AV-2017-0005", DocumentType.CREDIT_NOTE),
        ("Nota di credito", DocumentType.CREDIT_NOTE),
    ],
)
def test_the_title_tells_invoice_and_credit_note_apart(title: str, kind: DocumentType) -> None:
    reading = read(an_invoice(title=title))
    assert reading.invoice is not None
    assert reading.invoice.document_type is kind


def test_an_invoice_may_mention_every_other_document() -> None:
    mentions = (
        Text(350, 250, "Delivery note: 4711"),
        Text(350, 264, "Order confirmation 8812 of 01/04/2026"),
        Text(50, 700, "A reminder follows after 30 days. Statements are sent monthly."),
        Text(50, 714, "Purchase order and quotation numbers must be quoted."),
    )
    assert read(an_invoice(*mentions)).state is ReadingState.INVOICE


def test_a_page_without_number_and_amounts_is_no_invoice() -> None:
    letter = [Text(50, 100 + 14 * n, "Dear customer, our office moves in spring") for n in range(5)]
    assert read(a_pdf(letter)).state is ReadingState.NOT_AN_INVOICE


def test_a_file_without_text_needs_text_recognition() -> None:
    reading = read(a_pdf([]))
    assert (reading.state, reading.reason) == (ReadingState.UNREADABLE, "image_needs_ocr")


def test_a_text_layer_that_nobody_sees_counts_as_none() -> None:
    page = [Text(50, 100 + 14 * n, f"Total due {n}.00 EUR", invisible=True) for n in range(9)]
    assert read(a_pdf(page)).reason == "image_needs_ocr"


def test_a_broken_file_is_damaged() -> None:
    assert read(b"%PDF-1.4 broken").reason == "damaged"
