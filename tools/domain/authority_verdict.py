"""How far the approvals given carry a document, and whether one more may be given: each yes and no with its
reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from tools.domain.authority import ApprovalPolicy, RiskEyes
from tools.domain.authority_facts import ApprovalFacts
from tools.domain.authority_rights import Right, explain_refusal, is_among, is_independent, rights
from tools.domain.authority_steps import Plan, plan
from tools.domain.documents import Record
from tools.domain.identifiers import PersonId


class Given(NamedTuple):
    """One person's approval of the proposal in question, and of no other."""

    person: PersonId
    at: datetime


class StepStanding(Record):
    """One step for people to read."""

    label: str
    taken: tuple[str, ...] = ()
    """Who approved, and in what capacity."""
    done: bool = False
    may_act: tuple[PersonId, ...] = ()
    """Who may approve now; empty for a step that is done or not yet due."""


class Standing(Record):
    """What the approvals given so far amount to under a policy."""

    rule: str
    steps: tuple[StepStanding, ...] = ()
    counted: tuple[PersonId, ...] = ()
    fault: str | None = None
    """Why no approval can carry this document, whoever gives it."""

    @property
    def is_complete(self) -> bool:
        return self.fault is None and bool(self.steps) and all(step.done for step in self.steps)

    @property
    def remaining(self) -> tuple[str, ...]:
        return tuple(step.label for step in self.steps if not step.done)

    @property
    def may_act(self) -> tuple[PersonId, ...]:
        return next((step.may_act for step in self.steps if not step.done), ())

    @property
    def waits_for(self) -> str:
        """Who must act next, as a sentence; empty when nobody."""
        if self.fault is not None:
            return f"no approver: {self.fault}"
        if self.is_complete:
            return ""
        if not self.may_act:
            return f"no approver: nobody may take the step of {self.remaining[0]} now"
        more = f", then {', then '.join(self.remaining[1:])}" if self.remaining[1:] else ""
        return f"waits for {self.remaining[0]} ({', '.join(self.may_act)}){more}"

    @property
    def lacks_approver(self) -> bool:
        """Nobody can take it further as things are."""
        return not self.is_complete and not self.may_act


class Verdict(Record):
    """Whether one person's approval counts now."""

    allowed: bool
    reason: str
    """One sentence for the person, for a yes as for a no."""
    remaining: tuple[str, ...] = ()
    """Steps open after it (or still open, for a no)."""
    next: tuple[PersonId, ...] = ()
    """Who may act next."""


class _Progress:
    """The steps while approvals are counted, one after the other."""

    def __init__(self, policy: ApprovalPolicy, facts: ApprovalFacts, planned: Plan) -> None:
        self.policy, self.facts, self.planned = policy, facts, planned
        self.steps = [list(slots) for slots in planned.steps]
        self.taken: list[list[Right]] = [[] for _ in self.steps]
        self._places: list[list[frozenset[int]]] = [[] for _ in self.steps]
        """For each who took a step, which of its places they could fill at that moment."""
        self._spent: set[str] = set()
        """Natural persons whose word or whose name was used: each counts once for a document."""

    def position(self) -> int | None:
        """The step that is due; adds one when all are done and another person is needed."""
        for index, slots in enumerate(self.steps):
            if len(self.taken[index]) < len(slots):
                return index
        if self._needs_another():
            self.steps.append([self.planned.second])
            self.taken.append([])
            self._places.append([])
            return len(self.steps) - 1
        return None

    def _needs_another(self) -> bool:
        policy, facts = self.policy, self.facts
        everyone = [right for step in self.taken for right in step]
        if not any(
            is_independent(policy, facts, right.person) and is_independent(policy, facts, right.holder)
            for right in everyone
        ):
            return True
        if policy.four_eyes_for_risks is RiskEyes.OFF or not facts.risks or len(everyone) > 1:
            return False
        # One person alone approved what was risky: then somebody else must have settled it.
        settled = (*facts.decided_by, *facts.verified_by)
        people = [name for name in settled if not policy.is_service(PersonId(name))]
        return all(is_among(policy, everyone[0].person, (name,)) for name in people)

    def take(self, given: Given) -> bool:
        """Count the approval if the step that is due has a place for this person."""
        index = self.position()
        if index is None:
            return False
        right, places = self.open_to(index, given.at).get(given.person, (None, frozenset[int]()))
        if right is None:
            return False
        self.taken[index].append(right)
        self._places[index].append(places)
        self._spent |= {right.person.natural, right.holder.natural}
        return True

    def count(self, given: Iterable[Given], now: datetime) -> list[PersonId]:
        """Take the approvals in the order they were given; who was counted."""
        fresh = [word for word in given if word.at <= now and now - word.at <= self.policy.valid_for]
        return [word.person for word in sorted(fresh, key=lambda entry: entry.at) if self.take(word)]

    def open_to(self, index: int, at: datetime) -> dict[PersonId, tuple[Right, frozenset[int]]]:
        """Who may take a place of this step at that moment, beside those who did, and which places."""
        found: dict[PersonId, tuple[Right, frozenset[int]]] = {}
        for place, slot in enumerate(self.steps[index]):
            for right in rights(self.policy, self.facts, slot, at, self._spent):
                first, places = found.get(right.person.person, (right, frozenset[int]()))
                found[right.person.person] = (first, places | {place})
        taken = self._places[index]
        return {
            person: entry
            for person, entry in found.items()
            if _each_has_a_place((*taken, entry[1]), frozenset())
        }

    def label(self, index: int) -> str:
        labels = [slot.label for slot in self.steps[index]]
        count = f"{len(labels)} people of " if len(labels) > 1 and len(set(labels)) == 1 else ""
        return count + " and ".join(dict.fromkeys(labels))


