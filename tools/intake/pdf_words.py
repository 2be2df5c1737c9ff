"""The words of a PDF page that a reader can see, each with its box, from the file's own text layer.

Boxes are in points from the page's top left corner. Text that a person cannot see (invisible
rendering, the colour of its background, outside the page, smaller than print) is left out:
what nobody sees must not decide a payment.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_SMALLEST_PRINT = 2.5
"""Points. Legal small print is 5 or 6; below this nobody reads."""
_MAX_CHARS = 60_000
"""Characters of one page that are looked at; a dense printed page has about 8,000."""
_CONTRAST = 24
"""Grey levels (of 255) between the darkest and the lightest pixel that an eye tells apart."""
_SLANT = 5
"""Degrees off the horizontal that still count as a line of text."""
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2212\u00ad\ufffe\x02"
"""Dashes, minus and soft hyphen, and the marks pdfium puts for a hyphen at the end of a line."""
_INVISIBLE_MODES = frozenset({3, 7})
"""Text rendering modes 'neither fill nor stroke' and 'clip only' (ISO 32000-1, table 106)."""


@dataclass(frozen=True, slots=True)
class Box:
    """x0, y0 is the top left corner, x1, y1 the bottom right; points."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2

    def join(self, other: Box) -> Box:
        return Box(
            min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1)
        )

    def overlap_x(self, other: Box) -> float:
        """Points that both cover horizontally; negative when a gap is between them."""
        return min(self.x1, other.x1) - max(self.x0, other.x0)

    def as_origin(self) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """The corners with one decimal."""
        corners = (self.x0, self.y0, self.x1, self.y1)
        x0, y0, x1, y1 = (Decimal(f"{corner:.1f}") for corner in corners)
        return x0, y0, x1, y1


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    box: Box
    page: int
    """From 1."""


@dataclass(frozen=True, slots=True)
class PageWords:
    number: int
    width: float
    height: float
    words: tuple[Word, ...]


def page_words(page: Any, number: int) -> PageWords:
    """The visible horizontal words of an open pypdfium2 page, in the order of the file.

    Raises pypdfium2.PdfiumError when the page cannot be loaded.
    """
    width, height = page.get_size()
    found = [Word(text, box, number) for text, box in _runs(_characters(page, width, height))]
    words = tuple(_seen(page, found)) if found else ()
    return PageWords(number, float(width), float(height), words)


def _runs(characters: Iterable[tuple[str, Box | None]]) -> Iterator[tuple[str, Box]]:
    """Words: characters that follow each other on one base line without a blank or a gap."""
    text, place, last = "", Box(0, 0, 0, 0), Box(0, 0, 0, 0)
    for char, box in characters:
        if text and (box is None or not _continues(last, box)):
            yield text, place
            text = ""
        if box is not None:
            place, last = (place.join(box) if text else box), box
            text += char
    if text:
        yield text, place


def _continues(last: Box, char: Box) -> bool:
    """Whether `char` follows `last` in one word. The letters of a ligature share one box."""
    shared = min(last.y1, char.y1) - max(last.y0, char.y0)
    size = max(last.height, char.height)
    level = shared > 0.5 * min(last.height, char.height)
    return level and char.x0 > last.x0 - 0.1 * size and char.x0 - last.x1 < 0.25 * size


def _characters(page: Any, width: float, height: float) -> Iterator[tuple[str, Box | None]]:
    """Character and box of what is painted upright on the page; no box for a blank, which ends a word."""
    import pypdfium2.raw as pdfium  # loads the shared library

    text = page.get_textpage()
    turn = _PageTurn(page)
    box = pdfium.FS_RECTF()
    painted: dict[int, bool] = {}
    for index in range(min(text.count_chars(), _MAX_CHARS)):
        code = pdfium.FPDFText_GetUnicode(text, index)
        char = chr(code) if 32 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " "
        if char.isspace():
            yield char, None
            continue
        if not pdfium.FPDFText_GetLooseCharBox(text, index, ctypes.byref(box)):
            continue
        place = turn.place(box.left, box.top, box.right, box.bottom)
        upright = turn.is_upright(pdfium.FPDFText_GetCharAngle(text, index))
        if upright and _on_page(place, width, height) and _is_painted(pdfium, text, index, painted):
            yield "-" if char in _HYPHENS else char, place
    text.close()


def _is_painted(pdfium: Any, text: Any, index: int, known: dict[int, bool]) -> bool:
    handle = pdfium.FPDFText_GetTextObject(text, index)
    if not handle:
        return True
    address = ctypes.addressof(handle.contents)
    if address not in known:
        known[address] = int(pdfium.FPDFTextObj_GetTextRenderMode(handle)) not in _INVISIBLE_MODES
    return known[address]


def _on_page(box: Box, width: float, height: float) -> bool:
    inside = box.x1 > 0 and box.x0 < width and box.y1 > 0 and box.y0 < height
    return inside and box.height >= _SMALLEST_PRINT


class _PageTurn:
    """From the file's coordinates (origin bottom left, before turning the page) to the seen page."""

    def __init__(self, page: Any) -> None:
        self._turn = page.get_rotation()
        self._left, self._bottom, self._right, self._top = page.get_cropbox()

    def place(self, left: float, top: float, right: float, bottom: float) -> Box:
        if self._turn == 90:
            return Box(bottom - self._bottom, left - self._left, top - self._bottom, right - self._left)
        if self._turn == 180:
            return Box(self._right - right, bottom - self._bottom, self._right - left, top - self._bottom)
        if self._turn == 270:
            return Box(self._top - top, self._right - right, self._top - bottom, self._right - left)
        return Box(left - self._left, self._top - top, right - self._left, self._top - bottom)

    def is_upright(self, angle: float) -> bool:
        """Whether text with this angle (radians, in the file) runs from left to right on the seen page."""
        off = (math.degrees(angle) + self._turn) % 360
        return bool(off < _SLANT or off > 360 - _SLANT)


def _seen(page: Any, words: list[Word]) -> Iterator[Word]:
    """Without the words that do not stand out from what is painted around them."""
    bitmap = page.render(scale=1, grayscale=True)
    rows = bitmap.to_numpy().reshape(bitmap.height, -1)
    for word in words:
        box, inset = word.box, word.box.height * 0.1
        y0, y1 = int(max(0, box.y0 + inset)), int(max(0, box.y1 - inset)) + 1
        area = rows[y0:y1, int(max(0, box.x0)) : int(max(0, box.x1)) + 1]
        if area.size and int(area.max()) - int(area.min()) >= _CONTRAST:
            yield word
    bitmap.close()
