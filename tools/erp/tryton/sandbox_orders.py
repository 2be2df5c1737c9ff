"""Orders, movements and shipments of the company's books as rows of Tryton's models."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tools.domain.documents import OrderLine, OrderState
from tools.erp.sandbox.books import OrderCard, Receipt
from tools.erp.sandbox.company import Company
from tools.erp.tryton.sandbox_ids import Ids
from tools.erp.tryton.sandbox_masters import SUPPLIERS_PLACE, WAREHOUSE, Keyed, MasterRows

LINE, MOVE, SHIPMENT = "account.invoice.line", "stock.move", "stock.shipment.in"
_ORDER_STATES = {
    OrderState.DRAFT: "quotation",
    OrderState.OPEN: "processing",
    OrderState.CLOSED: "done",
    OrderState.CANCELLED: "cancelled",
}


class Pending:
    """Shipments that were announced and not received yet: the books know them only once they are done."""

    def __init__(self) -> None:
        self.shipments: dict[int, dict[str, Any]] = {}
        """Id -> row; `moves` maps order line -> quantity."""


@dataclass(frozen=True)
class Billing:
    """How orders are billed: `manual` or `order`, and who bills the ones that somebody else does."""

    method: str
    parties: Mapping[str, str]


class OrderRows:
    """Each method gives the rows of one model; `rows` gives those of any other."""

    def __init__(
        self,
        company: Company,
        masters: MasterRows,
        ids: Ids,
        pending: Pending,
        billing: Billing,
        rows: Callable[[str], Mapping[int, dict[str, Any]]],
    ) -> None:
        self._company = company
        self._books = company.books
        self.masters = masters
        self.ids = ids
        self._pending = pending
        self._billing = billing
        self.rows = rows
        self.models: Mapping[str, Callable[[], Keyed]] = {
            "company.employee": self._employees,
            "purchase.purchase": self._orders,
            "purchase.line": self._order_lines,
            MOVE: self._moves,
            SHIPMENT: self._shipments,
        }

    def order_line(self, number: str, line_id: str) -> int:
        """A line's number in Tryton: the company's own where no other order has it already."""
        key = (number, line_id)
        wanted = int(line_id) if line_id.isdecimal() else 0
        if (
            wanted
            and not self.ids.is_known("purchase.line", key)
            and self.ids.is_free("purchase.line", wanted)
        ):
            self.ids.name("purchase.line", key, wanted)
        return self.ids.of("purchase.line", key)

    def _lines(self) -> Iterator[tuple[OrderCard, OrderLine]]:
        for card in self._books.plain_orders():
            for line in card.order.lines:
                if not line.cancelled:
                    yield card, line

    def _employees(self) -> Keyed:
        for name in sorted({card.order.buyer for card in self._books.plain_orders() if card.order.buyer}):
            yield self.ids.of("company.employee", name), {"rec_name": name}

    def _orders(self) -> Keyed:
        for card in self._books.plain_orders():
            order = card.order
            # What was created here is a draft without a number until a buyer quotes it.
            biller = self._billing.parties.get(order.number)
            is_draft = order.state is OrderState.DRAFT and card.reference is not None
            row = {
                "number": None if is_draft else order.number,
                "description": card.reference,
                "state": "draft" if is_draft else _ORDER_STATES[order.state],
                "purchase_date": order.ordered_on,
                "party": self.masters.party(order.supplier_id),
                "currency": self.masters.currency(order.currency),
                "quoted_by": self.ids.of("company.employee", order.buyer) if order.buyer else None,
                "lines": [self.order_line(order.number, x.line_id) for x in order.lines if not x.cancelled],
                "warehouse": WAREHOUSE,
                "invoice_method": self._billing.method,
                "invoice_party": None if biller is None else self.masters.party(biller),
                "company": 1,
                "create_date": card.changed_at,
                "write_date": card.changed_at,
                "_timestamp": f"{order.version}.0",
            }
            yield self.ids.of("purchase.purchase", order.number), row

    def _order_lines(self) -> Keyed:
        moves, billed = self._moves_by_line(), self._billed_by_line()
        for card, line in self._lines():
            key = self.order_line(card.order.number, line.line_id)
            price = line.unit_price.amount / line.price_base * (100 - line.discount_percent) / 100
            row = {
                "type": "line",
                "purchase": self.ids.of("purchase.purchase", card.order.number),
                "sequence": None,
                "description": line.description,
                "quantity": line.ordered,
                "unit_price": price,
                "delivery_date": line.expected_on,
                "unit": self.masters.unit(line.unit),
                "product": self.masters.product(line.item_number),
                "taxes": self.masters.tax(line.tax_code),
                "moves": moves.get(key, []),
                "invoice_lines": billed.get(key, []),
                "create_date": card.changed_at,
                "write_date": card.changed_at,
            }
            yield key, row

    def _moves_by_line(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for key, row in self.rows(MOVE).items():
            found.setdefault(int(row["origin"].partition(",")[2]), []).append(key)
        return found

    def _billed_by_line(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for key, row in self.rows(LINE).items():
            if row["origin"] is not None:
                found.setdefault(int(row["origin"].partition(",")[2]), []).append(key)
        return found

    def _moves(self) -> Keyed:
        for receipt in self._books.receipts.values():
            for position in range(len(receipt.lines)):
                yield self.ids.of(MOVE, (receipt.number, position)), self._done(receipt, position)
        announced = {
            line: (key, quantity)
            for key, row in self._pending.shipments.items()
            for line, quantity in row["moves"].items()
        }
        for card, line in self._lines():
            left = line.ordered - line.received
            if card.order.state is OrderState.OPEN and line.item_number is not None and left > 0:
                number = self.order_line(card.order.number, line.line_id)
                shipment, quantity = announced.get(number, (None, left))
                key = self.ids.of(MOVE, ("open", number, line.received))
                yield key, {**self._move(card, line, quantity), "shipment": _of(SHIPMENT, shipment)}

    def _move(self, card: OrderCard, line: OrderLine, quantity: Decimal) -> dict[str, Any]:
        return {
            "origin": f"purchase.line,{self.order_line(card.order.number, line.line_id)}",
            "quantity": quantity,
            "unit": self.masters.unit(line.unit),
            "product": self.masters.product(line.item_number),
            "from_location": SUPPLIERS_PLACE,
            "state": "draft",
            "effective_date": None,
            "shipment": None,
            "create_date": card.changed_at,
            "write_date": card.changed_at,
        }

    def _done(self, receipt: Receipt, position: int) -> dict[str, Any]:
        received = receipt.lines[position]
        card = self._company.purchasing.card(receipt.order_number)
        line = self._company.purchasing.line(receipt.order_number, received.order_line_id)
        return {
            **self._move(card, line, received.kept),
            "state": "done",
            "effective_date": receipt.received_on,
            "shipment": _of(SHIPMENT, self.ids.of(SHIPMENT, receipt.number)),
            "create_date": receipt.changed_at,
            "write_date": receipt.changed_at,
        }

    def _shipments(self) -> Keyed:
        for receipt in self._books.receipts.values():
            row = {
                "number": receipt.number,
                "reference": receipt.delivery_note,
                "state": "done",
                "effective_date": receipt.received_on,
                "supplier": self.masters.party(receipt.supplier_id),
                "incoming_moves": [self.ids.of(MOVE, (receipt.number, n)) for n in range(len(receipt.lines))],
                "company": 1,
            }
            yield self.ids.of(SHIPMENT, receipt.number), row
        for key, pending in self._pending.shipments.items():
            moves = [move for move, row in self.rows(MOVE).items() if row["shipment"] == _of(SHIPMENT, key)]
            yield key, {**pending, "number": f"S{key}", "incoming_moves": moves, "company": 1}


def _of(model: str, key: int | None) -> str | None:
    return None if key is None else f"{model},{key}"
