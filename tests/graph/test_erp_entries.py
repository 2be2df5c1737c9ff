"""Goods receipts, changed order lines and holds: wanted by one person, approved by another, entered once;
then the document is matched again."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agent.service import Refused
from tests.graph.conftest import Furnish
from tests.graph.office import ANNA, BERT, CLEO, DORA, Office, raising
from tests.graph.papers import AWAITED, PLAIN, a_document
from tests.graph.test_deaths import Fuse, die
from tests.graph.test_several_approvals import person
from tests.graph.test_suggestions_taken import advised, said
from tools.domain import audit
from tools.domain.decision import Decision
from tools.domain.identifiers import PersonId
from tools.domain.money import Money
from tools.domain.suggestion import SuggestionKind
from tools.erp.errors import ErpChanged, OutcomeUnknown

TWENTY = (("BRACKET", "Bracket", "20", "10.00"),)
DEARER = (("BRACKET", "Bracket", "10", "12.00"),)
EMIL, RITA = PersonId("emil"), PersonId("rita")
NO_ANSWER = OutcomeUnknown("no answer")


def received(office: Office) -> list[Any]:
    """Receipts that were entered on the awaited order."""
    return office.books.purchasing.receipts_of(AWAITED)


async def awaited(office: Office) -> Any:
    """An invoice for goods of which no receipt is entered."""
    return await office.take_in(a_document(order=AWAITED, rows=TWENTY))


async def wanted(office: Office, who: PersonId = CLEO, **values: str) -> Any:
    """A receipt that somebody wants entered; it waits for its approval."""
    case = await awaited(office)
    return await office.answer(case, "enter_receipt", who, **{"delivery_note": "LS-7", **values})


async def test_a_receipt_is_proposed_approved_and_entered_and_the_invoice_matched_again(
    plain_office: Office,
) -> None:
    office = plain_office
    case = await wanted(office)
    assert (case.stage, case.action) == ("waiting_for_approval", "create_goods_receipt")
    shown = (await office.app.service.show(case.case_id)).proposal
    assert shown is not None
    assert (shown.number, shown.dates) == (f"LS-7 on order {AWAITED}", "received on 2026-03-16")
    assert shown.lines == ("line 10000: 20 received",)
    assert shown.amounts == "value 200.00 EUR at the order's prices"
    assert received(office) == []
    case = await office.approve(case, ANNA)
    (receipt,) = received(office)
    assert [line.quantity for line in receipt.lines] == [Decimal(20)]
    assert (case.stage, case.action, case.blocks) == ("waiting_for_approval", "post_invoice", ())
    assert case.erp_number is None
    detail = await office.app.service.show(case.case_id)
    told = f"goods receipt {receipt.number} entered (order {AWAITED}, LS-7)"
    assert detail.proposal is not None and told in detail.proposal.reasons
    case = await office.approve(case, ANNA)
    assert (case.stage, case.erp_number) == ("posted", office.posted()[0].number)
    assert len(received(office)) == 1
    office.verified()


async def test_a_number_that_a_person_types_is_what_is_proposed(plain_office: Office) -> None:
    office = plain_office
    case = await wanted(office, quantity="12", received_on="2026-03-13")
    shown = (await office.app.service.show(case.case_id)).proposal
    assert shown is not None and shown.lines == ("line 10000: 12 received",)
    case = await office.approve(case, ANNA)
    assert (case.stage, case.blocks) == ("waiting_for_answer", ("qty_over_received",))
    assert [str(receipt.received_on) for receipt in received(office)] == ["2026-03-13"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"quantity": "1.000,5"}, "quantity takes a positive number"),
        ({"received_on": "2026-04-01"}, "2026-04-01 is in the future"),
        ({"order_line": "PO100003/10000"}, "PO100003/10000 is not among: PO100002/10000"),
    ],
)
async def test_what_cannot_be_entered_is_told_with_the_question(
    plain_office: Office, values: dict[str, str], reason: str
) -> None:
    case = await wanted(plain_office, CLEO, **values)
    question = (await plain_office.app.service.show(case.case_id)).question
    assert case.stage == "waiting_for_answer"
    assert question is not None and question.explanation[0].startswith(reason)
    assert received(plain_office) == []


async def test_a_rejected_receipt_leads_back_to_the_question_and_may_be_wanted_again(
    plain_office: Office,
) -> None:
    office = plain_office
    case = await wanted(office)
    case = await office.decide(case, Decision.REJECT, ANNA, "nobody saw the goods")
    assert (case.stage, case.blocks, received(office)) == ("waiting_for_answer", ("no_receipt",), [])
    question = (await office.app.service.show(case.case_id)).question
    told = "anna: rejected: create goods receipt (nobody saw the goods)"
    assert question is not None and told in question.explanation
    case = await office.answer(case, "enter_receipt", CLEO, delivery_note="LS-7")
    case = await office.approve(case, ANNA)
    assert len(received(office)) == 1
    assert (await office.approve(case, ANNA)).stage == "posted"
    office.verified()


async def test_who_wants_a_receipt_approves_neither_it_alone_nor_the_invoice(plain_office: Office) -> None:
    office = plain_office
    case = await wanted(office, ANNA)
    case = await office.approve(case, ANNA)
    assert (case.stage, received(office)) == ("waiting_for_approval", [])
    case = await office.approve(case, DORA)
    assert len(received(office)) == 1
    with pytest.raises(Refused, match="received what is billed"):
        await office.approve(case, ANNA)
    assert (await office.approve(case, DORA)).stage == "posted"


async def test_the_limit_of_an_approver_holds_for_what_the_goods_are_worth(plain_office: Office) -> None:
    case = await wanted(plain_office)
    with pytest.raises(Refused, match=r"200.00 EUR is above the limit of Bert"):
        await plain_office.approve(case, BERT)


async def test_an_answer_lost_on_the_way_enters_one_receipt(plain_office: Office) -> None:
    office = plain_office
    case = await wanted(office)
    office.line.after["write"] = raising(NO_ANSWER)
    case = await office.approve(case, ANNA)
    assert (case.stage, case.action, len(received(office))) == ("waiting_for_approval", "post_invoice", 1)


@pytest.mark.parametrize("arrived", [True, False])
async def test_an_unknown_outcome_waits_for_a_person_who_looked(plain_office: Office, arrived: bool) -> None:
    office = plain_office
    case = await wanted(office)
    when = office.line.after if arrived else office.line.before
    when["write"] = raising(NO_ANSWER)
    looks = iter([None])
    office.line.before["find"] = lambda: None if next(looks, 1) is None else raising(NO_ANSWER)()
    case = await office.approve(case, ANNA)
    assert (case.stage, len(received(office))) == ("outcome_unknown", int(arrived))
    assert await office.options(case) == ["posted", "not_posted", "withdraw", "look"]
    office.line.before.clear()
    case = await office.answer(case, "look" if arrived else "withdraw", CLEO)
    expected = ("waiting_for_approval", 1) if arrived else ("waiting_for_answer", 0)
    assert (case.stage, len(received(office))) == expected
    if not arrived:
        case = await office.answer(case, "enter_receipt", CLEO, delivery_note="LS-7")
        case = await office.approve(case, ANNA)
    assert (case.action, len(received(office))) == ("post_invoice", 1)
    office.verified()


async def test_what_the_erp_refuses_or_finds_changed_is_told_and_the_case_goes_on(
    plain_office: Office,
) -> None:
    office = plain_office
    case = await wanted(office, quantity="50")
    case = await office.approve(case, ANNA)
    assert (case.stage, received(office)) == ("waiting_for_answer", [])
    question = (await office.app.service.show(case.case_id)).question
    assert question is not None and any(
        "was not entered: Line 10000" in line for line in question.explanation
    )
    case = await office.answer(case, "enter_receipt", CLEO, delivery_note="LS-8")
    office.line.before["write"] = raising(ErpChanged("another user has changed the order"))
    case = await office.approve(case, ANNA)
    assert (case.stage, received(office)) == ("waiting_for_answer", [])
    office.verified()


async def test_one_delivery_note_is_entered_once_whoever_wants_it(plain_office: Office) -> None:
    office = plain_office
    await office.approve(await wanted(office, quantity="5"), ANNA)
    other = await office.take_in(a_document("RE-2", order=AWAITED, rows=TWENTY))
    other = await office.answer(other, "enter_receipt", CLEO, delivery_note="ls-7")
    other = await office.approve(other, ANNA)
    assert (other.stage, len(received(office))) == ("waiting_for_answer", 1)


async def test_dying_at_any_moment_enters_the_receipt_once(furnish: Furnish, tmp_path: Path) -> None:
    async def prepared(name: str) -> Office:
        office = furnish("sandbox", tmp_path / name)
        async with office.open():
            await wanted(office)
        return office

    async def approve(office: Office) -> None:
        (case,) = office.app.service.inbox()
        if case.action == "create_goods_receipt" and case.stage == "waiting_for_approval":
            await office.approve(case, ANNA)

    whole = Fuse()
    assert not await die(await prepared("whole"), whole, approve)
    assert "after erp.write" in whole.moments
    for at, moment in enumerate(whole.moments):
        office = await prepared(str(at))
        assert await die(office, Fuse(at), approve), moment
        async with office.open() as app:
            (case,) = app.service.inbox()
            await app.service.fresh().advance(case.case_id)
            await approve(office)
            case = office.case(case.case_id)
            if case.stage == "outcome_unknown":
                case = await office.answer(case, "not_posted", CLEO)
            assert (case.action, len(received(office))) == ("post_invoice", 1), moment
            office.verified()


async def test_a_suggested_receipt_is_taken_with_the_person_s_delivery_note(plain_office: Office) -> None:
    office = plain_office
    about = {"order_line": f"{AWAITED}/10000"}
    kind = SuggestionKind.CREATE_GOODS_RECEIPT
    advised(office, lambda case: said(case, kind=kind, option="", references=about))
    case = await awaited(office)
    assert case.suggestion == "create_goods_receipt"
    with pytest.raises(Refused, match="needs a value for: delivery_note"):
        await office.app.service.take(case.case_id, "", CLEO)
    case = await office.app.service.take(case.case_id, "", CLEO, values={"delivery_note": "LS-7"})
    shown = (await office.app.service.show(case.case_id)).proposal
    assert shown is not None
    assert "taken by cleo, suggested by the model scripted adviser" in shown.reasons
    assert received(office) == []
    await office.approve(case, ANNA)
    assert len(received(office)) == 1


def staffed(office: Office) -> Office:
    people = [person(EMIL, "buyer"), person(RITA, "receiver")]
    office.policy = {"approval": {**_approval(office), "people": people}}
    return office


def _approval(office: Office) -> dict[str, Any]:
    return office.settings().policy.approval.model_dump(include={"approvers", "clerks"})


async def test_a_receipt_is_the_receiver_s_and_an_order_line_the_buyer_s(
    furnish: Furnish, tmp_path: Path
) -> None:
    office = staffed(furnish("sandbox", tmp_path))
    async with office.open():
        case = await awaited(office)
        with pytest.raises(Refused, match=r"decided by receiver \(rita\)"):
            await office.answer(case, "enter_receipt", EMIL, delivery_note="LS-7")
        case = await office.answer(case, "enter_receipt", RITA, delivery_note="LS-7")
        assert case.stage == "waiting_for_approval"
        dear = await office.take_in(a_document("RE-2", rows=DEARER))
        with pytest.raises(Refused, match=r"decided by buyer \(emil\)"):
            await office.answer(dear, "amend_order", RITA, "new list")
        dear = await office.answer(dear, "amend_order", EMIL, "new list", reason="new list")
        shown = (await office.app.service.show(dear.case_id)).proposal
        assert shown is not None and shown.lines == ("unit price becomes 12.00 EUR",)
        dear = await office.approve(dear, ANNA)
        line = office.books.purchasing.line(PLAIN, "10000")
        assert line.unit_price == Money.of("12", "EUR")
        assert (dear.stage, dear.action, dear.blocks) == ("waiting_for_approval", "post_invoice", ())
        office.verified()


async def test_the_matrix_names_who_approves_an_entry_by_what_it_is_worth(
    furnish: Furnish, tmp_path: Path
) -> None:
    office = furnish("sandbox", tmp_path)
    people = [
        person(EMIL, "buyer"),
        person(RITA, "receiver"),
        person(PersonId("gus"), "buyer", limit={"amount": "50", "currency": "EUR"}),
        person(PersonId("greta"), "ap_lead"),
    ]
    office.policy = {"approval": {"preset": "illustrative", "people": people, "clerks": [CLEO]}}
    async with office.open():
        case = await wanted(office, RITA)
        assert case.reason == "waits for buyer (emil), then accounts payable or ap lead"
        with pytest.raises(Refused, match="above the limit of Gus"):
            await office.approve(case, PersonId("gus"))
        case = await office.approve(case, EMIL)
        assert received(office) == []
        await office.approve(case, PersonId("greta"))
        assert len(received(office)) == 1


async def test_business_central_declines_the_receipt_with_its_reason(
    furnish: Furnish, tmp_path: Path
) -> None:
    office = furnish("business_central", tmp_path)
    async with office.open() as app:
        advised(office, lambda case: said(case, kind=SuggestionKind.CREATE_GOODS_RECEIPT, option=""))
        case = await awaited(office)
        question = (await app.service.show(case.case_id)).question
        assert question is not None
        assert "enter_receipt" not in [option.id for option in question.options]
        reason = "API v2.0 cannot post a receipt alone: purchase receipts are read-only"
        assert f"Enter the goods receipt is not possible from here: {reason}." in question.explanation
        (declined,) = office.events(case, audit.SuggestionDeclined)
        assert declined.reason == "it is none of the ways out that are offered"
        with pytest.raises(Refused, match="is not offered"):
            await office.answer(case, "enter_receipt", CLEO, delivery_note="LS-7")


async def posted_too_dear(office: Office) -> Any:
    """A copy of an invoice that somebody posted above the order's price."""
    first = await office.take_in(a_document(rows=DEARER))
    first = await office.answer(first, "accept_price", CLEO, "agreed")
    assert (await office.approve(first, ANNA)).stage == "posted"
    return await office.take_in(a_document(rows=DEARER, notes=("Copy",)))


