"""Goods receipts and draft orders: what stands beside the invoice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from tools.domain.actions import CreateGoodsReceipt, CreatePurchaseOrder, DraftOrderLine
from tools.domain.decision import Posting, PostingState
from tools.domain.identifiers import SupplierId
from tools.erp.errors import ErpError, ErpRejected, OutcomeUnknown
from tools.erp.tryton import mapping, records
from tools.erp.tryton.documents import BookedProduct
from tools.erp.tryton.lookup import Lookup
from tools.erp.tryton.session import Session
from tools.erp.tryton.setup import Setup
from tools.erp.tryton.values import Quantity


class Warehouse:
    """Books goods in: a shipment with the order's open movements, received and done."""

    def __init__(self, session: Session, setup: Setup) -> None:
        self._session = session
        self._setup = setup

    async def find(self, action: CreateGoodsReceipt) -> Posting | None:
        rows = await self._held(action)
        done = [row for row in rows if row.state == "done"] or rows
        if len(done) > 1:
            numbers = ", ".join(sorted(row.number for row in done))
            raise OutcomeUnknown(f"Tryton holds several receipts of note {action.delivery_note}: {numbers}")
        return _receipt(done[0]) if done else None

    async def receive(self, action: CreateGoodsReceipt) -> Posting:
        """A shipment that an interrupted attempt left is carried on. Raises ErpRejected where the order
        has nothing to receive on a line."""
        rows = await self._held(action)
        if any(row.state == "done" for row in rows):
            raise ErpRejected(f"delivery note {action.delivery_note} is already received in Tryton")
        wanted = _quantities(action)
        row = rows[0] if rows else await self._announce(action, wanted)
        if {move.origin: move.quantity for move in row.incoming_moves} != wanted:
            raise ErpRejected(
                f"Tryton holds shipment {row.number} of this note with other goods; settle it there"
            )
        if row.state == "draft":
            await self._press("receive", row.id)
        await self._press("do", row.id)
        return await self._finished(row.id)

    async def _held(self, action: CreateGoodsReceipt) -> list[records.Shipment]:
        note = action.delivery_note.strip()
        domain = [
            ["reference", "ilike", note.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")],
            ["company", "=", self._setup.company_id],
            ["state", "!=", "cancelled"],
        ]
        rows = await self._session.read(records.Shipment, domain, operation="find receipt")
        lines = {move.origin for move in await self._movements(action)}
        return [row for row in rows if lines & {move.origin for move in row.incoming_moves}]

    async def _movements(self, action: CreateGoodsReceipt) -> list[records.IncomingMove]:
        domain = [["origin.purchase.number", "=", action.order_number, "purchase.line"]]
        return await self._session.read(records.IncomingMove, domain, operation="movements")

    async def _announce(self, action: CreateGoodsReceipt, wanted: dict[str, Decimal]) -> records.Shipment:
        moves = {
            move.origin: move
            for move in await self._movements(action)
            if move.state == "draft" and move.shipment is None
        }
        missing = sorted(origin.partition(",")[2] for origin in wanted if origin not in moves)
        if missing:
            raise ErpRejected(
                f"order {action.order_number} has nothing to receive on line {', '.join(missing)}"
            )
        order = await self._order(action.order_number)
        chosen = [moves[origin] for origin in wanted]
        await self._require_units(chosen)
        commands: list[Any] = [["add", [move.id for move in chosen]]]
        for move in chosen:
            if move.quantity != wanted[move.origin]:
                commands.append(["write", [move.id], {"quantity": Quantity(wanted[move.origin])}])
        body = {
            "company": self._setup.company_id,
            "supplier": order.party.id,
            "reference": action.delivery_note,
            "effective_date": action.received_on,
            "warehouse": order.warehouse.id,
            "warehouse_input": order.warehouse.input_location,
            "warehouse_storage": order.warehouse.storage_location,
            "incoming_moves": commands,
        }
        made = await self._session.change("model.stock.shipment.in.create", [body], operation="receipt")
        return await self._again(int(made[0]))

    async def _require_units(self, moves: Sequence[records.IncomingMove]) -> None:
        """What arrived is told in the order line's unit. Raises ErpRejected for a movement that a person put
        into another one."""
        ids = [int(move.origin.partition(",")[2]) for move in moves]
        rows = await self._session.read(records.OrderedUnit, [["id", "in", ids]], operation="ordered units")
        units = {f"purchase.line,{row.id}": row.unit for row in rows}
        other = sorted(str(move.id) for move in moves if move.unit != units.get(move.origin))
        if other:
            raise ErpRejected(
                f"movement {', '.join(other)} is in another unit than its order line; receive it in Tryton",
                field="unit",
            )

    async def _order(self, number: str) -> records.DeliveredOrder:
        domain = [["number", "=", number], ["company", "=", self._setup.company_id]]
        rows = await self._session.read(records.DeliveredOrder, domain, operation="order of receipt")
        if len(rows) != 1:
            raise ErpRejected(f"Tryton has no order {number} with a warehouse")
        return rows[0]

    async def _press(self, button: str, row_id: int) -> None:
        await self._session.change(f"model.stock.shipment.in.{button}", [row_id], operation=button)

    async def _again(self, row_id: int) -> records.Shipment:
        rows = await self._session.read(records.Shipment, [["id", "=", row_id]], operation="read back")
        if len(rows) != 1:
            raise OutcomeUnknown(f"shipment {row_id} was made and cannot be read back")
        return rows[0]

    async def _finished(self, row_id: int) -> Posting:
        try:
            row = await self._again(row_id)
        except ErpError as error:
            raise OutcomeUnknown(f"shipment {row_id} was received and not read back: {error}") from error
        if row.state != "done":
            raise OutcomeUnknown(f"shipment {row.number} was sent to be received and is {row.state}")
        return _receipt(row)


def _quantities(action: CreateGoodsReceipt) -> dict[str, Decimal]:
    """Order line, as movements name it -> what arrived."""
    found: dict[str, Decimal] = {}
    for line in action.lines:
        origin = f"purchase.line,{line.order_line_id}"
        found[origin] = found.get(origin, Decimal(0)) + line.quantity
    return found


def _receipt(row: records.Shipment) -> Posting:
    return Posting(
        erp_id=str(row.id),
        number=row.number or f"({row.id})",
        state=PostingState.POSTED if row.state == "done" else PostingState.DRAFT,
        supplier_id=SupplierId(row.supplier.code),
        posting_date=row.effective_date,
        reference=row.reference or None,
    )


class Buying:
    """Draft orders; a buyer quotes and confirms them in Tryton."""

    def __init__(self, session: Session, lookup: Lookup) -> None:
        self._session = session
        self._lookup = lookup

    async def find(self, action: CreatePurchaseOrder) -> Posting | None:
        domain = [
            ["party.code", "=", action.supplier_id],
            ["company", "=", self._lookup.setup.company_id],
            ["description", "=", action.reference],
            ["state", "!=", "cancelled"],
        ]
        rows = await self._session.read(records.DraftOrder, domain, operation="find order")
        if len(rows) > 1:
            raise OutcomeUnknown(f"Tryton holds {len(rows)} orders with description {action.reference}")
        return _ordered(rows[0]) if rows else None

    async def order(self, action: CreatePurchaseOrder) -> Posting:
        if await self.find(action) is not None:
            raise ErpRejected(f"an order with description {action.reference} already exists in Tryton")
        creditor = await self._lookup.require_active(action.supplier_id)
        setup = self._lookup.setup
        if action.currency not in setup.currencies or not creditor.addresses:
            raise ErpRejected(f"currency {action.currency} or the address of {action.supplier_id} is missing")
        codes = {line.item_number for line in action.lines if line.item_number}
        products = await self._lookup.products(codes, creditor, setup.currencies[action.currency])
        body = {
            "company": setup.company_id,
            "party": creditor.id,
            "invoice_address": creditor.addresses[0],
            "payment_term": creditor.supplier_payment_term,
            "currency": setup.currencies[action.currency],
            "description": action.reference,
            "lines": [["create", [_draft_line(line, products, setup) for line in action.lines]]],
        }
        made = await self._session.change("model.purchase.purchase.create", [body], operation="order")
        domain = [["id", "=", int(made[0])]]
        try:
            rows = await self._session.read(records.DraftOrder, domain, operation="read back")
        except ErpError as error:
            raise OutcomeUnknown(f"order ({made[0]}) was made and not read back: {error}") from error
        if len(rows) != 1:
            raise OutcomeUnknown(f"order ({made[0]}) was made and is not there")
        return _ordered(rows[0])


def _draft_line(line: DraftOrderLine, products: Mapping[str, BookedProduct], setup: Setup) -> dict[str, Any]:
    if line.item_number is None:
        raise ErpRejected("an order line in Tryton names a product, not an account", field="account")
    if line.item_number not in products or (unit := setup.unit_id(line.unit)) is None:
        raise ErpRejected(f"Tryton has no product {line.item_number} or no unit {line.unit}", field="product")
    product = products[line.item_number]
    taxes = list(product.taxes)
    if line.tax_code is not None:
        if line.tax_code not in setup.taxes:
            raise ErpRejected(f"Tryton has no tax {line.tax_code}", field="tax_code")
        taxes = [setup.taxes[line.tax_code]]
    return {
        "type": "line",
        "product": product.id,
        "description": line.description,
        "quantity": Quantity(line.quantity),
        "unit": unit,
        "unit_price": line.unit_price.amount,
        "taxes": [["add", taxes]],
    }


def _ordered(row: records.DraftOrder) -> Posting:
    # The order is a draft for the buyer, but as an entry of ours it is finished.
    return Posting(
        erp_id=str(row.id),
        number=mapping.number_of(row.number, row.id),
        state=PostingState.POSTED,
        supplier_id=SupplierId(row.party.code),
        reference=row.description or None,
        version=row.version,
    )
