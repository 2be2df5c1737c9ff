"""Which goods receipts an invoice item names, where an order is invoiced by its receipts.

SAP wants number, year and item of the material document if and only if the order's item is invoiced that way;
an item that covers several receipts becomes several items, whose amounts add up to the cent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from tools.domain.money import Money, round_amount
from tools.erp.errors import ErpRejected
from tools.erp.sap.documents import InvoiceState, Movement, OrderItem, OrderReference
from tools.erp.sap.fulfilment import BLOCKED_STOCK, UnitOf, counts, in_unit

ReceiptKey = tuple[str, str, str]
"""Year, material document, item without leading zeros."""
_GIVES_BACK = frozenset({"123", "162"})
"""Movements that take a return back: no receipts of their own."""


@dataclass(frozen=True)
class Share:
    """One item to send; `receipt` is absent where none is to be named."""

    receipt: ReceiptKey | None
    quantity: Decimal
    net: Decimal


@dataclass
class OpenReceipts:
    """What came in and what of it was billed. `share` takes from it, so two lines never bill one receipt."""

    received: dict[ReceiptKey, Decimal] = field(default_factory=dict)
    billed: dict[ReceiptKey, Decimal] = field(default_factory=dict)
    of_item: dict[tuple[str, str], list[ReceiptKey]] = field(default_factory=dict)

    def share(self, item: OrderItem, quantity: Decimal, net: Money, *, credit: bool) -> list[Share]:
        """The receipt that fits exactly, else the oldest first. A credit memo names what was billed. Raises
        ErpRejected when the receipts do not cover the quantity."""
        keys = self.of_item.get((item.purchase_order, item.line_id), [])
        left = {key: self._open(key, credit=credit) for key in keys}
        left = {key: value for key, value in left.items() if value > 0}
        if sum(left.values(), Decimal(0)) < quantity:
            covered = sum(left.values(), Decimal(0))
            raise ErpRejected(
                f"item {item.line_id} of order {item.purchase_order} is invoiced by its goods receipts, and "
                f"these cover {covered:f} of {quantity:f}",
                field="ReferenceDocument",
            )
        exact = [key for key, value in left.items() if value == quantity]
        taken = {exact[0]: quantity} if exact else _oldest_first(left, quantity)
        for key, value in taken.items():
            self.billed[key] = self.billed.get(key, Decimal(0)) + (-value if credit else value)
        return _with_amounts(taken, quantity, net)

    def _open(self, key: ReceiptKey, *, credit: bool) -> Decimal:
        billed = self.billed.get(key, Decimal(0))
        return billed if credit else self.received[key] - billed


def _oldest_first(left: Mapping[ReceiptKey, Decimal], quantity: Decimal) -> dict[ReceiptKey, Decimal]:
    taken: dict[ReceiptKey, Decimal] = {}
    for key, value in left.items():
        part = min(value, quantity)
        if part > 0:
            taken[key] = part
            quantity -= part
    return taken


def _with_amounts(taken: Mapping[ReceiptKey, Decimal], quantity: Decimal, net: Money) -> list[Share]:
    """Each amount is the difference of two rounded running totals, so they add up."""
    shares, running, given = [], Decimal(0), Decimal(0)
    for key, value in taken.items():
        running += value
        until = round_amount(net.amount * running / quantity, net.currency)
        shares.append(Share(key, value, until - given))
        given = until
    return shares


def open_receipts(
    movements: Iterable[Movement],
    items: Collection[OrderItem],
    unit_of: UnitOf,
    references: Iterable[OrderReference],
    states: Mapping[tuple[str, str], InvoiceState],
) -> OpenReceipts:
    """Receipts in the order's unit, oldest first, less what went back, with what posted invoices billed of
    each."""
    found = OpenReceipts()
    units = {(item.purchase_order, item.line_id): item.purchase_order_quantity_unit for item in items}
    moves = [
        move
        for move in sorted(movements, key=_age)
        if _item(move) in units and move.goods_movement_type not in BLOCKED_STOCK
    ]
    for move in moves:
        quantity = in_unit(move, units[_item(move)], unit_of)
        if quantity and move.debit_credit_code != "H" and move.goods_movement_type not in _GIVES_BACK:
            found.received[_key(move)] = quantity
            found.of_item.setdefault(_item(move), []).append(_key(move))
    whole = dict(found.received)
    cancelled = {_key(move) for move in moves if move.goods_movement_is_cancelled}
    # Numbers of returns may come from another range: all receipts are known before the first is reduced.
    for move in moves:
        keys = _nearest(found.of_item.get(_item(move), ()), move, cancelled)
        quantity = in_unit(move, units[_item(move)], unit_of)
        if move.debit_credit_code == "H":
            _take(found.received, keys, quantity)
        elif move.goods_movement_type in _GIVES_BACK:
            _give(found.received, whole, keys, quantity or Decimal(0))
    found.of_item = {
        item: [key for key in keys if key not in cancelled] for item, keys in found.of_item.items()
    }
    for reference in references:
        state = states.get((reference.supplier_invoice, reference.fiscal_year))
        if state is None or not counts(state) or reference.is_subsequent_debit_credit:
            continue
        key = (
            reference.reference_document_fiscal_year,
            reference.reference_document,
            reference.reference_document_item.lstrip("0"),
        )
        credit = bool(state.supplier_invoice_is_credit_memo)
        quantity = reference.quantity_in_purchase_order_unit
        found.billed[key] = found.billed.get(key, Decimal(0)) + (-quantity if credit else quantity)
    return found


def _item(move: Movement) -> tuple[str, str]:
    return move.purchase_order, move.purchase_order_item.lstrip("0")


def _key(move: Movement) -> ReceiptKey:
    return move.material_document_year, move.material_document, move.material_document_item.lstrip("0")


def _nearest(
    keys: Iterable[ReceiptKey], move: Movement, cancelled: Collection[ReceiptKey]
) -> list[ReceiptKey]:
    """Receipts that a movement back is about: the one it names, then those that were cancelled, then the last
    ones before it, then the first ones after it."""
    own = _key(move)
    named = (move.origin_year, move.origin, move.origin_item.lstrip("0"))
    before = sorted((key for key in keys if key < own), reverse=True)
    ordered = [*before, *sorted(key for key in keys if key > own)]
    return sorted(ordered, key=lambda key: (key != named, key not in cancelled))


def _take(received: dict[ReceiptKey, Decimal], keys: Iterable[ReceiptKey], quantity: Decimal | None) -> None:
    """`None`: it went back in a unit that nothing relates, so nothing of the item counts as open."""
    for key in keys:
        part = received[key] if quantity is None else min(received[key], quantity)
        received[key] -= part
        quantity = None if quantity is None else quantity - part


def _give(
    received: dict[ReceiptKey, Decimal],
    whole: Mapping[ReceiptKey, Decimal],
    keys: Iterable[ReceiptKey],
    quantity: Decimal,
) -> None:
    """A return that was cancelled itself: the receipt stands again."""
    for key in keys:
        part = min(whole[key] - received[key], quantity)
        received[key] += part
        quantity -= part


def _age(move: Movement) -> tuple[str, str, int]:
    item = move.material_document_item
    return move.material_document_year, move.material_document, int(item) if item.isdigit() else 0
