"""Measuring tool calls: each prompt has a schema of its own, and only what keeps to it counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from agent.llm.contract import Task
from agent.llm.desks import ModelDesks
from agent.llm.prompts import Prompts
from agent.llm.scripted import ScriptedChat
from agent.llm.settings import LlmSettings
from agent.llm.telemetry import Traces
from evals.call_schemas import Called, made_up, report, run

SETTINGS = LlmSettings.model_validate(
    {"investigate": "big", "models": {"big": {"kind": "scripted", "path": "none.jsonl"}}}
)
ASK = {"tool": "ask_clerk", "arguments": {"question": "Which one?"}}


async def called(keep: Path, count: int, *replies: Any) -> list[Called]:
    with ScriptedChat.of(*replies) as chat:
        asker = ModelDesks(SETTINGS, lambda case_id, call: None, Traces(), given={"big": chat}).asker(
            Task.INVESTIGATE
        )
        assert asker is not None
        return await run(asker, Prompts(), keep, count=count)


def test_prompts_differ_in_their_schema_and_each_lets_the_model_ask_back() -> None:
    schemas = [made_up(number, 1, Prompts())[1] for number in range(60)]
    assert len({str(schema) for schema in schemas}) > 50
    assert all(Draft202012Validator(schema).is_valid(ASK) for schema in schemas)
    assert [made_up(7, 1, Prompts())] == [made_up(7, 1, Prompts())]


async def test_only_a_call_that_kept_to_the_schema_at_once_is_valid(tmp_path: Path) -> None:
    wrong = {"tool": "pay_supplier", "arguments": {"account": "NL91"}}
    found = await called(tmp_path / "calls.jsonl", 3, ASK, wrong, ASK, wrong, wrong)
    figures = report(found)
    assert [entry.valid for entry in found] == [True, False, False]
    assert (figures.prompts, figures.recovered) == (3, 1)
    assert figures.tools == {"ask_clerk": 2, "(none)": 1}
    assert round(figures.valid, 3) == 0.333


async def test_calls_that_were_kept_are_not_made_again(tmp_path: Path) -> None:
    await called(tmp_path / "calls.jsonl", 2, ASK, ASK)
    found = await called(tmp_path / "calls.jsonl", 3, ASK)
    assert [entry.number for entry in found] == [0, 1, 2]
