"""Many cases ask at the same moment; the ERP is asked once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import COMPANY, an_order, an_order_line
from tests.erp.clocks import StillClock
from tools.domain.documents import PurchaseOrder
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.erp.contract import Account, Capability, PostingWindow
from tools.erp.errors import ErpRejected, ErpUnavailable
from tools.erp.reader import ErpReader, quiet_moment


class CountingErp:
    """Knows every order except those that start with X; writes down each bulk read."""

    kind = "counting"
    company = COMPANY

    def __init__(self) -> None:
        self.capabilities = frozenset(Capability)
        self.asked: dict[str, list[list[str]]] = {}
        self.running = self.peak = 0
        self.fail: Callable[[str, list[str]], Exception | None] = lambda name, keys: None
        self.gate: asyncio.Event | None = None

    async def orders(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, PurchaseOrder]:
        await self._note("orders", numbers)
        return {number: an_order(an_order_line(), number=number) for number in numbers if number[0] != "X"}

    async def receipts(self, numbers: Collection[str]) -> dict[str, Any]:
        await self._note("receipts", numbers)
        return {}

    async def suppliers_by_id(self, ids: Collection[str]) -> dict[str, Any]:
        await self._note("suppliers_by_id", ids)
        return {}

    async def invoices(self, keys: Collection[Any]) -> dict[Any, Any]:
        await self._note("invoices", keys)
        return {}

    async def orders_of(self, ids: Collection[str]) -> dict[str, Any]:
        await self._note("orders_of", ids)
        return {}

    async def open_items(self, ids: Collection[str]) -> dict[str, Any]:
        await self._note("open_items", ids)
        return {}

    async def accounts(self) -> list[Account]:
        await self._note("accounts", [])
        return []

    async def posting_window(self) -> PostingWindow:
        await self._note("posting_window", [])
        return PostingWindow()

    async def _note(self, name: str, keys: Collection[Any]) -> None:
        self.asked.setdefault(name, []).append([str(key) for key in keys])
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            if self.gate is not None:
                await self.gate.wait()
            error = self.fail(name, [str(key) for key in keys])
            if error is not None:
                raise error
        finally:
            self.running -= 1

    def calls(self, name: str) -> int:
        return len(self.asked.get(name, []))


@pytest.fixture
def erp() -> CountingErp:
    return CountingErp()


@pytest.fixture
def reader(erp: CountingErp) -> ErpReader:
    return a_reader(erp)


def a_reader(erp: CountingErp) -> ErpReader:
    return ErpReader(erp, settle=quiet_moment(StillClock()))  # type: ignore[arg-type]


def numbers(count: int, start: int = 0) -> list[OrderNumber]:
    return [OrderNumber(f"PO-{number}") for number in range(start, start + count)]


async def some_turns() -> None:
    """Lets everything run that can run."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_five_hundred_questions_of_one_moment_are_one_bulk_read(
    erp: CountingErp, reader: ErpReader
) -> None:
    found = await asyncio.gather(*(reader.order(number) for number in numbers(500)))
    assert [order.number for order in found if order] == numbers(500)
    assert erp.calls("orders") == 1


async def test_the_same_order_is_asked_for_once(erp: CountingErp, reader: ErpReader) -> None:
    await asyncio.gather(*(reader.order(OrderNumber("PO-1")) for _ in range(50)))
    assert await reader.order(OrderNumber("PO-1")) is not None
    assert erp.asked == {"orders": [["PO-1"]]}


async def test_reads_of_different_kinds_run_at_the_same_time(erp: CountingErp, reader: ErpReader) -> None:
    erp.gate = asyncio.Event()
    number, supplier = OrderNumber("PO-1"), SupplierId("1")
    asking = asyncio.gather(
        reader.order(number),
        reader.receipts(number),
        reader.supplier(supplier),
        reader.open_items(supplier),
        reader.posting_window(),
    )
    await some_turns()
    erp.gate.set()
    assert await asking == [await reader.order(number), [], None, [], PostingWindow()]
    assert erp.peak == 5


async def test_an_erp_that_does_not_tell_its_periods_is_not_asked_for_them(
    erp: CountingErp, reader: ErpReader
) -> None:
    erp.capabilities -= {Capability.READ_POSTING_WINDOW}
    assert await reader.posting_window() == PostingWindow()
    assert erp.asked == {}


async def test_what_the_erp_does_not_have_is_absent_and_not_asked_again(
    erp: CountingErp, reader: ErpReader
) -> None:
    for _ in range(2):
        assert await reader.order(OrderNumber("X-1")) is None
        assert await reader.supplier(SupplierId("9")) is None
        assert await reader.receipts(OrderNumber("X-1")) == []
    assert erp.calls("orders") == erp.calls("suppliers_by_id") == erp.calls("receipts") == 1


