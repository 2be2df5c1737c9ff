"""The value that belongs to a label: behind it, right of it, or under it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from tools.intake.pdf_label_words import Field
from tools.intake.pdf_labels import Found, is_label, labels_in
from tools.intake.pdf_lines import Cell, Layout, folded

T = TypeVar("T")
Reader = Callable[[str], T | None]
"""Reads a value from the beginning of a text; None when it is none."""

_BELOW = 4.5
"""How far under its label a value may stand, in text heights."""
_SHORT = 4
"""Letters up to which a label is also an ordinary word (`an`, `de`, `po`) and needs its colon."""
_LEADING = re.compile(r"^[\s:;#.*°º|=-]+")


@dataclass(frozen=True, slots=True)
class Value(Generic[T]):
    """A value with its place and how surely the label means it: behind it 2, right of it 1, under it 0,
    added to three times the label's own strength."""

    value: T
    cell: Cell
    strength: int


@dataclass(frozen=True, slots=True)
class Located:
    """Text of one field and where it stands. `sure` is false where the evidence is thin."""

    text: str
    cell: Cell
    sure: bool = True


def values_of(layout: Layout, field: Field, reader: Reader[T]) -> Iterator[Value[T]]:
    """Every value that a label of `field` points to, in reading order."""
    for line in layout.lines:
        for cell in line.cells:
            labels = list(labels_in(cell))
            for position, found in enumerate(labels):
                if found.field is field and _is_meant(found):
                    following = next((one.first for one in labels[position + 1 :] if has_colon(one)), None)
                    value = _value(layout, found, following, reader)
                    if value is not None:
                        yield value


def surest(values: Iterator[Value[T]]) -> Value[T] | None:
    """The value with the strongest label; the first of equals."""
    return max(values, key=lambda one: one.strength, default=None)


def has_colon(found: Found) -> bool:
    """Whether a colon ends the label."""
    words = found.cell.words
    colon = found.last < len(words) and words[found.last].text.startswith(":")
    return colon or words[found.last - 1].text.endswith((":", ":**"))


def _is_meant(found: Found) -> bool:
    words = found.cell.words[found.first : found.last]
    letters = folded("".join(word.text for word in words))
    colon = has_colon(found)
    if len(letters) <= _SHORT and found.field in (Field.SUPPLIER, Field.BUYER, Field.HOLDER, Field.NAME):
        return colon or (found.first == 0 and found.last == len(found.cell.words))
    opens = found.first == 0 or found.cell.words[found.first - 1].text.endswith(",")
    return opens or colon or found.strength == 3 or (found.strength == 1 and found.field is Field.DUE)


def _value(layout: Layout, found: Found, following: int | None, reader: Reader[T]) -> Value[T] | None:
    strength = 3 * found.strength
    end = following if following is not None else len(found.cell.words)
    if found.last < end:
        behind = found.cell.part(found.last, end)
        value = _read(behind, reader)
        if value is not None:
            return Value(value, behind, strength + 2)
        if following is None and any(c.isalnum() for c in behind.text):
            return _wrapped(layout, found, reader, strength)
    if found.first > 0 and following is None:
        wrapped = _wrapped(layout, found, reader, strength)
        if wrapped is not None:
            return wrapped
    right = _right(layout, found, reader)
    if right is not None:
        return Value(right[0], right[1], strength + 1)
    return _below(layout, found, reader, strength)


def _read(cell: Cell, reader: Reader[T]) -> T | None:
    text = _LEADING.sub("", cell.text)
    return reader(text) if text else None


def _wrapped(layout: Layout, found: Found, reader: Reader[T], strength: int) -> Value[T] | None:
    """A value that runs on in the next line: `… Date: 20 april` / `2022 …`."""
    if found.cell.line + 1 >= len(layout.lines) or found.strength < 3:
        return None
    words = found.cell.words[found.last :]
    behind = found.cell.part(found.last) if words else found.cell.part(found.first)
    following = layout.lines[found.cell.line + 1].cells[0]
    if following.page != behind.page or following.box.x0 > found.cell.box.x0 + following.size:
        return None
    start = " ".join(word.text for word in words)
    value = reader(_LEADING.sub("", f"{start} {following.text}")) if len(words) <= 3 else None
    return Value(value, behind, strength) if value is not None else None


def _right(layout: Layout, found: Found, reader: Reader[T]) -> tuple[T, Cell] | None:
    if found.last < len(found.cell.words) and found.cell.part(found.last).text.strip(" :.#-"):
        return None
    cells = [cell for cell in layout.lines[found.cell.line].cells if cell.box.x0 >= found.cell.box.x1]
    for cell in cells[:2]:
        if is_label(cell):
            return None
        value = _read(cell, reader)
        if value is not None:
            return value, cell
        if any(c.isalnum() for c in cell.text):
            return None
    return None


def _below(layout: Layout, found: Found, reader: Reader[T], strength: int) -> Value[T] | None:
    head = found.cell.part(found.first, found.last)
    for line in layout.lines[found.cell.line + 1 : found.cell.line + 9]:
        if line.page != head.page or line.box.y0 - head.box.y1 > _BELOW * head.size:
            return None
        for cell in line.cells:
            if cell.box.overlap_x(head.box) <= 0:
                continue
            first = next(n for n, word in enumerate(cell.words) if word.box.x1 > head.box.x0 - cell.size)
            under = cell.part(first)
            value = _read(under, reader)
            return None if value is None or is_label(cell) else Value(value, under, strength)
    return None
