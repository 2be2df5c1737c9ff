"""What the rules left open in a reading: fields that are empty, or that nothing proves."""

from __future__ import annotations

from tools.domain.documents import Invoice, ProblemSeverity, Reading
from tools.domain.money import NO_CURRENCY

TOTALS = ("net_total", "tax_total", "gross_total")
NEEDED = ("invoice_number", "issue_date", "currency", "supplier_name", *TOTALS)
"""Without these nothing is posted: where one is open, a second reader is asked."""
_HEAD = ("invoice_number", "issue_date", "due_date", "currency", "supplier_name", "buyer_name")
OFFERED = (*_HEAD, "order_reference", *TOTALS)
"""Every field that a second reader may fill."""
_UNSURE = frozenset(("total_unproven", "ambiguous_date"))


def value_of(invoice: Invoice, field: str) -> object | None:
    """The value of one of `OFFERED`; None where the document has none."""
    if field == "currency":
        return None if invoice.currency == NO_CURRENCY else invoice.currency
    values = {
        "invoice_number": invoice.number,
        "supplier_name": invoice.supplier.name,
        "buyer_name": invoice.buyer.name,
        "order_reference": invoice.order_number,
    }
    return values[field] if field in values else getattr(invoice, field)


def unproven(reading: Reading) -> frozenset[str]:
    """Fields with a value that the reader itself calls unproven, as an error."""
    return frozenset(
        problem.field
        for problem in reading.problems
        if problem.field and problem.code in _UNSURE and problem.severity is ProblemSeverity.ERROR
    )


def open_fields(reading: Reading) -> tuple[str, ...]:
    """The fields to ask for; none where nothing that is needed is open. `lines` only where rules read none:
    single lines are never replaced."""
    invoice = reading.invoice
    if invoice is None:
        return (*OFFERED, "lines")
    unsure = unproven(reading)
    found = [field for field in OFFERED if field in unsure or value_of(invoice, field) is None]
    if invoice.net_total is not None and invoice.net_total == invoice.gross_total:
        found = [field for field in found if field != "tax_total"]
    if not set(found) & set(NEEDED):
        return ()
    if set(found) & set(TOTALS):
        found = [field for field in OFFERED if field in found or field in TOTALS]
    return (*found, *(() if invoice.lines else ("lines",)))


def with_text_where_open(reading: Reading) -> Reading:
    """The text is kept only where it may tell something: an invoice that was read in full has none."""
    if reading.text is None or open_fields(reading):
        return reading
    return reading.model_copy(update={"text": None})
