"""Which queries nothing can answer: all that they say is as true of another supplier.

The judgement uses words and places, no score and no threshold of the product: another supplier has every word
of the query as nearly as the expected one has, lacks no fewer of its own words in the query, and agrees with
the query's place as well.
"""

from __future__ import annotations

from typing import NamedTuple

from evals.suppliers import Query
from tools.domain.supplier import Supplier
from tools.suppliers.candidates import NameRanking
from tools.suppliers.directory import SupplierDirectory
from tools.suppliers.likeness import Claimed, Known
from tools.suppliers.names import legal_families, same_name
from tools.suppliers.places import Agreement, Place, place_of, same_place
from tools.suppliers.words import DOUBTFUL, found_shares

_LOOKED_AT = 60


class _Fit(NamedTuple):
    """How a supplier's name and place fit a query."""

    words: tuple[float, ...]
    """For each word of the query, how surely the name has it."""
    missing: int
    """Words of the name that the query lacks."""
    place: Agreement
    exact: bool
    form: bool
    """The legal forms do not speak against each other."""

    def is_as_good(self, other: _Fit) -> bool:
        return (
            all(mine >= theirs for mine, theirs in zip(self.words, other.words, strict=True))
            and self.missing <= other.missing
            and self.place >= other.place
            and self.exact >= other.exact
            and self.form >= other.form
        )


def is_ambiguous(query: Query, directory: SupplierDirectory) -> bool:
    """Whether another supplier fits the query as well as the expected one. An unknown supplier is nobody's,
    so that a query for one is never ambiguous."""
    if query.expected is None:
        return False
    meant = _fit(query, directory[query.expected], directory)
    near = NameRanking([query.name], Place(city=query.city), directory).best(_LOOKED_AT)
    others = (found.supplier for found in near if found.supplier.supplier_id != query.expected)
    return any(_fit(query, other, directory).is_as_good(meant) for other in others)


def _fit(query: Query, supplier: Supplier, directory: SupplierDirectory) -> _Fit:
    claimed = Claimed(query.name, query.city, directory.lexical.rarity)
    known = Known(supplier.name, directory.lexical.rarity)
    back = found_shares(known.words, claimed.words, claimed.all_words)
    forms = legal_families(query.name), legal_families(supplier.name)
    return _Fit(
        words=tuple(found_shares(claimed.words, known.words, known.all_words)),
        missing=sum(
            share < DOUBTFUL and word.text not in claimed.aside
            for word, share in zip(known.words, back, strict=True)
        ),
        place=same_place(Place(city=query.city), place_of(supplier)),
        exact=same_name(query.name, supplier.name),
        form=not all(forms) or forms[0] == forms[1],
    )