async def test_keys_that_come_while_two_reads_run_go_out_together_afterwards(
    erp: CountingErp, reader: ErpReader
) -> None:
    erp.gate = asyncio.Event()
    waiting = []
    for number in numbers(40):
        waiting.append(asyncio.create_task(reader.order(number)))
        await some_turns()
    erp.gate.set()
    await asyncio.gather(*waiting)
    assert [len(keys) for keys in erp.asked["orders"]] == [1, 1, 38]


async def test_a_cancelled_waiter_takes_nobody_with_it(erp: CountingErp, reader: ErpReader) -> None:
    erp.gate = asyncio.Event()
    first = asyncio.create_task(reader.order(OrderNumber("PO-1")))
    second = asyncio.create_task(reader.order(OrderNumber("PO-1")))
    await some_turns()
    first.cancel()
    await asyncio.sleep(0)
    erp.gate.set()
    order = await second
    assert order is not None
    assert first.cancelled()
    assert await reader.order(OrderNumber("PO-1")) == order
    assert erp.calls("orders") == 1


async def test_a_failing_read_fails_only_those_who_asked(erp: CountingErp, reader: ErpReader) -> None:
    erp.fail = lambda name, keys: ErpUnavailable("down") if name == "orders" else None
    outcomes = await asyncio.gather(
        reader.order(OrderNumber("PO-1")),
        reader.order(OrderNumber("PO-2")),
        reader.receipts(OrderNumber("PO-1")),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [ErpUnavailable, ErpUnavailable, list]


async def test_a_failure_is_not_kept(erp: CountingErp, reader: ErpReader) -> None:
    erp.fail = lambda name, keys: ErpUnavailable("down")
    with pytest.raises(ErpUnavailable):
        await reader.order(OrderNumber("PO-1"))
    erp.fail = lambda name, keys: None
    assert await reader.order(OrderNumber("PO-1")) is not None


async def test_one_key_that_spoils_the_bulk_read_is_isolated(erp: CountingErp, reader: ErpReader) -> None:
    erp.fail = lambda name, keys: ErpRejected("no such field") if "PO-77" in keys else None
    outcomes = await asyncio.gather(
        *(reader.order(number) for number in numbers(500)), return_exceptions=True
    )
    failed = [number for number, outcome in zip(numbers(500), outcomes, strict=True) if not is_order(outcome)]
    assert failed == ["PO-77"]
    assert erp.calls("orders") < 25


def is_order(outcome: object) -> bool:
    return isinstance(outcome, PurchaseOrder)


async def test_a_read_that_is_rejected_altogether_is_not_asked_key_by_key(
    erp: CountingErp, reader: ErpReader
) -> None:
    erp.fail = lambda name, keys: ErpRejected("no")
    outcomes = await asyncio.gather(
        *(reader.order(number) for number in numbers(500)), return_exceptions=True
    )
    assert all(isinstance(outcome, ErpRejected) for outcome in outcomes)
    assert erp.calls("orders") <= 90


async def test_a_bug_in_a_connector_reaches_the_waiter(erp: CountingErp, reader: ErpReader) -> None:
    erp.fail = lambda name, keys: ZeroDivisionError("bug")
    with pytest.raises(ZeroDivisionError):
        await reader.order(OrderNumber("PO-1"))


async def test_a_new_batch_reads_anew(erp: CountingErp, reader: ErpReader) -> None:
    await reader.order(OrderNumber("PO-1"))
    await reader.fresh().order(OrderNumber("PO-1"))
    assert erp.calls("orders") == 2


async def test_a_list_handed_out_may_be_changed_by_its_reader(reader: ErpReader) -> None:
    (await reader.receipts(OrderNumber("PO-1"))).append(None)  # type: ignore[arg-type]
    assert await reader.receipts(OrderNumber("PO-1")) == []


async def test_the_moment_ends_when_nobody_comes_any_more() -> None:
    clock = StillClock()
    waiting = iter([1, 4, 9, 9, 9, 9])
    current = 1

    def count() -> int:
        nonlocal current
        current = next(waiting, current)
        return current

    await quiet_moment(clock)(count)
    assert 0 < sum(clock.slept) <= 0.05


async def test_the_moment_ends_even_when_somebody_always_comes() -> None:
    clock, counter = StillClock(), iter(range(10**6))
    await quiet_moment(clock)(lambda: next(counter))
    assert Decimal(str(sum(clock.slept))).quantize(Decimal("0.01")) <= Decimal("0.26")


async def test_accounts_and_orders_of_suppliers_come_through(erp: CountingErp, reader: ErpReader) -> None:
    assert await reader.accounts() == []
    assert await reader.orders_of(SupplierId("1")) == []
    assert await reader.orders(numbers(3)) == {
        number: an_order(an_order_line(), number=number) for number in numbers(3)
    }
    assert erp.calls("orders") == 1
