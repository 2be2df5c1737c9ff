"""A person's word on its way: first into the audit log, then to the graph. The log says what was on its way
when a process died."""

from __future__ import annotations

from collections.abc import Sequence

from agent.state import Answer
from tools.domain import audit
from tools.domain.audit import AuditEvent, AuditRecord
from tools.domain.authority import ApprovalPolicy
from tools.domain.decision import Approval, Decision
from tools.domain.identifiers import PersonId

_CHANGES_NOTHING = (audit.DocumentReceivedAgain, audit.ApprovalRefused, audit.AnswerRefused)


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
            )
        case _:
            return None
