"""Words on the screen: those of others, safe to print, and ours about a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from agent.commands.common import printable

if TYPE_CHECKING:  # the command line answers faster without the database library
    from tools.case_list import CaseSummary


_QUOTE = "\N{BOX DRAWINGS HEAVY VERTICAL} "
"""Before each line of a text of others that stands over several; no such text holds the sign itself."""
_BREAK = " \N{DOWNWARDS ARROW WITH CORNER LEFTWARDS} "


def plain(value: object) -> str:
    """Safe to print: no markup, no control characters (a document must not steer the terminal), and one
    line, in which a break is shown as a sign."""
    return lines_of(value).replace("\n", _BREAK)


def lines_of(value: object) -> str:
    """As `plain`, over several lines: only where each of them stands in a cell or a frame of ours."""
    return escape(printable("" if value is None else str(value)))


def quoted(console: Console, text: str, style: str = "") -> None:
    """A text of others over as many lines as it needs, each of them marked as theirs."""
    room = max(console.width - len(_QUOTE), 1)
    for line in Text(printable(text), style=style).wrap(console, room):
        console.print(Text.assemble((_QUOTE, "dim"), line), highlight=False, no_wrap=True)


def hanging(first: str, rest: str) -> Table:
    """Two texts (markup) in one row; what the second needs of further lines stands under itself, so that
    nothing in it begins a line of the screen."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(first, rest)
    return grid


def indented(text: str, by: int) -> Padding:
    """A text (markup) of which each line begins `by` columns inwards."""
    return Padding(Text.from_markup(text, overflow="fold"), (0, 0, 0, by))


def stage_words(case: CaseSummary) -> str:
    """Where it stands, for people: what was approved and then cut off does not wait for an approval."""
    left = case.word_left
    return case.stage.replace("_", " ") if left is None else f"{left.what}, not carried out"


def word_left(case: CaseSummary) -> str:
    """Whose word on it was not carried out yet, and what carries it out or stops it; empty where none is."""
    return "" if case.word_left is None else case.word_left.told


def suggested(case: CaseSummary, why: str) -> str:
    """With what a model suggests, where it does: a person has not looked at it yet."""
    return f"{why}; model suggests: {case.suggestion}" if case.suggestion else why
