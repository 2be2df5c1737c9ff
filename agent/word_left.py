"""A person's word on a proposal that a process took down and died before it carried it out: who looks at the
case learns of it, and nobody is asked again."""

from __future__ import annotations

from collections.abc import Sequence

from agent.replies import unheard
from agent.state import Stage
from tools.audit_log import AuditLog
from tools.case_list import CaseSummary, WordLeft
from tools.domain.audit import ApprovalGiven, ProposalRejected
from tools.domain.decision import Approval, Decision
from tools.domain.identifiers import CaseId

_KINDS = tuple(str(event.model_fields["kind"].default) for event in (ApprovalGiven, ProposalRejected))


def word_left(log: AuditLog, case_id: CaseId) -> WordLeft | None:
    """Of a case that waits for an approval; None where its log holds no word that is still to be heard."""
    word = unheard(list(log.records(case_id)))
    if not isinstance(word, Approval):
        return None
    what = "rejected" if word.decision is Decision.REJECT else "approved"
    return WordLeft(what=what, person=word.person, at=word.decided_at, told=_told(case_id, word, what))


def marked(log: AuditLog, case: CaseSummary) -> CaseSummary:
    """The case with the word that was left, for a screen."""
    if case.stage != Stage.WAITING_FOR_APPROVAL:
        return case
    return case.model_copy(update={"word_left": word_left(log, case.case_id)})


def all_marked(log: AuditLog, cases: Sequence[CaseSummary]) -> list[CaseSummary]:
    """As `marked`, reading the history of those cases only that anybody gave a word on."""
    if all(case.stage != Stage.WAITING_FOR_APPROVAL for case in cases):
        return list(cases)
    decided = {case_id for kind in _KINDS for case_id in log.cases_with(kind)}
    return [marked(log, case) if case.case_id in decided else case for case in cases]


def _told(case_id: CaseId, word: Approval, what: str) -> str:
    """Who, when, and what becomes of it, as a clause whose subject is the case."""
    goes_on = f"`erp-agent recheck {case_id}` or the next run carries it out"
    stops = "" if word.decision is Decision.REJECT else f", `erp-agent reject {case_id}` stops it"
    when = f"{word.decided_at:%Y-%m-%d %H:%M:%S}"
    return f"{what} by {word.person} at {when} and not carried out yet; {goes_on}{stops}"
