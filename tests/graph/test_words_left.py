"""An approval that stands in the log when its process dies: whoever looks is told of it, nobody is asked for
it again, and only a rejection stops it."""

from __future__ import annotations

import pytest

from agent.replies import noted
from agent.service import Refused
from tests.graph.office import ANNA, CLEO, Office
from tests.graph.papers import a_document
from tools.case_list import CaseSummary
from tools.domain import audit
from tools.domain.decision import Approval, Decision


async def cut_off(office: Office, decision: Decision = Decision.APPROVE) -> CaseSummary:
    """A case whose process died right after the person's word came into the log."""
    case = await office.take_in(a_document())
    deps = office.app.service.deps
    word = Approval(
        case_id=case.case_id,
        digest=case.digest or "",
        person=ANNA,
        decided_at=deps.now(),
        decision=decision,
        remark="no" if decision is Decision.REJECT else "",
    )
    deps.log.append(case.case_id, audit.person(ANNA), noted(word, deps.approval_policy), durable=True)
    return office.case(case.case_id)


async def test_a_list_a_queue_and_the_case_say_who_approved_it_and_that_it_goes_on(empty: Office) -> None:
    case = await cut_off(empty)
    (listed,) = await empty.app.inbox(None)
    (queued,) = empty.app.work.queue()
    shown = await empty.app.service.show(case.case_id)
    for found in (listed, queued.case, shown.summary):
        assert found.word_left is not None
        assert (found.word_left.what, found.word_left.person) == ("approved", ANNA)
    (told,) = shown.authority
    assert told.startswith(f"approved by {ANNA} at ") and "not carried out yet" in told
    assert f"erp-agent recheck {case.case_id}" in told and f"erp-agent reject {case.case_id}" in told


async def test_a_case_that_waits_for_its_first_word_has_none_left(empty: Office) -> None:
    await empty.take_in(a_document())
    (listed,) = await empty.app.inbox(None)
    assert listed.word_left is None and empty.app.not_waiting(None) == []


@pytest.mark.parametrize("clean", [True, False])
async def test_nobody_is_asked_again_and_is_told_why(empty: Office, clean: bool) -> None:
    case = await cut_off(empty)
    named = None if clean else [case.case_id]
    assert await empty.app.proposals(named, clean, ANNA) == []
    (told,) = empty.app.not_waiting(named)
    assert told["error"].startswith(f"{case.case_id} is approved by {ANNA} at ")
    assert told["error_kind"] == "Refused"


async def test_an_approval_is_not_given_a_second_time_over_one_on_its_way(empty: Office) -> None:
    case = await cut_off(empty)
    with pytest.raises(Refused, match=f"it is approved by {ANNA}"):
        await empty.approve(case)
    assert len(empty.events(case, audit.ApprovalGiven)) == 1 and empty.posted() == []


@pytest.mark.parametrize("by_run", [True, False])
async def test_it_goes_on_by_itself_and_is_posted_once(empty: Office, by_run: bool) -> None:
    case = await cut_off(empty)
    with pytest.raises(Refused):
        await empty.approve(case)
    assert await (empty.run() if by_run else empty.app.recheck([case.case_id]))
    assert empty.case(case.case_id).stage == "posted" and len(empty.posted()) == 1
    assert empty.app.not_waiting(None) == []


async def test_a_rejection_stops_it_for_good(empty: Office) -> None:
    case = await cut_off(empty)
    (result,) = await empty.app.reject(case.case_id, CLEO, "billed twice")
    assert (result["stage"], result["error"]) == ("rejected", None)
    await empty.run()
    assert empty.posted() == [] and empty.case(case.case_id).stage == "rejected"


async def test_a_rejection_that_was_cut_off_is_not_overruled_by_an_approval(empty: Office) -> None:
    case = await cut_off(empty, Decision.REJECT)
    with pytest.raises(Refused, match=f"it is rejected by {ANNA}"):
        await empty.approve(case)
    (result,) = await empty.app.recheck([case.case_id])
    assert result["stage"] == "rejected" and empty.posted() == []


async def test_the_kept_list_holds_nothing_of_it(empty: Office) -> None:
    await cut_off(empty)
    await empty.app.inbox(None)
    assert empty.app.verify_audit(None)["ok"]
