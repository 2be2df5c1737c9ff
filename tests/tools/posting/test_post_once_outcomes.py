"""Every way one call of `post_once` can end, and what the log says of it."""

from __future__ import annotations

from collections import deque

import pytest

from tests.builders import ORDER, SUPPLIER, a_post_invoice, a_posting, a_supplier, an_order, eur
from tests.tools.posting.fake_erp import FakeErp, Mood
from tests.tools.posting.office import ANNA, BEN, CASE, NOW, OTHER_CASE, Office, billing, current, ordered
from tools.domain import audit
from tools.domain.decision import (
    ApprovalInvalid,
    ParkInvoice,
    PostCreditNote,
    PostingState,
    ReleaseHold,
    ReverseInvoice,
)
from tools.erp.errors import (
    ErpAccessDenied,
    ErpChanged,
    ErpError,
    ErpRejected,
    ErpUnavailable,
    NotSupported,
    OutcomeUnknown,
)
from tools.erp.posting import post_once

REFUSALS = [ErpRejected, ErpAccessDenied, ErpChanged, NotSupported]


async def test_an_approved_invoice_is_posted_and_every_step_is_noted(office: Office, erp: FakeErp) -> None:
    order = office.approve()
    posting = await office.post(erp, order)
    assert erp.posted(order.key) == [posting]
    assert office.story() == ["started", "sent", "done"]
    (done,) = office.events(audit.PostingDone)
    assert (done.digest, done.posting, done.found) == (order.proposal.digest, posting, False)


async def test_posting_again_returns_what_was_posted_and_calls_nobody(office: Office, erp: FakeErp) -> None:
    order = office.approve()
    first = await office.post(erp, order)
    erp.calls.clear()
    assert await office.restarted().post(erp, order) == first
    assert erp.calls == []


async def test_a_parked_invoice_is_finished_as_a_draft(office: Office, erp: FakeErp) -> None:
    order = office.approve(billing(kind=ParkInvoice))
    assert (await office.post(erp, order)).state is PostingState.DRAFT


async def test_what_somebody_else_entered_is_not_taken_for_ours(office: Office, erp: FakeErp) -> None:
    order = office.approve()
    erp.documents.append((order.key, a_posting("PI-9")))
    with pytest.raises(ErpRejected, match="already in the ERP as PI-9; nothing was sent"):
        await office.post(erp, order)
    assert "write" not in erp.calls
    assert office.story() == ["started", "refused"]


async def test_a_cancelled_document_does_not_stand_in_the_way(office: Office, erp: FakeErp) -> None:
    order = office.approve()
    erp.documents.append((order.key, a_posting("PI-9", state=PostingState.CANCELLED)))
    await office.post(erp, order)
    assert len(erp.posted(order.key)) == 1


@pytest.mark.parametrize(
    ("action", "told"),
    [
        (
            ReverseInvoice(
                company="DEMO",
                supplier_id=SUPPLIER,
                posted_number="PI-1",
                posting_date=NOW.date(),
                reason="wrong",
            ),
            "reverses nothing",
        ),
        (
            ReleaseHold(company="DEMO", supplier_id=SUPPLIER, posted_number="PI-1", reason_code="P"),
            "fake cannot",
        ),
    ],
)
async def test_a_declined_action_is_refused_before_anything_is_noted(
    office: Office, erp: FakeErp, action: ReverseInvoice | ReleaseHold, told: str
) -> None:
    with pytest.raises(NotSupported, match=told):
        await office.post(erp, office.approve(action))
    assert office.story() == []


async def test_a_connection_that_was_refused_leaves_the_document_free(office: Office, erp: FakeErp) -> None:
    erp.moods.append(ErpUnavailable("nobody answers"))
    order = office.approve(billing(), versions=current(office))
    with pytest.raises(ErpUnavailable):
        await office.post(erp, order)
    assert office.ledger.billed([ORDER]) == []
    await office.post(erp, order)
    assert office.story() == ["started", "sent", "not_sent", "started", "sent", "done"]


