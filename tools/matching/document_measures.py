"""Measures of a whole document: delivery cost, totals, balance, exchange rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

from tools.domain.documents import Invoice
from tools.domain.match_rules import Measure
from tools.domain.money import Money
from tools.matching.freight import is_freight
from tools.matching.invoice_lines import document_net, document_sign, line_net
from tools.matching.measured import Measured, Surroundings
from tools.matching.wording import amount_text

DocumentMeasure = Callable[[Surroundings], list[Measured]]


def _measured(around: Surroundings, actual: Fraction, expected: Fraction, source: str) -> list[Measured]:
    return [Measured(actual, expected, around.invoice.currency, source)]


def _amount(invoice: Invoice, stated: Money | None) -> Fraction:
    return Fraction(stated.amount) * document_sign(invoice) if stated is not None else Fraction(0)


def _extras(invoice: Invoice, *, charges: bool) -> Fraction:
    """Charges or discounts of the whole document, positive."""
    amounts = (extra.amount.amount for extra in invoice.allowances if extra.is_charge is charges)
    return Fraction(sum(amounts, Decimal(0))) * document_sign(invoice)


def planned_delivery_cost(around: Surroundings) -> Fraction | None:
    """The agreed delivery cost of the billed quantities; None where none was agreed."""
    shares = []
    for burden in around.burdens:
        line = burden.wanted.line
        if line.planned_delivery_cost is not None and line.ordered:
            whole = Fraction(line.planned_delivery_cost.amount)
            shares.append(whole * burden.quantity / Fraction(line.ordered))
    return sum(shares, Fraction(0)) if shares else None


def billed_delivery_cost(around: Surroundings) -> Fraction:
    """Freight lines without an order line, and the document's charges."""
    lines = (line.net for line in around.rest if line.net > 0 and is_freight(line.line.description))
    return Fraction(sum(lines, Decimal(0))) + _extras(around.invoice, charges=True)


def _delivery_cost(around: Surroundings) -> list[Measured]:
    planned = planned_delivery_cost(around)
    if planned is None:
        return []
    shown = amount_text(planned, around.invoice.currency)
    source = f"billed delivery cost against {shown} planned for the billed quantities"
    return _measured(around, billed_delivery_cost(around), planned, source)


def _document_amount(around: Surroundings) -> list[Measured]:
    limit = around.supplier.amount_limit if around.supplier else None
    if limit is None or limit.currency != around.invoice.currency:
        return []
    gross = _amount(around.invoice, around.invoice.gross_total)
    return _measured(around, gross, Fraction(limit.amount), "total with tax against the supplier's limit")


def _missing_rate(around: Surroundings) -> list[Measured]:
    missing = around.rate(around.invoice.currency) is None
    source = f"exchange rate of {around.invoice.currency} to {around.company_currency}"
    return [Measured(Fraction(int(missing)), Fraction(0), "rates missing", source)]


def reached_total(invoice: Invoice) -> Fraction | None:
    """Lines, charges, discounts and the stated tax; for a document without lines its net total and tax."""
    whole = (line for line in invoice.lines if line.parent_line_id is None)
    nets = [own for line in whole if (own := line_net(line, invoice.currency)) is not None]
    net = document_net(invoice)
    if not nets:
        return None if net is None else Fraction(net.amount) + _amount(invoice, invoice.tax_total)
    goods = Fraction(sum(nets, Decimal(0)) * document_sign(invoice))
    extras = _extras(invoice, charges=True) - _extras(invoice, charges=False)
    return goods + extras + _amount(invoice, invoice.tax_total)


def _balance(around: Surroundings) -> list[Measured]:
    invoice = around.invoice
    reached = reached_total(invoice)
    if reached is None or invoice.gross_total is None:
        return []
    source = "stated total against lines, charges, discounts and tax"
    return _measured(around, _amount(invoice, invoice.gross_total), reached, source)


def _total_balance(around: Surroundings) -> list[Measured]:
    if not around.burdens:
        return []
    billed = sum((burden.value for burden in around.burdens), Fraction(0))
    source = "billed lines against billed quantities at order prices"
    return _measured(around, billed, _at_order_prices(around), source)


def _at_order_prices(around: Surroundings) -> Fraction:
    return sum((burden.quantity * burden.wanted.price for burden in around.burdens), Fraction(0))


def _total_discount(around: Surroundings) -> list[Measured]:
    discount = _extras(around.invoice, charges=False)
    return _measured(around, discount, Fraction(0), "discounts of the document, none agreed")


def _total_charges(around: Surroundings) -> list[Measured]:
    planned = planned_delivery_cost(around) or Fraction(0)
    return _measured(around, billed_delivery_cost(around), planned, "charges against planned delivery cost")


def _stated_rates(invoice: Invoice) -> Fraction | None:
    rows = [(row.base, row.rate) for row in invoice.taxes]
    if not rows or any(base is None for base, _ in rows):
        return None
    sign = document_sign(invoice)
    return sum(
        (Fraction(base.amount) * sign * Fraction(rate or 0) / 100 for base, rate in rows if base is not None),
        Fraction(0),
    )


def _total_tax(around: Surroundings) -> list[Measured]:
    expected = _stated_rates(around.invoice)
    if expected is None or around.invoice.tax_total is None:
        return []
    stated = _amount(around.invoice, around.invoice.tax_total)
    return _measured(around, stated, expected, "stated tax against stated rates on stated bases")


def _total_rounding(around: Surroundings) -> list[Measured]:
    rounding = _amount(around.invoice, around.invoice.rounding)
    return _measured(around, rounding, Fraction(0), "stated rounding")


def _total_invoice(around: Surroundings) -> list[Measured]:
    """Expected: order prices, planned charges, and tax at the rate the document itself applies."""
    invoice, net = around.invoice, document_net(around.invoice)
    if not around.burdens or invoice.gross_total is None or net is None or not net.amount:
        return []
    expected_net = _at_order_prices(around) + (planned_delivery_cost(around) or Fraction(0))
    tax = _amount(invoice, invoice.tax_total) / Fraction(net.amount)
    source = "total with tax against order prices, planned charges and tax on them"
    return _measured(around, _amount(invoice, invoice.gross_total), expected_net * (1 + tax), source)


DOCUMENT_MEASURES: Mapping[Measure, DocumentMeasure] = {
    Measure.DELIVERY_COST: _delivery_cost,
    Measure.DOCUMENT_AMOUNT: _document_amount,
    Measure.MISSING_RATE: _missing_rate,
    Measure.BALANCE: _balance,
    Measure.TOTAL_BALANCE: _total_balance,
    Measure.TOTAL_DISCOUNT: _total_discount,
    Measure.TOTAL_CHARGES: _total_charges,
    Measure.TOTAL_TAX: _total_tax,
    Measure.TOTAL_ROUNDING: _total_rounding,
    Measure.TOTAL_INVOICE: _total_invoice,
}
