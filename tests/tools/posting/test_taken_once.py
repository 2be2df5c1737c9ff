"""After an unknown outcome a document is sent again without a person only where the ERP itself takes it once,
and only when the caller says that the approval holds."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from tests.builders import ORDER, an_order, eur
from tests.tools.posting.fake_erp import FakeErp, Mood
from tests.tools.posting.office import ANNA, Office, billing, current, no_pause
from tools.domain import audit
from tools.domain.decision import Posting, PostingOrder
from tools.erp.contract import Capability
from tools.erp.errors import ErpChanged, ErpRejected, ErpUnavailable, OutcomeUnknown
from tools.erp.posting import post_once
from tools.log_witness import contradictions

RULE = "a number of a supplier is taken once"


@dataclass
class TakingErp(FakeErp):
    takes_once: Mapping[Capability, str] = field(default_factory=lambda: {Capability.POST_INVOICE: RULE})


async def lost(
    office: Office, mood: Mood = Mood.REQUEST_LOST, **known: object
) -> tuple[FakeErp, PostingOrder]:
    """An order whose first attempt ended so."""
    erp = TakingErp(moods=deque([mood]), **known)  # type: ignore[arg-type]
    order = office.approve(billing(), versions=current(office))
    with pytest.raises(OutcomeUnknown):
        await office.post(erp, order)
    return erp, order


async def again(office: Office, erp: FakeErp, order: PostingOrder) -> Posting:
    return await post_once(erp, order, office.ledger, no_pause, again=True)


def disagreeing(office: Office) -> list[str]:
    """Posting keys that are not as the audit log says; proposals are not noted in these tests."""
    return [told for told in contradictions(office.log) if told.startswith("posting ")]


@pytest.mark.parametrize("mood", [Mood.REQUEST_LOST, Mood.DRAFT_ONLY])
async def test_what_is_missing_or_unfinished_is_sent_again_and_the_log_names_the_rule(
    office: Office, mood: Mood
) -> None:
    erp, order = await lost(office, mood)
    posting = await again(office.restarted(), erp, order)
    assert erp.posted(order.key) == [posting] and erp.calls.count("write") == 2
    assert office.story() == ["started", "sent", "unknown", "started", "resumed", "sent", "done"]
    (resumed,) = office.events(audit.PostingResumed)
    assert resumed.rule == RULE  # type: ignore[attr-defined]
    assert not disagreeing(office)


async def test_what_arrived_is_recorded_and_nothing_is_sent(office: Office) -> None:
    erp, order = await lost(office, Mood.UNDER_WAY, delay=9)
    erp.land(order)
    await again(office, erp, order)
    assert len(erp.posted(order.key)) == 1 and erp.calls.count("write") == 1


async def test_without_the_rule_or_without_the_callers_word_it_is_only_looked_for(office: Office) -> None:
    erp, order = await lost(office)
    with pytest.raises(OutcomeUnknown):
        await office.post(erp, order)
    plain = FakeErp()
    with pytest.raises(OutcomeUnknown):
        await again(office, plain, order)
    assert erp.calls.count("write") == 1 and "write" not in plain.calls


async def test_the_first_attempt_that_arrives_during_the_second_makes_no_second_document(
    office: Office,
) -> None:
    erp, order = await lost(office, Mood.UNDER_WAY, delay=99)
    erp.under_way = [(len(erp.calls) + 4, order)]
    # Look, versions of order and supplier, then the write meets what the first attempt sent.
    posting = await again(office, erp, order)
    assert erp.posted(order.key) == [posting] and erp.calls.count("write") == 2
    assert office.story()[-2:] == ["sent", "done"]
    (done,) = office.events(audit.PostingDone)
    assert done.found  # type: ignore[attr-defined]


async def test_a_refusal_of_the_second_attempt_settles_nothing(office: Office) -> None:
    erp, order = await lost(office)
    erp.moods.append(ErpRejected("the period is closed"))
    with pytest.raises(OutcomeUnknown, match="the period is closed"):
        await again(office, erp, order)
    office.resolve(order, posted=False)
    assert office.story()[-2:] == ["unknown", "unknown_resolved"]


async def test_a_second_attempt_that_did_not_go_out_leaves_the_first_unknown(office: Office) -> None:
    erp, order = await lost(office)
    erp.moods.append(ErpUnavailable("down"))
    with pytest.raises(ErpUnavailable):
        await again(office, erp, order)
    assert office.ledger.unsettled(order.proposal.case_id) == order.proposal.digest
    with pytest.raises(OutcomeUnknown):
        await again(office, erp, order)
    assert not disagreeing(office)


async def test_a_record_that_changed_since_stops_the_second_attempt(office: Office) -> None:
    erp, order = await lost(office)
    erp.known_orders[ORDER] = an_order(version="2")
    with pytest.raises(ErpChanged):
        await again(office, erp, order)
    assert erp.calls.count("write") == 1
    assert office.ledger.unsettled(order.proposal.case_id) == order.proposal.digest


async def test_of_two_processes_one_sends_again(office: Office) -> None:
    erp, order = await lost(office)
    office.ledger.begin(order)
    office.ledger.resumed(order, RULE)
    with pytest.raises(ErpUnavailable, match="another attempt"):
        office.ledger.resumed(order, RULE)
    assert erp.calls.count("write") == 1


async def test_what_stands_there_otherwise_than_approved_is_for_a_person(office: Office) -> None:
    erp, order = await lost(office)
    other = billing(net="90.00", gross=eur(100))
    erp.books(office.approve(other, versions=current(office)))
    with pytest.raises(OutcomeUnknown, match="instead of"):
        await again(office, erp, order)
    assert erp.calls.count("write") == 1 and order.approval.person == ANNA


async def test_a_process_that_dies_before_the_second_attempt_leaves_it_unknown_and_unsent(
    office: Office,
) -> None:
    erp, order = await lost(office)
    office.ledger.begin(order)
    office.ledger.resumed(order, RULE)
    later = office.restarted()
    assert not disagreeing(later)
    with pytest.raises(OutcomeUnknown):
        await again(later, erp, order)
    assert erp.calls.count("write") == 1
    posting = await again(later, erp, order)
    assert erp.posted(order.key) == [posting]
