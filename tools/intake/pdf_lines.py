"""Words into lines, and lines into cells: runs of words with no more than a blank between them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from tools.intake.pdf_words import Box, PageWords, Word

_CELL_GAP = 0.85
"""Gap between two words, in text heights, from which they stand in two columns; a blank is about 0.25."""
_TOUCHING = 0.12
"""Gap, in text heights, up to which two pieces are one word that the file draws in parts."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Words that a reader takes together; `line` counts the lines of the document from 0."""

    words: tuple[Word, ...]
    box: Box
    page: int
    line: int

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def size(self) -> float:
        """Height of the text in points."""
        return max(word.box.height for word in self.words)

    def part(self, first: int, last: int | None = None) -> Cell:
        """The cell of the words from `first` up to `last`; raises ValueError when there are none."""
        return cell_of(self.words[first:last], self.line)


@dataclass(frozen=True, slots=True)
class Line:
    index: int
    page: int
    cells: tuple[Cell, ...]

    @property
    def text(self) -> str:
        return "  ".join(cell.text for cell in self.cells)

    @property
    def box(self) -> Box:
        return reduce(Box.join, (cell.box for cell in self.cells))


@dataclass(frozen=True, slots=True)
class Layout:
    """All pages of one document as lines, top to bottom."""

    pages: tuple[PageWords, ...]
    lines: tuple[Line, ...]

    @property
    def cells(self) -> list[Cell]:
        return [cell for line in self.lines for cell in line.cells]

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    def height(self, page: int) -> float:
        return self.pages[page - 1].height

    def width(self, page: int) -> float:
        return self.pages[page - 1].width


def cell_of(words: Iterable[Word], line: int) -> Cell:
    kept = tuple(words)
    if not kept:
        raise ValueError("a cell has at least one word")
    return Cell(kept, reduce(Box.join, (word.box for word in kept)), kept[0].page, line)


def lay_out(pages: Iterable[PageWords]) -> Layout:
    """Lines of all pages in reading order; every line's cells from left to right."""
    kept = tuple(pages)
    lines: list[Line] = []
    for page in kept:
        for row in _rows(page.words):
            index = len(lines)
            cells = tuple(cell_of(words, index) for words in _columns(_mended(row)))
            lines.append(Line(index, page.number, cells))
    return Layout(kept, tuple(lines))


def _rows(words: Iterable[Word]) -> list[list[Word]]:
    """Words grouped by height on the page. A tall word (a logo) does not swallow the small lines
    beside it: a row takes only words whose middle lies within its first word and the reverse."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.box.middle, word.box.x0)):
        home = next((row for row in reversed(rows[-6:]) if _level(row[-1].box, word.box)), None)
        if home is None:
            rows.append([word])
        else:
            home.append(word)
    ordered = [sorted(row, key=lambda word: word.box.x0) for row in rows]
    return sorted(ordered, key=lambda row: sum(word.box.middle for word in row) / len(row))


def _level(left: Box, right: Box) -> bool:
    return abs(left.middle - right.middle) < 0.35 * min(left.height, right.height)


def _mended(row: list[Word]) -> list[Word]:
    """Pieces of one word put together; a word drawn twice for weight kept once."""
    result: list[Word] = []
    for word in row:
        last = result[-1] if result else None
        if last is not None and last.text == word.text and _same_place(last.box, word.box):
            continue
        if last is not None and _touches(last.box, word.box):
            result[-1] = Word(last.text + word.text, last.box.join(word.box), word.page)
        else:
            result.append(word)
    return result


def _same_place(left: Box, right: Box) -> bool:
    return abs(left.x0 - right.x0) < 1.5 and abs(left.middle - right.middle) < 1.5


def _touches(left: Box, right: Box) -> bool:
    size = min(left.height, right.height)
    return -0.3 * size < right.x0 - left.x1 < _TOUCHING * size and right.height < 1.5 * left.height


def _columns(row: list[Word]) -> list[list[Word]]:
    cells: list[list[Word]] = []
    for word in row:
        last = cells[-1][-1].box if cells else None
        if last is not None and word.box.x0 - last.x1 < _CELL_GAP * max(last.height, word.box.height):
            cells[-1].append(word)
        else:
            cells.append([word])
    return cells


def folded(text: str) -> str:
    """Lower case, no accents, only letters and digits, single blanks: `Facture N° :` is `facture no`."""
    plain = unicodedata.normalize("NFKD", text.replace("°", "o").replace("№", "no").casefold())
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(kept.replace("ø", "o").replace("ł", "l").split())
