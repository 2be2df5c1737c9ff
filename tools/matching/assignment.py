"""The best one-to-one assignment of a sparse table of scores, and where it is not clearly the best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

Scores = Mapping[tuple[int, int], float]
"""(row, column) -> score above zero; a missing place is impossible."""

# Scores are sums of a few binary fractions; two that differ by less are the same score.
NOISE = 1e-9


class Alike(Protocol):
    """Which rows, and which columns, may be exchanged without changing anything that matters."""

    def rows(self, left: int, right: int) -> bool: ...

    def columns(self, left: int, right: int) -> bool: ...


def components(scores: Scores) -> list[dict[tuple[int, int], float]]:
    """The parts of the table that share no row and no column, so that each can be decided alone."""
    by_row: dict[int, list[int]] = {}
    for row, column in scores:
        by_row.setdefault(row, []).append(column)
    owner: dict[int, int] = {}
    parent = {row: row for row in by_row}

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for row, columns in by_row.items():
        for first in {owner.setdefault(column, row) for column in columns}:
            parent[root(first)] = root(row)
    parts: dict[int, dict[tuple[int, int], float]] = {}
    for row, columns in by_row.items():
        part = parts.setdefault(root(row), {})
        for column in columns:
            part[row, column] = scores[row, column]
    return list(parts.values())


def assign(part: Scores) -> dict[int, int]:
    """Row -> column of the assignment with the highest total."""
    if len(part) == 1:
        return {row: column for row, column in part}
    return _Table(part).solve()


def decide(part: Scores, margin: float, alike: Alike) -> dict[int, int | tuple[int, ...]]:
    """Row -> its column, or the columns between which the margin does not decide.

    A choice stands when every assignment without it scores worse by `margin`, or differs from it only
    by things that are alike. A single column means that another row fits it nearly as well. Rows that
    lose clearly are absent.
    """
    if len(part) == 1:
        return {row: column for row, column in part}
    table = _Table(part)
    best = table.solve()
    if _interchangeable(table, alike):
        return {row: column for row, column in sorted(best.items())}
    clear = table.clear(best, margin)
    return {
        row: column if row in clear else _rivals(table, best, row, margin, alike) or column
        for row, column in sorted(best.items())
    }


class _Table:
    """A dense copy of the scores; an impossible place holds zero."""

    def __init__(self, part: Scores) -> None:
        # Loaded here because it takes longer than matching a hundred lines that carry item numbers.
        import numpy

        self.rows = sorted({row for row, _ in part})
        self.columns = sorted({column for _, column in part})
        self._row_at = {row: place for place, row in enumerate(self.rows)}
        self._column_at = {column: place for place, column in enumerate(self.columns)}
        self._scores: Any = numpy.zeros((len(self.rows), len(self.columns)))
        for (row, column), score in part.items():
            self._scores[self._row_at[row], self._column_at[column]] = score

    def solve(self) -> dict[int, int]:
        """The assignment with the highest total; rows may stay without a column."""
        from scipy.optimize import linear_sum_assignment

        picked = zip(*linear_sum_assignment(self._scores, maximize=True), strict=True)
        return {self.rows[row]: self.columns[column] for row, column in picked if self._scores[row, column]}

    def solve_without(self, row: int, column: int) -> dict[int, int]:
        """The best assignment that does not give `column` to `row`."""
        place = (self._row_at[row], self._column_at[column])
        score, self._scores[place] = float(self._scores[place]), 0.0
        second = self.solve()
        self._scores[place] = score
        return second

    def clear(self, best: Mapping[int, int], margin: float) -> set[int]:
        """Rows whose choice surely stands: no assignment gives the others more than their highest scores, so
        that giving up a choice costs at least its lead in the row less what `best` lacks to all of these."""
        import numpy as np

        highest = self._scores.max(axis=1)
        lacking = float(highest.sum()) - self.total(best)
        clear = set()
        for row, column in best.items():
            at, place = self._row_at[row], self._column_at[column]
            others = np.delete(self._scores[at], place)
            lead = float(highest[at]) - (float(others.max()) if others.size else 0.0)
            if float(self._scores[at, place]) == float(highest[at]) and lead - lacking >= margin:
                clear.add(row)
        return clear

    def total(self, chosen: Mapping[int, int]) -> float:
        places = ((self._row_at[row], self._column_at[column]) for row, column in chosen.items())
        return float(sum(self._scores[place] for place in places))


def _interchangeable(table: _Table, alike: Alike) -> bool:
    """No choice matters: there is a column for each row, and all columns (or all rows and as many columns)
    are alike."""
    rows, columns = table.rows, table.columns
    if len(columns) < len(rows):
        return False
    if all(alike.columns(columns[0], other) for other in columns):
        return True
    return len(columns) == len(rows) and all(alike.rows(rows[0], other) for other in rows)


def _rivals(table: _Table, best: Mapping[int, int], row: int, margin: float, alike: Alike) -> tuple[int, ...]:
    """The columns between which `row` hangs; empty when the choice is clear."""
    column = best[row]
    second = table.solve_without(row, column)
    if table.total(best) - table.total(second) >= margin - NOISE:
        return ()
    taker = next((other for other, held in second.items() if held == column), None)
    rival = second.get(row)
    if taker is not None and alike.rows(row, taker):
        return ()
    if rival is None:
        return (column,)
    return () if alike.columns(column, rival) else tuple(sorted((column, rival)))
