"""The contract suite names an order's lines as the books do; Tryton numbers the lines of all orders together.

This stands before the connector and says the one for the other. It changes nothing else.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tests.erp.orders import approved
from tools.domain.decision import Posting, PostingOrder
from tools.domain.documents import GoodsReceipt, PurchaseOrder
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.erp.contract import Erp
from tools.erp.tryton.sandbox_ids import Ids


class WithLinesOfTheBooks:
    """An `Erp`; what is not named here goes straight to the connector."""

    def __init__(self, erp: Erp, ids: Ids) -> None:
        self._erp = erp
        self._ids = ids

    def __getattr__(self, name: str) -> Any:
        return getattr(self._erp, name)

    async def orders(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, PurchaseOrder]:
        return {number: self._named(order) for number, order in (await self._erp.orders(numbers)).items()}

    async def orders_of(self, ids: Collection[SupplierId]) -> dict[SupplierId, list[PurchaseOrder]]:
        found = await self._erp.orders_of(ids)
        return {key: [self._named(order) for order in orders] for key, orders in found.items()}

    async def receipts(self, numbers: Collection[OrderNumber]) -> dict[OrderNumber, list[GoodsReceipt]]:
        found = await self._erp.receipts(numbers)
        return {number: [self._named(receipt) for receipt in kept] for number, kept in found.items()}

    async def find(self, order: PostingOrder) -> Posting | None:
        return await self._erp.find(self._asked(order))

    async def write(self, order: PostingOrder) -> Posting:
        return await self._erp.write(self._asked(order))

    def _named(self, record: Any) -> Any:
        field = "line_id" if isinstance(record, PurchaseOrder) else "order_line_id"
        lines = tuple(
            line.model_copy(update={field: self._ids.pair("purchase.line", int(getattr(line, field)))[1]})
            for line in record.lines
        )
        return record.model_copy(update={"lines": lines})

    def _asked(self, order: Any) -> Any:
        action = getattr(order, "action", None)
        if not isinstance(order, PostingOrder) or not hasattr(action, "lines"):
            return order
        lines = tuple(self._numbered(line, getattr(action, "order_number", None)) for line in action.lines)
        return approved(action.model_copy(update={"lines": lines}), order.proposal.versions)

    def _numbered(self, line: Any, order_number: str | None) -> Any:
        named = getattr(line, "order_line_id", None)
        if named is None:
            return line
        key = (getattr(line, "order_number", None) or order_number, named)
        return line.model_copy(update={"order_line_id": str(self._ids.of("purchase.line", key))})
