"""Draft purchase orders: header and lines for a buyer, who completes them in Oracle and submits them."""

from __future__ import annotations

from typing import Any

from tools.domain.decision import CreatePurchaseOrder, DraftOrderLine, Posting, PostingState
from tools.domain.identifiers import SupplierId
from tools.erp.errors import ErpRejected, OutcomeUnknown
from tools.erp.oracle.context import Context
from tools.erp.oracle.documents import LONGEST_DESCRIPTION
from tools.erp.oracle.mapping import Setup
from tools.erp.oracle.query import Query, equal
from tools.erp.oracle.session import Session, seen, there
from tools.erp.oracle.settings import DraftOrders
from tools.erp.oracle.wire_orders import DescribedOrder, DraftOrder


class Ordering:
    """Our reference is the order's description: with the supplier it is what the draft is found by, before
    and after its buyer submitted it."""

    def __init__(self, session: Session, context: Context, house: DraftOrders | None, setup: Setup) -> None:
        self._session = session
        self._context = context
        self._house = house
        self._setup = setup

    async def find(self, action: CreatePurchaseOrder) -> Posting | None:
        """Raises OutcomeUnknown when several orders carry the reference."""
        supplier = (await self._context.supplier(action.supplier_id)).supplier_id
        q = equal(Description=action.reference)
        drafts = await self._session.read(DraftOrder, [Query(DraftOrder, q)], operation="find order")
        sent = await self._session.read(DescribedOrder, [Query(DescribedOrder, q)], operation="find order")
        found = {row.po_header_id: row for row in (*sent, *drafts) if row.supplier_id == supplier}
        if len(found) > 1:
            told = ", ".join(sorted(row.order_number for row in found.values()))
            raise OutcomeUnknown(f"several orders are described as {action.reference}: {told}")
        for key, row in found.items():
            return Posting(
                erp_id=key,
                number=row.order_number,
                state=PostingState.POSTED,
                supplier_id=SupplierId(action.supplier_id),
                reference=row.description,
            )
        return None

    async def write(self, action: CreatePurchaseOrder) -> Posting:
        body = await self._body(action)
        await self._session.change("POST", "draftPurchaseOrders", operation="create order", body=body)
        return there(await seen(self.find(action), "a draft order was created"))

    async def _body(self, action: CreatePurchaseOrder) -> dict[str, Any]:
        house = self._house
        if house is None or len(action.reference) > LONGEST_DESCRIPTION:
            raise ErpRejected(f"{action.reference} cannot be kept as the description of an order")
        supplier = await self._context.supplier(action.supplier_id)
        return {
            "BuyerId": house.buyer_id,
            "DocumentStyleId": house.document_style_id,
            "ProcurementBUId": house.procurement_bu_id,
            "SupplierId": int(supplier.supplier_id),
            "SupplierSite": self._context.site_of(supplier),
            "CurrencyCode": action.currency,
            "Description": action.reference,
            "lines": [
                {"LineNumber": number, "LineType": house.line_type, **self._line(line, action)}
                for number, line in enumerate(action.lines, start=1)
            ],
        }

    def _line(self, line: DraftOrderLine, action: CreatePurchaseOrder) -> dict[str, Any]:
        """The tax of an order is Oracle's; the place and the charge account are the buyer's to fill in."""
        if line.item_number is None:
            raise ErpRejected(
                f"{line.description}: an order line without an item needs a category and a charge account, "
                "which a buyer enters in Oracle",
                field="Item",
            )
        unit = self._setup.own_unit(line.unit)
        if unit is None:
            raise ErpRejected(
                f"{line.description}: the settings name no unit code of Oracle for {line.unit}",
                field="UOMCode",
            )
        if line.unit_price.currency != action.currency:
            raise ErpRejected(f"{line.description}: priced in {line.unit_price.currency}", field="Price")
        return {
            "Item": line.item_number,
            "Description": line.description[:LONGEST_DESCRIPTION],
            "Quantity": line.quantity,
            "UOMCode": unit,
            "Price": line.unit_price.amount,
        }
