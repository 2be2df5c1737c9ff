"""Who may approve what: data of the company, with a name and a version that every approval carries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field

from tools.domain.documents import Record
from tools.domain.identifiers import PersonId
from tools.domain.money import Currency, Exact, Money


class Approver(Record):
    """A person who may approve: up to `limit` (gross, per document) until told otherwise."""

    person: PersonId
    name: str
    limit: Money


class ApprovalPolicy(Record):
    """Who may approve. A person who is not listed may approve nothing."""

    name: str = "default"
    version: str = "1"
    approvers: tuple[Approver, ...] = ()
    clerks: frozenset[PersonId] = frozenset()
    """People who may answer questions about a case without being approvers."""
    valid_for: timedelta = timedelta(days=7)
    """An approval that is not posted within this time must be given again."""
    group_rates: Mapping[Currency, Exact] = Field(default_factory=dict)
    """Units of the limit's currency for one unit of the key's currency; used only to compare a document
    in another currency with a limit, never to post."""

    @property
    def label(self) -> str:
        return f"{self.name} v{self.version}"

    def approver(self, person: PersonId) -> Approver | None:
        return next((entry for entry in self.approvers if entry.person == person), None)

    def answer_refusal(self, person: PersonId) -> str | None:
        """Why `person` may not answer questions, as a sentence; None when they may."""
        if person in self.clerks or self.approver(person) is not None:
            return None
        return f"{person} is neither clerk nor approver in policy {self.label}"

    def refusal(self, person: PersonId, amount: Money | None) -> str | None:
        """Why `person` may not approve `amount`, as a sentence; None when they may. An action without
        an amount needs an approver, whatever the limit."""
        entry = self.approver(person)
        if entry is None:
            return f"{person} is not an approver in policy {self.label}"
        if amount is None:
            return None
        value = abs(amount)
        if value.currency != entry.limit.currency:
            rate = self.group_rates.get(value.currency)
            if rate is None:
                return (
                    f"the limit of {entry.name} is in {entry.limit.currency} and the policy has no rate "
                    f"for {value.currency}"
                )
            value = Money(amount=value.amount * rate, currency=entry.limit.currency)
        if value > entry.limit:
            return f"{value.rounded()} is above the limit of {entry.name}, {entry.limit}"
        return None
