"""Which supplier an invoice is from: exact ids first, names second, a person where they do not decide.

A wrong supplier is paid the wrong money, a question costs a minute; so every doubt is a question.
Blocked suppliers are found like all others: what a block stops is a later finding. Nothing here
creates or changes a supplier.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from tools.domain.identifiers import SupplierId
from tools.domain.supplier import (
    Supplier,
    SupplierBlock,
    SupplierCandidate,
    SupplierChoice,
    SupplierEvidence,
)
from tools.suppliers.candidates import MeaningIndex, NameRanking, Ranked
from tools.suppliers.directory import SupplierDirectory
from tools.suppliers.evidence import IdMatch, SupplierClaim, id_matches, objections
from tools.suppliers.name_rule import SURE, SURE_AMONG_SHARED, WORTH_NAMING, doubt, title, winner
from tools.suppliers.names import is_collective
from tools.suppliers.places import Agreement

NAME_STRANGE = 0.55
"""Likeness below which a name speaks against a supplier that an id points to."""
SHOWN = 5
"""Candidates shown to a person."""
# Ids that stand for one company, so that a strange name is a trading name rather than a mistake.
_SURE_IDS = frozenset({SupplierEvidence.VAT_ID, SupplierEvidence.GLN})


def resolve(
    claim: SupplierClaim,
    directory: SupplierDirectory,
    index: MeaningIndex | None = None,
    shown: int = SHOWN,
) -> SupplierChoice:
    """The supplier the evidence decides on, or candidates and the reason for asking. The same input gives
    the same answer; a chosen supplier is always one of `directory`.

    At most `shown` candidates are named; more than usual means unlikely ones too. With `index`, a question
    also names suppliers whose names mean nearly the same.
    """
    return _Case(claim, directory, index, shown).decide()


class _Case:
    """One claim on its way to a choice."""

    def __init__(
        self, claim: SupplierClaim, directory: SupplierDirectory, index: MeaningIndex | None, shown: int
    ) -> None:
        self._shown = shown
        self._claim = claim
        self._directory = directory
        self._ranking = NameRanking(claim.names, claim.place, directory, index)
        self._matches = id_matches(claim, directory)
        self._kinds = {match.evidence for match in self._matches}
        self._ranked: list[Ranked] | None = None

    def decide(self) -> SupplierChoice:
        if not self._matches:
            return self._by_name()
        first, *others = self._matches
        pool = first.suppliers
        for match in others:
            if not pool & match.suppliers:
                return self._conflict(first, match)
            pool = pool & match.suppliers
        known = [supplier for i in sorted(pool) if (supplier := self._directory.get(i)) is not None]
        if not known:
            return self._ask(f"The order is for supplier {min(pool)}, which is not in the supplier master.")
        return self._by_id(known[0]) if len(known) == 1 else self._among(known)

    def _by_id(self, supplier: Supplier) -> SupplierChoice:
        ids = [supplier.supplier_id]
        first, *others = self._matches
        against = objections(self._claim, supplier) or self._strange_name(supplier)
        if is_collective(supplier.name):
            against = ["that is an account for many suppliers"]
        if against:
            return self._ask(f"{first.shown} points to {title(supplier)}, but {' and '.join(against)}.", ids)
        count = len(first.suppliers)
        if first.evidence is SupplierEvidence.ORDER:
            reason = f"the order is for {title(supplier)}, whose name is on the document"
        elif count == 1:
            reason = f"{first.shown} belongs to exactly one supplier, {title(supplier)}"
        else:
            reason = f"{count} suppliers share the {first.shown}; only {title(supplier)} fits the rest"
        also = " and ".join(dict.fromkeys(match.shown for match in others))
        verb = "agree" if len(others) > 1 else "agrees"
        return self._chosen(supplier, f"{reason}; {also} {verb}." if also else f"{reason}.", ids)

    def _strange_name(self, supplier: Supplier) -> list[str]:
        """Why the name on the document speaks against a supplier that its ids point to."""
        if not self._claim.names:
            return ["the document names no supplier"] if self._kinds == {SupplierEvidence.ORDER} else []
        [ranked] = self._ranking.among([supplier.supplier_id])
        likeness = ranked.likeness
        if ranked.exact or max(likeness.letters, likeness.claim_found, likeness.known_found) >= NAME_STRANGE:
            return []
        if not self._kinds & _SURE_IDS and len(self._kinds) < 2:
            return ["the name on the document is another one"]
        other = winner(self._best(), SURE, self._confirmed)
        return [f"name and place are those of {title(other.supplier)}"] if other else []

    def _among(self, suppliers: Sequence[Supplier]) -> SupplierChoice:
        """Several suppliers share the ids: name and place decide among them."""
        ids = [supplier.supplier_id for supplier in suppliers]
        ranked = self._ranking.among(ids)
        order = [candidate.supplier.supplier_id for candidate in ranked] or ids
        sure = SURE_AMONG_SHARED if self._kinds & _SURE_IDS else SURE
        found = winner(ranked, sure, self._confirmed)
        shared = f"{len(suppliers)} suppliers share the {self._matches[0].shown}"
        if found is None:
            blocked = [f"{s.supplier_id} is blocked" for s in suppliers if s.block is not SupplierBlock.NONE]
            note = f" ({', '.join(blocked[:SHOWN])})" if blocked else ""
            return self._ask(f"{shared}{note}, and name and place do not tell them apart.", order)
        against = objections(self._claim, found.supplier)
        if against:
            return self._ask(f"{shared}; {title(found.supplier)} fits, but {' and '.join(against)}.", order)
        return self._chosen(
            found.supplier, f"{shared}; name and place are those of {title(found.supplier)}.", order
        )

    def _by_name(self) -> SupplierChoice:
        found = winner(self._best(), SURE, self._confirmed)
        if found is None:
            self._ranked = self._ranking.widened()
            found = winner(self._ranked, SURE, self._confirmed)
        if found is None:
            return self._ask(f"No id of the document is known, and {doubt(self._best(), self._confirmed)}.")
        against = objections(self._claim, found.supplier) + self._other_sender(found.supplier)
        by = ["place"] if found.place is Agreement.AGREES else []
        by += ["confirmed sender"] if self._confirmed(found.supplier) else []
        fits = f"Name and {' and '.join(by)} fit"
        if against:
            return self._ask(f"{fits} {title(found.supplier)}, but {' and '.join(against)}.")
        return self._chosen(
            found.supplier, f"{fits} only {title(found.supplier)}; no id of the document is known."
        )

    def _other_sender(self, supplier: Supplier) -> list[str]:
        """A sender confirmed for others speaks against a supplier that no id points to."""
        confirmed = self._directory.by_domain(self._claim.sender_domain or "")
        if not confirmed or supplier.supplier_id in confirmed:
            return []
        return [f"the mail's sender is confirmed for {self._titles(confirmed)}"]

    def _conflict(self, one: IdMatch, other: IdMatch) -> SupplierChoice:
        return self._ask(
            f"The evidence disagrees: {one.shown} belongs to {self._titles(one.suppliers)}, "
            f"but {other.shown} to {self._titles(other.suppliers)}.",
            [i for match in (one, other) for i in sorted(match.suppliers)],
        )

    def _titles(self, ids: Collection[SupplierId]) -> str:
        shown = sorted(ids)[:3]
        named = [title(s) if (s := self._directory.get(i)) else f"{i} (not in the master)" for i in shown]
        return " or ".join(named + ([f"{len(ids) - 3} more"] if len(ids) > 3 else []))

    def _confirmed(self, supplier: Supplier) -> bool:
        domain = self._claim.sender_domain
        return domain is not None and self._directory.by_domain(domain) == {supplier.supplier_id}

    def _best(self) -> list[Ranked]:
        if self._ranked is None:
            self._ranked = self._ranking.best()
        return self._ranked

    def _chosen(self, supplier: Supplier, reason: str, ids: Iterable[SupplierId] = ()) -> SupplierChoice:
        """`supplier` with the candidates it was chosen from, itself first."""
        least = WORTH_NAMING if self._shown <= SHOWN else 0.0
        seen = ids or [r.supplier.supplier_id for r in self._best() if r.score >= least]
        order = dict.fromkeys([supplier.supplier_id, *seen])
        return SupplierChoice(
            chosen=supplier.supplier_id, candidates=self._candidates(list(order)), reason=_capital(reason)
        )

    def _ask(self, reason: str, ids: Iterable[SupplierId] = ()) -> SupplierChoice:
        """A question: those that the ids point to first, then those with the likeliest names."""
        order = dict.fromkeys([*ids, *(ranked.supplier.supplier_id for ranked in self._best())])
        return SupplierChoice(candidates=self._candidates(list(order)), reason=_capital(reason))

    def _candidates(self, ids: Sequence[SupplierId]) -> tuple[SupplierCandidate, ...]:
        shown = [i for i in ids if i in self._directory][: self._shown]
        ranked = {r.supplier.supplier_id: r for r in self._ranking.among(shown)}
        suppliers = [s for i in shown if (s := self._directory.get(i)) is not None]
        return tuple(self._candidate(s, ranked.get(s.supplier_id)) for s in suppliers)

    def _candidate(self, supplier: Supplier, ranked: Ranked | None) -> SupplierCandidate:
        matches = [match for match in self._matches if supplier.supplier_id in match.suppliers]
        evidence = [match.evidence for match in matches]
        if ranked is not None:
            agrees = ranked.place is Agreement.AGREES
            evidence.append(SupplierEvidence.NAME_AND_PLACE if agrees else SupplierEvidence.NAME)
        if self._confirmed(supplier):
            evidence.append(SupplierEvidence.SENDER)
        alone = any(len(match.suppliers) == 1 for match in matches)
        by_name = (
            ranked.score if ranked is not None else 1 / min((len(m.suppliers) for m in matches), default=1)
        )
        return SupplierCandidate(
            supplier_id=supplier.supplier_id,
            name=supplier.name,
            city=supplier.city,
            country=supplier.country,
            evidence=tuple(dict.fromkeys(evidence)),
            score=Decimal(1) if alone else Decimal(f"{min(by_name, 0.999):.3f}"),
        )


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
