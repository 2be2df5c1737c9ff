"""Measures of one order line that a document bills: prices, values, quantities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from tools.domain.findings import MatchDepth
from tools.domain.match_rules import Measure
from tools.matching.catch_weight import comparable_price
from tools.matching.measured import Measured
from tools.matching.quantities import Burden
from tools.matching.wording import amount_text, number_text

LineMeasure = Callable[[Burden, MatchDepth], list[Measured]]


def _measured(burden: Burden, actual: Fraction, expected: Fraction, unit: str, source: str) -> list[Measured]:
    return [Measured(actual, expected, unit, source, burden.pairs[0].billed, burden.wanted)]


def _currency(burden: Burden) -> str:
    return burden.wanted.order.currency


def _unit_price(burden: Burden, depth: MatchDepth) -> list[Measured]:
    unit = burden.wanted.unit
    return [
        Measured(
            comparable_price(pair),
            burden.wanted.price,
            _currency(burden),
            f"price of one {unit} on the invoice and on the order",
            pair.billed,
            burden.wanted,
        )
        for pair in burden.pairs
        if pair.quantity > 0
    ]


def _line_value(burden: Burden, depth: MatchDepth) -> list[Measured]:
    charged = [pair for pair in burden.pairs if pair.quantity > 0]
    quantity = sum((pair.quantity for pair in charged), Fraction(0))
    value = sum((pair.value for pair in charged), Fraction(0))
    price = burden.wanted.price
    source = f"billed value against {number_text(quantity)} × {amount_text(price, _currency(burden))}"
    return _measured(burden, value, quantity * price, _currency(burden), source)


def _cumulative_value(burden: Burden, depth: MatchDepth) -> list[Measured]:
    wanted = burden.wanted
    before, now = (amount_text(value, _currency(burden)) for value in (wanted.value_before, burden.value))
    source = f"{before} billed before and {now} now against {number_text(wanted.ordered)} ordered"
    value = wanted.value_before + burden.value
    return _measured(burden, value, wanted.ordered * wanted.price, _currency(burden), source)


def _quantity_ordered(burden: Burden, depth: MatchDepth) -> list[Measured]:
    return _billed_against(burden, burden.wanted.ordered, "ordered")


def _quantity_received(burden: Burden, depth: MatchDepth) -> list[Measured]:
    return _billed_against(burden, burden.wanted.delivered, "received")


def _quantity_accepted(burden: Burden, depth: MatchDepth) -> list[Measured]:
    return _billed_against(burden, burden.wanted.accepted or Fraction(0), "accepted")


def _billed_against(burden: Burden, expected: Fraction, word: str) -> list[Measured]:
    wanted = burden.wanted
    source = (
        f"{number_text(wanted.billed_before)} billed before and {number_text(burden.quantity)} now "
        f"against {number_text(expected)} {word}"
    )
    return _measured(burden, wanted.billed_before + burden.quantity, expected, wanted.unit, source)


def _received_ordered(burden: Burden, depth: MatchDepth) -> list[Measured]:
    wanted = burden.wanted
    source = f"{number_text(wanted.delivered)} received against {number_text(wanted.ordered)} ordered"
    return _measured(burden, wanted.delivered, wanted.ordered, wanted.unit, source)


def _quantity_value(burden: Burden, depth: MatchDepth) -> list[Measured]:
    wanted = burden.wanted
    planned = depth is not MatchDepth.TWO_WAY
    if planned and wanted.delivered <= 0:
        return []
    base, word = (wanted.delivered, "delivered") if planned else (wanted.ordered, "ordered")
    source = (
        f"{amount_text(wanted.price, _currency(burden))} × ({number_text(burden.quantity)} − "
        f"({number_text(base)} {word} − {number_text(wanted.billed_before)} billed before))"
    )
    actual, expected = wanted.price * burden.quantity, wanted.price * (base - wanted.billed_before)
    return _measured(burden, actual, expected, _currency(burden), source)


def _unreceived_value(burden: Burden, depth: MatchDepth) -> list[Measured]:
    wanted = burden.wanted
    if depth is MatchDepth.TWO_WAY or wanted.delivered > 0:
        return []
    billed = wanted.billed_before + burden.quantity
    source = f"{amount_text(wanted.price, _currency(burden))} × {number_text(billed)} billed, none received"
    return _measured(burden, wanted.price * billed, Fraction(0), _currency(burden), source)


def _value_ordered(burden: Burden, depth: MatchDepth) -> list[Measured]:
    return _value_against(burden, burden.wanted.ordered, "ordered")


def _value_received(burden: Burden, depth: MatchDepth) -> list[Measured]:
    return _value_against(burden, burden.wanted.delivered, "received")


def _value_against(burden: Burden, quantity: Fraction, word: str) -> list[Measured]:
    wanted = burden.wanted
    value, expected = wanted.value_before + burden.value, quantity * wanted.price
    source = f"value billed so far against {amount_text(expected, _currency(burden))} {word}"
    return _measured(burden, value, expected, _currency(burden), source)


def _item_amount(burden: Burden, depth: MatchDepth) -> list[Measured]:
    return _measured(burden, burden.value, Fraction(0), _currency(burden), "value of the item")


def _receipt_exception(burden: Burden, depth: MatchDepth) -> list[Measured]:
    marked = Fraction(burden.wanted.exceptions)
    return _measured(burden, marked, Fraction(0), "receipts", "receipt rows marked by the receiver")


LINE_MEASURES: Mapping[Measure, LineMeasure] = {
    Measure.UNIT_PRICE: _unit_price,
    Measure.LINE_VALUE: _line_value,
    Measure.CUMULATIVE_VALUE: _cumulative_value,
    Measure.QUANTITY_ORDERED: _quantity_ordered,
    Measure.QUANTITY_RECEIVED: _quantity_received,
    Measure.QUANTITY_ACCEPTED: _quantity_accepted,
    Measure.RECEIVED_ORDERED: _received_ordered,
    Measure.QUANTITY_VALUE: _quantity_value,
    Measure.UNRECEIVED_VALUE: _unreceived_value,
    Measure.VALUE_ORDERED: _value_ordered,
    Measure.VALUE_RECEIVED: _value_received,
    Measure.ITEM_AMOUNT: _item_amount,
    Measure.RECEIPT_EXCEPTION: _receipt_exception,
}
