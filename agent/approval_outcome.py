"""What became of one person's approval: carried out, or why not."""

from __future__ import annotations

from collections.abc import Sequence

from agent.state import Stage
from tools.case_list import CaseSummary
from tools.domain.audit import ApprovalGiven, ApprovalsAwaited, AuditRecord, PostingDone
from tools.domain.identifiers import PersonId

ANEW = (
    "the proposal has changed since it was made, nothing was posted, and it is shown anew: look at it again"
)


def not_finished(
    case: CaseSummary, history: Sequence[AuditRecord], digest: str, person: PersonId
) -> str | None:
    """Why the approval of the proposal with this digest did not do what it was given for, as far as one
    person's approval goes; None when it did. `history` is the case's log in its order."""
    if case.stage in (Stage.POSTED, Stage.PARKED) or _did_its_part(case, history, digest, person):
        return None
    waits = case.stage == Stage.WAITING_FOR_APPROVAL
    told = f"{ANEW}; {case.reason}" if waits else f"not finished: {case.reason}"
    return told.removesuffix(": ").removesuffix("; ")


def _did_its_part(case: CaseSummary, history: Sequence[AuditRecord], digest: str, person: PersonId) -> bool:
    """An entry beside the document was made, or the same proposal waits for the next person. What an earlier
    approval of the same proposal led to says nothing of this one."""
    for record in reversed(history):
        event = record.event
        if isinstance(event, PostingDone) and event.digest == digest:
            return True
        if isinstance(event, ApprovalsAwaited) and event.digest == digest:
            return case.stage == Stage.WAITING_FOR_APPROVAL and case.digest == digest
        if isinstance(event, ApprovalGiven) and event.digest == digest and event.person == person:
            return False
    return False
