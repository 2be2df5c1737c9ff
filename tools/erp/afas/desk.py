"""Which desk carries out which action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tools.domain.decision import (
    Action,
    AmendOrderLine,
    CreateGoodsReceipt,
    CreatePurchaseOrder,
    HoldInvoice,
    PostCreditNote,
    Posting,
    PostInvoice,
    ReleaseHold,
)
from tools.erp.afas.declined import DECLINED
from tools.erp.afas.holds import Holds
from tools.erp.afas.posting import Invoices
from tools.erp.afas.purchasing import Purchasing
from tools.erp.contract import Capability
from tools.erp.errors import ErpRejected, NotSupported


@dataclass(frozen=True)
class Desk:
    company: str
    invoices: Invoices
    holds: Holds
    purchasing: Purchasing

    async def find(self, action: Action) -> Posting | None:
        """Raises NotSupported for declined actions, ErpRejected for another company's."""
        self._check(action)
        if isinstance(action, (PostInvoice, PostCreditNote)):
            return await self.invoices.standing(action)
        if isinstance(action, (HoldInvoice, ReleaseHold)):
            return await self.holds.find(action)
        if isinstance(action, CreateGoodsReceipt):
            return await self.purchasing.find_receipt(action)
        if isinstance(action, CreatePurchaseOrder):
            return await self.purchasing.find_order(action)
        if isinstance(action, AmendOrderLine):
            return await self.purchasing.find_amended(action)
        raise NotSupported(DECLINED[Capability(action.kind)])

    async def write(self, action: Action, versions: Mapping[str, str]) -> Posting:
        """`versions`: those of the records the approval rests on, as in a proposal."""
        self._check(action)
        if isinstance(action, (PostInvoice, PostCreditNote)):
            return await self.invoices.post(action, action.invoice_key)
        if isinstance(action, (HoldInvoice, ReleaseHold)):
            return await self.holds.write(action)
        if isinstance(action, CreateGoodsReceipt):
            return await self.purchasing.receive(action)
        if isinstance(action, CreatePurchaseOrder):
            return await self.purchasing.create_order(action)
        if isinstance(action, AmendOrderLine):
            return await self.purchasing.amend(action, versions.get(f"order:{action.order_number}"))
        raise NotSupported(DECLINED[Capability(action.kind)])

    def _check(self, action: Action) -> None:
        if Capability(action.kind) in DECLINED:
            raise NotSupported(DECLINED[Capability(action.kind)])
        if action.company != self.company:
            raise ErpRejected(f"this is company {self.company}, not {action.company}")
