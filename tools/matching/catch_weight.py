"""Goods ordered in pieces and priced by weight: matched on value, compared by the price of the weight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from tools.domain.policy import MatchPolicy
from tools.domain.units import UnitMismatch, factor, unit_code
from tools.matching.allocation import Pair
from tools.matching.order_lines import OpenLine, weight_of_one
from tools.matching.tolerance import broken


def settle_weights(
    pairs: Sequence[Pair], policy_of: Callable[[OpenLine], MatchPolicy], *, credit: bool = False
) -> list[Pair]:
    """A weight that is near that of the pieces received (else: open to bill) bills exactly those pieces.
    Its value stays; a weight beyond the limit stays what it is at the planned weight of a piece."""
    return [_settled(pair, policy_of(pair.wanted), credit) for pair in pairs]


def _settled(pair: Pair, policy: MatchPolicy, credit: bool) -> Pair:
    wanted = pair.wanted
    if _weight_units(pair) is None or pair.quantity <= 0:
        return pair
    rooms = [wanted.billed_before] if credit else [wanted.receivable_now, wanted.open_to_bill]
    for pieces in rooms:
        if pieces > 0 and not broken(policy.catch_weight, abs(pair.quantity - pieces), pieces):
            return replace(pair, quantity=pieces, share=pieces / pair.billed.quantity)
    return pair


def _weight_units(pair: Pair) -> Fraction | None:
    """Price units in one unit of the invoice line; None for a line that is not billed by weight."""
    line = pair.wanted.line
    if line.price_unit is None or weight_of_one(line) is None or pair.billed.unit is None:
        return None
    try:
        return factor(pair.billed.unit, unit_code(line.price_unit) or line.price_unit)
    except UnitMismatch:
        return None


def billed_weight_of_one(pair: Pair) -> Fraction | None:
    """Price units that one billed order unit was, for a line priced by weight; None where the document
    does not let pieces and weight both be told."""
    units = _weight_units(pair)
    if units is not None:
        return pair.billed.quantity * units / pair.quantity
    stated = _stated_price(pair)
    return Fraction(pair.billed.net) / stated / pair.quantity if stated else None


def comparable_price(pair: Pair) -> Fraction:
    """The invoice's price of one order unit; for catch weight at the planned weight, so that a heavier
    piece is not a higher price."""
    weight = weight_of_one(pair.wanted.line)
    if weight is None:
        return pair.price
    units = _weight_units(pair)
    if units is not None:
        return pair.billed.price / units * weight
    return _stated_price(pair) * weight or pair.price


def _stated_price(pair: Pair) -> Fraction:
    """The printed price of one price unit, where quantity times it does not explain the amount: then it
    is for the weight. Zero otherwise."""
    line = pair.billed.line
    if line.unit_price is None or line.unit_price.currency != pair.wanted.order.currency:
        return Fraction(0)
    stated = Fraction(line.unit_price.amount) / Fraction(line.price_base or 1)
    return Fraction(0) if stated == pair.billed.price else stated
