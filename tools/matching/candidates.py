"""Which order lines an invoice line without identifiers could bill: the figures and words of each pair."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tools.domain.findings import AlignmentEvidence
from tools.matching.allocation import Capacity
from tools.matching.freight import is_freight
from tools.matching.identity import OrderIndex, keys_differ, known_keys, printed_keys
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
        self.wording = Wording(
            [line.line.description for line in rows], [line.line.description for line in columns]
        )
        self._figures = _Figures(rows, columns, capacity, conversions)
        self._freight = [is_freight(wanted.line.description) for wanted in columns]
        self._own_orders = [index.restriction(billed) for billed in rows]
        self._printed = [printed_keys(billed.line) for billed in rows]
        self._known = [known_keys(wanted.line) for wanted in columns]
        found = self._found() if rows and columns else {}
        self.edges: Edges = {place: edge for place, edge in found.items() if edge.evidence}
        """Pairs with evidence."""
        self.same_price: Edges = {place: edge for place, edge in found.items() if not edge.evidence}
        """Pairs with the same price and nothing else that speaks for them."""

    def _found(self) -> Edges:
        """Only pairs of the same price or of like wording are looked at more closely."""
        found: Edges = {}
        for row, billed in enumerate(self.rows):
            freight, numbered = is_freight(billed.line.description), any(self._printed[row])
            near = self.wording.near(row)
            for column in sorted(self._figures.same_price(row).union(near)):
                if self._freight[column] == freight and self._may_be(row, column):
                    other = numbered and keys_differ(self._printed[row], self._known[column])
                    edge = self._figures.edge(row, column, near.get(column, 0.0), other)
                    if edge is not None:
                        found[row, column] = edge
        return found

    def _may_be(self, row: int, column: int) -> bool:
        """The invoice line names no other order."""
        own = self._own_orders[row]
        return own is None or self.columns[column].order.number in own


class _Figures:
    """Price, quantity and unit of all pairs. Many lines have the same figures, so each combination is
    worked out once."""

    def __init__(
        self,
        rows: Sequence[BillableLine],
        columns: Sequence[OpenLine],
        capacity: Capacity,
        conversions: Conversions,
    ) -> None:
        self._rows = rows
        self._columns = columns
        self._shares = _Shares(columns, conversions)
        self._open = [capacity.open(wanted) for wanted in columns]
        self._full = [(capacity.receivable(wanted), wanted.ordered) for wanted in columns]
        self._row_kinds = _numbered((row.price, row.quantity, row.line.unit) for row in rows)
        self._column_kinds = _numbered(
            (wanted.price, self._open[at], self._full[at], self._shares.group(wanted))
            for at, wanted in enumerate(columns)
        )
        self._compared: dict[tuple[int, int], _Compared | None] = {}
        self._edges: dict[tuple[int, int, float, bool], Edge | None] = {}

    def same_price(self, row: int) -> set[int]:
        return self._shares.same_price(self._rows[row])

    def edge(self, row: int, column: int, wording: float, other_item: bool) -> Edge | None:
        """None where nothing speaks for the pair, or part numbers speak against it."""
        kinds = (self._row_kinds[row], self._column_kinds[column])
        key = (*kinds, wording, other_item)
        if key not in self._edges:
            if kinds not in self._compared:
                self._compared[kinds] = self._compare(row, column)
            compared = self._compared[kinds]
            self._edges[key] = _edge(compared, wording, other_item) if compared else None
        return self._edges[key]

    def _compare(self, row: int, column: int) -> _Compared | None:
        billed, wanted = self._rows[row], self._columns[column]
        share = self._shares.of(billed, wanted)
        if share is None:
            return None
        price = _price_likeness(billed.price, wanted.price * share)
        return _Compared(share, price, self._quantity_likeness(billed.quantity * share, column))

    def _quantity_likeness(self, billed: Fraction, column: int) -> float:
        if billed == self._open[column] or billed in self._full[column]:
            return 1.0
        return 0.5 if billed <= self._open[column] else 0.0


@dataclass(frozen=True, slots=True)
class _Compared:
    """The figures of one pair: order units in an invoice unit, likeness of price and quantity."""

    share: Fraction
    price: float
    quantity: float


def _numbered(keys: Iterable[Hashable]) -> list[int]:
    """For each key the number of its kind."""
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]


def _edge(compared: _Compared, wording: float, other_item: bool) -> Edge | None:
    price, quantity = compared.price, compared.quantity
    same_figures = price == 1 and quantity == 1
    evidence = _evidence(same_figures, wording, price)
    if not evidence and (price < 1 or quantity == 0):
        return None
    if other_item and not (same_figures and wording >= GOOD):
        return None
    score = _WEIGHT_WORDING * wording + _WEIGHT_PRICE * price + _WEIGHT_QUANTITY * quantity
    return Edge(score, evidence, compared.share, other_item)


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
        self._found: dict[tuple[str | None, Fraction], set[int]] = {}
        for place, wanted in enumerate(columns):
            group = self.group(wanted)
            self._sample.setdefault(group, wanted)
            self._priced.setdefault(group, {}).setdefault(wanted.price, set()).add(place)

    def group(self, wanted: OpenLine) -> tuple[str, str | None]:
        item = wanted.line.item_number
        return wanted.line.unit, item if item in self._conversions else None

    def of(self, billed: BillableLine, wanted: OpenLine) -> Fraction | None:
        key = (billed.line.unit, *self.group(wanted))
        if key not in self._known:
            self._known[key] = order_units(billed, wanted, self._conversions)
        return self._known[key]

    def same_price(self, billed: BillableLine) -> set[int]:
        """Order lines whose price is exactly the invoice line's."""
        key = (billed.line.unit, billed.price)
        if key not in self._found:
            found: set[int] = set()
            for group, prices in self._priced.items():
                share = self.of(billed, self._sample[group])
                if share:
                    found |= prices.get(billed.price / share, set())
            self._found[key] = found
        return self._found[key]
