"""A posting order exists only for an approved proposal, and stays what it was made of."""

from __future__ import annotations

import copy
import pickle
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.builders import a_post_invoice, eur, facts_seen
from tests.tools.posting.fake_erp import FakeErp
from tests.tools.posting.office import (
    ANNA,
    BEN,
    NOW,
    OTHER_CASE,
    POLICY,
    Office,
    a_proposal,
    an_approval,
    ordered,
)
from tools.domain.authority import ApprovalPolicy
from tools.domain.decision import (
    Approval,
    ApprovalInvalid,
    Decision,
    HoldInvoice,
    PostCreditNote,
    PostingOrder,
    Proposal,
)
from tools.domain.identifiers import PersonId
from tools.domain.money import Money


def refusal(approval: Approval, proposal: Proposal | None = None, policy: ApprovalPolicy = POLICY) -> str:
    shown = proposal or a_proposal()
    with pytest.raises(ApprovalInvalid) as caught:
        PostingOrder.of(shown, approval, policy, NOW, facts=facts_seen(shown))
    return str(caught.value)


def test_an_approved_proposal_becomes_an_order() -> None:
    proposal = a_proposal()
    approval = an_approval(proposal)
    order = PostingOrder.of(proposal, approval, POLICY, NOW, facts=facts_seen(proposal))
    assert (order.proposal, order.approval) == (proposal, approval)
    assert (order.action, order.key) == (proposal.action, proposal.action.key)


def test_no_order_is_made_without_the_facts_of_who_had_a_hand_in_the_document() -> None:
    proposal = a_proposal()
    with pytest.raises(TypeError, match="facts"):
        PostingOrder.of(proposal, an_approval(proposal), POLICY, NOW)  # type: ignore[call-arg]
    entered = facts_seen(proposal).model_copy(update={"entered_by": ("anna",)})
    with pytest.raises(ApprovalInvalid, match="entered the document"):
        PostingOrder.of(proposal, an_approval(proposal), POLICY, NOW, facts=entered)


def test_a_rejection_makes_no_order() -> None:
    assert refusal(an_approval(a_proposal(), decision=Decision.REJECT)) == "anna rejected the proposal"


@pytest.mark.parametrize("change", [{"digest": "f" * 64}, {"digest": ""}, {"case_id": OTHER_CASE}])
def test_an_approval_of_something_else_makes_no_order(change: dict[str, str]) -> None:
    assert "given for another proposal" in refusal(an_approval(a_proposal(), **change))


def test_a_proposal_changed_after_the_approval_makes_no_order() -> None:
    approval = an_approval(a_proposal())
    changed = a_proposal(a_post_invoice(gross=eur("121.01")))
    assert "given for another proposal" in refusal(approval, changed)


def test_an_approval_lasts_as_long_as_the_policy_says_and_no_longer() -> None:
    proposal = a_proposal()
    last = an_approval(proposal, decided_at=NOW - POLICY.valid_for)
    assert PostingOrder.of(proposal, last, POLICY, NOW, facts=facts_seen(proposal)).approval == last
    late = an_approval(proposal, decided_at=NOW - POLICY.valid_for - timedelta(microseconds=1))
    assert "has expired" in refusal(late)


def test_an_approval_from_the_future_makes_no_order() -> None:
    late = an_approval(a_proposal(), decided_at=NOW + timedelta(microseconds=1))
    assert "dated in the future" in refusal(late)


def test_nobody_approves_who_is_not_listed_and_the_program_least_of_all() -> None:
    for person in ("mallory", "erp-agent", "", "ANNA"):
        told = refusal(an_approval(a_proposal(), PersonId(person)))
        assert "is not an approver" in told
    assert "is not an approver" in refusal(an_approval(a_proposal()), policy=ApprovalPolicy())


