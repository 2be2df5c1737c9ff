"""One invoice sent twice in one mail, as PDF and as XML, is booked once: the XML is the original."""

from __future__ import annotations

from collections.abc import Sequence

from tools.domain.documents import (
    DocumentFormat,
    Invoice,
    Problem,
    ProblemSeverity,
    Reading,
    ReadingState,
    SourceDocument,
)
from tools.domain.identifiers import compact
from tools.intake.limits import no_invoice

Pair = tuple[SourceDocument, Reading]


def select_originals(readings: Sequence[Pair]) -> list[Pair]:
    """The readings of one mail, in their order; further editions of an invoice become NOT_AN_INVOICE
    with reason `other_edition` and name the original. Nothing is dropped.

    Structured data comes before page text; among equals the first one sent counts.
    """
    result = list(readings)
    for index, (document, reading) in enumerate(readings):
        original = _original(index, readings)
        if original is None or reading.invoice is None:
            continue
        kept, kept_reading = readings[original]
        message = f"Another edition of invoice {reading.invoice.number}; the original is {kept.name}."
        result[index] = (document, no_invoice("other_edition", message, reading.format))
        warning = _difference(kept_reading, reading, document.name)
        if warning is not None:
            held, current = result[original]
            problems = (*current.problems, warning)
            result[original] = (held, current.model_copy(update={"problems": problems}))
    return result


def _original(index: int, readings: Sequence[Pair]) -> int | None:
    """Position of the better edition of the same invoice; None when this one is it."""
    mine = readings[index][1]
    best = index
    for other, (_, reading) in enumerate(readings):
        if other != index and _same_invoice(mine, reading):
            best = min(best, other, key=lambda at: (_rank(readings[at][1]), at))
    return None if best == index else best


def _rank(reading: Reading) -> int:
    return 1 if reading.format in (DocumentFormat.TEXT_PDF, DocumentFormat.UNKNOWN) else 0


def _same_invoice(left: Reading, right: Reading) -> bool:
    if left.state is not ReadingState.INVOICE or left.invoice is None or right.invoice is None:
        return False
    one, two = left.invoice, right.invoice
    if one.number is None or two.number is None or one.gross_total is None or two.gross_total is None:
        return False
    return (
        compact(one.number) == compact(two.number)
        and one.gross_total.currency == two.gross_total.currency
        and one.gross_total.amount == two.gross_total.amount
        and _same_supplier(one, two)
    )


def _same_supplier(one: Invoice, two: Invoice) -> bool:
    """The same id or the same name; page text may show only a part of a name, or none."""
    left, right = one.supplier, two.supplier
    if left.vat_id and right.vat_id and compact(left.vat_id) == compact(right.vat_id):
        return True
    if not left.name or not right.name:
        return True
    first, second = compact(left.name), compact(right.name)
    return first in second or second in first


def _accounts(invoice: Invoice) -> frozenset[str]:
    return frozenset(map(compact, (*invoice.ibans, *invoice.other_accounts)))


def _difference(kept: Reading, other: Reading, name: str) -> Problem | None:
    one, two = kept.invoice, other.invoice
    if one is None or two is None:
        return None
    pairs = {
        "issue date": (one.issue_date, two.issue_date),
        "due date": (one.due_date, two.due_date),
        "VAT id": (one.supplier.vat_id, two.supplier.vat_id),
        "account": (_accounts(one), _accounts(two)),
        "tax": (one.tax_total, two.tax_total),
    }
    differing = [what for what, (left, right) in pairs.items() if left and right and left != right]
    if not differing:
        return None
    return Problem(
        code="editions_differ",
        severity=ProblemSeverity.WARNING,
        message=f"{name} shows the same invoice with another {' and '.join(differing)}.",
    )
