"""Net, tax and gross of a document, believed silently only where arithmetic proves them.

Net + tax = gross among figures that carry their own labels, or lines that add up to the total. Whatever
else is found is handed on with an error, so that a person looks at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tools.domain.documents import Problem, ProblemSeverity
from tools.intake.pdf_amount_rows import CENT
from tools.intake.pdf_evidence import (
    Evidence,
    Figure,
    Totals,
    figure_of,
    payment_values,
    surest_figure,
)
from tools.intake.pdf_tax_rate import proven_rate
from tools.intake.pdf_vocabulary import Label

_LARGEST_TAX = Decimal("0.35")
"""Of the net amount; the highest VAT rate in use is 27 % (Hungary)."""


@dataclass(frozen=True, slots=True)
class _Solution:
    net: Figure
    tax: Figure
    gross: Figure
    score: int
    derived: bool = field(default=False)
    """The net amount is not printed; it was added up from printed ones."""


def decide_totals(evidence: Evidence) -> Totals:
    """The totals with every doubt as a problem. Pure: no clock, no document."""
    solutions = [*_labelled(evidence), *_rows(evidence)]
    if solutions:
        best = max(solutions, key=lambda one: (one.score, abs(one.gross.value)))
        return _with_payment(_solved(best, solutions, evidence), evidence)
    return _with_payment(_unsolved(evidence), evidence)


def _labelled(evidence: Evidence) -> Iterator[_Solution]:
    grosses = evidence.figures(Label.GROSS, Label.PAYABLE)
    nets = [(one, False) for one in evidence.figures(Label.NET, Label.LINES, Label.BASE)]
    nets += [(one, False) for one in evidence.figures(Label.GROSS) if one.strength < 3]
    nets += [(one, True) for one in _after_adjustments(evidence)]
    taxes = _taxes(evidence)
    stated = {one.value for one in evidence.figures(Label.NET) if one.strength == 3}
    for gross in grosses:
        for net, derived in nets:
            if net.numeral is gross.numeral or (stated and net.value not in stated):
                continue
            for tax in taxes:
                if derived and not _fits_a_rate(net, tax, evidence):
                    continue
                if _adds_up(net.value, tax.value, gross.value) and _is_supported(net, tax, gross, evidence):
                    score = 4 * gross.strength + 2 * net.strength + tax.strength
                    yield _Solution(net, tax, gross, score, derived)


def _adds_up(net: Decimal, tax: Decimal, gross: Decimal) -> bool:
    """To the cent, with a tax that a rate can explain."""
    if abs(net + tax - gross) > CENT:
        return False
    return abs(tax) <= abs(net) * _LARGEST_TAX and (net * tax >= 0 or tax == 0)


def _fits_a_rate(net: Figure, tax: Figure, evidence: Evidence) -> bool:
    """Whether one of the rates on the page gives this tax; a net amount that was added up needs this."""
    rates = {one.rate for one in evidence.amounts if one.rate is not None} | set(evidence.rates)
    return any(abs(net.value * rate / 100 - tax.value) <= 2 * CENT for rate in rates)


def _is_supported(net: Figure, tax: Figure, gross: Figure, evidence: Evidence) -> bool:
    """Zero tax makes the sum trivial: then both totals must be labelled beyond doubt or the lines agree."""
    if tax.value != 0:
        return True
    return (net.strength + gross.strength >= 5) or evidence.line_sum in (net.value, gross.value)


def _taxes(evidence: Evidence) -> list[Figure]:
    """Each tax amount, and the sum of those that stand on lines with different rates."""
    single = evidence.figures(Label.TAX)
    rated = [one for one in evidence.amounts if one.label is Label.TAX and one.value is not None]
    by_rate = [one for one in rated if one.rate is not None]
    found = list(single)
    for group in (rated, by_rate):
        values = [one.value for one in group if one.value is not None]
        if len(values) > 1 and all(value * values[0] > 0 for value in values if value):
            total = sum(values, Decimal(0))
            found.append(Figure(total, group[-1].numeral, 2))
    return found


def _after_adjustments(evidence: Evidence) -> Iterator[Figure]:
    """Subtotals less the discounts and plus the charges that stand beside them."""
    less = sum((abs(one.value) for one in evidence.figures(Label.ALLOWANCE)), Decimal(0))
    more = sum((one.value for one in evidence.figures(Label.CHARGE)), Decimal(0))
    if less or more:
        for one in evidence.figures(Label.NET, Label.LINES):
            yield Figure(one.value - less + more, one.numeral, 1)
            if less and more:
                yield Figure(one.value + more, one.numeral, 1)


def _rows(evidence: Evidence) -> Iterator[_Solution]:
    """A breakdown row that is the document's total: the only one, or the sum of those before it."""
    rows = evidence.rows
    for position, row in enumerate(rows):
        if row.gross is None:
            continue
        before = rows[:position]
        is_sum = len(before) > 0 and all(
            abs(sum((one.values[part] for one in before), Decimal(0)) - row.values[part]) <= CENT
            for part in range(3)
        )
        agreed = any(one.value == row.values[2] for one in evidence.figures(Label.GROSS, Label.PAYABLE))
        if is_sum or len(rows) == 1 or agreed:
            net, tax, gross = row.values
            score = 14 if is_sum else 13
            yield _Solution(
                Figure(net, row.net, 3), Figure(tax, row.tax, 3), Figure(gross, row.gross, 3), score
            )


