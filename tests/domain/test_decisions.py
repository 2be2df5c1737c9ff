"""From proposal to posting order: digests, approvals and keys."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from tests.builders import COMPANY, ORDER, SUPPLIER, a_post_invoice, eur, facts_seen
from tools.domain.actions import (
    Action,
    AmendOrderLine,
    CreateGoodsReceipt,
    CreatePurchaseOrder,
    HoldInvoice,
    ParkInvoice,
    PostCreditNote,
    ReleaseHold,
    ReverseInvoice,
)
from tools.domain.audit import SERVICE, ActorType, person
from tools.domain.authority import ApprovalPolicy, Approver
from tools.domain.decision import Approval, ApprovalInvalid, Decision, PostingOrder, Proposal, digest_of
from tools.domain.documents import DocumentType, Record
from tools.domain.identifiers import CaseId, DocumentId, PersonId
from tools.domain.money import Exact

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
ANNA = PersonId("anna")
POLICY = ApprovalPolicy(approvers=(Approver(person=ANNA, name="Anna", limit=eur("1000.00")),))


def a_proposal(action: Action | None = None, **fields: Any) -> Proposal:
    fields = {"case_id": CaseId("case-1"), "document_id": DocumentId("d"), "reasons": ("because",), **fields}
    return Proposal(action=action or a_post_invoice(), **fields)


def an_approval(proposal: Proposal, **fields: Any) -> Approval:
    fields = {
        "case_id": proposal.case_id,
        "digest": proposal.digest,
        "person": ANNA,
        "decided_at": NOW,
        "decision": Decision.APPROVE,
        **fields,
    }
    return Approval(**fields)


def test_an_approved_proposal_becomes_a_posting_order() -> None:
    proposal = a_proposal()
    order = PostingOrder.of(proposal, an_approval(proposal), POLICY, NOW, facts=facts_seen(proposal))
    assert order.proposal == proposal and order.action == proposal.action
    assert order.key == "demo|10042|invoice|inv-3411|2026-03-16"
    assert order.approval.person == ANNA


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"decision": Decision.REJECT}, "anna rejected the proposal"),
        ({"digest": "0" * 64}, "given for another proposal"),
        ({"case_id": "case-2"}, "given for another proposal"),
        ({"decided_at": NOW + timedelta(seconds=1)}, "dated in the future"),
        ({"decided_at": NOW - timedelta(days=7, seconds=1)}, "has expired"),
        ({"person": "carl"}, "carl is not an approver"),
    ],
)
def test_an_approval_that_does_not_hold_makes_no_posting_order(changes: dict[str, Any], words: str) -> None:
    proposal = a_proposal()
    with pytest.raises(ApprovalInvalid, match=words):
        PostingOrder.of(proposal, an_approval(proposal, **changes), POLICY, NOW, facts=facts_seen(proposal))


def test_an_amount_above_the_limit_makes_no_posting_order() -> None:
    proposal = a_proposal(a_post_invoice(gross=eur("1000.01")))
    with pytest.raises(ApprovalInvalid, match="above the limit"):
        PostingOrder.of(proposal, an_approval(proposal), POLICY, NOW, facts=facts_seen(proposal))


def test_a_posting_order_is_made_in_one_place_and_never_changed() -> None:
    proposal = a_proposal()
    with pytest.raises(ApprovalInvalid):
        PostingOrder(proposal, an_approval(proposal), object())
    order = PostingOrder.of(proposal, an_approval(proposal), POLICY, NOW, facts=facts_seen(proposal))
    with pytest.raises(AttributeError):
        order.proposal = proposal


def test_any_change_of_a_proposal_changes_its_digest() -> None:
    first = a_proposal()
    others = [
        a_proposal(reasons=("another",)),
        a_proposal(versions={"order:PO-1": "2"}),
        a_proposal(resolution="accept_price"),
        a_proposal(a_post_invoice(gross=eur("121.01"))),
        a_proposal(a_post_invoice(posting_date=date(2026, 3, 17))),
    ]
    assert len({first.digest, *(other.digest for other in others)}) == 6


def test_the_same_amount_written_otherwise_has_the_same_digest() -> None:
    assert a_proposal(a_post_invoice(gross=eur("121.0"))).digest == a_proposal().digest


class _Figure(Record):
    value: Exact


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("-0.00", "0"),
        ("100", "1E+2"),
        ("0.000", "0"),
        ("1200.500", "1200.5"),
        (f"{'1' * 40}.10", f"{'1' * 40}.1"),
    ],
)
def test_one_number_has_one_digest_however_it_is_written(one: str, two: str) -> None:
    assert digest_of(_Figure(value=Decimal(one))) == digest_of(_Figure(value=Decimal(two)))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("100", "1"),
        ("-1", "1"),
        (f"{'1' * 39}2", f"{'1' * 39}3"),
        (f"0.{'3' * 39}1", f"0.{'3' * 39}2"),
    ],
)
def test_two_numbers_have_two_digests_to_the_last_digit(one: str, two: str) -> None:
    assert digest_of(_Figure(value=Decimal(one))) != digest_of(_Figure(value=Decimal(two)))


class _Bag(Record):
    items: frozenset[str]


def test_sets_are_digested_in_one_order() -> None:
    assert digest_of(_Bag(items=frozenset("abc"))) == digest_of(_Bag(items=frozenset("cba")))


def test_the_key_of_a_document_is_its_business_identity() -> None:
    invoice = a_post_invoice(number=" INV|3411 ")
    assert invoice.key == "demo|10042|invoice|inv/3411|2026-03-16"
    values = invoice.model_dump(exclude={"kind"})
    assert ParkInvoice(**values).key == f"park|{invoice.key}"
    note = PostCreditNote(**values)
    assert note.invoice_key.document_type is DocumentType.CREDIT_NOTE
    assert note.key == "demo|10042|credit_note|inv/3411|2026-03-16"
    assert ParkInvoice(**values).invoice_key == invoice.invoice_key


def test_every_other_action_has_a_key_of_its_own() -> None:
    base: dict[str, Any] = {"company": COMPANY, "supplier_id": SUPPLIER}
    order_line: dict[str, Any] = {"company": COMPANY, "order_number": ORDER, "order_line_id": "1"}
    receipt = CreateGoodsReceipt(
        company=COMPANY, order_number=ORDER, delivery_note="DN-1", received_on=date(2026, 3, 1), lines=()
    )
    actions: list[Action] = [
        receipt,
        HoldInvoice(**base, posted_number="PI-1", reason_code="PRICE"),
        ReleaseHold(**base, posted_number="PI-1", reason_code="PRICE"),
        CreatePurchaseOrder(**base, currency="EUR", reference="R-1", lines=()),
        AmendOrderLine(**order_line, quantity=Decimal(5)),
        AmendOrderLine(**order_line, unit_price=eur("5.00")),
        ReverseInvoice(**base, posted_number="PI-1", posting_date=date(2026, 3, 1), reason="twice"),
    ]
    keys = [action.key for action in actions]
    assert len(set(keys)) == len(actions)
    assert keys[0] == "receipt|demo|po-1001|dn-1"
    assert all(a_proposal(action).amount is None for action in actions)


def test_only_actions_with_a_total_have_an_amount() -> None:
    assert a_proposal().amount == eur("121.00")


def test_an_action_is_read_back_by_its_kind() -> None:
    proposal = a_proposal()
    assert Proposal.model_validate_json(proposal.model_dump_json()).digest == proposal.digest
    with pytest.raises(ValidationError):
        Proposal.model_validate({**proposal.model_dump(), "action": {"kind": "pay_supplier"}})


def test_the_program_is_a_service_and_a_login_is_a_person() -> None:
    assert SERVICE.type is ActorType.SERVICE
    assert person(ANNA).type is ActorType.PERSON and person(ANNA).id == "anna"
