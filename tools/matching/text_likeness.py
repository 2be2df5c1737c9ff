"""How alike the descriptions of invoice lines and order lines read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

GOOD = 0.6
"""Likeness below this is noise between short texts."""


class Wording:
    """Likeness of each invoice line's text with each order line's, 0 to 1; anything below `GOOD` is 0."""

    def __init__(self, printed: Sequence[str | None], known: Sequence[str]) -> None:
        # Loaded here: most invoices carry item numbers and never get this far.
        from rapidfuzz import fuzz, process

        rows, columns = [_folded(text or "") for text in printed], [_folded(text) for text in known]
        by_order: Any = process.cdist(rows, columns, scorer=fuzz.token_sort_ratio)
        by_words: Any = process.cdist(rows, columns, scorer=fuzz.token_set_ratio)
        self._ratios: Any = (by_order + by_words) / 200
        self._row_numbers = [_numbers(text) for text in rows]
        self._column_numbers = [_numbers(text) for text in columns]

    def near(self, row: int) -> list[int]:
        """Order lines whose text reads like the invoice line's."""
        candidates = (self._ratios[row] >= GOOD).nonzero()[0].tolist()
        return [column for column in candidates if self.likeness(row, column)]

    def likeness(self, row: int, column: int) -> float:
        """'Screw M6x30' and 'Screw M6x40' read alike and are different goods: numbers must not differ."""
        one, two = self._row_numbers[row], self._column_numbers[column]
        ratio = float(self._ratios[row, column])
        return ratio if ratio >= GOOD and (one <= two or two <= one) else 0.0


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _numbers(text: str) -> frozenset[str]:
    return frozenset(word for word in text.split() if any(letter.isdigit() for letter in word))
