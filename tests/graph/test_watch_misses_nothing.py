"""Receipts, looks, failures and restarts in any order: after one sound look nothing was missed."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from agent.triggers.order_watch import OVERLAP, OrderWatch
from tests.graph.office import Office, raising
from tests.graph.papers import AWAITED, SHARED, a_document
from tools.change_marks import ChangeMarks
from tools.domain.money import Money
from tools.erp.errors import ErpUnavailable

READS = ("orders_changed_since", "orders", "receipts", "suppliers_by_id", "orders_of", "posting_window")
DAY = timedelta(days=1)
STEPS = 14


class Killed(BaseException):
    """The process ends here."""


class Morning:
    """One office, a watch over it, and what may happen to them."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office = office
        self.chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.marks: ChangeMarks = office.app.changes
        self.watch = self._new()

    def _new(self) -> OrderWatch:
        return OrderWatch(self.office.app.service, self.marks, DAY)

    async def step(self) -> None:
        what: Callable[[], Any] = self.chance.choice(
            (self.receive, self.receive, self.amend, self.wait, self.look, self.look_in_vain, self.die)
        )
        await what()

    async def receive(self) -> None:
        if self.office.books.purchasing.line(AWAITED, "10000").received < 20:
            self.office.receive_goods(AWAITED, "1")
            self._dated_back()

    async def amend(self) -> None:
        price = Money.of(f"2.{self.chance.randint(40, 60)}", "EUR")
        self.office.books.purchasing.amend_line(SHARED, "10000", unit_price=price)
        self._dated_back()

    def _dated_back(self) -> None:
        """The ERP's clock is behind ours, or it shows a change a while after it was made."""
        late = timedelta(seconds=self.chance.randint(0, int(OVERLAP.total_seconds()) - 20))
        cards, receipts = self.office.books.books.orders, self.office.books.books.receipts
        for number in (AWAITED, SHARED):
            if cards[number].changed_at > self.office.clock.now - timedelta(seconds=1):
                cards[number] = cards[number].model_copy(update={"changed_at": self.office.clock.now - late})
        for number, kept in list(receipts.items()):
            if kept.changed_at > self.office.clock.now - timedelta(seconds=1):
                receipts[number] = kept.model_copy(update={"changed_at": self.office.clock.now - late})

    async def wait(self) -> None:
        self.office.clock.later(minutes=self.chance.randint(1, 90))

    async def look(self) -> None:
        await self.watch.look()

    async def look_in_vain(self) -> None:
        """The ERP goes away in the middle."""
        await self._struck(ErpUnavailable("away"))

    async def die(self) -> None:
        """The process dies in the middle, and another one begins."""
        await self._struck(Killed())
        self.watch = self._new()

    async def _struck(self, error: BaseException) -> None:
        read = self.chance.choice(READS)
        self.office.line.before[read] = raising(error)
        try:
            await self.watch.look()
        except (ErpUnavailable, Killed):
            pass
        finally:
            self.office.line.before.clear()

    def rests_on_the_erp(self, case_id: Any) -> bool:
        facts = self.office.app.service.deps.facts.get(case_id)
        assert facts is not None
        books = self.office.books.books
        return all(
            order == books.orders[order.number].order
            and sorted(receipt.number for receipt in facts.receipts)
            == sorted(
                receipt.number for receipt in books.receipts.values() if receipt.order_number == order.number
            )
            for order in facts.orders
        )


@pytest.mark.parametrize("seed", (0, 1, 13, 14, 17, 27))
async def test_whatever_happens_the_next_sound_look_has_seen_everything(
    plain_office: Office, seed: int
) -> None:
    held = await plain_office.take_in(
        a_document(order=AWAITED, rows=(("BRACKET", "Bracket", "20", "10.00"),))
    )
    shown = await plain_office.take_in(
        a_document("RE-3", order=SHARED, rows=(("BRACKET", "Bracket", "4", "2.50"),))
    )
    morning = Morning(plain_office, seed)
    for _ in range(STEPS):
        await morning.step()
    await morning.watch.look()
    assert [morning.rests_on_the_erp(case.case_id) for case in (held, shown)] == [True, True]
    assert plain_office.posted() == plain_office.posted("RE-3") == []
    plain_office.verified()
