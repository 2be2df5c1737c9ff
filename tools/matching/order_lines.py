"""The lines of orders as matching needs them: exact net price for one unit and what is still open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from tools.domain.documents import GoodsReceipt, OrderLine, PurchaseOrder, ReceiptLine
from tools.domain.units import UnitMismatch, factor, unit_code
from tools.matching.billing import Billed, BilledBefore, OrderLineKey
from tools.matching.invoice_lines import BillableLine

Conversions = Mapping[str, Mapping[str, Fraction]]
"""Item number -> unit -> how many of the item's base unit."""


@dataclass(frozen=True, slots=True)
class OpenLine:
    """One order line. Quantities are in its unit, values without tax in the order's currency."""

    order: PurchaseOrder
    line: OrderLine
    price: Fraction
    """For one unit, discount and price base applied."""
    received: Fraction
    """What may be billed by receipt: accepted by inspection where the ERP inspects."""
    billed_before: Fraction
    value_before: Fraction

    @property
    def key(self) -> OrderLineKey:
        return (self.order.number, self.line.line_id)

    @property
    def unit(self) -> str:
        return unit_code(self.line.unit) or self.line.unit

    @property
    def ordered(self) -> Fraction:
        return Fraction(0) if self.line.cancelled else Fraction(self.line.ordered)

    @property
    def open_to_bill(self) -> Fraction:
        return self.ordered - self.billed_before

    @property
    def receivable_now(self) -> Fraction:
        return self.received - self.billed_before

    @property
    def name(self) -> str:
        return f"order {self.order.number} line {self.line.line_id}"


def open_lines(
    orders: Iterable[PurchaseOrder], receipts: Iterable[GoodsReceipt], billed: BilledBefore
) -> tuple[OpenLine, ...]:
    """All lines of the orders with what was received and billed so far."""
    noted = list(receipts)
    return tuple(
        _open(order, line, noted, billed.get((order.number, line.line_id), Billed()))
        for order in orders
        for line in order.lines
    )


def _open(order: PurchaseOrder, line: OrderLine, receipts: list[GoodsReceipt], before: Billed) -> OpenLine:
    price = _net_price(line)
    counted = Fraction(line.invoiced)
    counted_value = counted * price if before.erp_value is None else Fraction(before.erp_value)
    return OpenLine(
        order=order,
        line=line,
        price=price,
        received=_received(order, line, receipts),
        billed_before=counted + Fraction(before.quantity),
        value_before=counted_value + Fraction(before.value),
    )


def _net_price(line: OrderLine) -> Fraction:
    listed = Fraction(line.unit_price.amount) / Fraction(line.price_base or 1)
    return listed * (1 - Fraction(line.discount_percent) / 100)


def _received(order: PurchaseOrder, line: OrderLine, receipts: list[GoodsReceipt]) -> Fraction:
    """The ERP's own count wins; receipts are added up only where the order tells nothing."""
    if line.accepted is not None:
        return Fraction(line.accepted)
    if line.received:
        return Fraction(line.received)
    rows = (row for receipt in receipts if receipt.order_number == order.number for row in receipt.lines)
    return sum((_in_unit(row, line) for row in rows if _fulfils(row, line, order)), Fraction(0))


def _fulfils(row: ReceiptLine, line: OrderLine, order: PurchaseOrder) -> bool:
    """A receipt that does not name the order line counts only for an item ordered on one line."""
    if row.order_line_id is not None:
        return row.order_line_id == line.line_id
    same = [other for other in order.lines if other.item_number == row.item_number]
    return row.item_number is not None and same == [line]


def _in_unit(row: ReceiptLine, line: OrderLine) -> Fraction:
    """A receipt in a unit that does not convert counts as nothing: a person must look."""
    try:
        share = factor(unit_code(row.unit) or row.unit, unit_code(line.unit) or line.unit)
    except UnitMismatch:
        return Fraction(0)
    return Fraction(row.quantity) * share


def order_units(billed: BillableLine, wanted: OpenLine, conversions: Conversions) -> Fraction | None:
    """How many order units are in one unit of the invoice line; None where nothing relates them.

    A document that names no unit means the order's.
    """
    printed = (billed.line.unit or "").strip()
    if not printed or printed.casefold() == wanted.line.unit.casefold():
        return Fraction(1)
    if billed.unit is None:
        return None
    try:
        return factor(billed.unit, wanted.unit, conversions.get(wanted.line.item_number or ""))
    except UnitMismatch:
        return None
