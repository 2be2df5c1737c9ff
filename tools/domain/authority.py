"""Who may approve what: data of the company, with a name and a version that every approval carries.

The plain form is a list of approvers with limits. With `matrix` (or `preset`) the rules of the matrix say
which steps a document needs; `people` have the roles the rules name. Whatever the form: nothing is posted
without one person's approval, and nothing here can be changed by the program while it runs. Who may change
it must not be among those who approve; that is a right on the settings file, outside of this program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from pydantic import Field, model_validator

from tools.domain.authority_matrix import Rule, illustrative
from tools.domain.authority_people import Approver, Delegation, Person, Span
from tools.domain.authority_roles import Role, roles_for
from tools.domain.documents import Record
from tools.domain.identifiers import PersonId
from tools.domain.money import Currency, Exact, Money

__all__ = [
    "Answers",
    "ApprovalPolicy",
    "Approver",
    "Basis",
    "Delegation",
    "Person",
    "Preset",
    "RiskEyes",
    "Role",
    "Segregation",
    "Span",
]

SERVICE_LOGIN = "erp-agent"
"""The program's own name in the log: always a preparer, never an approver."""


class Answers(StrEnum):
    """What an answer that changed the proposal means for the person's own approval of it."""

    FOUR_EYES = "four_eyes"
    """It counts only beside the approval of a person who decided nothing about the document."""
    BARRED = "barred"
    ALLOWED = "allowed"
    """For companies with one person in accounts payable: the same person may answer and approve."""


class RiskEyes(StrEnum):
    """How many different persons a risky document needs (unknown account, cleared duplicate, outside
    tolerance)."""

    TWO_PEOPLE = "two_people"
    """Who answered the question about it, or verified the account, counts as one."""
    TWO_APPROVERS = "two_approvers"
    OFF = "off"


class Basis(StrEnum):
    GROSS = "gross"
    NET = "net"


class Preset(StrEnum):
    ILLUSTRATIVE = "illustrative"
    """An example matrix in EUR; see `authority_matrix.illustrative`."""


class Segregation(Record):
    """What a person may not have done to a document they approve."""

    requested: bool = True
    ordered: bool = True
    received: bool = True
    entered: bool = True
    verified: bool = True
    """Who verified a bank account may not approve an invoice that names it."""
    answers: Answers = Answers.FOUR_EYES


