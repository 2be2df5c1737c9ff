"""The steps a document needs: the rule that holds for it, laid out as places that people fill."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from tools.domain.authority import ApprovalPolicy, Basis, RiskEyes
from tools.domain.authority_facts import ApprovalFacts
from tools.domain.authority_matrix import PERSON, Rule, Step, choose
from tools.domain.authority_people import Person
from tools.domain.authority_roles import Role
from tools.domain.money import Money

LEADERS = (Role.AP_LEAD, Role.DEPARTMENT_HEAD, Role.FINANCE_DIRECTOR, Role.CFO)
"""Who may be the second person of a document beside those whom its rule names."""


class Slot(NamedTuple):
    """A place for one person."""

    actors: tuple[str, ...]
    cost_centres: tuple[str, ...] = ()
    confirms: bool = False
    leaders: bool = False
    """`LEADERS` with a limit for the whole commitment may take it too."""
    independent: bool = False
    """Only for a person who had no hand in the document."""

    @property
    def label(self) -> str:
        words = " or ".join(entry.removeprefix(PERSON).replace("_", " ") for entry in self.actors)
        if self.independent or (self.leaders and not words):
            return "a second person" + (" who had no hand in it" if self.independent else "")
        owner = Role.COST_CENTRE_OWNER in self.actors and self.cost_centres
        return f"{words} of {', '.join(self.cost_centres)}" if owner else words


class Plan(NamedTuple):
    """All steps, in order; `fault` says why there can be none. The places of one step are filled in any
    order."""

    rule: str
    steps: tuple[tuple[Slot, ...], ...]
    second: Slot
    """The place that is added when everyone who approved had a hand in the document."""
    fault: str | None = None

    @property
    def people(self) -> int:
        """How many different persons it takes at least."""
        return sum(map(len, self.steps))


def amounts(policy: ApprovalPolicy, facts: ApprovalFacts) -> tuple[Money, ...] | None:
    """What the limits compare: the document with the others of its commitment. None without an amount."""
    own = facts.gross if policy.basis is Basis.GROSS else facts.net
    return None if own is None else (own, *facts.others)


def plan(policy: ApprovalPolicy, facts: ApprovalFacts) -> Plan:
    """The steps of the rule that holds. A larger commitment never takes fewer people than a smaller one of
    the same kind: where its rule names fewer, a second person is added."""
    if not policy.rules:
        return _plain(policy, facts)
    parts = amounts(policy, facts)
    value = None if parts is None else policy.in_currency(parts, policy.currency)
    if parts is not None and value is None:
        return _none(f"the policy has no rate to compare {parts[0].currency} with {policy.currency}")
    amount = None if value is None else value.amount
    fitting = [rule for rule in policy.rules if rule.fits(facts)]
    rule = choose(fitting, amount)
    if rule is None:
        return _none(f"no rule of policy {policy.label} covers this document")
    smaller = _smaller(fitting, amount)
    steps = _laid_out(policy, facts, rule)
    named = _approving((rule,))
    needed = max([*(_people(policy, facts, entry) for entry in smaller), _eyes(policy, facts, amount)])
    extra = Slot(_approving((rule, *smaller)), facts.cost_centres, leaders=True)
    while sum(map(len, steps)) < needed:
        steps = (*steps, (extra,))
    return Plan(rule.name, steps, Slot(named, facts.cost_centres, leaders=True, independent=True))


def _plain(policy: ApprovalPolicy, facts: ApprovalFacts) -> Plan:
    """Any one approver within their limit."""
    slot = Slot((Role.APPROVER.value,))
    parts = amounts(policy, facts)
    value = None if parts is None else policy.in_currency(parts, policy.currency)
    if policy.four_eyes_above is not None and parts is not None and value is None:
        return _none(f"the policy has no rate to compare {parts[0].currency} with {policy.currency}")
    count = _eyes(policy, facts, None if value is None else value.amount)
    return Plan("any approver", ((slot,),) * count, slot._replace(independent=True))


def _none(fault: str) -> Plan:
    return Plan("", (), Slot(()), fault)


def _eyes(policy: ApprovalPolicy, facts: ApprovalFacts, amount: Decimal | None) -> int:
    """Approvers needed whatever the rule says; an action without an amount is not above one."""
    above = policy.four_eyes_above is not None and amount is not None and amount > policy.four_eyes_above
    risky = policy.four_eyes_for_risks is RiskEyes.TWO_APPROVERS and bool(facts.risks)
    return 2 if above or risky else 1


def _smaller(fitting: Iterable[Rule], amount: Decimal | None) -> tuple[Rule, ...]:
    """The rules that hold for smaller amounts of the same document."""
    rules = list(fitting)
    bounds = {
        rule.up_to for rule in rules if rule.up_to is not None and (amount is None or rule.up_to < amount)
    }
    held = [choose(rules, bound) for bound in sorted(bounds)]
    return tuple(dict.fromkeys(rule for rule in held if rule is not None))


def _people(policy: ApprovalPolicy, facts: ApprovalFacts, rule: Rule) -> int:
    return sum(map(len, _laid_out(policy, facts, rule)))


def _approving(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Everyone the rules name for more than a confirmation."""
    steps = [step for rule in rules for step in rule.steps if not step.confirms]
    return tuple(dict.fromkeys(actor for step in steps for actor in step.actors))


def _laid_out(policy: ApprovalPolicy, facts: ApprovalFacts, rule: Rule) -> tuple[tuple[Slot, ...], ...]:
    return tuple(tuple(_slots(policy, facts, step)) for step in rule.steps)


def _slots(policy: ApprovalPolicy, facts: ApprovalFacts, step: Step) -> list[Slot]:
    centres = facts.cost_centres
    places = [step.any_of] * step.people if step.any_of else [(actor,) for actor in step.all_of]
    slots = []
    for actors in places:
        if Role.COST_CENTRE_OWNER in actors and len(centres) > 1:
            slots += _for_each_owner(policy, facts, Slot(actors, centres, step.confirms))
        else:
            slots.append(Slot(actors, centres, step.confirms))
    return slots


def _for_each_owner(policy: ApprovalPolicy, facts: ApprovalFacts, slot: Slot) -> list[Slot]:
    """A place for each cost centre; those with the same owners share one."""
    owned: dict[tuple[str, ...], list[str]] = {}
    for centre in facts.cost_centres:
        owners = holders(policy, facts, slot._replace(cost_centres=(centre,)))
        owned.setdefault(tuple(entry.person for entry in owners), []).append(centre)
    return [slot._replace(cost_centres=tuple(centres)) for centres in owned.values()]


def holders(policy: ApprovalPolicy, facts: ApprovalFacts, slot: Slot) -> list[Person]:
    """Everyone whom the place names, by login or by a role that counts for this document."""
    found = []
    for entry in policy.everyone:
        roles = policy.roles_of(entry) if entry.covers(facts.company, slot.cost_centres) else frozenset()
        named = f"{PERSON}{entry.person}" in slot.actors or any(role in slot.actors for role in roles)
        if named or (slot.leaders and entry.limit is not None and any(role in LEADERS for role in roles)):
            found.append(entry)
    return found
