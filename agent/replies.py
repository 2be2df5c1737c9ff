"""A person's word on its way: first into the audit log, then to the graph. The log says what was on its way
when a process died."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.state import Answer, CaseState, Option, Question, Stage
from tools.domain import audit
from tools.domain.audit import Actor, AuditEvent, AuditRecord
from tools.domain.authority import ApprovalPolicy
from tools.domain.decision import Approval, Decision
from tools.domain.identifiers import PersonId

REASON = "reason"
"""The value that every option takes: why a person chose it."""
_CHANGES_NOTHING = (
    audit.DocumentReceivedAgain,
    audit.ApprovalRefused,
    audit.AnswerRefused,
    audit.SuggestionMade,
    audit.SuggestionDeclined,
    audit.MessageDrafted,
    audit.DraftDropped,
    audit.ToolCalled,
    audit.ModelCalled,
)


def noted(approval: Approval, policy: ApprovalPolicy, capacity: str = "") -> AuditEvent:
    """What the log keeps of an approval or a rejection."""
    if approval.decision is Decision.REJECT:
        return audit.ProposalRejected(digest=approval.digest, person=approval.person, remark=approval.remark)
    return audit.ApprovalGiven(
        digest=approval.digest,
        person=approval.person,
        policy=policy.label,
        decided_at=approval.decided_at,
        remark=approval.remark,
        capacity=capacity,
    )


def answer_fault(question: Question, option: str, values: Mapping[str, str], remark: str) -> str | None:
    """Why this is no answer to the question, in words; None when it is one. A value the option does not ask
    for is a fault too: it would stand in the log as if it had been followed."""
    chosen = next((entry for entry in question.options if entry.id == option), None)
    if chosen is None:
        offered = ", ".join(entry.id for entry in question.options)
        return f"{option!r} is not offered; choose one of: {offered}"
    given = {REASON: remark, **values}
    missing = [name for name in chosen.inputs if not given.get(name, "").strip()]
    if missing:
        return f"{option!r} needs a value for: {', '.join(missing)}"
    known = (*chosen.inputs, *chosen.optional)
    unknown = [name for name in values if name not in (*known, REASON)]
    if unknown:
        takes = f"it takes: {', '.join(known)}" if known else "it takes no value"
        return f"{option!r} has no value {', '.join(unknown)}; {takes}"
    return None


def shown_again(state: CaseState, option: str, actor: Actor, why: str) -> Question | None:
    """What the program answers when the ERP changed under a proposal that is shown: the proposal itself, in
    the form of a question. None for people, who approve or reject it, and where nothing is known to have
    changed."""
    proposal = state.get("proposal")
    shown = proposal if state.get("stage") is Stage.WAITING_FOR_APPROVAL else None
    if shown is None or actor != audit.SERVICE or not why:
        return None
    only = Option(id=option, label=why)
    return Question(question_id=shown.digest, step="find_supplier", text=why, options=(only,))


def answered(answer: Answer, state: CaseState) -> tuple[AuditEvent, ...]:
    """What the log keeps of an answer, in one step. One that makes a shown proposal void ends the waiting:
    then the case goes on by itself, whatever fails."""
    said = audit.QuestionAnswered(**answer.model_dump(exclude={"person", "answered_at"}))
    if state.get("question") is not None:
        return (said,)
    return audit.StageChanged(stage=Stage.MATCHED, reason=answer.remark), said


def unheard(records: Sequence[AuditRecord]) -> Approval | Answer | None:
    """The word in a waiting case's history that did not reach the graph: only records that change nothing
    follow it."""
    last = next((entry for entry in reversed(records) if not isinstance(entry.event, _CHANGES_NOTHING)), None)
    if last is None or last.case_id is None:
        return None
    match last.event:
        case audit.ApprovalGiven() as event:
            return Approval(
                case_id=last.case_id,
                digest=event.digest,
                person=event.person,
                decided_at=event.decided_at,
                decision=Decision.APPROVE,
                remark=event.remark,
            )
        case audit.ProposalRejected() as event:
            return Approval(
                case_id=last.case_id,
                digest=event.digest,
                person=event.person,
                decided_at=last.at,
                decision=Decision.REJECT,
                remark=event.remark,
            )
        case audit.QuestionAnswered() as event:
            return Answer(
                question_id=event.question_id,
                option=event.option,
                values=event.values,
                person=PersonId(last.actor.id),
                answered_at=last.at,
                remark=event.remark,
                suggestion_id=event.suggestion_id,
                suggested_by=event.suggested_by,
            )
        case _:
            return None
