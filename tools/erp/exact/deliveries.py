"""Goods receipts: read by order, found by delivery note, entered."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from tools.domain.decision import CreateGoodsReceipt, Posting, PostingState
from tools.domain.documents import GoodsReceipt
from tools.domain.identifiers import SupplierId
from tools.erp.answers import Answer
from tools.erp.errors import ErpError, ErpRejected, OutcomeUnknown
from tools.erp.exact import mapping, wire
from tools.erp.exact.odata import Query, guid, letter_cases, numbers, queries_for, text
from tools.erp.exact.session import NAME, Session, created_key


class Deliveries:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def of_orders(self, wanted: Collection[str], company: mapping.Company) -> list[GoodsReceipt]:
        """Three kinds of calls: the lines of the orders' receipts, then their headers and, beside them, the
        order lines they name."""
        lines = await self._lines_of(wanted)
        if not lines:
            return []
        headers, named = await asyncio.gather(
            self._session.read(
                wire.Receipt,
                queries_for(wire.Receipt, "ID", [guid(line.receipt_id) for line in lines]),
                "receipts",
            ),
            self._session.read(
                wire.OrderLine,
                queries_for(
                    wire.OrderLine, "ID", [guid(line.order_line_id) for line in lines if line.order_line_id]
                ),
                "received order lines",
            ),
        )
        return mapping.receipts(headers, lines, {row.id: row.line_number for row in named}, company)

    async def _lines_of(self, wanted: Collection[str]) -> list[wire.ReceiptLine]:
        queries = queries_for(wire.ReceiptLine, "PurchaseOrderNumber", list(numbers(wanted)))
        return await self._session.read(wire.ReceiptLine, queries, "receipt lines")

    async def find(self, action: CreateGoodsReceipt) -> Posting | None:
        """The receipt under this delivery note with goods of the order. Raises OutcomeUnknown for several."""
        note = action.delivery_note.strip()
        queries = queries_for(
            wire.Receipt, "YourRef", [text(case) for case in letter_cases(note)], with_lines=True
        )
        rows = await self._session.read(wire.Receipt, queries, "find receipt")
        unique = {row.id: row for row in rows if row.your_ref.casefold() == note.casefold()}
        same = [
            row
            for row in unique.values()
            if any(str(line.order_number) == action.order_number for line in row.receipt_lines)
        ]
        if len(same) > 1:
            told = ", ".join(sorted(str(row.number) for row in same))
            raise OutcomeUnknown(f"{NAME} holds several receipts under delivery note {note}: {told}")
        return _posting(same[0]) if same else None

    async def enter(self, action: CreateGoodsReceipt) -> Posting:
        body = {
            "ReceiptDate": action.received_on.isoformat(),
            "YourRef": action.delivery_note,
            "GoodsReceiptLines": await self._body_lines(action),
        }
        answer = await self._session.change("POST", wire.Receipt.resource, body, "post receipt")
        if not answer.ok:
            return await self._after_refusal(action, answer)
        return await self._read_back(action, answer)

    async def _body_lines(self, action: CreateGoodsReceipt) -> list[dict[str, Any]]:
        query = Query(wire.Order, f"OrderNumber eq {action.order_number}", with_lines=True)
        known = list(numbers([action.order_number]))
        rows = await self._session.read(wire.Order, [query] if known else [], "receive")
        ids = {str(line.line_number): line.id for row in rows for line in row.order_lines}
        received: dict[str, Decimal] = {}
        for line in action.lines:
            if line.order_line_id not in ids:
                raise ErpRejected(f"order {action.order_number} has no line {line.order_line_id} in {NAME}")
            key = ids[line.order_line_id]
            received[key] = received.get(key, Decimal(0)) + line.quantity
        return [
            {"PurchaseOrderLineID": key, "QuantityReceived": quantity} for key, quantity in received.items()
        ]

    async def _after_refusal(self, action: CreateGoodsReceipt, answer: Answer) -> Posting:
        refusal = self._session.refusal(answer)
        try:
            held = await self.find(action)
        except ErpError as error:
            raise OutcomeUnknown(
                f"{NAME} said: {refusal}; whether it entered the receipt all the same could not be looked "
                f"up: {error}",
                detail=refusal.detail,
            ) from error
        if held is None:
            raise refusal
        return held

    async def _read_back(self, action: CreateGoodsReceipt, answer: Answer) -> Posting:
        try:
            receipt_id = created_key(answer, "ID")
            query = Query(wire.Receipt, f"ID eq {guid(receipt_id)}")
            (row,) = await self._session.read(wire.Receipt, [query], "read back")
        except (ErpError, ValueError) as error:
            raise OutcomeUnknown(
                f"the receipt of {action.delivery_note} was entered in {NAME} and could not be read back: "
                f"{error}"
            ) from error
        return _posting(row)


def _posting(row: wire.Receipt) -> Posting:
    return Posting(
        erp_id=row.id,
        number=str(row.number),
        state=PostingState.POSTED,
        supplier_id=SupplierId(row.supplier_code) if row.supplier_code else None,
        posting_date=row.receipt_date,
        reference=row.your_ref or None,
    )


def order_numbers(lines: Sequence[wire.ReceiptLine]) -> set[str]:
    return {str(line.order_number) for line in lines if line.order_number is not None}
