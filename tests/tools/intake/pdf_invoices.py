"""Plain invoices as PDF pages, with parts to replace."""

from __future__ import annotations

from collections.abc import Sequence

from tests.tools.intake.pdf_builder import Text, a_pdf, table_row
from tools.domain.documents import Invoice, Reading
from tools.intake.pdf_text import read_text_pdf

Pairs = Sequence[tuple[str, str]]
Rows = Sequence[tuple[str, str, str, str]]

META: Pairs = (("Invoice number:", "INV-7"), ("Invoice date:", "13/04/2026"))
ROWS: Rows = (("Widget A", "2", "50.00", "100.00"), ("Widget B", "1", "100.00", "100.00"))
TOTALS: Pairs = (("Net total", "£200.00"), ("VAT 20%", "£40.00"), ("Total", "£240.00"))


def an_invoice(
    *extra: Text, title: str = "Invoice", meta: Pairs = META, rows: Rows = ROWS, totals: Pairs = TOTALS
) -> bytes:
    """One page: letterhead, addressee, title, number and date, two lines, totals, then `extra`."""
    page = [
        Text(50, 50, "Northwind Tools Ltd", 16),
        Text(50, 68, "1 Dock Road, London E1 6AN", 8),
        Text(50, 120, "Bill to:"),
        Text(50, 133, "Acme Widgets Ltd"),
        Text(50, 146, "5 High Street"),
        Text(50, 159, "Leeds LS1 4AP"),
        Text(50, 220, title, 18),
        *(text for n, (label, value) in enumerate(meta) for text in _pair(250 + 14 * n, label, value)),
        *table_row(330, (50, "Description"), (-300, "Quantity"), (-400, "Unit price"), (-520, "Amount")),
        *rows_at(350, rows),
        *totals_at(450, totals),
        *extra,
    ]
    return a_pdf(page)


def _pair(y: float, label: str, value: str) -> list[Text]:
    return [Text(50, y, label), Text(200, y, value)]


def rows_at(y: float, rows: Rows) -> list[Text]:
    return [
        text
        for n, (name, quantity, price, amount) in enumerate(rows)
        for text in table_row(y + 14 * n, (50, name), (-300, quantity), (-400, price), (-520, amount))
    ]


def totals_at(y: float, totals: Pairs) -> list[Text]:
    return [
        text
        for n, (label, value) in enumerate(totals)
        for text in table_row(y + 14 * n, (320, label), (-520, value))
    ]


def read(content: bytes) -> Reading:
    return read_text_pdf(content, "invoice.pdf")


def invoice_in(content: bytes) -> Invoice:
    reading = read(content)
    assert reading.invoice is not None, reading.reason
    return reading.invoice


def totals_of(invoice: Invoice) -> tuple[str | None, ...]:
    """Net, tax and gross as text with the currency."""
    amounts = (invoice.net_total, invoice.tax_total, invoice.gross_total)
    return tuple(None if amount is None else str(amount) for amount in amounts)


def errors(reading: Reading) -> set[tuple[str, str | None]]:
    return {(one.code, one.field) for one in reading.problems if one.severity == "error"}
