"""Goods receipts, draft orders and changes of an order line: looked for, written once, read back.

A line of an order is written by its GUID and shown by its number; the GUID is read anew before each write.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tools.domain.decision import (
    AmendOrderLine,
    CreateGoodsReceipt,
    CreatePurchaseOrder,
    DraftOrderLine,
    Posting,
    ReceivedLine,
)
from tools.erp.afas import mapping, wire
from tools.erp.afas.filters import letter_cases
from tools.erp.afas.session import Session
from tools.erp.errors import ErpChanged, ErpError, ErpRejected, OutcomeUnknown

LONGEST_REFERENCE = 50
_LONGEST_TEXT = 255
PRODUCT = "2"


class Purchasing:
    """Carries out one action after the other. Every read is fresh."""

    def __init__(self, session: Session, setup: mapping.Setup, warehouse: str | None) -> None:
        self._session = session
        self._setup = setup
        self._warehouse = warehouse

    async def find_receipt(self, action: CreateGoodsReceipt) -> Posting | None:
        """The receipt of this order under the supplier's delivery note."""
        rows = await self._session.by(wire.ReceiptRow, "SoOr", [action.order_number], "find receipt")
        wanted = action.delivery_note.strip().casefold()
        same = [row for row in self._own(rows) if row.delivery_note.strip().casefold() == wanted]
        numbers = sorted({row.number for row in same})
        _check_single(numbers, f"delivery note {action.delivery_note}")
        return mapping.receipt_posting(same[0]) if same else None

    async def receive(self, action: CreateGoodsReceipt) -> Posting:
        _check_reference(action.delivery_note)
        rows = await self._order(action.order_number)
        head = rows[0]
        fields = {
            "CrId": head.creditor,
            "SoOr": head.number,
            "OrDa": action.received_on.isoformat(),
            "DaAc": action.received_on.isoformat(),
            "RfCs": action.delivery_note,
            "Unit": str(head.administration),
            "PuIn": "0",
            **_given("War", head.warehouse or self._warehouse),
        }
        lines = [self._received(rows, line) for line in action.lines]
        body = _message("FbGoodsReceived", fields, "FbGoodsReceivedLines", lines)
        keys = await self._session.change(
            "POST", "FbGoodsReceived", body, action.kind, lambda: self.find_receipt(action)
        )
        return await _read_back(self.find_receipt(action), "receipt", keys)

    def _received(self, rows: Sequence[wire.OrderRow], line: ReceivedLine) -> dict[str, Any]:
        row = _line_of(rows, line.order_line_id)
        return {
            "Fields": {
                "VaIt": row.item_type,
                "ItCd": row.item,
                "BiUn": row.unit,
                "QuUn": f"{line.quantity:f}",
                "SoOr": row.number,
                "SoGu": row.line_guid,
            }
        }

    async def find_order(self, action: CreatePurchaseOrder) -> Posting | None:
        """The supplier's order under our reference."""
        cases = letter_cases(action.reference.strip())
        rows = await self._session.by(wire.OrderRow, "RfCs", cases, "find order")
        wanted = action.reference.strip().casefold()
        same = [
            row
            for row in self._own(rows)
            if row.creditor == action.supplier_id and row.reference.strip().casefold() == wanted
        ]
        _check_single(sorted({row.number for row in same}), f"reference {action.reference}")
        return mapping.order_posting(same) if same else None

    async def create_order(self, action: CreatePurchaseOrder) -> Posting:
        """A draft: a buyer makes it definitive in Profit."""
        _check_reference(action.reference)
        fields = {
            "CrId": action.supplier_id,
            "CuId": action.currency,
            "RfCs": action.reference,
            "Unit": str(self._session.administration),
            "Fina": "0",
            **_given("War", self._warehouse),
        }
        lines = [self._ordered(line) for line in action.lines]
        body = _message("FbPurch", fields, "FbPurchLines", lines)
        keys = await self._session.change(
            "POST", "FbPurch", body, action.kind, lambda: self.find_order(action)
        )
        return await _read_back(self.find_order(action), "order", keys)

    def _ordered(self, line: DraftOrderLine) -> dict[str, Any]:
        if line.item_number is None:
            raise ErpRejected(
                f"an order line in AFAS needs an item; {line.description} names none", field="ItCd"
            )
        group = None if line.tax_code is None else self._setup.vat_group_of(line.tax_code)
        return {
            "Fields": {
                "VaIt": PRODUCT,
                "ItCd": line.item_number,
                "Ds": line.description[:_LONGEST_TEXT],
                "BiUn": self._setup.unit_of(line.unit),
                "QuUn": f"{line.quantity:f}",
                "Upri": f"{line.unit_price.amount:f}",
                **_given("VaRc", group),
            }
        }

    async def find_amended(self, action: AmendOrderLine) -> Posting | None:
        rows = await self._rows(action.order_number)
        row = next((row for row in rows if mapping.line_id(row) == action.order_line_id), None)
        if row is None or not _is_amended(row, action):
            return None
        return mapping.order_posting(rows)

    async def amend(self, action: AmendOrderLine, approved: str | None) -> Posting:
        """Raises ErpChanged where the order, read right before, is not the one of the version `approved` any
        more (None: nobody named one). Profit takes no version with a change: later ones are not seen."""
        rows = await self._order(action.order_number)
        versions = [order.version for order in mapping.orders(rows, self._setup)]
        if approved is not None and versions != [approved]:
            raise ErpChanged(f"order {action.order_number} was changed in AFAS since the change was approved")
        row = _line_of(rows, action.order_line_id)
        currency = row.currency or self._setup.currency
        if action.unit_price is not None and action.unit_price.currency != currency:
            raise ErpRejected(f"order {row.number} is in {currency}", field="Upri")
        fields = {"GuLi": row.line_guid}
        if action.quantity is not None:
            fields["QuUn"] = f"{action.quantity:f}"
        if action.unit_price is not None:
            fields["Upri"] = f"{action.unit_price.amount:f}"
        body = _message("FbPurch", {"OrNu": row.number}, "FbPurchLines", [{"Fields": fields}])
        keys = await self._session.change(
            "PUT", "FbPurch", body, action.kind, lambda: self.find_amended(action)
        )
        return await _read_back(self.find_amended(action), "changed order", keys)

    async def _rows(self, number: str) -> list[wire.OrderRow]:
        return self._own(await self._session.by(wire.OrderRow, "OrNu", [number], "order"))

    async def _order(self, number: str) -> list[wire.OrderRow]:
        rows = await self._rows(number)
        if not rows:
            raise ErpRejected(f"AFAS has no order {number}", field="OrNu")
        return rows

    def _own(self, rows: Sequence[Any]) -> list[Any]:
        own = self._session.administration
        return [row for row in rows if row.administration == own and row.is_item]


