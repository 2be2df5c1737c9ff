"""Exact Online, REST API, as an `Erp`: invoices as purchase entries."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Iterable
from datetime import datetime
from typing import TypeVar

import httpx

from tools.domain.decision import (
    CreateGoodsReceipt,
    InvoiceKey,
    PostCreditNote,
    Posting,
    PostingOrder,
    PostInvoice,
)
from tools.domain.documents import GoodsReceipt, OpenItem, PurchaseOrder
from tools.domain.identifiers import CompanyId, OrderNumber, SupplierId
from tools.domain.supplier import Supplier
from tools.erp.call_budget import CallBudget
from tools.erp.contract import Account, Capability, CostCentre, Erp, KeptFile, PostingWindow
from tools.erp.errors import ErpRejected, NotSupported
from tools.erp.event_source import Subscribed
from tools.erp.exact import mapping, wire, wire_ledger
from tools.erp.exact.access import NowSeconds, Settings, access, consent, login_of
from tools.erp.exact.declined import DECLINED
from tools.erp.exact.deliveries import Deliveries, order_numbers
from tools.erp.exact.directory import Directory
from tools.erp.exact.entries import Entries
from tools.erp.exact.files import Files
from tools.erp.exact.health import shortcomings
from tools.erp.exact.history import History
from tools.erp.exact.odata import Query, account_codes, guid, moment, numbers, queries_for
from tools.erp.exact.session import parsed
from tools.erp.exact.subscriptions import Subscriptions
from tools.erp.pacing import Clock

__all__ = ["ExactOnline", "Settings", "connect", "consent", "login_of"]

KIND = "exact"
K = TypeVar("K", bound=str)
V = TypeVar("V")


def connect(
    settings: Settings,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    clock: Clock | None = None,
    now: NowSeconds | None = None,
) -> Erp:
    """Nothing is sent before the first read or write; a person has consented before (`consent`, `login_of`).
    `now` gives seconds since 1970; with a clock of its own and without it, that clock's seconds count. Raises
    ValueError for an address without TLS."""
    return ExactOnline(settings, transport, clock, now or (time.time if clock is None else clock.time))


class ExactOnline:
    kind = KIND
    capabilities = frozenset(Capability) - frozenset(DECLINED)
    declined = DECLINED

    def __init__(
        self,
        settings: Settings,
        transport: httpx.AsyncBaseTransport | None,
        clock: Clock | None,
        now: NowSeconds,
    ) -> None:
        self.company = settings.company
        self._parts = access(settings, transport, clock, now)
        self.http = self._parts.http
        self._session = self._parts.session
        self._directory = Directory(self._session, now)
        self._logistics = settings.logistics
        self._entries = Entries(
            self._session,
            self._directory,
            journal=settings.journal,
            item_account=settings.item_account,
            logistics=settings.logistics,
        )
        self._deliveries = Deliveries(self._session)
        self._files = Files(self._session)
        self._history = History(self._session, self._directory, logistics=settings.logistics)
        self._subscriptions = Subscriptions(self._session)
        self._setup = mapping.Company(CompanyId(settings.company), settings.currency, settings.units)

    async def suppliers(self, changed_since: datetime | None = None) -> AsyncIterator[Supplier]:
        suppliers = "IsSupplier eq true"
        if changed_since is not None:
            suppliers += f" and Modified gt {moment(changed_since)}"
        query = Query(wire.Account, suppliers, with_lines=True)
        async for row in self._session.pages(query, "suppliers"):
            for supplier in await self._suppliers([parsed(wire.Account, row)]):
                yield supplier

    async def suppliers_by_id(self, ids: Collection[SupplierId]) -> dict[SupplierId, Supplier]:
        queries = queries_for(
            wire.Account, "Code", account_codes(ids), also="IsSupplier eq true", with_lines=True
        )
        rows = await self._session.read(wire.Account, queries, "suppliers by id")
        return {supplier.supplier_id: supplier for supplier in await self._suppliers(rows)}

    async def _suppliers(self, rows: Collection[wire.Account]) -> list[Supplier]:
        self._directory.know(rows)
        named = any(row.gl_account_purchase for row in rows)
        accounts = await self._directory.account_codes() if named else {}
        return [mapping.supplier(row, self._setup, accounts) for row in rows]

    async def orders(self, numbers_: Collection[OrderNumber]) -> dict[OrderNumber, PurchaseOrder]:
        if not self._logistics:
            return {}
        queries = queries_for(wire.Order, "OrderNumber", list(numbers(numbers_)), with_lines=True)
        rows = await self._session.read(wire.Order, queries, "orders")
        found = [mapping.order(row, self._setup) for row in rows]
        return {order.number: order for order in found}

    async def orders_of(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[PurchaseOrder]]:
        known = await self._directory.ids(ids) if self._logistics else {}
        open_ones = "(OrderStatus eq 10 or OrderStatus eq 20)"
        constants = [guid(each) for each in known.values()]
        queries = queries_for(wire.Order, "Supplier", constants, also=open_ones, with_lines=True)
        rows = await self._session.read(wire.Order, queries, "orders of suppliers")
        found = [mapping.order(row, self._setup) for row in rows]
        return _grouped(ids, ((order.supplier_id, order) for order in found))

    async def receipts(self, numbers_: Collection[OrderNumber]) -> dict[OrderNumber, list[GoodsReceipt]]:
        found = await self._deliveries.of_orders(numbers_ if self._logistics else (), self._setup)
        return _grouped(numbers_, ((receipt.order_number, receipt) for receipt in found))

    async def invoices(self, keys: Collection[InvoiceKey]) -> dict[InvoiceKey, list[Posting]]:
        ours = [key for key in keys if key.company == self.company]
        return await self._history.of_keys(ours) if ours else {}

    async def posted_since(self, changed_since: datetime | None) -> AsyncIterator[Posting]:
        async for posting in self._history.since(changed_since):
            yield posting

    async def open_items(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[OpenItem]]:
        known = await self._directory.ids(ids)
        constants = [guid(each) for each in known.values()]
        queries = queries_for(wire_ledger.Payable, "AccountId", constants)
        rows = await self._session.read(wire_ledger.Payable, queries, "open items")
        codes = {each: code for code, each in known.items()}
        items = [mapping.open_item(row, codes[row.account_id]) for row in rows if row.account_id in codes]
        return _grouped(ids, ((item.supplier_id, item) for item in items))

    async def accounts(self) -> list[Account]:
        query = Query(wire_ledger.LedgerAccount)
        rows = await self._session.read(wire_ledger.LedgerAccount, [query], "accounts")
        return [mapping.account(row) for row in rows]

    async def cost_centres(self) -> list[CostCentre]:
        query = Query(wire_ledger.CostCentre)
        rows = await self._session.read(wire_ledger.CostCentre, [query], "cost centres")
        return [mapping.cost_centre(row) for row in rows]

    async def tax_codes(self) -> list[str]:
        """Those for purchases that are not blocked."""
        query = Query(wire_ledger.VatCode)
        rows = await self._session.read(wire_ledger.VatCode, [query], "tax codes")
        return [row.code for row in rows if not row.blocked and row.use != "S"]

    async def posting_window(self) -> PostingWindow:
        """Nothing is known of closed periods (see `declined`): no bound is told, and Exact refuses."""
        return PostingWindow()

    async def orders_changed_since(self, moment_: datetime) -> set[OrderNumber]:
        """By the stamps of orders, of their lines and of receipt lines: which of them a change moves is not
        published."""
        if not self._logistics:
            return set()
        changed = f"Modified gt {moment(moment_)}"
        orders, lines, received = await asyncio.gather(
            self._session.read(wire.Order, [Query(wire.Order, changed)], "changed orders"),
            self._session.read(wire.OrderLine, [Query(wire.OrderLine, changed)], "changed lines"),
            self._session.read(wire.ReceiptLine, [Query(wire.ReceiptLine, changed)], "new receipts"),
        )
        known = {row.id: row for row in orders}
        others = sorted({line.order_id for line in lines} - known.keys())
        queries = queries_for(wire.Order, "PurchaseOrderID", [guid(each) for each in others])
        orders += await self._session.read(wire.Order, queries, "changed orders")
        return {OrderNumber(each) for each in {str(row.number) for row in orders} | order_numbers(received)}

    async def attachments(self, posting: Posting) -> list[KeptFile]:
        return await self._files.of(posting)

    async def attach(self, posting: Posting, name: str, content: bytes) -> None:
        await self._files.attach(posting, name, content)

    async def shortcomings(self) -> list[str]:
        return await shortcomings(self._session, self._directory, logistics=self._logistics)

    async def find(self, order: PostingOrder) -> Posting | None:
        action = self._own_action(order)
        if isinstance(action, CreateGoodsReceipt):
            return await self._deliveries.find(action)
        return await self._entries.find(action, action.invoice_key)

    async def write(self, order: PostingOrder) -> Posting:
        """Raises TypeError for anything that is not a PostingOrder: only that stands for an approval."""
        if not isinstance(order, PostingOrder):
            raise TypeError("only a PostingOrder may be written")
        action = self._own_action(order)
        if isinstance(action, CreateGoodsReceipt):
            return await self._deliveries.enter(action)
        return await self._entries.post(action, action.invoice_key)

    def _own_action(self, order: PostingOrder) -> PostInvoice | PostCreditNote | CreateGoodsReceipt:
        """Raises NotSupported for declined actions, ErpRejected for another company's."""
        action = order.action
        if not isinstance(action, (PostInvoice, PostCreditNote, CreateGoodsReceipt)):
            raise NotSupported(self.declined[Capability(action.kind)])
        if action.company != self.company:
            raise ErpRejected(f"this is company {self.company}, not {action.company}")
        return action

    async def subscribe(self, address: str, client_state: str, now: datetime) -> Subscribed:
        """See `tools.erp.event_source`. Messages are signed with the app's own webhook secret, so
        `client_state` is not used."""
        return await self._subscriptions.keep(address, now)

    def call_budget(self, reading: int, posting: int = 0) -> CallBudget:
        """See `tools.erp.call_budget`."""
        return self._parts.budget(reading, posting)

    async def close(self) -> None:
        await self.http.close()
        await self._parts.login.close()


def _grouped(keys: Iterable[K], pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """Only keys that were asked for and have something."""
    found: dict[K, list[V]] = {}
    wanted = set(keys)
    for key, value in pairs:
        if key in wanted:
            found.setdefault(key, []).append(value)
    return found
