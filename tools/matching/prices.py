"""Price checks of matched lines: unit price, value of the line, value of the order line so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from tools.domain.findings import AlignmentEvidence, Discrepancy, DiscrepancyKind, Severity
from tools.domain.policy import Limit, MatchPolicy, Tolerance
from tools.matching.allocation import Pair
from tools.matching.billing import OrderLineKey
from tools.matching.catch_weight import comparable_price
from tools.matching.tolerance import broken
from tools.matching.wording import amount_text, limit_text, percent_text

# Found by an identifier, or chosen by a person: a low price is then no sign of a wrong line.
_SURE_EVIDENCE = frozenset(AlignmentEvidence) - {
    AlignmentEvidence.PRICE_QUANTITY_UNIT,
    AlignmentEvidence.DESCRIPTION,
}


@dataclass(frozen=True, slots=True)
class _Breach:
    """One rule that a difference breaks."""

    name: str
    rule: str
    actual: str
    expected: str
    difference: str
    limit: str

    @property
    def sentence(self) -> str:
        compared = f"{self.name}: invoice {self.actual}, order {self.expected}"
        return f"{compared}, {self.difference}, limit {self.limit}"


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Two values of one kind and the names they go by in a finding."""

    name: str
    rule: str
    actual: Fraction
    expected: Fraction
    currency: str

    def breach(self, limit: Limit, *, over: bool) -> _Breach | None:
        difference = self.actual - self.expected
        bounds = broken(limit, difference if over else -difference, self.expected)
        if not bounds:
            return None
        side = "upper" if over else "lower"
        return _Breach(
            name=self.name,
            rule=f"{self.rule}.{side}_{bounds[0]}",
            actual=amount_text(self.actual, self.currency),
            expected=amount_text(self.expected, self.currency),
            difference=self._difference(difference),
            limit=limit_text(limit, self.currency),
        )

    def _difference(self, difference: Fraction) -> str:
        sign = "+" if difference > 0 else ""
        shown = amount_text(difference, self.currency)
        return f"{sign}{shown} ({percent_text(difference, self.expected)})"


def check_prices(pairs: Sequence[Pair], policy: MatchPolicy) -> list[Discrepancy]:
    """PRICE_OVER and PRICE_UNDER, at most one of each for an invoice line; returns are left out."""
    by_line: dict[int, list[Pair]] = {}
    for pair in pairs:
        if pair.quantity > 0:
            by_line.setdefault(pair.billed.index, []).append(pair)
    creeping = _creeping(pairs, policy)
    found: list[Discrepancy] = []
    for parts in by_line.values():
        comparisons = _comparisons(parts, policy)
        over = [b for c, limits in comparisons if (b := c.breach(limits.over, over=True))]
        over += creeping.get(parts[0].billed.index, [])
        under = [b for c, limits in comparisons if (b := c.breach(limits.under, over=False))]
        found += [_finding(DiscrepancyKind.PRICE_OVER, Severity.BLOCK, parts[0], over)] if over else []
        found += [_finding(DiscrepancyKind.PRICE_UNDER, _under(parts), parts[0], under)] if under else []
    return found


def _comparisons(parts: Sequence[Pair], policy: MatchPolicy) -> list[tuple[_Comparison, Tolerance]]:
    currency = parts[0].wanted.order.currency
    units = [
        (
            _Comparison("unit price", "price.unit", comparable_price(part), part.wanted.price, currency),
            policy.unit_price,
        )
        for part in parts
    ]
    billed = sum((part.value for part in parts), Fraction(0))
    wanted = sum((part.quantity * part.wanted.price for part in parts), Fraction(0))
    value = _Comparison("line value", "price.line_value", billed, wanted, currency)
    return [*units, (value, policy.line_value)]


def _creeping(pairs: Sequence[Pair], policy: MatchPolicy) -> dict[int, list[_Breach]]:
    """Everything billed on an order line so far, against the whole order line.

    Where each unit was billed at the order's price, an excess is one of quantity and told as such. It is
    told with the dearest of the invoice lines, by position.
    """
    by_order_line: dict[OrderLineKey, list[Pair]] = {}
    for pair in pairs:
        by_order_line.setdefault(pair.wanted.key, []).append(pair)
    found: dict[int, list[_Breach]] = {}
    for parts in by_order_line.values():
        wanted = parts[0].wanted
        value = wanted.value_before + sum((part.value for part in parts), Fraction(0))
        quantity = wanted.billed_before + sum((part.quantity for part in parts), Fraction(0))
        charged = [part for part in parts if part.quantity > 0]
        if value <= quantity * wanted.price or not charged:
            continue
        comparison = _Comparison(
            "billed so far on the order line",
            "price.cumulative_value",
            value,
            wanted.ordered * wanted.price,
            wanted.order.currency,
        )
        breach = comparison.breach(policy.cumulative_value.over, over=True)
        if breach:
            dearest = max(charged, key=lambda part: (part.price, part.value, part.billed.name))
            found.setdefault(dearest.billed.index, []).append(breach)
    return found


def _under(parts: Sequence[Pair]) -> Severity:
    sure = all(_SURE_EVIDENCE.intersection(part.evidence) for part in parts)
    return Severity.WARN if sure else Severity.BLOCK


def _finding(
    kind: DiscrepancyKind, severity: Severity, pair: Pair, breaches: Sequence[_Breach]
) -> Discrepancy:
    first = breaches[0]
    figures = {"invoice": first.actual, "order": first.expected, "difference": first.difference}
    return Discrepancy(
        kind=kind,
        severity=severity,
        rule=first.rule,
        message=f"Line {pair.billed.name}: {'; '.join(b.sentence for b in breaches)}.{_hint(pair)}",
        line_id=pair.billed.name,
        order_number=pair.wanted.order.number,
        order_line_id=pair.wanted.line.line_id,
        figures={**figures, "limit": first.limit, **{b.name: b.difference for b in breaches[1:]}},
    )


def _hint(pair: Pair) -> str:
    """A price that is off by a whole factor points at the price base or the unit."""
    if not pair.price or not pair.wanted.price:
        return ""
    ratio = pair.price / pair.wanted.price
    whole = max(ratio, 1 / ratio)
    if whole.denominator != 1 or whole < 10:
        return ""
    return f" The prices differ by a factor of exactly {whole.numerator}: check unit and price base."
