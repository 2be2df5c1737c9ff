"""How much of an invoice line falls on which of several order lines for the same item."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations

from tools.domain.findings import AlignmentEvidence
from tools.matching.billing import OrderLineKey
from tools.matching.invoice_lines import BillableLine
from tools.matching.order_lines import Conversions, OpenLine, order_units

# Four lines of a dozen have 781 sums; of more lines none is tried.
_MOST_LINES, _MOST_TERMS = 12, 4

Rooms = Mapping[int, Fraction]
"""Order line, by its place in a list, -> units that it can still take, above zero."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An invoice line, or a part of one, and the order line it bills."""

    billed: BillableLine
    wanted: OpenLine
    evidence: tuple[AlignmentEvidence, ...]
    quantity: Fraction
    """In order units."""
    share: Fraction | None
    """Order units in one unit of the invoice line; None where nothing relates the two units."""
    substitute: bool = False
    """Both sides carry part numbers and they differ."""

    @property
    def price(self) -> Fraction:
        """The invoice's price for one order unit."""
        return self.billed.price / (self.share or 1)

    @property
    def value(self) -> Fraction:
        return self.quantity * self.price


class Capacity:
    """What is still open on each order line while one document is being aligned."""

    def __init__(self, lines: Sequence[OpenLine], *, credit: bool) -> None:
        self._open: dict[OrderLineKey, Fraction] = {
            line.key: line.billed_before if credit else line.open_to_bill for line in lines
        }
        self._receivable: dict[OrderLineKey, Fraction] = {
            line.key: self._open[line.key]
            if credit or not line.line.receipt_required
            else line.receivable_now
            for line in lines
        }

    def open(self, line: OpenLine) -> Fraction:
        return self._open[line.key]

    def receivable(self, line: OpenLine) -> Fraction:
        return self._receivable[line.key]

    def preference(self, line: OpenLine) -> tuple[bool, date, str, int, str]:
        """Sorts first: a line with an open receipt, then the oldest delivery date."""
        due = line.line.expected_on or date.max
        line_id = line.line.line_id
        return (self.receivable(line) <= 0, due, line.order.number, len(line_id), line_id)

    def take(self, line: OpenLine, quantity: Fraction) -> None:
        self._open[line.key] -= quantity
        self._receivable[line.key] -= quantity


def allocate(
    billed: BillableLine,
    candidates: Sequence[OpenLine],
    evidence: tuple[AlignmentEvidence, ...],
    capacity: Capacity,
    conversions: Conversions,
) -> list[Pair]:
    """One pair, or several where only a split explains the quantity.

    Candidates are order lines of the same item. The price narrows them, then the exact quantity of one line,
    then what was received on several where no one receipt is enough; else an open receipt comes first, then
    the oldest delivery date.
    """
    options = _best_priced(billed, sorted(candidates, key=capacity.preference), conversions)
    parts = _parts(billed, options, capacity)
    pairs = []
    for (wanted, share), quantity in parts:
        in_order_units = quantity * (share or 1)
        capacity.take(wanted, in_order_units)
        pairs.append(Pair(billed, wanted, evidence, in_order_units, share))
    return pairs


_Option = tuple[OpenLine, Fraction | None]


def exact_sum(need: Fraction, rooms: Rooms) -> Rooms | None:
    """The fewest lines, in their order, that hold exactly `need` together; None where none do, and where one
    line alone has room for it."""
    if len(rooms) > _MOST_LINES or any(room >= need for room in rooms.values()):
        return None
    for count in range(2, _MOST_TERMS + 1):
        for chosen in combinations(rooms, count):
            if sum((rooms[place] for place in chosen), Fraction(0)) == need:
                return {place: rooms[place] for place in chosen}
    return None


def _parts(
    billed: BillableLine, options: Sequence[_Option], capacity: Capacity
) -> list[tuple[_Option, Fraction]]:
    """Each order line that is billed, with its part of the invoice line's quantity."""
    exact = _exact(billed, options, capacity)
    received = None if exact else exact_sum(billed.quantity, _rooms(options, capacity.receivable))
    if received:
        return [(options[place], quantity) for place, quantity in received.items()]
    chosen = exact or _roomy(billed, options, capacity)
    return [(chosen, billed.quantity)] if chosen else _split(billed, options, capacity)


def _rooms(options: Sequence[_Option], room: Callable[[OpenLine], Fraction]) -> Rooms:
    """In units of the invoice line; a line in a unit that nothing relates to it has no room."""
    rooms = {place: room(line) / share for place, (line, share) in enumerate(options) if share}
    return {place: left for place, left in rooms.items() if left > 0}


def _best_priced(
    billed: BillableLine, candidates: Sequence[OpenLine], conversions: Conversions
) -> list[_Option]:
    options: list[_Option] = [(line, order_units(billed, line, conversions)) for line in candidates]
    equal: list[_Option] = [
        (line, share) for line, share in options if share and billed.price / share == line.price
    ]
    return equal or options


def _exact(billed: BillableLine, options: Sequence[_Option], capacity: Capacity) -> _Option | None:
    for room in (capacity.receivable, capacity.open):
        for line, share in options:
            if share and billed.quantity * share == room(line):
                return line, share
    return None


def _roomy(billed: BillableLine, options: Sequence[_Option], capacity: Capacity) -> _Option | None:
    """The first with enough room; the first of all where not even the sum of them is enough."""
    needed = billed.quantity
    for line, share in options:
        if share is None or needed * share <= capacity.open(line):
            return line, share
    room = sum((max(capacity.open(line), Fraction(0)) / (share or 1) for line, share in options), Fraction(0))
    return options[0] if room < needed else None


def _split(
    billed: BillableLine, options: Sequence[_Option], capacity: Capacity
) -> list[tuple[_Option, Fraction]]:
    """Lines that hold the quantity exactly; else one after the other until nothing is left."""
    rooms = _rooms(options, capacity.open)
    rooms = exact_sum(billed.quantity, rooms) or rooms
    left = billed.quantity
    parts = []
    for place, room in rooms.items():
        taken = min(left, room)
        if taken > 0:
            parts.append((options[place], taken))
            left -= taken
    return parts
