"""Alignment without identifiers: price, quantity and unit, then wording; optimal, and only with a margin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from tools.domain.findings import AlignmentEvidence
from tools.domain.policy import MatchPolicy
from tools.matching.allocation import Capacity, Pair
from tools.matching.assignment import NOISE, Scores, components, decide
from tools.matching.freight import is_freight
from tools.matching.identity import OrderIndex, items_differ
from tools.matching.invoice_lines import BillableLine
from tools.matching.order_lines import Conversions, OpenLine, order_units
from tools.matching.text_likeness import GOOD, Wording

# Wording that decides without a price.
_SURE = 0.85
# Far below any margin: between equal order lines the preferred one is taken.
_PREFERENCE = 1e-6
_WEIGHT_WORDING, _WEIGHT_PRICE, _WEIGHT_QUANTITY = 0.4, 0.35, 0.25


@dataclass(frozen=True, slots=True)
class Doubt:
    """A line with several near candidates, or with one that another line fits nearly as well."""

    billed: BillableLine
    candidates: tuple[OpenLine, ...]


@dataclass(frozen=True, slots=True)
class _Edge:
    score: float
    evidence: tuple[AlignmentEvidence, ...]
    share: Fraction
    substitute: bool


@dataclass(frozen=True, slots=True)
class _Fit:
    wanted: OpenLine
    edge: _Edge


_Edges = dict[tuple[int, int], _Edge]


def align_by_likeness(
    billable: Sequence[BillableLine],
    index: OrderIndex,
    capacity: Capacity,
    policy: MatchPolicy,
    conversions: Conversions,
) -> tuple[list[Pair], list[Doubt]]:
    """One order line for each invoice line at most; returns are left out, they prove nothing.

    Order lines with nothing left to bill come second: they take what no open line takes, so that billing
    the same thing twice is told as that. Where one fits clearly better than the open line, it is a doubt.
    """
    rows = [line for line in billable if line.quantity > 0]
    live, used_up = _divided(index.lines, capacity)
    edges = _edges(rows, live, index, capacity, conversions)
    second = _best(_edges(rows, used_up, index, capacity, conversions), used_up)
    margin = float(policy.alignment_margin)
    chosen = _choose(edges, margin, _Alike(rows, live))
    sure = {row: fit for row, fit in second.items() if row not in chosen}
    doubts = []
    for row, found in chosen.items():
        places = (found,) if isinstance(found, int) else found
        fits = [_Fit(live[place], edges[row, place]) for place in places]
        rivals = _better(second.get(row), fits[0], margin)
        if isinstance(found, int) and not rivals:
            sure[row] = fits[0]
        else:
            doubts.append(Doubt(rows[row], tuple(fit.wanted for fit in (*fits, *rivals))))
    return [_pair(rows[row], fit, capacity) for row, fit in sure.items()], doubts


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


def _choose(edges: _Edges, margin: float, alike: _Alike) -> dict[int, int | tuple[int, ...]]:
    scores: Scores = {place: edge.score - place[1] * _PREFERENCE for place, edge in edges.items()}
    return {row: found for part in components(scores) for row, found in decide(part, margin, alike).items()}


def _best(edges: _Edges, columns: Sequence[OpenLine]) -> dict[int, _Fit]:
    """Row -> its best column. Rows do not compete: a line that is used up has nothing to share out."""
    best: dict[int, _Fit] = {}
    for (row, column), edge in edges.items():
        if row not in best or edge.score > best[row].edge.score:
            best[row] = _Fit(columns[column], edge)
    return best


def _pair(billed: BillableLine, fit: _Fit, capacity: Capacity) -> Pair:
    edge = fit.edge
    quantity = billed.quantity * edge.share
    capacity.take(fit.wanted, quantity)
    return Pair(billed, fit.wanted, edge.evidence, quantity, edge.share, edge.substitute)


def _edges(
    rows: Sequence[BillableLine],
    columns: Sequence[OpenLine],
    index: OrderIndex,
    capacity: Capacity,
    conversions: Conversions,
) -> _Edges:
    """Only pairs of the same price or of like wording are looked at more closely."""
    if not rows or not columns:
        return {}
    wording = Wording([line.line.description for line in rows], [line.line.description for line in columns])
    shares = _Shares(columns, conversions)
    edges = {}
    for row, billed in enumerate(rows):
        own_order = index.restriction(billed)
        priced = shares.same_price(billed)
        for column in sorted(priced.union(wording.near(row))):
            wanted = columns[column]
            share = shares.of(billed, wanted)
            if share is None or (own_order is not None and wanted.order.number not in own_order):
                continue
            edge = _edge(billed, wanted, share, wording.likeness(row, column), capacity)
            if edge is not None:
                edges[row, column] = edge
    return edges


class _Shares:
    """Order units in an invoice unit, worked out once for each pair of units of an item."""

    def __init__(self, columns: Sequence[OpenLine], conversions: Conversions) -> None:
        self._conversions = conversions
        self._known: dict[tuple[str | None, str, str | None], Fraction | None] = {}
        self._priced: dict[tuple[str, str | None], dict[Fraction, set[int]]] = {}
        self._sample: dict[tuple[str, str | None], OpenLine] = {}
        for place, wanted in enumerate(columns):
            group = self._group(wanted)
            self._sample.setdefault(group, wanted)
            self._priced.setdefault(group, {}).setdefault(wanted.price, set()).add(place)

    def _group(self, wanted: OpenLine) -> tuple[str, str | None]:
        item = wanted.line.item_number
        return wanted.line.unit, item if item in self._conversions else None

    def of(self, billed: BillableLine, wanted: OpenLine) -> Fraction | None:
        key = (billed.line.unit, *self._group(wanted))
        if key not in self._known:
            self._known[key] = order_units(billed, wanted, self._conversions)
        return self._known[key]

    def same_price(self, billed: BillableLine) -> set[int]:
        """Order lines whose price is exactly the invoice line's."""
        found: set[int] = set()
        for group, prices in self._priced.items():
            share = self.of(billed, self._sample[group])
            if share:
                found |= prices.get(billed.price / share, set())
        return found


