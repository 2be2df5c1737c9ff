"""What speaks about the totals of a document, and the totals that come out of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tools.domain.documents import Problem
from tools.intake.pdf_amount_rows import Breakdown, LabelledAmount
from tools.intake.pdf_amounts import Numeral
from tools.intake.pdf_vocabulary import Label


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount and where it stands; several places when it was added up."""

    value: Decimal
    numeral: Numeral
    strength: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What the document says it amounts to. Without problems, the figures are proven."""

    net: Figure | None = None
    tax: Figure | None = None
    gross: Figure | None = None
    payable: Figure | None = None
    prepaid: Figure | None = None
    lines: Figure | None = None
    adjustment: Figure | None = None
    """Labelled discounts and charges that lead from the sum of the lines to the net total."""
    tax_rate: Decimal | None = None
    """Percent, where one rate explains the whole tax."""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that speaks about the totals."""

    amounts: tuple[LabelledAmount, ...]
    rows: tuple[Breakdown, ...] = ()
    line_sum: Decimal | None = None
    """Sum of the invoice lines; absent when not every line proves itself."""
    lines_read: Decimal | None = None
    """Sum of the lines as read, proven or not."""
    names_tax: bool = True
    """Whether a tax is named anywhere in the document."""
    printed: frozenset[Decimal] = frozenset()
    """Every amount on the pages."""
    rates: tuple[Decimal, ...] = ()
    """Every percentage on the pages."""
    largest: LabelledAmount | None = None
    """The largest amount with a currency sign, for documents without any label."""

    def figures(self, *labels: Label) -> list[Figure]:
        return [
            Figure(one.value, one.numeral, one.strength)
            for one in self.amounts
            if one.label in labels and one.value is not None
        ]


def payment_values(gross: Decimal, evidence: Evidence) -> set[Decimal]:
    """What can be left to pay of `gross`: less payments made, plus earlier balances."""
    paid = {abs(one.value) for one in evidence.figures(Label.PREPAID)}
    earlier = {one.value for one in evidence.figures(Label.OTHER)}
    rounding = {one.value for one in evidence.figures(Label.ROUNDING)}
    left = {gross, *(gross - one for one in paid), *(gross + one for one in earlier | rounding)}
    left |= {gross - one + more for one in paid for more in earlier | rounding}
    if paid:
        left.add(gross - sum(paid, Decimal(0)))
    return left | ({Decimal(0)} if gross in paid else set())


def surest_figure(figures: list[Figure]) -> Figure | None:
    """The strongest label, then the last in reading order."""
    best: Figure | None = None
    for one in figures:
        if best is None or one.strength >= best.strength:
            best = one
    return best


def figure_of(one: LabelledAmount) -> Figure | None:
    return Figure(one.value, one.numeral, one.strength) if one.value is not None else None
