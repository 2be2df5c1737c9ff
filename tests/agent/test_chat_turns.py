"""Turns of one conversation at the same time: none is lost without a word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from agent.chat.conversation import Chat
from agent.chat.desk import ChatOffice
from agent.chat.types import PieceKind, Talk
from agent.llm.contract import Rendered, Reply
from agent.llm.prompts import Prompts
from agent.tool_sources import sources_of
from tests.agent.test_chat import ANSWER, Script, a_dear_case, said
from tests.graph.conftest import Furnish, furnish  # noqa: F401
from tests.graph.office import BERT, CLEO, Office
from tools.catalog import Toolbox
from tools.domain.identifiers import CaseId
from tools.domain.suggestion import DraftDropped


class SlowScript(Script):
    """Starts to answer, and goes on when it is allowed to."""

    def __init__(self, words: str) -> None:
        super().__init__([ANSWER], words)
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def choose(
        self, prompt: Rendered, schema: Mapping[str, Any], *, case_id: CaseId | None, max_tokens: int = 400
    ) -> Reply:
        self.asked.set()
        await self.may_answer.wait()
        return await super().choose(prompt, schema, case_id=case_id, max_tokens=max_tokens)


@pytest.fixture
async def office(furnish: Furnish, tmp_path: Path) -> AsyncIterator[Office]:  # noqa: F811
    found = furnish("sandbox", tmp_path)
    async with found.open():
        yield found


def window(office: Office, script: Script, saver: InMemorySaver) -> Chat:
    """One of several screens over the same stored conversations."""
    service = office.app.service.fresh()

    async def match(case_id: CaseId) -> Any:
        return (await service.state(case_id)).get("match")

    sources = sources_of(service.deps, match)
    return Chat(ChatOffice(service, sources, script.name), script, Prompts(), Toolbox(sources), saver)


async def words_of(chat: Chat, talk: Talk) -> list[str]:
    return [entry["text"] for entry in await chat.history(talk) if entry["who"] == "clerk"]


async def test_a_second_window_is_told_that_its_words_were_not_taken(office: Office) -> None:
    talk, saver = Talk(person=CLEO, case_id=await a_dear_case(office)), InMemorySaver()
    slow, quick = SlowScript("One."), Script([ANSWER, ANSWER], "Two.")
    first, second = window(office, slow, saver), window(office, quick, saver)
    turn = asyncio.create_task(said(first, talk, "First question?"))
    await slow.asked.wait()
    (piece,) = await said(second, talk, "Second question?")
    assert piece.kind is PieceKind.TROUBLE and "not taken" in piece.text
    slow.may_answer.set()
    await turn
    await said(second, talk, "Second question?")
    assert await words_of(first, talk) == ["First question?", "Second question?"]


async def test_other_people_and_other_conversations_do_not_wait(office: Office) -> None:
    case, saver = await a_dear_case(office), InMemorySaver()
    slow = SlowScript("One.")
    turn = asyncio.create_task(said(window(office, slow, saver), Talk(person=CLEO, case_id=case), "First?"))
    await slow.asked.wait()
    for talk in (Talk(person=BERT, case_id=case), Talk(person=CLEO)):
        pieces = await said(window(office, Script([ANSWER], "Two."), saver), talk, "And here?")
        assert [piece.text for piece in pieces if piece.kind is PieceKind.TEXT] == ["Two."]
    slow.may_answer.set()
    await turn


async def test_a_turn_that_was_broken_off_blocks_nothing_afterwards(office: Office) -> None:
    talk, saver = Talk(person=CLEO, case_id=await a_dear_case(office)), InMemorySaver()
    slow = SlowScript("One.")
    turn = asyncio.create_task(said(window(office, slow, saver), talk, "First?"))
    await slow.asked.wait()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    pieces = await said(window(office, Script([ANSWER], "Two."), saver), talk, "Again?")
    assert [piece.text for piece in pieces if piece.kind is PieceKind.TEXT] == ["Two."]


async def test_a_case_stays_free_while_it_is_talked_about(office: Office) -> None:
    """The conversation is claimed, not the case: a person may decide meanwhile."""
    case, saver = await a_dear_case(office), InMemorySaver()
    slow = SlowScript("One.")
    turn = asyncio.create_task(said(window(office, slow, saver), Talk(person=CLEO, case_id=case), "First?"))
    await slow.asked.wait()
    options = await office.options(office.case(case))
    answered = await office.answer(office.case(case), "park", remark="as agreed")
    assert "park" in options and answered.stage == "waiting_for_approval"
    slow.may_answer.set()
    await turn


async def test_a_letter_of_a_conversation_that_is_none_is_dropped_with_the_reason(office: Office) -> None:
    case = await a_dear_case(office)
    letter = {
        "recipient": "supplier",
        "language": "de",
        "subject": "RE-1",
        "body": "Das liegt über dem Limit.",
    }
    script = Script(
        [
            {"tool": "explain_match", "arguments": {"case": case}},
            {"tool": "draft_message", "arguments": letter},
            ANSWER,
        ],
        "So.",
    )
    chat = window(office, script, InMemorySaver())
    pieces = await said(chat, Talk(person=CLEO, case_id=case), "Schreib dem Lieferanten.")
    assert not [piece for piece in pieces if piece.kind is PieceKind.DRAFT]
    assert office.app.drafts(case) == ()
    (dropped,) = office.events(office.case(case), DraftDropped)
    assert dropped.reason == "it speaks of limits to the supplier (Limit)"


async def test_what_of_a_suggestion_is_doubtful_is_kept_with_it(office: Office) -> None:
    case = await a_dear_case(office)
    reason = "They want 98.76 EUR (order PO-404)."
    wish = {"tool": "park_invoice", "arguments": {"resolution": "park", "reason": reason}}
    chat = window(office, Script([wish]), InMemorySaver())
    pieces = await said(chat, Talk(person=CLEO, case_id=case), "Park it, please.")
    (suggested,) = [piece.suggestion for piece in pieces if piece.suggestion is not None]
    assert suggested.struck and suggested.flagged == (reason,)


async def test_words_beyond_the_most_are_told_to_be_left_out(office: Office) -> None:
    talk, saver = Talk(person=CLEO, case_id=await a_dear_case(office)), InMemorySaver()
    chat = window(office, Script([ANSWER, ANSWER], "One."), saver)
    long = await said(chat, talk, "why? " * 400 + "x")
    assert long[0].kind is PieceKind.NOTICE
    assert "first 2,000 characters" in long[0].text
    fits = await said(chat, talk, "why? " * 400)
    assert not [piece for piece in fits if piece.kind is PieceKind.NOTICE]
