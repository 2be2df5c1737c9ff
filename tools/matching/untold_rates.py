"""What a policy asks of the rate at which an order was bought, where the ERP does not tell that rate."""

from __future__ import annotations

from collections.abc import Sequence

from tools.domain.documents import PurchaseOrder
from tools.domain.findings import Discrepancy, LineMatch
from tools.domain.match_rules import Measure
from tools.domain.policy import MatchPolicy

_OF_RATE = {Measure.RATE_AMOUNT, Measure.TOTAL_AMOUNT}


def check_untold_rates(
    matches: Sequence[LineMatch], orders: Sequence[PurchaseOrder], policy: MatchPolicy, currency: str
) -> list[Discrepancy]:
    """The policy's first rule on exchange rates, once for each order that is billed in a currency other than
    `currency`, the company's: what the rule asks cannot be compared, so a person does."""
    rules = [(key, rule) for key, rule in sorted(policy.rules.items()) if rule.measure in _OF_RATE]
    key, rule = next(((key, rule) for key, rule in rules if rule.enabled), (None, None))
    if key is None or rule is None:
        return []
    billed = {part.order_number for part in matches if part.billed > 0}
    name = policy.rule_name(key)
    return [
        Discrepancy(
            kind=rule.kind,
            severity=rule.effect,
            rule=name,
            message=(
                f"{rule.title or name} ({name}): the ERP does not tell at which rate order {order.number} "
                f"was bought in {order.currency}, so it cannot be compared: is the rate of today acceptable?"
            ),
            order_number=order.number,
            figures={"key": key, "limit_from": policy.label},
        )
        for order in orders
        if order.number in billed and order.currency != currency and order.exchange_rate is None
    ]
