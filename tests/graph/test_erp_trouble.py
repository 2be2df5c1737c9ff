"""The ERP is down, says no, or does not answer: nothing is lost or posted twice, and people are asked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agent.claims import CaseBusy
from agent.service import Refused
from tests.graph.office import ANNA, Office, raising
from tests.graph.papers import AWAITED, PLAIN, a_document
from tools.domain import audit
from tools.erp.errors import ErpAccessDenied, ErpRejected, ErpUnavailable, OutcomeUnknown

DOWN = ErpUnavailable("the ERP cannot be reached")


@pytest.fixture
def empty(office: Office) -> Office:
    """With an inbox in which nothing lies: what goes on, goes on by itself."""
    office.inbox.mkdir()
    return office


@pytest.mark.parametrize("call", ["orders", "suppliers_by_id", "receipts", "invoices", "posting_window"])
async def test_a_read_that_fails_leaves_the_case_for_the_next_run(empty: Office, call: str) -> None:
    office = empty
    office.line.before[call] = raising(DOWN, 99)
    with pytest.raises(ErpUnavailable):
        await office.take_in(a_document())
    (case,) = office.app.service.inbox()
    assert (case.stage, case.reason) == ("read", "the ERP cannot be reached")
    (failed,) = office.events(case, audit.StepFailed)
    assert failed.error == "ErpUnavailable"
    office.line.before.clear()
    await office.run()
    assert office.case(case.case_id).stage == "waiting_for_approval"


async def test_an_answer_that_meets_an_erp_that_is_down_is_carried_out_by_the_next_run(empty: Office) -> None:
    office = empty
    rows = (("BRACKET", "Bracket", "20", "10.00"),)
    case = await office.take_in(a_document(order=AWAITED, rows=rows))
    office.receive_goods(AWAITED, "20")
    office.line.before["receipts"] = raising(DOWN)
    with pytest.raises(ErpUnavailable):
        await office.answer(case, "recheck")
    await office.run()
    assert office.case(case.case_id).stage == "waiting_for_approval"


@pytest.mark.parametrize("call", ["find", "orders", "suppliers_by_id", "write"])
async def test_an_approved_case_is_posted_by_the_next_run_when_the_erp_is_back(
    empty: Office, call: str
) -> None:
    office = empty
    case = await office.take_in(a_document())
    office.line.before[call] = raising(DOWN)
    with pytest.raises(ErpUnavailable):
        await office.approve(case)
    assert office.case(case.case_id).stage == "approved"
    assert office.posted() == []
    await office.run()
    assert office.case(case.case_id).stage == "posted"
    assert len(office.posted()) == 1
    assert len(office.events(case, audit.ApprovalGiven)) == 1


async def test_a_login_that_is_refused_is_told_and_the_case_goes_on_later(empty: Office) -> None:
    office = empty
    case = await office.take_in(a_document())
    office.line.before["write"] = raising(ErpAccessDenied("the login may not post"))
    case = await office.approve(case)
    assert (case.stage, case.reason) == ("waiting_for_answer", "the login may not post")
    case = await office.answer(case, "rematch")
    assert (await office.approve(case)).stage == "posted"
    assert len(office.posted()) == 1


async def test_what_the_erp_refuses_can_be_closed_without_posting(office: Office) -> None:
    case = await office.take_in(a_document())
    office.line.before["write"] = raising(ErpRejected("dimension DEPARTMENT is missing"))
    case = await office.approve(case)
    assert (case.stage, case.reason) == ("waiting_for_answer", "dimension DEPARTMENT is missing")
    case = await office.answer(case, "reject", remark="posted by hand")
    assert case.stage == "rejected"
    assert office.posted() == []


async def unknown(office: Office, *, arrived: bool) -> Any:
    """A case whose posting ended without an answer, and cannot be looked up at first."""
    case = await office.take_in(a_document())
    (office.line.after if arrived else office.line.before)["write"] = raising(OutcomeUnknown("no answer"))
    looks = iter([None])

    def blind_after_the_first() -> None:
        if next(looks, "later") == "later":
            raise DOWN

    office.line.before["find"] = blind_after_the_first
    case = await office.approve(case)
    assert case.stage == "outcome_unknown"
    assert await office.options(case) == ["posted", "not_posted", "settled", "look"]
    assert len(office.posted()) == (1 if arrived else 0)
    office.line.before.clear()
    return case


@pytest.mark.parametrize("answer", ["posted", "not_posted", "look"])
async def test_a_document_that_arrived_is_found_whatever_the_person_says(office: Office, answer: str) -> None:
    case = await unknown(office, arrived=True)
    case = await office.answer(case, answer, ANNA, "looked into the ERP")
    assert case.stage == "posted"
    assert len(office.posted()) == 1
    (done,) = office.events(case, audit.PostingDone)
    assert done.found


async def test_a_document_that_did_not_arrive_is_sent_once_more_when_a_person_says_so(office: Office) -> None:
    case = await unknown(office, arrived=False)
    case = await office.answer(case, "not_posted", ANNA, "searched drafts too")
    assert case.stage == "posted"
    assert len(office.posted()) == 1
    (resolved,) = office.events(case, audit.UnknownResolved)
    assert (resolved.person, resolved.posted, resolved.remark) == (ANNA, False, "searched drafts too")


@pytest.mark.parametrize("answer", ["posted", "look"])
async def test_a_document_that_cannot_be_found_is_asked_about_again_and_not_sent(
    office: Office, answer: str
) -> None:
    case = await unknown(office, arrived=False)
    sent = office.line.calls["write"]
    case = await office.answer(case, answer, ANNA)
    assert case.stage == "outcome_unknown"
    assert office.line.calls["write"] == sent
    assert office.posted() == []


async def test_what_arrived_is_found_even_after_the_approval_has_expired(office: Office) -> None:
    case = await unknown(office, arrived=True)
    office.clock.later(days=30)
    case = await office.answer(case, "look", ANNA)
    assert case.stage == "posted"
    assert len(office.posted()) == 1


async def test_what_did_not_arrive_is_not_sent_again_under_an_expired_approval(office: Office) -> None:
    case = await unknown(office, arrived=False)
    sent = office.line.calls["write"]
    office.clock.later(days=30)
    case = await office.answer(case, "not_posted", ANNA, "searched drafts too")
    assert case.stage == "waiting_for_approval"
    assert office.line.calls["write"] == sent
    assert office.posted() == []


async def test_a_person_may_close_what_was_settled_in_the_erp(office: Office) -> None:
    case = await unknown(office, arrived=False)
    case = await office.answer(case, "settled", ANNA, "reversed both by hand")
    assert case.stage == "rejected"
    assert office.posted() == []


async def test_an_unknown_outcome_is_not_touched_by_further_runs(office: Office) -> None:
    case = await unknown(office, arrived=False)
    sent = office.line.calls["write"]
    office.lay("again.xml", a_document())
    await office.run()
    await office.run()
    assert office.case(case.case_id).stage == "outcome_unknown"
    assert office.line.calls["write"] == sent


async def test_an_approval_that_expired_before_posting_is_asked_for_again(empty: Office) -> None:
    office = empty
    case = await office.take_in(a_document())
    office.line.before["find"] = raising(DOWN)
    with pytest.raises(ErpUnavailable):
        await office.approve(case)
    office.clock.later(days=8)
    await office.run()
    case = office.case(case.case_id)
    assert case.stage == "waiting_for_approval"
    assert office.posted() == []
    (refused,) = office.events(case, audit.ApprovalRefused)
    assert "expired" in refused.reason
    assert (await office.approve(case)).stage == "posted"


async def test_two_approvals_at_the_same_moment_post_once(office: Office) -> None:
    case = await office.take_in(a_document())
    results = await asyncio.gather(*(office.approve(case) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, CaseBusy | Refused) for result in results) == 3
    assert office.case(case.case_id).stage == "posted"
    assert len(office.posted()) == 1
    assert office.line.calls["write"] == 1


async def test_a_document_posted_by_hand_meanwhile_is_not_posted_again(office: Office) -> None:
    case = await office.take_in(a_document())
    hand = Office("sandbox", office.folder / "by-hand")
    hand.books = office.books
    async with hand.open():
        await hand.prepare()
        other = await hand.take_in(a_document())
        assert (await hand.approve(other)).stage == "posted"
    case = await office.approve(case)
    assert case.stage == "waiting_for_answer"
    assert len(office.posted()) == 1


@pytest.mark.parametrize(
    "error", [ErpRejected("file type not allowed"), ErpAccessDenied("no right to attach")]
)
async def test_a_document_that_cannot_be_attached_is_posted_all_the_same(
    plain_office: Office, error: Exception
) -> None:
    office = plain_office
    case = await office.take_in(a_document())
    office.line.before["attach"] = raising(error, 99)
    case = await office.approve(case)
    assert case.stage == "posted"
    (told,) = office.events(case, audit.StepFailed)
    assert told.message == f"the document was not attached: {error}"


async def test_an_attachment_is_made_up_for_when_the_erp_is_back(plain_office: Office) -> None:
    office = plain_office
    office.inbox.mkdir()
    case = await office.take_in(a_document())
    office.line.before["attach"] = raising(DOWN)
    with pytest.raises(ErpUnavailable):
        await office.approve(case)
    assert len(office.posted()) == 1
    await office.run()
    assert office.case(case.case_id).stage == "posted"
    (document,) = office.books.dump()["documents"]
    assert [kept["name"] for kept in document["attachments"]] == ["invoice.xml"]


async def test_a_supplier_that_left_the_erp_does_not_end_the_case(plain_office: Office) -> None:
    office = plain_office
    office.inbox.mkdir()
    card = office.books.books.suppliers.pop("V10001")
    with pytest.raises(ErpRejected, match="no longer in the ERP"):
        await office.take_in(a_document())
    office.books.books.suppliers["V10001"] = card
    await office.run()
    (case,) = office.app.service.inbox()
    assert (case.stage, case.supplier_id) == ("waiting_for_approval", "V10001")
    assert PLAIN in str(office.events(case, audit.InvoiceMatched)[-1].versions)
