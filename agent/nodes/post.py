"""The step that writes to the ERP. It contains no question; what must be asked is left for the next step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from agent.erp_entries import BESIDE, entered_words
from agent.nodes.match_invoice import case_facts
from agent.nodes.questions import answer_to, ask, close_case
from agent.settling import SETTLE, WITHDRAW, outcome_options, why_not_again
from agent.state import Answer, CaseState, Deps, Option, Overrides, Question, Stage
from tools.domain.audit import SERVICE, ApprovalRefused, ApprovalsAwaited, StepFailed
from tools.domain.decision import (
    Approval,
    ApprovalInvalid,
    ApprovalsMissing,
    Decision,
    Posting,
    PostingOrder,
    Proposal,
)
from tools.domain.identifiers import OrderNumber, masked
from tools.duplicate_lookup import suspects_now
from tools.erp.errors import ErpAccessDenied, ErpChanged, ErpError, ErpRejected, NotSupported, OutcomeUnknown
from tools.erp.posting import post_once
from tools.matching.bank import asks_for_money, printed_accounts
from tools.matching.duplicates import new_suspects
from tools.matching.facts import Facts
from tools.matching.fraud_accounts import denied_accounts

STEP = "post"


async def post(case: CaseState, deps: Deps) -> CaseState:
    """Raises ErpUnavailable: nothing was sent, the step may run again."""
    proposal, approval = case.get("proposal"), case.get("approval")
    answer = answer_to(case, STEP)
    if answer is not None and (taken := _take_answer(case, deps, answer)) is not None:
        return taken
    if proposal is None or approval is None:
        raise ApprovalInvalid("there is no approved proposal to post")
    if approval.decision is Decision.REJECT:
        return _rejected(case, deps, proposal, approval)
    change: CaseState = {}
    held_back = _held_back(case, deps, proposal, approval, answer)
    try:
        order = _order(case, deps, proposal, approval)
        change = deps.note(case, SERVICE, stage=Stage.APPROVED)
        case = {**case, **change}
        posting = await post_once(
            deps.erp,
            order,
            deps.ledger,
            deps.pause,
            recheck=partial(_news, case, deps, proposal),
            again=held_back is None,
        )
    except ApprovalsMissing as error:
        return _await_others(case, deps, proposal, error)
    except ApprovalInvalid as error:
        refused = ApprovalRefused(digest=proposal.digest, person=approval.person, reason=str(error))
        deps.log.append(case["case_id"], SERVICE, refused)
        return change | _afresh(case, deps, proposal, error)
    except ErpChanged as error:
        return change | _afresh(case, deps, proposal, error)
    except OutcomeUnknown as error:
        told = f"{error}; not sent again: {held_back}" if held_back else f"{error}"
        return change | _ask_what_happened(case, deps, proposal, told)
    except (ErpRejected, ErpAccessDenied, NotSupported) as error:
        return change | _refused(case, deps, proposal, error)
    return change | _done(case, proposal, posting)


def _held_back(
    case: CaseState, deps: Deps, proposal: Proposal, approval: Approval, answer: Answer | None
) -> str | None:
    """Why an outcome that is unknown is only looked at: empty where nobody asked for more than that, None
    where it may be sent again."""
    if answer is None or answer.option != SETTLE:
        return ""
    return why_not_again(case, deps, proposal, approval)


def _done(case: CaseState, proposal: Proposal, posting: Posting) -> CaseState:
    """The document is posted; after an entry beside it, it is matched again."""
    if isinstance(proposal.action, BESIDE):
        return _goes_on(case, entered_words(proposal.action, posting.number))
    return {"posting": posting, "question": None, "answer": None}


def _order(case: CaseState, deps: Deps, proposal: Proposal, approval: Approval) -> PostingOrder:
    """All approvals against the policy in force and what is known now; once the document went out under
    them, as of the last one. A person may look into the ERP later than approvals last, and must still be
    able to say what is there."""
    sent = deps.ledger.unsettled(proposal.case_id) == proposal.digest
    moment: datetime = approval.decided_at if sent else deps.now()
    return PostingOrder.of(
        proposal,
        approval,
        deps.approval_policy,
        moment,
        approvals=case.get("approvals", ()),
        facts=deps.approvals.facts(proposal, deps.approval_policy, alone=sent),
    )


def _await_others(case: CaseState, deps: Deps, proposal: Proposal, error: ApprovalsMissing) -> CaseState:
    """Keep what was approved and wait for the next person, unless our own books tell that the proposal can no
    longer be posted. Nothing is sent."""
    if deps.ledger.unsettled(case["case_id"]) is not None:
        return _ask_what_happened(case, deps, proposal, str(error))
    if moved := _moved_billing(proposal, deps):
        changed = ErpChanged(f"changed since the proposal was made: {', '.join(moved)}")
        return _afresh(case, deps, proposal, changed)
    found = error.standing
    awaited = ApprovalsAwaited(
        digest=proposal.digest, counted=found.counted, waits_for=found.waits_for, may_act=found.may_act
    )
    change = deps.note(case, SERVICE, awaited, stage=Stage.WAITING_FOR_APPROVAL, reason=found.waits_for)
    waiting: CaseState = {"approval": None, "question": None, "answer": None}
    return change | waiting


def _moved_billing(proposal: Proposal, deps: Deps) -> list[str]:
    """Orders of the proposal on which something else was billed through us since; asks no ERP."""
    known = {ref: version for ref, version in proposal.versions.items() if ref.startswith("billing:")}
    numbers = [OrderNumber(ref.partition(":")[2]) for ref in known]
    return sorted(ref for ref, version in deps.ledger.versions(numbers).items() if known[ref] != version)


def _afresh(case: CaseState, deps: Deps, proposal: Proposal, error: Exception) -> CaseState:
    """Match again, unless something was sent whose outcome nobody knows: a new proposal would then be a
    second posting, so a person settles the first one before anything else."""
    if deps.ledger.unsettled(case["case_id"]) is not None:
        return _ask_what_happened(case, deps, proposal, str(error))
    if isinstance(proposal.action, BESIDE):
        return _goes_on(case, f"{_what(proposal)} was not entered: {error}")
    return _again() | {"changed": str(error)}


async def _news(case: CaseState, deps: Deps, proposal: Proposal) -> str | None:
    """In words: a copy that appeared since the proposal was made, in the ERP or in another case, or an
    account of the document that the supplier denied since. The denials are asked for last: nothing is
    waited for between them and the write."""
    match = case.get("match")
    if match is None or isinstance(proposal.action, BESIDE):
        return None
    facts, sent = case_facts(case, deps), deps.ledger.has_sent(case["case_id"])
    found = await suspects_now(deps.erp, deps.register, facts, match.lines, has_sent=sent)
    told = [entry.message for entry in new_suspects(match.discrepancies, found)]
    return " ".join([*told, *_new_denials(facts, deps)]) or None


def _new_denials(facts: Facts, deps: Deps) -> Iterator[str]:
    """A sentence for each account of the document that was denied after the facts were gathered. A document
    that asks for no money goes on: nothing is paid to the account."""
    if facts.fraud is None or not asks_for_money(facts.invoice):
        return
    known = denied_accounts(facts.fraud.call_backs)
    denied = denied_accounts(deps.fraud.calls(facts.supplier.supplier_id)) - known
    for account in printed_accounts(facts.invoice):
        if account in denied:
            yield f"The supplier denied the account {masked(account)} in a call-back."


def _goes_on(case: CaseState, words: str) -> CaseState:
    """Back to the document's own matching, with what came of the entry beside it."""
    known = case.get("overrides", Overrides())
    noted = known.model_copy(update={"words": tuple(dict.fromkeys((*known.words, words)))})
    return _again() | {"overrides": noted, "approvals": (), "entry": None}


