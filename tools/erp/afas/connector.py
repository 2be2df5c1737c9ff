"""AFAS Profit (GetConnectors and UpdateConnectors over REST) as an `Erp`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from datetime import datetime
from typing import TypeVar

import httpx

from tools.domain.decision import InvoiceKey, Posting, PostingOrder
from tools.domain.documents import GoodsReceipt, OpenItem, PurchaseOrder
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.domain.supplier import Supplier
from tools.erp.afas import mapping, wire
from tools.erp.afas.checks import shortcomings
from tools.erp.afas.creditors import suppliers as suppliers_of
from tools.erp.afas.declined import DECLINED
from tools.erp.afas.desk import Desk
from tools.erp.afas.dossier import Files, identity_of
from tools.erp.afas.entry_lines import NOT_SHOWN
from tools.erp.afas.filters import Condition, Is, changed_after
from tools.erp.afas.holds import Holds
from tools.erp.afas.login import AfasToken
from tools.erp.afas.posting import Invoices, Ledger, number_groups
from tools.erp.afas.purchasing import Purchasing
from tools.erp.afas.session import Session, explain
from tools.erp.afas.setting_checks import setting_faults
from tools.erp.afas.settings import Settings
from tools.erp.afas.wire_entries import EntryLine
from tools.erp.contract import Account, Capability, CostCentre, Erp, KeptFile, PostingWindow
from tools.erp.http import HttpClient
from tools.erp.pacing import Clock, Limits, Retries

__all__ = ["KIND", "Afas", "Settings", "connect"]

KIND = "afas"
_LONGEST_CODE = 16
"""Characters of a creditor's number; order numbers have twelve."""

K = TypeVar("K", bound=str)
V = TypeVar("V")


def connect(
    settings: Settings, *, transport: httpx.AsyncBaseTransport | None = None, clock: Clock | None = None
) -> Erp:
    """Nothing is sent before the first read or write. Raises ValueError for an address without TLS and for
    a token of another form."""
    # Error texts come in the caller's language; ours are matched and shown in English.
    headers = {"Accept-Language": "en-us"}
    if settings.integration_id is not None:
        headers["IntegrationId"] = settings.integration_id
    http = HttpClient(
        settings.base_url,
        name="AFAS",
        login=AfasToken(settings.token),
        explain=explain,
        limits=Limits(settings.concurrent),
        # A read that took too long is still worked on: the next one comes later than elsewhere.
        retries=Retries(attempts=4, first_wait=2.0),
        transport=transport,
        clock=clock,
        timeout=settings.timeout,
        ca_file=settings.ca_file,
        headers=headers,
    )
    return Afas(settings, http)


