"""The supplier's tax against the tax computed from its own bases and against our tax codes.

Amounts of the supplier are never corrected here: a wrong tax needs a corrected invoice.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from tools.domain.company import CompanyProfile
from tools.domain.documents import Invoice, TaxLine
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.money import Money, round_amount
from tools.domain.policy import MatchPolicy
from tools.matching.invoice_lines import document_sign, line_net
from tools.matching.wording import line_name

# UNCL5305 categories on which the supplier charges nothing.
_UNTAXED = {
    "AE": "reverse charge",
    "K": "intra-community supply",
    "G": "export",
    "E": "exempt",
    "O": "outside the scope of VAT",
    "Z": "zero rate",
}
_REVERSE_CHARGE = (
    "reverse charge",
    "steuerschuldnerschaft des leistungsempfängers",
    "btw verlegd",
    "verlegd naar",
    "autoliquidation",
    "inversión del sujeto pasivo",
    "inversione contabile",
    "odwrotne obciążenie",
    "omvendt betalingspligt",
)


def check_tax(invoice: Invoice, profile: CompanyProfile, policy: MatchPolicy) -> list[Discrepancy]:
    """TAX_WRONG for sums that do not follow from base and rate, for VAT where none is due, and for
    categories and rates without a tax code of ours."""
    allowance = policy.tax_per_line * max(len(invoice.lines), 1)
    found = [finding for row in invoice.taxes for finding in _check_row(row, invoice, allowance)]
    found += _check_total(invoice, allowance)
    found += _check_lines(invoice)
    found += _check_wording(invoice)
    return found + _check_codes(invoice, profile)


def _finding(rule: str, message: str, **figures: str) -> Discrepancy:
    return Discrepancy(
        kind=DiscrepancyKind.TAX_WRONG, severity=Severity.BLOCK, rule=rule, message=message, figures=figures
    )


def _check_row(row: TaxLine, invoice: Invoice, allowance: Decimal) -> list[Discrepancy]:
    untaxed = _UNTAXED.get(row.category or "")
    if untaxed and row.amount is not None and row.amount.amount:
        text = f"{row.amount} VAT is charged on {untaxed}: do not pay it, ask for a corrected invoice."
        return [_finding("tax.category.untaxed", text, charged=str(row.amount), category=row.category or "")]
    if row.base is None or row.rate is None or row.amount is None:
        return []
    computed = round_amount(row.base.amount * row.rate / 100, invoice.currency)
    return _differs("tax.rate", f"{row.rate:f} % of {row.base}", row.amount, computed, allowance)


def _differs(
    rule: str, basis: str, stated: Money, computed: Decimal, allowance: Decimal
) -> list[Discrepancy]:
    if abs(stated.amount - computed) <= allowance:
        return []
    expected = str(Money(amount=computed, currency=stated.currency))
    text = f"The document states {stated} tax; {basis} is {expected}, allowed difference {allowance:f}."
    return [_finding(rule, text, invoice=str(stated), computed=expected, limit=f"{allowance:f}")]


def _check_total(invoice: Invoice, allowance: Decimal) -> list[Discrepancy]:
    """The total against its rows; without rows against the lines, where each names its rate."""
    total = invoice.tax_total
    if total is None:
        return []
    if invoice.taxes:
        rows = [row.amount.amount for row in invoice.taxes if row.amount is not None]
        whole = len(rows) == len(invoice.taxes)
        return (
            _differs("tax.total", "the sum of its rows", total, sum(rows, Decimal(0)), allowance)
            if whole
            else []
        )
    computed = _from_lines(invoice)
    return (
        [] if computed is None else _differs("tax.lines", "the tax of its lines", total, computed, allowance)
    )


def _from_lines(invoice: Invoice) -> Decimal | None:
    """Unknown with document-level discounts, or where a line names no rate."""
    lines = [line for line in invoice.lines if line.parent_line_id is None]
    if invoice.allowances or not lines:
        return None
    exact = Decimal(0)
    for line in lines:
        net = line_net(line, invoice.currency)
        if net and line.tax_rate is None:
            return None
        exact += (net or Decimal(0)) * (line.tax_rate or Decimal(0)) / 100
    return round_amount(exact, invoice.currency)


def _check_lines(invoice: Invoice) -> list[Discrepancy]:
    """A line's category or rate that no row of the breakdown has: one of the two is wrong."""
    if not invoice.taxes:
        return []
    strange = [
        (line_name(line, index), line.tax_category, line.tax_rate)
        for index, line in enumerate(invoice.lines)
        if line.parent_line_id is None
        and line_net(line, invoice.currency)
        and not any(_fits(line.tax_category, line.tax_rate, row) for row in invoice.taxes)
    ]
    return [
        _finding(
            "tax.line.breakdown",
            f"Line {name} is taxed as {category or 'S'} at {_rate_text(rate)} %, "
            "the document's breakdown has no such row: ask for a corrected invoice.",
            line=name,
            category=category or "",
            rate=_rate_text(rate),
        )
        for name, category, rate in strange
    ]


def _fits(category: str | None, rate: Decimal | None, row: TaxLine) -> bool:
    """What either side leaves out contradicts nothing; no rate and a rate of zero are the same."""
    same_category = category is None or row.category is None or category == row.category
    return same_category and (rate is None or (row.rate or Decimal(0)) == rate)


def _check_wording(invoice: Invoice) -> list[Discrepancy]:
    """The document speaks of reverse charge, shows no untaxed part, and charges tax all the same."""
    texts = (*invoice.notes, *(row.reason or "" for row in invoice.taxes))
    said = any(words in text.casefold() for text in texts for words in _REVERSE_CHARGE)
    charged = invoice.tax_total
    untaxed = any(row.category in _UNTAXED for row in invoice.taxes)
    if not said or untaxed or charged is None or charged.amount * document_sign(invoice) <= 0:
        return []
    text = f"The document speaks of reverse charge and charges {charged} VAT: ask for a corrected invoice."
    return [_finding("tax.reverse_charge", text, charged=str(charged))]


def _check_codes(invoice: Invoice, profile: CompanyProfile) -> list[Discrepancy]:
    """Skipped without tax codes in the profile: the ERP then determines the tax by itself."""
    if not profile.tax_codes:
        return []
    unknown = [pair for pair in _kinds_of_tax(invoice) if profile.tax_code(*pair) is None]
    return [
        _finding(
            "tax.code.unknown",
            f"No tax code is set for category {category or 'S'} at {_rate_text(rate)} %.",
            category=category or "S",
            rate=_rate_text(rate),
        )
        for category, rate in unknown
    ]


def _kinds_of_tax(invoice: Invoice) -> Iterable[tuple[str | None, Decimal | None]]:
    rows = [(row.category, row.rate) for row in invoice.taxes]
    lines = [
        (line.tax_category, line.tax_rate)
        for line in invoice.lines
        if line.tax_rate is not None or line.tax_category is not None
    ]
    return dict.fromkeys(rows or lines)


def _rate_text(rate: Decimal | None) -> str:
    return "0" if rate is None else f"{rate.normalize():f}"
