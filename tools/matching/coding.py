"""Accounts for what has no order line: a person's, a rule's, the supplier's, what was done before, or the
company's. Where none is sure, a person is asked; a document's text only chooses among accounts known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tools.domain.coding import CodedLine, CodingPolicy, CodingSource, Suggestion
from tools.domain.company import CompanyProfile
from tools.domain.documents import Invoice
from tools.domain.supplier import Supplier
from tools.matching.coding_history import suggestions
from tools.matching.coding_rules import by_rule
from tools.matching.facts import Facts
from tools.matching.freight import is_freight
from tools.matching.invoice_lines import billable_lines, document_net


@dataclass(frozen=True, slots=True)
class Accounts:
    """Where lines without an order line go. `given` (by invoice line position) and `given_for_all` are a
    person's choice and come first; `suggested` holds what rules and history say of each line, the surest
    first, under None for the document as a whole."""

    profile: CompanyProfile
    supplier: Supplier
    given_for_all: str | None = None
    given: Mapping[int, str] = field(default_factory=dict)
    policy: CodingPolicy = field(default_factory=CodingPolicy)
    suggested: Mapping[int | None, Sequence[Suggestion]] = field(default_factory=dict)
    postable: Mapping[str, str] | None = None
    """Accounts that may be posted to, with their names; None where the ERP does not tell."""
    chargeable: frozenset[str] | None = None
    """Cost centres that may be charged; None where the ERP does not tell."""
    cost_centre_for_all: str | None = None
    cost_centres: Mapping[int, str] = field(default_factory=dict)

    def choice(self, index: int | None, description: str | None = None) -> Suggestion | None:
        """The account of an invoice line, or of the whole document (None); None is a question."""
        found = self._given(index) or self._ruled(index)
        if found is None and index is not None and is_freight(description):
            found = self._default(self.profile.freight_account, CodingSource.COMPANY_FREIGHT)
        found = found or self._default(self.supplier.default_account, CodingSource.SUPPLIER_DEFAULT)
        found = found or self._sure(index) or self._last(index)
        return None if found is None else self._with_cost_centre(found, index)

    def for_line(self, index: int, description: str | None) -> str | None:
        """The account of an invoice line; None is a question for a person."""
        return _account(self.choice(index, description))

    def for_charge(self) -> str | None:
        """Delivery cost and other charges of the whole document."""
        return self.profile.freight_account or self.for_rest()

    def for_rest(self) -> str | None:
        """Goods, services and discounts without a line of their own."""
        return _account(self.choice(None))

    def for_rounding(self) -> str | None:
        return self.profile.rounding_account or self.for_rest()

    def unsure(self, index: int | None) -> tuple[Suggestion, ...]:
        """What could be meant, for a person to choose."""
        return tuple(self.suggested.get(index, ()))

    def may_post(self, account: str) -> bool:
        return self.postable is None or account in self.postable

    def may_charge(self, cost_centre: str) -> bool:
        return self.chargeable is None or cost_centre in self.chargeable

    def _given(self, index: int | None) -> Suggestion | None:
        chosen = self.given.get(index, self.given_for_all) if index is not None else self.given_for_all
        return self._default(chosen, CodingSource.PERSON)

    def _ruled(self, index: int | None) -> Suggestion | None:
        return next((entry for entry in self.unsure(index) if entry.source is CodingSource.RULE), None)

    def _sure(self, index: int | None) -> Suggestion | None:
        best = next(iter(self.unsure(index)), None)
        if best is None or best.confidence < self.policy.min_confidence:
            return None
        taken = best.source is not CodingSource.SIMILAR_SUPPLIERS or self.policy.similar_suppliers
        return best if taken else None

    def _last(self, index: int | None) -> Suggestion | None:
        """The company's default only where nothing was done before: a doubt is not settled by it."""
        if any(entry.source is not CodingSource.SIMILAR_SUPPLIERS for entry in self.unsure(index)):
            return None
        return self._default(self.profile.default_account, CodingSource.COMPANY_DEFAULT)

    def _default(self, account: str | None, source: CodingSource) -> Suggestion | None:
        return None if not account else Suggestion(account=account, source=source, reason=_WORDS[source])

    def _with_cost_centre(self, found: Suggestion, index: int | None) -> Suggestion:
        given = (
            self.cost_centre_for_all
            if index is None
            else self.cost_centres.get(index, self.cost_centre_for_all)
        )
        return found if given is None else found.model_copy(update={"cost_centre": given})


_WORDS = {
    CodingSource.PERSON: "given by a person",
    CodingSource.COMPANY_FREIGHT: "the company's account for freight",
    CodingSource.SUPPLIER_DEFAULT: "the supplier's account in the ERP",
    CodingSource.COMPANY_DEFAULT: "the company's default account",
}


def _account(found: Suggestion | None) -> str | None:
    return None if found is None else found.account


def accounts_of(facts: Facts) -> Accounts:
    """Everything known of the accounts of this case."""
    return Accounts(
        profile=facts.profile,
        supplier=facts.supplier,
        given_for_all=facts.account_given,
        given=facts.accounts_given,
        policy=facts.coding,
        suggested=suggested(
            facts.invoice, facts.supplier, facts.profile, facts.coding, facts.history, facts.postable
        ),
        postable=facts.postable,
        chargeable=facts.chargeable,
        cost_centre_for_all=facts.cost_centre_given,
        cost_centres=facts.cost_centres_given,
    )


def suggested(
    invoice: Invoice,
    supplier: Supplier,
    profile: CompanyProfile,
    policy: CodingPolicy,
    history: Sequence[CodedLine] = (),
    postable: Mapping[str, str] | None = None,
) -> dict[int | None, tuple[Suggestion, ...]]:
    """For each line, and under None for the whole document: a rule's account, then those of the history."""
    own = [line for line in history if line.supplier_id == supplier.supplier_id]
    others = [line for line in history if line.supplier_id != supplier.supplier_id]
    ours = invoice.currency == profile.currency
    found: dict[int | None, tuple[Suggestion, ...]] = {}
    net = document_net(invoice)
    parts: list[tuple[int | None, str, Decimal | None]] = [(None, "", net.amount if net else None)]
    parts += [(line.index, line.line.description or "", line.net) for line in billable_lines(invoice)]
    for index, text, amount in parts:
        line = None if index is None else invoice.lines[index]
        ruled = by_rule(
            policy, supplier.supplier_id, text, line, abs(amount) if ours and amount is not None else None
        )
        earlier = suggestions(text, own, others, postable)
        if ruled or earlier:
            found[index] = (*([ruled] if ruled else []), *earlier)
    return found
