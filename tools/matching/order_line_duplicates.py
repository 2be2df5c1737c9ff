"""The strongest check for goods: an order line that another document bills with the same quantity, while no
receipt is left that it could bill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from tools.domain.documents import PurchaseOrder
from tools.domain.findings import LineMatch, Severity
from tools.domain.identifiers import compact
from tools.matching.document_print import DocumentPrint, PrintedLine
from tools.matching.duplicate_candidates import Candidate
from tools.matching.duplicate_pair import Suspicion

Deliverable = Mapping[tuple[str, str], Decimal]
"""Order number and order line -> what may be billed at most: received, or ordered where there are no
receipts."""


def deliverable(orders: Iterable[PurchaseOrder], matches: Iterable[LineMatch]) -> Deliverable:
    """For each order line that the document bills."""
    two_way = {
        (order.number, line.line_id) for order in orders for line in order.lines if not line.receipt_required
    }
    return {
        key: match.ordered if key in two_way else match.received
        for match in matches
        for key in [(match.order_number, match.order_line_id)]
    }


def billed_again(
    mine: DocumentPrint, matches: Sequence[LineMatch], limits: Deliverable, others: Sequence[Candidate]
) -> dict[str, Suspicion | None]:
    """Reference of each candidate that bills the same quantity on an order line -> why it may have billed the
    same delivery; None where enough is left for both. `others`: valid documents of the same type; what was
    posted stands in `billed_before` already."""
    found: dict[str, Suspicion | None] = {}
    for match in matches:
        if match.invoice_index >= len(mine.lines):
            continue
        line = mine.lines[match.invoice_index]
        same = [(other, billed) for other in others if (billed := _billed(line, match, other)) is not None]
        waiting = sum((quantity for other, quantity in same if not other.is_posted), Decimal(0))
        left = limits[match.order_number, match.order_line_id] - match.billed_before - waiting
        for other, quantity in same:
            if quantity == line.quantity:
                told = None if left >= match.billed else _told(match, quantity, left)
                found[other.reference] = found.get(other.reference) or told
    return found


def _told(match: LineMatch, quantity: Decimal, left: Decimal) -> Suspicion:
    amount = f"{quantity.normalize():f}"
    line = f"{match.order_number}/{match.order_line_id}"
    text = (
        f"it bills {amount} on order line {line} as this one does, and {max(left, Decimal(0)).normalize():f} "
        f"{match.unit} are left to bill"
    )
    return Suspicion("duplicate.order_line", Severity.BLOCK, text)


def _billed(mine: PrintedLine, match: LineMatch, other: Candidate) -> Decimal | None:
    """What `other` bills on the order line of `match`; None where it does not."""
    order = compact(match.order_number)
    lines = [line for line in other.paper.lines if line.order == order and _is_same(mine, line)]
    quantities = [line.quantity for line in lines if line.quantity is not None]
    return sum(quantities, Decimal(0)) if quantities else None


def _is_same(one: PrintedLine, two: PrintedLine) -> bool:
    if one.marks and two.marks:
        return bool({*one.marks} & {*two.marks})
    return one.text == two.text
