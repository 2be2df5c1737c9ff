"""The commands inside of a conversation: only a person at a terminal decides, and sees what is decided."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.chat.types import Piece, PieceKind, Talk
from agent.commands import chat
from tests.graph.conftest import Furnish, furnish  # noqa: F401
from tests.graph.office import ANNA, Office
from tests.graph.papers import a_document
from tests.screens.desk import Desk


class Typist(chat.Keyboard):
    """A person who types these words."""

    def __init__(self, *words: str, at_terminal: bool = True) -> None:
        self.words, self.at_terminal = list(words), at_terminal
        self.asked: list[str] = []

    def is_there(self) -> bool:
        return self.at_terminal

    async def types(self, question: str) -> str:
        self.asked.append(question)
        return self.words.pop(0)


@pytest.fixture
async def office(furnish: Furnish, tmp_path: Path) -> AsyncIterator[Office]:  # noqa: F811
    found = furnish("sandbox", tmp_path)
    async with found.open():
        yield found


async def a_talk(office: Office) -> Talk:
    case = await office.take_in(a_document("RE-1"))
    assert case.stage == "waiting_for_approval"
    return Talk(person=ANNA, case_id=case.case_id)


async def stage_after(office: Office, talk: Talk, command: str, keyboard: chat.Keyboard) -> str:
    await chat.commanded(office.app, talk, command.split(), keyboard)
    assert talk.case_id is not None
    return office.case(talk.case_id).stage


async def test_approving_takes_the_number_of_the_case_and_posts_what_was_shown(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    talk, typist = await a_talk(office), Typist("C-000001")
    assert await stage_after(office, talk, "approve", typist) == "posted"
    assert "RE-1" in capsys.readouterr().out
    assert len(office.posted()) == 1


@pytest.mark.parametrize("typed", ["", "y", "yes", "C-000002"])
async def test_anything_else_approves_nothing(office: Office, typed: str) -> None:
    talk = await a_talk(office)
    assert await stage_after(office, talk, "approve", Typist(typed)) == "waiting_for_approval"
    assert not office.posted()


@pytest.mark.parametrize("command", ["approve", "take", "take 12345678"])
async def test_without_a_terminal_nothing_is_decided_or_even_asked(office: Office, command: str) -> None:
    talk, pipe = await a_talk(office), Typist("C-000001", at_terminal=False)
    assert await stage_after(office, talk, command, pipe) == "waiting_for_approval"
    assert not pipe.asked


async def test_a_suggestion_is_taken_only_after_a_yes(office: Office) -> None:
    talk, typist = await a_talk(office), Typist("no")
    await stage_after(office, talk, "take 12345678", typist)
    assert "12345678" in typist.asked[0]


async def test_where_nothing_is_suggested_or_drafted_that_is_said(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    talk, typist = await a_talk(office), Typist()
    await stage_after(office, talk, "take", typist)
    await stage_after(office, talk, "drafts", typist)
    assert capsys.readouterr().out.split("\n")[:2] == [
        "nothing is suggested for C-000001",
        "nothing is drafted",
    ]


async def test_approving_another_case_than_the_one_that_is_talked_about_is_refused(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    talk, typist = await a_talk(office), Typist()
    assert await stage_after(office, talk, "approve C-000002", typist) == "waiting_for_approval"
    assert "this is about C-000001" in capsys.readouterr().out


async def test_the_conversation_moves_to_another_case(office: Office) -> None:
    talk = await a_talk(office)
    assert (await chat.commanded(office.app, talk, ["inbox"], Typist())).case_id is None
    moved = await chat.commanded(office.app, Talk(person=ANNA), ["case", "C-000001"], Typist())
    assert moved.case_id == "C-000001"
    assert (await chat.commanded(office.app, talk, ["case", "C-9"], Typist())).case_id == talk.case_id


def test_commands_are_no_words_to_say(desk: Desk) -> None:
    assert "/approve" in desk.call("chat", "--say", " /approve", code=2).output


def test_without_a_model_the_way_without_one_is_told(desk: Desk) -> None:
    assert "[llm] chat" in desk.call("chat", "--say", "Hello", code=2).output


async def test_no_answer_of_the_model_is_no_success() -> None:
    async def say(talk: Talk, words: str) -> AsyncIterator[Piece]:
        yield Piece(kind=PieceKind.TROUBLE, text="it does not answer")

    silent: Any = SimpleNamespace(model="m", say=say)
    application: Any = SimpleNamespace(require_chat=lambda: silent, desks=None, foreign=None)
    assert not await chat._converse(application, None, None, ["Hello?"], False)


def test_empty_words_are_never_asked(desk: Desk) -> None:
    assert "no words" in desk.call("chat", "--say", "", code=2).output
    assert "no words" in desk.call("chat", "--say", " \n", "--say", "", code=2).output
    both = desk.call("chat", "--say", "", "--say", "Hello", code=2).output
    assert "was left out" in both and "[llm] chat" in both


async def test_an_interrupt_ends_the_answer_and_not_the_conversation() -> None:
    before = signal.getsignal(signal.SIGINT)

    async def endless() -> bool:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()
        return True

    async def short() -> bool:
        return True

    assert await chat.stoppable(endless()) is False
    assert await chat.stoppable(short()) is True
    assert signal.getsignal(signal.SIGINT) is before


async def test_a_conversation_that_is_ended_from_outside_ends() -> None:
    async def endless() -> bool:
        await asyncio.Event().wait()
        return True

    talk = asyncio.ensure_future(chat.stoppable(endless()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    talk.cancel()
    with pytest.raises(asyncio.CancelledError):
        await talk
