"""How alike the descriptions of invoice lines and order lines read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

GOOD = 0.6
"""Likeness below this is noise between short texts."""

# What a line is called when it is not called anything: English, German, Dutch, French.
_NO_NAME = frozenset(
    "item items article articles position pos line goods product service services various sundry misc "
    "artikel ware waren leistung leistungen produkt zeile diverse diverses sonstiges "
    "goederen regel diversen dienst diensten produit prestation ligne marchandise marchandises divers".split()
)


class Wording:
    """Likeness of each invoice line's text with each order line's, 0 to 1; anything below `GOOD` is 0."""

    def __init__(self, printed: Sequence[str | None], known: Sequence[str]) -> None:
        # Loaded here: most invoices carry item numbers and never get this far.
        from rapidfuzz import fuzz, process

        self._rows, columns = [folded(text or "") for text in printed], [folded(text) for text in known]
        by_order: Any = process.cdist(self._rows, columns, scorer=fuzz.token_sort_ratio)
        by_words: Any = process.cdist(self._rows, columns, scorer=fuzz.token_set_ratio)
        self._ratios: Any = (by_order + by_words) / 200
        self._good: Any = self._ratios >= GOOD
        self._row_numbers = [_numbers(text) for text in self._rows]
        self._column_numbers = [_numbers(text) for text in columns]
        self._nameless = [_is_no_name(text) for text in self._rows], [_is_no_name(text) for text in columns]

    def near(self, row: int) -> dict[int, float]:
        """Order lines whose text reads like the invoice line's, with the likeness."""
        return {column: ratio for column, ratio in self._alike(row) if self.numbers_agree(row, column)}

    def is_other_size(self, row: int, column: int) -> bool:
        """'Screw M6x30' and 'Screw M6x40' read alike and are different goods: numbers must not differ."""
        return bool(self._good[row, column]) and not self.numbers_agree(row, column)

    def names_nothing(self, row: int, column: int) -> bool:
        """One of the two texts names no goods, so that it speaks neither for nor against the other."""
        return self._nameless[0][row] or self._nameless[1][column]

    def numbers_agree(self, row: int, column: int) -> bool:
        """The numbers of one text are all in the other."""
        one, two = self._row_numbers[row], self._column_numbers[column]
        return one <= two or two <= one

    def _alike(self, row: int) -> list[tuple[int, float]]:
        columns = self._good[row].nonzero()[0]
        return list(zip(columns.tolist(), self._ratios[row][columns].tolist(), strict=True))


def folded(text: str) -> str:
    """The words of a text, without case and punctuation."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _numbers(text: str) -> frozenset[str]:
    return frozenset(word for word in text.split() if any(letter.isdigit() for letter in word))


def _is_no_name(text: str) -> bool:
    return all(word in _NO_NAME or word.isdigit() for word in text.split())
