"""The tolerance keys of a policy, each evaluated alike: measure, compare with both sides, tell.

A key is data (`ToleranceRule`); nothing here knows a vendor. A finding names its key, both compared
values, the limit and the policy that sets it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from tools.domain.findings import Discrepancy, MatchDepth, Severity
from tools.domain.match_rules import Limit, Lines, Measure, PriceState, Receipt, ToleranceRule
from tools.domain.policy import MatchPolicy
from tools.matching.document_measures import DOCUMENT_MEASURES
from tools.matching.line_measures import LINE_MEASURES
from tools.matching.measured import Measured, Surroundings
from tools.matching.order_lines import OpenLine
from tools.matching.order_measures import ORDER_MEASURES
from tools.matching.policy_choice import depth_of
from tools.matching.quantities import Burden
from tools.matching.tolerance import broken
from tools.matching.wording import limit_text, percent_text

PolicyOf = Callable[[OpenLine], MatchPolicy]
_Keyed = tuple[str, ToleranceRule]


def check_line_rules(around: Surroundings, policy_of: PolicyOf) -> list[Discrepancy]:
    """Every enabled key against every order line that the document bills; what is given back is left to
    `credit`."""
    found: list[Discrepancy] = []
    for burden in around.burdens:
        if burden.quantity <= 0:
            continue
        policy = policy_of(burden.wanted)
        depth = depth_of(policy, burden.wanted)
        for key, rule in _keys(policy):
            if _applies(rule, burden, depth):
                found += _told(policy, key, rule, _measure(rule.measure, burden, around, depth))
    return found


def check_document_rules(around: Surroundings, policy: MatchPolicy) -> list[Discrepancy]:
    """The keys about the whole document and about lines without an order line."""
    found: list[Discrepancy] = []
    for key, rule in _keys(policy):
        if rule.measure in DOCUMENT_MEASURES:
            measured = DOCUMENT_MEASURES[rule.measure](around)
            found += _told(policy, key, rule, measured)
            found += _small_difference(policy, key, rule, measured)
        elif rule.measure is Measure.ITEM_AMOUNT and rule.lines in (Lines.UNORDERED, Lines.ANY):
            found += _told(policy, key, rule, _unordered(around))
    return found


def _keys(policy: MatchPolicy) -> list[_Keyed]:
    return [(key, rule) for key, rule in sorted(policy.rules.items()) if rule.enabled]


def _measure(measure: Measure, burden: Burden, around: Surroundings, depth: MatchDepth) -> Sequence[Measured]:
    if measure in LINE_MEASURES:
        return LINE_MEASURES[measure](burden, depth)
    return ORDER_MEASURES[measure](burden, around) if measure in ORDER_MEASURES else ()


def _unordered(around: Surroundings) -> list[Measured]:
    currency = around.invoice.currency
    return [
        Measured(Fraction(line.net), Fraction(0), currency, "value of an item without order", line)
        for line in around.rest
    ]


def _applies(rule: ToleranceRule, burden: Burden, depth: MatchDepth) -> bool:
    wanted = burden.wanted
    estimated = wanted.line.price_is_estimate
    received = wanted.delivered > 0
    return (
        (not rule.depths or depth in rule.depths)
        and rule.receipt in (Receipt.ANY, Receipt.SOME if received else Receipt.NONE)
        and rule.price in (PriceState.ANY, PriceState.ESTIMATED if estimated else PriceState.FIRM)
        and rule.lines in (Lines.ANY, Lines.ORDERED, Lines.SERVICES if wanted.is_service else Lines.GOODS)
    )


def _told(
    policy: MatchPolicy, key: str, rule: ToleranceRule, measured: Iterable[Measured]
) -> list[Discrepancy]:
    found = []
    for value in measured:
        for limit, difference in ((rule.over, value.difference), (rule.under, -value.difference)):
            if broken(limit, difference, value.expected):
                found.append(_finding(policy, key, rule, value, limit))
    return found


def _finding(
    policy: MatchPolicy,
    key: str,
    rule: ToleranceRule,
    value: Measured,
    limit: Limit,
    *,
    severity: Severity | None = None,
) -> Discrepancy:
    name, below = policy.rule_name(key), value.difference < 0
    actual, expected, shown = value.text(value.actual), value.text(value.expected), _limit(limit, value)
    difference = f"{value.text(value.difference)} ({percent_text(value.difference, value.expected)})"
    where = f"Line {value.line.name}: " if value.line is not None else ""
    title = f"{rule.title} ({name})" if rule.title else name
    return Discrepancy(
        kind=(rule.under_kind or rule.kind) if below else rule.kind,
        severity=severity or rule.effect,
        rule=name,
        message=f"{where}{title}: {actual} against {expected}, {difference}, limit {shown}; {value.source}.",
        line_id=value.line.name if value.line is not None else None,
        order_number=value.wanted.order.number if value.wanted is not None else None,
        order_line_id=value.wanted.line.line_id if value.wanted is not None else None,
        figures={
            "key": key,
            "actual": actual,
            "expected": expected,
            "difference": difference,
            "limit": shown,
            "limit_from": policy.label,
            "source": value.source,
            **flags(manual_release=rule.manual_release, accounting_allowed=rule.accounting_allowed),
        },
    )


def flags(*, manual_release: bool, accounting_allowed: bool) -> dict[str, str]:
    """What a hold allows, in the words of a finding's figures."""
    return {
        "manual_release": "yes" if manual_release else "no",
        "accounting_while_held": "yes" if accounting_allowed else "no",
    }


def _limit(limit: Limit, value: Measured) -> str:
    return limit_text(limit, value.unit)


def _small_difference(
    policy: MatchPolicy, key: str, rule: ToleranceRule, measured: Iterable[Measured]
) -> list[Discrepancy]:
    """A balance within its limit is posted as a difference of its own, and the approver is told."""
    if rule.measure is not Measure.BALANCE:
        return []
    return [
        _finding(policy, key, rule, value, limit, severity=Severity.WARN)
        for value in measured
        if value.difference
        and not broken(limit := _side(rule, value.difference), abs(value.difference), value.expected)
    ]


def _side(rule: ToleranceRule, difference: Fraction) -> Limit:
    return rule.over if difference > 0 else rule.under


def balance_rule(policy: MatchPolicy) -> ToleranceRule | None:
    """The key that lets small differences be posted by themselves; None where the policy has none."""
    rules: Mapping[str, ToleranceRule] = policy.rules
    found = (rule for _, rule in sorted(rules.items()) if rule.measure is Measure.BALANCE and rule.enabled)
    return next(found, None)


def is_small_difference(policy: MatchPolicy, difference: Fraction, reached: Fraction) -> bool:
    """Whether a difference between stated and reached total may be posted by itself."""
    rule = balance_rule(policy)
    return rule is not None and not broken(_side(rule, difference), abs(difference), reached)
