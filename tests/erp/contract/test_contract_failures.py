"""Failures between us and the ERP: what surely did not happen, and what nobody knows."""

from __future__ import annotations

import asyncio

import pytest

from tests.erp.orders import MemoryLog, an_action, an_invoice, approved, times_booked
from tests.erp.under_test import WRITES, ErpUnderTest
from tests.erp.world import CENTS, MANY
from tools.domain.decision import PostingState
from tools.erp.contract import Capability
from tools.erp.errors import ErpAccessDenied, ErpChanged, ErpUnavailable, OutcomeUnknown
from tools.erp.posting import post_once
from tools.erp.sandbox.faults import FaultKind

claimed_write = pytest.mark.parametrize("capability", WRITES)


async def no_pause(seconds: float) -> None:
    return None


@claimed_write
@pytest.mark.parametrize("kind", [FaultKind.REPLY_LOST, FaultKind.ERROR_AFTER])
async def test_a_write_without_an_answer_is_unknown_and_then_found(
    under_test: ErpUnderTest, capability: Capability, kind: FaultKind
) -> None:
    under_test.claimed(capability)
    action = an_action(capability, under_test.company)
    order = approved(action)
    under_test.faults.plan(under_test.committing(action.kind), kind, status=500)
    with pytest.raises(OutcomeUnknown):
        await under_test.erp.write(order)
    assert not under_test.faults.pending
    found = await under_test.erp.find(order)
    assert found is not None
    assert times_booked(under_test.company, action) == 1


@claimed_write
@pytest.mark.parametrize("kind", [FaultKind.REQUEST_LOST, FaultKind.ERROR_BEFORE])
async def test_a_write_that_never_arrived_is_unknown_too_and_not_found(
    under_test: ErpUnderTest, capability: Capability, kind: FaultKind
) -> None:
    under_test.claimed(capability)
    action = an_action(capability, under_test.company)
    order = approved(action)
    under_test.faults.plan(under_test.opening(action.kind), kind)
    with pytest.raises(OutcomeUnknown):
        await under_test.erp.write(order)
    assert not under_test.faults.pending
    assert await under_test.erp.find(order) is None
    assert times_booked(under_test.company, action) == 0


@claimed_write
async def test_a_refused_connection_means_nothing_happened(
    under_test: ErpUnderTest, capability: Capability
) -> None:
    under_test.claimed(capability)
    action = an_action(capability, under_test.company)
    order = approved(action)
    under_test.faults.plan(under_test.opening(action.kind), FaultKind.CONNECTION_REFUSED)
    with pytest.raises(ErpUnavailable):
        await under_test.erp.write(order)
    assert times_booked(under_test.company, action) == 0
    await under_test.erp.write(order)
    assert times_booked(under_test.company, action) == 1


@claimed_write
async def test_a_stale_version_is_a_change_and_nothing_is_booked(
    under_test: ErpUnderTest, capability: Capability
) -> None:
    under_test.applies("stale_version")
    under_test.claimed(capability)
    action = an_action(capability, under_test.company)
    under_test.faults.plan(under_test.committing(action.kind), FaultKind.STALE_VERSION)
    with pytest.raises(ErpChanged):
        await under_test.erp.write(approved(action))
    assert times_booked(under_test.company, action) == 0


async def test_a_posting_whose_final_step_was_lost_is_not_taken_for_done(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.POST_INVOICE)
    action = an_invoice()
    order = approved(action)
    under_test.faults.plan(under_test.committing(action.kind), FaultKind.REQUEST_LOST)
    with pytest.raises(OutcomeUnknown):
        await under_test.erp.write(order)
    found = await under_test.erp.find(order)
    assert found is None or found.state is PostingState.DRAFT
    assert times_booked(under_test.company, action) == 0


async def test_a_lost_reply_is_settled_by_looking(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.POST_INVOICE)
    action, log = an_invoice(), MemoryLog()
    under_test.faults.plan(under_test.committing(action.kind), FaultKind.REPLY_LOST)
    posting = await post_once(under_test.erp, approved(action), log, no_pause)
    assert posting.state is PostingState.POSTED
    assert log.notes == ["sent", "found"]
    assert times_booked(under_test.company, action) == 1


async def test_a_lost_request_waits_for_a_person_and_is_never_sent_again(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.POST_INVOICE)
    action, log = an_invoice(), MemoryLog()
    under_test.faults.plan(under_test.opening(action.kind), FaultKind.REQUEST_LOST)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await post_once(under_test.erp, approved(action), log, no_pause)
    assert log.notes == ["sent", "unknown", "unknown"]
    assert times_booked(under_test.company, action) == 0


async def test_an_erp_that_is_away_is_unavailable_to_reads(under_test: ErpUnderTest) -> None:
    under_test.faults.plan("*", FaultKind.CONNECTION_REFUSED, times=None)
    with pytest.raises(ErpUnavailable):
        await under_test.erp.orders([CENTS])
    with pytest.raises(ErpUnavailable):
        await under_test.erp.find(approved(an_invoice()))


async def test_an_expired_token_is_renewed_once_for_fifty_parallel_calls(under_test: ErpUnderTest) -> None:
    under_test.applies("token_expiry")
    access = under_test.access
    assert access is not None
    await under_test.erp.orders([CENTS])
    issued = access.issued()
    access.expire()
    read = await asyncio.gather(*(under_test.erp.orders([number]) for number in MANY))
    assert all(len(found) == 1 for found in read)
    assert access.issued() == issued + 1


async def test_a_token_that_expires_before_a_write_is_renewed_and_the_write_happens_once(
    under_test: ErpUnderTest,
) -> None:
    under_test.applies("token_expiry")
    under_test.claimed(Capability.POST_INVOICE)
    access = under_test.access
    assert access is not None
    await under_test.erp.orders([CENTS])
    access.expire()
    action = an_invoice()
    await under_test.erp.write(approved(action))
    assert times_booked(under_test.company, action) == 1


async def test_a_login_that_is_refused_for_good_is_for_the_administrator(under_test: ErpUnderTest) -> None:
    under_test.applies("login_refused")
    under_test.faults.plan("*", FaultKind.EXPIRED_TOKEN, times=None)
    with pytest.raises(ErpAccessDenied):
        await under_test.erp.orders([CENTS])
    with pytest.raises(ErpAccessDenied):
        await under_test.erp.write(approved(an_invoice()))


async def test_a_read_waits_as_long_as_it_is_told(under_test: ErpUnderTest) -> None:
    under_test.applies("too_many_requests")
    access = under_test.access
    assert access is not None
    under_test.faults.plan("*", FaultKind.TOO_MANY, retry_after=17)
    assert set(await under_test.erp.orders([CENTS])) == {CENTS}
    assert 17.0 in access.waited()


async def test_a_write_is_not_tried_again_after_too_many_requests(under_test: ErpUnderTest) -> None:
    under_test.applies("too_many_requests")
    under_test.claimed(Capability.POST_INVOICE)
    action = an_invoice()
    under_test.faults.plan(under_test.opening(action.kind), FaultKind.TOO_MANY, retry_after=17)
    with pytest.raises(ErpUnavailable):
        await under_test.erp.write(approved(action))
    assert times_booked(under_test.company, action) == 0
