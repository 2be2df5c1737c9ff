"""Single reads of one moment become the ERP's bulk reads; answers are kept for one batch.

Steps ask for one order, one receipt list, one supplier. What all running cases ask for within a moment
goes out together; while two bulk reads of a kind are under way, further keys wait and go out together
when one returns, so the number of calls stays small whatever the pace at which cases arrive.

Never used for the checks right before posting: those read fresh data.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import Generic, TypeVar

from tools.domain.decision import InvoiceKey, Posting
from tools.domain.documents import GoodsReceipt, OpenItem, PurchaseOrder
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.domain.supplier import Supplier
from tools.erp.contract import Account, Capability, CostCentre, Erp, PostingWindow
from tools.erp.errors import ErpError, ErpRejected
from tools.erp.pacing import Clock, SystemClock

K = TypeVar("K")
V = TypeVar("V")

_MOST_REJECTIONS = 40
"""Enough to isolate two keys among a thousand; a read that is rejected altogether must not be asked
for key by key."""

BulkRead = Callable[[Collection[K]], Awaitable[Mapping[K, V]]]
Settle = Callable[[Callable[[], int]], Awaitable[None]]
"""Waits until the moment is over; it is given a function that tells how many keys wait."""


def quiet_moment(clock: Clock | None = None, *, pause: float = 0.01, longest: float = 0.25) -> Settle:
    """The moment is over when no further key came for `pause` seconds, at the latest after `longest`.
    Both are small beside an ERP's answer."""
    used = clock or SystemClock()

    async def settle(waiting: Callable[[], int]) -> None:
        until = used.time() + longest
        seen = -1
        while seen != waiting() and used.time() < until:
            seen = waiting()
            await used.sleep(pause)

    return settle


class Gathering(Generic[K, V]):
    """One kind of read: waiting keys, bulk reads under way, answers kept."""

    def __init__(
        self, read: BulkRead[K, V], settle: Settle, *, absent: Callable[[], V], at_once: int
    ) -> None:
        self._read = read
        self._settle = settle
        self._absent = absent
        self._slots = asyncio.Semaphore(at_once)
        self._answers: dict[K, asyncio.Future[V]] = {}
        self._waiting: list[K] = []
        self._collector: asyncio.Task[None] | None = None
        self._reads: set[asyncio.Task[None]] = set()

    async def get(self, key: K) -> V:
        """The answer for one key. A waiter that is cancelled takes nobody with it."""
        return await asyncio.shield(self._future(key))

    async def get_all(self, keys: Collection[K]) -> dict[K, V]:
        """The answers for many keys; the first error is raised after all have been answered."""
        futures = {key: self._future(key) for key in keys}
        if futures:
            await asyncio.wait(futures.values())
        return {key: future.result() for key, future in futures.items()}

    def _future(self, key: K) -> asyncio.Future[V]:
        future = self._answers.get(key)
        if future is None:
            future = self._answers[key] = asyncio.get_running_loop().create_future()
            self._waiting.append(key)
            if self._collector is None:
                self._collector = asyncio.create_task(self._collect())
        return future

    async def _collect(self) -> None:
        """Gather until the moment is over and a slot is free, then send; repeat while keys wait."""
        try:
            while self._waiting:
                await self._settle(lambda: len(self._waiting))
                await self._slots.acquire()
                keys, self._waiting = self._waiting, []
                task = asyncio.create_task(self._answer(keys))
                self._reads.add(task)
                task.add_done_callback(partial(self._finished, keys))
        finally:
            self._collector = None

    def _finished(self, keys: list[K], task: asyncio.Task[None]) -> None:
        """Free the slot. After a bug or a shutdown in the middle of a read no waiter may hang."""
        self._slots.release()
        self._reads.discard(task)
        for key in keys:
            future = self._answers.get(key)
            if future is None or future.done():
                continue
            del self._answers[key]
            if task.cancelled() or (error := task.exception()) is None:
                future.cancel()
            else:
                future.set_exception(error)

    async def _answer(self, keys: list[K]) -> None:
        """Read and hand out. A rejected bulk read is split until the key at fault stands alone; every
        other failure concerns all keys of this read, and only those."""
        parts, rejections = [keys], 0
        while parts:
            part = parts.pop()
            try:
                found = await self._read(part)
            except ErpRejected as error:
                rejections += 1
                middle = len(part) // 2
                if middle and rejections <= _MOST_REJECTIONS:
                    parts += [part[:middle], part[middle:]]
                else:
                    self._fail(part, error)
            except ErpError as error:
                self._fail(part, error)
            else:
                for key in part:
                    self._answers[key].set_result(found[key] if key in found else self._absent())

    def _fail(self, keys: list[K], error: ErpError) -> None:
        """Errors are not kept: the next question for the key asks the ERP again."""
        for key in keys:
            future = self._answers.pop(key)
            future.set_exception(error)
            future.exception()  # marks it as seen: every waiter may have been cancelled


