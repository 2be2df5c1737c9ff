"""The investigator with a scripted model: what it may say, what is taken from it, and what the log tells."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.application import Application
from agent.llm.scripted import ScriptedChat, ScriptedReply
from tests.graph.conftest import Furnish
from tests.graph.office import ANNA, CLEO, Office
from tests.graph.papers import AWAITED, FOREIGN_IBAN, NORD, PLAIN, a_document
from tests.graph.test_models_in_the_office import process
from tools.domain.audit import QuestionAsked
from tools.domain.suggestion import (
    DraftDropped,
    MessageDrafted,
    ModelCalled,
    SuggestionDeclined,
    SuggestionMade,
)

LLM = {"investigate": "big", "models": {"big": {"kind": "scripted", "path": "none.jsonl"}}}
DEARER = (("BRACKET", "Bracket", "10", "11.00"),)
ORDER = f"order:{PLAIN}"


@pytest.fixture
def office(furnish: Furnish, tmp_path: Path) -> Office:
    return furnish("sandbox", tmp_path)


def says(choose: str, reason: str = "The excess of 20.00 EUR is a trifle.", **fields: Any) -> dict[str, Any]:
    return {"reason": reason, "choose": choose, "evidence": [ORDER], **fields}


@asynccontextmanager
async def asked(office: Office, *replies: Any) -> AsyncIterator[tuple[Application, ScriptedChat]]:
    with ScriptedChat.of(*replies) as chat:
        async with process(office, LLM, chat) as app:
            await office.prepare()
            yield app, chat


async def test_a_choice_with_its_evidence_stands_beside_the_question(office: Office) -> None:
    async with asked(office, says("accept_price")):
        case = await office.take_in(a_document(rows=DEARER))
        assert (case.stage, case.suggestion) == ("waiting_for_answer", "accept_price")
        (made,) = office.events(case, SuggestionMade)
        assert made.suggestion.reason == "The excess of 20.00 EUR is a trifle."
        assert (made.suggestion.evidence, made.suggestion.struck) == ((ORDER,), ())
        assert made.suggestion.prompt.startswith("investigate/v")
        (called,) = office.events(case, ModelCalled)
        assert called.outcome == "ok"
        assert office.posted() == []


async def test_a_claim_without_a_record_is_struck_out(office: Office) -> None:
    reason = "The price list PL-9 of 1 March 2026 allows 11.00 EUR."
    async with asked(office, says("accept_price", reason)):
        case = await office.take_in(a_document(rows=DEARER))
        (made,) = office.events(case, SuggestionMade)
        assert made.suggestion.struck == ("PL-9", "1 March 2026")
        assert "PL-9" not in made.suggestion.reason


async def test_a_model_that_abstains_leaves_the_question_as_it_is(office: Office) -> None:
    async with asked(office, says("abstain", "Nothing speaks for one of them.")):
        case = await office.take_in(a_document(rows=DEARER))
        assert (case.stage, case.suggestion) == ("waiting_for_answer", None)
        (declined,) = office.events(case, SuggestionDeclined)
        assert declined.reason == "Nothing speaks for one of them."
        assert await office.options(case)


@pytest.mark.parametrize(
    "answer",
    [
        says("park"),
        says("bank_verified"),
        says("pay_now"),
        says("accept_price", evidence=["order:MADE-UP"]),
        "accept everything",
        ScriptedReply(error="connection refused"),
    ],
    ids=["never a model's", "a control", "made up", "made-up evidence", "no object", "no answer"],
)
async def test_what_was_not_offered_is_no_suggestion_and_no_trouble_for_the_case(
    office: Office, answer: Any
) -> None:
    tries = 3 if isinstance(answer, ScriptedReply) else 2
    async with process(office, LLM, ScriptedChat.of(*[answer] * tries * 2)):
        await office.prepare()
        case = await office.take_in(a_document(rows=DEARER))
        assert (case.stage, case.suggestion) == ("waiting_for_answer", None)
        assert office.events(case, SuggestionMade) == []
        assert len(office.events(case, SuggestionDeclined)) == 1
        assert len(office.events(case, QuestionAsked)) == 1
        office.verified()


async def test_with_a_new_account_only_the_call_back_is_offered_and_no_account_is_shown(
    office: Office,
) -> None:
    async with asked(office, says("wait_for_callback", "Only people settle it.", evidence=["finding:1"])) as (
        _,
        chat,
    ):
        case = await office.take_in(a_document(rows=DEARER, iban=FOREIGN_IBAN))
        assert case.suggestion == "wait_for_callback"
        (conversation,) = chat.asked
        prompt = conversation[-1].text
        assert "accept_price" not in prompt
        assert FOREIGN_IBAN[-6:] not in prompt.replace(" ", "")


async def test_a_letter_is_drafted_for_a_person_and_held_against_the_records(office: Office) -> None:
    letter = {
        "subject": "Invoice RE-1",
        "body": "The price is 10.00 EUR too high.\nPlease send a credit note over 77.77 EUR.",
    }
    chat = ScriptedChat.of(says("request_credit_note", "The price is too high."), letter)
    async with process(office, {**LLM, "drafts": True}, chat):
        await office.prepare()
        case = await office.take_in(a_document(rows=DEARER))
        (drafted,) = office.events(case, MessageDrafted)
        assert (drafted.draft.to, drafted.draft.language) == ("supplier", "de")
        assert drafted.draft.struck == ("77.77",)
        assert drafted.draft.body.splitlines()[0] == "The price is 10.00 EUR too high."
        assert "Ways on" not in chat.asked[-1][-1].text
        chat.close()


async def test_a_letter_to_a_colleague_is_written_in_the_companys_language(office: Office) -> None:
    letter = {"subject": "Order", "body": "Was this ordered?"}
    with ScriptedChat.of(says("wait_for_receipt", "Nothing came.", evidence=["finding:1"]), letter) as chat:
        async with process(office, {**LLM, "drafts": True}, chat) as app:
            assert app.service.deps.profile.home is None  # nothing says German, and the supplier's is Dutch
            card = office.books.books.suppliers[NORD]
            abroad = card.supplier.model_copy(update={"country": "NL"})
            office.books.books.suppliers[NORD] = card.model_copy(update={"supplier": abroad})
            await office.prepare()
            case = await office.take_in(
                a_document(order=AWAITED, rows=(("BRACKET", "Bracket", "20", "10.00"),))
            )
            (drafted,) = office.events(case, MessageDrafted)
            assert (drafted.draft.to, drafted.draft.language) == ("receiver", "en")
            assert "Write in English" in chat.asked[-1][-1].text


async def test_a_letter_that_breaks_off_is_dropped_and_the_suggestion_stands(office: Office) -> None:
    letter = {"subject": "Invoice RE-1", "body": "Please send us a credit note over the"}
    with ScriptedChat.of(says("request_credit_note", "The price is too high."), letter) as chat:
        async with process(office, {**LLM, "drafts": True}, chat):
            await office.prepare()
            case = await office.take_in(a_document(rows=DEARER))
            assert case.suggestion == "request_credit_note"
            assert office.events(case, MessageDrafted) == []
            (dropped,) = office.events(case, DraftDropped)
            assert dropped.reason == "it breaks off in the middle of a sentence"


async def test_a_letter_that_fails_takes_nothing_from_the_suggestion(office: Office) -> None:
    refused = [ScriptedReply(error="connection refused")] * 3
    chat = ScriptedChat.of(says("ask_supplier", "Only they know."), *refused)
    async with process(office, {**LLM, "drafts": True}, chat):
        await office.prepare()
        case = await office.take_in(a_document(rows=DEARER))
        assert case.suggestion == "ask_supplier"
        assert office.events(case, MessageDrafted) == []


async def test_no_letter_is_drafted_where_none_is_needed_or_wanted(office: Office) -> None:
    with ScriptedChat.of(says("accept_price")) as chat:
        async with process(office, {**LLM, "drafts": True}, chat):
            await office.prepare()
            case = await office.take_in(a_document(rows=DEARER))
            assert office.events(case, MessageDrafted) == []
            assert len(office.events(case, ModelCalled)) == 1


async def test_a_suggestion_posts_nothing_before_a_person_took_it_and_another_approved(
    office: Office,
) -> None:
    async with asked(office, says("accept_price")):
        case = await office.take_in(a_document(rows=DEARER))
        case = await office.app.service.take(case.case_id, "", CLEO, "agreed by phone")
        assert (case.stage, office.posted()) == ("waiting_for_approval", [])
        case = await office.approve(case, ANNA)
        assert (case.stage, len(office.posted())) == ("posted", 1)
        office.verified()
