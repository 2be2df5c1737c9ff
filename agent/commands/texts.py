"""Words on the screen: those of others, safe to print, and ours about a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from agent.commands.common import printable

if TYPE_CHECKING:  # the command line answers faster without the database library
    from tools.case_list import CaseSummary


def plain(value: object) -> str:
    """Safe to print: no markup, no control characters (a document must not steer the terminal)."""
    return escape(printable("" if value is None else str(value)))


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
