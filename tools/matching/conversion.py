"""Lines that differ from the order by a factor only: unit or price base, not price or quantity."""

from __future__ import annotations

from fractions import Fraction

from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.matching.allocation import Pair
from tools.matching.wording import amount_text, number_text


def is_off_by_a_factor(pair: Pair) -> bool:
    """The unit does not convert, or price and quantity are off by one whole factor while the value agrees.

    No tolerance takes part, so widening one never turns this into another finding.
    """
    if pair.share is None:
        return True
    wanted = pair.wanted
    if not wanted.price or not pair.price or pair.quantity <= 0:
        return False
    ratio = max(pair.price / wanted.price, wanted.price / pair.price)
    return ratio >= 2 and ratio.denominator == 1 and _value_agrees(pair)


def _value_agrees(pair: Pair) -> bool:
    wanted = pair.wanted
    quantities = (wanted.open_to_bill, wanted.receivable_now, wanted.ordered)
    value = pair.billed.quantity * pair.billed.price
    return any(quantity > 0 and _near(value, quantity * wanted.price) for quantity in quantities)


def _near(value: Fraction, expected: Fraction) -> bool:
    """Equal but for the rounding of a unit price to two or three decimals."""
    return abs(value - expected) <= abs(expected) / 1000


def factor_finding(pair: Pair) -> Discrepancy:
    """UOM_OR_BASE, saying whether the value agrees with what the order line expects."""
    billed, wanted = pair.billed, pair.wanted
    currency = wanted.order.currency
    printed = f"{number_text(billed.quantity)} {billed.line.unit or wanted.unit}".strip()
    ordered = f"{number_text(wanted.open_to_bill)} {wanted.unit}"
    invoice = f"{printed} at {amount_text(billed.price, currency)}"
    order = f"{ordered} at {amount_text(wanted.price, currency)}"
    verdict = "the value agrees" if _value_agrees(pair) else "the value does not agree either"
    unit = f"unit {billed.line.unit!r} is not known; " if billed.has_unknown_unit else ""
    return Discrepancy(
        kind=DiscrepancyKind.UOM_OR_BASE,
        severity=Severity.BLOCK,
        rule="unit.factor" if pair.share is not None else "unit.conversion",
        message=f"Line {billed.name}: {unit}invoice {invoice}, {wanted.name} {order}; {verdict}. "
        "Check unit and price base.",
        line_id=billed.name,
        order_number=wanted.order.number,
        order_line_id=wanted.line.line_id,
        figures={"invoice": invoice, "order": order, "factor": _factor(pair)},
    )


def _factor(pair: Pair) -> str:
    wanted = pair.wanted.price
    return number_text(pair.billed.price / wanted) if wanted else number_text(Fraction(0))
