"""Who sends the invoice and whom it addresses.

A heading (`Seller`, `Bill to`) decides. Without one, the sender is found by evidence that is added up:
letterhead, legal form, sender line above the address, web domain, account holder. The addressee never
counts as sender.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import median

from tools.intake.pdf_blocks import Block, block_under, labelled_blocks, open_blocks
from tools.intake.pdf_identifiers import labelled_vat, vat_ids, vat_in
from tools.intake.pdf_kind import is_title
from tools.intake.pdf_label_words import Field
from tools.intake.pdf_labels import is_label, labels_in
from tools.intake.pdf_lines import Cell, Layout
from tools.intake.pdf_names import (
    POSTCODE_PLACE,
    clean_name,
    domains_in,
    has_legal_form,
    matches_domain,
    name_key,
)
from tools.intake.pdf_spelling import usual_spelling
from tools.intake.pdf_values import Located, has_colon, values_of
from tools.intake.pdf_vocabulary import label_of

_SURE = 6
"""Sum of evidence from which a sender without heading is reported without a warning."""
_WINDOW = (0.11, 0.36)
_HEAD_ZONE, _FOOT_ZONE = 0.25, 0.86
"""Parts of the page height in which letterhead and footer stand."""


@dataclass(frozen=True, slots=True)
class Parties:
    supplier: Located | None
    buyer: Located | None
    supplier_vat: Located | None
    buyer_vat: Located | None


@dataclass(slots=True)
class _Candidate:
    name: str
    cell: Cell
    points: dict[str, int]

    @property
    def score(self) -> int:
        return sum(self.points.values())


def find_parties(layout: Layout) -> Parties:
    """Both parties with what was found of them."""
    blocks = list(labelled_blocks(layout))
    buyer_block = _first(blocks, Field.BUYER)
    supplier_block = _first(blocks, Field.SUPPLIER)
    buyer = _party(buyer_block)
    foreign = {cell for block in blocks if block.field is not Field.SUPPLIER for cell in block.cells}
    supplier = _party(supplier_block)
    if supplier is None or supplier_block is None or _is_weak_heading(supplier_block):
        supplier = _by_evidence(layout, blocks, foreign, buyer) or supplier
    if buyer is None:
        buyer = _addressee(layout, supplier)
    supplier_vat, buyer_vat = _vat_ids(layout, supplier, supplier_block, foreign)
    return Parties(_as_spelled(layout, supplier), _as_spelled(layout, buyer), supplier_vat, buyer_vat)


def _as_spelled(layout: Layout, party: Located | None) -> Located | None:
    if party is None:
        return None
    return replace(party, text=usual_spelling(party.text, (cell.text for cell in layout.cells)))


def _first(blocks: list[Block], field: Field) -> Block | None:
    return next((block for block in blocks if block.field is field and block.name is not None), None)


def _party(block: Block | None) -> Located | None:
    if block is None or block.name is None or block.name_cell is None:
        return None
    return Located(block.name, block.name_cell)


def _is_weak_heading(block: Block) -> bool:
    return block.name is not None and len(block.cells) < 2


def _by_evidence(
    layout: Layout, blocks: list[Block], foreign: set[Cell], buyer: Located | None
) -> Located | None:
    excluded = {name_key(block.name) for block in blocks if block.name and block.field is Field.BUYER}
    excluded |= {name_key(buyer.text)} if buyer else set()
    found: dict[str, _Candidate] = {}
    for name, cell, reason, points in _evidence(layout, blocks, foreign):
        key = name_key(name)
        if key and key not in excluded:
            one = found.setdefault(key, _Candidate(name, cell, {}))
            one.points[reason] = max(points, one.points.get(reason, points))
    _support_each_other(found)
    for key, one in found.items():
        if sum(name_key(cell.text).startswith(key) for cell in layout.cells) > 1:
            one.points["repeated"] = 2
    domains = domains_in(layout.text)
    for one in found.values():
        if matches_domain(one.name, domains):
            one.points["domain"] = 3
    speaking = [one for one in found.values() if not _is_only_addressed(one)]
    best = max(speaking, key=lambda one: (one.score, -one.cell.line), default=None)
    if best is None or best.score < 2:
        return None
    return Located(best.name, best.cell, best.score >= _SURE)


def _is_only_addressed(one: _Candidate) -> bool:
    """Whether only a place in the window of the envelope speaks for the name: so stands an addressee."""
    return "window" in one.points and one.points.keys() <= {"window", "address", "legal_form", "head"}


def _support_each_other(found: dict[str, _Candidate]) -> None:
    """A short name that begins a longer one (`Alphabet`, `Alphabet Fuhrpark GmbH`) speaks for the longer."""
    for key, one in found.items():
        longer = [
            other for other_key, other in found.items() if other_key != key and other_key.startswith(key)
        ]
        if len(key) >= 5 and longer:
            full = max(longer, key=lambda other: other.score)
            if has_legal_form(full.name) and not has_legal_form(one.name):
                for reason, points in one.points.items():
                    full.points[reason] = max(points, full.points.get(reason, 0))


def _evidence(
    layout: Layout, blocks: list[Block], foreign: set[Cell]
) -> Iterator[tuple[str, Cell, str, int]]:
    """Name, place, kind of evidence, points."""
    for block in blocks:
        if block.field is Field.SUPPLIER and block.name and block.name_cell:
            yield block.name, block.name_cell, "heading", 6
    for holder in values_of(layout, Field.HOLDER, clean_name):
        yield holder.value, holder.cell, "holder", 5
    first = [cell for cell in layout.cells if cell.page == 1]
    usual = median(cell.size for cell in first) if first else 10.0
    for cell in layout.cells:
        if cell in foreign or is_label(cell) or is_title(cell) or label_of(cell.text) is not None:
            continue
        name = clean_name(cell.text)
        if name is not None and not _begins_with_label(cell):
            yield from _of_cell(layout, cell, name, usual)
    yield from _of_addresses(layout, foreign)


def _names_vat(cell: Cell) -> bool:
    return any(one.field is Field.SUPPLIER_VAT for one in labels_in(cell))


def _begins_with_label(cell: Cell) -> bool:
    first = next(iter(labels_in(cell)), None)
    if first is None or first.first > 0 or first.strength < 3:
        return False
    return first.last == len(cell.words) or has_colon(first)


def _of_addresses(layout: Layout, foreign: set[Cell]) -> Iterator[tuple[str, Cell, str, int]]:
    for position, block in enumerate(_unclaimed(layout, foreign)):
        if block.name and block.name_cell:
            yield block.name, block.name_cell, "address", 2 if position == 0 else 1
            if _is_in_window(layout, block):
                yield block.name, block.name_cell, "window", -4
            if any(_names_vat(cell) for cell in block.cells):
                yield block.name, block.name_cell, "address_vat", 2


def _is_in_window(layout: Layout, block: Block) -> bool:
    """Where the window of an envelope shows the addressee: below the letterhead, without telephone."""
    top = block.cells[0].box.y0 / layout.height(1)
    return _WINDOW[0] < top < _WINDOW[1] and not _gives_telephone(layout, block)


def _unclaimed(layout: Layout, foreign: set[Cell]) -> Iterator[Block]:
    return (block for block in open_blocks(layout) if not foreign & set(block.cells))


def _of_cell(layout: Layout, cell: Cell, name: str, usual: float) -> Iterator[tuple[str, Cell, str, int]]:
    height = layout.height(cell.page)
    at_head = cell.page == 1 and cell.box.y0 < _HEAD_ZONE * height
    at_foot = cell.box.y0 > _FOOT_ZONE * height
    if has_legal_form(name):
        yield name, cell, "legal_form", 3
        if at_head or at_foot:
            yield name, cell, "head" if at_head else "foot", 2
    if at_head and cell.size >= 1.4 * usual:
        yield name, cell, "large", 4 if cell.size >= 1.8 * usual else 3
    if at_head and cell.box.y0 < 0.1 * height:
        yield name, cell, "top", 2
    if cell.page == 1 and len(name) < len(cell.text) - 8 and POSTCODE_PLACE.search(cell.text[len(name) :]):
        yield name, cell, "sender_line", 5


def _addressee(layout: Layout, supplier: Located | None) -> Located | None:
    """The first address of the page that is not the sender's."""
    key = name_key(supplier.text) if supplier else ""
    blocks = [one for one in open_blocks(layout) if not _gives_telephone(layout, one)]
    for block in sorted(blocks, key=lambda one: one.cells[0].box.y0 < _HEAD_ZONE / 2 * layout.height(1)):
        if block.name and block.name_cell and block.cells[0].box.y0 < 0.45 * layout.height(1):
            own = name_key(block.name)
            if own != key and not (key and (own in key or key in own)):
                return Located(block.name, block.name_cell, False)
    return _under_sender_line(layout, supplier)


