"""What holds for every matrix, staff and document of authority."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import eur
from tools.domain.authority import ApprovalPolicy, Delegation, Person, Preset, Role, Span
from tools.domain.authority_facts import ApprovalFacts
from tools.domain.authority_matrix import Rule, Step
from tools.domain.authority_steps import plan
from tools.domain.authority_verdict import Given, standing
from tools.domain.identifiers import PersonId
from tools.domain.money import Money

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
LOGINS = tuple(PersonId(name) for name in ("a", "b", "c", "d", "e"))
ROLES = (Role.BUYER, Role.ACCOUNTS_PAYABLE, Role.AP_LEAD, Role.CFO)
FLAGS = st.sampled_from([None, True, False])

logins = st.sampled_from(LOGINS)
amounts = st.decimals("0.01", "9999.99", places=2)
steps = st.builds(
    Step,
    any_of=st.lists(st.sampled_from([role.value for role in ROLES]), min_size=1, max_size=2, unique=True).map(
        tuple
    ),
    people=st.integers(1, 2),
    confirms=st.booleans(),
)
rules = st.builds(
    Rule,
    name=st.just("rule"),
    on_order=FLAGS,
    in_tolerance=FLAGS,
    up_to=st.none() | st.sampled_from([Decimal(100), Decimal(1000), Decimal(5000)]),
    steps=st.lists(steps, min_size=1, max_size=3).map(tuple),
)


@st.composite
def staffs(draw: st.DrawFn) -> tuple[Person, ...]:
    def one(login: PersonId) -> Person:
        limit = draw(st.none() | amounts)
        away = (Span(start=NOW.date(), end=NOW.date()),) if draw(st.booleans()) else ()
        return Person(
            person=login,
            name=login,
            roles=frozenset(draw(st.sets(st.sampled_from(ROLES), max_size=2))),
            limit=None if limit is None else eur(limit),
            superior=draw(st.none() | logins),
            absences=away,
            employed=Span(end=draw(st.sampled_from([None, date(2026, 3, 1)]))),
        )

    return tuple(one(login) for login in LOGINS)


delegations = st.builds(
    Delegation, giver=logins, taker=logins, days=st.just(Span(start=date(2026, 3, 1), end=date(2026, 4, 1)))
)
policies = st.builds(
    ApprovalPolicy,
    people=staffs(),
    matrix=st.lists(rules, min_size=1, max_size=5).map(tuple),
    delegations=st.lists(delegations, max_size=3).map(tuple),
    four_eyes_above=st.none() | amounts,
)
hands = st.lists(logins, max_size=2).map(tuple)
documents = st.builds(
    ApprovalFacts,
    gross=amounts.map(lambda amount: Money.of(amount, "EUR")),
    on_order=st.booleans(),
    in_tolerance=st.booleans(),
    requested_by=hands,
    ordered_by=hands,
    verified_by=hands,
    decided_by=hands,
)
words = st.lists(logins, max_size=6).map(
    lambda given: [Given(login, NOW.replace(minute=0, second=at)) for at, login in enumerate(given)]
)


@given(policies, documents, amounts)
@settings(max_examples=150, deadline=None)
def test_a_larger_amount_never_takes_fewer_people(
    policy: ApprovalPolicy, facts: ApprovalFacts, more: Decimal
) -> None:
    assert facts.gross is not None
    larger = facts.model_copy(update={"gross": facts.gross + Money.of(more, "EUR")})
    first, second = plan(policy, facts), plan(policy, larger)
    assert second.fault is not None or second.people >= first.people


@given(st.sampled_from([True, False]), st.sampled_from([True, False]), amounts, amounts)
@settings(max_examples=100, deadline=None)
def test_nor_in_the_example_matrix(on_order: bool, in_tolerance: bool, one: Decimal, other: Decimal) -> None:
    policy = ApprovalPolicy(preset=Preset.ILLUSTRATIVE)
    people = [
        plan(
            policy, ApprovalFacts(gross=eur(amount * 50), on_order=on_order, in_tolerance=in_tolerance)
        ).people
        for amount in sorted((one, other))
    ]
    assert 1 <= people[0] <= people[1]


@given(policies, documents, words, logins)
@settings(max_examples=250, deadline=None)
def test_without_a_person_nothing_passes_that_did_not_pass_with_them(
    policy: ApprovalPolicy, facts: ApprovalFacts, given: list[Given], gone: PersonId
) -> None:
    fewer = policy.model_copy(update={"people": tuple(one for one in policy.people if one.person != gone)})
    if standing(fewer, facts, given, NOW).is_complete:
        assert standing(policy, facts, given, NOW).is_complete


@given(policies, documents, words)
@settings(max_examples=250, deadline=None)
def test_nothing_passes_without_a_person_who_had_no_hand_in_it(
    policy: ApprovalPolicy, facts: ApprovalFacts, given: list[Given]
) -> None:
    found = standing(policy, facts, given, NOW)
    hands = {*facts.requested_by, *facts.ordered_by, *facts.verified_by, *facts.decided_by}
    if found.is_complete:
        assert set(found.counted) - hands
        assert len(set(found.counted)) == len(found.counted) >= plan(policy, facts).people
        assert not set(found.counted) & set(facts.verified_by)
        assert {word.person for word in given} >= set(found.counted)
    assert not standing(policy, facts, (), NOW).is_complete
