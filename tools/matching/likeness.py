"""Alignment without identifiers: price, quantity and unit, then wording; optimal, and only with a margin.

Meaning never pairs lines. It takes a pair of equal figures back where the texts have nothing to do with
each other, and it orders what is suggested to a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from tools.domain.policy import MatchPolicy
from tools.matching.allocation import Capacity, Pair
from tools.matching.assignment import NOISE, Scores, components, decide
from tools.matching.candidates import Candidates, Edge, Edges
from tools.matching.identity import OrderIndex
from tools.matching.invoice_lines import BillableLine
from tools.matching.meaning import Meaning
from tools.matching.order_lines import Conversions, OpenLine
from tools.matching.suggestions import Suggestion, read_meaning, suggest
from tools.matching.sums import share_out

# Far below any margin: between equal order lines the preferred one is taken.
_PREFERENCE = 1e-6
# Of the goods in `evals/alignment_goods.py`, 82 % reach this between the names of one thing in two languages,
# and 0.3 % between two things of one trade.
_SAME_GOODS = 0.45


class Why(Enum):
    """Why a line is a question."""

    SEVERAL_FIT = auto()
    OTHER_TEXT = auto()
    """The figures are an order line's, the text speaks of something else."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A line with several near candidates, or with one that is not good enough."""

    billed: BillableLine
    candidates: tuple[OpenLine, ...]
    why: Why = Why.SEVERAL_FIT


@dataclass(frozen=True, slots=True)
class Likely:
    """What figures and words decide, what they leave open, and what a person may confirm."""

    pairs: tuple[Pair, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class _Fit:
    wanted: OpenLine
    edge: Edge


_Chosen = Mapping[int, int | tuple[int, ...]]


def align_by_likeness(
    billable: Sequence[BillableLine],
    index: OrderIndex,
    capacity: Capacity,
    policy: MatchPolicy,
    conversions: Conversions,
    meaning: Meaning | None = None,
) -> Likely:
    """One order line for each invoice line, or several where only a sum explains the quantities; returns are
    left out, they prove nothing.

    Order lines with nothing left to bill come second: they take what no open line takes, so that billing
    the same thing twice is told as that. Where one fits clearly better than the open line, it is a doubt.
    """
    rows = [line for line in billable if line.quantity > 0]
    if not rows:
        return Likely()
    live, used_up = _divided(index.lines, capacity)
    candidates = Candidates(rows, live, index, capacity, conversions)
    second = _best(Candidates(rows, used_up, index, capacity, conversions))
    margin = float(policy.alignment_margin)
    shared = share_out(candidates, capacity, _billed_again(candidates, second, margin))
    chosen = _choose(_left(candidates, shared), margin, _Alike(rows, live))
    strangers = _strangers(candidates, chosen, meaning)
    settled = {row for row, line in enumerate(rows) if any(pair.billed is line for pair in shared)}
    sure = {row: fit for row, fit in second.items() if row not in chosen and row not in settled}
    doubts = []
    for row, found in chosen.items():
        places = (found,) if isinstance(found, int) else found
        fits = [_Fit(live[place], candidates.edges[row, place]) for place in places]
        rivals = _better(second.get(row), fits[0], margin)
        if rivals or not isinstance(found, int):
            doubts.append(Doubt(rows[row], tuple(fit.wanted for fit in (*fits, *rivals))))
        elif row in strangers:
            doubts.append(Doubt(rows[row], (fits[0].wanted,), Why.OTHER_TEXT))
        else:
            sure[row] = fits[0]
    pairs = (*shared, *(_pair(rows[row], fit, capacity) for row, fit in sure.items()))
    settled.update(sure)
    suggestions = suggest(candidates, settled, [pair.wanted for pair in pairs], meaning, margin)
    return Likely(pairs, tuple(doubts), suggestions)


def _left(candidates: Candidates, shared: Sequence[Pair]) -> Edges:
    """The candidates of the lines that no sum explained."""
    lines = {id(pair.billed) for pair in shared}
    return {
        place: edge for place, edge in candidates.edges.items() if id(candidates.rows[place[0]]) not in lines
    }


def _billed_again(candidates: Candidates, second: Mapping[int, _Fit], margin: float) -> set[int]:
    """Rows that an order line billed in full fits better, by the margin, than any open one."""
    best = _best(candidates)
    return {row for row, spent in second.items() if row in best and _better(spent, best[row], margin)}


def _divided(lines: Sequence[OpenLine], capacity: Capacity) -> tuple[list[OpenLine], list[OpenLine]]:
    """Lines with something left to bill, and the others; in each the preferred one first."""
    live: list[OpenLine] = []
    used_up: list[OpenLine] = []
    for line in sorted(lines, key=capacity.preference):
        (live if capacity.open(line) > 0 and not line.line.cancelled else used_up).append(line)
    return live, used_up


def _better(spent: _Fit | None, fit: _Fit, margin: float) -> tuple[_Fit, ...]:
    """The line that is used up, where it fits better by the margin than the line that is open."""
    return () if spent is None or spent.edge.score - fit.edge.score < margin - NOISE else (spent,)


def _choose(edges: Edges, margin: float, alike: _Alike) -> dict[int, int | tuple[int, ...]]:
    scores: Scores = {place: edge.score - place[1] * _PREFERENCE for place, edge in edges.items()}
    return {row: found for part in components(scores) for row, found in decide(part, margin, alike).items()}


def _strangers(candidates: Candidates, chosen: _Chosen, meaning: Meaning | None) -> set[int]:
    """The chosen lines that have an order line's figures alone and a text of something else: other numbers,
    or goods of another kind. A text that names no goods speaks against nothing."""
    wording = candidates.wording
    by_figures = {
        row: found
        for row, found in chosen.items()
        if isinstance(found, int) and candidates.edges[row, found].is_by_figures_alone
    }
    other_size = {row for row, column in by_figures.items() if not wording.numbers_agree(row, column)}
    if meaning is None:
        return other_size
    unread = [
        (row, column)
        for row, column in by_figures.items()
        if row not in other_size and not wording.names_nothing(row, column)
    ]
    alike = read_meaning(meaning, candidates, unread)
    return other_size | {row for row, column in unread if alike[row, column] < _SAME_GOODS}


def _best(candidates: Candidates) -> dict[int, _Fit]:
    """Row -> its best column. Rows do not compete: a line that is used up has nothing to share out."""
    best: dict[int, _Fit] = {}
    for (row, column), edge in candidates.edges.items():
        if row not in best or edge.score > best[row].edge.score:
            best[row] = _Fit(candidates.columns[column], edge)
    return best


def _pair(billed: BillableLine, fit: _Fit, capacity: Capacity) -> Pair:
    edge = fit.edge
    quantity = billed.quantity * edge.share
    capacity.take(fit.wanted, quantity)
    return Pair(billed, fit.wanted, edge.evidence, quantity, edge.share, edge.substitute)


class _Alike:
    """Whether an exchange of two lines would change nothing that matters."""

    def __init__(self, rows: Sequence[BillableLine], columns: Sequence[OpenLine]) -> None:
        self._rows = [(row.line.description, row.price, row.quantity, row.unit) for row in rows]
        self._columns = [
            (column.line.item_number, column.line.description, column.price, column.unit)
            for column in columns
        ]

    def columns(self, left: int, right: int) -> bool:
        """The same goods at the same price on two order lines: the preferred one is as good."""
        return self._columns[left] == self._columns[right]

    def rows(self, left: int, right: int) -> bool:
        return self._rows[left] == self._rows[right]