class ErpReader:
    """Reads of one batch. Absent orders and suppliers are None, absent lists are empty."""

    def __init__(self, erp: Erp, *, settle: Settle | None = None, at_once: int = 2) -> None:
        """`at_once`: bulk reads of one kind under way at the same time."""
        self._erp = erp
        self._settle = settle or quiet_moment()
        self._at_once = at_once
        self._orders: Gathering[OrderNumber, PurchaseOrder | None] = self._gathering(erp.orders, _none)
        self._suppliers: Gathering[SupplierId, Supplier | None] = self._gathering(erp.suppliers_by_id, _none)
        self._receipts: Gathering[OrderNumber, list[GoodsReceipt]] = self._gathering(erp.receipts, list)
        self._invoices: Gathering[InvoiceKey, list[Posting]] = self._gathering(erp.invoices, list)
        self._orders_of: Gathering[SupplierId, list[PurchaseOrder]] = self._gathering(erp.orders_of, list)
        self._open_items: Gathering[SupplierId, list[OpenItem]] = self._gathering(erp.open_items, list)
        self._windows: Gathering[str, PostingWindow] = self._gathering(self._read_window, PostingWindow)
        self._accounts: Gathering[str, list[Account]] = self._gathering(self._read_accounts, list)
        self._centres: Gathering[str, list[CostCentre]] = self._gathering(self._read_centres, list)

    def fresh(self) -> ErpReader:
        """A reader for the next batch that knows nothing yet."""
        return ErpReader(self._erp, settle=self._settle, at_once=self._at_once)

    async def order(self, number: OrderNumber) -> PurchaseOrder | None:
        return await self._orders.get(number)

    async def orders(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, PurchaseOrder]:
        found = await self._orders.get_all(numbers)
        return {number: order for number, order in found.items() if order is not None}

    async def supplier(self, supplier_id: SupplierId) -> Supplier | None:
        return await self._suppliers.get(supplier_id)

    async def receipts(self, number: OrderNumber) -> list[GoodsReceipt]:
        return list(await self._receipts.get(number))

    async def invoices(self, key: InvoiceKey) -> list[Posting]:
        return list(await self._invoices.get(key))

    async def orders_of(self, supplier_id: SupplierId) -> list[PurchaseOrder]:
        return list(await self._orders_of.get(supplier_id))

    async def open_items(self, supplier_id: SupplierId) -> list[OpenItem]:
        return list(await self._open_items.get(supplier_id))

    async def posting_window(self) -> PostingWindow:
        return await self._windows.get(self._erp.company)

    async def accounts(self) -> list[Account]:
        return list(await self._accounts.get(self._erp.company))

    async def cost_centres(self) -> list[CostCentre]:
        return list(await self._centres.get(self._erp.company))

    async def _read_window(self, companies: Collection[str]) -> Mapping[str, PostingWindow]:
        """Without bounds where the ERP does not tell them: it refuses a closed day itself."""
        told = Capability.READ_POSTING_WINDOW in self._erp.capabilities
        return dict.fromkeys(companies, await self._erp.posting_window() if told else PostingWindow())

    async def _read_accounts(self, companies: Collection[str]) -> Mapping[str, list[Account]]:
        return dict.fromkeys(companies, await self._erp.accounts())

    async def _read_centres(self, companies: Collection[str]) -> Mapping[str, list[CostCentre]]:
        return dict.fromkeys(companies, await self._erp.cost_centres())

    def _gathering(self, read: BulkRead[K, V], absent: Callable[[], V]) -> Gathering[K, V]:
        return Gathering(read, self._settle, absent=absent, at_once=self._at_once)


def _none() -> None:
    return None
