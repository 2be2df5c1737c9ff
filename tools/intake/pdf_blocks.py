"""Address blocks: the lines under a party's heading, or lines in one column that end in a place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tools.intake.pdf_label_words import Field
from tools.intake.pdf_labels import Found, is_label, labels_in
from tools.intake.pdf_lines import Cell, Layout, cell_of, folded
from tools.intake.pdf_names import (
    POSTCODE_PLACE,
    clean_name,
    has_legal_form,
    runs_on,
    stands_beside_name,
)

_MOST_LINES = 9
_LINE_GAP = 1.9
"""Blank between two lines of one block, in text heights."""
_OPEN_GAP = 2.2
"""In the window of an envelope lines may stand half as far apart again."""
_HEAD_GAP = 3.0
_NAME_GAP = 0.6
"""Blank between two lines of one name."""
_SENDER_GAP = 9.0
"""Blank between the sender's line in the window of an envelope and the addressee below it."""
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
        most = max(gap, _OPEN_GAP) if _labels_name(cell) else gap
        if cell.box.y0 - bottom > most * max(cell.size, head.size) or _starts_other(cell):
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


def _labels_name(cell: Cell) -> bool:
    return any(one.field is Field.NAME and one.first == 0 for one in labels_in(cell))


def _name_in(layout: Layout, cells: tuple[Cell, ...]) -> tuple[str | None, Cell | None]:
    """Behind `Name:` when the block has it, else the first line that can be a name. A person or department
    gives way to a company further down."""
    for cell in cells:
        found = next((one for one in labels_in(cell) if one.field is Field.NAME and one.first == 0), None)
        if found is not None:
            named = _behind_name(layout, found)
            if named is not None:
                return _whole_name(layout, *named, labelled=True)
    names = list(_names(cells))
    if not names:
        return None, None
    best = names[0]
    if stands_beside_name(best[0]):
        best = next((one for one in names if has_legal_form(one[0])), best)
    return _whole_name(layout, *best, labelled=False)


def _names(cells: tuple[Cell, ...]) -> Iterator[tuple[str, Cell]]:
    for cell in cells:
        found = next(iter(labels_in(cell)), None)
        if found is not None and found.first == 0 and (is_label(cell) or found.field in _NOT_IN_NAMES):
            continue
        name = clean_name(cell.text)
        if name is not None:
            yield name, cell


def _whole_name(layout: Layout, name: str, cell: Cell, *, labelled: bool) -> tuple[str, Cell]:
    """The name with the line above or below that belongs to it. Without a label before it a line with
    legal form is joined only when the words themselves run on: a person may stand above the employer."""
    for upper, lower in ((_next_to(layout, cell, -1), cell), (cell, _next_to(layout, cell, 1))):
        if upper is None or lower is None or not _opens_name(upper):
            continue
        closes = labelled and has_legal_form(lower.text) and clean_name(lower.text) == lower.text
        if closes or (runs_on(upper.text, lower.text) and has_legal_form(f"{upper.text} {lower.text}")):
            both = cell_of((*upper.words, *lower.words), upper.line)
            return both.text, both
    return name, cell


def _opens_name(cell: Cell) -> bool:
    if is_label(cell) or has_legal_form(cell.text) or stands_beside_name(cell.text):
        return False
    return clean_name(cell.text) == cell.text


def _next_to(layout: Layout, cell: Cell, step: int) -> Cell | None:
    """The next cell above (-1) or below (1) with the same left edge and size, in ordinary spacing."""
    for index in range(cell.line + step, cell.line + 4 * step, step):
        line = layout.lines[index] if 0 <= index < len(layout.lines) else None
        for one in line.cells if line is not None and line.page == cell.page else ():
            gap = max(one.box.y0, cell.box.y0) - min(one.box.y1, cell.box.y1)
            is_level = abs(one.box.x0 - cell.box.x0) < 1 and abs(one.size - cell.size) < 0.1 * cell.size
            if is_level and gap < _NAME_GAP * cell.size:
                return one
    return None


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


def block_under(layout: Layout, sender: Cell) -> Block | None:
    """The lines under the sender's line in the window of an envelope, whatever country they end in."""
    found: list[Cell] = []
    bottom, gap = sender.box.y1, _SENDER_GAP
    for line in layout.lines[sender.line + 1 :]:
        cell = next((one for one in line.cells if abs(one.box.x0 - sender.box.x0) < 3), None)
        if line.page != sender.page or len(found) >= _MOST_LINES:
            break
        if cell is None:
            continue
        if cell.box.y0 - bottom > gap * cell.size or is_label(cell):
            break
        found.append(cell)
        bottom, gap = cell.box.y1, _OPEN_GAP
    if not 3 <= len(found) <= 7:
        return None
    name, name_cell = _name_in(layout, tuple(found))
    return Block(None, tuple(found), name, name_cell)
