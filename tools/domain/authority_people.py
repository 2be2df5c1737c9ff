"""The people of the authority rules: who they are, what they may approve up to, and who acts for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from pydantic import field_validator, model_validator

from tools.domain.authority_roles import Role
from tools.domain.documents import Record
from tools.domain.identifiers import PersonId
from tools.domain.money import Money


class Span(Record):
    """Days from `start` to `end`, both included; absent: without bound."""

    start: date | None = None
    end: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Span:
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError(
                f"holds on no day: the start {self.start} is after the end {self.end}; exchange them"
            )
        return self

    def holds(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


class Person(Record):
    """A natural person with a login. What stands in an ERP under a name of `erp_names` was done by them."""

    person: PersonId
    name: str
    roles: frozenset[Role] = frozenset()
    limit: Money | None = None
    """Largest commitment this person may approve. Absent: the amounts of the matrix's rules alone bound
    what the roles may approve, and nothing passes up to this person as next level."""
    email: str | None = None
    """Two logins with one address are one natural person."""
    employed: Span = Span()
    """Outside of it the person may do nothing, and nobody acts in their name."""
    absences: tuple[Span, ...] = ()
    """Days on which the next level may act too."""
    superior: PersonId | None = None
    """The next level."""
    companies: frozenset[str] = frozenset()
    """The roles count for these companies only; empty: for all."""
    cost_centres: frozenset[str] = frozenset()
    """The roles count for these cost centres only; empty: for all."""
    erp_names: frozenset[str] = frozenset()

    @field_validator("limit")
    @classmethod
    def _is_no_debt(cls, limit: Money | None) -> Money | None:
        if limit is not None and limit.amount < 0:
            raise ValueError("a limit is zero or more")
        return limit

    @property
    def natural(self) -> str:
        """The same for all logins of one natural person."""
        return (self.email or self.person).strip().casefold()

    def is_called(self, name: str) -> bool:
        """Whether the ERP or the log means this person by `name`; letter case does not count."""
        wanted = name.strip().casefold()
        known = (self.person, self.name, *self.erp_names)
        return bool(wanted) and any(entry.strip().casefold() == wanted for entry in known)

    def is_away(self, day: date) -> bool:
        return any(absence.holds(day) for absence in self.absences)

    def covers(self, company: str, cost_centres: Collection[str]) -> bool:
        """Whether the person's roles count for this company and all of these cost centres. Roles for certain
        cost centres do not count for a document that names none."""
        return (not self.companies or company in self.companies) and (
            not self.cost_centres or (bool(cost_centres) and set(cost_centres) <= self.cost_centres)
        )


class Approver(Person):
    """A person who may approve up to `limit` (per commitment) without any matrix."""

    limit: Money


class Delegation(Record):
    """`giver` lets `taker` approve in their place. It is no right to delegate further."""

    giver: PersonId
    taker: PersonId
    days: Span
    limit: Money | None = None
    """Absent: the giver's own. A higher one than the giver's does not count."""

    def fault(self, day: date) -> str | None:
        """Why it gives no right on `day`, as part of a sentence."""
        if self.giver == self.taker:
            return f"{self.giver} cannot be their own delegate"
        if self.days.start is None or self.days.end is None:
            return f"the delegation from {self.giver} to {self.taker} lacks a first or a last day"
        if day < self.days.start:
            return f"the delegation from {self.giver} to {self.taker} begins on {self.days.start}"
        if day > self.days.end:
            return f"the delegation from {self.giver} to {self.taker} ended on {self.days.end}"
        return None