class Afas:
    kind = KIND
    capabilities = frozenset(Capability) - frozenset(DECLINED)
    declined = DECLINED

    def __init__(self, settings: Settings, http: HttpClient) -> None:
        self.company = settings.company
        self.http = http
        self._settings = settings
        self._session = Session(
            http,
            administration=settings.administration,
            rows=settings.rows_per_answer,
            names=settings.get_connectors,
            patience=settings.read_timeout,
        )
        self._files = Files(self._session, settings.dossier_type)
        self._reading_setup = asyncio.Lock()
        self._known_setup: mapping.Setup | None = None

    async def suppliers(self, changed_since: datetime | None = None) -> AsyncIterator[Supplier]:
        found = () if changed_since is None else (changed_after("ModifiedDate", changed_since),)
        query = self._session.query(wire.Creditor, *((found,) if found else ()))
        size = self._settings.page_size
        page: list[wire.Creditor] = []
        async for row in self._session.pages(wire.Creditor, query, "suppliers", size):
            page.append(row)
            if len(page) == size:
                for supplier in await self._with_accounts(page):
                    yield supplier
                page = []
        for supplier in await self._with_accounts(page):
            yield supplier

    async def suppliers_by_id(self, ids: Collection[SupplierId]) -> dict[SupplierId, Supplier]:
        rows = await self._session.by(wire.Creditor, "CreditorId", _possible(ids), "suppliers by id")
        found = await self._with_accounts(rows)
        return {supplier.supplier_id: supplier for supplier in found}

    async def _with_accounts(self, rows: list[wire.Creditor]) -> list[Supplier]:
        keys = [("Creditor", row.number) for row in rows]
        keys += [("BcCo", row.organisation) for row in rows if row.organisation]
        groups = [(Condition(field, Is.EQUAL, value),) for field, value in keys]
        return suppliers_of(rows, await self._session.where(wire.BankAccount, groups, "bank accounts"))

    async def orders(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, PurchaseOrder]:
        setup, rows = await asyncio.gather(
            self._setup(), self._session.by(wire.OrderRow, "OrNu", _possible(numbers), "orders")
        )
        return {order.number: order for order in mapping.orders(self._own(rows), setup)}

    async def orders_of(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[PurchaseOrder]]:
        groups = [
            (Condition("CrId", Is.EQUAL, number), Condition("Done", Is.EQUAL, "false"))
            for number in _possible(ids)
        ]
        setup, rows = await asyncio.gather(
            self._setup(), self._session.where(wire.OrderRow, groups, "orders of suppliers")
        )
        found = mapping.orders(self._own(rows), setup)
        return _grouped(ids, ((order.supplier_id, order) for order in found))

    async def receipts(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, list[GoodsReceipt]]:
        setup, rows = await asyncio.gather(
            self._setup(), self._session.by(wire.ReceiptRow, "SoOr", _possible(numbers), "receipts")
        )
        found = mapping.receipts(self._own(rows), setup)
        return _grouped(numbers, ((receipt.order_number, receipt) for receipt in found))

    async def invoices(self, keys: Collection[InvoiceKey]) -> dict[InvoiceKey, list[Posting]]:
        """Asked by number alone, in every field that may hold it; the pairing is done here."""
        ours = [key for key in keys if key.company == self.company]
        groups = [group for key in ours for group in number_groups(key.number)]
        setup, rows = await asyncio.gather(
            self._setup(), self._session.where(wire.InvoiceRow, groups, "earlier invoices")
        )
        held: dict[tuple[str, str, str], list[Posting]] = {}
        for row in self._own(rows):
            posting = mapping.posting(row, setup)
            for number in mapping.numbers_of(row):
                held.setdefault((row.creditor, mapping.document_type(row), number), []).append(posting)
        found = {
            key: held.get((key.supplier_id, key.document_type, key.number.strip().casefold())) for key in ours
        }
        return {key: postings for key, postings in found.items() if postings}

    async def posted_since(self, changed_since: datetime | None) -> AsyncIterator[Posting]:
        conditions = [Condition("UnId", Is.EQUAL, str(self._settings.administration))]
        if changed_since is not None:
            conditions.append(changed_after("Modi", changed_since))
        query = self._session.query(wire.InvoiceRow, tuple(conditions))
        setup = await self._setup()
        async for row in self._session.pages(
            wire.InvoiceRow, query, "invoice history", self._settings.page_size
        ):
            yield mapping.posting(row, setup)

    async def open_items(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[OpenItem]]:
        groups = [
            (Condition("CrId", Is.EQUAL, number), Condition("AmOp", Is.NOT, "0")) for number in _possible(ids)
        ]
        setup, rows = await asyncio.gather(
            self._setup(), self._session.where(wire.InvoiceRow, groups, "open items")
        )
        items = [mapping.open_item(row, setup) for row in self._own(rows)]
        return _grouped(ids, ((item.supplier_id, item) for item in items))

    async def accounts(self) -> list[Account]:
        return [mapping.account(row) for row in await self._session.all(wire.Account, "accounts")]

    async def cost_centres(self) -> list[CostCentre]:
        rows = await self._session.all(wire.CostCentre, "cost centres")
        unique = {row.code: mapping.cost_centre(row) for row in rows}
        return list(unique.values())

    async def tax_codes(self) -> list[str]:
        rows = await self._session.all(wire.VatCode, "VAT codes")
        return [row.code for row in rows if not row.blocked]

    async def posting_window(self) -> PostingWindow:
        own = Condition("Unit", Is.EQUAL, str(self._settings.administration))
        return mapping.posting_window(await self._session.all(wire.Period, "posting window", own))

    async def orders_changed_since(self, moment: datetime) -> set[OrderNumber]:
        since = changed_after("Modi", moment)
        orders, receipts = await asyncio.gather(
            self._session.all(wire.OrderRow, "changed orders", since),
            self._session.all(wire.ReceiptRow, "changed receipts", since),
        )
        # A receipt without an order is nobody's news.
        received = {row.order_number for row in self._own(receipts)} - {""}
        return {OrderNumber(number) for number in {row.number for row in self._own(orders)} | received}

    async def attachments(self, posting: Posting) -> list[KeptFile]:
        return await self._files.kept(await self._invoice(posting))

    async def attach(self, posting: Posting, name: str, content: bytes) -> None:
        row = await self._invoice(posting)
        await (await self._desk()).invoices.check_number_alone(row)
        await self._files.keep(row, name, content)

    async def _invoice(self, posting: Posting) -> wire.InvoiceRow:
        number, creditor = identity_of(posting)
        return await (await self._desk()).invoices.invoice(number, creditor)

    async def shortcomings(self) -> list[str]:
        """What is missing in Profit first; only when nothing is, whether the settings name what is there."""
        missing = await shortcomings(self._session, self._settings.get_connectors)
        if missing:
            return missing
        shown = await self._session.offers(EntryLine)
        return [*await setting_faults(self._session, self._settings), *(() if shown else (NOT_SHOWN,))]

    async def find(self, order: PostingOrder) -> Posting | None:
        return await (await self._desk()).find(order.action)

    async def write(self, order: PostingOrder) -> Posting:
        """Raises TypeError for anything that is not a PostingOrder: only that stands for an approval."""
        if not isinstance(order, PostingOrder):
            raise TypeError("only a PostingOrder may be written")
        return await (await self._desk()).write(order.action, order.proposal.versions)

    async def close(self) -> None:
        await self.http.close()

    def _own(self, rows: Iterable[V]) -> list[V]:
        return [row for row in rows if getattr(row, "administration", None) == self._settings.administration]

    async def _desk(self) -> Desk:
        ours = self._settings
        setup = mapping.Setup(
            ours.company, ours.currency, ours.units, ours.vat_groups, number_field=ours.number_field
        )
        ledger = Ledger(ours.journal, ours.cost_centre_axis, ours.received_account)
        invoices = Invoices(self._session, setup, ledger)
        return Desk(
            self.company,
            invoices,
            Holds(self._session, setup, invoices),
            Purchasing(self._session, setup, ours.warehouse),
        )

    async def _setup(self) -> mapping.Setup:
        """Rates of the VAT codes that order lines stand for: one call in a connector's life, none without
        `vat_groups`."""
        async with self._reading_setup:
            if self._known_setup is None:
                ours = self._settings
                codes = await self._session.all(wire.VatCode, "VAT codes") if ours.vat_groups else []
                self._known_setup = mapping.Setup(
                    company=ours.company,
                    currency=ours.currency,
                    units=ours.units,
                    vat_groups=ours.vat_groups,
                    percents={code.code: code.percent for code in codes},
                    products=ours.product_types,
                    number_field=ours.number_field,
                )
        return self._known_setup


def _possible(numbers: Iterable[str]) -> list[str]:
    return [number for number in numbers if 0 < len(number) <= _LONGEST_CODE]


def _grouped(keys: Iterable[K], pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """Only keys that were asked for and have something."""
    found: dict[K, list[V]] = {}
    wanted = set(keys)
    for key, value in pairs:
        if key in wanted:
            found.setdefault(key, []).append(value)
    return found