def _not_entered(case: CaseState, deps: Deps, proposal: Proposal, error: ErpError) -> CaseState:
    """The ERP did not take the entry; unless an earlier attempt may have arrived, the case goes on."""
    if deps.ledger.unsettled(case["case_id"]) is not None:
        return _ask_what_happened(case, deps, proposal, str(error))
    deps.log.append(case["case_id"], SERVICE, StepFailed(error=type(error).__name__, message=str(error)))
    return _goes_on(case, f"{_what(proposal)} was not entered: {error}")


def _what(proposal: Proposal) -> str:
    return proposal.action.kind.replace("_", " ")


def _resolve(case: CaseState, deps: Deps, proposal: Proposal, answer: Answer, *, posted: bool) -> None:
    deps.ledger.resolve_unknown(
        case["case_id"],
        proposal.action.key,
        answer.person,
        posted=posted,
        remark=answer.remark,
        answered_at=answer.answered_at,
    )


def _again() -> CaseState:
    """Read the facts again, match again, and ask for a new approval."""
    return {"approval": None, "proposal": None, "question": None, "answer": None}


def _take_answer(case: CaseState, deps: Deps, answer: Answer) -> CaseState | None:
    """None: go on and post (or look again)."""
    if answer.option == "reject":
        return close_case(case, deps, answer, "closed without posting")
    if answer.option == "settled":
        return close_case(case, deps, answer, "settled in the ERP by a person; its outcome was unknown")
    if answer.option == "rematch":
        return _again()
    proposal = case.get("proposal")
    if proposal is not None and answer.option == WITHDRAW:
        _resolve(case, deps, proposal, answer, posted=False)
        return _goes_on(case, f"{answer.person}: {_what(proposal)} is not in the ERP and was given up")
    if proposal is not None and answer.option in ("posted", "not_posted"):
        _resolve(case, deps, proposal, answer, posted=answer.option == "posted")
    return None


