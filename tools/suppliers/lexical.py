"""Which names are spelt alike: character n-grams weighted by rarity (TF-IDF), cosine similarity.

Finds typing and scanning errors, and needs no model. Names are added and dropped one by one; the
weights are worked out at the next search.
"""

from __future__ import annotations

import math
import threading
from array import array
from collections import Counter
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from tools.domain.identifiers import SupplierId
from tools.suppliers.names import comparable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

_SIZES = (2, 3, 4)
_KEPT = 1024
"""Weighted names kept for the next comparison."""


def _grams(name: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for word in comparable(name).split():
        padded = f" {word} "
        for size in _SIZES:
            counts.update(padded[i : i + size] for i in range(max(1, len(padded) - size + 1)))
    return counts


def _words(names: Iterable[str]) -> set[str]:
    return {word for name in names for word in comparable(name).split()}


class LexicalIndex:
    """Names of suppliers, searchable by spelling. A supplier may have several names. Searches may come
    from several threads; names are changed by one, while nobody searches."""

    def __init__(self) -> None:
        self._names: dict[SupplierId, tuple[str, ...]] = {}
        self._codes: dict[str, int] = {}
        self._counted: dict[str, tuple[array[int], array[int]]] = {}
        self._building = threading.Lock()
        self._by_word: dict[str, set[SupplierId]] = {}
        self._matrix: Any = None
        self._weights: list[float] = []
        self._rarest = 1.0
        self._weighed: dict[str, dict[str, float]] = {}
        self._rows: list[SupplierId] = []
        self._rows_of: dict[SupplierId, list[int]] = {}

    def put(self, supplier: SupplierId, names: Iterable[str]) -> None:
        """Add a supplier or replace its names."""
        kept = tuple(name for name in names if name.strip())
        if self._names.get(supplier) != kept:
            self.drop(supplier)
            self._names[supplier] = kept
            for word in _words(kept):
                self._by_word.setdefault(word, set()).add(supplier)
            self._matrix = None

    def drop(self, supplier: SupplierId) -> None:
        """Forget a supplier; nothing happens when it is not there."""
        names = self._names.pop(supplier, None)
        if names is not None:
            for word in _words(names):
                self._by_word[word].discard(supplier)
            self._matrix = None

    def search(
        self, name: str, limit: int, near: Collection[SupplierId] = ()
    ) -> list[tuple[SupplierId, float]]:
        """The `limit` suppliers spelt most alike, best first, with the cosine (0 to 1), and after them as
        many of those `near`. Ties by id."""
        import numpy as np

        self._prepare()
        if not self._rows or limit < 1:
            return []
        scores = self._scores(name)
        found = dict(self._nearest(scores, np.arange(len(self._rows)), limit))
        rows = [row for supplier in near for row in self._rows_of.get(supplier, ())]
        if rows:
            found |= dict(self._nearest(scores, np.array(rows), limit))
        return list(found.items())

    def sharing_rare_words(self, name: str, limit: int) -> set[SupplierId]:
        """At most `limit` suppliers that have the rarest words of the name; words that more have are left
        out."""
        found: set[SupplierId] = set()
        for having in sorted((self._by_word.get(word, set()) for word in _words([name])), key=len):
            if len(found | having) > limit:
                break
            found |= having
        return found

    def _nearest(self, scores: Vector, rows: Any, limit: int) -> list[tuple[SupplierId, float]]:
        """The suppliers of `rows` with the highest scores above 0."""
        import numpy as np

        wanted = min(len(rows), 2 * limit + 8)
        best: dict[SupplierId, float] = {}
        for row in rows[np.argpartition(-scores[rows], wanted - 1)[:wanted]]:
            if scores[row] > 0:
                supplier = self._rows[row]
                best[supplier] = max(best.get(supplier, 0.0), min(1.0, float(scores[row])))
        return sorted(best.items(), key=lambda found: (-found[1], found[0]))[:limit]

    def similarity(self, left: str, right: str) -> float:
        """Cosine of two names with the weights of this index, 0 to 1."""
        self._prepare()
        one, other = self._weighted(left), self._weighted(right)
        return min(1.0, sum(weight * other.get(gram, 0.0) for gram, weight in one.items()))

    def rarity(self, word: str) -> float:
        """How much a folded word tells about who it is: 1 for a word of every supplier, more for rare
        ones, log(n) + 1 for a word of none."""
        return math.log((1 + len(self._names)) / (1 + len(self._by_word.get(word, ())))) + 1

    @property
    def rarest_word(self) -> float:
        """The rarity of a word that no supplier has."""
        return math.log(1 + len(self._names)) + 1

    def _scores(self, name: str) -> Vector:
        """Cosine of `name` with every row."""
        import numpy as np

        weighted = {self._codes[gram]: w for gram, w in self._weighted(name).items() if gram in self._codes}
        scores = np.zeros(len(self._rows))
        matrix = self._matrix
        for code in sorted(weighted):
            column = slice(matrix.indptr[code], matrix.indptr[code + 1])
            scores[matrix.indices[column]] += matrix.data[column] * weighted[code]
        return scores

    def _weighted(self, name: str) -> dict[str, float]:
        """Gram -> weight, of length 1. A gram that no supplier has weighs as much as the rarest."""
        known = self._weighed.get(name)
        if known is not None:
            return known
        result = {
            gram: (1 + math.log(count)) * self._weights[self._codes[gram]]
            if gram in self._codes
            else (1 + math.log(count)) * self._rarest
            for gram, count in _grams(name).items()
        }
        length = math.sqrt(sum(weight * weight for weight in result.values()))
        weighted = {gram: weight / length for gram, weight in result.items()} if length else {}
        if len(self._weighed) >= _KEPT:
            self._weighed.clear()
        self._weighed[name] = weighted
        return weighted

    def _count(self, name: str) -> tuple[array[int], array[int]]:
        known = self._counted.get(name)
        if known is None:
            counts = _grams(name)
            codes = array("i", (self._codes.setdefault(gram, len(self._codes)) for gram in counts))
            known = self._counted[name] = (codes, array("i", counts.values()))
        return known

    def _prepare(self) -> None:
        with self._building:
            if self._matrix is None:
                self._build()

    def _build(self) -> None:
        import numpy as np
        from scipy import sparse

        named = [(supplier, name) for supplier, names in sorted(self._names.items()) for name in names]
        counted = [self._count(name) for _, name in named]
        self._counted = {name: known for (_, name), known in zip(named, counted, strict=True)}
        lengths = [len(codes) for codes, _ in counted]
        none = array("i")
        columns = np.concatenate([np.asarray(codes) for codes, _ in counted] or [np.asarray(none)])
        values = np.concatenate([np.asarray(counts) for _, counts in counted] or [np.asarray(none)])
        self._rows = [supplier for supplier, _ in named]
        self._rows_of = {}
        for row, supplier in enumerate(self._rows):
            self._rows_of.setdefault(supplier, []).append(row)
        frequency = np.bincount(columns, minlength=len(self._codes))
        weights = np.log((1 + len(named)) / (1 + frequency)) + 1
        self._weights, self._rarest = weights.tolist(), float(weights.max(initial=1.0))
        self._weighed.clear()
        rows = np.repeat(np.arange(len(named)), lengths)
        data = (1 + np.log(values)) * weights[columns]
        norms = np.sqrt(np.bincount(rows, weights=data * data, minlength=len(named)))
        shape = (len(named), len(self._codes))
        self._matrix = sparse.csc_matrix((data / norms[rows], (rows, columns)), shape=shape)