def _is_amended(row: wire.OrderRow, action: AmendOrderLine) -> bool:
    same_quantity = action.quantity is None or action.quantity == row.ordered
    return same_quantity and (action.unit_price is None or action.unit_price.amount == row.price)


def _line_of(rows: Sequence[wire.OrderRow], line_id: str) -> wire.OrderRow:
    for row in rows:
        if mapping.line_id(row) == line_id:
            return row
    raise ErpRejected(f"order {rows[0].number} has no line {line_id} in AFAS", field="GuLi")


def _message(root: str, fields: dict[str, str], name: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {root: {"Element": {"Fields": fields, "Objects": {name: {"Element": lines}}}}}


def _given(name: str, value: str | None) -> dict[str, str]:
    return {name: value} if value else {}


def _check_reference(text: str) -> None:
    """It is what the record is found by, so it is never cut."""
    if not text.strip() or len(text) > LONGEST_REFERENCE:
        raise ErpRejected(
            f"AFAS keeps 1 to {LONGEST_REFERENCE} characters of a reference, not {text!r}", field="RfCs"
        )


def _check_single(numbers: Sequence[str], what: str) -> None:
    if len(numbers) > 1:
        raise OutcomeUnknown(
            f"AFAS holds {len(numbers)} records under {what}: {', '.join(numbers)}; which one is meant must "
            "be decided by a person"
        )


async def _read_back(looking: Any, what: str, keys: dict[str, Any]) -> Posting:
    """It was written whatever happens here, so no failure may read as 'nothing happened'."""
    try:
        found: Posting | None = await looking
    except ErpError as error:
        told, detail = str(error), error.detail
    else:
        if found is not None:
            return found
        told, detail = "it is not in the GetConnector", ""
    number = keys.get("OrNu", "without a number")
    raise OutcomeUnknown(f"AFAS wrote {what} {number}, and it could not be read back: {told}", detail=detail)
