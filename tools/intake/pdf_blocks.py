"""Address blocks: the lines under a party's heading, or lines in one column that end in a place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tools.intake.pdf_label_words import Field
from tools.intake.pdf_labels import Found, is_label, labels_in
from tools.intake.pdf_lines import Cell, Layout, folded
from tools.intake.pdf_names import POSTCODE_PLACE, clean_name

_MOST_LINES = 9
_LINE_GAP = 1.9
"""Blank between two lines of one block, in text heights."""
_OPEN_GAP = 2.2
"""In the window of an envelope lines may stand half as far apart again."""
_HEAD_GAP = 3.0
_PARTY_FIELDS = (Field.SUPPLIER, Field.BUYER, Field.PLACE)


@dataclass(frozen=True, slots=True)
class Block:
    """Cells of one party, top to bottom; `field` says which, absent for a block without heading."""

    field: Field | None
    cells: tuple[Cell, ...]
    name: str | None
    name_cell: Cell | None


def labelled_blocks(layout: Layout) -> Iterator[Block]:
    """A block for each heading `Bill to`, `Lieferant`, `Ship to` … in reading order."""
    for line in layout.lines:
        for cell in line.cells:
            for found in labels_in(cell):
                if found.field in _PARTY_FIELDS and _is_heading(found):
                    yield _block(layout, found)


def _is_heading(found: Found) -> bool:
    words = found.cell.words
    label = words[found.first : found.last]
    colon = label[-1].text.endswith(":") or (found.last < len(words) and words[found.last].text == ":")
    if found.first > 0:
        return colon and len(folded(" ".join(word.text for word in label))) > 3
    return colon or found.last == len(words)


def _block(layout: Layout, found: Found) -> Block:
    head = found.cell.part(found.first, found.last)
    inline = _inline(layout, found)
    cells = tuple(_column_below(layout, head, inline))
    name, cell = _name_in(layout, cells if inline is None else (inline, *cells))
    return Block(found.field, ((inline,) if inline else ()) + cells, name, cell)


def _inline(layout: Layout, found: Found) -> Cell | None:
    """The value on the heading's own line, behind it or in the next cell."""
    words = found.cell.words[found.last :]
    if any(c.isalpha() for word in words for c in word.text):
        return found.cell.part(found.last)
    has_colon = found.cell.words[found.last - 1].text.endswith(":")
    right = [cell for cell in layout.lines[found.cell.line].cells if cell.box.x0 >= found.cell.box.x1]
    if right and not is_label(right[0]) and right[0].box.x0 - found.cell.box.x1 < 4 * found.cell.size:
        named = clean_name(right[0].text)
        if named is not None and (has_colon or not _column_starts(layout, found.cell)):
            return right[0]
    return None


def _column_starts(layout: Layout, cell: Cell) -> bool:
    return any(True for _ in _column_below(layout, cell, None))


def _column_below(layout: Layout, head: Cell, inline: Cell | None) -> Iterator[Cell]:
    """Cells under `head` that begin where it begins (or under its inline value), until a gap or heading."""
    x0 = head.box.x0 if inline is None else min(head.box.x0, inline.box.x0)
    right = (inline or head).box.x1
    bottom, gap, count = head.box.y1, _HEAD_GAP, 0
    for line in layout.lines[head.line + 1 : head.line + 30]:
        if line.page != head.page or count >= _MOST_LINES:
            return
        cell = _cell_at(line.cells, x0, right, head)
        if cell is None or cell.box.y0 < head.box.middle:
            continue
        if cell.box.y0 - bottom > gap * max(cell.size, head.size) or _starts_other(cell):
            return
        yield cell
        bottom, gap, count = cell.box.y1, _LINE_GAP, count + 1
        right = max(right, cell.box.x1)


def _cell_at(cells: tuple[Cell, ...], x0: float, right: float, head: Cell) -> Cell | None:
    for cell in cells:
        if abs(cell.box.x0 - x0) < 2.5 * head.size or (cell.box.x0 < right and cell.box.x1 > x0):
            return cell
    return None


def _starts_other(cell: Cell) -> bool:
    first = next(iter(labels_in(cell)), None)
    return first is not None and first.first == 0 and first.field in _PARTY_FIELDS and _is_heading(first)


def _name_in(layout: Layout, cells: tuple[Cell, ...]) -> tuple[str | None, Cell | None]:
    """Behind `Name:` when the block has it, else the first line that can be a name."""
    for cell in cells:
        found = next((one for one in labels_in(cell) if one.field is Field.NAME and one.first == 0), None)
        if found is not None:
            named = _behind_name(layout, found)
            if named is not None:
                return named
    for cell in cells:
        found = next(iter(labels_in(cell)), None)
        if found is not None and found.first == 0 and (is_label(cell) or found.field in _NOT_IN_NAMES):
            continue
        name = clean_name(cell.text)
        if name is not None:
            return name, cell
    return None, None


_NOT_IN_NAMES = (Field.OTHER, Field.SUPPLIER_VAT, Field.BUYER_VAT, Field.IBAN)


def _behind_name(layout: Layout, found: Found) -> tuple[str, Cell] | None:
    if found.last < len(found.cell.words):
        cell: Cell | None = found.cell.part(found.last)
    else:
        right = [one for one in layout.lines[found.cell.line].cells if one.box.x0 > found.cell.box.x1]
        cell = right[0] if right else None
    name = clean_name(cell.text) if cell is not None else None
    return (name, cell) if name is not None and cell is not None else None


def open_blocks(layout: Layout) -> Iterator[Block]:
    """Blocks without heading on the first page: lines above a postcode and place, in its column."""
    for line in layout.lines:
        if line.page != 1:
            return
        for cell in line.cells:
            if POSTCODE_PLACE.search(cell.text) and len(cell.words) <= 6 and not is_label(cell):
                cells = _column_above(layout, cell)
                if len(cells) >= 2:
                    name, name_cell = _name_in(layout, cells)
                    yield Block(None, cells, name, name_cell)


def _column_above(layout: Layout, place: Cell) -> tuple[Cell, ...]:
    found = [place]
    for line in reversed(layout.lines[max(0, place.line - 12) : place.line]):
        if line.page != place.page or len(found) > 6:
            break
        cell = next((one for one in line.cells if abs(one.box.x0 - place.box.x0) < 3), None)
        if cell is None or cell.box.y1 > found[-1].box.middle:
            continue
        gap = found[-1].box.y0 - cell.box.y1
        if gap > _OPEN_GAP * place.size or is_label(cell) or not 0.6 < cell.size / place.size < 1.6:
            break
        found.append(cell)
    return tuple(reversed(found))
