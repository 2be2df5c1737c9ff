"""Step 1: what was read from the document. What is no invoice ends here, with a reason.

Where rules left something open, and the settings name a model for it, the model reads first.
"""

from __future__ import annotations

from agent.state import CaseState, Deps, Stage
from tools.domain.audit import SERVICE, DocumentRead, DocumentRefused
from tools.domain.documents import ReadingState


async def read_invoice(case: CaseState, deps: Deps) -> CaseState:
    document = deps.archive.document(case["document_id"])
    reading = deps.archive.reading(document.document_id)
    if reading is None:
        raise LookupError(f"{case['case_id']} has no reading: documents are received together with theirs")
    if deps.second_reader is not None and reading.text is not None:
        reading = await deps.second_reader.complete(case, reading, deps) or reading
    invoice = reading.invoice
    if invoice is None:
        stage = Stage.UNREADABLE if reading.state is ReadingState.UNREADABLE else Stage.NOT_AN_INVOICE
        message = reading.message or reading.reason or "no invoice was found in it"
        refused = DocumentRefused(
            document_id=document.document_id,
            state=reading.state.value,
            reason=reading.reason or "unknown",
            message=message,
        )
        return deps.note(case, SERVICE, refused, stage=stage, reason=message)
    read = DocumentRead(
        document_id=document.document_id,
        format=reading.format.value,
        number=invoice.number,
        supplier_name=invoice.supplier.name,
        gross=str(invoice.gross_total) if invoice.gross_total else None,
        problems=tuple(problem.code for problem in reading.problems),
    )
    return deps.note(case, SERVICE, read, stage=Stage.READ)