def _under_sender_line(layout: Layout, supplier: Located | None) -> Located | None:
    for cell in layout.cells if supplier is not None else ():
        if cell.page == 1 and supplier is not None and _is_sender_line(cell, supplier.text):
            block = block_under(layout, cell)
            if block is not None and block.name and block.name_cell:
                return Located(block.name, block.name_cell, False)
    return None


def _is_sender_line(cell: Cell, name: str) -> bool:
    """`Muster GmbH - Musterweg 1 - 12345 Musterstadt`, small, above the addressee."""
    return cell.text.startswith(name) and POSTCODE_PLACE.search(cell.text[len(name) :]) is not None


_TELEPHONE = re.compile(r"^(?:tel|fax|phone|telefon|t:|\+\d|www|e-?mail)", re.IGNORECASE)


def _gives_telephone(layout: Layout, block: Block) -> bool:
    """A sender prints telephone or web address under the own address; an addressee's stands bare."""
    place = block.cells[-1]
    return any(
        _TELEPHONE.match(cell.text)
        for line in layout.lines[place.line + 1 : place.line + 6]
        for cell in line.cells
        if abs(cell.box.x0 - place.box.x0) < 3 and cell.box.y0 - place.box.y1 < 3 * place.size
    )


def _vat_ids(
    layout: Layout, supplier: Located | None, block: Block | None, foreign: set[Cell]
) -> tuple[Located | None, Located | None]:
    found = vat_ids(layout)
    labelled = {one.value: one for one in values_of(layout, Field.BUYER_VAT, vat_in)}
    buyers = [one for one in found if one.text in labelled or one.cell in foreign]
    others = [one for one in found if one.text not in {buyer.text for buyer in buyers}]
    inside = [one for one in others if block is not None and one.cell in block.cells]
    loose = labelled_vat(layout)
    if loose is not None and loose.cell not in foreign and not inside and not (block is None and others):
        return Located(loose.value, loose.cell, False), (buyers[0] if buyers else None)
    own = min(inside or others, key=lambda one: _distance(one, supplier), default=None)
    return own, (buyers[0] if buyers else None)


def _distance(one: Located, supplier: Located | None) -> float:
    """How far a VAT id stands from the supplier's name; another page is far."""
    if supplier is None:
        return one.cell.line
    near = one.cell.box.overlap_x(supplier.cell.box) > 0
    return abs(one.cell.line - supplier.cell.line) + (0 if near else 8)
