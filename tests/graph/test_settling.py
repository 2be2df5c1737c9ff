"""What became of a document whose posting ended without an answer: `erp-agent recheck` records what arrived;
a person may have it settled as far as the ERP's own rule and the approval carry."""

from __future__ import annotations

from typing import Any

import pytest

from tests.graph.office import ANNA, Office, raising
from tests.graph.papers import a_document
from tools.domain import audit
from tools.erp.contract import Capability
from tools.erp.errors import ErpUnavailable, OutcomeUnknown

RULES = {Capability.POST_INVOICE: "a number of a supplier is taken once"}


async def unknown(office: Office, *, arrived: bool, once: bool) -> Any:
    """A case whose posting ended without an answer, and whose later looks failed."""
    if once:
        office.line.takes_once = RULES  # type: ignore[attr-defined]
    case = await office.take_in(a_document())
    (office.line.after if arrived else office.line.before)["write"] = raising(OutcomeUnknown("no answer"))
    looks = iter([None])

    def blind_after_the_first() -> None:
        if next(looks, "later") == "later":
            raise ErpUnavailable("the ERP cannot be reached")

    office.line.before["find"] = blind_after_the_first
    case = await office.approve(case)
    assert case.stage == "outcome_unknown"
    office.line.before.clear()
    return case


async def recheck(office: Office, *cases: str) -> str:
    (result,) = await office.app.recheck(cases)
    return str(result["stage"])


@pytest.mark.parametrize("once", [True, False])
async def test_what_arrived_is_recorded_without_a_person_whatever_the_erp(office: Office, once: bool) -> None:
    case = await unknown(office, arrived=True, once=once)
    assert await recheck(office) == "posted"
    assert len(office.posted()) == 1
    (done,) = office.events(case, audit.PostingDone)
    assert done.found


async def test_what_is_missing_is_sent_again_on_a_persons_word_where_the_erp_takes_it_once(
    office: Office,
) -> None:
    case = await unknown(office, arrived=False, once=True)
    assert await office.options(case) == ["posted", "not_posted", "settled", "look", "settle"]
    office.clock.later(minutes=20)
    sent = office.line.calls["write"]
    assert await recheck(office) == "outcome_unknown"
    assert (office.line.calls["write"], office.posted()) == (sent, [])
    assert (await office.answer(case, "settle", ANNA)).stage == "posted"
    assert len(office.posted()) == 1
    (resumed,) = office.events(case, audit.PostingResumed)
    assert resumed.rule == RULES[Capability.POST_INVOICE]
    assert len(office.events(case, audit.ApprovalGiven)) == 1
    office.verified()


async def test_what_is_missing_waits_for_a_person_in_an_erp_that_may_take_it_twice(office: Office) -> None:
    case = await unknown(office, arrived=False, once=False)
    office.clock.later(minutes=20)
    sent = office.line.calls["write"]
    assert await recheck(office) == "outcome_unknown"
    assert (office.line.calls["write"], office.posted()) == (sent, [])
    assert await office.options(case) == ["posted", "not_posted", "settled", "look"]


@pytest.mark.parametrize(
    ("time", "told"),
    [({"days": 30}, "the approval has expired"), ({"minutes": 2}, "less than 15 minutes old")],
)
async def test_nothing_is_sent_under_an_expired_approval_or_right_after_the_last_attempt(
    office: Office, time: dict[str, int], told: str
) -> None:
    case = await unknown(office, arrived=False, once=True)
    office.clock.later(**time)
    sent = office.line.calls["write"]
    assert (await office.answer(case, "settle", ANNA)).stage == "outcome_unknown"
    assert (office.line.calls["write"], office.posted()) == (sent, [])
    assert told in office.case(case.case_id).reason


async def test_a_persons_look_sends_nothing_even_where_the_program_could(office: Office) -> None:
    case = await unknown(office, arrived=False, once=True)
    office.clock.later(minutes=20)
    sent = office.line.calls["write"]
    case = await office.answer(case, "look", ANNA)
    assert (case.stage, office.line.calls["write"]) == ("outcome_unknown", sent)


async def test_what_was_rejected_meanwhile_is_not_sent_again(office: Office) -> None:
    case = await unknown(office, arrived=False, once=True)
    office.clock.later(minutes=20)
    case = await office.answer(case, "settled", ANNA, "entered by hand")
    assert case.stage == "rejected"
    assert await office.app.recheck(None) == []
    assert office.posted() == []
