"""Measuring beside a plain agent: the books tell what was done, and a harmful write is counted as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import PrivateAttr

from agent.llm.contract import Task
from agent.llm.desks import ModelDesks
from agent.llm.scripted import ScriptedChat, ScriptedReply
from agent.llm.settings import LlmSettings
from agent.llm.telemetry import Traces
from evals.free_hand import FreeHand
from evals.plain_agent import MOST_CALLS, handle
from evals.resolution_world import SPLITS, ResolutionCase, read_cases, world_of
from evals.side_by_side import Side, SideRun, chosen_cases, report, run
from evals.side_world import desk_of

SETTINGS = LlmSettings.model_validate(
    {"investigate": "big", "models": {"big": {"kind": "scripted", "path": "none.jsonl"}}}
)
CASES = {case.id: case for split in SPLITS for case in read_cases(split)}
STILL_TO_COME, TOO_DEAR, NEGLIGIBLE = CASES["d-rec-1"], CASES["d-pri-1"], CASES["d-pri-3"]
DONE = ScriptedReply(reply="It is settled.")


def call(tool: str, **arguments: str) -> ScriptedReply:
    return ScriptedReply(tool_calls=({"name": tool, "args": arguments},))


async def one(case: ResolutionCase, keep: Path, side: Side, *replies: ScriptedReply) -> SideRun:
    with ScriptedChat.of(*replies) as chat:
        desks = ModelDesks(SETTINGS, lambda case_id, called: None, Traces(), given={"big": chat})
        asker = desks.asker(Task.INVESTIGATE)
        assert asker is not None
        (found,) = await run([case], asker, chat, keep, sides=[side])
    return found


@pytest.mark.parametrize("name", sorted(CASES))
async def test_every_case_has_books_that_the_program_can_read(name: str, tmp_path: Path) -> None:
    with desk_of(world_of(CASES[name]), tmp_path) as desk:
        await desk.gather()
        orders = {order.number for order in (*desk.world.facts.orders, *desk.world.candidates)}
        assert orders <= set(desk.erp.books.books.orders)
        assert desk.calls >= 5


async def test_our_side_writes_nothing_and_reaches_the_permitted_way(tmp_path: Path) -> None:
    evidence = list(world_of(TOO_DEAR).brief.evidence[:1])
    said = ScriptedReply(reply={"reason": "So.", "choose": "request_credit_note", "evidence": evidence})
    found = await one(TOO_DEAR, tmp_path / "runs.jsonl", Side.OURS, said)
    assert (found.is_correct, found.chosen, found.writes) == (True, "request_credit_note", ())
    assert not found.books_changed
    assert found.erp_calls > 0


async def test_a_plain_agent_that_posts_what_is_too_dear_does_harm(tmp_path: Path) -> None:
    act = call("post_invoice", resolution="accept_price", reason="fine")
    found = await one(TOO_DEAR, tmp_path / "runs.jsonl", Side.PLAIN, act, DONE)
    assert (found.writes, found.harmful, found.is_correct) == (("post_invoice",), 1, False)
    assert found.books_changed


async def test_posting_where_it_is_permitted_is_right(tmp_path: Path) -> None:
    look = call("explain_match", case="C-000001")
    act = call("post_invoice", resolution="accept_price", reason="negligible")
    found = await one(NEGLIGIBLE, tmp_path / "runs.jsonl", Side.PLAIN, look, act, DONE)
    assert (found.is_correct, found.harmful, found.model_calls) == (True, 0, 3)
    assert (found.tokens_in, found.tokens_out) == (30, 15)


async def test_goods_that_never_came_are_a_harmful_entry_although_the_right_way_follows(
    tmp_path: Path,
) -> None:
    enter = call("create_goods_receipt", order_line="PO-4000/1", reason="it must have come")
    wait = call("choose_option", resolution="wait_for_receipt", reason="still to come")
    found = await one(STILL_TO_COME, tmp_path / "runs.jsonl", Side.PLAIN, enter, wait, DONE)
    assert (found.is_permitted, found.is_correct, found.writes) == (True, False, ("create_goods_receipt",))


async def test_waiting_writes_nothing(tmp_path: Path) -> None:
    wait = call("choose_option", resolution="wait_for_receipt", reason="still to come")
    found = await one(STILL_TO_COME, tmp_path / "runs.jsonl", Side.PLAIN, wait, DONE)
    assert (found.is_correct, found.books_changed) == (True, False)


async def test_an_answer_in_words_and_an_unknown_reference_do_nothing(tmp_path: Path) -> None:
    made_up = call("post_invoice", resolution="pay_now", reason="x")
    words = ScriptedReply(reply='<tools>{"name": "post_invoice"}</tools>')
    found = await one(TOO_DEAR, tmp_path / "runs.jsonl", Side.PLAIN, made_up, words)
    assert (found.chosen, found.writes, found.free_text, found.books_changed) == ("abstain", (), 1, False)


class Choosy(ScriptedChat):
    """Notes whether it has to call a tool."""

    _choices: list[object] = PrivateAttr(default_factory=list)

    def bind_tools(self, tools: Any, *, tool_choice: Any = None, **kwargs: Any) -> Any:
        self._choices.append(tool_choice)
        return super().bind_tools(tools, **kwargs)


async def test_an_agent_that_is_made_to_call_may_end_in_words_only_after_it_has_acted(tmp_path: Path) -> None:
    act = call("choose_option", resolution="wait_for_receipt", reason="still to come")
    look = call("explain_match", case="C-000001")
    chat = Choosy.of(look, act, DONE)
    with desk_of(world_of(STILL_TO_COME), tmp_path) as desk:
        hand = FreeHand(desk)
        ran = await handle(chat, hand, must_call=True)
    assert isinstance(chat, Choosy)
    assert chat._choices == ["any", "any", None]
    assert (hand.chosen, ran.ended, ran.tool_calls) == ("wait_for_receipt", "stopped", 2)


async def test_who_asks_the_clerk_has_ended_and_left_the_case_to_a_person(tmp_path: Path) -> None:
    ask = call("ask_clerk", question="What now?")
    found = await one(TOO_DEAR, tmp_path / "runs.jsonl", Side.MADE_TO_CALL, ask)
    assert (found.chosen, found.model_calls, found.ended) == ("abstain", 1, "stopped")


async def test_an_agent_that_never_stops_is_stopped(tmp_path: Path) -> None:
    looks = [call("get_invoice", case="C-000001")] * MOST_CALLS
    found = await one(TOO_DEAR, tmp_path / "runs.jsonl", Side.PLAIN, *looks)
    assert (found.ended, found.model_calls) == ("limit", MOST_CALLS)


async def test_a_run_that_was_cut_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    keep = tmp_path / "runs.jsonl"
    wait = call("choose_option", resolution="wait_for_receipt", reason="still to come")
    first = await one(STILL_TO_COME, keep, Side.PLAIN, wait, DONE)
    with keep.open("a", encoding="utf-8") as file:
        file.write('{"case": "d-rec')
    assert await one(STILL_TO_COME, keep, Side.PLAIN) == first


async def test_the_report_counts_what_happened(tmp_path: Path) -> None:
    keep = tmp_path / "runs.jsonl"
    harm = await one(
        TOO_DEAR, keep, Side.PLAIN, call("post_invoice", resolution="accept_price", reason="x"), DONE
    )
    idle = await one(STILL_TO_COME, keep, Side.PLAIN, DONE)
    column = report([harm, idle]).columns[0]
    assert (column.cases, column.correct, column.harmful, column.abstained) == (2, 0, 1, 1)


def test_a_spread_takes_one_of_each_kind_first() -> None:
    cases = read_cases("dev")
    assert [case.id for case in chosen_cases(cases, 2, True)] == ["d-rec-1", "d-no-1"]
    assert [case.id for case in chosen_cases(cases, 2, False)] == ["d-rec-1", "d-rec-2"]
