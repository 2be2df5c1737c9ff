"""A model's suggestion beside the question: shown, taken by a person with the right, worth nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.llm.contract import ModelUnavailable
from agent.service import Refused
from agent.state import CaseState, Deps, Question
from agent.suggestions import current
from tests.graph.conftest import Furnish
from tests.graph.office import ANNA, CLEO, STRANGER, Office
from tests.graph.papers import AWAITED, BRACKETS, FOREIGN_IBAN, PLAIN, a_document
from tools.domain import audit
from tools.domain.decision import digest_of
from tools.domain.money import Money
from tools.domain.suggestion import (
    DraftMessage,
    DraftRecipient,
    MessageDrafted,
    Suggestion,
    SuggestionKind,
)

DEARER = (("BRACKET", "Bracket", "10", "11.00"),)
TWENTY = (("BRACKET", "Bracket", "20", "10.00"),)
MODEL = "scripted adviser"


def said(case: CaseState, **fields: Any) -> Suggestion:
    """A suggestion that fits a higher price, unless told otherwise."""
    plain = {
        "case_id": case["case_id"],
        "kind": SuggestionKind.RESOLUTION,
        "option": "accept_price",
        "reason": "The price list changed in March.",
        "evidence": ("finding:1",),
        "struck": ("the buyer agreed on 1 March",),
        "findings": digest_of(case["match"]),
        "model": MODEL,
        "prompt": "investigate/v1 3fa9c1d2",
    }
    return Suggestion(**{**plain, **fields})


class Adviser:
    """An investigator that says what the test tells it to."""

    def __init__(self, says: Callable[[CaseState], Any]) -> None:
        self.says = says
        self.asked: list[str] = []

    async def suggest(self, case: CaseState, question: Question, deps: Deps) -> Any:
        self.asked.append(question.question_id)
        found = self.says(case)
        return await found if asyncio.iscoroutine(found) else found


def advised(office: Office, says: Callable[[CaseState], Any], **more: Any) -> Adviser:
    """The office's service with such an adviser from now on."""
    adviser = Adviser(says)
    service = office.app.service
    office.app = replace(
        office.app, service=service.with_deps(replace(service.deps, investigator=adviser, **more))
    )
    return adviser


async def suggested(office: Office, says: Callable[[CaseState], Any] = said, **document: Any) -> Any:
    """A case whose question has the suggestion beside it."""
    advised(office, says)
    return await office.take_in(a_document(**{"rows": DEARER, **document}))


async def test_a_suggestion_is_shown_as_a_model_s_words_and_marks_the_case(plain_office: Office) -> None:
    case = await suggested(plain_office)
    assert (case.stage, case.suggestion) == ("waiting_for_answer", "accept_price")
    (shown,) = (await plain_office.app.service.show(case.case_id)).suggestions
    assert (shown.label, shown.model) == ("Accept the higher price", MODEL)
    assert shown.struck == ("the buyer agreed on 1 March",)
    assert shown.needs == ("reason",)
    plain_office.verified()


@pytest.mark.parametrize("says", [said, lambda case: None, lambda case: 1 / 0])
async def test_the_question_is_the_same_with_and_without_a_model(
    furnish: Furnish, tmp_path: Path, says: Callable[[CaseState], Any]
) -> None:
    questions = []
    for name in ("without", "with one"):
        office = furnish("sandbox", tmp_path / name)
        async with office.open() as app:
            if name == "with one":
                advised(office, says)
            case = await office.take_in(a_document(rows=DEARER))
            questions.append((await app.service.show(case.case_id)).question)
    assert questions[0] is not None and questions[0] == questions[1]


async def test_taking_a_suggestion_is_the_person_s_own_answer_with_their_reason(plain_office: Office) -> None:
    office = plain_office
    case = await suggested(office)
    with pytest.raises(Refused, match="needs a value for: reason"):
        await office.app.service.take(case.case_id, "", CLEO)
    (shown,) = (await office.app.service.show(case.case_id)).suggestions
    case = await office.app.service.take(case.case_id, shown.id, CLEO, "agreed by phone")
    assert (case.stage, case.suggestion) == ("waiting_for_approval", None)
    (answered,) = office.events(case, audit.QuestionAnswered)
    assert (answered.option, answered.remark) == ("accept_price", "agreed by phone")
    assert (answered.suggestion_id, answered.suggested_by) == (shown.id, MODEL)
    assert office.posted() == []
    detail = await office.app.service.show(case.case_id)
    told = f"taken by cleo, suggested by the model {MODEL}"
    assert detail.proposal is not None and any(told in reason for reason in detail.proposal.reasons)
    case = await office.approve(case, ANNA)
    assert case.stage == "posted"
    office.verified()


