"""Who starts something is told once what it has to do without: models, servers of tools. Work goes on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.screens.desk import Desk, joined, toml

AWAY = {"kind": "openai", "model": "m", "base_url": "http://127.0.0.1:9/v1", "timeout_seconds": 5}
ABSENT = {"kind": "local", "path": "/no/such/model.gguf"}
SECRET = "token-4711-of-the-server"
GONE = {"command": "/no/such/program", "env": {"TOKEN": SECRET}, "read": ["stock"]}


def with_llm(desk: Desk, **llm: Any) -> Desk:
    text = desk.config.read_text(encoding="utf-8")
    desk.config.write_text(f"{text}llm = {toml(llm)}\n", encoding="utf-8")
    return desk


@pytest.fixture
def dear(desk: Desk) -> Desk:
    """A case whose question a model could be asked about."""
    desk.lay("a.xml", rows=(("BRACKET", "Bracket", "10", "12.00"),))
    desk.call("run", desk.inbox)
    return desk


def test_a_recheck_with_a_model_that_was_not_fetched_says_so_once_and_goes_on(dear: Desk) -> None:
    result = with_llm(dear, investigate="big", models={"big": ABSENT}).call("recheck")
    told = joined(result.stderr)
    assert told.count("no model for investigate: ") == 1
    assert "/no/such/model.gguf" in told and "work goes on without it" in told
    assert "waiting for answer" in joined(result.stdout)


def test_an_endpoint_that_is_away_is_told_once_behind_the_work(dear: Desk) -> None:
    dear.lay("b.xml", number="RE-2", rows=(("BRACKET", "Bracket", "10", "13.00"),))
    with_llm(dear, investigate="big", models={"big": AWAY})
    for command in (("run", dear.inbox), ("recheck",)):
        told = joined(dear.call(*command).stderr)
        assert told.count("big cannot be reached") == 1


def test_without_a_model_in_the_settings_nothing_is_told(dear: Desk) -> None:
    assert not dear.call("recheck").stderr.strip()


@pytest.mark.parametrize("command", [("chat", "--say", "Hello"), ("recheck",), ("watch", "--once")])
def test_a_server_of_tools_that_does_not_run_is_told_without_its_secret(
    dear: Desk, command: tuple[str, ...]
) -> None:
    with_llm(dear, chat="big", models={"big": AWAY}, mcp={"gone": GONE})
    result = dear.call(*command, code=1 if command[0] == "chat" else 0)
    told = joined(result.stderr)
    assert told.count("the MCP server gone cannot be started: there is no such program") == 1
    assert "conversations go on without these tools" in told
    assert SECRET not in result.output


def test_a_row_of_json_is_no_place_for_it(dear: Desk) -> None:
    with_llm(dear, investigate="big", models={"big": ABSENT})
    assert [row["stage"] for row in dear.rows("recheck")] == ["waiting_for_answer"]
