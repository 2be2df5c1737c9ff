"""A process with models: their calls stand in the log, their budget is one batch's, doctor asks them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.application import Application
from agent.bootstrap import opened
from agent.llm.contract import BudgetSpent, ModelTrouble, Task
from agent.llm.scripted import ScriptedChat, ScriptedReply
from tests.graph.conftest import Furnish
from tests.graph.office import ANNA, Letters, Office, no_pause
from tests.graph.papers import PLAIN, a_document
from tests.llm.desk import ACCEPT, CASE, PROMPT, SCHEMA
from tools.domain.suggestion import ModelCalled, SuggestionDeclined

SCRIPT = {"kind": "scripted", "path": "none.jsonl"}


@asynccontextmanager
async def process(
    office: Office, llm: dict[str, Any], chat: ScriptedChat | None
) -> AsyncIterator[Application]:
    settings = type(office.settings()).model_validate({**office.settings().model_dump(), "llm": llm})
    chats = {} if chat is None else {"big": chat}
    parts: dict[str, Any] = {"erp": office.connect(), "clock": office.clock, "pause": no_pause}
    async with opened(settings, embedder=Letters(), chats=chats, **parts) as app:
        office.app = app
        yield app


def calls(app: Application) -> list[tuple[str | None, ModelCalled]]:
    records = app.service.deps.log.records()
    return [(record.case_id, record.event) for record in records if isinstance(record.event, ModelCalled)]


@pytest.fixture
def office(furnish: Furnish, tmp_path: Path) -> Office:
    return furnish("sandbox", tmp_path)


async def test_every_call_stands_in_the_audit_log_with_its_case_or_without(office: Office) -> None:
    chat = ScriptedChat.of(ACCEPT, "Dear supplier")
    async with process(office, {"chat": "big", "models": {"big": SCRIPT}}, chat) as app:
        desks = app.desks
        assert desks is not None
        asker = desks.asker(Task.CHAT)
        assert asker is not None
        assert desks.asker(Task.INVESTIGATE) is None
        await asker.choose(PROMPT, SCHEMA, case_id=CASE)
        [piece async for piece in asker.write(PROMPT, case_id=None)]
        assert [(case, call.task, call.outcome) for case, call in calls(app)] == [
            (CASE, "chat", "ok"),
            (None, "chat", "ok"),
        ]
        office.verified()
    chat.close()


@pytest.mark.parametrize("begins", ["run", "recheck"])
async def test_a_batch_begins_with_the_whole_budget(office: Office, begins: str) -> None:
    begin: dict[str, Callable[[Application], Any]] = {
        "run": lambda app: office.run(),
        "recheck": lambda app: app.recheck(None),
    }
    office.inbox.mkdir()
    chat = ScriptedChat.of(ACCEPT, ACCEPT)
    llm = {"chat": "big", "models": {"big": SCRIPT}, "budget": {"batch_tokens": 500}}
    async with process(office, llm, chat) as app:
        asker = app.desks.asker(Task.CHAT) if app.desks else None
        assert asker is not None
        await asker.choose(PROMPT, SCHEMA, case_id=CASE)
        with pytest.raises(BudgetSpent):
            await asker.choose(PROMPT, SCHEMA, case_id=CASE, max_tokens=490)
        await begin[begins](app)
        await asker.choose(PROMPT, SCHEMA, case_id=CASE, max_tokens=300)
    chat.close()


@pytest.mark.parametrize(
    ("kind", "told"), [("scripted", "cannot be read"), ("local", "there is no model file")]
)
async def test_a_model_that_is_not_there_is_trouble_of_the_question_and_not_of_the_process(
    office: Office, kind: str, told: str
) -> None:
    llm = {"chat": "big", "models": {"big": {"kind": kind, "path": str(office.folder / "none.gguf")}}}
    async with process(office, llm, None) as app:
        asker = app.desks.asker(Task.CHAT) if app.desks else None
        assert asker is not None
        with pytest.raises(ModelTrouble, match=told):
            await asker.choose(PROMPT, SCHEMA, case_id=CASE)
        with pytest.raises(ModelTrouble, match=told):
            [piece async for piece in asker.write(PROMPT, case_id=CASE)]
        assert [call.outcome.partition(":")[0] for _, call in calls(app)] == ["failed", "failed"]


async def test_doctor_tells_of_the_models_after_everything_else(office: Office) -> None:
    chat = ScriptedChat.of("ready", "neither JSON", "nor the second time")
    async with process(office, {"chat": "big", "models": {"big": SCRIPT}}, chat) as app:
        checks = [check for check in await app.doctor(ANNA) if check["what"].startswith("model big")]
    assert [check["state"] for check in checks] == ["ok", "fault", "ok"]
    chat.close()


async def test_without_models_there_are_no_desks(office: Office) -> None:
    async with process(office, {}, None) as app:
        assert app.desks is None


@pytest.mark.parametrize("trouble", ["unreachable", "budget"])
async def test_a_case_whose_model_was_not_reached_or_not_asked_is_asked_again_with_the_next_batch(
    office: Office, trouble: str
) -> None:
    choice = {
        "reason": "A trifle.",
        "choose": "accept_price",
        "evidence": [f"order:{PLAIN}"],
    }
    before = {
        "unreachable": ScriptedReply(error="connection refused"),
        "budget": ScriptedReply(reply=ACCEPT, tokens_in=3900),
    }
    chat = ScriptedChat.of(before[trouble], choice)
    llm: dict[str, Any] = {"investigate": "big", "models": {"big": SCRIPT}}
    if trouble == "budget":
        llm["budget"] = {"batch_tokens": 4000}
    async with process(office, llm, chat) as app:
        assert app.desks is not None
        asker = app.desks.asker(Task.INVESTIGATE)
        assert asker is not None
        if trouble == "budget":
            await asker.choose(PROMPT, SCHEMA, case_id=None)
        case = await office.take_in(a_document(rows=(("BRACKET", "Bracket", "10", "11.00"),)))
        assert (case.stage, case.suggestion) == ("waiting_for_answer", None)
        (declined,) = office.events(case, SuggestionDeclined)
        assert declined.again
        await app.recheck([case.case_id])
        assert office.case(case.case_id).suggestion == "accept_price"
        office.verified()
    chat.close()


async def test_the_cases_of_a_large_batch_may_wait_long_for_a_free_model(office: Office) -> None:
    """The desk bounds each call; a bound on the wait for it would leave the last cases without a word."""
    async with process(office, {"investigate": "big", "models": {"big": SCRIPT}}, ScriptedChat.of()) as app:
        case_seconds = app.settings.llm.budget.case_seconds
        assert case_seconds is not None
        assert app.service.deps.suggestion_seconds > 50 * case_seconds


def test_a_process_without_models_loads_none_of_their_libraries() -> None:
    program = (
        "import sys, agent.bootstrap; print({'openai', 'langchain_openai', 'xllamacpp'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=dict(os.environ), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
