"""UN/CEFACT 1001: which document a type code names, as EN 16931 divides the codes."""

from __future__ import annotations

from tools.domain.documents import DocumentType

# EN 16931 BR-CL-01, credit note codes; 262 and the self-billed 261, 502, 503 among them.
_CREDIT_NOTES = frozenset("81 83 261 262 296 308 381 396 420 458 502 503 532".split())
# Other documents that some senders put into an invoice's clothes.
_OTHERS = {
    "220": "purchase_order",
    "230": "order_change",
    "231": "order_response",
    "310": "quotation",
    "351": "despatch_advice",
    "632": "receipt_advice",
}
PRO_FORMA = "325"


def document_type(code: str | None, credit_note_root: bool = False) -> DocumentType:
    """The type a code stands for; without a code the root element of the document decides."""
    if code in _CREDIT_NOTES or (credit_note_root and code is None):
        return DocumentType.CREDIT_NOTE
    if credit_note_root and code not in _INVOICES:
        return DocumentType.CREDIT_NOTE
    return DocumentType.INVOICE


# Codes that contradict a CreditNote root: the code is the supplier's word and decides.
_INVOICES = frozenset("380 384 386 389 326".split())


def other_document(code: str | None) -> str | None:
    """The stable word for a document that is no invoice at all; None for every other code."""
    return _OTHERS.get(code or "")


def order_reference(raw: str | None) -> str | None:
    """None for the fillers `NA` and `N/A`, written where a profile demands a reference and there is no
    order; whatever else a supplier writes is kept as sent."""
    return None if raw in {"NA", "N/A"} else raw
