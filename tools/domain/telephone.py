"""Telephone numbers in texts, and whether two spellings mean the same line."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SHORTEST, _LONGEST = 6, 17
"""E.164 allows 15 digits; two more for a trunk zero in brackets and an exit code."""
_MOST = 2_000
_NUMBER = re.compile(r"(?<![\w.,])\+?\(?\d(?:[ \t\u00a0\u2009\u202f()./\u2010-\u2015-]{0,3}\d){5,16}(?!\w)")
_WHOLE = re.compile(r"[0-9 \u00a0\u2009\u202f()/.-]+")
_FEWEST = 5
_FURTHER = 4
"""Digits of an extension: a line is rung by its number with an extension behind it, too."""
_FULL = 9
"""Digits from which a number has its area with it: whatever is dialled behind it, its own line rings."""
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


def is_telephone_number(text: str) -> bool:
    """Whether a text is one telephone number and nothing else: no words, no second number."""
    number = text.strip().removeprefix("+")
    digits = sum(sign.isdigit() for sign in number)
    return _WHOLE.fullmatch(number) is not None and _FEWEST <= digits <= _LONGEST


def rings_at(number: str, other: str) -> bool:
    """Whether who dials `number` may reach the line `other`: they are one line, or one begins the other and
    an extension follows, or a full number stands somewhere in `number`."""
    one, two = digits_of(number), digits_of(other)
    if len(two) >= _FULL and two in one:
        return True
    ends = range(_FURTHER + 1)
    return any(
        same_line(one[: len(one) - further], two) or same_line(one, two[: len(two) - further])
        for further in ends
    )


def telephone_numbers(text: str) -> tuple[str, ...]:
    """Digits of everything in a text that may be a telephone number; dates and amounts are among them."""
    found = (digits_of(match[0]) for match in _NUMBER.finditer(text))
    return tuple(dict.fromkeys(digits for digits in found if _SHORTEST <= len(digits) <= _LONGEST))[:_MOST]


def printed_number(number: str, printed: Iterable[str]) -> str | None:
    """The printed number that may answer when `number` is dialled, or None."""
    return next((each for each in printed if rings_at(number, each)), None)