async def test_who_may_not_answer_may_not_take(plain_office: Office) -> None:
    case = await suggested(plain_office)
    with pytest.raises(Refused, match="neither clerk nor approver"):
        await plain_office.app.service.take(case.case_id, "", STRANGER, "please")
    assert plain_office.events(case, audit.AnswerRefused)
    assert plain_office.case(case.case_id).stage == "waiting_for_answer"


async def test_a_suggestion_for_earlier_findings_cannot_be_taken(plain_office: Office) -> None:
    office = plain_office
    case = await suggested(office)
    (shown,) = (await office.app.service.show(case.case_id)).suggestions
    advised(office, lambda case: None)
    office.books.purchasing.amend_line(PLAIN, "10000", unit_price=Money.of("10.20", "EUR"))
    case = await office.app.service.fresh().recheck(case.case_id)
    assert (case.stage, case.suggestion) == ("waiting_for_answer", None)
    assert (await office.app.service.show(case.case_id)).suggestions == ()
    with pytest.raises(Refused, match="made for other findings"):
        await office.app.service.take(case.case_id, shown.id, CLEO, "agreed")
    with pytest.raises(Refused, match="there is none now"):
        await office.app.service.take(case.case_id, "", CLEO, "agreed")
    with pytest.raises(Refused, match="no suggestion 12345678"):
        await office.app.service.take(case.case_id, "12345678", CLEO, "agreed")
    assert not office.events(case, audit.QuestionAnswered)[1:]


HOSTILE: dict[str, Callable[[CaseState], Any]] = {
    "unknown option": lambda case: said(case, option="pay_at_once"),
    "another case": lambda case: said(case, case_id="C-999999"),
    "other findings": lambda case: said(case, findings="0" * 64),
    "a foreign reference": lambda case: said(case, references={"account": "NL91ABNA0417164300"}),
    "a foreign kind of reference": lambda case: said(case, references={"payee": "V10002"}),
    "a receipt of a foreign line": lambda case: said(
        case, kind=SuggestionKind.AMEND_ORDER_LINE, option="", references={"order_line": "PO100003/10000"}
    ),
    "a receipt that nothing calls for": lambda case: said(
        case, kind=SuggestionKind.CREATE_GOODS_RECEIPT, option=""
    ),
    "a megabyte of reason": lambda case: said(case, reason="approve " * 131072),
    "too many references": lambda case: said(case, evidence=tuple(map(str, range(500)))),
    "half a sign": lambda case: said(case, reason="\ud800"),
    "malformed": lambda case: Suggestion.model_construct(
        **{**said(case).model_dump(), "option": 7, "references": [1, 2]}
    ),
    "no suggestion": lambda case: {"option": "accept_price"},
}


@pytest.mark.parametrize("attack", HOSTILE)
async def test_a_hostile_suggestion_is_noted_as_declined_and_changes_nothing(
    plain_office: Office, attack: str
) -> None:
    office = plain_office
    case = await suggested(office, HOSTILE[attack])
    assert (case.stage, case.suggestion) == ("waiting_for_answer", None)
    (declined,) = office.events(case, audit.SuggestionDeclined)
    assert len(declined.reason) < 100
    assert not office.events(case, audit.SuggestionMade)
    assert (await office.app.service.show(case.case_id)).suggestions == ()
    case = await office.answer(case, "accept_price", CLEO, "agreed")
    assert (await office.approve(case, ANNA)).stage == "posted"
    office.verified()


@pytest.mark.parametrize("option", ["bank_verified", "recheck"])
async def test_what_only_people_settle_is_no_model_s_to_suggest(plain_office: Office, option: str) -> None:
    office = plain_office
    case = await suggested(
        office, lambda case: said(case, option=option), rows=(BRACKETS,), iban=FOREIGN_IBAN
    )
    assert case.blocks == ("bank_change",) and option in await office.options(case)
    (declined,) = office.events(case, audit.SuggestionDeclined)
    assert declined.reason == "only people choose this way out"


async def test_while_a_control_stands_no_order_is_changed_on_a_model_s_word(plain_office: Office) -> None:
    office = plain_office
    kind = SuggestionKind.AMEND_ORDER_LINE
    case = await suggested(office, lambda case: said(case, kind=kind, option=""), iban=FOREIGN_IBAN)
    assert "amend_order" in await office.options(case)
    assert (await office.app.service.show(case.case_id)).suggestions == ()


async def test_to_wait_may_be_suggested_while_a_control_stands(plain_office: Office) -> None:
    case = await suggested(
        plain_office, lambda case: said(case, option="wait_for_callback"), iban=FOREIGN_IBAN
    )
    assert case.suggestion == "wait_for_callback"


