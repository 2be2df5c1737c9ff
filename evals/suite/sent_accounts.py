"""Bank accounts in what was sent to an ERP, found however they are written.

This looks on its own and shares nothing with what hides accounts in the program: a hole there must show here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

from stdnum import iban

_START = re.compile(r"[A-Z]")
_APART = 3
"""So many signs may stand between two of a number."""
_LENGTHS = range(15, 35)
"""Of an IBAN, Norway's to the longest that ISO 13616 permits; its country says which one is right."""
_SHORTEST = 7
"""Of an account that is no IBAN: shorter numbers are quantities, items and years too."""
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|[bfnrt/])")
_UUID = r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}"
_DIGEST = re.compile(rf"(?<![0-9A-Za-z])(?:[0-9a-f]{{64}}|[0-9a-f]{{40}}|{_UUID})\b")
"""SHA-256, SHA-1 and UUIDs in small letters: of some the middle would pass for an account by chance."""
_ENDS = frozenset('"{}[]<>=&')
"""Between two values, never within one."""


def accounts_in(texts: Iterable[str], known: Collection[str] = ()) -> tuple[str, ...]:
    """IBANs, and local accounts of `known`, which have no form; all but their first four signs hidden. In
    either case; up to three signs that are none of a number between any two."""
    locals_ = {signs for account in known if len(signs := _signs(account)) >= _SHORTEST}
    found: set[str] = set()
    for text in texts:
        plain = _plain(text)
        found.update(_ibans(plain))
        found.update(account for account in locals_ if _named(account, plain))
    return tuple(sorted({f"{number[:4]}…" for number in found}))


def _plain(text: str) -> str:
    """As a reader sees it, in capitals; escapes of JSON are what they stand for."""
    unescaped = _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else " ", text)
    return unicodedata.normalize("NFKC", _DIGEST.sub('"', unescaped)).upper()


def _signs(text: str) -> str:
    return "".join(sign for sign in _plain(text) if _is_sign(sign))


def _is_sign(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()


def _ibans(plain: str) -> Iterator[str]:
    """From every letter on, every length: what follows an account in the text takes nothing of it away."""
    for start in _START.finditer(plain):
        signs = _following(plain, start.start())
        if signs[1:2].isalpha() and signs[2:4].isdigit():
            yield from (signs[:length] for length in _LENGTHS if _is_iban(signs, length))


def _following(plain: str, start: int) -> str:
    """The letters and digits from here on, until something else ends them."""
    signs, apart = "", 0
    for sign in plain[start:]:
        if _is_sign(sign):
            signs, apart = signs + sign, 0
        elif sign in _ENDS or apart == _APART:
            break
        else:
            apart += 1
        if len(signs) == _LENGTHS[-1]:
            break
        if len(signs) == 4 and not signs[2:].isdigit():
            break
    return signs


def _is_iban(signs: str, length: int) -> bool:
    return length <= len(signs) and iban.is_valid(signs[:length])


def _named(account: str, plain: str) -> bool:
    """A local account stands alone: within a longer number it is another one's part."""
    between = rf"[^A-Z0-9{re.escape(''.join(sorted(_ENDS)))}]{{0,{_APART}}}"
    return re.search(rf"(?<![A-Z0-9]){between.join(account)}(?![A-Z0-9])", plain) is not None
