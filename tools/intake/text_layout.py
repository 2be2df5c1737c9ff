"""Plain text laid out as a page is: each sign in its column, each line in its row.

So labels, amounts and dates in a mail or a text file are read by the same rules as those of a PDF.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.intake.pdf_lines import Layout, lay_out
from tools.intake.pdf_words import Box, PageWords, Word

_ACROSS, _DOWN, _HEIGHT = 5.0, 12.0, 10.0
"""Points of one sign, from line to line, and of one letter: one blank parts words, two part columns."""
_WORD = re.compile(r"\S+")


def text_layout(text: str) -> Layout:
    """The layout of a text; a form feed begins a new page."""
    return lay_out(_page(number, page) for number, page in enumerate(text.split("\f"), start=1))


def _page(number: int, text: str) -> PageWords:
    lines = text.expandtabs(4).split("\n")
    words = tuple(word for row, line in enumerate(lines) for word in _words(number, row, line))
    width = _ACROSS * max(map(len, lines))
    return PageWords(number, width, _DOWN * len(lines), words)


def _words(page: int, row: int, line: str) -> Iterator[Word]:
    top = row * _DOWN
    for found in _WORD.finditer(line):
        box = Box(found.start() * _ACROSS, top, found.end() * _ACROSS, top + _HEIGHT)
        yield Word(found[0], box, page)
