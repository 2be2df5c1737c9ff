"""More than one person's word: gathered step by step, kept through crashes, checked again when posting."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agent.service import Refused
from tests.graph.conftest import Furnish
from tests.graph.office import ANNA, CLEO, DORA, STRANGER, Office, raising
from tests.graph.papers import SHARED, TODAY, a_document
from tools.domain import audit
from tools.domain.decision import Approval, Decision
from tools.domain.identifiers import PersonId
from tools.erp.errors import ErpUnavailable

DEAR = (("BRACKET", "Bracket", "10", "12.00"),)
EMIL, FINN, GRETA = (PersonId(name) for name in ("emil", "finn", "greta"))


def person(login: str, *roles: str, **more: Any) -> dict[str, Any]:
    return {"person": login, "name": login.title(), "roles": list(roles), **more}


PEOPLE = [
    person(EMIL, "buyer"),
    person(FINN, "accounts_payable", limit={"amount": "5000", "currency": "EUR"}),
    person(GRETA, "ap_lead", limit={"amount": "50000", "currency": "EUR"}),
]


def staffed(office: Office, **more: Any) -> Office:
    """The same office under the example matrix, from its next opening on."""
    office.policy = {
        "approval": {"preset": "illustrative", "people": PEOPLE, "clerks": [CLEO], "name": "matrix", **more}
    }
    return office


@pytest.fixture
def two_steps(furnish: Furnish, tmp_path: Path) -> Office:
    return staffed(furnish("sandbox", tmp_path))


async def dear(office: Office) -> Any:
    """An invoice above the order's price, which the buyer accepted."""
    case = await office.take_in(a_document(rows=DEAR))
    return await office.answer(case, "accept_price", EMIL, remark="agreed by phone")


async def test_a_document_that_needs_two_people_waits_for_the_second(two_steps: Office) -> None:
    office = two_steps
    async with office.open() as app:
        case = await dear(office)
        assert case.reason == "waits for buyer (emil), then accounts payable or ap lead"
        case = await office.approve(case, EMIL)
        assert (case.stage, office.posted()) == ("waiting_for_approval", [])
        assert case.reason == "waits for accounts payable or ap lead (finn, greta)"
        shown = await app.service.show(case.case_id)
        assert shown.authority == (
            "step 1 of 2, buyer: emil",
            "step 2 of 2, accounts payable or ap lead: open",
            "waits for accounts payable or ap lead (finn, greta)",
        )
        case = await office.approve(case, FINN)
        assert (case.stage, len(office.posted())) == ("posted", 1)
        given = office.events(case, audit.ApprovalGiven)
        assert [(entry.person, entry.capacity) for entry in given] == [
            (EMIL, "emil: buyer"),
            (FINN, "finn: accounts payable or ap lead"),
        ]
        assert len({entry.digest for entry in given}) == 1
        office.verified()


@pytest.mark.parametrize(
    ("who", "words"),
    [(FINN, "this step is for buyer"), (CLEO, "not an approver"), (STRANGER, "not an approver")],
)
async def test_a_step_out_of_turn_is_refused_and_noted(two_steps: Office, who: PersonId, words: str) -> None:
    office = two_steps
    async with office.open():
        case = await dear(office)
        with pytest.raises(Refused, match=words):
            await office.approve(case, who)
        (refused,) = office.events(case, audit.ApprovalRefused)
        assert refused.person == who
        assert office.case(case.case_id).stage == "waiting_for_approval"


async def test_nobody_takes_two_steps(two_steps: Office) -> None:
    office = two_steps
    async with office.open():
        case = await office.approve(await dear(office), EMIL)
        with pytest.raises(Refused, match="Emil has approved already"):
            await office.approve(case, EMIL)
        assert office.posted() == []


async def test_a_rejection_at_any_step_ends_it(two_steps: Office) -> None:
    office = two_steps
    async with office.open():
        case = await office.approve(await dear(office), EMIL)
        case = await office.decide(case, Decision.REJECT, FINN, "no budget")
        assert (case.stage, office.posted()) == ("rejected", [])


