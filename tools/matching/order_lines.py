"""The lines of orders as matching needs them: exact net price for one unit and what is still open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tools.domain.documents import GoodsReceipt, OrderLine, PurchaseOrder, ReceiptLine
from tools.domain.findings import MatchDepth
from tools.domain.units import UnitMismatch, as_decimal, factor, unit_code
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
    delivered: Fraction = Fraction(0)
    """Received, whatever inspection said."""
    accepted: Fraction | None = None
    """None where nothing was inspected."""
    exceptions: int = 0
    """Receipt rows that the receiver marked."""

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
    def is_service(self) -> bool:
        """As the ERP says; else a line that needs no receipt is one."""
        told = self.line.is_service
        return not self.line.receipt_required if told is None else told

    @property
    def name(self) -> str:
        return f"order {self.order.number} line {self.line.line_id}"


def natural_depth(wanted: OpenLine) -> MatchDepth:
    """How deep an order line is compared by what it needs: a receipt, an inspection."""
    if not wanted.line.receipt_required:
        return MatchDepth.TWO_WAY
    return MatchDepth.THREE_WAY if wanted.accepted is None else MatchDepth.FOUR_WAY


class _Receipts:
    """The rows of receipts by what they fulfil, so that an order line finds its own at once."""

    def __init__(self, receipts: Iterable[GoodsReceipt]) -> None:
        self._by_line: dict[tuple[str, str | None], list[ReceiptLine]] = {}
        for receipt in receipts:
            for row in receipt.lines:
                self._by_line.setdefault((receipt.order_number, row.order_line_id), []).append(row)

    def of(self, order: PurchaseOrder, line: OrderLine, items: Counter[str | None]) -> list[ReceiptLine]:
        """A row that does not name the order line counts only for an item ordered on one line."""
        named = self._by_line.get((order.number, line.line_id), [])
        if line.item_number is None or items[line.item_number] != 1:
            return named
        loose = self._by_line.get((order.number, None), [])
        return [*named, *(row for row in loose if row.item_number == line.item_number)]


def open_lines(
    orders: Iterable[PurchaseOrder], receipts: Iterable[GoodsReceipt], billed: BilledBefore
) -> tuple[OpenLine, ...]:
    """All lines of the orders with what was received and billed so far."""
    noted, found = _Receipts(receipts), []
    for order in orders:
        items = Counter(line.item_number for line in order.lines)
        for line in order.lines:
            before = billed.get((order.number, line.line_id), Billed())
            found.append(_open(order, line, noted.of(order, line, items), before))
    return tuple(found)


def _open(order: PurchaseOrder, line: OrderLine, rows: Sequence[ReceiptLine], before: Billed) -> OpenLine:
    price = net_price(line)
    counted = Fraction(line.invoiced)
    counted_value = counted * price if before.erp_value is None else Fraction(before.erp_value)
    delivered, accepted = _delivered(line, rows), _accepted(line, rows)
    return OpenLine(
        order=order,
        line=line,
        price=price,
        received=delivered if accepted is None else accepted,
        billed_before=counted + Fraction(before.quantity),
        value_before=counted_value + Fraction(before.value),
        delivered=delivered,
        accepted=accepted,
        exceptions=sum(row.has_exception for row in rows),
    )


def _delivered(line: OrderLine, rows: Sequence[ReceiptLine]) -> Fraction:
    """The ERP's own count wins; receipts are added up only where the order tells nothing."""
    if line.received:
        return Fraction(line.received)
    return sum((Fraction(row.quantity) * _share(row, line) for row in rows), Fraction(0))


def _accepted(line: OrderLine, rows: Sequence[ReceiptLine]) -> Fraction | None:
    """None where nothing was inspected."""
    if line.accepted is not None:
        return Fraction(line.accepted)
    inspected = [Fraction(row.accepted) * _share(row, line) for row in rows if row.accepted is not None]
    return sum(inspected, Fraction(0)) if inspected else None


def _share(row: ReceiptLine, line: OrderLine) -> Fraction:
    """A receipt in a unit that does not convert counts as nothing: a person must look."""
    try:
        return factor(unit_code(row.unit) or row.unit, unit_code(line.unit) or line.unit)
    except UnitMismatch:
        return Fraction(0)


def net_price(line: OrderLine) -> Fraction:
    """For one order unit, discount and price base applied; by the planned weight where it is priced so."""
    listed = Fraction(line.unit_price.amount) / Fraction(line.price_base or 1)
    return listed * (1 - Fraction(line.discount_percent) / 100) * (weight_of_one(line) or 1)


def worth(own: BilledBefore, orders: Iterable[PurchaseOrder]) -> dict[OrderLineKey, Billed]:
    """What the ERP counts by quantity, in value: our part `own` as it was billed, the rest at the order's
    price. Lines of which we billed more than the ERP counts yet are left out."""
    found = {}
    for order in orders:
        for line in order.lines:
            mine = own.get((order.number, line.line_id))
            if mine is not None and 0 < mine.quantity <= line.invoiced:
                rest = Fraction(line.invoiced - mine.quantity) * net_price(line)
                value = mine.value + as_decimal(rest)
                found[order.number, line.line_id] = Billed(erp_value=value)
    return found


def weight_of_one(line: OrderLine) -> Fraction | None:
    """Price units that one order unit was planned to be; None for a line priced in its own unit."""
    if line.price_unit is None or not line.price_quantity or not line.ordered:
        return None
    return Fraction(line.price_quantity) / Fraction(line.ordered)


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
        return _by_weight(billed.unit, wanted)


def _by_weight(unit: str, wanted: OpenLine) -> Fraction | None:
    """Ordered in pieces, billed by weight: at the weight that was planned."""
    weight = weight_of_one(wanted.line)
    if weight is None or wanted.line.price_unit is None:
        return None
    try:
        return factor(unit, unit_code(wanted.line.price_unit) or wanted.line.price_unit) / weight
    except UnitMismatch:
        return None
