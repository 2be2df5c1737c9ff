"""Which words of one company name stand in another: misspelt, misread, cut short or run together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from tools.suppliers.names import is_legal_form

# What scanners take for one another, each to one of the group.
_SCANNED = str.maketrans(
    {"0": "o", "1": "l", "5": "s", "8": "b", "6": "g", "i": "l", "3": "b", "|": "l", "2": "z"}
)
_ALIKE = 0.78
"""Similarity below which two words are two words: one wrong letter in five is still the same."""
_SHORT = 4
"""Longest word in which a wrong letter makes another word: 'MCP' and 'MP' are two companies."""
_CUT, _SQUEEZED, _RUN_TOGETHER = 0.9, 0.8, 0.95
DOUBTFUL = 0.5
"""Likeness of a short word with one wrong letter; less is another word."""


class Word(NamedTuple):
    text: str
    scanned: str
    """As `as_scanned` spells it."""
    rarity: float


@lru_cache(maxsize=65536)
def as_scanned(text: str) -> str:
    """The text with letters and digits that scanners confuse made one: `GmbH` and `6mbH`. Numbers stay."""
    return " ".join(
        word if word.isdigit() else word.translate(_SCANNED).replace("rn", "m").replace("vv", "w")
        for word in text.split()
    )


def found_shares(words: Sequence[Word], others: Sequence[Word], all_others: Sequence[str]) -> list[float]:
    """For each word, how surely the other name has it, 0 to 1. `others` are the telling words of the other
    name, `all_others` all of them, legal form included."""
    shares = [max((_shared(word.text, other) for other in all_others), default=0.0) for word in words]
    if min(shares, default=1.0) < _CUT:
        _add_run_together(shares, words, others)
    return shares


def _shared(word: str, other: str) -> float:
    """Likeness to one word of the other name; a legal form may have a wrong letter: `GbH`."""
    alike = likeness(word, other)
    return _CUT if alike == DOUBTFUL and is_legal_form(other) else alike


def _add_run_together(shares: list[float], words: Sequence[Word], others: Sequence[Word]) -> None:
    """`wealth management` is found in `wealthmanagement`, and the other way round."""
    for place, word in enumerate(words):
        if any(_are_one(a.scanned, b.scanned, word.scanned) for a, b in pairwise(others)):
            shares[place] = max(shares[place], _RUN_TOGETHER)
    for place, (a, b) in enumerate(pairwise(words)):
        if any(_are_one(a.scanned, b.scanned, other.scanned) for other in others):
            for at in (place, place + 1):
                shares[at] = max(shares[at], _RUN_TOGETHER)


def _are_one(first: str, second: str, word: str) -> bool:
    """Whether `word` is the two run together; with a wrong letter only where both are words, so that
    `investment` is not `g investment`."""
    wrong = int(min(len(first), len(second)) >= _SHORT)
    if len(word) <= _SHORT or abs(len(first) + len(second) - len(word)) > wrong:
        return False
    return OSA.distance(first + second, word, score_cutoff=wrong) <= wrong


@lru_cache(maxsize=131072)
def likeness(left: str, right: str) -> float:
    """How surely two words are one: 0, a half for a short word with one wrong letter, or 0.78 to 1."""
    if left == right:
        return 1.0
    if left.isdigit() and right.isdigit():
        return 0.0
    shorter, longer = sorted((as_scanned(left), as_scanned(right)), key=len)
    if len(shorter) <= _SHORT:
        return _of_short(shorter, longer)
    if longer.startswith(shorter):
        return _CUT  # cut short: "worldwid" for "worldwide"
    alike = max(fuzz.ratio(shorter, longer) / 100, OSA.normalized_similarity(shorter, longer))
    if alike >= _ALIKE:
        return alike
    return _SQUEEZED if _is_squeezed(shorter, longer) else 0.0


def _of_short(shorter: str, longer: str) -> float:
    if shorter == longer:
        return 0.9
    if len(shorter) > 2 and OSA.distance(shorter, longer, score_cutoff=1) == 1:
        return DOUBTFUL
    if len(shorter) == _SHORT and (longer.startswith(shorter) or _is_squeezed(shorter, longer)):
        return _SQUEEZED
    return 0.0


def _is_squeezed(short: str, word: str) -> bool:
    """Whether `short` is `word` without some of its inner letters: `svcs` for `services`."""
    if len(word) < len(short) + 3 or short[:1] != word[:1] or short[-1:] != word[-1:]:
        return False
    letters = iter(word)
    return all(letter in letters for letter in short)