async def test_a_process_that_ends_between_two_approvals_loses_nothing(two_steps: Office) -> None:
    office = two_steps
    async with office.open():
        case = await office.approve(await dear(office), EMIL)
    async with office.open() as app:
        assert app.service.unfinished() == []
        case = await office.approve(office.case(case.case_id), GRETA)
        assert (case.stage, len(office.posted())) == ("posted", 1)


async def test_a_first_approval_that_only_reached_the_log_is_counted_by_the_next_run(
    two_steps: Office,
) -> None:
    office = two_steps
    async with office.open() as app:
        case = await dear(office)
        approval = Approval(
            case_id=case.case_id,
            digest=case.digest,
            person=EMIL,
            decided_at=office.clock(),
            decision=Decision.APPROVE,
        )
        given = audit.ApprovalGiven(
            digest=case.digest, person=EMIL, policy="matrix v1", decided_at=approval.decided_at
        )
        app.service.deps.log.append(case.case_id, audit.person(EMIL), given)
    async with office.open() as app:
        assert [entry.case_id for entry in app.service.unfinished()] == [case.case_id]
        case = await app.service.advance(case.case_id)
        assert case.reason == "waits for accounts payable or ap lead (finn, greta)"
        assert app.service.unfinished() == []
        assert (await office.approve(case, FINN)).stage == "posted"


async def test_approvals_are_checked_again_under_the_policy_in_force(two_steps: Office) -> None:
    """Finn approves as the last one; before it is posted, the ERP is down and the rules become stricter."""
    office = two_steps
    async with office.open():
        case = await office.approve(await dear(office), EMIL)
        office.line.before["find"] = raising(ErpUnavailable("down"))
        with pytest.raises(ErpUnavailable):
            await office.approve(case, FINN)
    staffed(office, people=[PEOPLE[0], person(FINN, "receiver"), PEOPLE[2]], version="2")
    async with office.open() as app:
        case = await app.service.advance(case.case_id)
        assert (case.stage, office.posted()) == ("waiting_for_answer", [])
        (refused,) = office.events(case, audit.ApprovalRefused)
        assert refused.person == FINN and "Finn has no part in it" in refused.reason
        office.verified()


async def test_the_first_approval_does_not_outlive_a_change_of_the_order(two_steps: Office) -> None:
    office = two_steps
    async with office.open():
        case = await office.approve(await dear(office), EMIL)
        first = case.digest
        office.books.purchasing.amend_line("PO100001", "10000", quantity=Decimal(11))
        case = await office.approve(case, FINN)
        assert (case.stage, office.posted()) == ("waiting_for_answer", [])
        case = await office.answer(case, "accept_price", EMIL, remark="still agreed")
        assert case.digest != first and case.reason.startswith("waits for buyer (emil)")


async def test_who_decided_a_question_is_not_the_only_approver(furnish: Furnish, tmp_path: Path) -> None:
    office = furnish("sandbox", tmp_path)
    async with office.open():
        case = await office.take_in(a_document(rows=DEAR))
        case = await office.answer(case, "accept_price", ANNA, remark="agreed")
        case = await office.approve(case, ANNA)
        assert case.stage == "waiting_for_approval"
        assert case.reason == "waits for a second person who had no hand in it (dora)"
        case = await office.approve(case, DORA)
        assert (case.stage, len(office.posted())) == ("posted", 1)


async def test_who_verified_the_account_does_not_approve_what_is_paid_to_it(
    furnish: Furnish, tmp_path: Path
) -> None:
    """Cleo verified the accounts of this office."""
    office = furnish("sandbox", tmp_path)
    limit = {"amount": "1000", "currency": "EUR"}
    office.policy = {
        "approval": {"approvers": [person(CLEO, limit=limit), person(DORA, limit=limit)]},
    }
    async with office.open():
        case = await office.take_in(a_document())
        with pytest.raises(Refused, match="Cleo verified a bank account on the document"):
            await office.approve(case, CLEO)
        assert (await office.approve(case, DORA)).stage == "posted"


