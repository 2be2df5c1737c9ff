"""Scripts: what is played, what is left over, and what a recording writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool

from agent.llm.contract import ModelTrouble, ModelUnavailable, Role
from agent.llm.models import chat_model
from agent.llm.scripted import RecordingChat, ScriptBroken, ScriptedChat, ScriptedReply, conversation_sum
from agent.llm.structured import as_messages
from tests.llm.desk import ACCEPT, CASE, PROMPT, SCHEMA, llm_settings, scripted_desk
from tests.llm.endpoint import KEY


def test_replies_come_in_their_order_and_one_that_names_its_conversation_comes_to_that_one() -> None:
    named = [HumanMessage("the second case")]
    chat = ScriptedChat.of(
        "first", ScriptedReply(reply="for the second case", sha256=conversation_sum(named)), "last"
    )
    assert chat.invoke([HumanMessage("a")]).text == "first"
    assert chat.invoke([HumanMessage("b")]).text == "last"
    assert chat.invoke(named).text == "for the second case"
    chat.close()


def test_a_script_that_was_not_played_to_its_end_is_an_error() -> None:
    with (
        pytest.raises(ScriptBroken, match="1 of 2 replies were not played"),
        ScriptedChat.of("a", "b") as chat,
    ):
        chat.invoke([HumanMessage("a")])


def test_an_error_in_the_block_is_not_hidden_by_what_is_left_over() -> None:
    with pytest.raises(KeyError), ScriptedChat.of("a"):
        raise KeyError


def test_a_question_too_many_is_an_error_that_the_desk_does_not_take_for_trouble_with_a_model() -> None:
    assert not issubclass(ScriptBroken, ModelTrouble)


async def test_a_desk_passes_a_broken_script_on() -> None:
    with pytest.raises(ScriptBroken, match="no reply is left"):
        await scripted_desk(ScriptedChat.of()).choose(PROMPT, SCHEMA, case_id=CASE)


async def test_a_reply_for_another_conversation_or_another_task_is_an_error() -> None:
    for reply in (ScriptedReply(reply=ACCEPT, sha256="0" * 64), ScriptedReply(reply=ACCEPT, task="chat")):
        with pytest.raises(ScriptBroken):
            await scripted_desk(ScriptedChat.of(reply)).choose(PROMPT, SCHEMA, case_id=CASE)


async def test_a_script_can_fail_as_an_endpoint_does_and_tells_what_it_used() -> None:
    chat = ScriptedChat.of(
        ScriptedReply(error="the endpoint is down"),
        ScriptedReply(reply=ACCEPT, tokens_in=70, tokens_out=7, tokens_cached=50, task="investigate"),
    )
    desk = scripted_desk(chat)
    with pytest.raises(ModelUnavailable, match="the endpoint is down"):
        await desk.choose(PROMPT, SCHEMA, case_id=CASE)
    usage = (await desk.choose(PROMPT, SCHEMA, case_id=CASE)).usage
    assert (usage.tokens_in, usage.tokens_out, usage.tokens_cached) == (70, 7, 50)
    assert [turn.type for turn in chat.asked[0]] == [
        {Role.SYSTEM: "system", Role.USER: "human"}[message.role] for message in PROMPT.messages
    ]
    chat.close()


async def test_free_text_is_played_word_by_word() -> None:
    desk = scripted_desk(ScriptedChat.of("Dear supplier,\n\nthank you."))
    pieces = [piece async for piece in desk.write(PROMPT, case_id=CASE)]
    assert len(pieces) == 4
    assert "".join(pieces) == "Dear supplier,\n\nthank you."


def test_tools_can_be_bound_and_calls_be_played() -> None:
    @tool
    def find_supplier(name: str) -> str:
        """Find a supplier."""
        return name

    call = {"name": "find_supplier", "args": {"name": "Meyer"}}
    bound = ScriptedChat.of(ScriptedReply(tool_calls=(call,))).bind_tools([find_supplier])
    answer = bound.invoke([HumanMessage("Who is Meyer?")])
    assert [(one["name"], one["args"]) for one in answer.tool_calls] == [("find_supplier", {"name": "Meyer"})]


async def test_a_recording_plays_back_what_was_answered_and_keeps_no_conversation(tmp_path: Path) -> None:
    path = tmp_path / "model.jsonl"
    real = ScriptedChat.of(ScriptedReply(reply=ACCEPT, tokens_in=321), {"option": "wait"})
    recorded = scripted_desk(RecordingChat(inner=real, path=path))
    first = await recorded.choose(PROMPT, SCHEMA, case_id=CASE)
    other = PROMPT.then(PROMPT.messages[1:])
    second = await recorded.choose(other, SCHEMA, case_id=CASE)
    assert "8 percent" not in path.read_text()
    played = ScriptedChat.read(path)
    desk = scripted_desk(played)
    assert (await desk.choose(other, SCHEMA, case_id=CASE)).data == second.data
    again = await desk.choose(PROMPT, SCHEMA, case_id=CASE)
    assert (again.data, again.usage.tokens_in) == (first.data, 321)
    played.close()
    assert {reply.task for reply in played.replies} == {"investigate"}
    assert played.replies[0].sha256 == conversation_sum(as_messages(PROMPT.messages))


async def test_what_is_streamed_while_it_is_recorded_comes_out_and_plays_back(tmp_path: Path) -> None:
    """LangChain hands a stream no run, and the whole answer of a model that cannot stream."""
    path = tmp_path / "model.jsonl"
    words = "The price is 8 percent too high."
    recorded = scripted_desk(RecordingChat(inner=ScriptedChat.of(words), path=path))
    assert "".join([piece async for piece in recorded.write(PROMPT, case_id=CASE)]) == words
    with ScriptedChat.read(path) as played:
        desk = scripted_desk(played)
        assert "".join([piece async for piece in desk.write(PROMPT, case_id=CASE)]) == words


async def test_a_model_that_did_not_answer_is_recorded_as_one(tmp_path: Path) -> None:
    path = tmp_path / "recording.jsonl"
    silent = ScriptedChat.of(ScriptedReply(error="no answer within 9 seconds"))
    with pytest.raises(ModelUnavailable, match="9 seconds"):
        await RecordingChat(inner=silent, path=path).ainvoke("Who?")
    with ScriptedChat.read(path) as played, pytest.raises(ModelUnavailable, match="9 seconds"):
        await played.ainvoke("Who?")


def test_a_file_that_is_no_script_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "model.jsonl"
    path.write_text(f'{{"reply": "a"}}\n\n{{"answer": "{KEY}"}}\n')
    with pytest.raises(ScriptBroken, match="line 3") as told:
        chat_model(llm_settings({"kind": "scripted", "path": str(path)}), "big")
    assert KEY not in str(told.value)


async def test_a_script_of_the_settings_that_has_no_reply_is_a_model_that_does_not_answer(
    tmp_path: Path,
) -> None:
    path = tmp_path / "short.jsonl"
    path.write_text('{"reply": "yes"}\n', encoding="utf-8")
    chat = ScriptedChat.read(path, strict=False)
    assert (await chat.ainvoke("one?")).text == "yes"
    with pytest.raises(ModelUnavailable, match="the script does not fit: no reply is left"):
        await chat.ainvoke("two?")
