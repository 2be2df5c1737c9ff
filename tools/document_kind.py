"""A person's word on whether a document is an invoice or a credit note, where reading it left that open."""

from __future__ import annotations

from tools.domain.documents import DocumentType, Invoice, Reading

FIELD = "document_type"
_CODES = {DocumentType.INVOICE: "380", DocumentType.CREDIT_NOTE: "381"}


def other_kind(reading: Reading | None) -> DocumentType | None:
    """What else the document may be, for a person to say: where its title, its words and a model part, where
    nothing but a model tells, on thin evidence, and for an invoice below zero. None: that is not open."""
    invoice = reading.invoice if reading is not None else None
    if reading is None or invoice is None:
        return None
    if not _gives_back(invoice) and all(problem.field != FIELD for problem in reading.problems):
        return None
    return DocumentType.INVOICE if invoice.is_credit_note else DocumentType.CREDIT_NOTE


def _gives_back(invoice: Invoice) -> bool:
    stated = invoice.gross_total or invoice.net_total
    return not invoice.is_credit_note and stated is not None and stated.amount < 0


def decided(reading: Reading, kind: DocumentType) -> Reading:
    """The reading as a document of this kind, without the questions about it."""
    if reading.invoice is None:
        return reading
    origins = {name: origin for name, origin in reading.invoice.origins.items() if name != FIELD}
    changes = {"document_type": kind, "type_code": _CODES[kind], "origins": origins}
    problems = tuple(problem for problem in reading.problems if problem.field != FIELD)
    invoice = reading.invoice.model_copy(update=changes)
    return reading.model_copy(update={"invoice": invoice, "problems": problems})
