"""Text of a PDF that nobody can see: too small to read, or of the colour of what it stands on.

Such text reaches every program that reads the file and no person who looks at it, so it is shown to people.
The invisible layer that text recognition lays over a scan (text render mode 3) is not meant.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

_FEWEST = 10
"""Letters and digits one after the other; stray thin signs are no message."""
_MOST_TOLD = 160
_SMALLEST = 2.2
"""Height in points of a letter that can still be read on paper (small print has about 5)."""
_LIGHT = 215
"""Of 255 in each colour: text this light is looked at on the rendered page."""
_CONTRAST = 24
"""Difference of grey below which a letter does not stand out."""
_INVISIBLE_MODE = 3
_LONGEST_PAGE = 20_000


class _Sign(NamedTuple):
    letter: str
    box: tuple[float, float, float, float]
    """Left, bottom, right, top in points."""
    light: bool


def hidden_text(document: Any) -> str:
    """The unseen passages of a pypdfium2 document in their order, cut; empty where there are none."""
    passages = (passage for index in range(len(document)) for passage in _of_page(document[index]))
    return " / ".join(passages)[:_MOST_TOLD]


def _of_page(page: Any) -> Iterator[str]:
    textpage = page.get_textpage()
    try:
        signs = list(_signs(textpage))
    finally:
        textpage.close()
    for hidden, run in groupby(zip(_unseen(page, signs), signs, strict=True), key=itemgetter(0)):
        passage = " ".join("".join(sign.letter for _, sign in run).split())
        if hidden and sum(sign.isalnum() for sign in passage) >= _FEWEST:
            yield passage


def _unseen(page: Any, signs: list[_Sign]) -> list[bool]:
    """Blanks follow the sign before them."""
    picture = _Picture(page) if any(sign.light for sign in signs) else None
    found: list[bool] = []
    for sign in signs:
        if sign.letter.isspace():
            found.append(bool(found) and found[-1])
            continue
        height = sign.box[3] - sign.box[1]
        tiny = sign.letter.isalnum() and 0 < height < _SMALLEST
        found.append(tiny or (sign.light and picture is not None and picture.is_even(sign.box)))
    return found


def _signs(textpage: Any) -> Iterator[_Sign]:
    from pypdfium2 import raw

    channels = [ctypes.c_uint() for _ in range(4)]
    for index in range(min(textpage.count_chars(), _LONGEST_PAGE)):
        code = raw.FPDFText_GetUnicode(textpage.raw, index)
        owner = raw.FPDFText_GetTextObject(textpage.raw, index)
        if owner and raw.FPDFTextObj_GetTextRenderMode(owner) == _INVISIBLE_MODE:
            continue
        told = raw.FPDFText_GetFillColor(textpage.raw, index, *channels)
        light = bool(told) and all(channel.value >= _LIGHT for channel in channels[:3])
        yield _Sign(chr(code) if code else " ", textpage.get_charbox(index), light)


class _Picture:
    """The page as a person sees it, in grey, one pixel a point."""

    def __init__(self, page: Any) -> None:
        bitmap = page.render(scale=1, grayscale=True)
        self._grey = bitmap.to_numpy()
        self._grey = self._grey.reshape(self._grey.shape[0], -1)
        self._left, self._top = page.get_mediabox()[0], page.get_mediabox()[3]
        bitmap.close()

    def is_even(self, box: tuple[float, float, float, float]) -> bool:
        """Whether nothing stands out where the sign stands, or it stands beside the page."""
        left, bottom, right, top = box
        rows = slice(max(0, int(self._top - top) - 1), max(0, int(self._top - bottom) + 2))
        columns = slice(max(0, int(left - self._left) - 1), max(0, int(right - self._left) + 2))
        part = self._grey[rows, columns]
        return part.size == 0 or int(part.max()) - int(part.min()) < _CONTRAST
