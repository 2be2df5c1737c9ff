"""Which desk carries an action out, and how its result is found again."""

from __future__ import annotations

from tools.domain.decision import (
    CreateGoodsReceipt,
    CreatePurchaseOrder,
    HoldInvoice,
    ParkInvoice,
    PostCreditNote,
    Posting,
    PostingOrder,
    PostingState,
    PostInvoice,
    ReleaseHold,
    ReverseInvoice,
)
from tools.erp.errors import ErpRejected, NotSupported
from tools.erp.oracle import mapping, wire
from tools.erp.oracle.holds import Holds
from tools.erp.oracle.ordering import Ordering
from tools.erp.oracle.posting import Desk
from tools.erp.oracle.receiving import Receiving

Later = HoldInvoice | ReleaseHold | ReverseInvoice
"""Actions on an invoice that stands in Oracle."""


class Writer:
    def __init__(self, desk: Desk, holds: Holds, receiving: Receiving, ordering: Ordering) -> None:
        self._desk = desk
        self._holds = holds
        self._receiving = receiving
        self._ordering = ordering

    async def find(self, order: PostingOrder) -> Posting | None:
        action = order.action
        if isinstance(action, (PostInvoice, ParkInvoice, PostCreditNote)):
            return await self._desk.standing(action, action.invoice_key)
        if isinstance(action, CreateGoodsReceipt):
            return await self._receiving.find(action)
        if isinstance(action, CreatePurchaseOrder):
            return await self._ordering.find(action)
        if isinstance(action, (HoldInvoice, ReleaseHold, ReverseInvoice)):
            return await self._find_later(action)
        raise NotSupported(f"Oracle is not asked for {action.kind}")

    async def _find_later(self, action: Later) -> Posting | None:
        try:
            row = await self._desk.numbered(action.supplier_id, action.posted_number)
        except ErpRejected:
            return None
        if isinstance(action, ReverseInvoice):
            canceled = mapping.state_of(row) is PostingState.CANCELLED
            return _done(row, action) if canceled else None
        held = bool(await self._holds.active(row.invoice_id, action.reason_code))
        return _done(row, action) if held is isinstance(action, HoldInvoice) else None

    async def write(self, order: PostingOrder) -> Posting:
        action = order.action
        if isinstance(action, ParkInvoice):
            return await self._desk.park(action, action.invoice_key)
        if isinstance(action, (PostInvoice, PostCreditNote)):
            return await self._desk.post(action, action.invoice_key)
        if isinstance(action, CreateGoodsReceipt):
            return await self._receiving.write(action)
        if isinstance(action, CreatePurchaseOrder):
            return await self._ordering.write(action)
        if isinstance(action, (HoldInvoice, ReleaseHold, ReverseInvoice)):
            return await self._write_later(action)
        raise NotSupported(f"Oracle is not asked for {action.kind}")

    async def _write_later(self, action: Later) -> Posting:
        row = await self._desk.numbered(action.supplier_id, action.posted_number)
        if isinstance(action, HoldInvoice):
            await self._holds.place(row, action.reason_code)
        elif isinstance(action, ReleaseHold):
            await self._holds.release(row, action.reason_code)
        else:
            row = await self._desk.cancel(row)
        return _done(row, action)


def _done(row: wire.Invoice, action: Later) -> Posting:
    """The entry as ours: finished, whatever the invoice's own status is."""
    reference = None if isinstance(action, ReverseInvoice) else action.reason_code
    found = mapping.posting(row)
    return found.model_copy(update={"state": PostingState.POSTED, "reference": reference})
