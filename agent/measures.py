"""What stands beside a figure and belongs to it: currency, sign, percent, a suffix that multiplies. Pure."""

from __future__ import annotations

import re

from agent.number_words import factor_of
from tools.domain.money import is_currency
from tools.domain.record import Record

_DOLLARS = frozenset(("USD", "CAD", "AUD", "NZD", "SGD", "HKD"))
_SIGNS = {"€": frozenset(("EUR",)), "$": _DOLLARS, "£": frozenset(("GBP",)), "¥": frozenset(("JPY", "CNY"))}
_NAMES = {
    **dict.fromkeys(("euro", "euros"), frozenset(("EUR",))),
    **dict.fromkeys(("dollar", "dollars"), _DOLLARS),
    **dict.fromkeys(("pound", "pounds", "pfund", "pond"), frozenset(("GBP",))),
    **dict.fromkeys(("franken", "francs"), frozenset(("CHF",))),
}
_WORDS_TOO = frozenset(("ALL", "TOP", "TRY", "PEN", "CUP"))
"""Currencies whose codes are words in capitals as often."""
_S = r"[  \u202f]"
_BEFORE = re.compile(rf"(?:(?P<sign>[€$£¥])|\b(?P<code>[A-Za-z]{{3}}))(?P<minus>{_S}?[-−–])?{_S}?\Z")
_MINUS = re.compile(
    rf"(?:(?:^|[\s(:€$£¥])[-−–]|\b(?:minus|moins|min){_S})(?:[€$£¥]|EUR{_S}?)?\Z", re.IGNORECASE
)
_AFTER = re.compile(rf"(?:,[-–—])?[-]?{_S}?(?:(?P<sign>[€$£¥])|(?P<word>[^\W\d_]+))")
_PERCENT = re.compile(rf"[-]?{_S}?(?:%|per\s?cent|prozent|procent|pour{_S}?cent|pct)", re.IGNORECASE)
_LATER_PERCENT = re.compile(r"[^.;\n]{0,20}?(?:%|per\s?cent|prozent|procent|pour.cent)", re.IGNORECASE)
_SUFFIX = re.compile(rf"(?P<gap>{_S}?)(?P<word>[^\W\d_]+)\.?")
_LETTERS = {"k": 1000, "m": 1_000_000}


class Measure(Record):
    """Of one figure."""

    end: int
    """Behind a word that multiplies."""
    factors: frozenset[int] = frozenset((1,))
    """Several where a letter may be a unit of length as well."""
    currency: frozenset[str] = frozenset()
    """ISO 4217; several for a sign of several, none where none is named."""
    is_negative: bool = False
    is_percent: bool = False
    may_be_percent: bool = False
    """The sign stands later: `2 to 8 %`."""


def measure(text: str, start: int, end: int) -> Measure:
    """Of the figure at `start`..`end`."""
    factors, behind = _factors(text, end)
    before = text[max(0, start - 12) : start]
    return Measure(
        end=behind,
        factors=factors,
        currency=_after(text, behind) or _before(before),
        is_negative=_MINUS.search(before) is not None,
        is_percent=_PERCENT.match(text, behind) is not None,
        may_be_percent=_LATER_PERCENT.match(text, behind) is not None,
    )


def _factors(text: str, end: int) -> tuple[frozenset[int], int]:
    found = _SUFFIX.match(text, end)
    if found is None:
        return frozenset((1,)), end
    factor = factor_of(found["word"])
    if factor is not None:
        return frozenset((factor,)), found.end("word")
    letter = _LETTERS.get(found["word"].casefold())
    has_currency = letter is not None and bool(
        _after(text, found.end("word")) or _before(text[:end].rstrip("0123456789.,")[-12:])
    )
    if letter is None or (found["gap"] and not has_currency):
        return frozenset((1,)), end
    return frozenset((letter,) if has_currency else (1, letter)), found.end("word")


def _before(text: str) -> frozenset[str]:
    found = _BEFORE.search(text)
    if found is None:
        return frozenset()
    return _SIGNS[found["sign"]] if found["sign"] else _of_code(found["code"])


def _after(text: str, end: int) -> frozenset[str]:
    found = _AFTER.match(text, end)
    if found is None:
        return frozenset()
    if found["sign"]:
        return _SIGNS[found["sign"]]
    return _NAMES.get(found["word"].casefold()) or _of_code(found["word"])


def _of_code(code: str) -> frozenset[str]:
    known = code.upper() if code.casefold() in ("eur", "usd", "gbp", "chf") else code
    return frozenset((known,)) if is_currency(known) and known not in _WORDS_TOO else frozenset()
