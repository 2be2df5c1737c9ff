"""Goods receipts as material documents: movement 101 with reference to an order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from tools.domain.decision import CreateGoodsReceipt, Posting, PostingState
from tools.domain.identifiers import SupplierId
from tools.erp.errors import ErpError, ErpRejected, OutcomeUnknown
from tools.erp.sap.documents import MaterialDocument, Movement, OrderItem
from tools.erp.sap.entry import amount, day
from tools.erp.sap.facts import Facts
from tools.erp.sap.fulfilment import UnitOf, in_unit
from tools.erp.sap.references import by_hand, shortened
from tools.erp.sap.session import Session, one_of, parsed

SERVICE = "API_MATERIAL_DOCUMENT_SRV"
_RECEIVES = frozenset({"101", "103"})
"""Goods came in: to stock, or to blocked stock, from where a person releases them."""


class ReceivingDesk:
    def __init__(self, session: Session, facts: Facts) -> None:
        self._session = session
        self._facts = facts

    async def find(self, action: CreateGoodsReceipt) -> Posting | None:
        """The receipt of this order with this delivery note. A cancelled one is not it. A note that a person
        cut counts with the same day and quantities; with one of the two a person must look. Raises
        OutcomeUnknown."""
        moves = [
            move
            for move in await self._facts.movements([action.order_number], "find")
            if move.header is not None
            and move.goods_movement_type in _RECEIVES
            and not move.goods_movement_is_cancelled
        ]
        found = _documents(moves, (shortened(action.delivery_note),))
        if not found:
            cut = _documents(moves, by_hand(action.delivery_note))
            items = await self._items(action) if cut else {}
            found = {
                key: rows for key, rows in cut.items() if _is_same(rows, action, items, self._facts.unit)
            }
        if len(found) > 1:
            numbers = ", ".join(sorted(number for _, number in found))
            raise OutcomeUnknown(
                f"SAP holds several receipts of order {action.order_number} with delivery note "
                f"{action.delivery_note}: {numbers}"
            )
        return _posting(next(iter(found.values()))[0], action) if found else None

    async def _items(self, action: CreateGoodsReceipt) -> dict[str, OrderItem]:
        billed = await self._facts.billed([str(action.order_number)])
        return {line_id: item for (_, line_id), item in billed.items.items()}

    async def receive(self, action: CreateGoodsReceipt) -> Posting:
        body = body_of(action, await self._items(action))
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


def _documents(
    moves: Iterable[Movement], references: Collection[str]
) -> dict[tuple[str, str], list[Movement]]:
    """Movements by material document, of those that carry one of these references."""
    wanted = {reference.casefold() for reference in references}
    found: dict[tuple[str, str], list[Movement]] = {}
    for move in moves:
        if move.header is not None and move.header.reference_document.casefold() in wanted:
            found.setdefault((move.material_document_year, move.material_document), []).append(move)
    return found


def _is_same(
    moves: list[Movement], action: CreateGoodsReceipt, items: Mapping[str, OrderItem], unit_of: UnitOf
) -> bool:
    """Whether a receipt under a cut delivery note is the one approved. Raises OutcomeUnknown when only the
    day or only the quantities are the same: then it may be."""
    entered: dict[str, Decimal | None] = {}
    for move in moves:
        line_id = move.purchase_order_item.lstrip("0")
        unit = items[line_id].purchase_order_quantity_unit if line_id in items else move.entry_unit
        quantity, before = in_unit(move, unit, unit_of), entered.get(line_id, Decimal(0))
        entered[line_id] = None if quantity is None or before is None else before + quantity
    header = moves[0].header
    same_day = header is not None and header.posting_date == action.received_on
    same_goods = entered == _quantities(action)
    if same_day is not same_goods:
        raise OutcomeUnknown(
            f"SAP holds receipt {moves[0].material_document} of order {action.order_number} under a part of "
            f"delivery note {action.delivery_note}, with another "
            f"{'quantity' if same_day else 'day'}; whether it is the same delivery, a person must decide"
        )
    return same_day


def _quantities(action: CreateGoodsReceipt) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for line in action.lines:
        found[line.order_line_id] = found.get(line.order_line_id, Decimal(0)) + line.quantity
    return found


def _key(row: MaterialDocument) -> tuple[str, str]:
    return row.material_document_year, row.material_document


def body_of(action: CreateGoodsReceipt, items: dict[str, OrderItem]) -> dict[str, Any]:
    """Material, plant and unit are the order's. Raises ErpRejected for a line that the order has not."""
    return {
        "GoodsMovementCode": "01",
        "PostingDate": day(action.received_on),
        "DocumentDate": day(action.received_on),
        "ReferenceDocument": shortened(action.delivery_note),
        "to_MaterialDocumentItem": [
            _row(action, line_id, quantity, items) for line_id, quantity in _quantities(action).items()
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