def _solved(best: _Solution, solutions: Iterable[_Solution], evidence: Evidence) -> Totals:
    problems = [
        _disagree("gross_total", f"{one.value} is also named as the total, beside {best.gross.value}")
        for one in _contradictions(best, list(solutions), evidence)
    ]
    other_nets = {
        one.net.value for one in solutions if one.gross.value == best.gross.value and not one.derived
    }
    if len(other_nets) > 1:
        shown = " and ".join(str(value) for value in sorted(other_nets))
        problems.append(_disagree("net_total", f"net totals {shown} both fit the total {best.gross.value}"))
    rate = proven_rate(best.net, best.tax, evidence)
    return Totals(best.net, best.tax, best.gross, tax_rate=rate, problems=tuple(problems[:3]))


def _contradictions(best: _Solution, solutions: list[_Solution], evidence: Evidence) -> Iterator[Figure]:
    """Amounts labelled as the total that differ from the proven one and that nothing explains."""
    explained = {best.gross.value, best.net.value, *payment_values(best.gross.value, evidence)}
    rows = {value for row in evidence.rows for value in row.values}
    parts = {one.gross.value for one in solutions if abs(one.gross.value) < abs(best.gross.value)}
    if parts and sum(parts) == best.gross.value:
        explained |= parts
    seen: set[Decimal] = set()
    for one in evidence.figures(Label.GROSS):
        if one.strength > 1 and one.value not in explained | rows | seen:
            seen.add(one.value)
            yield one
    for one in evidence.figures(Label.PAYABLE):
        # A payment that only a bank's name labels: the difference is printed, and the total is proven.
        paid = best.gross.value - one.value
        if one.value not in explained | seen and not (paid * one.value > 0 and paid in evidence.printed):
            seen.add(one.value)
            yield one


def _unsolved(evidence: Evidence) -> Totals:
    """The best figures without a proof: an error stands beside each."""
    gross = surest_figure(evidence.figures(Label.GROSS)) or surest_figure(evidence.figures(Label.PAYABLE))
    net, tax = surest_figure(evidence.figures(Label.NET)), surest_figure(evidence.figures(Label.TAX))
    problems = [
        _problem(
            "ambiguous_amount", f"{one.numeral.raw} can be read as thousands or as a fraction", one.label
        )
        for one in evidence.amounts
        if one.value is None and one.label in (Label.GROSS, Label.NET, Label.TAX, Label.PAYABLE)
    ][:3]
    if gross is None and not problems and evidence.largest is not None:
        gross = figure_of(evidence.largest)
    if gross is None:
        problems.append(_problem("missing_field", "No total was found in the document", Label.GROSS))
        return Totals(net, tax, None, problems=(*problems, *_unproven(net, tax, None)))
    proven = (
        not problems
        and net is None
        and tax is None
        and not evidence.names_tax
        and evidence.line_sum == gross.value
        and _agree(evidence.figures(Label.GROSS))
    )
    if not proven:
        problems.extend(_unproven(net, tax, gross))
    return Totals(net, tax, gross, problems=tuple(problems))


