"""A comparison of two runs in words, for the terminal and for a report's page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from evals.suite.compare import Comparison, Moved
from evals.suite.shown_text import visible

_NAMED = 10
_CHANGED_CASE = "the case itself was changed between the runs"


def print_comparison(comparison: Comparison, console: Console, *, is_whole: bool = True) -> None:
    """Harm first, then worse, then better; what it means at the end. `is_whole`: as `meaning`."""
    console.print(Text(f"before: {comparison.first}\nafter:  {comparison.second}"), soft_wrap=True)
    for word, cases in (("HARM", comparison.harmful), ("MISLED", comparison.misled)):
        for case, effects in cases.items():
            for what in effects:
                console.print(Text(visible(f"{word} {case}: {what}"), style="bold red"), soft_wrap=True)
    _print_moved("worse", "red", comparison.worse, console)
    _print_moved("better", "green", comparison.better, console)
    _print_moved("otherwise red", "yellow", comparison.reasons_changed, console)
    for line in meaning(comparison, is_whole=is_whole):
        console.print(Text(line), soft_wrap=True)


def print_gate(faults: Sequence[str], console: Console) -> None:
    """Why the run may not stand; whether it may, in the last line."""
    for fault in faults:
        console.print(Text(visible(f"GATE {fault}"), style="bold red"), soft_wrap=True)
    if not faults:
        console.print(Text("gate passed", style="green"))
        return
    number = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    console.print(Text(f"gate closed: {number}", style="bold red"))


def _print_moved(word: str, style: str, every: Iterable[Moved], console: Console) -> None:
    for moved in every:
        console.print(Text(f"{word}: {headline(moved)}", style=style), soft_wrap=True)
        for line in moved.why:
            console.print(Text(visible(f"   {line}")), soft_wrap=True)


def headline(moved: Moved) -> str:
    changed = f" — {_CHANGED_CASE}" if moved.is_other_case else ""
    return f"{moved.case}, was {moved.before.words}, is {moved.after.words}{changed}"


def meaning(comparison: Comparison, *, is_whole: bool = True) -> list[str]:
    """What the counts say, and what they do not. `is_whole`: the second run was meant to play every case, so
    that each one only one of them has is named; else many of them are counted only."""
    found = comparison.difference
    verdict = "significant" if found.is_significant else "no significant difference"
    lines = [
        f"{found.better} better, {found.worse} worse of {found.cases} cases that both ran",
        f"pass^1 {100 * found.change:+.1f} points (95 %: {100 * found.interval.low:+.1f} to "
        f"{100 * found.interval.high:+.1f}); exact sign test p = {found.chance:.3f}: {verdict}",
    ]
    words = ("only before", "only after", "changed between the runs")
    for word, cases in zip(words, (comparison.gone, comparison.added, comparison.changed), strict=True):
        if cases:
            named = is_whole or len(cases) <= _NAMED
            lines.append(f"{word}: {', '.join(cases) if named else f'{len(cases)} cases'}")
    return lines