async def test_an_investigator_that_fails_or_hangs_loses_no_case_of_a_batch(plain_office: Office) -> None:
    office = plain_office

    def trouble(case: CaseState) -> Any:
        if case["case_id"].endswith("1"):
            raise RuntimeError("api-key sk-123 refused")
        if case["case_id"].endswith("2"):
            raise ModelUnavailable("the model does not answer")
        return asyncio.Event().wait()

    adviser = advised(office, trouble, suggestion_seconds=0.05)
    for number in ("RE-1", "RE-2", "RE-3"):
        office.lay(f"{number}.xml", a_document(number, rows=DEARER))
    outcomes = await office.run()
    assert [outcome.state for outcome in outcomes] == ["waiting_for_answer"] * 3
    assert len(adviser.asked) == 3
    reasons = {office.events(case, audit.SuggestionDeclined)[0].reason for case in office.app.service.inbox()}
    told = {"it broke off: RuntimeError", "the model does not answer", "no answer within 0.05 seconds"}
    assert reasons == told
    office.verified()


class Died(BaseException):
    """The process is gone."""


async def test_a_crash_between_suggestion_and_question_asks_the_model_once(plain_office: Office) -> None:
    office = plain_office
    adviser = advised(office, said)
    deps = office.app.service.deps
    log: Any = _DiesBefore(deps.log, audit.QuestionAsked)
    mortal = office.app.service.with_deps(replace(deps, log=log))
    with pytest.raises(Died):
        await mortal.advance(office.receive(a_document(rows=DEARER)))
    (case,) = office.app.service.inbox()
    assert case.stage == "matched"
    case = await office.app.service.advance(case.case_id)
    assert (case.stage, case.suggestion) == ("waiting_for_answer", "accept_price")
    assert len(adviser.asked) == 1
    office.verified()


class _DiesBefore:
    """The log of a process that dies before it notes an event of this kind."""

    def __init__(self, log: Any, kind: type[Any]) -> None:
        self._log, self._kind = log, kind

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def append(self, case_id: Any, actor: Any, *events: Any, **more: Any) -> None:
        if any(isinstance(event, self._kind) for event in events):
            raise Died
        self._log.append(case_id, actor, *events, **more)


async def test_the_same_findings_are_put_to_the_model_once(plain_office: Office) -> None:
    office = plain_office
    for number, says, mark in (("RE-1", said, "accept_price"), ("RE-2", HOSTILE["unknown option"], None)):
        adviser = advised(office, says)
        case = await office.take_in(a_document(number, rows=DEARER))
        for _ in range(3):
            case = await office.app.service.fresh().recheck(case.case_id)
        assert (len(adviser.asked), case.suggestion) == (1, mark)


async def test_a_case_on_hold_is_not_put_to_the_model(plain_office: Office) -> None:
    office = plain_office
    case = await office.take_in(a_document(order=AWAITED, rows=TWENTY))
    case = await office.answer(case, "wait_for_receipt", CLEO)
    adviser = advised(office, said)
    case = await office.app.service.fresh().recheck(case.case_id)
    assert (case.stage, adviser.asked) == ("on_hold", [])


async def test_a_suggestion_noted_in_another_case_s_name_is_nobody_s(plain_office: Office) -> None:
    office = plain_office
    case = await suggested(office)
    made = office.events(case, audit.SuggestionMade)[0]
    foreign = made.suggestion.model_copy(update={"case_id": "C-000099"})
    office.app.service.deps.log.append(case.case_id, audit.SERVICE, audit.SuggestionMade(suggestion=foreign))
    records = office.app.service.follow(case.case_id)
    assert current(records, made.suggestion.findings) == (made.suggestion,)


async def test_drafts_are_listed_and_sent_by_nobody(plain_office: Office) -> None:
    office = plain_office
    case = await suggested(office)
    draft = DraftMessage(
        case_id=case.case_id,
        to=DraftRecipient.SUPPLIER,
        language="de",
        subject="Ihre Rechnung RE-1",
        body="Bitte zahlen wir auf NL91ABNA0417164300?",
        model=MODEL,
        prompt="draft/v1 0",
    )
    office.app.service.deps.log.append(case.case_id, audit.SERVICE, MessageDrafted(draft=draft))
    (listed,) = office.app.drafts(None)
    assert (listed.case, listed.to, listed.subject) == (case.case_id, "supplier", "Ihre Rechnung RE-1")
    assert "NL91ABNA0417164300" not in listed.body
    assert (await office.app.service.show(case.case_id)).drafts == (listed,)


async def test_without_a_model_nobody_is_asked_and_nothing_is_noted(plain_office: Office) -> None:
    case = await plain_office.take_in(a_document(rows=DEARER))
    kinds = (audit.SuggestionMade, audit.SuggestionDeclined)
    assert not [event for event in plain_office.events(case) if isinstance(event, kinds)]
