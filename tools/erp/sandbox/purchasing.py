"""Orders and goods receipts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from tools.domain.documents import OrderLine, OrderState, PurchaseOrder
from tools.domain.identifiers import CompanyId, OrderNumber, SupplierId
from tools.domain.money import Money
from tools.erp.sandbox.books import Books, Clearing, OrderCard, Receipt, ReceivedQuantity
from tools.erp.sandbox.entries import LedgerRow
from tools.erp.sandbox.ledger import Ledger, Voucher, row
from tools.erp.sandbox.master import MasterData, check_version
from tools.erp.sandbox.refusal import Refusal, Refused


def unit_value(line: OrderLine, rate: Decimal) -> Decimal:
    """Company currency for one order unit: price base, discount and rate applied, not rounded."""
    return line.unit_price.amount / line.price_base * (100 - line.discount_percent) / 100 * rate


class Purchasing:
    def __init__(
        self, books: Books, master: MasterData, ledger: Ledger, clock: Callable[[], datetime]
    ) -> None:
        self._books = books
        self._master = master
        self._ledger = ledger
        self._clock = clock

    def card(self, number: str) -> OrderCard:
        card = self._books.orders.get(number)
        if card is None:
            raise Refused(
                Refusal.UNKNOWN_ORDER, f"The purchase order {number} does not exist.", "order_number"
            )
        return card

    def order(self, number: str) -> PurchaseOrder:
        return self.card(number).order

    def line(self, number: str, line_id: str) -> OrderLine:
        for line in self.order(number).lines:
            if line.line_id == line_id:
                return line
        raise Refused(
            Refusal.UNKNOWN_ORDER_LINE, f"The order {number} has no line {line_id}.", "order_line_id"
        )

    def open_line(self, number: str, line_id: str) -> OrderLine:
        """A line that may still be received or billed. Raises Refused ORDER_NOT_OPEN."""
        line = self.line(number, line_id)
        state = self.order(number).state
        if state is not OrderState.OPEN or line.cancelled:
            shown = "cancelled" if line.cancelled else state
            raise Refused(
                Refusal.ORDER_NOT_OPEN, f"The order {number} line {line_id} is {shown}.", "order_number"
            )
        return line

    def change_line(
        self, number: str, line: OrderLine, clearing: Clearing | None = None, **header: object
    ) -> OrderCard:
        """Replaces one line (and its GR/IR), counts the version up and stamps the change."""
        card = self.card(number)
        lines = tuple(line if kept.line_id == line.line_id else kept for kept in card.order.lines)
        moved = card.clearing if clearing is None else {**card.clearing, line.line_id: clearing}
        return self._keep(card.model_copy(update={"clearing": moved}), lines=lines, **header)

    def change_state(self, number: str, state: OrderState) -> OrderCard:
        """What a buyer does: releases, closes or cancels the order."""
        return self._keep(self.card(number), state=state)

    def _keep(self, card: OrderCard, **changes: object) -> OrderCard:
        version = str(int(card.order.version) + 1)
        order = card.order.model_copy(update={**changes, "version": version})
        card = card.model_copy(update={"order": order, "changed_at": self._clock()})
        self._books.orders[order.number] = card
        return card

    def amend_line(
        self,
        number: str,
        line_id: str,
        *,
        quantity: Decimal | None = None,
        unit_price: Money | None = None,
        version: str | None = None,
    ) -> PurchaseOrder:
        """Changes what is ordered. Raises Refused: STALE_VERSION, ORDER_NOT_OPEN, BELOW_FULFILLED,
        CURRENCY_DIFFERS, INVALID_VALUE."""
        order = self.order(number)
        check_version(version, order.version, f"order {number}")
        line = self.line(number, line_id)
        if order.state not in (OrderState.OPEN, OrderState.DRAFT) or line.cancelled:
            raise Refused(Refusal.ORDER_NOT_OPEN, f"The order {number} cannot be changed.", "order_number")
        changes: dict[str, object] = {}
        if quantity is not None:
            if quantity < max(line.received, line.invoiced) or quantity < 0:
                raise Refused(
                    Refusal.BELOW_FULFILLED,
                    f"{quantity} is less than what was received or billed on line {line_id}.",
                    "quantity",
                )
            changes["ordered"] = quantity
        if unit_price is not None:
            if unit_price.currency != order.currency:
                raise Refused(Refusal.CURRENCY_DIFFERS, f"The order is in {order.currency}.", "unit_price")
            if unit_price.amount < 0:
                raise Refused(Refusal.INVALID_VALUE, "A price cannot be negative.", "unit_price")
            changes["unit_price"] = unit_price
        return self.change_line(number, line.model_copy(update=changes)).order

    def create_order(
        self, supplier_id: str, currency: str, lines: Sequence[OrderLine], *, reference: str | None = None
    ) -> OrderCard:
        """A draft order with the next number. Raises Refused for anything it does not know."""
        self._master.check_may_post(supplier_id)
        self._master.check_currency(currency)
        if not lines:
            raise Refused(Refusal.NOTHING_TO_POST, "An order needs a line.", "lines")
        for line in lines:
            self._check_new_line(line, currency)
        now = self._clock()
        order = PurchaseOrder(
            number=OrderNumber(self._master.number("order", "PO", 900001)),
            company=CompanyId(self._books.settings.company),
            supplier_id=SupplierId(supplier_id),
            currency=currency,
            state=OrderState.DRAFT,
            ordered_on=now.date(),
            lines=tuple(lines),
            version="1",
        )
        card = OrderCard(order=order, reference=reference, changed_at=now)
        self._books.orders[order.number] = card
        return card

    def delete_order(self, number: str) -> None:
        """A draft that was never released is taken out. Raises Refused ORDER_NOT_OPEN for any other."""
        if self.order(number).state is not OrderState.DRAFT:
            raise Refused(Refusal.ORDER_NOT_OPEN, f"The order {number} is no draft.", "order_number")
        del self._books.orders[number]

    def _check_new_line(self, line: OrderLine, currency: str) -> None:
        self._master.check_unit(line.unit)
        if line.item_number is not None:
            self._master.item(line.item_number)
        if line.account is not None:
            self._master.direct_account(line.account)
        if line.item_number is None and line.account is None:
            raise Refused(Refusal.VALUE_MISSING, "A line needs an item or an account.", "account")
        if line.tax_code is not None:
            self._master.tax_code(line.tax_code)
        if line.ordered <= 0:
            raise Refused(Refusal.INVALID_VALUE, "The quantity must be positive.", "quantity")
        if line.unit_price.currency != currency:
            raise Refused(Refusal.CURRENCY_DIFFERS, f"The order is in {currency}.", "unit_price")

    def debit_account(self, line: OrderLine) -> str:
        """Where the goods go: the item's inventory, or the line's expense account."""
        if line.item_number is not None:
            return self._master.item(line.item_number).inventory_account
        if line.account is not None:
            return line.account
        raise Refused(Refusal.VALUE_MISSING, f"Order line {line.line_id} has no account.", "account")

    def receive(
        self,
        number: str,
        lines: Mapping[str, Decimal],
        received_on: date,
        *,
        delivery_note: str | None = None,
        receipt_number: str | None = None,
        version: str | None = None,
    ) -> Receipt:
        """Books goods in: order line id -> quantity in the order line's unit. Raises Refused:
        STALE_VERSION, PERIOD_CLOSED, ORDER_NOT_OPEN, OVER_RECEIPT, INVALID_VALUE, NOTHING_TO_POST."""
        order = self.order(number)
        check_version(version, order.version, f"order {number}")
        self._master.check_may_post(order.supplier_id)
        self._master.check_open(received_on)
        rate = self._master.rate(order.currency, received_on)
        if not lines:
            raise Refused(Refusal.NOTHING_TO_POST, "There is nothing to receive.", "lines")
        moves = [self._move(number, line_id, quantity, rate) for line_id, quantity in lines.items()]
        rows = [entered for move in moves for entered in move[2]]
        self._ledger.check_rows(rows)
        receipt = receipt_number or self._master.number("receipt", "GR", 700001)
        if any(entered.debit or entered.credit for entered in rows):
            self._ledger.enter(
                Voucher("receipt", received_on, receipt, rows, delivery_note, order.supplier_id, rate)
            )
        for line, clearing, _ in moves:
            self.change_line(number, line, clearing)
        kept = Receipt(
            number=receipt,
            order_number=number,
            supplier_id=order.supplier_id,
            delivery_note=delivery_note,
            received_on=received_on,
            lines=tuple(ReceivedQuantity(order_line_id=key, quantity=value) for key, value in lines.items()),
            changed_at=self._clock(),
        )
        self._books.receipts[receipt] = kept
        return kept

    def inspect(
        self, receipt: str, order_line_id: str, accepted: Decimal | None, *, has_exception: bool = False
    ) -> Receipt:
        """What quality inspection and the receiver note on a receipt; no amount moves. The order line counts
        what was accepted of all its receipts. Raises Refused INVALID_VALUE."""
        kept = self._books.receipts.get(receipt)
        rows = () if kept is None else kept.lines
        row = next((row for row in rows if row.order_line_id == order_line_id), None)
        if kept is None or row is None or (accepted is not None and not 0 <= accepted <= row.quantity):
            raise Refused(
                Refusal.INVALID_VALUE, f"{accepted} of receipt {receipt} cannot be accepted.", "accepted"
            )
        noted = row.model_copy(update={"accepted": accepted, "has_exception": has_exception})
        lines = tuple(noted if other is row else other for other in rows)
        kept = kept.model_copy(update={"lines": lines, "changed_at": self._clock()})
        self._books.receipts[receipt] = kept
        counted = self._accepted(kept.order_number, order_line_id)
        line = self.line(kept.order_number, order_line_id)
        self.change_line(kept.order_number, line.model_copy(update={"accepted": counted}))
        return kept

    def _accepted(self, number: str, line_id: str) -> Decimal | None:
        rows = (row for receipt in self.receipts_of(number) for row in receipt.lines)
        found = [row.accepted for row in rows if row.order_line_id == line_id and row.accepted is not None]
        return sum(found, Decimal(0)) if found else None

    def _move(
        self, number: str, line_id: str, quantity: Decimal, rate: Decimal
    ) -> tuple[OrderLine, Clearing, list[LedgerRow]]:
        line = self.open_line(number, line_id)
        if quantity <= 0:
            raise Refused(Refusal.INVALID_VALUE, "A received quantity must be positive.", "quantity")
        allowed = line.ordered * (100 + self._books.settings.receipt_tolerance) / 100
        if line.received + quantity > allowed:
            raise Refused(
                Refusal.OVER_RECEIPT,
                f"Line {line_id} of order {number}: {line.received + quantity} received of {line.ordered}.",
                "quantity",
            )
        before = self.card(number).clearing.get(line_id, Clearing())
        received = line.model_copy(update={"received": line.received + quantity})
        if not line.receipt_required:
            return received, before, []
        after, value = before.moved(quantity, unit_value(line, rate), self._books.settings.currency)
        text = f"Receipt of {quantity} {line.unit} {line.description}"
        rows = [
            row(self.debit_account(line), value, description=text),
            row(self._books.settings.controls.gr_ir, -value, description=text),
        ]
        return received, after, rows

    def receipts_of(self, number: str) -> list[Receipt]:
        return [receipt for receipt in self._books.receipts.values() if receipt.order_number == number]
