"""Quantity checks of matched lines: against what was ordered, received and billed before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tools.domain.findings import Discrepancy, DiscrepancyKind, MatchDepth, Severity
from tools.domain.policy import Limit, MatchPolicy
from tools.matching.allocation import Pair
from tools.matching.billing import OrderLineKey
from tools.matching.order_lines import OpenLine, natural_depth
from tools.matching.tolerance import broken
from tools.matching.wording import amount_text, limit_text, number_text

DepthOf = Callable[[OpenLine], MatchDepth]


@dataclass(frozen=True, slots=True)
class Burden:
    """All that one document bills on one order line."""

    wanted: OpenLine
    pairs: tuple[Pair, ...]

    @property
    def quantity(self) -> Fraction:
        return sum((pair.quantity for pair in self.pairs), Fraction(0))

    @property
    def value(self) -> Fraction:
        return sum((pair.value for pair in self.pairs), Fraction(0))


def burdens(pairs: Sequence[Pair]) -> list[Burden]:
    """One for each order line, in the order in which the invoice names them."""
    by_order_line: dict[OrderLineKey, list[Pair]] = {}
    for pair in pairs:
        by_order_line.setdefault(pair.wanted.key, []).append(pair)
    return [Burden(parts[0].wanted, tuple(parts)) for parts in by_order_line.values()]


def check_quantities(
    pairs: Sequence[Pair], policy: MatchPolicy, depth_of: DepthOf | None = None
) -> list[Discrepancy]:
    """Each order line against its own figures; a document that returns more than it bills is a credit.
    `depth_of` tells how deep a line is compared; absent: as deep as its order line allows."""
    found: list[Discrepancy] = []
    for burden in burdens(pairs):
        if burden.quantity > 0:
            depth = (depth_of or natural_depth)(burden.wanted)
            found += _against_order(burden, policy.quantity_ordered)
            if depth is not MatchDepth.TWO_WAY:
                found += _against_receipts(burden, policy.quantity_received, depth)
        elif -burden.quantity > burden.wanted.billed_before:
            found.append(credit_exceeds(burden, -burden.quantity))
    return found


def _against_order(burden: Burden, limit: Limit) -> list[Discrepancy]:
    wanted, billed = burden.wanted, burden.quantity
    expected = max(wanted.open_to_bill, Fraction(0))
    if not broken(limit, billed - expected, expected):
        return []
    if expected == 0:
        cause = "the order line is cancelled" if wanted.line.cancelled else "all of it was billed before"
        text = f"nothing is left to bill on {wanted.name}: {cause}"
        return [
            _finding(
                DiscrepancyKind.PO_EXHAUSTED, "quantity.ordered.exhausted", burden, expected, text, limit
            )
        ]
    text = (
        f"billed {_count(burden, billed)}, still open {_count(burden, expected)} "
        f"(ordered {number_text(wanted.ordered)}, billed before {number_text(wanted.billed_before)})"
    )
    return [
        _finding(DiscrepancyKind.QTY_OVER_ORDERED, "quantity.ordered.upper", burden, expected, text, limit)
    ]


def _against_receipts(burden: Burden, limit: Limit, depth: MatchDepth) -> list[Discrepancy]:
    """Against what was received, and four-way against what inspection accepted of it."""
    wanted, billed = burden.wanted, burden.quantity
    inspected = depth is MatchDepth.FOUR_WAY
    reached = (wanted.accepted or Fraction(0)) if inspected else wanted.delivered
    expected = max(reached - wanted.billed_before, Fraction(0))
    if broken(limit, billed - expected, expected):
        return [_not_received(burden, expected, limit, inspected)]
    if expected > billed:
        text = f"billed {_count(burden, billed)} of {_count(burden, expected)} received; the rest stays open"
        rule = "quantity.received.partial"
        kind = DiscrepancyKind.RECEIPT_GT_INVOICE
        return [_finding(kind, rule, burden, expected, text, limit, severity=Severity.INFO)]
    return []


def _not_received(burden: Burden, expected: Fraction, limit: Limit, inspected: bool) -> Discrepancy:
    wanted = burden.wanted
    if wanted.delivered <= 0 and not wanted.accepted:
        text = f"nothing has been received on {wanted.name}"
        return _finding(DiscrepancyKind.NO_RECEIPT, "quantity.received.none", burden, expected, text, limit)
    if inspected and wanted.accepted is None:
        kind, rule = DiscrepancyKind.QTY_OVER_ACCEPTED, "quantity.accepted.none"
        text = f"what was received on {wanted.name} has not been inspected"
        return _finding(kind, rule, burden, expected, text, limit)
    kind, word, rule, reached = (
        (DiscrepancyKind.QTY_OVER_ACCEPTED, "accepted", "quantity.accepted.upper", wanted.accepted)
        if inspected
        else (DiscrepancyKind.QTY_OVER_RECEIVED, "received", "quantity.received.upper", wanted.delivered)
    )
    text = (
        f"billed {_count(burden, burden.quantity)}, {word} and not billed yet {_count(burden, expected)} "
        f"({word} {number_text(reached or Fraction(0))}, billed before {number_text(wanted.billed_before)})"
    )
    return _finding(kind, rule, burden, expected, text, limit)


def credit_exceeds(burden: Burden, credited: Fraction) -> Discrepancy:
    """More units come back than were ever billed."""
    before = burden.wanted.billed_before
    text = f"credited {_count(burden, credited)}, billed before {_count(burden, before)}"
    kind = DiscrepancyKind.CREDIT_EXCEEDS
    return _finding(kind, "credit.quantity", burden, before, text, Limit())


def _count(burden: Burden, quantity: Fraction) -> str:
    return f"{number_text(quantity)} {burden.wanted.unit}"


def _finding(
    kind: DiscrepancyKind,
    rule: str,
    burden: Burden,
    expected: Fraction,
    text: str,
    limit: Limit,
    severity: Severity = Severity.BLOCK,
) -> Discrepancy:
    wanted, first = burden.wanted, burden.pairs[0].billed
    excess = abs(burden.quantity) - expected
    return Discrepancy(
        kind=kind,
        severity=severity,
        rule=rule,
        message=f"Line {first.name}: {text}.",
        line_id=first.name,
        order_number=wanted.order.number,
        order_line_id=wanted.line.line_id,
        figures={
            "billed": _count(burden, burden.quantity),
            "expected": _count(burden, expected),
            # Quantity times price, as SAP's tolerance key DQ measures it.
            "value": amount_text(excess * wanted.price, wanted.order.currency),
            "limit": limit_text(limit, wanted.unit),
        },
    )
