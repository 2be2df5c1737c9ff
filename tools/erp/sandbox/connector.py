"""The contract straight over the sandbox company in this process: for the demo, the tests and as the
measure of what a connector can offer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from tools.domain.decision import InvoiceKey, Posting, PostingOrder
from tools.domain.documents import GoodsReceipt, OpenItem, OrderState, PurchaseOrder
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.domain.money import Money
from tools.domain.supplier import Supplier
from tools.erp.contract import Account, Capability, CostCentre, KeptFile, PostingWindow
from tools.erp.errors import (
    ErpAccessDenied,
    ErpChanged,
    ErpError,
    ErpRejected,
    ErpUnavailable,
    OutcomeUnknown,
)
from tools.erp.sandbox.actions import Actions, posting_of
from tools.erp.sandbox.books import PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Fault, FaultKind, Faults, Traffic
from tools.erp.sandbox.refusal import Refusal, Refused
from tools.erp.sandbox.world import load_world

T = TypeVar("T")


class Settings(BaseModel):
    """Which world to open. There is no login: the books are in this process."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    world: Path
    company: str | None = None
    """When set, the world must be this company's."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def connect(
    settings: Settings, *, transport: Any = None, clock: Any = None, now: Callable[[], datetime] = utc_now
) -> SandboxErp:
    """Opens the world. `transport` and `clock` are for kinds with a network; `now` dates what is booked.
    Raises WorldError or OSError for the file, ErpAccessDenied for another company's world."""
    company = Company.load(load_world(settings.world), now)
    if settings.company not in (None, company.settings.company):
        raise ErpAccessDenied(f"{settings.world.name} holds company {company.settings.company}")
    return SandboxErp(company)


