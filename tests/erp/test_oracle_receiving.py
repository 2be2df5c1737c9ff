"""Goods receipts at Oracle: a request that was accepted is followed up until it is known what came of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.erp.oracle_client import Bench
from tests.erp.oracle_setup import settings
from tests.erp.orders import MemoryLog, approved
from tests.erp.world import COMPANY, LONG, PARTLY_RECEIVED, SERVICE, TODAY
from tools.domain.decision import CreateGoodsReceipt, PostingState, ReceivedLine
from tools.erp.errors import ErpRejected, ErpUnavailable, OutcomeUnknown
from tools.erp.posting import post_once
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults


@pytest.fixture
def bench(company: Company, faults: Faults) -> Bench:
    return Bench(company, faults)


@pytest.fixture
def slow(company: Company, faults: Faults) -> Bench:
    """A pod that processes requests later."""
    return Bench(company, faults, {"receipts_at_once": False})


async def no_pause(seconds: float) -> None:
    return None


def a_receipt(quantity: str = "2", line: str = "20000", **values: Any) -> CreateGoodsReceipt:
    return CreateGoodsReceipt(
        **{
            "company": COMPANY,
            "order_number": LONG,
            "delivery_note": "LS-90001",
            "received_on": TODAY,
            "lines": (ReceivedLine(order_line_id=line, quantity=Decimal(quantity)),),
            **values,
        }
    )


async def test_a_request_names_the_schedule_by_its_exact_id(bench: Bench) -> None:
    posting = await bench.erp.write(approved(a_receipt()))
    (body,) = bench.bodies("/receivingReceiptRequests")
    (line,) = body["lines"]
    assert (posting.state, posting.reference) == (PostingState.POSTED, "LS-90001")
    assert line["POLineLocationId"] > 2**53
    assert (line["TransactionType"], line["AutoTransactCode"]) == ("RECEIVE", "RECEIVE")
    assert "EmployeeId" not in body
    (receipt,) = bench.company.purchasing.receipts_of(LONG)
    assert (receipt.number, receipt.lines[0].order_line_id) == (posting.number, "20000")


async def test_the_settings_say_who_receives_and_where_to(company: Company, faults: Faults) -> None:
    bench = Bench(company, faults, employee_id=300000047, auto_transact="DELIVER", subinventory="Stores")
    await bench.erp.write(approved(a_receipt()))
    (body,) = bench.bodies("/receivingReceiptRequests")
    assert body["EmployeeId"] == 300000047
    assert (body["lines"][0]["AutoTransactCode"], body["lines"][0]["Subinventory"]) == ("DELIVER", "Stores")


async def test_a_refused_request_tells_oracles_words_and_leaves_the_interface(bench: Bench) -> None:
    with pytest.raises(ErpRejected, match="99 received of 2"):
        await bench.erp.write(approved(a_receipt("99")))
    assert not bench.server.receiving.requests
    assert await bench.erp.find(approved(a_receipt("99"))) is None
    posting = await bench.erp.write(approved(a_receipt("1")))
    assert posting.state is PostingState.POSTED


async def test_a_request_that_waits_is_unknown_and_found_once_it_was_processed(slow: Bench) -> None:
    order = approved(a_receipt())
    with pytest.raises(OutcomeUnknown, match="PENDING"):
        await slow.erp.write(order)
    assert slow.clock.slept == [2.0, 4.0, 8.0]
    with pytest.raises(OutcomeUnknown, match="PENDING"):
        await slow.erp.find(order)
    slow.server.receiving.process()
    found = await slow.erp.find(order)
    assert found is not None
    assert len(slow.company.purchasing.receipts_of(LONG)) == 1


async def test_a_request_that_is_processed_while_we_look_is_done(slow: Bench) -> None:
    async def meanwhile(seconds: float) -> None:
        slow.server.receiving.process()

    slow.clock.sleep = meanwhile  # type: ignore[method-assign]
    posting = await slow.erp.write(approved(a_receipt()))
    assert posting.number == slow.company.purchasing.receipts_of(LONG)[0].number


async def test_a_waiting_request_is_never_sent_again(slow: Bench) -> None:
    order, log = approved(a_receipt()), MemoryLog()
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await post_once(slow.erp, order, log, no_pause)
    slow.server.receiving.process()
    await post_once(slow.erp, order, log, no_pause)
    assert len(slow.company.purchasing.receipts_of(LONG)) == 1


async def test_a_note_in_other_letters_is_the_same_note(bench: Bench) -> None:
    await bench.erp.write(approved(a_receipt()))
    assert await bench.erp.find(approved(a_receipt(delivery_note="ls-90001"))) is not None
    assert await bench.erp.find(approved(a_receipt(delivery_note="LS-9"))) is None
    other = a_receipt(order_number=PARTLY_RECEIVED)
    assert await bench.erp.find(approved(other)) is None, "the same note of another order"


async def test_several_receipts_under_one_note_are_for_a_person(bench: Bench) -> None:
    for _ in range(2):
        bench.company.purchasing.receive(LONG, {"20000": Decimal(1)}, TODAY, delivery_note="LS-90001")
    with pytest.raises(OutcomeUnknown, match="several receipts"):
        await bench.erp.find(approved(a_receipt()))


@pytest.mark.parametrize(
    ("values", "told"),
    [({"order_number": "459999"}, "no order 459999"), ({"line": "99"}, "no line 99 in Oracle")],
)
async def test_what_is_not_ordered_is_not_sent(bench: Bench, values: dict[str, str], told: str) -> None:
    with pytest.raises(ErpRejected, match=told):
        await bench.erp.write(approved(a_receipt(**values)))
    assert bench.changes() == []


async def test_a_receipt_of_an_order_that_is_not_there_is_not_found(bench: Bench) -> None:
    assert await bench.erp.find(approved(a_receipt(order_number="459999"))) is None
    assert (await bench.erp.orders([SERVICE]))[SERVICE].lines[0].receipt_required is False


@pytest.mark.parametrize(
    ("zone", "days", "refused"),
    [
        ("UTC", 0, False),
        ("UTC", -1, True),
        ("UTC", 1, True),
        ("Pacific/Pago_Pago", 0, True),
        ("Pacific/Pago_Pago", -1, False),
    ],
)
async def test_only_the_day_that_oracle_books_can_be_received_on(
    company: Company, faults: Faults, zone: str, days: int, refused: bool
) -> None:
    """At nine in Greenwich it is still the day before in Pago Pago."""
    bench = Bench(company, faults, time_zone=zone)
    action = a_receipt(received_on=TODAY + timedelta(days=days))
    if not refused:
        assert (await bench.erp.write(approved(action))).state is PostingState.POSTED
        return
    with pytest.raises(
        ErpRejected, match=f"a receipt on {action.received_on}; Oracle books goods in on the day"
    ):
        await bench.erp.write(approved(action))
    assert bench.changes() == []


class Timeless(httpx.AsyncBaseTransport):
    """A way on which answers lose their `Date`."""

    def __init__(self, inner: httpx.AsyncBaseTransport, told: str | None = None) -> None:
        self._inner = inner
        self._told = told

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        del answer.headers["date"]
        if self._told is not None:
            answer.headers["date"] = self._told
        return answer


async def test_goods_are_not_booked_on_a_day_that_oracle_does_not_tell(bench: Bench) -> None:
    with pytest.raises(ErpUnavailable, match="does not say when"):
        await bench.through(Timeless(bench.recorder)).write(approved(a_receipt()))
    assert bench.changes() == []
    utc = Timeless(bench.recorder, "Mon, 16 Mar 2026 23:59:00 -0000")
    assert (await bench.through(utc).write(approved(a_receipt()))).state is PostingState.POSTED


def test_a_time_zone_that_is_none_is_refused() -> None:
    for zone in ("Amsterdam", "../etc/passwd", ""):
        with pytest.raises(ValueError, match="is no time zone"):
            settings(time_zone=zone)
