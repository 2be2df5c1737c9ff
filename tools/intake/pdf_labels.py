"""Labels of fields on the page.

Labels are compared without accents, blanks and punctuation, so `Facture N° :` and `FACTURE NO` are one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tools.intake.pdf_label_words import LABEL_WORDS, Field
from tools.intake.pdf_lines import Cell, folded


@dataclass(frozen=True, slots=True)
class Found:
    """A label in a cell: words `first` up to `last` spell it."""

    field: Field
    strength: int
    cell: Cell
    first: int
    last: int


_PHRASES: dict[str, tuple[Field, int]] = {}
for _field, _strength, _phrases in LABEL_WORDS:
    for _phrase in _phrases.split("/"):
        _PHRASES.setdefault(folded(_phrase).replace(" ", ""), (_field, _strength))
_LONGEST_LABEL = 7
"""Words of the longest label, torn words included."""


@lru_cache(maxsize=8192)
def meaning(text: str) -> tuple[Field, int] | None:
    """The field that exactly this text names."""
    return _PHRASES.get(folded(text).replace(" ", ""))


def labels_in(cell: Cell) -> Iterator[Found]:
    """Labels of a cell from left to right, the longest at each place."""
    at = 0
    while at < len(cell.words):
        found = _label_at(cell, at)
        if found is None:
            at += 1
        else:
            yield found
            at = found.last


def _label_at(cell: Cell, first: int) -> Found | None:
    for last in range(min(len(cell.words), first + _LONGEST_LABEL), first, -1):
        text = " ".join(word.text for word in cell.words[first:last])
        named = meaning(text) if any(c.isalpha() for c in text) else None
        if named is not None:
            return Found(named[0], named[1], cell, first, last)
    return None


def is_label(cell: Cell) -> bool:
    """Whether the cell begins with a label that stands alone or before a colon."""
    found = _label_at(cell, 0)
    if found is None:
        return False
    return found.last == len(cell.words) or cell.words[found.last - 1].text.endswith(":")