class ApprovalPolicy(Record):
    """Who may approve. A person who is not listed may approve nothing."""

    name: str = "default"
    version: str = "1"
    approvers: tuple[Approver, ...] = ()
    clerks: frozenset[PersonId] = frozenset()
    """People who may answer questions about a case without being approvers."""
    people: tuple[Person, ...] = ()
    """People with roles, for the matrix and for the questions."""
    delegations: tuple[Delegation, ...] = ()
    matrix: tuple[Rule, ...] = ()
    preset: Preset | None = None
    """A matrix that comes with the program, used when `matrix` is empty."""
    basis: Basis = Basis.GROSS
    """Which amount of a document the rules and limits compare."""
    currency: Currency = "EUR"
    """The group's currency: the amounts of the matrix and of `four_eyes_above`."""
    four_eyes_above: Exact | None = None
    """Commitments above this need two approvers."""
    four_eyes_for_risks: RiskEyes = RiskEyes.TWO_PEOPLE
    segregation: Segregation = Segregation()
    escalate_after: timedelta | None = Field(default=None, gt=timedelta(0))
    """A proposal that waited this long may be approved by the next level too, after twice this time by the
    one above. Waiting never approves anything."""
    split_days: int = Field(default=14, ge=0)
    """Documents of one commitment that lie this many days apart are added up; 0: each stands alone."""
    risky_suppliers: frozenset[str] = frozenset()
    service_accounts: frozenset[PersonId] = frozenset()
    """Logins of programs: they may approve nothing, whatever else is said of them here."""
    valid_for: timedelta = timedelta(days=7)
    """An approval that is not posted within this time must be given again."""
    group_rates: Mapping[Currency, Exact] = Field(default_factory=dict)
    """Units of the limit's currency for one unit of the key's currency; used only to compare a document
    in another currency with a limit, never to post."""

    @model_validator(mode="after")
    def _names_each_person_once(self) -> ApprovalPolicy:
        logins = [entry.person for entry in self.everyone]
        twice = sorted({login for login in logins if logins.count(login) > 1})
        if twice:
            raise ValueError(f"a person stands once, under `approvers` or `people`: {', '.join(twice)}")
        return self

    @property
    def label(self) -> str:
        return f"{self.name} v{self.version}"

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The matrix in force; empty: the plain list of approvers."""
        return self.matrix or (illustrative() if self.preset is Preset.ILLUSTRATIVE else ())

    @property
    def everyone(self) -> tuple[Person, ...]:
        """All who are listed with more than a login."""
        return (*self.approvers, *self.people)

    @property
    def has_roles(self) -> bool:
        """Whether the company has said who plays which part."""
        return any(entry.roles for entry in self.everyone)

    def person(self, login: PersonId | None) -> Person | None:
        """Anyone listed with more than a login."""
        return next((entry for entry in self.everyone if entry.person == login), None)

    def is_service(self, login: PersonId) -> bool:
        return login == SERVICE_LOGIN or login in self.service_accounts

    def roles_of(self, entry: Person) -> frozenset[Role]:
        return entry.roles | {Role.APPROVER} if isinstance(entry, Approver) else entry.roles

    def in_currency(self, amounts: Iterable[Money], currency: str) -> Money | None:
        """Their sum without signs in `currency`; None when the policy has no rate for one of them."""
        result = Money.zero(currency)
        for amount in map(abs, amounts):
            if amount.currency != currency:
                rate = self.group_rates.get(amount.currency)
                if rate is None:
                    return None
                amount = Money(amount=amount.amount * rate, currency=currency)
            result = result + amount
        return result

    def answer_refusal(self, person: PersonId) -> str | None:
        """Why `person` may not answer questions, as a sentence; None when they may."""
        if self.is_service(person):
            return f"{person} is a program; a person answers"
        if person in self.clerks or self.person(person) is not None:
            return None
        return f"{person} is neither clerk nor approver in policy {self.label}"

    def limit_refusal(self, entry: Person, amounts: Iterable[Money]) -> str | None:
        """Why the sum is too much for this person; None when it is not, or the person has no limit."""
        if entry.limit is None:
            return None
        parts = tuple(amounts)
        value = self.in_currency(parts, entry.limit.currency)
        if value is None:
            foreign = next(
                part.currency
                for part in parts
                if part.currency != entry.limit.currency and part.currency not in self.group_rates
            )
            return (
                f"the limit of {entry.name} is in {entry.limit.currency} and the policy has no rate "
                f"for {foreign}"
            )
        if value > entry.limit:
            return f"{value.rounded()} is above the limit of {entry.name}, {entry.limit}"
        return None

    def choice_refusal(self, person: PersonId, who: str, day: date) -> str | None:
        """Why `person` may not choose on `day` what `who` decides (words of the decision table), as a
        sentence; None when they may. Without roles in the policy, whoever may answer may choose."""
        refused = self.answer_refusal(person)
        if refused is not None or not self.has_roles:
            return refused
        for roles in roles_for(who):
            if not self._plays(person, roles, day):
                known = ", ".join(entry.person for entry in self.everyone if entry.roles & roles)
                words = " or ".join(sorted(role.words for role in roles))
                told = known or "nobody is set up for it"
                refused = f"this is decided by {words} ({told}), and {person} has no such role"
                return "; ".join([refused, *self._idle_delegations(person, roles, day)])
        return None

    def _idle_delegations(self, person: PersonId, roles: frozenset[Role], day: date) -> list[str]:
        """Why delegations from those who have one of the roles give this person no right on that day."""
        givers = {entry.person for entry in self.everyone if entry.roles & roles}
        given = (entry for entry in self.delegations if entry.taker == person and entry.giver in givers)
        return [fault for entry in given if (fault := entry.fault(day)) is not None]

    def _plays(self, person: PersonId, roles: frozenset[Role], day: date) -> bool:
        """In their own right, or as the delegate of one who does."""
        givers = [entry.giver for entry in self.delegations if entry.taker == person and not entry.fault(day)]
        own = self.person(person)
        if own is None or not own.employed.holds(day):
            return False
        known = [own, *(entry for giver in givers if (entry := self.person(giver)) is not None)]
        return any(entry.roles & roles and entry.employed.holds(day) for entry in known)