@pytest.mark.parametrize("kind", REFUSALS)
async def test_a_refusal_is_passed_on_and_frees_the_document(
    office: Office, erp: FakeErp, kind: type[ErpError]
) -> None:
    erp.moods.append(kind("account 4400 is blocked"))
    order = office.approve(billing(), versions=current(office))
    with pytest.raises(kind, match="account 4400 is blocked"):
        await office.post(erp, order)
    assert office.story() == ["started", "sent", "refused"]
    assert office.ledger.billed([ORDER]) == []
    await office.post(erp, office.approve(billing(), OTHER_CASE, versions=current(office)))
    assert len(erp.posted(order.key)) == 1


async def test_a_document_that_was_booked_and_then_refused_is_for_a_person(
    office: Office, erp: FakeErp
) -> None:
    order = office.approve()
    erp.moods = deque([Mood.BOOKED_AND_REFUSED])
    with pytest.raises(OutcomeUnknown, match=r"refused \(the dimension is missing\), but stands in the ERP"):
        await office.post(erp, order)
    assert office.story() == ["started", "sent", "unknown"]
    assert erp.calls.count("write") == 1


async def test_a_refusal_that_nobody_can_look_behind_is_for_a_person(office: Office, erp: FakeErp) -> None:
    order = office.approve()
    erp.moods = deque([ErpRejected("no such account")])
    erp.find_errors = deque([None, ErpUnavailable("not reachable")])
    with pytest.raises(OutcomeUnknown, match="looking it up failed: not reachable"):
        await office.post(erp, order)
    assert office.story() == ["started", "sent", "unknown"]


async def test_a_lost_reply_is_settled_by_looking(office: Office, erp: FakeErp) -> None:
    erp.moods.append(Mood.REPLY_LOST)
    order = office.approve()
    posting = await office.post(erp, order)
    assert erp.posted(order.key) == [posting]
    (done,) = office.events(audit.PostingDone)
    assert done.found


async def test_a_lost_request_stops_for_a_person_and_is_never_sent_again_by_itself(
    office: Office, erp: FakeErp
) -> None:
    erp.moods.append(Mood.REQUEST_LOST)
    order = office.approve()
    for _ in range(3):
        with pytest.raises(OutcomeUnknown, match="not known whether the ERP posted"):
            await office.post(erp, order)
        office = office.restarted()
    assert erp.calls.count("write") == 1
    office.resolve(order, posted=False)
    await office.post(erp, order)
    assert len(erp.posted(order.key)) == 1


async def test_looking_goes_on_when_one_look_fails(office: Office, erp: FakeErp) -> None:
    erp.moods.append(Mood.REPLY_LOST)
    erp.find_errors = deque([None, ErpUnavailable("nobody answers")])
    order = office.approve()
    await office.post(erp, order)
    assert len(erp.posted(order.key)) == 1


async def test_when_no_look_succeeds_the_reasons_are_told(office: Office, erp: FakeErp) -> None:
    erp.moods.append(Mood.REPLY_LOST)
    erp.find_errors = deque([None, *[ErpUnavailable("nobody answers")] * 3])
    with pytest.raises(OutcomeUnknown, match="connection broke; looking it up failed: nobody answers"):
        await office.post(erp, office.approve())


@pytest.mark.parametrize(
    ("causes", "told"),
    [
        (["nobody answers"] * 3, "connection broke; looking it up failed: nobody answers"),
        (["no answer", "busy", "no answer"], "connection broke; looking it up failed: no answer; busy"),
        (["connection broke"] * 3, "connection broke; looking it up failed for the same cause"),
    ],
)
async def test_each_cause_of_a_look_that_failed_is_told_once(
    office: Office, erp: FakeErp, causes: list[str], told: str
) -> None:
    erp.moods.append(Mood.REPLY_LOST)
    erp.find_errors = deque([None, *map(ErpUnavailable, causes)])
    with pytest.raises(OutcomeUnknown) as raised:
        await office.post(erp, office.approve())
    assert str(raised.value).endswith(told)
    (noted,) = office.events(audit.PostingUnknown)
    assert noted.reason.endswith(told)


