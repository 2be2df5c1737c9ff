"""Cents between what a document states and what its lines come to, that a policy lets be posted."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from tools.domain.actions import PostingLine
from tools.domain.documents import Invoice, Problem
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.money import Money
from tools.domain.policy import MatchPolicy
from tools.matching.document_measures import reached_total
from tools.matching.invoice_lines import document_net, document_sign
from tools.matching.rules import balance_rule, is_small_difference

ROUNDING, SMALL = "Rounding difference", "Small difference"
DIFFERENCES = (ROUNDING, SMALL)
"""Descriptions of the posting lines that stand for no line of the document."""

# Codes of the reader for totals that do not follow from each other.
_SUMS = frozenset({"line_total_wrong", "net_total_wrong", "gross_total_wrong"})


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


def left_to_judge(problems: Iterable[Problem], invoice: Invoice, policy: MatchPolicy | None) -> list[Problem]:
    """What the reader found, without sums that do not agree by no more than the policy posts by itself:
    its own key tells of them."""
    near = total_is_near(invoice, policy)
    return [problem for problem in problems if not (near and problem.code in _SUMS)]


def posts_difference(policy: MatchPolicy, left: Decimal, net: Money) -> bool:
    """Whether `left`, between the posted lines and `net`, is small enough to be posted by itself."""
    return is_small_difference(policy, Fraction(left), Fraction(net.amount))


def check_difference_account(lines: Iterable[PostingLine]) -> list[Discrepancy]:
    """CODING_UNSURE for a difference that would be posted and has no account to go to."""
    homeless = [line for line in lines if line.description in DIFFERENCES and line.account is None]
    return [
        Discrepancy(
            kind=DiscrepancyKind.CODING_UNSURE,
            severity=Severity.BLOCK,
            rule="account.difference",
            message=f"{line.description} of {line.net_amount} has no account: set rounding_account or "
            "small_difference_account of the company, or give one.",
        )
        for line in homeless
    ]
