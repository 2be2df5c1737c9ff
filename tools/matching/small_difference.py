"""Cents between what a document states and what its lines come to, that a policy lets be posted."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from tools.domain.documents import Invoice
from tools.domain.money import Money
from tools.domain.policy import MatchPolicy
from tools.matching.document_measures import reached_total
from tools.matching.invoice_lines import document_net, document_sign
from tools.matching.rules import balance_rule, is_small_difference


def posted_net(invoice: Invoice, policy: MatchPolicy | None) -> Money | None:
    """What the posted lines must come to without tax: the stated net total; where the policy posts small
    differences by themselves, what the stated total leaves after the stated tax."""
    net = document_net(invoice)
    if policy is None or balance_rule(policy) is None or invoice.gross_total is None:
        return net
    if not _is_small(invoice, policy):
        return net
    tax = invoice.tax_total or Money.zero(invoice.currency)
    return (invoice.gross_total - tax) * document_sign(invoice)


def _is_small(invoice: Invoice, policy: MatchPolicy) -> bool:
    """Both what the lines come to and the stated net total lie that near to the stated total."""
    reached, net = reached_total(invoice), document_net(invoice)
    if reached is None or net is None or invoice.gross_total is None:
        return False
    sign = document_sign(invoice)
    stated = Fraction(invoice.gross_total.amount * sign)
    tax = Fraction(invoice.tax_total.amount * sign) if invoice.tax_total is not None else Fraction(0)
    sums = (reached, Fraction(net.amount) + tax)
    return all(is_small_difference(policy, stated - reaching, reaching) for reaching in sums)


def total_is_near(invoice: Invoice, policy: MatchPolicy | None) -> bool:
    """Whether the difference between net, tax and total is one that the policy posts by itself."""
    return policy is not None and balance_rule(policy) is not None and _is_small(invoice, policy)


def posts_difference(policy: MatchPolicy, left: Decimal, net: Money) -> bool:
    """Whether `left`, between the posted lines and `net`, is small enough to be posted by itself."""
    return is_small_difference(policy, Fraction(left), Fraction(net.amount))
