"""How alike the texts of two lines read, when both are to be coded: what they are about counts, not when."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from tools.domain.months import BESIDE_A_YEAR, folded_month

# Small words, which say never what for.
_EMPTY = frozenset(
    """the of for and per from to in on at der die das für und von bis im am zum zur vom mit
    de het een voor en van tot le la les du des pour et au aux el los las por del al il lo gli di per con
    no nr monat monthly month maand mois mes mese""".split()
)


@lru_cache(maxsize=65536)
def words(text: str) -> frozenset[str]:
    """Words of at least two letters without digits, months and small words. `A4` and `M6` name goods and
    stay; `2026` and `03` do not."""
    found = re.findall(r"\w+", text.casefold())
    return frozenset(
        word
        for word in found
        if word not in _EMPTY
        and folded_month(word) not in BESIDE_A_YEAR
        and len(word) > 1
        and sum(sign.isalpha() for sign in word) * 2 >= len(word)
    )


class Weights:
    """How much each word tells: one that stands in every line of a supplier tells little."""

    def __init__(self, texts: Iterable[str]) -> None:
        counted: Counter[str] = Counter()
        self._texts = 0
        for text in texts:
            self._texts += 1
            counted.update(words(text))
        self._counted: Mapping[str, int] = counted

    def of(self, word: str) -> float:
        return math.log(1 + (self._texts + 1) / (self._counted.get(word, 0) + 1))

    def likeness(self, one: str, two: str) -> float:
        """0 to 1: the weight of the words in both, twice, by the weight of all words of each."""
        left, right = words(one), words(two)
        if not left or not right:
            return 0.0
        shared = math.fsum(self.of(word) for word in sorted(left & right))
        whole = math.fsum(self.of(word) for side in (left, right) for word in sorted(side))
        return 2 * shared / whole