async def test_the_waits_between_the_looks_are_the_given_ones(office: Office, erp: FakeErp) -> None:
    erp.moods.append(Mood.REQUEST_LOST)
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    with pytest.raises(OutcomeUnknown):
        await post_once(erp, office.approve(), office.ledger, pause, looks=(0.5, 2.5))
    assert waited == [0.5, 2.5]


async def test_an_unfinished_answer_is_not_taken_for_a_posting(office: Office, erp: FakeErp) -> None:
    order = office.approve()

    class Hasty(FakeErp):
        async def write(self, order: object) -> object:
            self.calls.append("write")
            return self._keep(order, PostingState.DRAFT)

    with pytest.raises(OutcomeUnknown, match="PI-1, which is not finished"):
        await office.post(Hasty(), order)
    assert office.story() == ["started", "sent", "unknown"]


async def test_a_document_over_another_amount_found_afterwards_is_for_a_person(
    office: Office, erp: FakeErp
) -> None:
    order = office.approve()

    class Recomputing(FakeErp):
        def books(self, order: object) -> object:
            held = super().books(order).model_copy(update={"gross": eur("121.01")})
            self.documents[-1] = (order.key, held)
            return held

    other = Recomputing(moods=deque([Mood.REPLY_LOST]))
    with pytest.raises(OutcomeUnknown, match=r"over 121.01 EUR instead of 121.00 EUR"):
        await office.post(other, order)
    assert office.story() == ["started", "sent", "unknown"]


async def test_a_document_over_another_amount_found_before_is_somebody_elses(
    office: Office, erp: FakeErp
) -> None:
    order = office.approve()
    erp.documents.append((order.key, a_posting("PI-9", gross=eur("99.00"))))
    with pytest.raises(ErpRejected, match=r"over 99.00 EUR instead of 121.00 EUR"):
        await office.post(erp, order)
    assert office.story() == ["started", "refused"]


async def test_several_documents_that_could_be_meant_are_for_a_person(office: Office, erp: FakeErp) -> None:
    order = office.approve()
    erp.documents += [(order.key, a_posting("PI-8")), (order.key, a_posting("PI-9"))]
    with pytest.raises(OutcomeUnknown, match="2 documents could be meant"):
        await office.post(erp, order)
    assert "write" not in erp.calls
    assert office.story() == ["started", "unknown"]


@pytest.mark.parametrize("kind", REFUSALS)
async def test_an_erp_that_lets_nobody_look_frees_a_document_never_sent(
    office: Office, erp: FakeErp, kind: type[ErpError]
) -> None:
    erp.find_errors.append(kind("no right to look"))
    with pytest.raises(kind):
        await office.post(erp, office.approve())
    await office.post(erp, office.approve(case_id=OTHER_CASE))
    assert erp.calls.count("write") == 1


@pytest.mark.parametrize("kind", REFUSALS)
async def test_an_erp_that_lets_nobody_look_does_not_settle_what_was_sent(
    office: Office, erp: FakeErp, kind: type[ErpError]
) -> None:
    erp.moods.append(Mood.REQUEST_LOST)
    order = office.approve()
    with pytest.raises(OutcomeUnknown):
        await office.post(erp, order)
    erp.find_errors.append(kind("no right to look"))
    with pytest.raises(OutcomeUnknown, match="cannot be looked up: no right to look"):
        await office.post(erp, order)
    assert office.story()[-1] == "unknown"


