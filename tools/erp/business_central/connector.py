"""Microsoft Dynamics 365 Business Central online, API v2.0, as an `Erp`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from datetime import datetime
from typing import TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from tools.domain.decision import (
    CreatePurchaseOrder,
    InvoiceKey,
    ParkInvoice,
    PostCreditNote,
    Posting,
    PostingOrder,
    PostInvoice,
)
from tools.domain.documents import GoodsReceipt, OpenItem, PurchaseOrder
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.domain.supplier import Supplier
from tools.erp.business_central import mapping, wire
from tools.erp.business_central.centres import cost_centres
from tools.erp.business_central.declined import DECLINED
from tools.erp.business_central.documents import CREDIT_MEMOS, INVOICES, kind_of
from tools.erp.business_central.files import keep_file, kept_files
from tools.erp.business_central.history import changed_documents, changed_orders, numbered
from tools.erp.business_central.metadata import shortcomings
from tools.erp.business_central.odata import Query, moment, queries_for
from tools.erp.business_central.orders import OrderDesk
from tools.erp.business_central.posting import Desk
from tools.erp.business_central.session import Session, explain, only, parsed
from tools.erp.business_central.subscriptions import Subscriptions
from tools.erp.contract import Account, Capability, CostCentre, Erp, KeptFile, PostingWindow
from tools.erp.errors import ErpRejected, NotSupported
from tools.erp.event_source import Subscribed
from tools.erp.http import HttpClient
from tools.erp.oauth import ClientCredentials, OAuthLogin
from tools.erp.pacing import Clock, Limits

KIND = "business_central"
_SCOPE = "https://api.businesscentral.dynamics.com/.default"
_Written = PostInvoice | ParkInvoice | PostCreditNote | CreatePurchaseOrder
_LONGEST_NUMBER = 20
"""Characters of an order's, vendor's or account's number; a longer one cannot exist there."""

K = TypeVar("K", bound=str)
V = TypeVar("V")