def _edge(
    billed: BillableLine, wanted: OpenLine, share: Fraction, wording: float, capacity: Capacity
) -> _Edge | None:
    price = _price_likeness(billed.price / share, wanted.price)
    quantity = _quantity_likeness(billed.quantity * share, wanted, capacity)
    same_figures = price == 1 and quantity == 1
    evidence = _evidence(same_figures, wording, price)
    if not evidence or _is_delivery_for_goods(billed, wanted):
        return None
    substitute = items_differ(billed, wanted)
    if substitute and not (same_figures and wording >= GOOD):
        return None
    score = _WEIGHT_WORDING * wording + _WEIGHT_PRICE * price + _WEIGHT_QUANTITY * quantity
    return _Edge(score, evidence, share, substitute)


def _is_delivery_for_goods(billed: BillableLine, wanted: OpenLine) -> bool:
    return is_freight(billed.line.description) != is_freight(wanted.line.description)


def _evidence(same_figures: bool, wording: float, price: float) -> tuple[AlignmentEvidence, ...]:
    found = [AlignmentEvidence.PRICE_QUANTITY_UNIT] if same_figures else []
    if wording >= _SURE or (wording >= GOOD and (same_figures or price >= 0.8)):
        found.append(AlignmentEvidence.DESCRIPTION)
    return tuple(found)


def _price_likeness(billed: Fraction, wanted: Fraction) -> float:
    if billed == wanted:
        return 1.0
    if wanted == 0:
        return 0.0
    distance = abs(billed - wanted) / wanted
    return 0.8 if distance <= Fraction(2, 100) else 0.4 if distance <= Fraction(1, 10) else 0.0


def _quantity_likeness(billed: Fraction, wanted: OpenLine, capacity: Capacity) -> float:
    if billed in (capacity.open(wanted), capacity.receivable(wanted), wanted.ordered):
        return 1.0
    return 0.5 if billed <= capacity.open(wanted) else 0.0


class _Alike:
    """Whether an exchange of two lines would change nothing that matters."""

    def __init__(self, rows: Sequence[BillableLine], columns: Sequence[OpenLine]) -> None:
        self._rows = rows
        self._columns = columns

    def columns(self, left: int, right: int) -> bool:
        """The same goods at the same price on two order lines: the preferred one is as good."""
        one, two = self._columns[left], self._columns[right]
        return (one.line.item_number, one.line.description, one.price, one.unit) == (
            two.line.item_number,
            two.line.description,
            two.price,
            two.unit,
        )

    def rows(self, left: int, right: int) -> bool:
        one, two = self._rows[left], self._rows[right]
        return (one.line.description, one.price, one.quantity, one.unit) == (
            two.line.description,
            two.price,
            two.quantity,
            two.unit,
        )
