"""Bank accounts in the form of an IBAN inside a text, however they are dressed up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from stdnum import iban

from tools.domain.identifiers import is_iban

MOST_READ = 100_000
"""Signs of a text that are searched."""
_APART = r"[^A-Za-z0-9]{0,3}"
"""What may stand between two signs of a number."""
_IBAN_START = re.compile(rf"(?=[A-Za-z]{_APART}[A-Za-z]{_APART}\d{_APART}\d)")
_SIGN = re.compile(r"[A-Za-z0-9]")
SHORTEST_IBAN, _LONGEST_IBAN = 15, 34
_FAR = 6 * _LONGEST_IBAN
_WORD_BETWEEN = re.compile(r"(?<=\d)\s*\([^()\d]{0,30}\)\s*(?=\d)")
"""`DE89 (bitte) 3704 …` is read as one number."""
# Letters of other scripts that look like Latin ones.
_LOOK = str.maketrans(
    "АВЕКМНОРСТХУІЈЅԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧасеорхуіјѕ",
    "ABEKMHOPCTXYIJSQWABEZHIKMNOPTYXaceopxyijs",
)


def ibans_in(text: str) -> tuple[str, ...]:
    """Accounts that a text names, each once and compact, whatever stands between their signs: those with
    right check digits in the form of their country."""
    seen = as_seen(text[:MOST_READ])
    signs = (
        "".join(_SIGN.findall(seen[start:end])).upper() for start, end in iban_spans(seen, iban.is_valid)
    )
    return tuple(dict.fromkeys(signs))


def as_seen(text: str) -> str:
    """Sign for sign what a reader takes it for: of the same length, so that places stay the same."""
    if text.isascii():
        return text
    return "".join(map(_one_sign, text.translate(_LOOK)))


def _one_sign(sign: str) -> str:
    if sign.isascii():
        return sign
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    normal = unicodedata.normalize("NFKC", sign)
    return normal if len(normal) == 1 else sign


def iban_spans(text: str, is_one: Callable[[str], bool] = is_iban) -> list[tuple[int, int]]:
    """Valid ones, also inside of a longer word and with up to three signs between."""
    found: list[tuple[int, int]] = []
    for start in _IBAN_START.finditer(text):
        if found and start.start() < found[-1][1]:
            continue
        if (end := _end_of_iban(text, start.start(), is_one)) is not None:
            found.append((start.start(), end))
    return found


def _end_of_iban(text: str, start: int, is_one: Callable[[str], bool]) -> int | None:
    signs, end = "", start
    text = _WORD_BETWEEN.sub(lambda word: "\0" * len(word[0]), text[: start + _FAR])
    for sign in _SIGN.finditer(text, start):
        if signs and len(text[end : sign.start()].replace("\0", "")) > 3:
            return None
        signs, end = signs + sign[0], sign.end()
        if len(signs) >= SHORTEST_IBAN and is_one(signs):
            return end
        if len(signs) == _LONGEST_IBAN:
            return None
    return None
