"""Who may approve: what a policy refuses to say, who is meant by a name, and each refusal's reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from tests.builders import a_post_invoice, eur, facts_seen
from tests.domain.test_decisions import a_proposal, an_approval
from tools.domain.actions import HoldInvoice, PostCreditNote
from tools.domain.authority import (
    Answers,
    ApprovalPolicy,
    Approver,
    Delegation,
    Person,
    Role,
    Segregation,
    Span,
)
from tools.domain.authority_facts import ApprovalFacts, Risk, facts_of, is_credit
from tools.domain.authority_matrix import Rule, Step
from tools.domain.authority_roles import roles_for
from tools.domain.authority_verdict import Given, judge, standing
from tools.domain.decision import ApprovalsMissing, PostingOrder
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.identifiers import PersonId
from tools.domain.money import Money
from tools.domain.policy import MatchPolicy

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
DAY = NOW.date()
ANNA, BERT, CARL = (PersonId(name) for name in ("anna", "bert", "carl"))


def someone(login: str, *roles: Role, **more: Any) -> Person:
    return Person(person=PersonId(login), name=login.title(), roles=frozenset(roles), **more)


def a_policy(*people: Person, **more: Any) -> ApprovalPolicy:
    rule = Rule(name="all", steps=(Step(any_of=(Role.BUYER,)),))
    return ApprovalPolicy(**{"people": people, "matrix": (rule,), **more})


def why(policy: ApprovalPolicy, person: PersonId, *given: Given, **facts: Any) -> str:
    verdict = judge(policy, ApprovalFacts(gross=eur("100"), **facts), given, person, NOW)
    assert not verdict.allowed
    return verdict.reason


def finding(kind: DiscrepancyKind, severity: Severity) -> Discrepancy:
    return Discrepancy(kind=kind, severity=severity, rule="r", message="m")


@pytest.mark.parametrize(
    "step",
    [{}, {"any_of": ["buyer"], "all_of": ["cfo"]}, {"any_of": ["janitor"]}, {"any_of": ["cfo"], "people": 0}],
)
def test_a_step_names_people_in_one_way(step: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Step.model_validate(step)


def test_a_person_is_listed_once() -> None:
    with pytest.raises(ValidationError, match="anna"):
        ApprovalPolicy(
            people=(someone("anna"),), approvers=(Approver(person=ANNA, name="A", limit=eur("1")),)
        )


def test_each_refusal_says_why() -> None:
    staff = (someone("anna", Role.BUYER), someone("bert"), someone("carl", Role.BUYER))
    policy = a_policy(*staff)
    assert why(policy, BERT) == "this step is for buyer; Bert has no part in it"
    assert why(policy, ANNA, requested_by=("anna",)) == "Anna requested what is billed and may not approve it"
    assert why(policy, BERT, verified_by=("Bert",)).startswith("Bert verified a bank account")
    assert why(policy, CARL, Given(ANNA, NOW)) == "it has all approvals it needs"
    assert "has approved already" in why(
        a_policy(*staff, four_eyes_above="1"), ANNA, Given(ANNA, NOW - timedelta(hours=1))
    )
    gone = a_policy(someone("anna", Role.BUYER, employed=Span(end=date(2026, 3, 19))))
    assert why(gone, ANNA) == "Anna is not with the company on 2026-03-20"
    barred = a_policy(*staff, segregation=Segregation(answers=Answers.BARRED))
    assert "decided a question" in why(barred, ANNA, decided_by=("anna",))
    assert "is a program" in why(a_policy(*staff, service_accounts={"anna"}), ANNA)
    assert "no rule of policy" in why(
        a_policy(*staff, matrix=(Rule(name="x", companies={"Y"}, steps=policy.matrix[0].steps),)), ANNA
    )


def test_who_decided_is_told_that_another_person_approves_too() -> None:
    policy = ApprovalPolicy(
        approvers=tuple(Approver(person=login, name=login, limit=eur("900")) for login in (ANNA, BERT))
    )
    facts = {"decided_by": ("anna", "bert")}
    assert "bert decided a question about the document" in why(policy, BERT, Given(ANNA, NOW), **facts)


@pytest.mark.parametrize(
    ("delegation", "words"),
    [
        ({"giver": "bert", "taker": "bert"}, "this step is for buyer"),
        ({"giver": "anna", "taker": "bert", "days": {"end": DAY}}, "lacks a first or a last day"),
        (
            {"giver": "anna", "taker": "bert", "days": {"start": date(2026, 4, 1), "end": date(2026, 5, 1)}},
            "begins on",
        ),
        (
            {"giver": "anna", "taker": "bert", "days": {"start": date(2026, 1, 1), "end": date(2026, 2, 1)}},
            "ended on",
        ),
        ({"giver": "anna", "taker": "bert", "limit": eur("99.99")}, "above the limit of Bert"),
    ],
)
def test_a_delegation_that_does_not_help_is_named(delegation: dict[str, Any], words: str) -> None:
    days = {"start": DAY, "end": DAY}
    given = Delegation.model_validate({"days": days, **delegation})
    policy = a_policy(someone("anna", Role.BUYER), someone("bert"), delegations=(given,))
    assert words in why(policy, BERT)


ENDED = Delegation(giver=ANNA, taker=BERT, days=Span(start=date(2026, 1, 1), end=date(2026, 2, 1)))


def test_an_expired_delegation_is_named_beside_what_bars_the_delegate_in_their_own_right() -> None:
    policy = ApprovalPolicy(
        approvers=(
            Approver(person=ANNA, name="Anna", limit=eur("900")),
            Approver(person=BERT, name="Bert", limit=eur("50")),
        ),
        delegations=(ENDED,),
    )
    told = "is above the limit of Bert, 50.00 EUR; the delegation from anna to bert ended on 2026-02-01"
    assert told in why(policy, BERT)


def test_a_delegate_whom_nobody_describes_is_told_so() -> None:
    policy = a_policy(someone("anna", Role.BUYER), delegations=(ENDED,))
    assert why(policy, BERT).endswith("; the delegation from anna needs bert among `people`")


def test_an_expired_delegation_is_named_where_a_question_needs_the_givers_role() -> None:
    policy = a_policy(someone("anna", Role.BUYER), someone("bert"), delegations=(ENDED,))
    told = policy.choice_refusal(BERT, "buyer", DAY) or ""
    assert told.endswith("no such role; the delegation from anna to bert ended on 2026-02-01")
    assert policy.choice_refusal(BERT, "buyer", date(2026, 1, 15)) is None


def test_a_delegate_of_ones_own_other_login_is_no_delegate() -> None:
    mail = {"email": "anna@example.com"}
    given = Delegation(giver=ANNA, taker=BERT, days=Span(start=DAY, end=DAY))
    policy = a_policy(someone("anna", Role.BUYER, **mail), someone("bert", **mail), delegations=(given,))
    assert "cannot be their own delegate" in why(policy, BERT)
    own = Delegation(giver=ANNA, taker=ANNA, days=Span(start=DAY, end=DAY))
    assert own.fault(DAY) == "anna cannot be their own delegate"


def test_the_givers_fault_is_told_to_the_delegate() -> None:
    given = Delegation(giver=ANNA, taker=BERT, days=Span(start=DAY, end=DAY))
    policy = a_policy(someone("anna", Role.BUYER), someone("bert"), delegations=(given,))
    assert "Anna ordered what is billed" in why(policy, BERT, ordered_by=("anna",))


def test_an_action_without_amount_takes_what_the_largest_takes() -> None:
    steps = (Step(any_of=(Role.BUYER,)),)
    small = Rule(name="small", up_to="10", steps=steps)
    large = Rule(name="large", steps=(Step(any_of=("person:bert",)),))
    policy = a_policy(someone("anna", Role.BUYER), someone("bert"), matrix=(small, large))
    assert standing(policy, ApprovalFacts(), (), NOW).may_act == (BERT,)
    assert standing(policy, ApprovalFacts(gross=eur("10")), (), NOW).may_act == (ANNA,)


def test_amounts_that_cannot_be_compared_are_approved_by_nobody() -> None:
    dollars = ApprovalFacts(gross=Money.of("1", "USD"))
    found = standing(a_policy(someone("anna", Role.BUYER)), dollars, (), NOW)
    assert found.waits_for == "no approver: the policy has no rate to compare USD with EUR"
    plain = ApprovalPolicy(four_eyes_above="5", approvers=(Approver(person=ANNA, name="A", limit=eur("1")),))
    assert standing(plain, dollars, (), NOW).lacks_approver


def test_two_of_one_role_are_named_as_such() -> None:
    two = Rule(name="two", steps=(Step(any_of=(Role.BUYER,), people=2),))
    policy = a_policy(someone("anna", Role.BUYER), someone("bert", Role.BUYER), matrix=(two,))
    found = standing(policy, ApprovalFacts(gross=eur("1")), (), NOW)
    assert found.waits_for == "waits for 2 people of buyer (anna, bert)"


def test_a_cost_centres_owner_is_named_with_it() -> None:
    owner = Rule(name="o", steps=(Step(any_of=(Role.COST_CENTRE_OWNER,)),))
    policy = a_policy(
        someone("anna", Role.COST_CENTRE_OWNER, cost_centres={"4100"}),
        someone("bert", Role.COST_CENTRE_OWNER, companies={"OTHER"}),
        matrix=(owner,),
    )
    found = standing(policy, ApprovalFacts(company="DEMO", gross=eur("1"), cost_centres=("4100",)), (), NOW)
    assert found.waits_for == "waits for cost centre owner of 4100 (anna)"
    assert standing(policy, ApprovalFacts(company="DEMO", gross=eur("1")), (), NOW).lacks_approver


def test_the_words_of_the_decision_table_name_roles() -> None:
    assert roles_for("") == ()
    named = {
        who: [set(roles) for roles in roles_for(who)] for who in ("buyer; ap lead", "master data, legal", "x")
    }
    assert named["buyer; ap lead"] == [{Role.BUYER}, {Role.AP_LEAD}]
    assert named["master data, legal"] == [{Role.MASTER_DATA, Role.LEGAL}]
    assert named["x"] == [{Role.AP_LEAD}]


def test_who_may_choose_is_told_who_else_may() -> None:
    policy = a_policy(someone("anna", Role.BUYER), someone("bert"))
    assert policy.choice_refusal(ANNA, "buyer", DAY) is None
    told = policy.choice_refusal(BERT, "buyer", DAY)
    assert told == "this is decided by buyer (anna), and bert has no such role"
    assert "nobody is set up for it" in (policy.choice_refusal(BERT, "treasury", DAY) or "")
    assert policy.choice_refusal(PersonId("erp-agent"), "", DAY) == "erp-agent is a program; a person answers"


def test_the_proposal_tells_what_the_rules_look_at() -> None:
    action = a_post_invoice()
    blocked = (
        finding(DiscrepancyKind.BANK_CHANGE, Severity.BLOCK),
        finding(DiscrepancyKind.DUPLICATE_SUSPECT, Severity.WARN),
        finding(DiscrepancyKind.FIRST_INVOICE, Severity.WARN),
    )
    facts = facts_of(action, blocked)
    assert (facts.in_tolerance, facts.on_order, facts.supplier_risk) == (False, False, True)
    assert facts.risks == (Risk.OUT_OF_TOLERANCE, Risk.BANK_CHANGE) and facts.categories == ("4400",)
    hold = HoldInvoice(company="DEMO", supplier_id="1", posted_number="PI-1", reason_code="P")
    assert facts_of(hold, ()).gross is None
    assert is_credit(PostCreditNote(**{**dict(action), "kind": "post_credit_note"})) and not is_credit(action)


def test_an_order_is_made_of_all_approvals_that_count() -> None:
    policy = ApprovalPolicy(
        four_eyes_above="10",
        approvers=tuple(Approver(person=login, name=login, limit=eur("900")) for login in (ANNA, BERT)),
    )
    proposal = a_proposal()
    first = an_approval(proposal)
    with pytest.raises(ApprovalsMissing, match="waits for approver") as caught:
        PostingOrder.of(proposal, first, policy, NOW, facts=facts_seen(proposal))
    assert caught.value.standing.counted == (ANNA,)
    second = an_approval(proposal, person=BERT)
    foreign = an_approval(proposal, digest="0" * 64)
    order = PostingOrder.of(
        proposal, second, policy, NOW, facts=facts_seen(proposal), approvals=(first, foreign)
    )
    assert order.approvals == (first, second)
    with pytest.raises(ApprovalsMissing):
        PostingOrder.of(proposal, second, policy, NOW, facts=facts_seen(proposal), approvals=(foreign,))


def test_the_match_policy_is_no_part_of_it() -> None:
    """Nothing at run time writes either policy: both are frozen."""
    with pytest.raises(ValidationError):
        ApprovalPolicy().name = "x"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        MatchPolicy().name = "x"  # type: ignore[misc]


def test_a_standing_says_when_all_is_done_and_nothing_more_counts() -> None:
    policy = a_policy(someone("anna", Role.BUYER), someone("bert", Role.BUYER))
    facts = ApprovalFacts(gross=eur("1"))
    done = standing(policy, facts, (Given(ANNA, NOW), Given(BERT, NOW)), NOW)
    assert (done.is_complete, done.waits_for, done.counted, done.may_act) == (True, "", (ANNA,), ())
    nobody = standing(a_policy(someone("anna")), facts, (), NOW)
    assert nobody.waits_for == "no approver: nobody may take the step of buyer now"
