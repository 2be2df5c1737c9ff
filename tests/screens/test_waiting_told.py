"""That the ERP is waited for is told while it lasts, and never between the rows of a result."""

from __future__ import annotations

import asyncio

import pytest

from agent.commands.common import Terminal
from agent.commands.patience import of_posting, patiently
from tests.screens.desk import Desk, joined


def test_approve_tells_on_the_error_stream_that_it_waits(desk: Desk) -> None:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    Terminal.patience, before = 0.0, Terminal.patience
    try:
        result = desk.call("approve", "C-000001", "--yes", "--json")
    finally:
        Terminal.patience = before
    assert "waiting for sandbox for 0 s" in joined(result.stderr)
    assert "waiting for" not in result.stdout


def test_an_approval_that_is_answered_soon_tells_nothing(desk: Desk) -> None:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    assert "waiting for" not in desk.call("approve", "C-000001", "--yes").stderr


async def test_a_wait_is_told_after_ten_seconds_and_then_each_minute() -> None:
    told: list[str] = []
    answered = asyncio.Event()

    async def pause(seconds: float) -> None:
        await asyncio.sleep(0)
        if len(told) == 3:
            answered.set()
            await asyncio.Event().wait()

    async def work() -> str:
        await answered.wait()
        return "PI-1"

    assert await patiently(work(), told.append, lambda waited: f"{waited:.0f}", pause=pause) == "PI-1"
    assert told == ["10", "70", "130"]


async def test_what_the_work_raises_comes_through_and_ends_the_telling() -> None:
    before = asyncio.all_tasks()

    async def work() -> None:
        await asyncio.sleep(0)
        raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        await patiently(work(), str, str)
    assert asyncio.all_tasks() == before


def test_the_time_that_the_settings_give_one_answer_is_named() -> None:
    assert "one answer may take up to 480 s" in of_posting("business_central", 480.0)(10.0)
    assert "one answer" not in of_posting("sandbox", None)(10.0)
