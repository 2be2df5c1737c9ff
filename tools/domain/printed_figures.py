"""Figures on a document that somebody may dial, however they are printed: with any sign between the digits,
with signs nobody sees, in rings, over the end of a line, as letters of the keypad."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from tools.domain.identifiers import with_plain_digits

_MOST_DIGITS = 17
_FEWEST_KEYS, _MOST_KEYS = 5, 12
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Fillers of the Korean script: letters by their class, and nobody sees them."""
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me"})
"""Controls, formats, private signs, and what is drawn over another sign, such as the frame of a key."""
_KEPT = frozenset("\n\r\t\v\f\x1c\x1d\x1e\x85")

_GROUP = re.compile(r"\d+")
_BETWEEN = re.compile(r"(?:[^\w+\n]|_){1,5}")
_OVER_A_LINE = re.compile(r"(?:[^\w+]|_){1,7}")
_KEYS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
"""The letters on the keys of a telephone (ITU-T E.161)."""
_SIGN = r"(?:[^\w\n+]|_)"
_NAMED = re.compile(
    rf"(?<![^\W_])((?:(?:\+|00)\d{{1,3}}{_SIGN}{{0,3}}(?:\(0\){_SIGN}{{0,2}})?|0|1{_SIGN}{{0,3}})"
    rf"(?:[789]00|808|8(?:33|44|55|66|77|88)|180\d))"
    rf"((?:{_SIGN}{{0,3}}[A-Za-z0-9]{{1,20}}){{1,4}})"
)
"""A free, premium or personal number whose last part may be a word: `0800-NORDBERG`, `1-800-FLOWERS`."""
_WORD = re.compile(r"[A-Za-z0-9]+")


def as_seen(text: str) -> str:
    """The text with ASCII digits for those of other scripts and in rings, without invisible signs and marks.

    >>> as_seen("0\u200b4\u2462 \u0661")
    '043 1'
    """
    if text.isascii() and text.isprintable():
        return text
    flat = unicodedata.normalize("NFKD", with_plain_digits(text))
    return "".join(_seen(sign) for sign in flat)


def _seen(sign: str) -> str:
    if sign.isascii():
        return sign if sign.isprintable() or sign in _KEPT else ""
    if sign.isdigit():
        return str(unicodedata.digit(sign))
    if sign in _BLANK_LETTERS or (unicodedata.category(sign) in _UNSEEN and sign not in _KEPT):
        return ""
    return sign


def printed_figures(text: str) -> Iterator[str]:
    """Everything in a text that may be dialled, as printed; of long rows of figures each stretch of up to 17
    digits that begins with a group, so that every number in them stands whole in one."""
    lines = list(filter(None, map(str.strip, as_seen(text).splitlines())))
    for line in lines:
        yield from _stretches(line, _BETWEEN)
        yield from _in_letters(line)
    whole = "\n".join(lines)
    yield from (each for each in _stretches(whole, _OVER_A_LINE) if "\n" in each)


def _stretches(text: str, between: re.Pattern[str]) -> Iterator[str]:
    row: list[tuple[int, int]] = []
    for found in _GROUP.finditer(text):
        if row and between.fullmatch(text[row[-1][1] : found.start()]) is None:
            yield from _parts(text, row)
            row = []
        row.append(found.span())
    yield from _parts(text, row)


def _parts(text: str, row: list[tuple[int, int]]) -> Iterator[str]:
    """A row of groups of digits, in the longest stretches that a number can have."""
    end, digits = 0, 0
    for first, (start, stop) in enumerate(row):
        before = end
        while end < len(row) and digits + row[end][1] - row[end][0] <= _MOST_DIGITS:
            digits += row[end][1] - row[end][0]
            end += 1
        if end > max(before, first):
            yield text[_with_sign(text, start) : row[end - 1][1]]
        if end > first:
            digits -= stop - start
        else:
            end = first + 1


def _with_sign(text: str, start: int) -> int:
    """Where a number begins whose first digit is known: a plus and a bracket belong to it."""
    while start and text[start - 1] in "+(":
        start -= 1
    return start


def _in_letters(line: str) -> Iterator[str]:
    """Numbers whose last part is a word, with the digits of its keys; each word behind may belong to it."""
    for found in _NAMED.finditer(line):
        keys = ""
        for word in _WORD.findall(found[2].upper()):
            keys += word
            if _FEWEST_KEYS <= len(keys) <= _MOST_KEYS and not keys.isdigit():
                yield f"{found[1]} {keys.translate(_KEYS)}"
