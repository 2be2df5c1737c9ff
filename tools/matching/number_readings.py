"""A number that carries its year, read as year and running number, however the year is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from tools.matching.number_words import PREFIXES, YEAR, words_to_count

_RUNS = re.compile(r"\d+|\D+")
_SHORT_YEAR = re.compile(r"[1-3]\d")
"""Of 2010 to 2039, standing for itself: other groups of two digits are branches and parts."""
_YEAR_FIRST = re.compile(r"(20[0-3]\d)(\d{3,})")
_SHORT_YEAR_FIRST = re.compile(r"([1-3]\d)(\d{4,})")
_YEAR_LAST = re.compile(r"(\d{2,}?)(20[0-3]\d)")
_REMEMBERED = 20_000
_LONG_ENOUGH = 4
"""Digits that say by themselves which number is meant, whatever stands before or behind them."""


class DatedNumber(NamedTuple):
    year: int
    running: str
    """Letters and digits without known prefixes and leading zeros."""


@lru_cache(_REMEMBERED)
def dated_numbers(text: str) -> frozenset[DatedNumber]:
    """What a number may be as year and running number: `RE-26-0017`, `2026RE0017`, `20260017` and
    `2026-0017` are all 17 of 2026. Empty where nothing in it can be a year.

    Two numbers are the same where one reading of each is: year and running number must both agree, so that
    a counter that only looks dated is taken for nothing else of its series.
    """
    words = [word for word in words_to_count(text) if word not in PREFIXES]
    runs = [run for word in words for run in _RUNS.findall(word) if run not in PREFIXES]
    places = [place for place, run in enumerate(runs) if YEAR.fullmatch(run)]
    if places:
        found = [(int(runs[place]), _without(runs, place)) for place in places]
    else:
        found = [*_short_years(words, runs), *_glued(runs)]
    return frozenset(DatedNumber(year, running) for year, rest in found if (running := _joined(rest)))


def _without(runs: list[str], place: int) -> list[str]:
    return [*runs[:place], *runs[place + 1 :]]


def _short_years(words: list[str], runs: list[str]) -> Iterator[tuple[int, list[str]]]:
    """A word of two digits before or behind the others: `26-0017`, `0017/26`."""
    for word, place in ((words[:1], 0), (words[-1:], len(runs) - 1)):
        if len(words) > 1 and word and runs[place] == word[0] and _SHORT_YEAR.fullmatch(word[0]):
            yield 2000 + int(word[0]), _without(runs, place)


def _glued(runs: list[str]) -> Iterator[tuple[int, list[str]]]:
    """A year that begins or ends a group of digits; the likeliest reading of each group."""
    for place, run in enumerate(runs):
        if found := _YEAR_FIRST.fullmatch(run) or _SHORT_YEAR_FIRST.fullmatch(run):
            year = int(found[1])
            yield year if year >= 2000 else 2000 + year, [*runs[:place], found[2], *runs[place + 1 :]]
        elif found := _YEAR_LAST.fullmatch(run):
            yield int(found[2]), [*runs[:place], found[1], *runs[place + 1 :]]


def _joined(runs: list[str]) -> str:
    """One text, each group of digits behind letters without its leading zeros; nothing without digits."""
    after_letters, parts = True, []
    for run in runs:
        parts.append((run.lstrip("0") or "0") if run.isdigit() and after_letters else run)
        after_letters = not run.isdigit()
    joined = "".join(parts)
    return joined if any(sign.isdigit() for sign in joined) else ""


class NumberParts(NamedTuple):
    letters: tuple[str, ...]
    """In the order of the alphabet, without known prefixes."""
    digits: str


@lru_cache(_REMEMBERED)
def parts_of(text: str) -> NumberParts | None:
    """Letters and the one group of digits of a number, in whatever order: `DE-428887-INV` and `INV-428887-DE`
    are one. None with several groups of digits, whose order counts, and for short ones."""
    runs = [run for word in words_to_count(text) for run in _RUNS.findall(word) if run not in PREFIXES]
    digits = [run.lstrip("0") for run in runs if run.isdigit()]
    if len(digits) != 1 or len(digits[0]) < _LONG_ENOUGH:
        return None
    return NumberParts(tuple(sorted(run for run in runs if not run.isdigit())), digits[0])
