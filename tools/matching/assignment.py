"""The best one-to-one assignment of a sparse table of scores, and where it is not clearly the best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

Scores = Mapping[tuple[int, int], float]
"""(row, column) -> score above zero; a missing place is impossible."""

_FORBIDDEN = 0.0
# Scores are sums of a few binary fractions; two that differ by less are the same score.
_NOISE = 1e-9


class Alike(Protocol):
    """Which rows, and which columns, may be exchanged without changing anything that matters."""

    def rows(self, left: int, right: int) -> bool: ...

    def columns(self, left: int, right: int) -> bool: ...


def components(scores: Scores) -> list[dict[tuple[int, int], float]]:
    """The parts of the table that share no row and no column, so that each can be decided alone."""
    parent: dict[tuple[str, int], tuple[str, int]] = {}

    def root(node: tuple[str, int]) -> tuple[str, int]:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for row, column in scores:
        parent[root(("row", row))] = root(("column", column))
    parts: dict[tuple[str, int], dict[tuple[int, int], float]] = {}
    for place, score in scores.items():
        parts.setdefault(root(("row", place[0])), {})[place] = score
    return list(parts.values())


def decide(part: Scores, margin: float, alike: Alike) -> dict[int, int | tuple[int, ...]]:
    """Row -> its column, or the columns between which the margin does not decide.

    A choice stands when every assignment without it scores worse by `margin`, or differs from it only
    by things that are alike. A single column means that another row fits it nearly as well. Rows that
    lose clearly are absent.
    """
    if len(part) == 1:
        return {row: column for row, column in part}
    best = _solve(part)
    return {
        row: rivals or column
        for row, column in sorted(best.items())
        for rivals in [_rivals(part, best, row, margin, alike)]
    }


def _total(part: Scores, chosen: Mapping[int, int]) -> float:
    return sum(part[place] for place in chosen.items())


def _rivals(part: Scores, best: Mapping[int, int], row: int, margin: float, alike: Alike) -> tuple[int, ...]:
    """The columns between which `row` hangs; empty when the choice is clear."""
    column = best[row]
    without = {place: score for place, score in part.items() if place != (row, column)}
    second = _solve(without)
    if _total(part, best) - _total(part, second) >= margin - _NOISE:
        return ()
    taker = next((other for other, held in second.items() if held == column), None)
    rival = second.get(row)
    if taker is not None and alike.rows(row, taker):
        return ()
    if rival is None:
        return (column,)
    return () if alike.columns(column, rival) else tuple(sorted((column, rival)))


def _solve(part: Scores) -> dict[int, int]:
    """The assignment with the highest total; rows may stay without a column."""
    if not part:
        return {}
    # Loaded here because it takes longer than matching a hundred lines that carry item numbers.
    import numpy
    from scipy.optimize import linear_sum_assignment

    rows = sorted({row for row, _ in part})
    columns = sorted({column for _, column in part})
    row_at = {row: place for place, row in enumerate(rows)}
    column_at = {column: place for place, column in enumerate(columns)}
    table = numpy.full((len(rows), len(columns)), _FORBIDDEN)
    for (row, column), score in part.items():
        table[row_at[row], column_at[column]] = score
    picked = zip(*linear_sum_assignment(table, maximize=True), strict=True)
    chosen = {rows[int(row)]: columns[int(column)] for row, column in picked}
    return {row: column for row, column in chosen.items() if (row, column) in part}
