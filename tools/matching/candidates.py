"""Which order lines an invoice line without identifiers could bill: the figures and words of each pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from tools.domain.findings import AlignmentEvidence
from tools.matching.allocation import Capacity
from tools.matching.freight import is_freight
from tools.matching.identity import OrderIndex, items_differ
from tools.matching.invoice_lines import BillableLine
from tools.matching.order_lines import Conversions, OpenLine, order_units
from tools.matching.text_likeness import GOOD, Wording

# Wording that decides without a price.
_SURE = 0.85
_WEIGHT_WORDING, _WEIGHT_PRICE, _WEIGHT_QUANTITY = 0.4, 0.35, 0.25
_TWO_PERCENT, _TEN_PERCENT = Fraction(2, 100), Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Edge:
    """How well one invoice line fits one order line."""

    score: float
    """Words, price and quantity together, 0 to 1."""
    evidence: tuple[AlignmentEvidence, ...]
    """Empty where only the price is the same: that pairs nothing, it can be suggested."""
    share: Fraction
    """Order units in one unit of the invoice line."""
    substitute: bool

    @property
    def is_by_figures_alone(self) -> bool:
        return self.evidence == (AlignmentEvidence.PRICE_QUANTITY_UNIT,)


Edges = dict[tuple[int, int], Edge]
"""(invoice line, order line) by their places in the two lists."""


class Candidates:
    """All pairs of some invoice lines and some order lines that deserve a look."""

    def __init__(
        self,
        rows: Sequence[BillableLine],
        columns: Sequence[OpenLine],
        index: OrderIndex,
        capacity: Capacity,
        conversions: Conversions,
    ) -> None:
        self.rows = rows
        self.columns = columns
        self._capacity = capacity
        self._open = [capacity.open(wanted) for wanted in columns]
        self._full = [
            {self._open[place], capacity.receivable(wanted), wanted.ordered}
            for place, wanted in enumerate(columns)
        ]
        self.wording = Wording(
            [line.line.description for line in rows], [line.line.description for line in columns]
        )
        self._shares = _Shares(columns, conversions)
        self._freight = [is_freight(wanted.line.description) for wanted in columns]
        self._own_orders = [index.restriction(billed) for billed in rows]
        found = self._found() if rows and columns else {}
        self.edges: Edges = {place: edge for place, edge in found.items() if edge.evidence}
        """Pairs with evidence."""
        self.same_price: Edges = {place: edge for place, edge in found.items() if not edge.evidence}
        """Pairs with the same price and nothing else that speaks for them."""

    def _found(self) -> Edges:
        """Only pairs of the same price or of like wording are looked at more closely."""
        found: Edges = {}
        for row, billed in enumerate(self.rows):
            freight = is_freight(billed.line.description)
            near = self.wording.near(row)
            for column in sorted(self._shares.same_price(billed).union(near)):
                if self._freight[column] == freight and self._may_be(row, column):
                    edge = self._edge(row, column, near.get(column, 0.0))
                    if edge is not None:
                        found[row, column] = edge
        return found

    def _may_be(self, row: int, column: int) -> bool:
        """The invoice line names no other order."""
        own = self._own_orders[row]
        return own is None or self.columns[column].order.number in own

    def _edge(self, row: int, column: int, wording: float) -> Edge | None:
        billed, wanted = self.rows[row], self.columns[column]
        share = self._shares.of(billed, wanted)
        if share is None:
            return None
        price = _price_likeness(billed.price, wanted.price * share)
        quantity = self._quantity_likeness(billed.quantity * share, column)
        same_figures = price == 1 and quantity == 1
        evidence = _evidence(same_figures, wording, price)
        if not evidence and (price < 1 or quantity == 0):
            return None
        substitute = items_differ(billed, wanted)
        if substitute and not (same_figures and wording >= GOOD):
            return None
        score = _WEIGHT_WORDING * wording + _WEIGHT_PRICE * price + _WEIGHT_QUANTITY * quantity
        return Edge(score, evidence, share, substitute)

    def _quantity_likeness(self, billed: Fraction, column: int) -> float:
        if billed in self._full[column]:
            return 1.0
        return 0.5 if billed <= self._open[column] else 0.0


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
    return 0.8 if distance <= _TWO_PERCENT else 0.4 if distance <= _TEN_PERCENT else 0.0


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
