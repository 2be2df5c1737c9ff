"""How alike the descriptions of invoice lines and order lines read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

GOOD = 0.6
"""Likeness below this is noise between short texts."""
# Letters alone mislead: 'player' and 'display' share four in a row. Two spellings of one word are nearer.
_ONE_WORD = 75
# A shared colour or material makes no two things one: half of the letters of one text must be in like words.
_SHARED = 0.5
_PART_OF_WORD = 4
"""Letters that a word in a compound must have at least: 'papier' in 'kopierpapier'."""

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
        self._good: Any = (self._ratios >= GOOD) & (_shared_words(self._rows, columns) >= _SHARED)
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


def _shared_words(rows: Sequence[str], columns: Sequence[str]) -> Any:
    """Share of the letters of one of two texts that stand in words which the other has too, whichever share
    is larger; an array of a row for each of `rows`."""
    import numpy as np
    from rapidfuzz import fuzz, process

    lefts, has_left = _words(rows)
    rights, has_right = _words(columns)
    like: Any = process.cdist(lefts, rights, scorer=fuzz.ratio) >= _ONE_WORD
    like = like | np.array([[_is_part(left, right) for right in rights] for left in lefts], dtype=bool)
    left_letters = has_left * np.array([len(word) for word in lefts])
    right_letters = has_right * np.array([len(word) for word in rights])
    in_columns = (like.astype(float) @ has_right.T > 0).astype(float)
    in_rows = (has_left @ like.astype(float) > 0).astype(float)
    of_rows = left_letters @ in_columns / np.maximum(left_letters.sum(axis=1), 1)[:, None]
    of_columns = in_rows @ right_letters.T / np.maximum(right_letters.sum(axis=1), 1)[None, :]
    return np.maximum(of_rows, of_columns)


def _words(texts: Sequence[str]) -> tuple[list[str], Any]:
    """All words, and for each text which of them it has."""
    import numpy as np

    split = [text.split() for text in texts]
    place = {word: at for at, word in enumerate(dict.fromkeys(word for words in split for word in words))}
    has = np.zeros((len(texts), max(1, len(place))))
    for row, words in enumerate(split):
        has[row, [place[word] for word in words]] = 1
    return list(place) or [""], has


def _is_part(left: str, right: str) -> bool:
    shorter, longer = (left, right) if len(left) <= len(right) else (right, left)
    return len(shorter) >= _PART_OF_WORD and shorter in longer


def folded(text: str) -> str:
    """The words of a text, without case and punctuation."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _numbers(text: str) -> frozenset[str]:
    return frozenset(word for word in text.split() if any(letter.isdigit() for letter in word))


def _is_no_name(text: str) -> bool:
    return all(word in _NO_NAME or word.isdigit() for word in text.split())
