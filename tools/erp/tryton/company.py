"""One company in Tryton, as an `Erp`: reads, and which desk carries out a write."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Any, cast, get_args

from tools.domain.actions import CreateGoodsReceipt, CreatePurchaseOrder, HoldInvoice, ReleaseHold
from tools.domain.decision import (
    Action,
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
from tools.erp.contract import Account, Capability, CostCentre, KeptFile, PostingWindow
from tools.erp.errors import ErpRejected, NotSupported
from tools.erp.http import HttpClient
from tools.erp.tryton import mapping, wire
from tools.erp.tryton.declined import DECLINED
from tools.erp.tryton.holding import Holds
from tools.erp.tryton.keys import changed, chunks, grouped, identity, invoice_id
from tools.erp.tryton.lookup import Lookup
from tools.erp.tryton.masters import has_module, lacking, read_setup
from tools.erp.tryton.module_holds import ModuleHolds
from tools.erp.tryton.posting import Desk, same_reference
from tools.erp.tryton.purchasing import Buying, Warehouse
from tools.erp.tryton.session import Session, SessionLogin
from tools.erp.tryton.setup import Setup

Carried = (
    PostInvoice
    | ParkInvoice
    | PostCreditNote
    | CreateGoodsReceipt
    | CreatePurchaseOrder
    | HoldInvoice
    | ReleaseHold
)


class Tryton:
    kind = "tryton"
    capabilities = frozenset(Capability) - frozenset(DECLINED)
    declined = DECLINED

    def __init__(
        self,
        company: str,
        http: HttpClient,
        login: SessionLogin,
        *,
        page_size: int,
        price_digits: int,
        payment_block: str | None,
        hold_module: bool = True,
    ) -> None:
        self.company = company
        self.http = http
        self._login = login
        self._session = Session(http, page_size=page_size)
        self._price_digits = price_digits
        self._payment_block = payment_block
        self._hold_module = hold_module
        self._reading_setup = asyncio.Lock()
        self._known_setup: Setup | None = None

    async def suppliers(self, changed_since: datetime | None = None) -> AsyncIterator[Supplier]:
        setup = await self._setup()
        domain: list[Any] = [["code", "!=", None], ["id", "!=", setup.party_id]]
        if changed_since is not None:
            domain.append(changed(changed_since, "", "identifiers.", "addresses.", "bank_accounts."))
        pages = self._session.pages(wire.Party, domain, operation="suppliers", active_test=False)
        async for row in pages:
            yield mapping.supplier(row, setup)

    async def suppliers_by_id(self, ids: Collection[SupplierId]) -> dict[SupplierId, Supplier]:
        setup = await self._setup()
        rows = await self._bulk(wire.Party, "code", ids, operation="suppliers by id", active_test=False)
        found = [mapping.supplier(row, setup) for row in rows]
        return {supplier.supplier_id: supplier for supplier in found}

    async def orders(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, PurchaseOrder]:
        found = await self._orders("number", numbers, [], "orders")
        return {order.number: order for order in found}

    async def orders_of(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[PurchaseOrder]]:
        """Drafts that nobody quoted yet have no number and are left out."""
        open_ones = [["state", "in", mapping.UNFINISHED], ["number", "!=", None]]
        found = await self._orders("party.code", ids, open_ones, "orders of suppliers")
        return grouped((order.supplier_id, order) for order in found)

    async def _orders(
        self, field: str, keys: Collection[str], also: Sequence[Any], operation: str
    ) -> list[PurchaseOrder]:
        setup = await self._setup()
        rows = await self._bulk(wire.Order, field, keys, also=also, operation=operation)
        return [mapping.order(row, setup) for row in rows]

    async def receipts(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, list[GoodsReceipt]]:
        rows = await self._bulk(wire.Order, "number", numbers, operation="receipts")
        return grouped(
            (OrderNumber(row.number), receipt) for row in rows for receipt in mapping.receipts(row)
        )

    async def invoices(self, keys: Collection[InvoiceKey]) -> dict[InvoiceKey, list[Posting]]:
        ours = [key for key in keys if key.company == self.company and key.number.strip()]
        setup = await self._setup()
        clauses = [[["party.code", "=", key.supplier_id], same_reference(key.number)] for key in ours]
        common = [["type", "=", "in"], ["company", "=", setup.company_id]]
        parts = await asyncio.gather(
            *(
                self._session.read(
                    wire.Invoice, [*common, ["OR", *part]], operation="earlier invoices", active_test=False
                )
                for part in chunks(clauses)
            )
        )
        held: dict[tuple[str, str, str], list[Posting]] = {}
        for posting in (mapping.posting(row) for rows in parts for row in rows):
            pair = identity(posting.supplier_id, posting.supplier_number, posting.document_type)
            held.setdefault(pair, []).append(posting)
        found = {key: held.get(identity(key.supplier_id, key.number, key.document_type)) for key in keys}
        return {key: postings for key, postings in found.items() if postings and key in ours}

    async def posted_since(self, changed_since: datetime | None) -> AsyncIterator[Posting]:
        setup = await self._setup()
        domain: list[Any] = [["type", "=", "in"], ["company", "=", setup.company_id]]
        if changed_since is not None:
            domain.append(changed(changed_since, "", "lines."))
        async for row in self._session.pages(wire.Invoice, domain, operation="invoice history"):
            yield mapping.posting(row)

    async def open_items(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[OpenItem]]:
        setup = await self._setup()
        also = [
            ["account.type.payable", "=", True],
            ["reconciliation", "=", None],
            ["move_state", "=", "posted"],
            ["move.company", "=", setup.company_id],
        ]
        rows = await self._bulk(
            wire.PayableLine, "party.code", ids, also=also, operation="open items", active_test=False
        )
        origins = {row.move_origin: invoice_id(row.move_origin) for row in rows}
        wanted = sorted({found for found in origins.values() if found is not None})
        invoices = await self._bulk(wire.OpenInvoice, "id", wanted, operation="open invoices")
        by_id = {invoice.id: invoice for invoice in invoices}
        items = [mapping.open_item(row, by_id.get(origins[row.move_origin] or 0), setup) for row in rows]
        return grouped((item.supplier_id, item) for item in items)

    async def accounts(self) -> list[Account]:
        setup = await self._setup()
        domain = [["company", "=", setup.company_id], ["code", "!=", None]]
        rows = await self._session.read(wire.LedgerAccount, domain, operation="accounts")
        return [mapping.account(row, setup) for row in rows]

    async def tax_codes(self) -> list[str]:
        return sorted((await self._setup()).taxes)

    async def cost_centres(self) -> list[CostCentre]:
        raise NotSupported(self.declined[Capability.READ_COST_CENTRES])

    async def posting_window(self) -> PostingWindow:
        setup = await self._setup()
        domain = [["company", "=", setup.company_id], ["type", "=", "standard"]]
        rows = await self._session.read(wire.Period, domain, operation="posting window")
        return mapping.posting_window(rows)

    async def orders_changed_since(self, moment: datetime) -> set[OrderNumber]:
        """By the order, its lines and their movements: a receipt stamps the movement."""
        setup = await self._setup()
        domain = [
            ["company", "=", setup.company_id],
            ["number", "!=", None],
            changed(moment, "", "lines.", "lines.moves."),
        ]
        rows = await self._session.read(wire.ChangedOrder, domain, operation="changed orders")
        return {OrderNumber(row.number) for row in rows}

    async def attachments(self, posting: Posting) -> list[KeptFile]:
        domain = [["resource", "=", f"account.invoice,{posting.erp_id}"], ["type", "=", "data"]]
        rows = await self._session.read(wire.Attachment, domain, operation="attachments")
        return [KeptFile(name=row.name, size=row.data_size) for row in rows]

    async def shortcomings(self) -> list[str]:
        await self._setup()
        return await lacking(self._session, hold_module=self._hold_module)

    async def find(self, order: PostingOrder) -> Posting | None:
        action = self._checked(order.action)
        lookup = Lookup(self._session, await self._setup())
        if isinstance(action, CreateGoodsReceipt):
            return await Warehouse(self._session, lookup.setup).find(action)
        if isinstance(action, CreatePurchaseOrder):
            return await Buying(self._session, lookup).find(action)
        if isinstance(action, (HoldInvoice, ReleaseHold)):
            return await (await self._holds(lookup.setup)).find(action)
        return await self._desk(lookup).find(action, action.invoice_key)

    async def write(self, order: PostingOrder) -> Posting:
        """Raises TypeError for anything that is not a PostingOrder: only that stands for an approval."""
        if not isinstance(order, PostingOrder):
            raise TypeError("only a PostingOrder may be written")
        action = self._checked(order.action)
        lookup = Lookup(self._session, await self._setup())
        if isinstance(action, CreateGoodsReceipt):
            return await Warehouse(self._session, lookup.setup).receive(action)
        if isinstance(action, CreatePurchaseOrder):
            return await Buying(self._session, lookup).order(action)
        if isinstance(action, (HoldInvoice, ReleaseHold)):
            return await (await self._holds(lookup.setup)).write(action)
        desk = self._desk(lookup)
        if isinstance(action, ParkInvoice):
            return await desk.park(action, action.invoice_key)
        return await desk.post(action, action.invoice_key)

    def _checked(self, action: Action) -> Carried:
        """Raises NotSupported for declined actions, ErpRejected for another company's."""
        if not isinstance(action, get_args(Carried)):
            raise NotSupported(self.declined[Capability(action.kind)])
        if action.company != self.company:
            raise ErpRejected(f"this is company {self.company}, not {action.company}")
        return cast(Carried, action)

    async def _holds(self, setup: Setup) -> Holds:
        if self._hold_module and await has_module(self._session):
            return ModuleHolds(self._session, setup)
        return Holds(self._session, setup)

    def _desk(self, lookup: Lookup) -> Desk:
        return Desk(self._session, self._login, lookup, self._price_digits)

    async def attach(self, posting: Posting, name: str, content: bytes) -> None:
        body = {
            "name": name,
            "type": "data",
            "data": content,
            "resource": f"account.invoice,{posting.erp_id}",
        }
        await self._session.change("model.ir.attachment.create", [body], operation="attach")

    async def close(self) -> None:
        await self.http.close()
        await self._login.close()

    async def _bulk(
        self,
        entity: type[wire.W],
        field: str,
        keys: Collection[Any],
        *,
        operation: str,
        also: Sequence[Any] = (),
        **context: Any,
    ) -> list[wire.W]:
        """The records of many keys, a hundred keys a call."""
        company = entity.model == "purchase.purchase"
        ours = [["company", "=", (await self._setup()).company_id]] if company else []
        parts = await asyncio.gather(
            *(
                self._session.read(
                    entity, [[field, "in", part], *ours, *also], operation=operation, **context
                )
                for part in chunks([key for key in dict.fromkeys(keys) if key])
            )
        )
        return [row for rows in parts for row in rows]

    async def _setup(self) -> Setup:
        """Company, currencies, units and taxes: read once in a connector's life."""
        if self._known_setup is None:
            async with self._reading_setup:
                if self._known_setup is None:
                    self._known_setup = await read_setup(self._session, self.company, self._payment_block)
        return self._known_setup
