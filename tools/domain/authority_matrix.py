"""The approval matrix as data: which documents need whose word, in which order.

`illustrative()` is an example to copy from, with the amounts of a common textbook matrix; no company's
limits are its own.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from functools import cache

from pydantic import Field, model_validator

from tools.domain.authority_facts import ApprovalFacts
from tools.domain.authority_roles import Role
from tools.domain.documents import Record
from tools.domain.money import Exact

PERSON = "person:"
"""Stands before a login where a rule names a person instead of a role."""


class Step(Record):
    """One step: anyone of `any_of`, or everyone of `all_of`. Entries are roles, or `person:LOGIN`."""

    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    people: int = Field(default=1, ge=1)
    """How many different persons of `any_of`."""
    confirms: bool = False
    """The step asks those who ordered, requested or received to confirm: they may take it, but their word
    is not the approval, so a person without a hand in the document approves too."""

    @model_validator(mode="after")
    def _names_somebody(self) -> Step:
        if bool(self.any_of) == bool(self.all_of):
            raise ValueError("a step names people under `any_of` or under `all_of`")
        unknown = [entry for entry in self.actors if entry not in set(Role) and not entry.startswith(PERSON)]
        if unknown:
            known = ", ".join(role.value for role in Role)
            raise ValueError(f"neither a role nor `person:LOGIN`: {', '.join(unknown)}; roles are {known}")
        return self

    @property
    def actors(self) -> tuple[str, ...]:
        return self.any_of or self.all_of


class Rule(Record):
    """The steps for the documents it describes; a condition left out does not count. Of several rules that
    fit, the one with the most conditions holds, and of these the one with the lowest `up_to`."""

    name: str
    companies: frozenset[str] = frozenset()
    cost_centres: frozenset[str] = frozenset()
    projects: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    on_order: bool | None = None
    in_tolerance: bool | None = None
    supplier_risk: bool | None = None
    up_to: Exact | None = None
    """Largest commitment, in the group's currency; absent: any."""
    steps: tuple[Step, ...] = Field(min_length=1)

    @property
    def conditions(self) -> int:
        """How many conditions it sets, the amount not counted."""
        sets = (self.companies, self.cost_centres, self.projects, self.categories)
        flags = (self.on_order, self.in_tolerance, self.supplier_risk)
        return sum(map(bool, sets)) + sum(flag is not None for flag in flags)

    def fits(self, facts: ApprovalFacts) -> bool:
        """Whether the document is one the rule describes, whatever its amount."""
        flags = (
            (self.on_order, facts.on_order),
            (self.in_tolerance, facts.in_tolerance),
            (self.supplier_risk, facts.supplier_risk),
        )
        return (
            _one_of((facts.company,), self.companies)
            and _one_of(facts.cost_centres, self.cost_centres)
            and _one_of(facts.projects, self.projects)
            and _one_of(facts.categories, self.categories)
            and all(wanted is None or wanted is given for wanted, given in flags)
        )

    def reaches(self, amount: Decimal | None) -> bool:
        """Whether the commitment is within the rule; only a rule without bound reaches an unknown one."""
        return self.up_to is None or (amount is not None and amount <= self.up_to)


def _one_of(given: Collection[str], wanted: frozenset[str]) -> bool:
    return not wanted or any(entry in wanted for entry in given)


def choose(rules: Collection[Rule], amount: Decimal | None) -> Rule | None:
    """The rule that holds for this amount among rules that fit a document."""
    reaching = [rule for rule in rules if rule.reaches(amount)]
    return min(reaching, key=_rank, default=None)


def _rank(rule: Rule) -> tuple[int, bool, Decimal, int]:
    """Most conditions first, then the lowest bound, then the most steps."""
    return (-rule.conditions, rule.up_to is None, rule.up_to or Decimal(0), -len(rule.steps))


_BUYER = Step(any_of=(Role.BUYER,), confirms=True)


def _any(*roles: Role) -> Step:
    return Step(any_of=roles)


_BANDS = ("1000", "10000", "50000", "250000", None)
_NON_PO = (
    (_any(Role.COST_CENTRE_OWNER),),
    (_any(Role.COST_CENTRE_OWNER), _any(Role.ACCOUNTS_PAYABLE, Role.AP_LEAD)),
    (_any(Role.DEPARTMENT_HEAD),),
    (_any(Role.DEPARTMENT_HEAD), _any(Role.FINANCE_DIRECTOR)),
    (_any(Role.CFO), _any(Role.BOARD)),
)
# Where the textbook lets a matched invoice pass untouched, one person of accounts payable approves; where it
# samples, each one is looked at.
_IN_TOLERANCE = (
    (_any(Role.ACCOUNTS_PAYABLE, Role.AP_LEAD),),
    (_any(Role.ACCOUNTS_PAYABLE, Role.AP_LEAD),),
    (_any(Role.AP_LEAD),),
    (_any(Role.AP_LEAD),),
    (_any(Role.FINANCE_DIRECTOR),),
)
_OUT_OF_TOLERANCE = (
    (_BUYER, _any(Role.ACCOUNTS_PAYABLE, Role.AP_LEAD)),
    (_BUYER, _any(Role.COST_CENTRE_OWNER)),
    (_BUYER, _any(Role.DEPARTMENT_HEAD)),
    (_any(Role.FINANCE_DIRECTOR),),
    (_any(Role.CFO),),
)


@cache
def illustrative() -> tuple[Rule, ...]:
    """The example matrix, amounts in EUR: by order or none, by tolerance, in five bands."""
    rules = []
    for position, band in enumerate(_BANDS):
        bound = None if band is None else Decimal(band)
        name = f"to {band}" if band else f"above {_BANDS[-2]}"
        rules += [
            Rule(name=f"no order, {name}", on_order=False, up_to=bound, steps=_NON_PO[position]),
            Rule(
                name=f"order, in tolerance, {name}",
                on_order=True,
                in_tolerance=True,
                up_to=bound,
                steps=_IN_TOLERANCE[position],
            ),
            Rule(
                name=f"order, outside tolerance, {name}",
                on_order=True,
                in_tolerance=False,
                up_to=bound,
                steps=_OUT_OF_TOLERANCE[position],
            ),
        ]
    return tuple(rules)