async def test_parts_of_one_order_count_together(furnish: Furnish, tmp_path: Path) -> None:
    """Each part is within what accounts payable approves; together they are not, whichever is first."""
    matrix = [
        {"name": "small", "up_to": "50", "steps": [{"any_of": ["accounts_payable"]}]},
        {"name": "other", "steps": [{"any_of": ["ap_lead"]}]},
    ]
    office = staffed(furnish("sandbox", tmp_path), preset=None, matrix=matrix, split_days=50)
    async with office.open():
        first, second = [
            await office.take_in(
                a_document(number, order=SHARED, rows=(("BRACKET", "Bracket", quantity, "2.50"),), day=day)
            )
            for number, quantity, day in (("RE-1", "10", date(2026, 2, 1)), ("RE-22", "14", TODAY))
        ]
        assert second.reason == "waits for ap lead (greta)"
        with pytest.raises(Refused, match="this step is for ap lead"):
            await office.approve(second, FINN)
        assert (await office.approve(first, FINN)).stage == "posted"
        # What is billed on the order has changed since the second one was shown.
        second = await office.approve(second, GRETA)
        assert second.reason == "waits for ap lead (greta)"
        assert (await office.approve(second, GRETA)).stage == "posted"


async def test_a_question_is_answered_by_those_whom_it_is_for(two_steps: Office) -> None:
    office = two_steps
    async with office.open() as app:
        case = await office.take_in(a_document(rows=DEAR))
        with pytest.raises(Refused, match=r"decided by buyer \(emil\), and finn has no such role"):
            await office.answer(case, "accept_price", FINN, remark="fine")
        (refused,) = office.events(case, audit.AnswerRefused)
        assert (refused.person, refused.option) == (FINN, "accept_price")
        assert (await app.service.show(case.case_id)).authority == ()
        case = await office.answer(case, "accept_price", EMIL, remark="fine")
        assert case.stage == "waiting_for_approval"


async def test_without_roles_any_clerk_answers_and_the_screen_says_so(plain_office: Office) -> None:
    case = await plain_office.take_in(a_document(rows=DEAR))
    shown = await plain_office.app.service.show(case.case_id)
    assert shown.authority == ("policy default v1 names no roles: any clerk or approver may answer",)


async def test_a_document_nobody_may_approve_waits_and_says_so(furnish: Furnish, tmp_path: Path) -> None:
    office = staffed(furnish("sandbox", tmp_path), people=[PEOPLE[0]])
    async with office.open() as app:
        case = await office.take_in(a_document())
        assert case.stage == "waiting_for_approval"
        assert case.reason == "no approver: nobody may take the step of accounts payable or ap lead now"
        (made,) = office.events(case, audit.ProposalMade)
        assert [found.kind for found in made.proposal.findings] == ["approver_missing"]
        with pytest.raises(Refused, match="this step is for accounts payable or ap lead"):
            await office.approve(case, EMIL)
        assert await app.proposals(None, True, EMIL) == []
        assert office.posted() == []


async def test_a_list_to_approve_holds_only_what_this_person_may_approve(two_steps: Office) -> None:
    office = two_steps
    async with office.open() as app:
        case = await office.take_in(a_document())
        names = [found.summary.case_id for found, _ in await app.proposals(None, True, FINN)]
        assert names == [case.case_id]
        assert await app.proposals(None, True, EMIL) == []


@pytest.mark.parametrize(
    ("who", "words"),
    [(GRETA, "may approve up to 50000"), (EMIL, "have buyer, bounded by the rules"), (CLEO, "are not one")],
)
async def test_the_doctor_tells_what_a_person_may_approve(
    two_steps: Office, who: PersonId, words: str
) -> None:
    async with two_steps.open() as app:
        (check,) = [row for row in await app.doctor(who) if row["what"] == "approvers"]
        assert words in check["message"]


async def test_the_doctor_names_delegations_that_give_no_right(furnish: Furnish, tmp_path: Path) -> None:
    given = {"giver": FINN, "taker": EMIL, "days": {"start": "2026-01-01", "end": "2026-01-31"}}
    office = staffed(furnish("sandbox", tmp_path), delegations=[given])
    async with office.open() as app:
        (check,) = [row for row in await app.doctor(GRETA) if row["what"] == "approvers"]
        assert "ended on 2026-01-31" in check["message"]
