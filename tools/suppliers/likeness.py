"""How alike two company names are, in the measures that tell the same company from its neighbours."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rapidfuzz import fuzz

from tools.domain.documents import Record
from tools.suppliers.names import comparable, core, legal_families, numbers

# What scanners take for one another, each to one of the pair.
_SCANNED = str.maketrans({"0": "o", "1": "l", "5": "s", "8": "b", "6": "g", "i": "l", "3": "b"})
_ALIKE = 0.78
"""Similarity below which two words are two words: one wrong letter in five is still the same."""
_SHORT = 4
"""Longest word in which a wrong letter makes another word: 'MCP' and 'MP' are two companies."""
Rarity = Callable[[str], float]


class Likeness(Record):
    """Two names compared; every measure from 0 (nothing in common) to 1 (the same)."""

    spelling: float
    """Cosine of the character n-grams."""
    meaning: float | None
    """Cosine of the vectors; absent without a vector index."""
    letters: float
    """Edit similarity of the names without legal forms, words in any order."""
    claim_found: float
    """Share of the claimed name's words, weighted by rarity, that the supplier's name has too."""
    known_found: float
    """Share of the supplier's words that the claimed name has."""
    same_numbers: bool
    same_legal_form: bool
    """False when both names carry a legal form and the two are not of one kind."""


def compare(
    claimed: str, known: str, spelling: float, meaning: float | None, rarity: Rarity, city: str | None
) -> Likeness:
    """Likeness of the name on a document and the name of a supplier. Words of `city` in the claimed
    name say where its branch is and are left aside."""
    ours, theirs = _words(claimed, city), _words(known, None)
    forms = legal_families(claimed), legal_families(known)
    found, back = _found(ours, theirs), _found(theirs, ours)
    return Likeness(
        spelling=spelling,
        meaning=meaning,
        letters=_letters(claimed, known),
        claim_found=_share(ours, found, rarity),
        known_found=_share(theirs, back, rarity),
        same_numbers=numbers(claimed) == numbers(known),
        same_legal_form=not all(forms) or forms[0] == forms[1],
    )


def _letters(claimed: str, known: str) -> float:
    one, other = (core(name).translate(_SCANNED) for name in (claimed, known))
    return max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other)) / 100


def _words(name: str, city: str | None) -> list[str]:
    words = core(name).split()
    place = set(comparable(city or "").split())
    return [word for word in words if word not in place] or words


def _found(words: Sequence[str], others: Sequence[str]) -> list[float]:
    """For each word, the similarity of the most similar of the others; 0 when none is alike."""
    return [max((_word_likeness(word, other) for other in others), default=0.0) for word in words]


def _word_likeness(left: str, right: str) -> float:
    if left == right:
        return 1.0
    if left.isdigit() and right.isdigit():
        return 0.0
    shorter, longer = sorted((left, right), key=len)
    if len(shorter) > _SHORT and longer.startswith(shorter):
        return 0.9  # cut short: "worldwid" for "worldwide"
    one, other = (re.sub("rn", "m", word.translate(_SCANNED)) for word in (left, right))
    if len(shorter) <= _SHORT:
        return 0.9 if one == other else 0.0
    alike = fuzz.ratio(one, other) / 100
    return alike if alike >= _ALIKE else 0.0


def _share(words: Sequence[str], found: Sequence[float], rarity: Rarity) -> float:
    weights = [rarity(word) for word in words]
    return sum(w * f for w, f in zip(weights, found, strict=True)) / sum(weights) if words else 0.0
