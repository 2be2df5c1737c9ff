"""Every combination of role, amount, relation, delegation, order, tolerance and splitting, each compared with
what the rules of authority must say.

What must come out is stated here once more, as tables of the example matrix written out by hand and as
plain sentences of segregation of duties; none of it is taken from the code that decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from itertools import product
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.table import Table

from tools.domain.authority import ApprovalPolicy, Delegation, Person, Preset, Role, Span
from tools.domain.authority_facts import ApprovalFacts, Risk
from tools.domain.authority_verdict import Given, judge, standing
from tools.domain.identifiers import PersonId
from tools.domain.money import Money

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
ROLES = (
    *(Role.COST_CENTRE_OWNER, Role.ACCOUNTS_PAYABLE, Role.AP_LEAD, Role.BUYER),
    *(Role.DEPARTMENT_HEAD, Role.FINANCE_DIRECTOR, Role.CFO, Role.BOARD),
)
AMOUNTS = ("400", "1000", "1000.01", "10000", "10000.01", "50000.01", "250000", "250000.01")
RELATIONS = ("none", "requester", "orderer", "receiver", "preparer", "verifier", "entered")
DELEGATIONS = ("none", "valid", "expired", "future", "to_self", "lower_limit")
SPLIT = Decimal(700)
"""The other document of the same commitment, where there is one."""
LOWER = Decimal(900)
"""Limit of the delegation that has one."""
_BOUNDS = (Decimal(1000), Decimal(10000), Decimal(50000), Decimal(250000))

_AP = {Role.ACCOUNTS_PAYABLE, Role.AP_LEAD}
# Band by band, from the smallest: who takes the first step, and how many people it takes.
_FIRST = {
    "no order": (
        ({Role.COST_CENTRE_OWNER}, 1),
        ({Role.COST_CENTRE_OWNER}, 2),
        ({Role.DEPARTMENT_HEAD}, 2),
        ({Role.DEPARTMENT_HEAD}, 2),
        ({Role.CFO}, 2),
    ),
    "in tolerance": (
        (_AP, 1),
        (_AP, 1),
        ({Role.AP_LEAD}, 1),
        ({Role.AP_LEAD}, 1),
        ({Role.FINANCE_DIRECTOR}, 1),
    ),
    "outside tolerance": (
        ({Role.BUYER}, 2),
        ({Role.BUYER}, 2),
        ({Role.BUYER}, 2),
        ({Role.FINANCE_DIRECTOR}, 2),
        ({Role.CFO}, 2),
    ),
}
_CONFIRMED = 3
"""Outside tolerance the first step of so many bands is the buyer's confirmation."""


class Combination(NamedTuple):
    role: Role
    amount: str
    relation: str
    delegation: str
    on_order: bool
    in_tolerance: bool
    is_split: bool


class Outcome(NamedTuple):
    """`counted`: the first approval takes a step. `alone`: it is enough by itself."""

    counted: bool
    alone: bool


class Report(BaseModel):
    """What was tried and what came out; `wrong` names each combination that differs."""

    model_config = ConfigDict(frozen=True)

    combinations: int
    yes: dict[str, int]
    no: int
    alone: int
    completed: int
    """Documents that everyone's approvals together carried, of those where that was tried."""
    tried_together: int
    wrong: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.wrong


def combinations() -> Iterator[Combination]:
    flags = (True, False)
    for values in product(ROLES, AMOUNTS, RELATIONS, DELEGATIONS, flags, flags, flags):
        yield Combination(*values)


def expected(case: Combination) -> Outcome:
    """By the tables above and by what segregation of duties says in words."""
    total = Decimal(case.amount) + (SPLIT if case.is_split else 0)
    band = sum(total > bound for bound in _BOUNDS)
    kind = "no order" if not case.on_order else "in tolerance" if case.in_tolerance else "outside tolerance"
    roles, people = _FIRST[kind][band]
    confirms = kind == "outside tolerance" and band < _CONFIRMED
    may = case.role in roles
    # Expired, not begun or given to oneself: a delegation gives nothing.
    may = may and case.delegation not in ("expired", "future", "to_self")
    may = may and (case.delegation != "lower_limit" or total <= LOWER)
    # Whoever entered it or verified the account never approves; who requested, ordered or received may
    # confirm it to accounts payable, and no more. A delegate is barred from what the giver is barred from.
    barred = case.relation in ("verifier", "entered")
    barred = barred or (case.relation in ("requester", "orderer", "receiver") and not confirms)
    counted = may and not barred
    # Who prepared it is never its only approver, and a document outside tolerance takes two people.
    is_enough = people == 1 and case.relation == "none" and (case.in_tolerance or not case.on_order)
    return Outcome(counted, counted and is_enough)


