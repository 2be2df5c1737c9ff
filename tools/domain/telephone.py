"""Telephone numbers in texts, and whether two spellings mean the same line."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SHORTEST, _LONGEST = 6, 17
"""E.164 allows 15 digits; two more for a trunk zero in brackets and an exit code."""
_MOST = 2_000
_NUMBER = re.compile(r"(?<![\w.,])\+?\(?\d(?:[ \t\u00a0\u2009\u202f()./\u2010-\u2015-]{0,3}\d){5,16}(?!\w)")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")


def digits_of(number: str) -> str:
    """The digits of a number without the trunk zero in `+49 (0)30 …` and without leading zeros.

    >>> digits_of("+49 (0)30 1234-567"), digits_of("030 1234567")
    ('49301234567', '301234567')
    """
    return re.sub(r"\D", "", _TRUNK_ZERO.sub("", number)).lstrip("0")


def same_line(one: str, other: str) -> bool:
    """Whether two numbers mean one line, whichever of them names the country.

    The shorter must be the end of the longer, and long enough not to be so by chance.
    """
    short, long = sorted((digits_of(one), digits_of(other)), key=len)
    return len(short) >= _SHORTEST and long.endswith(short)


def telephone_numbers(text: str) -> tuple[str, ...]:
    """Digits of everything in a text that may be a telephone number; dates and amounts are among them."""
    found = (digits_of(match[0]) for match in _NUMBER.finditer(text))
    return tuple(dict.fromkeys(digits for digits in found if _SHORTEST <= len(digits) <= _LONGEST))[:_MOST]


def printed_number(number: str, printed: Iterable[str]) -> str | None:
    """The printed number that is the same line as `number`, or None."""
    return next((each for each in printed if same_line(number, each)), None)
