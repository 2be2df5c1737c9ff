"""What is done about a document whose posting ended without an answer.

By itself the program only looks again, whatever the ERP: what stands there as it was approved is recorded.
A person may have what is missing or unfinished sent once more without having looked in the ERP, where the ERP
itself takes such a document once, where the approvals still hold at this moment, and where the last attempt
lies long enough back.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from agent.state import CaseState, Deps, Option
from tools.domain import audit
from tools.domain.decision import Approval, ApprovalInvalid, ApprovalsMissing, PostingOrder, Proposal
from tools.erp.contract import Capability
from tools.erp.once import TakesOnce

RECHECK = "recheck"
SETTLE = "settle"
LOOK = "look"
WITHDRAW = "withdraw"
_THERE = Option(id="posted", label="It is there", description="Found in the ERP; it will be looked up again.")
_NOT_THERE = Option(
    id="not_posted",
    label="It is not there",
    description="Checked in the ERP, drafts included; it will be sent once more.",
)
_CLOSING = Option(
    id="settled",
    label="Close the case",
    description="A person settled it in the ERP, for example because it holds several.",
    inputs=("reason",),
)
_WITHDRAWING = Option(
    id=WITHDRAW,
    label="Give the entry up",
    description="Checked in the ERP: it is not there. Nothing is sent again; the case goes on without it.",
)
"""For an entry beside the document, whose case must not end with it."""
_LOOKING = Option(id=LOOK, label="Look again", description="Ask the ERP once more; send nothing.")
_SETTLING = Option(
    id=SETTLE,
    label="Look again, and settle it",
    description="Ask the ERP once more. What arrived is recorded. What is missing or unfinished is sent "
    "again while the approval holds: this ERP takes the document once.",
)
QUIET = timedelta(minutes=15)
"""Three times the 300 seconds that a connector with `takes_once` waits for an answer: what was sent so long
ago and the next attempt do not meet."""


def outcome_options(deps: Deps, proposal: Proposal, *, beside: bool) -> tuple[Option, ...]:
    """What a person may say of a proposal that was sent and whose outcome is unknown; `beside`: it is not
    the document itself."""
    plain = (_THERE, _NOT_THERE, _WITHDRAWING if beside else _CLOSING, _LOOKING)
    return (*plain, _SETTLING) if _takes_once(deps, proposal) else plain


def programs_choice(offered: Collection[str]) -> str | None:
    """The answer that `recheck` gives in nobody's name, which sends nothing; None where the question is for
    people."""
    return next((option for option in (RECHECK, LOOK) if option in offered), None)


def why_not_again(case: CaseState, deps: Deps, proposal: Proposal, approval: Approval) -> str | None:
    """Why the document must not be sent again now although nobody looked in the ERP; None where it may."""
    if not _takes_once(deps, proposal):
        return "this ERP may take the document twice"
    try:
        PostingOrder.of(
            proposal,
            approval,
            deps.approval_policy,
            deps.now(),
            approvals=case.get("approvals", ()),
            facts=deps.approvals.facts(proposal, deps.approval_policy),
        )
    except (ApprovalInvalid, ApprovalsMissing) as error:
        return str(error)
    sent = [
        record.at
        for record in deps.log.records(case["case_id"])
        if isinstance(record.event, audit.PostingSent) and record.event.key == proposal.action.key
    ]
    if sent and deps.now() - sent[-1] < QUIET:
        return f"the last attempt is less than {QUIET.seconds // 60} minutes old"
    return None


def _takes_once(deps: Deps, proposal: Proposal) -> bool:
    erp = deps.erp
    return isinstance(erp, TakesOnce) and Capability(proposal.action.kind) in erp.takes_once