async def test_a_posted_invoice_is_held_and_released_when_the_cause_is_gone(
    furnish: Furnish, tmp_path: Path
) -> None:
    office = furnish("sandbox", tmp_path)
    settings = office.books.books.settings
    office.books.books.settings = settings.model_copy(update={"hold_reasons": ("PRICE", "QUANTITY")})
    async with office.open():
        case = await posted_too_dear(office)
        (posted,) = office.posted()
        assert "release_hold" not in await office.options(case)
        case = await office.answer(case, "hold_posted", CLEO, "too dear", reason="too dear")
        shown = (await office.app.service.show(case.case_id)).proposal
        assert shown is not None and (shown.number, shown.lines) == (posted.number, ("reason code PRICE",))
        case = await office.approve(case, ANNA)
        assert office.posted()[0].holds == ("PRICE",)
        assert (case.stage, case.erp_number) == ("waiting_for_answer", None)
        options = await office.options(case)
        assert "hold_posted" not in options and "release_hold" not in options
        office.books.purchasing.amend_line(PLAIN, "10000", unit_price=Money.of("12.00", "EUR"))
        case = await office.app.service.fresh().recheck(case.case_id)
        case = await office.answer(case, "release_hold", CLEO, "order changed", reason="order changed")
        shown = (await office.app.service.show(case.case_id)).proposal
        assert shown is not None and shown.amounts == "142.80 EUR is paid when due"
        case = await office.approve(case, ANNA)
        assert office.posted()[0].holds == ()
        assert "release_hold" not in await office.options(case)
        office.verified()


