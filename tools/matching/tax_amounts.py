"""The supplier's tax against the tax computed from its own bases, and against its lines."""

from __future__ import annotations

from decimal import Decimal

from tools.domain.documents import Invoice, TaxLine
from tools.domain.findings import Discrepancy
from tools.domain.money import Money, minor_unit, round_amount
from tools.domain.policy import MatchPolicy
from tools.matching.invoice_lines import line_net
from tools.matching.tax_findings import UNTAXED, finding, rate_text
from tools.matching.wording import line_name

_ZERO = Decimal(0)


def check_amounts(invoice: Invoice, policy: MatchPolicy) -> list[Discrepancy]:
    """Rows, total and lines, each against what the others say; the allowance is for each line.

    EN 16931 BR-CO-14 and BR-CO-17 at reading time tell a reader's error; here a difference beyond the
    policy is the supplier's.
    """
    if foreign := _foreign(invoice):
        return foreign
    allowance = _allowance(invoice, policy)
    found = [entry for row in invoice.taxes for entry in _check_row(row, invoice, allowance)]
    return [*found, *_check_total(invoice, allowance), *_check_lines(invoice)]


def _allowance(invoice: Invoice, policy: MatchPolicy) -> Decimal:
    """Never below what the currency can express: a yen has no cents, nor in practice has a forint."""
    places = 0 if invoice.currency == "HUF" else minor_unit(invoice.currency)
    return max(policy.tax_per_line, Decimal(1).scaleb(-places)) * max(len(invoice.lines), 1)


def _foreign(invoice: Invoice) -> list[Discrepancy]:
    stated = [invoice.tax_total, *(row.base for row in invoice.taxes), *(row.amount for row in invoice.taxes)]
    others = {money.currency for money in stated if money is not None} - {invoice.currency}
    if not others:
        return []
    named = ", ".join(sorted(others))
    text = f"Tax is stated in {named}, the document is in {invoice.currency}: which amount is meant?"
    return [finding("tax.currency", text, tax=named, document=invoice.currency)]


def _check_row(row: TaxLine, invoice: Invoice, allowance: Decimal) -> list[Discrepancy]:
    untaxed = UNTAXED.get(row.category or "")
    if untaxed and row.amount is not None and row.amount.amount:
        text = f"{row.amount} VAT is charged on {untaxed}: do not pay it, ask for a corrected invoice."
        return [finding("tax.category.untaxed", text, charged=str(row.amount), category=row.category or "")]
    if untaxed or row.base is None or row.rate is None:
        return []
    computed = round_amount(row.base.amount * row.rate / 100, invoice.currency)
    if row.amount is None:
        return _without_amount(row, invoice, computed)
    return _differs("tax.rate", f"{row.rate:f} % of {row.base}", row.amount, computed, allowance)


def _without_amount(row: TaxLine, invoice: Invoice, computed: Decimal) -> list[Discrepancy]:
    """A stated total speaks for its rows (`_check_total`); without one the tax would pass unseen."""
    if not computed or invoice.tax_total is not None:
        return []
    text = f"{rate_text(row.rate)} % of {row.base} is named without an amount of tax, and there is no total."
    return [finding("tax.row.amount", text, computed=str(Money(amount=computed, currency=invoice.currency)))]


def _differs(
    rule: str, basis: str, stated: Money, computed: Decimal, allowance: Decimal
) -> list[Discrepancy]:
    if abs(stated.amount - computed) <= allowance:
        return []
    expected = str(Money(amount=computed, currency=stated.currency))
    text = f"The document states {stated} tax; {basis} is {expected}, allowed difference {allowance:f}."
    return [finding(rule, text, invoice=str(stated), computed=expected, limit=f"{allowance:f}")]


def _check_total(invoice: Invoice, allowance: Decimal) -> list[Discrepancy]:
    """The total against its rows, else against the lines, where each names its rate."""
    total = invoice.tax_total
    if total is None:
        return []
    rows = _from_rows(invoice)
    if rows is not None:
        return _differs("tax.total", "the sum of its rows", total, rows, allowance)
    lines = _from_lines(invoice)
    return [] if lines is None else _differs("tax.lines", "the tax of its lines", total, lines, allowance)


def _from_rows(invoice: Invoice) -> Decimal | None:
    """Sum of the rows, a missing amount computed from base and rate; unknown where a row has neither."""
    reached = _ZERO
    for row in invoice.taxes:
        if row.amount is not None:
            reached += row.amount.amount
        elif row.base is not None and (row.rate is not None or row.category in UNTAXED):
            reached += round_amount(row.base.amount * (row.rate or _ZERO) / 100, invoice.currency)
        else:
            return None
    return reached if invoice.taxes else None


def _from_lines(invoice: Invoice) -> Decimal | None:
    """Unknown with document-level discounts, or where a line names no rate."""
    lines = [line for line in invoice.lines if line.parent_line_id is None]
    if invoice.allowances or not lines:
        return None
    exact = _ZERO
    for line in lines:
        net = line_net(line, invoice.currency)
        if net and line.tax_rate is None:
            return None
        exact += (net or _ZERO) * (line.tax_rate or _ZERO) / 100
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
        finding(
            "tax.line.breakdown",
            f"Line {name} is taxed as {category or 'S'} at {rate_text(rate)} %, "
            "the document's breakdown has no such row: ask for a corrected invoice.",
            line=name,
            category=category or "",
            rate=rate_text(rate),
        )
        for name, category, rate in strange
    ]


def _fits(category: str | None, rate: Decimal | None, row: TaxLine) -> bool:
    """What either side leaves out contradicts nothing; no rate and a rate of zero are the same."""
    same_category = category is None or row.category is None or category == row.category
    return same_category and (rate is None or (row.rate or _ZERO) == rate)
