"""The step that waits for a person, and does nothing else: on resume it runs again from its first line."""

from __future__ import annotations

from langgraph.types import interrupt

from agent.state import Answer, CaseState
from tools.domain.decision import Approval


class WrongReply(Exception):
    """The case was resumed with something that answers nothing it asked: a defect of the caller."""


async def wait_for_approval(case: CaseState) -> CaseState:
    question, proposal = case.get("question"), case.get("proposal")
    shown = question.question_id if question else proposal.digest if proposal else ""
    reply = interrupt(shown)
    if isinstance(reply, Answer) and question is not None and reply.question_id == question.question_id:
        # An approval stays: what was sent under it may have to be looked up, or sent once more.
        return {"answer": reply}
    if isinstance(reply, Approval) and proposal is not None and question is None:
        earlier = tuple(entry for entry in case.get("approvals", ()) if entry.digest == proposal.digest)
        return {"approval": reply, "answer": None, "approvals": tuple(dict.fromkeys((*earlier, reply)))}
    if isinstance(reply, Answer) and question is None and proposal and reply.question_id == proposal.digest:
        return _made_anew(case, reply)
    raise WrongReply(f"{case['case_id']} waits for {shown or 'nothing'}")


def _made_anew(case: CaseState, reply: Answer) -> CaseState:
    """What the proposal rests on changed in the ERP: it is matched again. Who approved it before is told."""
    change: CaseState = {"proposal": None, "approval": None, "answer": None, "resolution": None}
    return change | ({"changed": reply.remark} if case.get("approvals") else {})
