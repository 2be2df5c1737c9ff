"""How the documents of a case ended, read from the case list and the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from agent.application import Application
from agent.state import Stage
from agent.suggestions import BROKE_OFF
from evals.suite.outcome import DocumentEnd
from evals.suite.people import below_inbox, file_of
from tools.case_list import CaseSummary
from tools.domain import audit
from tools.domain.audit import AuditRecord


async def document_end(found: CaseSummary, application: Application) -> DocumentEnd:
    """Where one document stands, and what a model said of it on the way."""
    question = (await application.service.state(found.case_id)).get("question")
    is_open = question is not None and found.stage == Stage.WAITING_FOR_ANSWER
    events = [record.event for record in application.service.follow(found.case_id)]
    made = [event.suggestion for event in events if isinstance(event, audit.SuggestionMade)]
    return DocumentEnd(
        file=file_of(found),
        stage=found.stage,
        blocks=found.blocks,
        warnings=found.warnings,
        supplier=found.supplier_id,
        number=found.number or "",
        question=question.question_id if question and is_open else "",
        options=tuple(option.id for option in question.options) if question and is_open else (),
        suggested=tuple(entry.option or str(entry.kind) for entry in made),
        taken=tuple(
            event.option
            for event in events
            if isinstance(event, audit.QuestionAnswered) and event.suggestion_id
        ),
        declined=sum(isinstance(event, audit.SuggestionDeclined) for event in events),
    )


def named_accounts(inbox: Iterable[CaseSummary], application: Application) -> set[str]:
    """Bank accounts that the documents ask to be paid on, local ones too."""
    readings = (application.service.deps.archive.reading(found.document_id) for found in inbox)
    invoices = (reading.invoice for reading in readings if reading and reading.invoice)
    return {account for invoice in invoices for account in (*invoice.ibans, *invoice.other_accounts)}


def sent_again(records: Sequence[AuditRecord]) -> tuple[str, ...]:
    """Documents whose bytes had come before under another name; those taken in twice by the same name are
    only looked at twice."""
    first = {
        below_inbox(record.event.path)
        for record in records
        if isinstance(record.event, audit.DocumentReceived)
    }
    events = (record.event for record in records if isinstance(record.event, audit.DocumentReceivedAgain))
    return tuple(sorted({below_inbox(event.path) for event in events} - first))


def broken_off(records: Sequence[AuditRecord]) -> str:
    """Why a question stands without a model's word though nothing was wrong with the case: the program met a
    defect while it asked, or no model was reached in time; empty: neither. The program goes on without a
    suggestion, which must not pass for a model that does not know."""
    declined = [record.event for record in records if isinstance(record.event, audit.SuggestionDeclined)]
    defects = (event.reason for event in declined if event.reason.startswith(BROKE_OFF))
    missed = (f"no model answered: {event.reason}" for event in declined if event.again)
    return next(chain(defects, missed), "")
