"""Who may fill a place at a moment: its holders, their delegates, and the next level where a holder cannot.

Authority only goes up and sideways by name: a delegate does not delegate further, and waiting long opens
the next level, never the posting.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from tools.domain.authority import Answers, ApprovalPolicy
from tools.domain.authority_facts import ApprovalFacts
from tools.domain.authority_people import Delegation, Person
from tools.domain.authority_steps import Slot, amounts, holders
from tools.domain.identifiers import PersonId


class Right(NamedTuple):
    """`person` may fill the place in the name of `holder` (often the same)."""

    person: Person
    holder: Person
    words: str = ""
    """In what capacity, when it is not their own."""


def related(policy: ApprovalPolicy, facts: ApprovalFacts, entry: Person, *, confirms: bool) -> str | None:
    """Why the person had too much of a hand in the document to approve it; None when they had not. For a
    confirmation, having requested, ordered or received is no bar."""
    rules = policy.segregation
    if policy.is_service(entry.person):
        return f"{entry.person} is a program, and programs approve nothing"
    hands = [
        (rules.entered, facts.entered_by, "entered the document"),
        (rules.verified, facts.verified_by, "verified a bank account on the document"),
        (rules.answers is Answers.BARRED, facts.decided_by, "decided a question about the document"),
    ]
    if not confirms:
        hands += [
            (rules.requested, facts.requested_by, "requested what is billed"),
            (rules.ordered, facts.ordered_by, "ordered what is billed"),
            (rules.received, facts.received_by, "received what is billed"),
        ]
    for counts, names, words in hands:
        if counts and is_among(policy, entry, names):
            return f"{entry.name} {words} and may not approve it"
    return None


def is_among(policy: ApprovalPolicy, entry: Person, names: Iterable[str]) -> bool:
    """Whether one of the names means this natural person, by any of their logins."""
    logins = [other for other in policy.everyone if other.natural == entry.natural]
    return any(other.is_called(name) for name in names for other in (*logins, entry))


def is_one_person(policy: ApprovalPolicy, one: PersonId, other: PersonId) -> bool:
    """Whether two logins are one natural person's. A login of which the policy knows no more (a clerk's)
    stands for itself, in any letter case, and for the person whose address or name in the ERP it is."""
    return is_among(policy, _entry(policy, one), (other,)) or is_among(policy, _entry(policy, other), (one,))


def _entry(policy: ApprovalPolicy, login: PersonId) -> Person:
    wanted = login.strip().casefold()
    listed = (entry for entry in policy.everyone if entry.person.strip().casefold() == wanted)
    return next(listed, Person(person=login, name=login))


def is_independent(policy: ApprovalPolicy, facts: ApprovalFacts, entry: Person) -> bool:
    """Had no hand in the document that the policy minds."""
    decided = policy.segregation.answers is not Answers.ALLOWED and is_among(policy, entry, facts.decided_by)
    return not decided and related(policy, facts, entry, confirms=False) is None


def unfit(
    policy: ApprovalPolicy, facts: ApprovalFacts, slot: Slot, entry: Person, at: datetime
) -> str | None:
    """Why the person may not fill the place although it is theirs; None when they may."""
    if not entry.employed.holds(at.date()):
        return f"{entry.name} is not with the company on {at.date()}"
    parts = amounts(policy, facts)
    over = None if parts is None else policy.limit_refusal(entry, parts)
    if over is not None:
        others = "; ".join(facts.other_documents)
        return f"{over}; with other documents of the commitment: {others}" if others else over
    hand = related(policy, facts, entry, confirms=slot.confirms)
    if hand is None and slot.independent and not is_independent(policy, facts, entry):
        return f"{entry.name} decided a question about the document; a person who did not approves it too"
    return hand


def rights(
    policy: ApprovalPolicy,
    facts: ApprovalFacts,
    slot: Slot,
    at: datetime,
    spent: Collection[str] = frozenset(),
) -> list[Right]:
    """Everyone who may fill the place at that moment, each with the first capacity in which they may.
    `spent` are natural persons whose word or name was used for another place of the document."""
    found: dict[str, Right] = {}
    for holder in holders(policy, facts, slot):
        for right in _in_name_of(policy, facts, slot, holder, at, spent):
            if right.person.natural not in spent and right.holder.natural not in spent:
                found.setdefault(right.person.person, right)
    return list(found.values())


def _in_name_of(
    policy: ApprovalPolicy,
    facts: ApprovalFacts,
    slot: Slot,
    holder: Person,
    at: datetime,
    spent: Collection[str],
) -> Iterator[Right]:
    fault = unfit(policy, facts, slot, holder, at)
    if fault is None:
        yield Right(holder, holder)
        yield from _delegates(policy, facts, slot, holder, at)
    cannot = fault is not None or holder.is_away(at.date()) or holder.natural in spent
    for above in _next_levels(policy, facts, slot, holder, at, spent, cannot=cannot):
        yield Right(above, above, f"as the next level above {holder.name}")
        yield from _delegates(policy, facts, slot, above, at)


def _delegates(
    policy: ApprovalPolicy, facts: ApprovalFacts, slot: Slot, giver: Person, at: datetime
) -> Iterator[Right]:
    for delegation in policy.delegations:
        taker = policy.person(delegation.taker)
        if (
            delegation.giver == giver.person
            and taker is not None
            and delegate_fault(policy, facts, slot, delegation, taker, at) is None
        ):
            yield Right(taker, giver, f"as the delegate of {giver.name}")


def delegate_fault(
    policy: ApprovalPolicy,
    facts: ApprovalFacts,
    slot: Slot,
    delegation: Delegation,
    taker: Person,
    at: datetime,
) -> str | None:
    """Why the delegation does not help the taker here, as a sentence; None when it does. The giver's own
    fitness is looked at elsewhere."""
    fault = delegation.fault(at.date())
    if fault is not None:
        return fault
    giver = policy.person(delegation.giver)
    if giver is not None and giver.natural == taker.natural:
        return f"{delegation.giver} cannot be their own delegate"
    # The taker's own limit is not asked: the giver's counts, or the lower one of the delegation.
    stand_in = taker.model_copy(update={"limit": delegation.limit})
    return unfit(policy, facts, slot, stand_in, at)


def _next_levels(
    policy: ApprovalPolicy,
    facts: ApprovalFacts,
    slot: Slot,
    holder: Person,
    at: datetime,
    spent: Collection[str],
    *,
    cannot: bool,
) -> Iterator[Person]:
    """Superiors who may act now: up to the first who can when the holder cannot, and one level for each
    time that the proposal has waited too long."""
    overdue, level, seen = _overdue(policy, facts, at), 0, {holder.person}
    above = policy.person(holder.superior)
    while above is not None and above.person not in seen and (cannot or level < overdue):
        level += 1
        seen.add(above.person)
        reaches = above.limit is not None or amounts(policy, facts) is None
        serves = above.natural not in spent and (not above.companies or facts.company in above.companies)
        if reaches and serves and unfit(policy, facts, slot, above, at) is None:
            yield above
            cannot = cannot and above.is_away(at.date())
        above = policy.person(above.superior)


def _overdue(policy: ApprovalPolicy, facts: ApprovalFacts, at: datetime) -> int:
    """How many times the proposal has waited as long as the policy allows."""
    if policy.escalate_after is None or facts.waiting_since is None or at < facts.waiting_since:
        return 0
    return (at - facts.waiting_since) // policy.escalate_after


def explain_refusal(
    policy: ApprovalPolicy, facts: ApprovalFacts, slots: Sequence[Slot], entry: Person, at: datetime
) -> str:
    """Why this person may take none of these places, as a sentence: their own right and each delegation to
    them."""
    told = [fault for slot in slots for fault in _faults(policy, facts, slot, entry, at)]
    told += [hand for slot in slots if (hand := related(policy, facts, entry, confirms=slot.confirms))]
    if told:
        return "; ".join(dict.fromkeys(told))
    labels = " and ".join(dict.fromkeys(slot.label for slot in slots))
    return f"this step is for {labels}; {entry.name} has no part in it"


def _faults(
    policy: ApprovalPolicy, facts: ApprovalFacts, slot: Slot, entry: Person, at: datetime
) -> Iterator[str]:
    """What stands against a person whom the place names, and against delegations to them."""
    named = {holder.person: holder for holder in holders(policy, facts, slot)}
    if entry.person in named and (fault := unfit(policy, facts, slot, entry, at)) is not None:
        yield fault
    for delegation in policy.delegations:
        giver = named.get(delegation.giver)
        if delegation.taker == entry.person and giver is not None:
            fault = delegate_fault(policy, facts, slot, delegation, entry, at)
            fault = fault or unfit(policy, facts, slot, giver, at)
            if fault is not None:
                yield fault