def _rejected(case: CaseState, deps: Deps, proposal: Proposal, approval: Approval) -> CaseState:
    """The end of the case, but not where only an entry beside the document was rejected."""
    if isinstance(proposal.action, BESIDE):
        why = f" ({approval.remark})" if approval.remark else ""
        return _goes_on(case, f"{approval.person}: rejected: {_what(proposal)}{why}")
    answer = Answer(
        question_id="",
        option="reject",
        person=approval.person,
        answered_at=approval.decided_at,
        remark=approval.remark,
    )
    return close_case(case, deps, answer, "the proposal was rejected")


def _ask_what_happened(case: CaseState, deps: Deps, proposal: Proposal, reason: str) -> CaseState:
    return _ask(
        case,
        deps,
        proposal,
        Stage.OUTCOME_UNKNOWN,
        reason,
        "Look in the ERP: does it hold this document?",
        outcome_options(deps, proposal, beside=isinstance(proposal.action, BESIDE)),
    )


def _refused(case: CaseState, deps: Deps, proposal: Proposal, error: ErpError) -> CaseState:
    if isinstance(proposal.action, BESIDE):
        return _not_entered(case, deps, proposal, error)
    return _ask(
        case,
        deps,
        proposal,
        Stage.WAITING_FOR_ANSWER,
        str(error),
        "The ERP did not take the document. What now?",
        (
            Option(id="rematch", label="Match again", description="After the cause was mended in the ERP."),
            Option(id="reject", label="Close without posting"),
        ),
    )


def _ask(
    case: CaseState,
    deps: Deps,
    proposal: Proposal,
    stage: Stage,
    reason: str,
    text: str,
    options: tuple[Option, ...],
) -> CaseState:
    question = Question(
        question_id=f"{STEP}:{stage}:{proposal.digest[:12]}",
        step=STEP,
        text=text,
        explanation=(reason,),
        options=options,
    )
    return ask(case, deps, question, stage, reason)
