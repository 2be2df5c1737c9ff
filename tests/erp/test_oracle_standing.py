"""What was created in Oracle stands there: nothing is told as refused or not sent before it is held, and the
scheduled validation of Payables posts nothing behind our back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.erp.oracle_client import Bench
from tests.erp.orders import MemoryLog, an_invoice, approved, billing_lines, invoice_fields
from tests.erp.world import PARTLY_RECEIVED, TODAY
from tools.domain.decision import ParkInvoice, PostingOrder, PostingState
from tools.erp.errors import ErpAccessDenied, ErpError, ErpRejected, ErpUnavailable, OutcomeUnknown
from tools.erp.posting import Progress, post_once
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import FaultKind, Faults

HOLD = "AP Agent Parked"
UNANSWERED = [FaultKind.CONNECTION_REFUSED, FaultKind.TOO_MANY]


@pytest.fixture
def bench(company: Company, faults: Faults) -> Bench:
    return Bench(company, faults)


async def no_pause(seconds: float) -> None:
    return None


def too_much() -> PostingOrder:
    """Bills 30 of which 25 were received."""
    return approved(an_invoice("300.00", "63.00", lines=billing_lines({"10000": ("30", "10.00")})))


def held(bench: Bench) -> list[str]:
    (document,) = bench.documents()
    return [hold.name for hold in bench.server.payables.active(document)]


def states(bench: Bench) -> list[PostingState]:
    return [document.state for document in bench.documents()]


async def test_the_scheduled_validation_posts_what_bears_no_hold(bench: Bench) -> None:
    bench.unvalidated(stated_gross=Decimal(0))
    bench.server.desk.run_validation()
    assert states(bench) == [PostingState.DRAFT], "an invoice without lines cannot be booked"
    await bench.erp.write(approved(ParkInvoice(**invoice_fields(number="VD-90002"))))
    bench.server.desk.run_validation()
    (parked,) = bench.documents("VD-90002")
    assert parked.state is PostingState.DRAFT
    (hold,) = bench.server.payables.holds
    bench.server.desk.release(hold, {"ReleaseName": "Amount approved"})
    bench.server.desk.run_validation()
    (parked,) = bench.documents("VD-90002")
    assert parked.state is PostingState.POSTED, "releasing the last hold leaves it to the next run"


@pytest.mark.parametrize("kind", UNANSWERED)
async def test_a_created_invoice_that_is_not_validated_is_held_before_it_is_told_so(
    bench: Bench, kind: FaultKind
) -> None:
    order, log = approved(an_invoice()), MemoryLog()
    bench.faults.plan("validateInvoice", kind)
    with pytest.raises(ErpRejected, match=f"VD-90001 stands in Oracle on hold: {HOLD}"):
        await post_once(bench.erp, order, log, no_pause)
    bench.server.desk.run_validation()
    assert (states(bench), held(bench)) == ([PostingState.DRAFT], [HOLD])
    found = await bench.erp.find(order)
    assert found is not None and found.state is PostingState.DRAFT
    posting = await post_once(bench.erp, order, log, no_pause)
    assert (posting.state, held(bench)) == (PostingState.POSTED, [])
    assert bench.changes().count("POST invoices") == 1


async def test_a_right_that_is_missing_for_validation_leaves_a_held_invoice(bench: Bench) -> None:
    bench.faults.plan("validateInvoice", FaultKind.EXPIRED_TOKEN, times=2)
    with pytest.raises(ErpAccessDenied, match="on hold"):
        await bench.erp.write(approved(an_invoice()))
    assert held(bench) == [HOLD]


async def test_holds_of_validation_are_refused_only_under_a_hold_of_ours(bench: Bench) -> None:
    log = MemoryLog()
    with pytest.raises(ErpRejected, match="QTY REC.*on hold: AP Agent Parked"):
        await post_once(bench.erp, too_much(), log, no_pause)
    bench.company.purchasing.receive(PARTLY_RECEIVED, {"10000": Decimal(5)}, TODAY)
    bench.server.desk.run_validation()
    assert states(bench) == [PostingState.DRAFT], "the goods came; ours is still no posting"
    posting = await post_once(bench.erp, too_much(), log, no_pause)
    assert posting.state is PostingState.POSTED


@pytest.mark.parametrize("fault", [*UNANSWERED, FaultKind.REQUEST_LOST])
@pytest.mark.parametrize("order", [approved(an_invoice()), too_much()])
async def test_an_invoice_that_cannot_be_held_is_unknown_and_a_later_look_settles_it(
    bench: Bench, fault: FaultKind, order: PostingOrder
) -> None:
    log = MemoryLog()
    if order != too_much():
        bench.faults.plan("validateInvoice", FaultKind.TOO_MANY)
    bench.faults.plan("create_invoiceHolds", fault)
    with pytest.raises(OutcomeUnknown, match="could not be put on hold"):
        await post_once(bench.erp, order, log, no_pause)
    assert (log.notes, log.begin(order)[0]) == (["sent", "unknown"], Progress.SENT)
    bench.company.purchasing.receive(PARTLY_RECEIVED, {"10000": Decimal(5)}, TODAY)
    bench.server.desk.run_validation()
    posting = await post_once(bench.erp, order, log, no_pause)
    assert (posting.state, log.notes[-1]) == (PostingState.POSTED, "found")
    assert bench.changes().count("POST invoices") == 1


async def test_a_hold_whose_answer_was_lost_counts_when_it_is_seen(bench: Bench) -> None:
    bench.faults.plan("validateInvoice", FaultKind.TOO_MANY)
    bench.faults.plan("create_invoiceHolds", FaultKind.REPLY_LOST)
    with pytest.raises(ErpRejected, match="on hold"):
        await bench.erp.write(approved(an_invoice()))
    assert held(bench) == [HOLD]


async def test_a_parked_invoice_that_is_not_validated_gets_its_hold_back(bench: Bench) -> None:
    await bench.erp.write(approved(ParkInvoice(**invoice_fields())))
    order, log = approved(an_invoice()), MemoryLog()
    bench.faults.plan("validateInvoice", FaultKind.TOO_MANY)
    with pytest.raises(ErpUnavailable, match="on hold"):
        await post_once(bench.erp, order, log, no_pause)
    bench.server.desk.run_validation()
    assert (states(bench), held(bench)) == ([PostingState.DRAFT], [HOLD])
    assert log.notes == ["sent", "not sent"]


async def test_a_parked_invoice_whose_hold_was_not_released_keeps_the_one_it_has(bench: Bench) -> None:
    await bench.erp.write(approved(ParkInvoice(**invoice_fields())))
    bench.faults.plan("change_invoiceHolds", FaultKind.TOO_MANY)
    with pytest.raises(ErpUnavailable, match="on hold"):
        await bench.erp.write(approved(an_invoice()))
    assert held(bench) == [HOLD]
    assert "POST invoiceHolds" not in bench.changes()


async def test_a_parked_invoice_whose_hold_cannot_be_put_back_is_unknown(bench: Bench) -> None:
    await bench.erp.write(approved(ParkInvoice(**invoice_fields())))
    log = MemoryLog()
    bench.faults.plan("validateInvoice", FaultKind.TOO_MANY)
    bench.faults.plan("create_invoiceHolds", FaultKind.TOO_MANY)
    with pytest.raises(OutcomeUnknown, match="Too Many Requests.*could not be put on hold"):
        await post_once(bench.erp, approved(an_invoice()), log, no_pause)
    assert log.notes == ["sent", "unknown"]


class Between(httpx.AsyncBaseTransport):
    """Does something in Oracle right before the first change to an address with this end arrives."""

    def __init__(self, bench: Bench, end: str, work: Callable[[], Any]) -> None:
        self._inner = bench.recorder
        self._end = end
        self._work: Callable[[], Any] | None = work

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._work and request.method != "GET" and request.url.path.endswith(self._end):
            work, self._work = self._work, None
            work()
        return await self._inner.handle_async_request(request)


async def test_what_the_scheduled_validation_posted_meanwhile_is_posted(bench: Bench) -> None:
    erp = bench.through(Between(bench, "validateInvoice", bench.server.desk.run_validation))
    bench.faults.plan("validateInvoice", FaultKind.TOO_MANY)
    posting = await erp.write(approved(an_invoice()))
    assert (posting.state, held(bench)) == (PostingState.POSTED, [])


async def test_what_was_accounted_before_our_hold_came_is_posted_and_released(bench: Bench) -> None:
    def account() -> None:
        bench.server.desk.run_validation()
        bench.server.payables.fresh.clear()

    erp = bench.through(Between(bench, "invoiceHolds", account))
    bench.faults.plan("validateInvoice", FaultKind.TOO_MANY)
    posting = await erp.write(approved(an_invoice()))
    assert (posting.state, held(bench)) == (PostingState.POSTED, [])


class Blind(httpx.AsyncBaseTransport):
    """Shows no invoice once one was created."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self._made = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._made and request.method == "GET" and request.url.path.endswith("/invoices"):
            return httpx.Response(200, json={"items": [], "hasMore": False}, request=request)
        self._made = self._made or request.method == "POST"
        return await self._inner.handle_async_request(request)


async def test_an_invoice_that_was_created_and_cannot_be_seen_is_unknown(bench: Bench) -> None:
    erp = bench.through(Blind(bench.recorder))
    bench.faults.plan("validateInvoice", FaultKind.TOO_MANY)
    with pytest.raises(OutcomeUnknown, match="Too Many Requests; it was accepted") as error:
        await erp.write(approved(an_invoice()))
    assert isinstance(error.value.__cause__, ErpError)