def _each_has_a_place(places: Sequence[frozenset[int]], taken: frozenset[int]) -> bool:
    if not places:
        return True
    return any(_each_has_a_place(places[1:], taken | {place}) for place in places[0] - taken)


def standing(policy: ApprovalPolicy, facts: ApprovalFacts, given: Iterable[Given], now: datetime) -> Standing:
    """Count the approvals in the order they were given. One that has expired, lies in the future, comes
    twice from one natural person, or for which there is no place, counts for nothing."""
    planned = plan(policy, facts)
    if planned.fault is not None:
        return Standing(rule="", fault=planned.fault)
    progress = _Progress(policy, facts, planned)
    counted = progress.count(given, now)
    due = progress.position()
    steps = tuple(
        StepStanding(
            label=progress.label(index),
            taken=tuple(f"{right.person.person} {right.words}".rstrip() for right in progress.taken[index]),
            done=len(progress.taken[index]) == len(slots),
            may_act=tuple(progress.open_to(index, now)) if index == due else (),
        )
        for index, slots in enumerate(progress.steps)
    )
    return Standing(rule=planned.rule, steps=steps, counted=tuple(counted))


def judge(
    policy: ApprovalPolicy, facts: ApprovalFacts, given: Sequence[Given], person: PersonId, now: datetime
) -> Verdict:
    """Whether `person` may approve now, after the approvals given."""
    before = standing(policy, facts, given, now)
    if person in before.may_act:
        after = standing(policy, facts, (*given, Given(person, now)), now)
        index = next(index for index, step in enumerate(before.steps) if not step.done)
        return Verdict(
            allowed=True,
            reason=f"{after.steps[index].taken[-1]}: {before.steps[index].label}",
            remaining=after.remaining,
            next=after.may_act,
        )
    return Verdict(
        allowed=False,
        reason=_why_not(policy, facts, before, given, person, now),
        remaining=before.remaining,
        next=before.may_act,
    )


def _why_not(
    policy: ApprovalPolicy,
    facts: ApprovalFacts,
    before: Standing,
    given: Sequence[Given],
    person: PersonId,
    now: datetime,
) -> str:
    if policy.is_service(person):
        return f"{person} is a program and is not an approver in policy {policy.label}"
    entry = policy.person(person)
    if entry is None:
        givers = ", ".join(entry.giver for entry in policy.delegations if entry.taker == person)
        told = f"; the delegation from {givers} needs {person} among `people`" if givers else ""
        return f"{person} is not an approver in policy {policy.label}{told}"
    if before.fault is not None:
        return before.fault
    if before.is_complete:
        return "it has all approvals it needs"
    logins = {other.person for other in policy.everyone if other.natural == entry.natural}
    if logins & set(before.counted):
        return f"{entry.name} has approved already; {before.waits_for}"
    progress = _Progress(policy, facts, plan(policy, facts))
    progress.count(given, now)
    index = progress.position()
    slots = [] if index is None else progress.steps[index]
    return explain_refusal(policy, facts, slots, entry, now)
