"""What is the same in two spellings of one invoice number, and which number follows which.

Source of the keys: the usual normalisation of accounts-payable duplicate checks (upper case, letters and
digits only, no leading zeros, no known prefix, no year) and, for a second key, the letters that scanners
and typists take for digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from tools.domain.identifiers import compact

# Words that suppliers put before a running number.
_PREFIXES = frozenset(
    "INV INVOICE RE RG RN RECHNUNG FAC FACT FACTURE FACTURA FACTUUR FATTURA "
    "FT F FV VF VFA NR NO CN CR CREDIT".split()
)
_COPY = frozenset("COPY DUPLICATE DUPLIKAT KOPIE COPIE DUPLICATA DUPLICAAT COPIA DUPLICADO".split())
"""Words behind a number that say themselves what the paper is."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_REMEMBERED = 20_000
_SHORT = 3
_LONG_ENOUGH = 3
"""Shorter numbers are all one digit apart."""

# Cyrillic and Greek letters that look like Latin ones (Unicode Technical Standard 39, confusables).
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",  # noqa: RUF001
    "ABESIJKMHOPCTYXQWABEZHIKMNOPTYX",
)
_AS_DIGITS = str.maketrans("OILSB", "01158")


def _words(text: str) -> list[str]:
    """Letters and digits, upper case, as they look: an invoice is no other one for an invisible character
    or a letter of another script."""
    folded = unicodedata.normalize("NFKC", text).upper().translate(_LOOKALIKES)
    seen = "".join(char for char in folded if not unicodedata.category(char).startswith("C"))
    return re.findall(r"[^\W_]+", seen)


def _glued(prefixes: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"^(?:{'|'.join(sorted(prefixes, key=len, reverse=True))})(?=\d)")


_AS_READ = frozenset(word.translate(_AS_DIGITS) for word in _PREFIXES)
_GLUED, _GLUED_AS_READ = _glued(_PREFIXES), _glued(_AS_READ)


def _running(words: list[str], prefixes: frozenset[str], glued: re.Pattern[str]) -> str:
    while len(words) > 1 and (words[0] in prefixes or _YEAR.fullmatch(words[0])):
        words = words[1:]
    if words:
        words = [glued.sub("", words[0]), *words[1:]]
    if len(words) > 1 and _YEAR.fullmatch(words[0]):
        words = words[1:]
    while len(words) > 1 and (_YEAR.fullmatch(words[-1]) or words[-1] in _COPY):
        words = words[:-1]
    joined = "".join(words)
    return joined.lstrip("0") or joined


@lru_cache(_REMEMBERED)
def normalise_number(text: str) -> str:
    """The running number in a supplier's invoice number: `003411`, `INV-3411`, `2026/3411` and `3411/2026`
    are `3411`.

    Upper case, letters and digits only; known prefixes, a year of its own and leading zeros go.
    """
    return _running(_words(text), _PREFIXES, _GLUED)


def spellings(text: str) -> tuple[str, ...]:
    """A number as printed, without what stands between its signs, and its running number."""
    return tuple(dict.fromkeys(filter(None, (text.strip(), "".join(_words(text)), normalise_number(text)))))


@lru_cache(_REMEMBERED)
def lookalike_number(text: str) -> str:
    """The second key: as `normalise_number`, with O read as 0, I and L as 1, S as 5, B as 8. Numbers of one
    normal form have one lookalike form."""
    return _running([word.translate(_AS_DIGITS) for word in _words(text)], _AS_READ, _GLUED_AS_READ)


@lru_cache(_REMEMBERED)
def printed_key(text: str) -> str:
    """All letters and digits as they look, with nothing between them: `RE-2026-0017` is `RE20260017`, whose
    year and prefix nobody can tell apart from the running number."""
    return "".join(_words(text))


def is_printed_alike(one: str, two: str) -> bool:
    """Whether two numbers differ only in case and in what stands between letters and digits."""
    return compact(one) == compact(two)


def prefix_of(text: str) -> str:
    """Known words and letters before the first digit: the series of a supplier that keeps several."""
    found = re.match(r"[^\W\d_]*", "".join(_words(text)))
    return found[0] if found else ""


def years_printed(text: str) -> frozenset[int]:
    """Years that stand apart in a number; none where there is only a year."""
    words = _words(text)
    if words and words[0] not in _PREFIXES:
        words = [_GLUED.sub("", words[0]), *words[1:]]
    numbers = [word for word in words if word not in _PREFIXES]
    return (
        frozenset(int(word) for word in numbers if _YEAR.fullmatch(word)) if len(numbers) > 1 else frozenset()
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


def _place(text: str) -> tuple[str, tuple[int, ...]]:
    """Letters of a number, and its groups of digits with years first."""
    joined = " ".join(_words(text))
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
