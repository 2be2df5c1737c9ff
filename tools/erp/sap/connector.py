"""SAP S/4HANA, OData V2 services, as an `Erp`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote

import httpx

from tools.domain.actions import Action
from tools.domain.decision import InvoiceKey, Posting, PostingOrder
from tools.domain.documents import GoodsReceipt, OpenItem, PurchaseOrder
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.domain.supplier import Supplier
from tools.erp.contract import Account, Capability, CostCentre, Erp, KeptFile, PostingWindow
from tools.erp.csrf import CsrfGuard
from tools.erp.errors import ErpAccessDenied, ErpRejected, NotSupported
from tools.erp.http import HttpClient, Request
from tools.erp.oauth import OAuthLogin
from tools.erp.pacing import Clock, Limits
from tools.erp.sap import documents, mapping, metadata, supplier_mapping, wire
from tools.erp.sap.changes import changed_orders
from tools.erp.sap.declined import DECLINED
from tools.erp.sap.desk import Desk
from tools.erp.sap.facts import Facts
from tools.erp.sap.invoices import is_meant, open_item
from tools.erp.sap.odata import (
    Query,
    call_path,
    letter_cases,
    literal,
    queries_for,
    stamp,
)
from tools.erp.sap.references import forms
from tools.erp.sap.session import ROOT, Session, explain, parsed, rows_of
from tools.erp.sap.settings import Settings, login_of

KIND = "sap"
_LONGEST_NUMBER = 10
"""Characters of an order's or supplier's number; a longer one cannot exist there."""
_SESSION_SERVICE = "API_SUPPLIERINVOICE_PROCESS_SRV"
_FILES = "API_CV_ATTACHMENT_SRV"
_INVOICE_OBJECT = "BUS2081"

K = TypeVar("K", bound=str)
V = TypeVar("V")

__all__ = ["KIND", "Sap", "Settings", "connect"]


def connect(
    settings: Settings, *, transport: httpx.AsyncBaseTransport | None = None, clock: Clock | None = None
) -> Erp:
    """Nothing is sent before the first read or write. Raises ValueError for an address without TLS."""
    login, closing = login_of(settings, transport=transport, clock=clock)
    suffix = "" if settings.client is None else f"?sap-client={settings.client}"
    fetch = Request("GET", f"{ROOT}{_SESSION_SERVICE}/{suffix}", "session")
    http = HttpClient(
        settings.base_url,
        name="SAP",
        login=login,
        explain=explain,
        limits=Limits(settings.concurrent),
        transport=transport,
        clock=clock,
        timeout=settings.timeout,
        ca_file=settings.ca_file,
        # Error texts come in the login's language; ours are shown in one.
        headers={"Accept-Language": settings.language.lower()},
        guard=CsrfGuard(fetch),
    )
    return Sap(settings, http, closing)


class Sap:
    kind = KIND
    capabilities = frozenset(Capability) - frozenset(DECLINED)
    declined = DECLINED

    def __init__(self, settings: Settings, http: HttpClient, closing: OAuthLogin | None) -> None:
        self.company = settings.company
        self.http = http
        self._settings = settings
        self._closing = closing
        self._session = Session(http, client=settings.client, batch_operations=settings.batch_operations)
        self._reading_setup = asyncio.Lock()
        self._known_setup: mapping.Setup | None = None

    async def suppliers(self, changed_since: datetime | None = None) -> AsyncIterator[Supplier]:
        """All of them, whatever the moment: see `declined`."""
        setup = await self.setup()
        query = Query(wire.Partner, "Supplier ne ''", "BusinessPartner")
        async for row in self._pages(query, "suppliers"):
            yield supplier_mapping.supplier(parsed(wire.Partner, row), setup)

    async def suppliers_by_id(self, ids: Collection[SupplierId]) -> dict[SupplierId, Supplier]:
        queries = queries_for(wire.Partner, "Supplier", _possible(ids))
        rows = await self._session.read(wire.Partner, queries, operation="suppliers by id")
        setup = await self.setup()
        found = [supplier_mapping.supplier(row, setup) for row in rows]
        return {supplier.supplier_id: supplier for supplier in found}

    async def orders(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, PurchaseOrder]:
        queries = queries_for(documents.Order, "PurchaseOrder", _possible(numbers), also=self._ours)
        found = await (await self.facts()).orders(queries, "orders")
        return {order.number: order for order in found}

    async def orders_of(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[PurchaseOrder]]:
        also = f"{self._ours} and PurchasingDocumentDeletionCode eq ''"
        queries = queries_for(documents.Order, "Supplier", _possible(ids), also=also)
        found = await (await self.facts()).orders(queries, "orders of suppliers")
        live = [order for order in found if order.state in ("open", "draft")]
        return _grouped(ids, ((order.supplier_id, order) for order in live))

    async def receipts(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, list[GoodsReceipt]]:
        moves = await (await self.facts()).movements(_possible(numbers), "receipts")
        found = mapping.receipts(moves, await self.setup())
        return _grouped(numbers, ((receipt.order_number, receipt) for receipt in found))

    async def invoices(self, keys: Collection[InvoiceKey]) -> dict[InvoiceKey, list[Posting]]:
        """Asked by number alone, because one filter cannot pair numbers with suppliers; the pairing is done
        here."""
        ours = [key for key in keys if key.company == self.company]
        cases = [case for key in ours for form in forms(key.number) for case in letter_cases(form)]
        queries = queries_for(documents.Invoice, "SupplierInvoiceIDByInvcgParty", cases, also=self._ours)
        read = await self._session.read(documents.Invoice, queries, operation="earlier invoices")
        rows = [row for row in {row.key: row for row in read}.values() if not row.is_reversal]
        postings = await (await self.facts()).postings(rows)
        pairs = [
            (key, posting)
            for key in ours
            for row, posting in zip(rows, postings, strict=True)
            if is_meant(row, key, None)
        ]
        found: dict[InvoiceKey, list[Posting]] = {}
        for key, posting in pairs:
            found.setdefault(key, []).append(posting)
        return found

    async def posted_since(self, changed_since: datetime | None) -> AsyncIterator[Posting]:
        condition = self._ours
        if changed_since is not None:
            condition += f" and SuplrInvcLstChgDteTmeTxt gt '{stamp(changed_since)}'"
        query = Query(documents.Invoice, condition, "SupplierInvoice,FiscalYear")
        facts = await self.facts()
        page: list[documents.Invoice] = []
        async for row in self._pages(query, "invoice history"):
            page.append(parsed(documents.Invoice, row))
            if len(page) == self._settings.page_size:
                for posting in await facts.postings(page):
                    yield posting
                page = []
        for posting in await facts.postings(page):
            yield posting

    async def open_items(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[OpenItem]]:
        also = f"{self._ours} and FinancialAccountType eq 'K' and IsCleared eq false"
        queries = queries_for(documents.LedgerItem, "Supplier", _possible(ids), also=also)
        rows = await self._session.read(documents.LedgerItem, queries, operation="open items")
        return _grouped(ids, ((item.supplier_id, item) for item in map(open_item, rows)))

    async def accounts(self) -> list[Account]:
        condition = f"ChartOfAccounts eq {literal((await self.setup()).chart)}"
        query = Query(wire.Account, condition, "GLAccount")
        return [
            mapping.account(parsed(wire.Account, row), self._settings)
            async for row in self._pages(query, "accounts")
        ]

    async def cost_centres(self) -> list[CostCentre]:
        query = Query(wire.CostCentre, self._ours, "CostCenter,ValidityEndDate")
        rows = [parsed(wire.CostCentre, row) async for row in self._pages(query, "cost centres")]
        return mapping.cost_centres(rows, self._settings)

    async def tax_codes(self) -> list[str]:
        raise NotSupported(self.declined[Capability.READ_TAX_CODES])

    async def posting_window(self) -> PostingWindow:
        """No bounds are known: SAP refuses a day that is not open when it is posted on."""
        return PostingWindow()

    async def orders_changed_since(self, moment: datetime) -> set[OrderNumber]:
        return await changed_orders(self._session, self._settings, moment)

    async def attachments(self, posting: Posting) -> list[KeptFile]:
        parameters = {
            "LinkedSAPObjectKey": literal(_object_key(posting)),
            "BusinessObjectTypeName": literal(_INVOICE_OBJECT),
        }
        body = await self._session.call(_FILES, call_path("GetAllOriginals", parameters), operation="files")
        rows = [parsed(wire.KeptFile, row) for row in rows_of(body)]
        return [
            KeptFile(name=row.file_name, size=int(row.file_size) if row.file_size.strip().isdigit() else None)
            for row in rows
        ]

    async def shortcomings(self) -> list[str]:
        return await metadata.shortcomings(self._session)

    async def find(self, order: PostingOrder) -> Posting | None:
        action = self._ours_of(order)
        return await (await self._desk()).find(action)

    async def write(self, order: PostingOrder) -> Posting:
        """Raises TypeError for anything that is not a PostingOrder: only that stands for an approval."""
        if not isinstance(order, PostingOrder):
            raise TypeError("only a PostingOrder may be written")
        action = self._ours_of(order)
        return await (await self._desk()).write(action, order.proposal.versions)

    async def attach(self, posting: Posting, name: str, content: bytes) -> None:
        """The file's name travels in a header: what is not plain ASCII is percent-coded (RFC 5023 9.7.1)."""
        headers = {
            "Content-Type": "application/pdf"
            if name.lower().endswith(".pdf")
            else "application/octet-stream",
            "Slug": quote(name, safe=" !#$&'()+,;=@[]{}~-_."),
            "BusinessObjectTypeName": _INVOICE_OBJECT,
            "LinkedSAPObjectKey": _object_key(posting),
        }
        await self._session.change(
            "POST", _FILES, "AttachmentContentSet", operation="attach", content=content, headers=headers
        )

    async def close(self) -> None:
        await self.http.close()
        if self._closing is not None:
            await self._closing.close()

    @property
    def _ours(self) -> str:
        return f"CompanyCode eq {literal(self._settings.code)}"

    def _ours_of(self, order: PostingOrder) -> Action:
        """Raises NotSupported for declined actions, ErpRejected for another company's."""
        action = order.action
        declined = self.declined.get(Capability(action.kind))
        if declined is not None:
            raise NotSupported(declined)
        if action.company != self.company:
            raise ErpRejected(f"this is company {self.company}, not {action.company}")
        return action

    def _pages(self, query: Query, operation: str) -> AsyncIterator[object]:
        return self._session.pages(query, operation=operation, page_size=self._settings.page_size)

    async def _desk(self) -> Desk:
        return Desk(self._session, await self.setup(), await self.facts())

    async def facts(self) -> Facts:
        return Facts(self._session, await self.setup())

    async def setup(self) -> mapping.Setup:
        """Currency and chart of the company code: one call in a connector's life."""
        if self._known_setup is None:
            async with self._reading_setup:
                if self._known_setup is None:
                    queries = [Query(wire.CompanyCode, self._ours)]
                    rows = await self._session.read(wire.CompanyCode, queries, operation="setup")
                    if not rows:
                        raise ErpAccessDenied(f"SAP shows our login no company code {self._settings.code}")
                    self._known_setup = mapping.setup_of(rows[0], self._settings)
        return self._known_setup


def _object_key(posting: Posting) -> str:
    number, _, year = posting.erp_id.partition("/")
    return f"{number.zfill(10)}{year}"


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
