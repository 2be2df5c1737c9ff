"""Lines of one thing, several on either side: their quantities say together who bills what.

Nothing here is guessed. Both sides read as the same goods at the same price, no other line competes for them,
and the quantities add up; otherwise the lines are left to be decided one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from tools.domain.findings import AlignmentEvidence
from tools.matching.allocation import Capacity, Pair, Rooms, exact_sum
from tools.matching.candidates import Candidates
from tools.matching.identity import known_keys, printed_keys
from tools.matching.invoice_lines import BillableLine
from tools.matching.order_lines import OpenLine
from tools.matching.text_likeness import folded

_WORDS = (AlignmentEvidence.DESCRIPTION,)
_WORDS_AND_SUM = (AlignmentEvidence.PRICE_QUANTITY_UNIT, *_WORDS)


@dataclass(frozen=True, slots=True)
class _Block:
    """Invoice lines and order lines of one thing at one price, by their places."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    share: Fraction
    """Order units in one unit of the invoice lines."""


def share_out(candidates: Candidates, capacity: Capacity, left_out: Collection[int]) -> tuple[Pair, ...]:
    """Pairs for the lines that only a sum explains: one invoice line over several order lines, several over
    one, or several over several. `left_out` are invoice lines that something else speaks for."""
    pairs: list[Pair] = []
    for block in _blocks(candidates):
        needs = {row: candidates.rows[row].quantity * block.share for row in block.rows}
        contested = any(row in left_out for row in block.rows)
        rooms = None if contested else _rooms(block, candidates, capacity)
        if rooms is not None:
            pairs += _pairs(block, candidates, capacity, _filled(needs, rooms))
    return tuple(pairs)


def _blocks(candidates: Candidates) -> Iterator[_Block]:
    by_row: dict[int, set[int]] = {}
    by_column: dict[int, set[int]] = {}
    for row, column in candidates.edges:
        by_row.setdefault(row, set()).add(column)
        by_column.setdefault(column, set()).add(row)
    groups: dict[tuple[object, ...], list[int]] = {}
    for row in by_row:
        groups.setdefault(_billed_goods(candidates.rows[row]), []).append(row)
    for rows in groups.values():
        columns = sorted(set().union(*(by_row[row] for row in rows)))
        alone = set().union(*(by_column[column] for column in columns)) == set(rows)
        goods = {_ordered_goods(candidates.columns[column]) for column in columns}
        if (
            alone
            and len(goods) == 1
            and len(rows) + len(columns) > 2
            and _is_one_thing(candidates, rows, columns)
        ):
            yield _Block(tuple(rows), tuple(columns), candidates.edges[rows[0], columns[0]].share)


def _billed_goods(line: BillableLine) -> tuple[object, ...]:
    return (folded(line.line.description or ""), line.price, line.line.unit, printed_keys(line.line))


def _ordered_goods(wanted: OpenLine) -> tuple[object, ...]:
    return (folded(wanted.line.description), wanted.price, wanted.unit, known_keys(wanted.line))


def _is_one_thing(candidates: Candidates, rows: Sequence[int], columns: Sequence[int]) -> bool:
    """Every invoice line may bill every order line, reads like it and has its price."""
    edges = [(place, candidates.edges.get(place)) for place in product(rows, columns)]
    return all(
        edge is not None
        and AlignmentEvidence.DESCRIPTION in edge.evidence
        and not edge.substitute
        and candidates.rows[row].price == candidates.columns[column].price * edge.share
        for (row, column), edge in edges
    )


def _rooms(block: _Block, candidates: Candidates, capacity: Capacity) -> Rooms | None:
    """The order lines that the quantities point to, with what each can take: by what was received, else by
    what is open. None where one line each explains them, or nothing does."""
    quantities = [candidates.rows[row].quantity * block.share for row in block.rows]
    for room in (capacity.receivable, capacity.open):
        rooms = _room_of(block.columns, candidates.columns, room)
        found = _explained(quantities, rooms)
        if found is not None:
            return found
    if len(quantities) > 1:
        return None
    rooms = _room_of(block.columns, candidates.columns, capacity.open)
    needed = quantities[0]
    only_together = max(rooms.values(), default=Fraction(0)) < needed <= sum(rooms.values(), Fraction(0))
    return rooms if only_together else None


def _room_of(
    places: Sequence[int], columns: Sequence[OpenLine], room: Callable[[OpenLine], Fraction]
) -> Rooms:
    return {place: left for place in places if (left := room(columns[place])) > 0}


def _explained(quantities: Sequence[Fraction], rooms: Rooms) -> Rooms | None:
    """The order lines that hold exactly what is billed."""
    if len(quantities) == 1:
        return exact_sum(quantities[0], rooms)
    same = sum(quantities, Fraction(0)) == sum(rooms.values(), Fraction(0))
    return rooms if same and sorted(quantities) != sorted(rooms.values()) else None


def _filled(needs: Mapping[int, Fraction], rooms: Rooms) -> list[tuple[int, int, Fraction]]:
    """(invoice line, order line, order units): the largest need first, on one line where one has room."""
    left = dict(rooms)
    parts = []
    for row, need in sorted(needs.items(), key=lambda entry: (-entry[1], entry[0])):
        for column in _in_turn(need, left):
            taken = min(need, left[column])
            if taken > 0:
                parts.append((row, column, taken))
                left[column] -= taken
                need -= taken
    return parts


def _in_turn(need: Fraction, left: Rooms) -> list[int]:
    """The line that holds exactly the need first, then those that have room for it, then the others."""
    return sorted(left, key=lambda column: (left[column] != need, left[column] < need))


def _pairs(
    block: _Block, candidates: Candidates, capacity: Capacity, parts: Sequence[tuple[int, int, Fraction]]
) -> Iterator[Pair]:
    rest = {column: capacity.open(candidates.columns[column]) for _, column, _ in parts}
    received = {column: capacity.receivable(candidates.columns[column]) for _, column, _ in parts}
    total = sum((quantity for _, _, quantity in parts), Fraction(0))
    adds_up = total in (sum(rest.values(), Fraction(0)), sum(received.values(), Fraction(0)))
    for row, column, quantity in parts:
        wanted = candidates.columns[column]
        capacity.take(wanted, quantity)
        yield Pair(candidates.rows[row], wanted, _WORDS_AND_SUM if adds_up else _WORDS, quantity, block.share)
