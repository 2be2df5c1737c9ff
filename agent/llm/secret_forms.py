"""Where a text holds one of our keys, or a piece of one, however it is written.

A key is known, so it is found by its own signs and not by its look: with invisible signs or blanks between,
in another dress of letters, percent-encoded, as escapes of JSON or HTML, in base64 (also inside of a longer
text), in hexadecimal, and in pieces.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from tools.untrusted_text import is_hidden

SHORTEST = 4
"""A shorter secret cannot be told from other words."""
_PIECE = 6
"""Signs of a key in a row that tell too much in somebody else's sentence."""
_LONG_PIECE = 12
"""The same where a key's words may also stand for themselves: `not-needed`."""
_EDGE = 4
_ENCODED = re.compile(
    r"%(?:25)*([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})|&#x([0-9A-Fa-f]{1,6});|&#(\d{1,7});"
)
_RUN_SIGN = re.compile(r"[A-Za-z0-9+/_=-]")
_WORD = re.compile(r"[A-Za-z0-9]+")
_TELLING = re.compile(r"\d|[a-z][A-Z]|[A-Z][a-z][A-Z]")
"""No plain word has digits, or capitals inside."""
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_HIGHEST_SIGN = 0x10FFFF

Span = tuple[int, int]
Pieces = Mapping[int, frozenset[str]]
"""Length -> runs of signs of that length that tell a key."""


def secret_spans(text: str, secrets: Collection[str], *, in_pieces: bool) -> list[Span]:
    """Start and end of what to hide, in order, none overlapping. `in_pieces`: short pieces of a key too, as
    they stand in the messages of an endpoint ("…ends with abcd")."""
    known = tuple(sorted({secret for secret in secrets if len(secret) >= SHORTEST}))
    if not known or not text:
        return []
    views = [_View(_plain(text))]
    if _ENCODED.search(text):
        views.append(_View(_decoded(text)))
    written, encoded = _pieces(known, in_pieces)
    found = [span for view in views for span in view.spans(written)]
    found += [_run(text, span) for view in views for span in view.spans(encoded)]
    if in_pieces:
        found += _edges(text, known)
    return joined(found)


class _View:
    """A text as a reader or a decoder takes it: its signs without blanks and invisible ones, and where each
    stands in the text."""

    def __init__(self, signs: Iterable[tuple[str, Span]]) -> None:
        found = [(sign, span) for sign, span in signs if not (is_hidden(sign) or sign.isspace())]
        self._signs = "".join(sign for sign, _ in found).translate(_LOWER)
        self._places = [span for _, span in found]

    def spans(self, pieces: Pieces) -> Iterator[Span]:
        for length, known in pieces.items():
            for at in range(len(self._signs) - length + 1):
                if self._signs[at : at + length] in known:
                    yield self._places[at][0], self._places[at + length - 1][1]


@lru_cache(maxsize=64)
def _pieces(secrets: tuple[str, ...], in_pieces: bool) -> tuple[Pieces, Pieces]:
    """As it is written, and in base64 or hexadecimal."""
    written: dict[int, set[str]] = {}
    encoded: dict[int, set[str]] = {}
    for secret in secrets:
        raw = secret.encode("utf-8", "replace")
        seen = "".join(_one(sign) for sign in secret if not (is_hidden(sign) or sign.isspace()))
        for signs in (seen, raw.decode("latin-1")):
            _add(written, signs, _LONG_PIECE)
            if in_pieces:
                _add(written, signs, _PIECE, telling=True)
        _add(encoded, raw.hex(), 2 * (_PIECE if in_pieces else _LONG_PIECE))
        for core in _cores(raw):
            _add(encoded, core, (_PIECE if in_pieces else _LONG_PIECE) * 4 // 3 + 1)
    return _frozen(written), _frozen(encoded)


def _frozen(pieces: Mapping[int, set[str]]) -> Pieces:
    return {length: frozenset(signs) for length, signs in pieces.items()}


def _add(pieces: dict[int, set[str]], signs: str, length: int, telling: bool = False) -> None:
    length = min(length, len(signs))
    for at in range(len(signs) - length + 1):
        piece = signs[at : at + length]
        if length and (not telling or _TELLING.search(piece)):
            pieces.setdefault(length, set()).add(piece.translate(_LOWER))


def _cores(raw: bytes) -> Iterator[str]:
    """What base64 makes of these bytes within a longer text: at each of the three places where they can
    begin, without the signs that hold bits of their neighbours."""
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(b"\0" * before + raw).decode().rstrip("=")
            is_full = (before + len(raw)) % 3 == 0
            core = whole[before + (before > 0) : None if is_full else -1]
            if len(core) >= 2 * SHORTEST:
                yield core


def _run(text: str, span: Span) -> Span:
    """The whole run of base64 around it: the signs beside it hold its first and last bits."""
    start, end = span
    while start > 0 and _RUN_SIGN.match(text[start - 1]):
        start -= 1
    while end < len(text) and _RUN_SIGN.match(text[end]):
        end += 1
    return start, end


def _edges(text: str, secrets: Iterable[str]) -> Iterator[Span]:
    """The first and the last signs of a key where they stand as a word: `****abcd`, `ends with abcd`."""
    shown = set[str]()
    for secret in secrets:
        long = range(_EDGE, min(_LONG_PIECE, len(secret) - _EDGE))
        shown |= {secret[-length:].translate(_LOWER) for length in long}
        heads = (secret[:length] for length in long)
        shown |= {head.translate(_LOWER) for head in heads if _TELLING.search(head)}
    for word in _WORD.finditer(text):
        if word[0].translate(_LOWER) in shown:
            yield word.span()


def joined(spans: Iterable[Span]) -> list[Span]:
    """Places in order; those that overlap or touch are one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def hidden_in(text: str, spans: Sequence[Span], instead: str) -> str:
    """The text with `instead` in place of each span."""
    parts, place = list[str](), 0
    for start, end in spans:
        parts += [text[place:start], instead]
        place = end
    return "".join((*parts, text[place:]))


def _plain(text: str) -> Iterator[tuple[str, Span]]:
    for at, sign in enumerate(text):
        yield _one(sign), (at, at + 1)


def _decoded(text: str) -> Iterator[tuple[str, Span]]:
    place = 0
    for code in _ENCODED.finditer(text):
        yield from ((_one(text[at]), (at, at + 1)) for at in range(place, code.start()))
        *hexadecimal, decimal = code.groups()
        number = int(decimal) if decimal else int(next(filter(None, hexadecimal)), 16)
        yield chr(min(number, _HIGHEST_SIGN)), code.span()
        place = code.end()
    yield from ((_one(text[at]), (at, at + 1)) for at in range(place, len(text)))


def _one(sign: str) -> str:
    """A letter in another dress (full width, bold) as the plain one."""
    if sign.isascii():
        return sign
    normal = unicodedata.normalize("NFKC", sign)
    return normal if len(normal) == 1 else sign
