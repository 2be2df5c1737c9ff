"""What is the same in two spellings of one invoice number, and which number follows which.

Source of the keys: the usual normalisation of accounts-payable duplicate checks (upper case, letters and
digits only, no leading zeros, no known prefix, no year) and, for a second key, the letters that scanners
and typists take for digits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from tools.domain.identifiers import compact
from tools.matching.number_readings import dated_numbers, parts_of
from tools.matching.number_words import (
    PREFIXES,
    YEAR,
    as_sounded,
    revision_of,
    typed_forms,
    words_of,
    words_to_count,
)

_REMEMBERED = 20_000
_SHORT = 3
_LONG_ENOUGH = 3
"""Shorter numbers are all one digit apart."""
_LONG = 5
"""Signs of a running number that a counter does not reach from one with a sign less."""

_AS_DIGITS = str.maketrans("OILSB", "01158")


def _glued(prefixes: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"^(?:{'|'.join(sorted(prefixes, key=len, reverse=True))})(?=\d)")


_AS_READ = frozenset(word.translate(_AS_DIGITS) for word in PREFIXES)
_GLUED, _GLUED_AS_READ = _glued(PREFIXES), _glued(_AS_READ)
_YEAR_GLUED = re.compile(r"^(?:19|20)\d\d(?=[^\W\d_]+\d)")
"""A year right before what may be a prefix: `2026RE0017`."""


def _running(words: list[str], prefixes: frozenset[str], glued: re.Pattern[str]) -> str:
    while len(words) > 1 and (words[0] in prefixes or YEAR.fullmatch(words[0])):
        words = words[1:]
    if words:
        bare = _YEAR_GLUED.sub("", words[0])
        words = [glued.sub("", bare if glued.match(bare) else words[0]), *words[1:]]
    if len(words) > 1 and YEAR.fullmatch(words[0]):
        words = words[1:]
    while len(words) > 1 and YEAR.fullmatch(words[-1]):
        words = words[:-1]
    joined = "".join(words)
    joined = joined.lstrip("0") or joined
    # What was joined or lost its zeros may begin with a prefix again.
    return joined if words == [joined] or not joined else _running([joined], prefixes, glued)


@lru_cache(_REMEMBERED)
def normalise_number(text: str) -> str:
    """The running number in a supplier's invoice number: `003411`, `INV-3411`, `2026/3411`, `3411/2026` and
    `ReNr 3411-R1` are `3411`.

    Upper case, letters and digits only; known prefixes, a year of its own, words for a copy or a revision
    and leading zeros go.
    """
    return _running(words_to_count(text), PREFIXES, _GLUED)


def is_same_number(one: str, two: str) -> bool:
    """Whether two printed numbers can be one: by their running numbers, by all their letters and digits, or
    by year and running number however the year is written."""
    return (
        normalise_number(one) == normalise_number(two)
        or printed_key(one) == printed_key(two)
        or is_dated_alike(one, two)
        or (parts_of(one) is not None and parts_of(one) == parts_of(two))
    )


def is_dated_alike(one: str, two: str) -> bool:
    """Whether two numbers carry the same year and running number."""
    return not dated_numbers(one).isdisjoint(dated_numbers(two))


def is_other_revision(one: str, two: str) -> bool:
    """Whether two numbers name two revisions of one document, or one of them any."""
    return revision_of(one) != revision_of(two)


def spellings(text: str) -> tuple[str, ...]:
    """A number as printed, without what stands between its signs, its running number, and what else a clerk
    may have typed."""
    found = (text.strip(), "".join(words_of(text)), normalise_number(text), *typed_forms(text))
    return tuple(dict.fromkeys(filter(None, found)))


@lru_cache(_REMEMBERED)
def lookalike_number(text: str) -> str:
    """The second key: as `normalise_number`, with O read as 0, I and L as 1, S as 5, B as 8. Numbers of one
    normal form have one lookalike form."""
    words = [word.translate(_AS_DIGITS) for word in words_to_count(text)]
    return _running(words, _AS_READ, _GLUED_AS_READ)


def lookalike_numbers(text: str) -> frozenset[str]:
    """The lookalike forms of a number: several where it holds a `|`, which parts it or was a 1, or letters of
    another script, which stand for their look or for their sound."""
    return frozenset(lookalike_number(form) for form in (text, text.replace("|", "1"), as_sounded(text)))


@lru_cache(_REMEMBERED)
def printed_key(text: str) -> str:
    """All letters and digits as they look, with nothing between them: `RE-2026-0017` is `RE20260017`, whose
    year and prefix nobody can tell apart from the running number."""
    return "".join(words_of(text))


def is_printed_alike(one: str, two: str) -> bool:
    """Whether two numbers differ only in case and in what stands between letters and digits."""
    return compact(one) == compact(two)


def prefix_of(text: str) -> str:
    """Known words and letters before the first digit: the series of a supplier that keeps several."""
    found = re.match(r"[^\W\d_]*", "".join(words_of(text)))
    return found[0] if found else ""


def years_printed(text: str) -> frozenset[int]:
    """Years that stand apart in a number; none where there is only a year."""
    words = words_to_count(text)
    if words and words[0] not in PREFIXES:
        words = [_GLUED.sub("", words[0]), *words[1:]]
    numbers = [word for word in words if word not in PREFIXES]
    return (
        frozenset(int(word) for word in numbers if YEAR.fullmatch(word)) if len(numbers) > 1 else frozenset()
    )


def is_one_apart(one: str, two: str) -> bool:
    """Whether one sign was changed, left out or added, or two neighbours swapped: 891 and 819. Compares
    running numbers of three signs and more."""
    return are_one_apart(normalise_number(one), normalise_number(two))


def are_one_apart(one: str, two: str) -> bool:
    """As `is_one_apart`, of two normal forms."""
    if one == two or abs(len(one) - len(two)) > 1 or max(len(one), len(two)) < _LONG_ENOUGH:
        return False
    left, right = (one, two) if len(one) <= len(two) else (two, one)
    start = next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), len(left))
    if len(left) < len(right):
        return left[start:] == right[start + 1 :]
    swapped = left[start : start + 2] == right[start : start + 2][::-1]
    return left[start + 1 :] == right[start + 1 :] or (swapped and left[start + 2 :] == right[start + 2 :])


def has_gained_digit(one: str, two: str) -> bool:
    """Whether one of two long running numbers is the other with one digit more: 665416 and 6654166. Nobody
    who counts upwards comes from one to the other."""
    left, right = normalise_number(one), normalise_number(two)
    return (
        abs(len(left) - len(right)) == 1
        and min(len(left), len(right)) >= _LONG
        and are_one_apart(left, right)
    )


def _place(text: str) -> tuple[str, tuple[int, ...]]:
    """Letters of a number, and its groups of digits with years first."""
    joined = " ".join(words_of(text))
    groups = [int(group) for group in re.findall(r"\d+", joined)]
    return re.sub(r"[\d ]", "", joined), (
        *years_printed(text),
        *(n for n in groups if n not in years_printed(text)),
    )


def follows(later: str, earlier: str) -> bool:
    """Whether a supplier who counts upwards gives out `later` after `earlier`."""
    (letters, place), (other_letters, other_place) = _place(later), _place(earlier)
    return letters == other_letters and len(place) == len(other_place) and place > other_place


def is_in_sequence(one: str, one_date: date | None, two: str, two_date: date | None) -> bool:
    """Whether of two documents the one with the later date has the later number."""
    if one_date is None or two_date is None or one_date == two_date:
        return False
    return follows(one, two) if one_date > two_date else follows(two, one)


def begins_anew(number: str, given: Sequence[str]) -> bool:
    """Whether a supplier who gave `number` gave a lower one of its kind later: `given` are the later ones."""
    return any(follows(number, later) for later in given)


def is_short(number: str) -> bool:
    """A counter that may be small because it began anew: up to three digits and nothing else."""
    running = normalise_number(number)
    return running.isdigit() and len(running) <= _SHORT


def steps_between(one: str, two: str) -> int | None:
    """How far apart two numbers of one series stand; None where they belong to different ones."""
    (letters, place), (other_letters, other_place) = _place(one), _place(two)
    if (
        letters != other_letters
        or len(place) != len(other_place)
        or not place
        or place[:-1] != other_place[:-1]
    ):
        return None
    return abs(place[-1] - other_place[-1])