def _agree(figures: list[Figure]) -> bool:
    return len({one.value for one in figures}) == 1


def _unproven(net: Figure | None, tax: Figure | None, gross: Figure | None) -> Iterator[Problem]:
    for figure, name in ((net, "net_total"), (tax, "tax_total"), (gross, "gross_total")):
        if figure is not None:
            yield Problem(
                code="total_unproven",
                severity=ProblemSeverity.ERROR,
                message=f"{figure.value} was read, but no other figures prove it. Compare the document.",
                field=name,
            )


def _with_payment(totals: Totals, evidence: Evidence) -> Totals:
    """Adds what is left to pay, where it fits the total."""
    if totals.gross is None:
        return totals
    gross = totals.gross.value
    payable = surest_figure(evidence.figures(Label.PAYABLE))
    problems = list(totals.problems)
    if payable is not None and _holds_earlier_balance(payable.value, gross, evidence):
        problems.append(_earlier_balance(payable.value, gross))
        payable = None
    if payable is not None and payable.value not in payment_values(gross, evidence):
        payable = None
    lines = surest_figure(evidence.figures(Label.LINES))
    if lines is not None and lines.value != evidence.lines_read:
        lines = None
    return replace(
        totals,
        payable=payable,
        prepaid=_prepaid(gross, payable, evidence),
        lines=lines,
        adjustment=_adjustment(totals.net, evidence),
        problems=tuple(problems),
    )


def _holds_earlier_balance(payable: Decimal, gross: Decimal, evidence: Evidence) -> bool:
    return payable != gross and any(gross + one.value == payable for one in evidence.figures(Label.OTHER))


def _prepaid(gross: Decimal, payable: Figure | None, evidence: Evidence) -> Figure | None:
    """The payment that leads from the total to what is due; several payments are added up."""
    paid = evidence.figures(Label.PREPAID)
    if not paid or payable is None:
        return paid[0] if len(paid) == 1 else None
    total = Figure(sum((abs(one.value) for one in paid), Decimal(0)), paid[-1].numeral, paid[-1].strength)
    return next((one for one in (*paid, total) if gross - abs(one.value) == payable.value), None)


def _adjustment(net: Figure | None, evidence: Evidence) -> Figure | None:
    """What stands between the lines and the net total, when labelled discounts and charges give just that."""
    if net is None or evidence.lines_read is None or net.value == evidence.lines_read:
        return None
    difference = net.value - evidence.lines_read
    less = [one for one in evidence.figures(Label.ALLOWANCE) if one.value]
    more = [one for one in evidence.figures(Label.CHARGE) if one.value]
    sums = [sum((abs(one.value) for one in group), Decimal(0)) for group in (less, more)]
    changes = {abs(one.value) for one in (*less, *more)} | {abs(sums[1] - sums[0]), *sums}
    changes |= {abs(abs(plus.value) - abs(minus.value)) for plus in more for minus in less}
    if abs(difference) not in changes or not (less or more):
        return None
    return Figure(difference, (less or more)[0].numeral, 1)


def _earlier_balance(payable: Decimal, gross: Decimal) -> Problem:
    return Problem(
        code="earlier_balance",
        severity=ProblemSeverity.WARNING,
        message=f"The amount due, {payable}, holds an earlier balance. This invoice amounts to {gross}.",
        field="payable",
    )


_FIELDS = {Label.NET: "net_total", Label.TAX: "tax_total", Label.PAYABLE: "payable"}


def _problem(code: str, message: str, label: Label) -> Problem:
    return Problem(
        code=code,
        severity=ProblemSeverity.ERROR,
        message=f"{message}. Read it from the document.",
        field=_FIELDS.get(label, "gross_total"),
    )


def _disagree(name: str, message: str) -> Problem:
    return Problem(
        code="totals_disagree",
        severity=ProblemSeverity.ERROR,
        message=f"Totals disagree: {message}. Compare the document.",
        field=name,
    )
