"""A record that the connector cannot take in, or a store that fails, never ends the watch silently."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pydantic import BaseModel

from agent.triggers.odd_records import OddRecord, words
from agent.triggers.order_watch import OrderWatch
from tests.graph.office import Office, raising
from tests.graph.papers import AWAITED, SHARED, a_document
from tests.graph.running_watch import UNDELIVERED, a_held_case, running
from tests.graph.test_order_watch import DAY
from tools.audit_log import AuditBroken
from tools.change_marks import ChangeMarks
from tools.domain.money import Money

ODD = ValueError("'eur' is not an ISO 4217 currency code")


@pytest.fixture
async def watch(plain_office: Office) -> AsyncIterator[OrderWatch]:
    found = OrderWatch(plain_office.app.service, plain_office.app.changes, complete_every=DAY)
    await found.look()
    yield found


def odd_when(office: Office, read: str, of: str) -> None:
    """The read raises whenever `of` is among what is asked for."""
    line: Any = office.line
    sound = getattr(line, read)

    async def call(keys: Any) -> Any:
        if of in keys:
            raise ODD
        return await sound(keys)

    setattr(line, read, call)


async def test_an_odd_order_costs_its_own_case_the_look_and_no_other(
    plain_office: Office, watch: OrderWatch
) -> None:
    office, marks = plain_office, plain_office.app.changes
    odd = await office.take_in(a_document(**UNDELIVERED))
    sound = await office.take_in(
        a_document("RE-3", order=SHARED, rows=(("BRACKET", "Bracket", "4", "2.50"),))
    )
    office.receive_goods(AWAITED, "20")
    office.books.purchasing.amend_line(SHARED, "10000", unit_price=Money.of("2.51", "EUR"))
    odd_when(office, "receipts", AWAITED)
    found = {each.case_id: each for each in (await watch.look(complete=True)).rechecked}
    assert found[sound.case_id].error is None
    told = found[odd.case_id]
    assert told.error_kind == OddRecord.__name__
    assert told.error is not None
    assert told.error.startswith("goods receipts could not be read: ValueError: 'eur' is not an ISO")
    assert marks.again() == [odd.case_id]
    line: Any = office.line
    del line.receipts
    office.clock.later(hours=2)
    (done,) = (await watch.look()).rechecked
    assert (done.case_id, done.error, done.stage) == (odd.case_id, None, "waiting_for_approval")
    assert marks.again() == []


READS = ("orders_changed_since", "orders", "receipts", "suppliers_by_id")


@pytest.mark.parametrize("read", READS)
async def test_an_odd_answer_is_told_with_its_read_and_the_watch_goes_on(
    plain_office: Office, read: str
) -> None:
    office = plain_office
    case = await a_held_case(office)
    async with running(office) as watch:
        office.receive_goods(AWAITED, "20")
        office.line.before[read] = raising(ODD)
        assert await watch.signed("event-1") == 200
        await watch.news.until(lambda: watch.news.looks() == 2)
        (told,) = [news for news in watch.news.told if news.get("error")]
        assert told["error"] == OddRecord.__name__
        assert "could not be read: ValueError: 'eur'" in told["message"]
        assert office.case(case).stage == "on_hold"
        assert await watch.signed("event-2") == 200
        await watch.news.until(lambda: watch.news.looks() == 3)
    assert office.case(case).stage == "waiting_for_approval"


class FailingMarks(ChangeMarks):
    """The disk is full now and then."""

    def __init__(self, office: Office, strike: Callable[[], object]) -> None:
        super().__init__(office.app.changes._store)
        self.strike = strike

    def note(self, *values: Any, **named: Any) -> None:
        self.strike()
        super().note(*values, **named)


async def test_a_look_that_breaks_off_of_something_nobody_thought_of_is_told_and_begun_again(
    plain_office: Office,
) -> None:
    case = await a_held_case(plain_office)
    async with running(plain_office) as watch:
        watch.watching.watch.marks = FailingMarks(plain_office, raising(OSError("the disk is full")))
        plain_office.receive_goods(AWAITED, "20")
        assert await watch.signed("event-1") == 200
        await watch.news.until(lambda: any("disk is full" in news["message"] for news in watch.news.told))
        assert watch.news.told[-1]["error"] == "OSError"
        assert await watch.signed("event-2") == 200
        await watch.news.until(lambda: watch.news.looks() == 2)
    assert plain_office.case(case).stage == "waiting_for_approval"


async def test_a_broken_log_ends_the_watch_loudly(plain_office: Office) -> None:
    async with running(plain_office) as watch:
        watch.watching.watch.marks = FailingMarks(plain_office, raising(AuditBroken("entry 3")))
        ended = asyncio.ensure_future(watch.watching._keep_looking())
        with pytest.raises(AuditBroken):
            await asyncio.wait_for(ended, 30)


class Paid(BaseModel):
    amount: int


def test_what_is_told_of_an_odd_record_holds_no_account_and_no_value() -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the form of the text is what is tested
        Paid.model_validate({"amount": "DE02120300000000202051"})
    assert words(caught.value) == "Paid has an unknown form at amount"
    told = words(KeyError("DE02 1203 0000 0000 2020 51" + " x" * 900))
    assert "2020" not in told
    assert len(told) <= 300
