"""When a way out contradicts the facts: what a model is not offered, and what is not taken from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from tools.domain.findings import Discrepancy, DiscrepancyKind, LineMatch, MatchDepth, MatchResult
from tools.domain.purchase import OrderLine, PurchaseOrder
from tools.matching.facts import Facts
from tools.matching.invoice_numbers import normalise_number


def contradiction(way_id: str, facts: Facts, match: MatchResult) -> str | None:
    """Why `way_id` cannot be right with these facts, in words; None where nothing speaks against it."""
    check = _CHECKS.get(way_id)
    return check(facts, match) if check is not None else None


def order_lines(orders: Iterable[PurchaseOrder]) -> dict[tuple[str, str], OrderLine]:
    """Every order line by order number and line id."""
    return {(order.number, line.line_id): line for order in orders for line in order.lines}


def missing_quantity(row: LineMatch, line: OrderLine) -> Decimal:
    """Billed now and before, as far as it was ordered, and not received (or not accepted) yet; below zero
    when more came. What is billed beyond the order is not waited for."""
    came = row.received if line.accepted is None else min(line.accepted, row.received)
    return min(row.billed + row.billed_before, row.ordered) - came


def _nothing_to_wait_for(facts: Facts, match: MatchResult) -> str | None:
    lines = order_lines(facts.orders)
    found = [(row, lines.get((row.order_number, row.order_line_id))) for row in match.lines]
    rows = [(row, line) for row, line in found if line is not None]
    if not rows or match.depth is MatchDepth.TWO_WAY:
        return None
    if all(line.cancelled for _, line in rows):
        return "the order line is cancelled: nothing will come"
    if any(line.has_exception for receipt in facts.receipts for line in receipt.lines):
        return None
    if all(missing_quantity(row, line) <= 0 for row, line in rows):
        return "everything that was ordered and billed has been received"
    return None


def _nothing_to_send_back(facts: Facts, match: MatchResult) -> str | None:
    if match.lines and all(row.received <= 0 for row in match.lines):
        return "nothing came that could go back"
    kinds = {found.kind for found in match.discrepancies}
    over = DiscrepancyKind.QTY_OVER_ORDERED in kinds and DiscrepancyKind.SUBSTITUTE_ITEM not in kinds
    if over and all(row.received <= row.ordered for row in match.lines):
        return "no more came than was ordered"
    return None


def _nothing_to_credit(facts: Facts, match: MatchResult) -> str | None:
    return "the document is itself a credit note" if facts.invoice.is_credit_note else None


def _is_the_same(facts: Facts, match: MatchResult) -> str | None:
    """Number, amount and date agree with a candidate: a model never clears that."""
    if any(agreeing(found.figures) == _ALL for found in suspects(match)):
        return "number, amount and date are those of the earlier document"
    return None


def _is_another(facts: Facts, match: MatchResult) -> str | None:
    found = [agreeing(entry.figures) for entry in suspects(match) if "this number" in entry.figures]
    return (
        "neither number nor amount agrees"
        if found and not any(set(pair) - {"date"} for pair in found)
        else None
    )


def suspects(match: MatchResult) -> list[Discrepancy]:
    """The findings that name an earlier document which may be the same."""
    return [entry for entry in match.discrepancies if entry.kind is DiscrepancyKind.DUPLICATE_SUSPECT]


_ALL = ("number", "date", "amount")


def agreeing(figures: Mapping[str, str]) -> tuple[str, ...]:
    """Which of number, date and amount are the same on both documents; numbers as duplicates compare them."""
    return tuple(name for name in _ALL if _agrees(name, figures.get(name), figures.get(f"this {name}")))


def _agrees(name: str, one: str | None, two: str | None) -> bool:
    if not one or not two:
        return False
    return normalise_number(one) == normalise_number(two) if name == "number" else one == two


_CHECKS: Mapping[str, Callable[[Facts, MatchResult], str | None]] = {
    "wait_for_receipt": _nothing_to_wait_for,
    "return_goods": _nothing_to_send_back,
    "request_credit_note": _nothing_to_credit,
    "not_a_duplicate": _is_the_same,
    "confirm_duplicate": _is_another,
}
