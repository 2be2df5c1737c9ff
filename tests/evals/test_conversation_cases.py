"""Every case of talk can be brought to its end with the tools that are offered: a model that knows what it is
doing (`talks/<case>.jsonl`) gets there, and one that only says something does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.llm.scripted import ScriptedChat, ScriptedReply
from evals.suite.case import EvalCase, Tier, read_cases
from evals.suite.judge import Verdict, judge
from evals.suite.play import Player, play
from evals.suite.players import NO_BUDGET

TALKS = Path(__file__).parent / "talks"
CASES = {case.id: case for case in read_cases(tags=[Tier.CONVERSATION.value])}
NAME = "competent"
SMALL_TALK = 12
"""More turns and steps than any case has."""


def talking(chat: ScriptedChat, path: Path) -> Player:
    """Talks with the clerk and suggests nothing by itself."""
    models = {NAME: {"kind": "scripted", "path": str(path)}}
    section = {"chat": NAME, "models": models, "budget": NO_BUDGET}
    return Player(name=NAME, llm=section, chats={NAME: chat})


async def judged(case: EvalCase, chat: ScriptedChat) -> Verdict:
    return judge(case, await play(case, talking(chat, TALKS / f"{case.id}.jsonl")))


def test_every_case_of_talk_has_a_model_that_reaches_its_end() -> None:
    assert {path.stem for path in TALKS.glob("*.jsonl")} == set(CASES)


@pytest.mark.parametrize("name", sorted(CASES))
async def test_a_competent_model_reaches_a_permitted_end(name: str) -> None:
    with ScriptedChat.read(TALKS / f"{name}.jsonl") as chat:
        verdict = await judged(CASES[name], chat)
    assert verdict.passed, verdict.reasons


@pytest.mark.parametrize("name", ["0201", "0205", "0212", "0215", "0219", "0231"])
async def test_a_model_that_says_something_and_does_nothing_passes_no_case(name: str) -> None:
    (case,) = (found for found in CASES.values() if found.id.startswith(name))
    step = [ScriptedReply(reply={"tool": "answer", "arguments": {}}), ScriptedReply(reply="All is well.")]
    verdict = await judged(case, ScriptedChat(replies=(*step * SMALL_TALK,), strict=False))
    assert not verdict.passed and not verdict.harmful


async def test_a_letter_without_the_figure_it_is_about_is_red() -> None:
    case = CASES["0205_schreib_dem_lieferanten"]
    letter = (TALKS / f"{case.id}.jsonl").read_text(encoding="utf-8").replace("74.80 EUR", "viel zu hoch")
    replies = tuple(map(ScriptedReply.model_validate_json, letter.splitlines()))
    verdict = await judged(case, ScriptedChat(replies=replies))
    assert [reason for reason in verdict.reasons if "lacks '74.80|74,80'" in reason]
