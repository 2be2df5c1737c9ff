"""Shipments of suppliers and draft orders in Tryton's way."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tools.domain.documents import OrderLine
from tools.domain.money import Money
from tools.erp.sandbox.company import Company
from tools.erp.tryton.sandbox_lines import booked, known
from tools.erp.tryton.sandbox_orders import MOVE, SHIPMENT, Pending
from tools.erp.tryton.sandbox_records import Records
from tools.erp.tryton.sandbox_schema import Crash, UserError, check, models


class Shipments:
    """Announced, received, done. Only what is done stands in the books."""

    def __init__(self, company: Company, records: Records, pending: Pending) -> None:
        self._company = company
        self._records = records
        self._pending = pending

    def create(self, vlist: Any) -> list[int]:
        return [self._create(values) for values in vlist]

    def _create(self, values: Any) -> int:
        given = check(SHIPMENT, values)
        for name, field in models()[SHIPMENT].items():
            if field.required and given.get(name) is None:
                raise UserError(f'A value is required for field "{name}" in "Stock Shipment In".')
        moves: dict[int, Decimal] = {}
        for command, ids, *more in given.get("incoming_moves", []):
            if command not in ("add", "write") or (command == "write" and set(more[0]) != {"quantity"}):
                raise UserError(f"This sandbox does not know {command} for movements.")
            for key in ids:
                row = self._open_move(key)
                line = int(row["origin"].partition(",")[2])
                moves[line] = check(MOVE, more[0])["quantity"] if more else row["quantity"]
        key = self._records.ids.of(
            SHIPMENT, ("announced", len(self._records.rows(SHIPMENT)), given["reference"])
        )
        self._pending.shipments[key] = {
            "reference": given.get("reference"),
            "effective_date": given.get("effective_date"),
            "supplier": given["supplier"],
            "state": "draft",
            "moves": moves,
        }
        return key

    def _open_move(self, key: int) -> Any:
        row = self._records.rows(MOVE).get(key)
        if row is None:
            raise Crash(f"record {key} of {MOVE} does not exist")
        if row["state"] != "draft" or row["shipment"] is not None:
            raise UserError("The movement is on another shipment or is done.")
        return row

    def receive(self, ids: Sequence[int]) -> None:
        for key in ids:
            self._in_state(key, "draft")["state"] = "received"

    def do(self, ids: Sequence[int]) -> None:
        for key in ids:
            row = self._in_state(key, "received")
            orders: dict[str, dict[str, Decimal]] = {}
            for line, quantity in row["moves"].items():
                order, line_id = self._records.ids.pair("purchase.line", line)
                orders.setdefault(order, {})[line_id] = quantity
            if len(orders) != 1:
                raise UserError("This sandbox books shipments of one order.")
            for order, quantities in orders.items():
                made = booked(
                    lambda: self._company.purchasing.receive(
                        order,  # noqa: B023
                        quantities,  # noqa: B023
                        row["effective_date"],  # noqa: B023
                        delivery_note=row["reference"],  # noqa: B023
                    )
                )
                self._records.ids.name(SHIPMENT, made.number, key)
            del self._pending.shipments[key]

    def _in_state(self, key: int, state: str) -> dict[str, Any]:
        row = self._pending.shipments.get(key)
        if row is None or row["state"] != state:
            raise UserError(f"The shipment is not {state}.")
        return row


class Orders:
    """Draft orders; what buyers do with them is not served."""

    def __init__(self, company: Company, records: Records) -> None:
        self._company = company
        self._records = records

    def create(self, vlist: Any) -> list[int]:
        return [self._create(values) for values in vlist]

    def _create(self, values: Any) -> int:
        given = check("purchase.purchase", values)
        for name in ("company", "party", "currency"):
            if given.get(name) is None:
                raise UserError(f'A value is required for field "{name}" in "Purchase".')
        currency = known(self._records, "currency.currency", given["currency"])
        rows = [row for _, added in given.get("lines", []) for row in added]
        lines = [self._line(10 * place, row, currency) for place, row in enumerate(rows, start=1)]
        supplier = known(self._records, "party.party", given["party"])
        card = booked(
            lambda: self._company.purchasing.create_order(
                supplier, currency, lines, reference=given.get("description")
            )
        )
        return self._records.ids.of("purchase.purchase", card.order.number)

    def _line(self, place: int, values: Any, currency: str) -> OrderLine:
        given = check("purchase.line", values)
        for name in ("product", "quantity", "unit", "unit_price"):
            if given.get(name) is None:
                raise UserError(f'A value is required for field "{name}" in "Purchase Line".')
        taxes = [key for _, ids in given.get("taxes", []) for key in ids]
        return OrderLine(
            line_id=str(place),
            item_number=known(self._records, "product.product", given["product"]),
            description=given.get("description") or "",
            unit=known(self._records, "product.uom", given["unit"]),
            ordered=given["quantity"],
            unit_price=Money(amount=given["unit_price"], currency=currency),
            tax_code=known(self._records, "account.tax", taxes[0]) if taxes else None,
        )
