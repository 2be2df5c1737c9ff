"""Suppliers whose name and place resemble those of a document, with the probability that each is meant."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Protocol

from tools.domain.documents import Record
from tools.domain.identifiers import SupplierId
from tools.domain.supplier import Supplier
from tools.suppliers.directory import SupplierDirectory
from tools.suppliers.likeness import Likeness, compare
from tools.suppliers.names import same_name
from tools.suppliers.places import Agreement, Place, place_of, same_place

SHORTLIST = 20
"""Names taken from each search; the right one was among 20 by spelling in 99.8 % of the queries."""
_LONGEST_NAME = 200

# Logistic regression on half of the evaluation set (seed 7; `evals/suppliers.py` scores the other
# half): log odds that the candidate is the supplier. `meaning` counts from 0.9, where unrelated
# company names lie.
_WITH_MEANING = (-16.14, 0.55, 5.77, 2.90, 5.30, 2.20, 1.75)
_MEANING = 34.7
_BY_SPELLING = (-18.91, 2.96, 7.34, 2.90, 5.96, 2.12, 2.06)
_PLACE = {Agreement.AGREES: 2.4, Agreement.UNKNOWN: 0.0, Agreement.DIFFERS: -2.3}


class MeaningIndex(Protocol):
    """What the ranking asks of `SupplierIndex`; similarities are cosines."""

    def __len__(self) -> int: ...

    def search(self, name: str, place: Place, limit: int) -> list[tuple[SupplierId, float]]: ...

    def similarities(self, name: str, suppliers: Collection[SupplierId]) -> dict[SupplierId, float]: ...


class Ranked(Record):
    """A supplier as a reading of the document's name and place."""

    supplier: Supplier
    likeness: Likeness
    place: Agreement
    exact: bool
    """The names are the same but for their spelling."""
    log_odds: float
    """Of the name alone."""

    @property
    def score(self) -> float:
        """Probability that this supplier is meant, by name and place; above 0, below 1."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.log_odds + _PLACE[self.place]))))


class NameRanking:
    """Names and place of one document against the directory. Without an index, or with an empty one,
    only the spelling is compared."""

    def __init__(
        self,
        names: Collection[str],
        place: Place,
        directory: SupplierDirectory,
        index: MeaningIndex | None = None,
    ) -> None:
        self.names = tuple(name.strip()[:_LONGEST_NAME] for name in names if name.strip())
        self.place = place
        self._directory = directory
        self._index = index if index is not None and len(index) else None
        self._ranked: dict[SupplierId, Ranked] = {}

    @property
    def by_spelling_only(self) -> bool:
        return self._index is None

    def best(self, limit: int = SHORTLIST) -> list[Ranked]:
        """The likeliest suppliers of the whole directory, best first; ties by id."""
        found: set[SupplierId] = set()
        for name in self.names:
            found.update(supplier for supplier, _ in self._directory.lexical.search(name, SHORTLIST))
            if self._index is not None:
                found.update(supplier for supplier, _ in self._index.search(name, self.place, SHORTLIST))
        return self.among(found)[:limit]

    def among(self, suppliers: Collection[SupplierId]) -> list[Ranked]:
        """These suppliers, likeliest first; those that the directory does not know are left out."""
        new = sorted(i for i in suppliers if i in self._directory and i not in self._ranked)
        for name in self.names:
            meanings = self._meanings(name, new)
            for supplier_id in new:
                ranked = self._rank(name, supplier_id, meanings.get(supplier_id))
                known = self._ranked.get(supplier_id, ranked)
                self._ranked[supplier_id] = max(known, ranked, key=lambda r: (r.exact, r.log_odds))
        chosen = [self._ranked[i] for i in suppliers if i in self._ranked]
        return sorted(chosen, key=lambda ranked: (-ranked.score, ranked.supplier.supplier_id))

    def _meanings(self, name: str, suppliers: list[SupplierId]) -> dict[SupplierId, float]:
        """Nothing where it cannot change anything: one supplier whose name is the one on the document. An
        embedding costs some 10 ms, and most documents carry an id that has decided already."""
        if self._index is None or (len(suppliers) == 1 and self._is_exact(name, suppliers[0])):
            return {}
        return self._index.similarities(name, suppliers)

    def _is_exact(self, name: str, supplier_id: SupplierId) -> bool:
        supplier = self._directory[supplier_id]
        return any(same_name(name, known) for known in (supplier.name, *supplier.trading_names))

    def _rank(self, name: str, supplier_id: SupplierId, meaning: float | None) -> Ranked:
        supplier = self._directory[supplier_id]
        lexical = self._directory.lexical
        readings = []
        for known in (supplier.name, *supplier.trading_names):
            spelling = lexical.similarity(name, known)
            likeness = compare(name, known, spelling, meaning, lexical.rarity, self.place.city)
            readings.append((_log_odds(likeness), likeness))
        log_odds, likeness = max(readings, key=lambda reading: reading[0])
        return Ranked(
            supplier=supplier,
            likeness=likeness,
            place=same_place(self.place, place_of(supplier)),
            exact=self._is_exact(name, supplier_id),
            log_odds=log_odds,
        )


def _log_odds(likeness: Likeness) -> float:
    weights = _BY_SPELLING if likeness.meaning is None else _WITH_MEANING
    measures = (
        1.0,
        likeness.spelling,
        likeness.letters,
        likeness.claim_found,
        likeness.known_found,
        float(likeness.same_numbers),
        float(likeness.same_legal_form),
    )
    odds = sum(weight * measure for weight, measure in zip(weights, measures, strict=True))
    return odds if likeness.meaning is None else odds + _MEANING * (likeness.meaning - 0.9)
