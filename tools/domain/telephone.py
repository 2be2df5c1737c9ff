"""Telephone numbers in texts, and whether two spellings mean the same line."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from tools.domain.country_codes import COUNTRY_CODE
from tools.domain.identifiers import with_plain_digits
from tools.domain.printed_figures import as_seen, printed_figures

_SHORTEST, _LONGEST = 6, 17
"""E.164 allows 15 digits; two more for a trunk zero in brackets and an exit code."""
_MOST = 2_000
_WHOLE = re.compile(r"[0-9 \u00a0\u2009\u202f()/.-]+")
_MARK = re.compile(r"<[^>]{0,2000}>")
_FEWEST = 5
_FURTHER = 4
"""Digits of an extension: a line is rung by its number with an extension behind it, too."""
_SURE = 7
"""Digits that two numbers of unrelated documents share at their ends only where they are one line: of a
hundred thousand documents a few have the same six by chance."""
_FULL = 9
"""Digits from which a number has its area with it: whatever is dialled behind it, its own line rings."""
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_INTERNATIONAL = re.compile(rf"^\s*(?:\+|00)\D*({COUNTRY_CODE})0+")
_MARKED = re.compile(r"[\s(]*(?:\+|00)")
_LEADING = re.compile(rf"({COUNTRY_CODE})0*")


def digits_of(number: str) -> str:
    """The digits of a number, whatever script they are written in, without leading zeros and without the
    trunk zero behind a country code, in brackets or not.

    >>> digits_of("+49 (0)30 1234-567"), digits_of("+49 030 1234567"), digits_of("030 1234567")
    ('49301234567', '49301234567', '301234567')
    """
    plain = _TRUNK_ZERO.sub("", as_seen(number))
    bare = re.sub(r"(?!^\+)\D", "", plain.strip().lstrip("("))
    return re.sub(r"\D", "", _INTERNATIONAL.sub(r"\1", bare, count=1)).lstrip("0")


def same_line(one: str, other: str) -> bool:
    """Whether two numbers mean one line, whichever of them names the country.

    The shorter must be the end of the longer, and long enough not to be so by chance.
    """
    return _share_their_end(digits_of(one), digits_of(other), _SHORTEST)


def is_same_full_line(one: str, other: str) -> bool:
    """As `same_line` for numbers that nothing else connects: more digits must agree, and an extension
    counts behind a full number only."""
    left, right = digits_of(one), digits_of(other)
    return _stands_within(one, right) or any(
        _share_their_end(number, line, _SURE)
        for number, line in (
            *((shorter, right) for shorter in _without_extension(left)),
            *((shorter, left) for shorter in _without_extension(right)),
        )
    )


def full_line_among(number: str, printed: Iterable[str]) -> str | None:
    """The first of many printed numbers, given as digits, that `is_same_full_line` with `number`; or None."""
    ends = {form[-_SURE:] for form in _without_extension(digits_of(number))}
    near = (each for each in printed if any(end in each for end in ends))
    return next((each for each in near if is_same_full_line(number, each)), None)


def _without_extension(digits: str) -> tuple[str, ...]:
    """The digits, and those of each full number that may stand before an extension."""
    return (digits, *(digits[:end] for end in range(max(_FULL, len(digits) - _FURTHER), len(digits))))


def _share_their_end(one: str, other: str, least: int) -> bool:
    if one[-least:] != other[-least:] or min(len(one), len(other)) < least:
        return False
    return any(
        left.endswith(right) or right.endswith(left)
        for left in _spellings(one)
        for right in _spellings(other)
    )


def _spellings(digits: str) -> tuple[str, ...]:
    """The digits, and those without what may be a trunk zero behind a country code that nothing marks."""
    found = _LEADING.match(digits)
    return (digits,) if found is None else (digits, found[1] + digits[found.end() :])


def _stands_within(number: str, printed: str) -> bool:
    """Whether a full number stands among printed digits that hold more: a postcode behind it, an item before.

    The country code may be missing there: where the number is marked as international, it goes.
    """
    digits = digits_of(number)
    found = _LEADING.match(digits) if _MARKED.match(as_seen(number)) else None
    national = digits if found is None else digits[found.end() :]
    return len(national) >= _FULL and national in printed


def is_telephone_number(text: str) -> bool:
    """Whether a text is one telephone number and nothing else: no words, no second number."""
    number = with_plain_digits(text).strip().removeprefix("+")
    digits = sum(sign.isdigit() for sign in number)
    return _WHOLE.fullmatch(number) is not None and _FEWEST <= digits <= _LONGEST


def rings_at(number: str, other: str) -> bool:
    """Whether who dials `number` may reach the line `other`: they are one line, or one begins the other and
    an extension follows, or a full number stands somewhere in `number`."""
    one, two = digits_of(number), digits_of(other)
    if _stands_within(number, two) or (len(two) >= _FULL and any(line in one for line in _spellings(two))):
        return True
    ends = range(_FURTHER + 1)
    return any(
        same_line(one[: len(one) - further], two) or same_line(one, two[: len(two) - further])
        for further in ends
    )


def telephone_numbers(text: str) -> tuple[str, ...]:
    """Digits of everything in a text that may be a telephone number; dates and amounts are among them."""
    found = map(digits_of, dict.fromkeys(printed_figures(text)))
    return tuple(dict.fromkeys(digits for digits in found if _SHORTEST <= len(digits) <= _LONGEST))[:_MOST]


def numbers_in_markup(text: str) -> tuple[str, ...]:
    """`telephone_numbers` of a text with marks, such as HTML or XML: each mark taken as an end and as
    nothing, because a mark may stand within a number."""
    apart, joined = (telephone_numbers(html.unescape(_MARK.sub(between, text))) for between in ("\n", ""))
    return tuple(dict.fromkeys((*apart, *joined)))[:_MOST]


def printed_number(number: str, printed: Iterable[str]) -> str | None:
    """The printed number that may answer when `number` is dialled, or None."""
    return next((each for each in printed if rings_at(number, each)), None)
