"""How far the approvals of a case's proposal have come, under the policy and by what is known now."""

from __future__ import annotations

from agent.state import CaseState, Deps, Stage
from agent.views import ANYBODY, authority_lines
from agent.word_left import word_left
from tools.domain.authority_verdict import Verdict, judge, standing
from tools.domain.decision import Decision, Proposal, approvals_of
from tools.domain.identifiers import PersonId


def authority(deps: Deps, state: CaseState) -> tuple[str, ...]:
    """Who approved what, and who must act next, in words."""
    question, proposal, policy = state.get("question"), state.get("proposal"), deps.approval_policy
    if question is not None:
        return () if policy.has_roles else (f"policy {policy.label} names no roles: {ANYBODY}",)
    if proposal is None or state.get("stage") is not Stage.WAITING_FOR_APPROVAL:
        return ()
    if (left := word_left(deps.log, state["case_id"])) is not None:
        return (left.told,)
    given = approvals_of(proposal, state.get("approvals", ()))
    return authority_lines(standing(policy, deps.approvals.facts(proposal, policy), given, deps.now()))


def verdict(deps: Deps, state: CaseState, proposal: Proposal, person: PersonId) -> Verdict:
    """Whether the person's approval would count now, and why (not). One that is on its way is not given
    again: it goes on, or somebody rejects it."""
    policy, given = deps.approval_policy, approvals_of(proposal, state.get("approvals", ()))
    found = judge(policy, deps.approvals.facts(proposal, policy), given, person, deps.now())
    left = word_left(deps.log, state["case_id"]) if found.allowed else None
    return found if left is None else Verdict(allowed=False, reason=f"it is {left.told}")


def word_counts(
    deps: Deps, state: CaseState, proposal: Proposal, digest: str, decision: Decision, person: PersonId
) -> Verdict:
    """Whether a yes or a no to the proposal with this digest counts; the reason of a yes is the capacity in
    which it is given."""
    if digest != proposal.digest:
        return Verdict(allowed=False, reason="the proposal has changed since it was shown; look at it again")
    if decision is Decision.APPROVE:
        return verdict(deps, state, proposal, person)
    refused = deps.approval_policy.answer_refusal(person)
    return Verdict(allowed=refused is None, reason=refused or "")
