"""Oracle Fusion Cloud ERP (Payables, Procurement, Receiving; REST resources 11.13.18.05) as an `Erp`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import httpx

from tools.domain.decision import InvoiceKey, Posting, PostingOrder
from tools.domain.documents import DocumentType, GoodsReceipt, OpenItem, OrderState, PurchaseOrder
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.domain.supplier import Supplier
from tools.erp.contract import Account, Capability, CostCentre, Erp, KeptFile, PostingWindow
from tools.erp.errors import ErpRejected, NotSupported
from tools.erp.http import HttpClient
from tools.erp.oracle import mapping, mapping_orders, metadata, wire
from tools.erp.oracle.context import Context, House
from tools.erp.oracle.declined import DECLINED, NO_BANK_ACCOUNTS, NO_DRAFT_ORDERS, NO_LEDGER
from tools.erp.oracle.documents import Chart
from tools.erp.oracle.files import Files
from tools.erp.oracle.holds import Holds
from tools.erp.oracle.once import TAKES_ONCE
from tools.erp.oracle.ordering import Ordering
from tools.erp.oracle.posting import Desk
from tools.erp.oracle.query import Query, equal, moment, queries_for, queries_in_any_case
from tools.erp.oracle.reading import Orders
from tools.erp.oracle.receiving import Receiving
from tools.erp.oracle.session import ACCEPT, Session, explain, parsed
from tools.erp.oracle.settings import RESOURCES, ClosableLogin, Settings, login_of
from tools.erp.oracle.suppliers import Suppliers
from tools.erp.oracle.wire_orders import ChangedSchedule, Order, OrderHead
from tools.erp.oracle.writing import Writer
from tools.erp.pacing import Clock, Limits, SystemClock

__all__ = ["KIND", "OracleFusion", "Settings", "connect"]

KIND = "oracle"
_PAYABLES = "200"
"""Application id of Payables; periods of other applications are opened and closed apart."""
_OPEN = " and ".join(("PaidStatus<>'Paid'", "ValidationStatus='Validated'"))

K = TypeVar("K", bound=str)
V = TypeVar("V")


def connect(
    settings: Settings, *, transport: httpx.AsyncBaseTransport | None = None, clock: Clock | None = None
) -> Erp:
    """Nothing is sent before the first read or write. Raises ValueError for an address without TLS."""
    login = login_of(settings, transport, clock)
    http = HttpClient(
        f"{settings.base_url.rstrip('/')}{RESOURCES}",
        name="Oracle",
        login=login,
        explain=explain,
        limits=Limits(concurrent=settings.concurrent),
        transport=transport,
        clock=clock,
        timeout=settings.timeout,
        ca_file=settings.ca_file,
        headers={"Accept": ACCEPT, "REST-Framework-Version": str(settings.framework_version)},
    )
    return OracleFusion(settings, http, login, clock or SystemClock())


class OracleFusion:
    kind = KIND
    takes_once = TAKES_ONCE

    def __init__(self, settings: Settings, http: HttpClient, login: ClosableLogin, clock: Clock) -> None:
        self.company: str = settings.company
        self.declined: Mapping[Capability, str] = _declined(settings)
        self.capabilities = frozenset(Capability) - frozenset(self.declined)
        self.http = http
        self._login = login
        self._settings = settings
        self._unit = settings.business_unit or settings.company
        self._setup = mapping.Setup(settings.company, settings.currency, settings.units)
        self._session = Session(http, page_size=settings.page_size, batch_parts=settings.batch_parts)
        self._orders = Orders(
            self._session, procurement_bu=settings.procurement_bu, life_cycle=settings.life_cycle_resource
        )
        self._suppliers = Suppliers(self._session, self._setup, with_accounts=settings.read_bank_accounts)
        self._files = Files(self._session)
        self._writer = self._make_writer(settings, clock)

    def _make_writer(self, settings: Settings, clock: Clock) -> Writer:
        house = House(
            business_unit=self._unit,
            procurement_bu=settings.procurement_bu,
            invoice_group=settings.invoice_group,
            park_hold=settings.park_hold,
            release_name=settings.release_name,
            chart=Chart(settings.account_combination, settings.no_cost_centre),
        )
        holds = Holds(self._session, business_unit=self._unit, release_name=settings.release_name)
        context = Context(self._session, self._orders, house, self._setup)
        receiving = Receiving(
            self._session,
            self._orders,
            clock,
            employee_id=settings.employee_id,
            auto_transact=settings.auto_transact,
            subinventory=settings.subinventory,
            time_zone=ZoneInfo(settings.time_zone),
        )
        ordering = Ordering(self._session, context, settings.draft_orders, self._setup)
        desk = Desk(self._session, context, holds, house, self._setup)
        return Writer(desk, holds, receiving, ordering)

    async def suppliers(self, changed_since: datetime | None = None) -> AsyncIterator[Supplier]:
        async for supplier in self._suppliers.changed(changed_since):
            yield supplier

    async def suppliers_by_id(self, ids: Collection[SupplierId]) -> dict[SupplierId, Supplier]:
        return {supplier.supplier_id: supplier for supplier in await self._suppliers.by_number(ids)}

    async def orders(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, PurchaseOrder]:
        rows = await self._orders.numbered(numbers, operation="orders")
        return {order.number: order for order in await self._mapped(rows)}

    async def orders_of(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[PurchaseOrder]]:
        keys = [row.supplier_id for row in await self._suppliers.rows(ids)]
        rows = await self._orders.of_suppliers(keys, operation="orders of suppliers")
        open_rows = [row for row in rows if mapping_orders.order_state(row.status_code) in _UNFINISHED]
        found = await self._mapped(open_rows)
        return _grouped(ids, ((order.supplier_id, order) for order in found))

    async def _mapped(self, rows: list[Order]) -> list[PurchaseOrder]:
        cycles, numbers = await asyncio.gather(
            self._orders.life_cycles([row.po_header_id for row in rows], operation="life cycles"),
            self._orders.supplier_numbers({row.supplier_id for row in rows}, operation="supplier numbers"),
        )
        return [
            mapping_orders.order(
                row, cycles[row.po_header_id], numbers.get(row.supplier_id, row.supplier_id), self._setup
            )
            for row in rows
        ]

    async def receipts(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, list[GoodsReceipt]]:
        ids = await self._orders.ids(numbers, operation="receipts")
        cycles = await self._orders.life_cycles(list(ids.values()), operation="life cycles")
        found = {
            OrderNumber(number): mapping_orders.receipts(number, cycles[key], self._setup)
            for number, key in ids.items()
        }
        return {number: receipts for number, receipts in found.items() if receipts}

    async def invoices(self, keys: Collection[InvoiceKey]) -> dict[InvoiceKey, list[Posting]]:
        """Asked by number alone, because one `in` cannot pair numbers with suppliers; paired here."""
        ours = [key for key in keys if key.company == self.company]
        numbers = [key.number.strip() for key in ours]
        unit = equal(BusinessUnit=self._unit)
        queries = queries_in_any_case(wire.Invoice, "InvoiceNumber", numbers, also=unit)
        rows = await self._session.read(wire.Invoice, queries, operation="earlier invoices")
        held: dict[tuple[str, DocumentType, str], list[Posting]] = {}
        for row in rows:
            posting = mapping.posting(row)
            kind = posting.document_type or DocumentType.INVOICE
            held.setdefault((row.supplier_number, kind, _folded(row.invoice_number)), []).append(posting)
        found = {key: held.get((key.supplier_id, key.document_type, _folded(key.number))) for key in ours}
        return {key: postings for key, postings in found.items() if postings}

    async def posted_since(self, changed_since: datetime | None) -> AsyncIterator[Posting]:
        q = equal(BusinessUnit=self._unit)
        if changed_since is not None:
            q = f"{q} and LastUpdateDate>{moment(changed_since)}"
        async for row in self._session.stream(Query(wire.Invoice, q), operation="invoice history"):
            yield mapping.posting(parsed(wire.Invoice, row))

    async def open_items(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[OpenItem]]:
        also = f"{equal(BusinessUnit=self._unit)} and {_OPEN}"
        queries = queries_for(wire.OpenInvoice, "SupplierNumber", ids, also=also)
        rows = await self._session.read(wire.OpenInvoice, queries, operation="open items")
        items = [mapping.open_item(row) for row in rows]
        return _grouped(ids, ((item.supplier_id, item) for item in items))

    async def accounts(self) -> list[Account]:
        raise NotSupported(self.declined[Capability.READ_ACCOUNTS])

    async def cost_centres(self) -> list[CostCentre]:
        raise NotSupported(self.declined[Capability.READ_COST_CENTRES])

    async def tax_codes(self) -> list[str]:
        raise NotSupported(self.declined[Capability.READ_TAX_CODES])

    async def posting_window(self) -> PostingWindow:
        if self._settings.ledger_id is None:
            raise NotSupported(NO_LEDGER)
        q = f"LedgerId={self._settings.ledger_id} and ApplicationId={_PAYABLES}"
        rows = await self._session.read(wire.Period, [Query(wire.Period, q)], operation="posting window")
        return mapping.posting_window(rows)

    async def orders_changed_since(self, moment_: datetime) -> set[OrderNumber]:
        """By the stamps of orders and of their schedules, which receipts and invoices move."""
        q = f"LastUpdateDate>{moment(moment_)}"
        changed = await asyncio.gather(
            self._orders.changed(OrderHead, q, operation="changed orders"),
            self._orders.changed(ChangedSchedule, q, operation="changed orders"),
        )
        return {OrderNumber(number) for numbers in changed for number in numbers}

    async def attachments(self, posting: Posting) -> list[KeptFile]:
        return await self._files.of(posting)

    async def shortcomings(self) -> list[str]:
        return await metadata.shortcomings(
            self._session,
            self._suppliers,
            self._settings.life_cycle_resource,
            self.capabilities,
            self._unit,
        )

    async def find(self, order: PostingOrder) -> Posting | None:
        return await self._writer.find(self._own(order))

    async def write(self, order: PostingOrder) -> Posting:
        """Raises TypeError for anything that is not a PostingOrder: only that stands for an approval."""
        if not isinstance(order, PostingOrder):
            raise TypeError("only a PostingOrder may be written")
        return await self._writer.write(self._own(order))

    def _own(self, order: PostingOrder) -> PostingOrder:
        """Raises NotSupported for declined actions, ErpRejected for another company's."""
        capability = Capability(order.action.kind)
        if capability in self.declined:
            raise NotSupported(self.declined[capability])
        if order.action.company != self.company:
            raise ErpRejected(f"this is company {self.company}, not {order.action.company}")
        return order

    async def attach(self, posting: Posting, name: str, content: bytes) -> None:
        await self._files.attach(posting, name, content)

    async def close(self) -> None:
        await self.http.close()
        await self._login.close()


_UNFINISHED = frozenset({OrderState.OPEN, OrderState.DRAFT})


def _declined(settings: Settings) -> Mapping[Capability, str]:
    declined = dict(DECLINED)
    if settings.ledger_id is None:
        declined[Capability.READ_POSTING_WINDOW] = NO_LEDGER
    if settings.draft_orders is None:
        declined[Capability.CREATE_PURCHASE_ORDER] = NO_DRAFT_ORDERS
    if not settings.read_bank_accounts:
        declined[Capability.READ_BANK_ACCOUNTS] = NO_BANK_ACCOUNTS
    return declined


def _folded(number: str) -> str:
    return number.strip().casefold()


def _grouped(keys: Iterable[K], pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """Only keys that were asked for and have something."""
    found: dict[K, list[V]] = {}
    wanted = set(keys)
    for key, value in pairs:
        if key in wanted:
            found.setdefault(key, []).append(value)
    return found
