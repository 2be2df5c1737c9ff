"""What the company's profile adds to a comparison: exchange rates, its currency, unit conversions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction

from tools.domain.company import CompanyProfile
from tools.domain.documents import Invoice
from tools.domain.supplier import Supplier
from tools.matching.allocation import Pair
from tools.matching.measured import Surroundings
from tools.matching.order_lines import Conversions
from tools.matching.wording import money


def surroundings(
    invoice: Invoice, supplier: Supplier, profile: CompanyProfile | None, today: date | None
) -> Surroundings:
    """Of a document that has not been aligned yet."""
    if profile is None:
        return Surroundings(invoice, supplier=supplier, today=today)
    return Surroundings(
        invoice,
        supplier=limited(supplier, profile),
        today=today,
        company_currency=profile.currency,
        rates={currency: Fraction(rate) for currency, rate in profile.exchange_rates.items()},
    )


def limited(supplier: Supplier, profile: CompanyProfile) -> Supplier:
    """The supplier with the limit that counts: the ERP's, or a lower one of our own settings."""
    told, own = supplier.amount_limit, profile.supplier_limits.get(supplier.supplier_id)
    if own is None or (told is not None and (told.currency != own.currency or told.amount <= own.amount)):
        return supplier
    return supplier.model_copy(update={"amount_limit": own})


def conversions_of(profile: CompanyProfile | None) -> Conversions:
    """The items' own units as exact numbers: a third of a pallet stays a third."""
    if profile is None:
        return {}
    return {
        item: {unit: Fraction(count) for unit, count in units.items()}
        for item, units in profile.conversions.items()
    }


def in_order_currency(pair: Pair, currency: str, rate: Callable[[str], Fraction | None]) -> Pair | None:
    """The pair at prices in the order's currency, by the cross rate of the two; None without rates.

    The difference of currencies stays a finding of its own: the rate is ours, not the supplier's.
    """
    target = pair.wanted.order.currency
    if currency == target:
        return pair
    own, other = rate(currency), rate(target)
    if not own or not other:
        return None
    factor, billed = own / other, pair.billed
    net = money(Fraction(billed.net) * factor, target).amount
    return replace(pair, billed=replace(billed, price=billed.price * factor, net=net))
