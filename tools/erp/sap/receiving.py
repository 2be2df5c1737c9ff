"""Goods receipts as material documents: movement 101 with reference to an order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tools.domain.decision import CreateGoodsReceipt, Posting, PostingState
from tools.domain.identifiers import SupplierId
from tools.erp.errors import ErpError, ErpRejected, OutcomeUnknown
from tools.erp.sap.documents import MaterialDocument, Movement, OrderItem
from tools.erp.sap.entry import amount, day
from tools.erp.sap.facts import Facts
from tools.erp.sap.references import shortened
from tools.erp.sap.session import Session, one_of, parsed

SERVICE = "API_MATERIAL_DOCUMENT_SRV"


class ReceivingDesk:
    def __init__(self, session: Session, facts: Facts) -> None:
        self._session = session
        self._facts = facts

    async def find(self, action: CreateGoodsReceipt) -> Posting | None:
        """The receipt of this order with this delivery note. A cancelled one is not it."""
        wanted = shortened(action.delivery_note).casefold()
        found = {
            (move.material_document_year, move.material_document): move
            for move in await self._facts.movements([action.order_number], "find")
            if move.header is not None
            and move.header.reference_document.casefold() == wanted
            and move.goods_movement_type == "101"
            and not move.goods_movement_is_cancelled
        }
        if len(found) > 1:
            numbers = ", ".join(sorted(number for _, number in found))
            raise OutcomeUnknown(
                f"SAP holds several receipts of order {action.order_number} with delivery note "
                f"{action.delivery_note}: {numbers}"
            )
        return _posting(next(iter(found.values())), action) if found else None

    async def receive(self, action: CreateGoodsReceipt) -> Posting:
        billed = await self._facts.billed([str(action.order_number)])
        items = {line_id: item for (_, line_id), item in billed.items.items()}
        body = body_of(action, items)
        answer = await self._session.change(
            "POST", SERVICE, "A_MaterialDocumentHeader", operation="receive", body=body
        )
        told = "it is not there"
        try:
            header = parsed(MaterialDocument, one_of(answer.json()))
            moves = await self._facts.movements([str(action.order_number)], "read back")
            for move in moves:
                if (move.material_document_year, move.material_document) == _key(header):
                    return _posting(move, action)
        except ErpError as error:
            told = str(error)
        raise OutcomeUnknown(f"the goods receipt was posted and could not be read back: {told}")


def _key(row: MaterialDocument) -> tuple[str, str]:
    return row.material_document_year, row.material_document


def body_of(action: CreateGoodsReceipt, items: dict[str, OrderItem]) -> dict[str, Any]:
    """Material, plant and unit are the order's. Raises ErpRejected for a line that the order has not."""
    quantities: dict[str, Decimal] = {}
    for line in action.lines:
        quantities[line.order_line_id] = quantities.get(line.order_line_id, Decimal(0)) + line.quantity
    return {
        "GoodsMovementCode": "01",
        "PostingDate": day(action.received_on),
        "DocumentDate": day(action.received_on),
        "ReferenceDocument": shortened(action.delivery_note),
        "to_MaterialDocumentItem": [
            _row(action, line_id, quantity, items) for line_id, quantity in quantities.items()
        ],
    }


def _row(
    action: CreateGoodsReceipt, line_id: str, quantity: Decimal, items: dict[str, OrderItem]
) -> dict[str, Any]:
    item = items.get(line_id)
    if item is None:
        raise ErpRejected(f"SAP shows no item {line_id} of order {action.order_number}")
    if quantity != quantity.quantize(Decimal("0.001")):
        raise ErpRejected(f"{quantity} of item {line_id} has more than three decimals; SAP cannot keep it")
    row: dict[str, Any] = {
        "Plant": item.plant,
        "GoodsMovementType": "101",
        # Without it SAP takes the movement for one that has nothing to do with the order.
        "GoodsMovementRefDocType": "B",
        "PurchaseOrder": item.purchase_order,
        "PurchaseOrderItem": item.purchase_order_item,
        "QuantityInEntryUnit": amount(quantity),
        "EntryUnit": item.purchase_order_quantity_unit,
    }
    if item.material:
        row["Material"] = item.material
    if item.storage_location:
        row["StorageLocation"] = item.storage_location
    return row


def _posting(move: Movement, action: CreateGoodsReceipt) -> Posting:
    header = move.header
    return Posting(
        erp_id=f"{move.material_document}/{move.material_document_year}",
        number=move.material_document,
        state=PostingState.POSTED,
        supplier_id=SupplierId(move.supplier) if move.supplier else None,
        posting_date=None if header is None else header.posting_date,
        reference=action.delivery_note,
    )
