"""Measures that look beyond one order line: exchange rates, weights, blanket orders, dates, stock values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from tools.domain.match_rules import Measure
from tools.matching.catch_weight import billed_weight_of_one
from tools.matching.measured import Measured, Surroundings
from tools.matching.order_lines import weight_of_one
from tools.matching.quantities import Burden
from tools.matching.wording import amount_text, number_text

OrderMeasure = Callable[[Burden, Surroundings], list[Measured]]


def _measured(burden: Burden, actual: Fraction, expected: Fraction, unit: str, source: str) -> list[Measured]:
    return [Measured(actual, expected, unit, source, burden.pairs[0].billed, burden.wanted)]


def _rates(burden: Burden, around: Surroundings) -> tuple[Fraction, Fraction] | None:
    """The document's rate and the order's, for the order's currency; None where one is not known."""
    order = burden.wanted.order
    now = around.rate(order.currency)
    if now is None or order.exchange_rate is None:
        return None
    return now, Fraction(order.exchange_rate)


def _rate_amount(burden: Burden, around: Surroundings) -> list[Measured]:
    rates = _rates(burden, around)
    if rates is None:
        return []
    value = burden.quantity * burden.wanted.price
    shown = amount_text(value, burden.wanted.order.currency)
    source = f"{shown} at rate {number_text(rates[0])} against {number_text(rates[1])} of the order"
    return _measured(burden, value * rates[0], value * rates[1], around.company_currency, source)


def _total_amount(burden: Burden, around: Surroundings) -> list[Measured]:
    rates, wanted = _rates(burden, around), burden.wanted
    if rates is None:
        return []
    ordered = wanted.ordered * wanted.price
    beyond = max(wanted.value_before + burden.value - ordered, Fraction(0)) * rates[0]
    of_rate = burden.quantity * wanted.price * (rates[0] - rates[1])
    expected = ordered * rates[1]
    own = around.company_currency
    source = f"{amount_text(beyond, own)} beyond the order and {amount_text(of_rate, own)} of exchange rate"
    return _measured(burden, expected + beyond + of_rate, expected, own, source)


def _price_units(burden: Burden, around: Surroundings) -> list[Measured]:
    planned = weight_of_one(burden.wanted.line)
    if planned is None:
        return []
    unit = f"{burden.wanted.line.price_unit} for one {burden.wanted.unit}"
    return [
        Measured(weight, planned, unit, "price units for one order unit", pair.billed, burden.wanted)
        for pair in burden.pairs
        if (weight := billed_weight_of_one(pair)) is not None
    ]


def _blanket_value(burden: Burden, around: Surroundings) -> list[Measured]:
    order = burden.wanted.order
    if order.value_limit is None or not _tells_for_order(burden, around):
        return []
    lines = [wanted for wanted in around.wanted if wanted.order.number == order.number]
    before = sum((wanted.value_before for wanted in lines), Fraction(0))
    burdens = [other for other in around.burdens if other.wanted.order.number == order.number]
    now = sum((other.value for other in burdens), Fraction(0))
    currency = order.currency
    source = f"{amount_text(before, currency)} billed before and {amount_text(now, currency)} now"
    return _measured(burden, before + now, Fraction(order.value_limit.amount), currency, source)


def _tells_for_order(burden: Burden, around: Surroundings) -> bool:
    """What is about a whole order is told once, with the first of its lines that are charged."""
    number = burden.wanted.order.number
    charged = [other for other in around.burdens if other.quantity > 0]
    keys = [other.wanted.key for other in charged if other.wanted.order.number == number]
    return burden.wanted.key == min(keys)


def _blanket_days(burden: Burden, around: Surroundings) -> list[Measured]:
    order, issued = burden.wanted.order, around.invoice.issue_date
    if issued is None or not _tells_for_order(burden, around):
        return []
    late = (issued - order.valid_to).days if order.valid_to else 0
    early = (order.valid_from - issued).days if order.valid_from else 0
    outside = max(late, early, 0)
    source = f"dated {issued}, order valid from {order.valid_from or 'ever'} to {order.valid_to or 'ever'}"
    return _measured(burden, Fraction(outside), Fraction(0), "days", source)


def _date_value(burden: Burden, around: Surroundings) -> list[Measured]:
    """An invoice that comes before the planned delivery asks for money too early."""
    planned = burden.wanted.line.expected_on
    if planned is None or around.today is None:
        return []
    days = max((planned - around.today).days, 0)
    currency = burden.wanted.order.currency
    source = f"{amount_text(burden.value, currency)} × {days} days until {planned}"
    return _measured(burden, burden.value * days, Fraction(0), f"{currency} × days", source)


def _moving_average(burden: Burden, around: Surroundings) -> list[Measured]:
    """The price difference of what is still in stock moves the item's average cost."""
    line, wanted = burden.wanted.line, burden.wanted
    rate = around.rate(wanted.order.currency)
    if line.moving_average is None or not line.stock or rate is None or burden.quantity <= 0:
        return []
    average, stock = Fraction(line.moving_average.amount), Fraction(line.stock)
    difference = (burden.value - burden.quantity * wanted.price) * rate
    moved = difference * min(stock / burden.quantity, Fraction(1))
    own = line.moving_average.currency
    source = f"{amount_text(moved, own)} price difference over {number_text(stock)} {wanted.unit} in stock"
    return _measured(burden, average + moved / stock, average, own, source)


ORDER_MEASURES: Mapping[Measure, OrderMeasure] = {
    Measure.RATE_AMOUNT: _rate_amount,
    Measure.TOTAL_AMOUNT: _total_amount,
    Measure.PRICE_UNITS: _price_units,
    Measure.BLANKET_VALUE: _blanket_value,
    Measure.BLANKET_DAYS: _blanket_days,
    Measure.DATE_VALUE: _date_value,
    Measure.MOVING_AVERAGE: _moving_average,
}
