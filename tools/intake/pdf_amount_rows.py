"""Amounts with the label that stands beside or above them, and rows in which net, tax and gross stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from tools.intake.pdf_amounts import Convention, Numeral, numerals, read
from tools.intake.pdf_lines import Cell, Layout, Line, cell_of
from tools.intake.pdf_vocabulary import Label, Part, label_of, parts_of
from tools.intake.pdf_words import Word

_BELOW = 4.5
"""How far under its column head a value may stand, in text heights."""
_HEADS_ABOVE = 6
"""Lines above a row of figures in which the heads of its columns are looked for."""
_CELL, _FAR = 0.85, 3.0
"""Blanks, in text heights, that separate cells of one label and different labels."""
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class LabelledAmount:
    label: Label
    strength: int
    """3 for a label that can mean nothing else, 1 for a vague one."""
    value: Decimal | None
    """None when the number can be read in two ways."""
    numeral: Numeral
    rate: Decimal | None = None
    """Percent named beside it."""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A row `net, tax, gross` (or `base, tax`) whose figures prove each other."""

    net: Numeral
    tax: Numeral
    gross: Numeral | None
    values: tuple[Decimal, Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class _Group:
    """Text and the numbers that follow it on the line."""

    words: tuple[Word, ...]
    numbers: tuple[Numeral, ...]
    rates: tuple[Numeral, ...]


def labelled_amounts(layout: Layout, convention: Convention | None) -> list[LabelledAmount]:
    """Every amount of the document whose label is known, in reading order."""
    found: list[LabelledAmount] = []
    for line in layout.lines:
        for group in _groups(line):
            found.extend(_beside(group, line, convention))
        found.extend(_under_heads(layout, line, convention))
    return _once(found)


def _once(found: list[LabelledAmount]) -> list[LabelledAmount]:
    """Each number with its surest label."""
    best: dict[tuple[int, float, float], LabelledAmount] = {}
    for one in found:
        box = one.numeral.cell.box
        key = (one.numeral.cell.line, box.x0, box.y0)
        if key not in best or best[key].strength < one.strength:
            best[key] = one
    return list(best.values())


def _groups(line: Line) -> Iterator[_Group]:
    words: list[Word] = []
    numbers: list[Numeral] = []
    rates: list[Numeral] = []
    for cell in line.cells:
        found = {one.first: one for one in numerals(cell)}
        at = 0
        while at < len(cell.words):
            numeral = found.get(at)
            if numeral is None and not any(c.isalnum() for c in cell.words[at].text):
                at += 1
                continue
            if numeral is None:
                if numbers and not _is_filler(cell.words[at]):
                    yield _Group(tuple(words), tuple(numbers), tuple(rates))
                    words, numbers, rates = [], [], []
                words.append(cell.words[at])
                at += 1
                continue
            if not _is_measure(cell, numeral):
                (rates if numeral.percent else numbers).append(numeral)
            at = numeral.last
    if numbers:
        yield _Group(tuple(words), tuple(numbers), tuple(rates))


def _is_measure(cell: Cell, numeral: Numeral) -> bool:
    """`Net 30 days`, `Total 3 items`: the word right behind makes it a count, not an amount."""
    behind = cell.words[numeral.last : numeral.last + 1]
    if not behind or numeral.currency is not None or not any(c.isalpha() for c in behind[0].text):
        return False
    return not _is_filler(behind[0]) and not set(parts_of(behind[0].text) or ()) - {Part.LINK}


_FILLERS = frozenset(
    "€ $ £ eur usd gbp chf sek dkk nok pln von auf of de sur op di su kr - % : | = zł x".split()
)


def _is_filler(word: Word) -> bool:
    return word.text.casefold().strip("().,") in _FILLERS or not any(c.isalnum() for c in word.text)


def _beside(group: _Group, line: Line, convention: Convention | None) -> Iterator[LabelledAmount]:
    named = _name(group.words)
    if named is None or len(group.numbers) > 3:
        return
    label, strength = named
    several = len(group.numbers) > 1
    if several and label is Label.BASE and len(group.numbers) == 2:
        yield LabelledAmount(label, strength, read(group.numbers[0], convention), group.numbers[0])
        label = Label.TAX
    elif several and label not in (Label.TAX, Label.CHARGE, Label.ALLOWANCE):
        return
    numeral = group.numbers[-1]
    rate = read(group.rates[-1], convention) if group.rates else None
    yield LabelledAmount(label, strength, read(numeral, convention), numeral, rate)


def _name(words: tuple[Word, ...]) -> tuple[Label, int] | None:
    """The label that a run of words spells; a wide gap may separate it from other text on its left."""
    wide = [n for n in range(1, len(words)) if _gap(words, n) > _FAR]
    near = words[wide[-1] :] if wide else words
    starts = [0, *(n for n in range(1, len(near)) if _gap(near, n) > _CELL)]
    for run in (*(near[start:] for start in starts), words):
        named = label_of(" ".join(word.text for word in run))
        if named is not None:
            return _adjustment(words, run) or named
    return None


def _adjustment(words: tuple[Word, ...], run: tuple[Word, ...]) -> tuple[Label, int] | None:
    """`Abschlag … 19 % USt. 0,15` is a discount, although the label nearest to its amount names the tax."""
    if run[0] is words[0]:
        return None
    parts = parts_of(words[0].text) or ()
    if Part.DISCOUNT in parts:
        return Label.ALLOWANCE, 2
    return (Label.CHARGE, 2) if Part.CHARGE in parts else None


def _gap(words: tuple[Word, ...], position: int) -> float:
    """Blank before a word, in text heights."""
    return (words[position].box.x0 - words[position - 1].box.x1) / words[position].box.height


def _under_heads(layout: Layout, line: Line, convention: Convention | None) -> Iterator[LabelledAmount]:
    for cell in line.cells:
        if any(True for _ in numerals(cell)):
            continue
        named = label_of(cell.text)
        if named is None or _has_number_right(line, cell):
            continue
        numeral = _number_below(layout, line, cell)
        if numeral is not None:
            # `Amount` or `Total` over a figure heads many kinds of tables.
            strength = 1 if named == (Label.GROSS, 2) else named[1]
            yield LabelledAmount(named[0], strength, read(numeral, convention), numeral)


def _has_number_right(line: Line, cell: Cell) -> bool:
    following = [other for other in line.cells if other.box.x0 > cell.box.x1]
    return bool(following) and any(True for _ in numerals(following[0]))


def _number_below(layout: Layout, line: Line, head: Cell) -> Numeral | None:
    """The only number under a head before other text; None when a second row follows (a table)."""
    found: Numeral | None = None
    for other in layout.lines[line.index + 1 : line.index + 8]:
        if other.page != line.page or other.box.y0 - head.box.y1 > _BELOW * head.size:
            break
        for cell in other.cells:
            if cell.box.overlap_x(head.box) <= 0:
                continue
            inside = [
                one for one in numerals(cell) if one.cell.box.overlap_x(head.box) > 0 and not one.percent
            ]
            if not inside or found is not None:
                return found if not inside else None
            found = inside[0]
    return found


def breakdowns(layout: Layout, convention: Convention | None) -> list[Breakdown]:
    """Rows of figures under heads that name tax, in which base + tax = gross, in reading order."""
    found = []
    for line in layout.lines:
        numbers = [one for cell in line.cells for one in numerals(cell) if not one.percent]
        if 2 <= len(numbers) <= 8 and _is_tax_row(layout, line):
            row = _proven_row(numbers, convention)
            if row is not None:
                found.append(row)
    return found


def _is_tax_row(layout: Layout, line: Line) -> bool:
    above = layout.lines[max(0, line.index - _HEADS_ABOVE) : line.index]
    heads = " ".join(one.text for one in above if one.page == line.page)
    words = [
        cell_of([word], 0).text
        for one in above
        if one.page == line.page
        for cell in one.cells
        for word in cell.words
    ]
    known = {part.value for word in words for part in parts_of(word) or ()}
    return "tax" in known and bool(known & {"net", "base", "goods"}) and bool(heads)


def _proven_row(numbers: list[Numeral], convention: Convention | None) -> Breakdown | None:
    """The last two numbers that add up to a third right of them, the tax at most a third of the net."""
    values = [read(one, convention) for one in numbers]
    for third in range(len(numbers) - 1, 1, -1):
        for first in range(third - 1):
            for second in range(first + 1, third):
                net, tax, gross = values[first], values[second], values[third]
                if net is None or tax is None or gross is None or not net:
                    continue
                if abs(net + tax - gross) <= CENT and 0 < abs(tax) * 3 <= abs(net) and net * tax > 0:
                    return Breakdown(numbers[first], numbers[second], numbers[third], (net, tax, gross))
    return None
