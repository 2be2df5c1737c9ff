"""One approved action at the desk it belongs to: how it is found, and how it is carried out."""

from __future__ import annotations

from collections.abc import Mapping

from tools.domain.actions import Action
from tools.domain.decision import (
    AmendOrderLine,
    CreateGoodsReceipt,
    CreatePurchaseOrder,
    ParkInvoice,
    PostCreditNote,
    Posting,
    PostInvoice,
    ReleaseHold,
    ReverseInvoice,
)
from tools.erp.errors import NotSupported
from tools.erp.sap.facts import Facts
from tools.erp.sap.mapping import Setup
from tools.erp.sap.ordering import OrderDesk
from tools.erp.sap.posting import InvoiceDesk
from tools.erp.sap.receiving import ReceivingDesk
from tools.erp.sap.session import Session


class Desk:
    """Every action that can be written can be found."""

    def __init__(self, session: Session, setup: Setup, facts: Facts) -> None:
        self._invoices = InvoiceDesk(session, setup, facts)
        self._receiving = ReceivingDesk(session, facts)
        self._ordering = OrderDesk(session, setup, facts)

    async def find(self, action: Action) -> Posting | None:
        if isinstance(action, (PostInvoice, ParkInvoice, PostCreditNote)):
            return await self._invoices.find(action, action.invoice_key)
        if isinstance(action, CreateGoodsReceipt):
            return await self._receiving.find(action)
        if isinstance(action, CreatePurchaseOrder):
            return await self._ordering.find_new(action)
        if isinstance(action, AmendOrderLine):
            return await self._ordering.find_amended(action)
        if isinstance(action, ReverseInvoice):
            return await self._invoices.reversal(action)
        if isinstance(action, ReleaseHold):
            return await self._invoices.released(action)
        raise NotSupported(f"SAP cannot {action.kind}")

    async def write(self, action: Action, versions: Mapping[str, str]) -> Posting:
        """`versions`: those of the records the approval rests on, as in a proposal."""
        if isinstance(action, (PostInvoice, ParkInvoice, PostCreditNote)):
            return await self._invoices.enter(action, action.invoice_key)
        if isinstance(action, CreateGoodsReceipt):
            return await self._receiving.receive(action)
        if isinstance(action, CreatePurchaseOrder):
            return await self._ordering.create(action)
        if isinstance(action, AmendOrderLine):
            return await self._ordering.amend(action, versions.get(f"order:{action.order_number}"))
        if isinstance(action, ReverseInvoice):
            return await self._invoices.reverse(action)
        if isinstance(action, ReleaseHold):
            return await self._invoices.release(action)
        raise NotSupported(f"SAP cannot {action.kind}")