class SandboxErp:
    """See `tools.erp.contract.Erp`. `traffic` counts the calls; `faults` strike by the names of the
    protocol's methods for reads and by `Action.kind` for writes."""

    kind = "sandbox"
    capabilities: frozenset[Capability] = frozenset(Capability)
    declined: Mapping[Capability, str] = MappingProxyType({})

    def __init__(self, company: Company, faults: Faults | None = None, *, page_size: int = 50) -> None:
        self.books = company
        self.company = company.settings.company
        self.faults = faults or Faults()
        self.traffic = Traffic()
        self._actions = Actions(company)
        self._page_size = page_size

    async def suppliers(self, changed_since: datetime | None = None) -> AsyncIterator[Supplier]:
        cards = [
            card
            for card in self.books.books.suppliers.values()
            if changed_since is None or card.changed_at > changed_since
        ]
        for start in range(0, max(len(cards), 1), self._page_size):
            page = cards[start : start + self._page_size]
            await self._read("suppliers", lambda: None)
            for card in page:
                yield card.supplier

    async def suppliers_by_id(self, ids: Collection[SupplierId]) -> dict[SupplierId, Supplier]:
        cards = self.books.books.suppliers
        return await self._read(
            "suppliers_by_id", lambda: {key: cards[key].supplier for key in ids if key in cards}
        )

    async def orders(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, PurchaseOrder]:
        cards = self.books.books.orders
        return await self._read(
            "orders", lambda: {number: cards[number].order for number in numbers if number in cards}
        )

    async def orders_of(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[PurchaseOrder]]:
        return await self._read("orders_of", lambda: self._open_orders(ids))

    def _open_orders(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[PurchaseOrder]]:
        found: dict[SupplierId, list[PurchaseOrder]] = {}
        for card in self.books.books.orders.values():
            order = card.order
            if order.supplier_id in ids and order.state in (OrderState.OPEN, OrderState.DRAFT):
                found.setdefault(order.supplier_id, []).append(order)
        return found

    async def receipts(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, list[GoodsReceipt]]:
        def read() -> dict[OrderNumber, list[GoodsReceipt]]:
            found = {number: self.books.goods_receipts(number) for number in numbers}
            return {number: receipts for number, receipts in found.items() if receipts}

        return await self._read("receipts", read)

    async def invoices(self, keys: Collection[InvoiceKey]) -> dict[InvoiceKey, list[Posting]]:
        def read() -> dict[InvoiceKey, list[Posting]]:
            found = {
                key: [
                    posting_of(document)
                    for document in self.books.documents.of_supplier(
                        key.supplier_id, key.document_type, key.number
                    )
                ]
                for key in keys
                if key.company == self.company
            }
            return {key: postings for key, postings in found.items() if postings}

        return await self._read("invoices", read)

    async def posted_since(self, changed_since: datetime | None) -> AsyncIterator[Posting]:
        held = [
            document
            for document in self.books.books.documents.values()
            if changed_since is None or document.changed_at > changed_since
        ]
        for start in range(0, max(len(held), 1), self._page_size):
            page = held[start : start + self._page_size]
            for posting in await self._read("posted_since", partial(_postings_of, page)):
                yield posting

    async def open_items(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[OpenItem]]:
        def read() -> dict[SupplierId, list[OpenItem]]:
            found = {supplier_id: self.books.open_items(supplier_id) for supplier_id in ids}
            return {supplier_id: items for supplier_id, items in found.items() if items}

        return await self._read("open_items", read)

    async def accounts(self) -> list[Account]:
        return await self._read("accounts", self._accounts)

    def _accounts(self) -> list[Account]:
        balances = {entry.account: entry.balance for entry in self.books.ledger.trial_balance()}
        currency = self.books.settings.currency
        return [
            Account(
                number=account.number,
                name=account.name,
                direct_posting=account.direct_posting and not account.heading,
                blocked=account.blocked,
                balance=Money(amount=balances[account.number], currency=currency)
                if account.number in balances
                else None,
            )
            for account in self.books.books.accounts.values()
        ]

    async def cost_centres(self) -> list[CostCentre]:
        return await self._read("cost_centres", lambda: list(self.books.books.cost_centres))

    async def orders_changed_since(self, moment: datetime) -> set[OrderNumber]:
        return await self._read("orders_changed_since", lambda: self.books.orders_changed_since(moment))

    async def attachments(self, posting: Posting) -> list[KeptFile]:
        def read() -> list[KeptFile]:
            kept = self.books.payables.attachments_of(posting.erp_id)
            return [KeptFile(name=file.name, size=len(file.content)) for file in kept]

        return await self._read("attachments", read)

    async def shortcomings(self) -> list[str]:
        """The books describe nothing; they lack nothing either."""
        return []

    async def tax_codes(self) -> list[str]:
        return await self._read("tax_codes", lambda: list(self.books.books.tax_codes))

    async def posting_window(self) -> PostingWindow:
        return await self._read("posting_window", lambda: self.books.books.window)

    async def find(self, order: PostingOrder) -> Posting | None:
        found = await self._read("find", lambda: self._actions.find(order.action))
        if len(found) > 1:
            numbers = ", ".join(posting.number for posting in found)
            raise OutcomeUnknown(f"the sandbox holds several that could be meant: {numbers}")
        return found[0] if found else None

    async def write(self, order: PostingOrder) -> Posting:
        if not isinstance(order, PostingOrder):
            raise TypeError("only a PostingOrder may be written")
        action = order.action
        if action.company != self.company:
            raise ErpRejected(f"this is company {self.company}, not {action.company}")
        versions = order.proposal.versions
        return await self._change(action.kind, lambda: self._actions.carry_out(action, versions))

    async def attach(self, posting: Posting, name: str, content: bytes) -> None:
        await self._change("attach", lambda: self.books.payables.attach(posting.erp_id, name, content))

    async def close(self) -> None:
        """Nothing is open."""

    async def _read(self, operation: str, answer: Callable[[], T]) -> T:
        with self.traffic.call(operation):
            fault = await self._struck(operation)
            if fault is not None:
                raise _read_error(fault)
            return answer()

    async def _change(self, operation: str, carry_out: Callable[[], T]) -> T:
        with self.traffic.call(operation):
            fault = await self._struck(operation)
            if fault is not None and not fault.kind.after_commit:
                raise _write_error(fault)
            try:
                result = carry_out()
            except Refused as refused:
                raise _refusal(refused) from refused
            if fault is not None:
                raise _write_error(fault)
            return result

    async def _struck(self, operation: str) -> Fault | None:
        struck = self.faults.strike(operation)
        # Even without a wait: other tasks run between question and answer, as with a real ERP.
        await asyncio.sleep(struck.wait)
        return struck.fault


def _postings_of(page: list[PurchaseDocument]) -> list[Posting]:
    return [posting_of(document) for document in page]


def _refusal(refused: Refused) -> ErpError:
    kind = ErpChanged if refused.code is Refusal.STALE_VERSION else ErpRejected
    return kind(refused.message, detail=refused.code, field=refused.field)


def _read_error(fault: Fault) -> ErpError:
    if fault.kind is FaultKind.EXPIRED_TOKEN:
        return ErpAccessDenied("the sandbox does not accept the login", detail=fault.kind)
    return ErpUnavailable("the sandbox cannot be reached", detail=fault.kind)


def _write_error(fault: Fault) -> ErpError:
    if fault.kind is FaultKind.EXPIRED_TOKEN:
        return ErpAccessDenied("the sandbox does not accept the login", detail=fault.kind)
    if fault.kind is FaultKind.STALE_VERSION:
        return ErpChanged("another user has changed the record", detail=fault.kind)
    if fault.kind in (FaultKind.CONNECTION_REFUSED, FaultKind.TOO_MANY):
        return ErpUnavailable("the sandbox cannot be reached", detail=fault.kind)
    return OutcomeUnknown("the sandbox did not answer; whether it booked is not known", detail=fault.kind)