class Settings(BaseModel):
    """Where the company is and how we log in. `company` is its name in Business Central and the company
    id of our records; `company_id` is its GUID and saves one look-up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant: str
    """Microsoft Entra tenant: GUID or domain."""
    environment: str = "production"
    company: str
    company_id: str | None = None
    client_id: str
    client_secret: SecretStr
    base_url: str = "https://api.businesscentral.dynamics.com"
    login_url: str = "https://login.microsoftonline.com"
    ca_file: str | None = None
    """Certificates to trust instead of the usual ones, for a proxy that opens TLS."""
    timeout: float = 480.0
    """Seconds; the service ends a call after eight minutes."""
    concurrent: int = Field(default=5, ge=1, le=5)
    calls_per_five_minutes: int = Field(default=6000, ge=1, le=6000)
    batch_operations: int = Field(default=100, ge=1, le=100)
    page_size: int = Field(default=2000, ge=1, le=20000)


def connect(
    settings: Settings, *, transport: httpx.AsyncBaseTransport | None = None, clock: Clock | None = None
) -> Erp:
    """Nothing is sent before the first read or write. Raises ValueError for an address without TLS."""
    login = OAuthLogin(
        ClientCredentials(
            f"{settings.login_url.rstrip('/')}/{settings.tenant}/oauth2/v2.0/token",
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            scope=_SCOPE,
            setting="login_url and tenant",
            transport=transport,
            clock=clock,
        ),
        clock=clock,
    )
    http = HttpClient(
        f"{settings.base_url.rstrip('/')}/v2.0/{settings.tenant}/{settings.environment}/api/v2.0",
        name="Business Central",
        setting="base_url, tenant and environment",
        login=login,
        explain=explain,
        limits=Limits(settings.concurrent, settings.calls_per_five_minutes, 300.0),
        transport=transport,
        clock=clock,
        timeout=settings.timeout,
        ca_file=settings.ca_file,
        # Error texts come in the caller's language; ours are matched and shown in English.
        headers={"Accept-Language": "en-US"},
    )
    return BusinessCentral(settings, http, login)


class BusinessCentral:
    kind = KIND
    capabilities = frozenset(Capability) - frozenset(DECLINED)
    declined = DECLINED

    def __init__(self, settings: Settings, http: HttpClient, login: OAuthLogin) -> None:
        self.company = settings.company
        self.http = http
        self._login = login
        self._page_size = settings.page_size
        self._session = Session(
            http,
            company=settings.company,
            company_id=settings.company_id,
            batch_operations=settings.batch_operations,
        )
        self._reading_setup = asyncio.Lock()
        self._known_setup: mapping.Setup | None = None

    async def suppliers(self, changed_since: datetime | None = None) -> AsyncIterator[Supplier]:
        since = None if changed_since is None else f"lastModifiedDateTime gt {moment(changed_since)}"
        query = Query(wire.Vendor, since)
        setup = asyncio.ensure_future(self._setup())  # read beside the first page
        try:
            async for row in self._session.pages(query, operation="suppliers", page_size=self._page_size):
                yield mapping.supplier(parsed(wire.Vendor, row), await setup)
        finally:
            setup.cancel()

    async def suppliers_by_id(self, ids: Collection[SupplierId]) -> dict[SupplierId, Supplier]:
        queries = queries_for(wire.Vendor, "number", _possible(ids))
        setup, rows = await asyncio.gather(
            self._setup(), self._session.read(wire.Vendor, queries, operation="suppliers by id")
        )
        found = [mapping.supplier(row, setup) for row in rows]
        return {supplier.supplier_id: supplier for supplier in found}

    async def orders(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, PurchaseOrder]:
        queries = queries_for(wire.Order, "number", _possible(numbers), with_lines=True)
        found = await self._orders(queries, "orders")
        return {order.number: order for order in found}

    async def orders_of(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[PurchaseOrder]]:
        queries = queries_for(wire.Order, "vendorNumber", _possible(ids), with_lines=True)
        found = await self._orders(queries, "orders of suppliers")
        return _grouped(ids, ((order.supplier_id, order) for order in found))

    async def _orders(self, queries: list[Query], operation: str) -> list[PurchaseOrder]:
        setup, rows = await asyncio.gather(
            self._setup(), self._session.read(wire.Order, queries, operation=operation)
        )
        return [mapping.order(row, setup) for row in rows]

    async def receipts(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, list[GoodsReceipt]]:
        queries = queries_for(wire.Receipt, "orderNumber", _possible(numbers), with_lines=True)
        setup, rows = await asyncio.gather(
            self._setup(), self._session.read(wire.Receipt, queries, operation="receipts")
        )
        found = [mapping.receipt(row, setup) for row in rows]
        return _grouped(numbers, ((receipt.order_number, receipt) for receipt in found))

    async def invoices(self, keys: Collection[InvoiceKey]) -> dict[InvoiceKey, list[Posting]]:
        ours = [key for key in keys if key.company == self.company]
        kinds = [
            (kind, [key for key in ours if kind_of(key.document_type) is kind])
            for kind in (INVOICES, CREDIT_MEMOS)
        ]
        parts = await asyncio.gather(
            *(numbered(self._session, self._setup(), kind, part) for kind, part in kinds if part)
        )
        return {key: found for part in parts for key, found in part.items()}

    async def posted_since(self, changed_since: datetime | None) -> AsyncIterator[Posting]:
        async for row in changed_documents(self._session, changed_since, self._page_size):
            yield mapping.posting(row, await self._setup())

    async def open_items(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[OpenItem]]:
        setup, invoices, memos = await asyncio.gather(
            self._setup(), self._open(wire.Invoice, ids), self._open(wire.CreditMemo, ids)
        )
        items = [mapping.open_item(row, setup) for row in (*invoices, *memos)]
        return _grouped(ids, ((item.supplier_id, item) for item in items))

    async def _open(
        self, entity: type[wire.Invoice] | type[wire.CreditMemo], ids: Collection[SupplierId]
    ) -> list[wire.Invoice] | list[wire.CreditMemo]:
        queries = queries_for(entity, "vendorNumber", _possible(ids), also="status eq 'Open'")
        return await self._session.read(entity, queries, operation="open items")  # type: ignore[return-value]

    async def accounts(self) -> list[Account]:
        setup, rows = await asyncio.gather(
            self._setup(), self._session.read(wire.Account, [Query(wire.Account)], operation="accounts")
        )
        return [mapping.account(row, setup) for row in rows]

    async def tax_codes(self) -> list[str]:
        queries = [Query(wire.TaxGroup)]
        rows = await self._session.read(wire.TaxGroup, queries, operation="tax codes")
        return [row.code for row in rows]

    async def posting_window(self) -> PostingWindow:
        queries = [Query(wire.LedgerSetup), Query(wire.Period)]
        ledger, periods = await self._session.read_each(queries, operation="posting window")
        return mapping.posting_window(
            only(wire.LedgerSetup, ledger), [parsed(wire.Period, row) for row in periods]
        )

    async def find(self, order: PostingOrder) -> Posting | None:
        action = self._action(order)
        if isinstance(action, CreatePurchaseOrder):
            return await OrderDesk(self._session, await self._setup()).find(action)
        return await Desk(self._session, await self._setup()).find(action, action.invoice_key)

    async def write(self, order: PostingOrder) -> Posting:
        """Raises TypeError for anything that is not a PostingOrder: only that stands for an approval."""
        if not isinstance(order, PostingOrder):
            raise TypeError("only a PostingOrder may be written")
        action = self._action(order)
        if isinstance(action, CreatePurchaseOrder):
            return await OrderDesk(self._session, await self._setup()).create(action)
        desk = Desk(self._session, await self._setup())
        if isinstance(action, ParkInvoice):
            return await desk.park(action, action.invoice_key)
        return await desk.post(action, action.invoice_key)

    def _action(self, order: PostingOrder) -> _Written:
        """Raises NotSupported for declined actions, ErpRejected for another company's."""
        action = order.action
        if not isinstance(action, _Written):
            raise NotSupported(self.declined[Capability(action.kind)])
        if action.company != self.company:
            raise ErpRejected(f"this is company {self.company}, not {action.company}")
        return action

    async def cost_centres(self) -> list[CostCentre]:
        return await cost_centres(self._session, (await self._setup()).cost_centre_dimension)

    async def orders_changed_since(self, moment: datetime) -> set[OrderNumber]:
        return await changed_orders(self._session, moment)

    async def attachments(self, posting: Posting) -> list[KeptFile]:
        return await kept_files(self._session, posting)

    async def shortcomings(self) -> list[str]:
        return await shortcomings(self._session)

    async def attach(self, posting: Posting, name: str, content: bytes) -> None:
        await keep_file(self._session, posting, name, content)

    async def subscribe(self, address: str, client_state: str, now: datetime) -> Subscribed:
        """See `tools.erp.event_source`."""
        return await Subscriptions(self.http, self._session).keep(address, client_state)

    async def close(self) -> None:
        await self.http.close()
        await self._login.close()

    async def _setup(self) -> mapping.Setup:
        """Currency and units of the company: one call in a connector's life."""
        if self._known_setup is None:
            async with self._reading_setup:
                if self._known_setup is None:
                    queries = [Query(wire.LedgerSetup), Query(wire.Unit)]
                    ledger, units = await self._session.read_each(queries, operation="setup")
                    self._known_setup = mapping.setup_of(
                        self.company,
                        only(wire.LedgerSetup, ledger),
                        [parsed(wire.Unit, row) for row in units],
                    )
        return self._known_setup


def _possible(numbers: Iterable[str]) -> list[str]:
    return [number for number in numbers if 0 < len(number) <= _LONGEST_NUMBER]


def _grouped(keys: Iterable[K], pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """Only keys that were asked for and have something."""
    found: dict[K, list[V]] = {}
    wanted = set(keys)
    for key, value in pairs:
        if key in wanted:
            found.setdefault(key, []).append(value)
    return found
