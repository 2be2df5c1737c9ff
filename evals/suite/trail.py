"""The way a case went, told from the audit log: findings, questions, suggestions, approvals and writes.

Without times, ids and the ERP's own numbers, so that two runs of the same case tell the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any

from tools.domain import audit
from tools.domain.audit import AuditRecord
from tools.domain.record import Record


class Mark(StrEnum):
    """What kind of step it was."""

    ARRIVED = "arrived"
    FINDINGS = "findings"
    QUESTION = "question"
    SUGGESTION = "suggestion"
    ABSTAINED = "abstained"
    ANSWER = "answer"
    PROPOSAL = "proposal"
    APPROVAL = "approval"
    REFUSED = "refused"
    WRITE = "write"
    CLOSED = "closed"
    LETTER = "letter"
    TOOL = "tool"
    TROUBLE = "trouble"


class TrailStep(Record):
    """One step of one document's way."""

    file: str
    """Its name below the inbox; empty: it belongs to no single document."""
    mark: Mark
    who: str
    """Who acted, as the log names them."""
    words: str
    struck: int = 0
    """Claims of a model in it that no record supports; they were struck out."""


def trail_of(records: Iterable[AuditRecord], files: Mapping[str, str]) -> tuple[TrailStep, ...]:
    """Steps in their order. `files`: case id -> the file's name below the inbox."""
    found = []
    for record in records:
        teller = _TELLERS.get(type(record.event))
        if teller is not None:
            mark, words, struck = teller(record.event)
            file = files.get(record.case_id or "", "")
            found.append(TrailStep(file=file, mark=mark, who=record.actor.id, words=words, struck=struck))
    return tuple(found)


def prompts_of(records: Iterable[AuditRecord]) -> tuple[str, ...]:
    """Name, version and sum of each prompt that a model was asked with, sorted: `investigate/v1 3fa9c1d2`."""
    calls = (record.event for record in records if isinstance(record.event, audit.ModelCalled))
    return tuple(sorted({call.prompt for call in calls if call.prompt}))


_Told = tuple[Mark, str, int]


def _arrived(event: Any) -> _Told:
    return Mark.ARRIVED, "taken in", 0


def _again(event: Any) -> _Told:
    return Mark.ARRIVED, "the same bytes came again: nothing new is opened", 0


def _unread(event: Any) -> _Told:
    return Mark.TROUBLE, f"no invoice: {event.message}", 0


def _matched(event: Any) -> _Told:
    kinds = [f"{finding.kind} ({finding.severity})" for finding in event.findings]
    return Mark.FINDINGS, ", ".join(kinds) or "none", 0


def _asked(event: Any) -> _Told:
    return Mark.QUESTION, f"{event.question} Ways on: {', '.join(event.options)}", 0


def _suggested(event: Any) -> _Told:
    made = event.suggestion
    about = "".join(f", {name} {value}" for name, value in sorted(made.references.items()))
    return Mark.SUGGESTION, f"{made.option or made.kind}{about}: {made.reason}", len(made.struck)


def _declined(event: Any) -> _Told:
    return Mark.ABSTAINED, event.reason, 0


def _answered(event: Any) -> _Told:
    values = "".join(f", {name} {value}" for name, value in sorted(event.values.items()))
    taken = ", as suggested" if event.suggestion_id else ""
    return Mark.ANSWER, f"{event.option}{values}{taken}", 0


def _proposed(event: Any) -> _Told:
    amount = event.proposal.amount
    worth = f" over {amount}" if amount is not None else ""
    return Mark.PROPOSAL, f"{event.proposal.action.kind}{worth}", 0


def _approved(event: Any) -> _Told:
    return Mark.APPROVAL, f"approved{f' {event.capacity}' if event.capacity else ''}", 0


def _awaited(event: Any) -> _Told:
    return Mark.APPROVAL, f"waits for {event.waits_for}", 0


def _refused(event: Any) -> _Told:
    return Mark.REFUSED, event.reason, 0


def _rejected(event: Any) -> _Told:
    return Mark.REFUSED, f"rejected: {event.remark}", 0


def _written(event: Any) -> _Told:
    found = "was there already" if event.found else "written"
    gross = f", {event.posting.gross}" if event.posting.gross is not None else ""
    return Mark.WRITE, f"{found}: {event.posting.state}{gross}", 0


def _not_written(event: Any) -> _Told:
    return Mark.TROUBLE, f"{event.kind.replace('_', ' ')}: {event.reason}", 0


def _closed(event: Any) -> _Told:
    """What was posted is closed with the ERP's own number; that one is left out."""
    return Mark.CLOSED, event.outcome if event.outcome == "posted" else f"{event.outcome}: {event.reason}", 0


def _drafted(event: Any) -> _Told:
    return Mark.LETTER, f"to the {event.draft.to}: {event.draft.subject}", len(event.draft.struck)


def _dropped(event: Any) -> _Told:
    return Mark.LETTER, f"dropped, to the {event.to}: {event.reason}", 0


def _tool(event: Any) -> _Told:
    return Mark.TOOL, f"{event.tool}: {event.outcome}", 0


def _failed(event: Any) -> _Told:
    return Mark.TROUBLE, event.message, 0


_TELLERS: Mapping[type, Callable[[Any], _Told]] = {
    audit.DocumentReceived: _arrived,
    audit.DocumentReceivedAgain: _again,
    audit.DocumentRefused: _unread,
    audit.InvoiceMatched: _matched,
    audit.QuestionAsked: _asked,
    audit.SuggestionMade: _suggested,
    audit.SuggestionDeclined: _declined,
    audit.QuestionAnswered: _answered,
    audit.ProposalMade: _proposed,
    audit.ApprovalGiven: _approved,
    audit.ApprovalsAwaited: _awaited,
    audit.ApprovalRefused: _refused,
    audit.AnswerRefused: _refused,
    audit.ProposalRejected: _rejected,
    audit.PostingDone: _written,
    audit.PostingNotSent: _not_written,
    audit.PostingRefused: _not_written,
    audit.PostingUnknown: _not_written,
    audit.CaseClosed: _closed,
    audit.MessageDrafted: _drafted,
    audit.DraftDropped: _dropped,
    audit.ToolCalled: _tool,
    audit.StepFailed: _failed,
}
