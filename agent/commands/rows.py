"""Rows of equal columns: a table where the terminal has room for it, else one short list for each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_LONGEST = 32
"""Columns of a cell that is cut: `show` gives it in full."""
_NARROWEST = 40
"""Columns below which no sentence is broken into a table's cell."""
_BETWEEN = 3


@dataclass(frozen=True)
class Columns:
    """The names of the columns, and how their cells may be fitted; any other cell is one line in full.

    Cells of `wraps` are broken into lines, those of `cut` end with an ellipsis, those of `right` are figures.
    """

    names: tuple[str, ...]
    wraps: frozenset[str]
    cut: frozenset[str] = frozenset()
    right: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, *names: str, wraps: Sequence[str], cut: Sequence[str] = (), right: Sequence[str] = ()
    ) -> Columns:
        return cls(names, frozenset(wraps), frozenset(cut), frozenset(right))


def print_rows(console: Console, columns: Columns, rows: Sequence[Sequence[str]]) -> None:
    """Print `rows`, whose cells are safe markup. Nothing for no rows."""
    if not rows:
        return
    if _needed(columns, rows) <= console.width:
        console.print(_table(columns, rows))
        return
    for row in rows:
        console.print(f"[bold]{row[0]}[/bold]")
        console.print(Padding(_listed(columns.names[1:], row[1:]), (0, 0, 0, 2)))


def _needed(columns: Columns, rows: Sequence[Sequence[str]]) -> int:
    """Columns of the terminal under which the table would break words or hide figures."""
    total = _BETWEEN * (len(columns.names) - 1)
    for position, name in enumerate(columns.names):
        width = max(_width(row[position]) for row in rows)
        if name in columns.wraps:
            width = min(width, _NARROWEST)
        elif name in columns.cut:
            width = min(width, _LONGEST)
        total += max(width, len(name))
    return total


def _width(cell: str) -> int:
    return max((cell_len(line) for line in Text.from_markup(cell).plain.split("\n")), default=0)


def _table(columns: Columns, rows: Sequence[Sequence[str]]) -> Table:
    table = Table(header_style="bold", show_edge=False, pad_edge=False)
    for name in columns.names:
        is_cut = name in columns.cut
        table.add_column(
            name,
            justify="right" if name in columns.right else "left",
            no_wrap=name not in columns.wraps,
            overflow="ellipsis" if is_cut else "fold",
            max_width=_LONGEST if is_cut else None,
        )
    for row in rows:
        table.add_row(*row)
    return table


def _listed(names: Sequence[str], cells: Sequence[str]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, cell in zip(names, cells, strict=True):
        if cell:
            grid.add_row(f"[dim]{name.strip()}[/dim]", cell)
    return grid