@pytest.mark.parametrize("kind", ["invoice", "credit note"])
def test_a_limit_holds_for_both_signs_and_to_the_cent(kind: str) -> None:
    plain = a_post_invoice(gross=eur("500.00"))
    action = plain if kind == "invoice" else PostCreditNote(**{**dict(plain), "kind": "post_credit_note"})
    proposal = a_proposal(action)
    PostingOrder.of(proposal, an_approval(proposal, BEN), POLICY, NOW, facts=facts_seen(proposal))
    above = a_proposal(action.model_copy(update={"gross": eur("500.01")}))
    assert "above the limit of Ben" in refusal(an_approval(above, BEN), above)


def test_an_amount_in_another_currency_needs_a_rate_of_the_policy() -> None:
    proposal = a_proposal(a_post_invoice(gross=Money.of("600.00", "USD")))
    approval = an_approval(proposal, BEN)
    assert "no rate for USD" in refusal(approval, proposal)
    for rate, allowed in (("0.83", True), ("0.84", False)):
        policy = POLICY.model_copy(update={"group_rates": {"USD": Decimal(rate)}})
        if allowed:
            PostingOrder.of(proposal, approval, policy, NOW, facts=facts_seen(proposal))
        else:
            assert "above the limit" in refusal(approval, proposal, policy)


def test_an_action_without_an_amount_needs_an_approver_and_no_limit() -> None:
    hold = HoldInvoice(company="DEMO", supplier_id="10042", posted_number="PI-1", reason_code="PRICE")
    proposal = a_proposal(hold)
    PostingOrder.of(proposal, an_approval(proposal, BEN), POLICY, NOW, facts=facts_seen(proposal))
    assert "is not an approver" in refusal(an_approval(proposal, PersonId("mallory")), proposal)


@pytest.mark.parametrize("seal", [None, True, object(), "seal"])
def test_an_order_cannot_be_made_otherwise(seal: object) -> None:
    proposal = a_proposal()
    with pytest.raises(ApprovalInvalid, match="PostingOrder.of"):
        PostingOrder(proposal, an_approval(proposal), seal)


def test_an_order_cannot_be_changed() -> None:
    order = ordered()
    for name, value in (("proposal", a_proposal(a_post_invoice(gross=eur("1.00")))), ("seal", 1)):
        with pytest.raises(AttributeError):
            setattr(order, name, value)
    with pytest.raises(ValueError, match="frozen"):
        order.proposal.action.gross = eur("1.00")  # type: ignore[union-attr]


def test_an_order_cannot_be_copied_or_carried_to_another_process() -> None:
    """An order is made anew from the stored proposal and approval, with every check."""
    order = ordered()
    for copied in (copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))):  # noqa: S301
        with pytest.raises(AttributeError, match="cannot be changed"):
            copied(order)
    if hasattr(copy, "replace"):
        with pytest.raises(TypeError):
            copy.replace(order, proposal=a_proposal())


async def test_an_order_forged_in_memory_posts_nothing(office: Office, erp: FakeErp) -> None:
    """Python cannot keep code in the same process from writing into an object. What it can forge there
    still lacks the approval in the log: the digest is computed anew, from what would be posted."""
    order = office.approve()
    forged = a_proposal(a_post_invoice(gross=eur("9999.00")))
    object.__setattr__(order, "proposal", forged)
    with pytest.raises(ApprovalInvalid, match="audit log"):
        await office.post(erp, order)
    made = object.__new__(PostingOrder)
    object.__setattr__(made, "proposal", forged)
    object.__setattr__(made, "approval", an_approval(forged, ANNA))
    with pytest.raises(ApprovalInvalid, match="audit log"):
        await office.post(erp, made)
    assert erp.calls == []


async def test_versions_changed_inside_an_approved_proposal_post_nothing(
    office: Office, erp: FakeErp
) -> None:
    """A mapping inside a frozen record can still be written to; the digest shows it."""
    order = office.approve(versions={"order:PO-1001": "1"})
    order.proposal.versions["order:PO-1001"] = "2"  # type: ignore[index]
    with pytest.raises(ApprovalInvalid, match="audit log"):
        await office.post(erp, order)
    assert erp.calls == []