def found(case: Combination) -> tuple[Outcome, str]:
    """By the rules, with the reason given."""
    policy, facts, actor = _policy(case), _facts(case), _actor(case)
    verdict = judge(policy, facts, (), actor, NOW)
    done = standing(policy, facts, (Given(actor, NOW),), NOW)
    return Outcome(verdict.allowed, done.is_complete), verdict.reason


def carried(case: Combination) -> bool:
    """Whether colleagues with no hand in the document carry it together, one for each role."""
    policy, facts = _policy(case), _facts(case)
    words: list[Given] = []
    for _ in ROLES:
        due = standing(policy, facts, words, NOW)
        helpers = [person for person in due.may_act if person.startswith("other-")]
        if due.is_complete or not helpers:
            return due.is_complete
        words.append(Given(helpers[0], NOW))
    return False


def _actor(case: Combination) -> PersonId:
    return PersonId("holder" if case.delegation == "none" else "delegate")


def _policy(case: Combination) -> ApprovalPolicy:
    return _staff(case.role, case.delegation)


@cache
def _staff(role: Role, delegation: str) -> ApprovalPolicy:
    colleagues = tuple(
        Person(
            person=PersonId(f"other-{part}"),
            name=f"Other {part}",
            roles=frozenset({part}),
            limit=Money.of(10**9, "EUR"),
        )
        for part in ROLES
    )
    holder = Person(person=PersonId("holder"), name="Holder", roles=frozenset({role}))
    delegate = Person(person=PersonId("delegate"), name="Delegate")
    return ApprovalPolicy(
        preset=Preset.ILLUSTRATIVE,
        people=(holder, delegate, *colleagues),
        delegations=() if delegation == "none" else (_delegation(delegation),),
    )


def _delegation(kind: str) -> Delegation:
    days = {
        "expired": (date(2026, 3, 1), date(2026, 3, 19)),
        "future": (date(2026, 3, 21), date(2026, 4, 1)),
    }.get(kind, (date(2026, 3, 20), date(2026, 3, 20)))
    return Delegation(
        giver=PersonId("delegate" if kind == "to_self" else "holder"),
        taker=PersonId("delegate"),
        days=Span(start=days[0], end=days[1]),
        limit=Money.of(LOWER, "EUR") if kind == "lower_limit" else None,
    )


def _facts(case: Combination) -> ApprovalFacts:
    hand = {
        "requester": "requested_by",
        "orderer": "ordered_by",
        "receiver": "received_by",
        "preparer": "decided_by",
        "verifier": "verified_by",
        "entered": "entered_by",
    }.get(case.relation)
    outside = case.on_order and not case.in_tolerance
    values: dict[str, object] = {
        "company": "DEMO",
        "gross": Money.of(case.amount, "EUR"),
        "others": (Money.of(SPLIT, "EUR"),) if case.is_split else (),
        "on_order": case.on_order,
        "in_tolerance": case.in_tolerance,
        "risks": (Risk.OUT_OF_TOLERANCE,) if outside else (),
    }
    return ApprovalFacts.model_validate({**values, **({hand: ("holder",)} if hand else {})})


def run() -> Report:
    """All combinations; those without relation and delegation also with everyone's approval."""
    yes, wrong, counts = Counter[str](), list[str](), Counter[str]()
    for case in combinations():
        counts["all"] += 1
        outcome, reason = found(case)
        if outcome != expected(case):
            wrong.append(f"{case}: {outcome}, expected {expected(case)}; {reason}")
        if outcome.counted:
            yes[reason] += 1
        counts["alone"] += outcome.alone
        if case.relation == "none" and case.delegation == "none":
            counts["tried"] += 1
            counts["completed"] += carried(case)
    if counts["completed"] != counts["tried"]:
        wrong.append(f"{counts['tried'] - counts['completed']} documents that nobody can carry")
    return Report(
        combinations=counts["all"],
        yes=dict(yes.most_common()),
        no=counts["all"] - sum(yes.values()),
        alone=counts["alone"],
        completed=counts["completed"],
        tried_together=counts["tried"],
        wrong=tuple(wrong),
    )


def print_report(report: Report, console: Console) -> None:
    table = Table("approved as", "combinations", title="authority")
    for reason, count in report.yes.items():
        table.add_row(reason, str(count))
    console.print(table)
    console.print(
        f"{report.combinations} combinations: {sum(report.yes.values())} yes, {report.no} no; "
        f"{report.alone} times one approval was enough; with everyone's approval "
        f"{report.completed} of {report.tried_together} documents pass; {len(report.wrong)} wrong",
        highlight=False,
    )
    for line in report.wrong[:20]:
        console.print(line, markup=False)