async def test_an_erp_that_cannot_be_reached_for_the_first_look_changes_nothing(
    office: Office, erp: FakeErp
) -> None:
    erp.find_errors.append(ErpUnavailable("nobody answers"))
    order = office.approve()
    with pytest.raises(ErpUnavailable):
        await office.post(erp, order)
    await office.post(erp, order)
    assert office.story() == ["started", "started", "sent", "done"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"known_orders": {ORDER: an_order(version="2")}}, f"order:{ORDER}"),
        ({"known_suppliers": {SUPPLIER: a_supplier(version="2")}}, f"supplier:{SUPPLIER}"),
    ],
)
async def test_a_record_that_moved_since_the_proposal_stops_the_posting(
    office: Office, change: dict[str, object], told: str
) -> None:
    erp = FakeErp(**change)
    order = office.approve(billing(), versions=current(office))
    with pytest.raises(ErpChanged, match=f"changed since the proposal was made: {told}"):
        await office.post(erp, order)
    assert office.story() == ["started", "refused"]
    assert "write" not in erp.calls


async def test_a_record_that_is_gone_or_of_an_unknown_kind_stops_the_posting(
    office: Office, erp: FakeErp
) -> None:
    versions = {"order:PO-404": "1", "budget:7": "1"}
    with pytest.raises(ErpChanged, match="budget:7, order:PO-404"):
        await office.post(erp, office.approve(versions=versions))


async def test_without_an_approval_in_the_log_nothing_is_called(office: Office, erp: FakeErp) -> None:
    with pytest.raises(ApprovalInvalid, match="does not stand in the audit log"):
        await office.post(erp, office.approve(noted=False))
    assert (erp.calls, office.story()) == ([], [])


@pytest.mark.parametrize(
    "changes",
    [{"person": BEN}, {"digest": "f" * 64}, {"decided_at": NOW.replace(hour=8)}],
    ids=["another person", "another proposal", "another time"],
)
async def test_an_approval_in_the_log_that_is_not_this_one_does_not_count(
    office: Office, erp: FakeErp, changes: dict[str, object]
) -> None:
    order = ordered()
    office.note_approval(order, **changes)
    with pytest.raises(ApprovalInvalid):
        await office.post(erp, order)
    assert erp.calls == []


async def test_an_approval_of_another_case_does_not_count(office: Office, erp: FakeErp) -> None:
    office.approve(case_id=OTHER_CASE)
    with pytest.raises(ApprovalInvalid):
        await office.post(erp, ordered(case_id=CASE))


async def test_an_approval_noted_by_the_program_or_in_anothers_name_does_not_count(
    office: Office, erp: FakeErp
) -> None:
    order = ordered()
    given = audit.ApprovalGiven(
        digest=order.proposal.digest, person=ANNA, decided_at=order.approval.decided_at, policy="p"
    )
    for actor in (audit.SERVICE, audit.person(BEN), audit.Actor(id=ANNA, type=audit.ActorType.SERVICE)):
        office.log.append(CASE, actor, given)
    with pytest.raises(ApprovalInvalid):
        await office.post(erp, order)


async def test_a_rejection_after_the_approval_withdraws_it(office: Office, erp: FakeErp) -> None:
    order = office.approve()
    for digest in ("e" * 64, order.proposal.digest):
        office.log.append(CASE, audit.person(BEN), audit.ProposalRejected(digest=digest, person=BEN))
    with pytest.raises(ApprovalInvalid):
        await office.post(erp, order)


async def test_a_corrected_proposal_cannot_post_the_same_document_again(office: Office, erp: FakeErp) -> None:
    await office.post(erp, office.approve())
    with pytest.raises(ErpRejected, match=f"case {CASE} already posted"):
        await office.post(erp, office.approve(a_post_invoice(gross=eur("122.00"))))
    assert erp.calls.count("write") == 1


async def test_an_invoice_and_a_credit_note_of_one_number_are_two_documents(
    office: Office, erp: FakeErp
) -> None:
    for action in (billing(), billing(kind=PostCreditNote)):
        await office.post(erp, office.approve(action, versions=current(office)))
    assert erp.calls.count("write") == 2
