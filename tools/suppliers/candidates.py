"""Suppliers whose name and place resemble those of a document, with the probability that each is meant.

Spelling finds the candidates and ranks them. The index of meanings only adds candidates where spelling
leaves a question open: measured on the evaluation set it decides nothing that spelling does not (897
decided right with it, 896 without), and an embedding costs more than everything else together.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Protocol

from tools.domain.documents import Record
from tools.domain.identifiers import SupplierId
from tools.domain.supplier import Supplier
from tools.suppliers.directory import SupplierDirectory
from tools.suppliers.likeness import Claimed, Known, Likeness, compare
from tools.suppliers.names import same_name
from tools.suppliers.places import Agreement, Place, place_of, same_place
from tools.suppliers.weights import NAME, PLACE

SHORTLIST = 20
"""Names taken from each search; the right one was among 20 by spelling in 99.8 % of the queries."""
_LONGEST_NAME = 200


class MeaningIndex(Protocol):
    """What the ranking asks of `SupplierIndex`; similarities are cosines."""

    def search(self, name: str, place: Place, limit: int) -> list[tuple[SupplierId, float]]: ...


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
        return probability(self.log_odds + PLACE[self.place])

    @property
    def score_if_placed(self) -> float:
        """The same if the places agreed."""
        return probability(self.log_odds + PLACE[Agreement.AGREES])


class NameRanking:
    """Names and place of one document against the directory, and the index of meanings where there is
    one."""

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
        self._index = index
        self._claimed = [Claimed(name, place.city, directory.lexical.rarity) for name in self.names]
        self._ranked: dict[SupplierId, Ranked] = {}

    def best(self, limit: int = SHORTLIST) -> list[Ranked]:
        """The likeliest suppliers of the whole directory, best first; ties by id. Looked at are those spelt
        most alike, anywhere and at the same place, and those that have the name's rarest words."""
        lexical, near = self._directory.lexical, self._directory.near(self.place)
        found = {i for name in self.names for i, _ in lexical.search(name, SHORTLIST, near)}
        for name in self.names:
            found |= lexical.sharing_rare_words(name, SHORTLIST)
        return self.among(found)[:limit]

    def widened(self, limit: int = SHORTLIST) -> list[Ranked]:
        """The same with the suppliers whose names mean nearly the same."""
        found = {ranked.supplier.supplier_id for ranked in self.best()}
        if self._index is not None:
            for name in self.names:
                found.update(i for i, _ in self._index.search(name, self.place, SHORTLIST))
        return self.among(found)[:limit]

    def among(self, suppliers: Collection[SupplierId]) -> list[Ranked]:
        """These suppliers, likeliest first; those that the directory does not know are left out."""
        for supplier_id in suppliers:
            if self.names and supplier_id not in self._ranked and supplier_id in self._directory:
                self._ranked[supplier_id] = self._rank(self._directory[supplier_id])
        chosen = [self._ranked[i] for i in suppliers if i in self._ranked]
        return sorted(chosen, key=lambda ranked: (-ranked.score, ranked.supplier.supplier_id))

    def _rank(self, supplier: Supplier) -> Ranked:
        """The best reading of any claimed name as any name of the supplier."""
        place = same_place(self.place, place_of(supplier))
        names = [name for name in (supplier.name, *supplier.trading_names) if name.strip()] or [supplier.name]
        readings = [
            self._read(claimed, Known(name, self._directory.lexical.rarity), supplier, place)
            for claimed in self._claimed
            for name in names
        ]
        return max(readings, key=lambda reading: (reading.exact, reading.log_odds))

    def _read(self, claimed: Claimed, known: Known, supplier: Supplier, place: Agreement) -> Ranked:
        lexical = self._directory.lexical
        spelling = lexical.similarity(claimed.name, known.name)
        likeness = compare(claimed, known, spelling, lexical.rarest_word)
        exact = same_name(claimed.name, known.name)
        return Ranked(
            supplier=supplier,
            likeness=likeness,
            place=place,
            exact=exact,
            log_odds=sum(
                weight * measure for weight, measure in zip(NAME, measures(likeness, exact), strict=True)
            ),
        )


def measures(likeness: Likeness, exact: bool) -> tuple[float, ...]:
    """What the weights of `NAME` are for, in their order."""
    lost, less = likeness.claim_lost * likeness.known_lost, min(likeness.claim_found, likeness.known_found)
    return (
        1.0,
        likeness.spelling,
        likeness.letters,
        max(0.0, likeness.letters - 0.85),
        likeness.claim_found,
        likeness.known_found,
        less,
        likeness.claim_lost,
        likeness.known_lost,
        lost,
        likeness.told,
        likeness.cut_short,
        float(likeness.same_numbers),
        float(likeness.same_legal_form),
        float(exact),
    )


def probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))