async def test_a_cause_that_comes_back_before_the_approval_keeps_the_hold(
    furnish: Furnish, tmp_path: Path
) -> None:
    office = furnish("sandbox", tmp_path)
    settings = office.books.books.settings
    office.books.books.settings = settings.model_copy(update={"hold_reasons": ("PRICE", "QUANTITY")})
    async with office.open():
        case = await posted_too_dear(office)
        case = await office.answer(case, "hold_posted", CLEO, "too dear", reason="too dear")
        office.line.after["write"] = raising(NO_ANSWER)
        case = await office.approve(case, ANNA)
        assert office.posted()[0].holds == ("PRICE",)
        office.books.purchasing.amend_line(PLAIN, "10000", unit_price=Money.of("12.00", "EUR"))
        case = await office.app.service.fresh().recheck(case.case_id)
        case = await office.answer(case, "release_hold", CLEO, "order changed", reason="order changed")
        office.books.purchasing.amend_line(PLAIN, "10000", unit_price=Money.of("10.00", "EUR"))
        case = await office.approve(case, ANNA)
        assert (case.stage, office.posted()[0].holds) == ("waiting_for_answer", ("PRICE",))
        assert "release_hold" not in await office.options(case)
        office.verified()


async def test_a_changed_order_line_whose_answer_was_lost_is_changed_once(plain_office: Office) -> None:
    office = plain_office
    case = await office.take_in(a_document(rows=DEARER))
    before = office.books.purchasing.order(PLAIN).version
    case = await office.answer(case, "amend_order", DORA, "new list", reason="new list")
    case = await office.decide(case, Decision.REJECT, ANNA, "ask the buyer")
    assert (case.stage, office.books.purchasing.order(PLAIN).version) == ("waiting_for_answer", before)
    case = await office.answer(case, "amend_order", DORA, "the buyer agreed", reason="the buyer agreed")
    office.line.after["write"] = raising(NO_ANSWER)
    case = await office.approve(case, ANNA)
    assert (case.stage, case.action) == ("waiting_for_approval", "post_invoice")
    assert int(office.books.purchasing.order(PLAIN).version) == int(before) + 1
    with pytest.raises(Refused, match="ordered what is billed"):
        await office.app.service.decide(case.case_id, case.digest or "", Decision.APPROVE, DORA)
    office.verified()
