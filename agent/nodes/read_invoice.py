"""Step 1: document → reading. What is no invoice ends here, with a reason."""

from __future__ import annotations

from tools.intake.editions import select_originals
from tools.matching.duplicates import normalise_number

from agent.state import CaseState, Deps, Stage
from tools.domain.audit import SERVICE, DocumentRead, DocumentRefused
from tools.domain.documents import Reading, ReadingState, SourceDocument


async def read_and_keep(deps: Deps, document: SourceDocument) -> Reading:
    """The document's reading, read once and kept. Documents of one mail are read together, because one
    of them may be another edition of the same invoice."""
    kept = deps.archive.reading(document.document_id)
    if kept is not None:
        return kept
    parts = [part for _, part in deps.archive.siblings(document)] or [document]
    readings = select_originals([(part, await deps.documents.read(part)) for part in parts])
    for part, reading in readings:
        number = reading.invoice.number if reading.invoice else None
        deps.archive.keep_reading(part.document_id, reading, normalise_number(number) if number else None)
    return next(reading for part, reading in readings if part.document_id == document.document_id)


async def read_invoice(case: CaseState, deps: Deps) -> CaseState:
    document = deps.archive.document(case["document_id"])
    reading = await read_and_keep(deps, document)
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
