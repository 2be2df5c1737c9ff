"""A local model as LangChain sees it, over a small engine that writes what it is told to."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool

from agent.llm.chat_marks import harmless
from agent.llm.contract import ModelUnavailable, Role
from agent.llm.engine import Call, Completion, EngineName, Finish, Halt, ModelFileUnusable, TextAhead
from agent.llm.local import LocalChat
from agent.llm.schema import SchemaUnusable, closed, compact
from agent.llm.worker import ModelWorker


class ToldEngine:
    """Writes the given words, one piece each; without words it writes until it is halted."""

    library = "told 1"

    def __init__(self, words: tuple[str, ...] = (), loads: list[str] | None = None) -> None:
        self.words = words
        self.calls: list[Call] = []
        self.begun = threading.Event()
        self.halted = threading.Event()
        if loads is not None:
            loads.append("loaded")

    def complete(self, call: Call, halt: Halt, on_text: Callable[[str], object] | None = None) -> Completion:
        self.calls.append(call)
        self.begun.set()
        written = []
        for word in self.words or iter(lambda: "word ", None):
            if halt.reason is not None:
                self.halted.set()
                break
            written.append(word)
            if on_text:
                on_text(word)
        return Completion(
            text="".join(written),
            tokens_in=10,
            tokens_cached=7,
            tokens_out=len(written),
            first_token_ms=5,
            milliseconds=9,
            finish=halt.reason or Finish.STOP,
        )

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def close(self) -> None:
        self.words = ()


def chat(engine: ToldEngine, seconds: float | None = None) -> LocalChat:
    return LocalChat(worker=ModelWorker(lambda: engine), model="told", timeout_seconds=seconds)


async def test_an_answer_tells_its_tokens_and_those_that_were_kept() -> None:
    engine = ToldEngine(("yes",))
    answer = await chat(engine).ainvoke([SystemMessage("S"), HumanMessage("H")], max_tokens=5, stop=["."])
    assert answer.content == "yes"
    assert answer.usage_metadata == {
        "input_tokens": 10,
        "output_tokens": 1,
        "total_tokens": 11,
        "input_token_details": {"cache_read": 7},
    }
    assert answer.response_metadata["first_token_ms"] == 5
    (call,) = engine.calls
    assert (call.max_tokens, call.stop, call.json_schema) == (5, (".",), None)
    assert [(one.role, one.text) for one in call.messages] == [(Role.SYSTEM, "S"), (Role.USER, "H")]


async def test_the_schema_of_the_response_format_reaches_the_engine() -> None:
    engine = ToldEngine(("{}",))
    form = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}, "strict": True}}
    await chat(engine).ainvoke("x", response_format=form)
    await chat(engine).ainvoke("x", response_format={"type": "text"})
    with pytest.raises(ValueError, match="json_schema with a schema"):
        await chat(engine).ainvoke("x", response_format={"type": "json_schema"})
    assert [call.json_schema for call in engine.calls] == [{"type": "object"}, None]


async def test_a_task_that_is_cancelled_halts_the_model() -> None:
    engine = ToldEngine()
    model = chat(engine)
    asked = asyncio.create_task(model.ainvoke("x"))
    assert await asyncio.to_thread(engine.begun.wait, 10)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await asyncio.to_thread(engine.halted.wait, 10)
    engine.words = ("next",)
    assert (await model.ainvoke("y")).content == "next"


async def test_a_question_that_waits_can_be_cancelled_before_it_begins() -> None:
    engine = ToldEngine()
    model = chat(engine)
    first = asyncio.create_task(model.ainvoke("first"))
    assert await asyncio.to_thread(engine.begun.wait, 10)
    second = asyncio.create_task(model.ainvoke("second"))
    await asyncio.sleep(0)
    second.cancel()
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    model.close()
    assert [call.messages[0].text for call in engine.calls] == ["first"]


async def test_an_answer_that_takes_too_long_is_trouble_that_names_the_limit() -> None:
    with pytest.raises(ModelUnavailable, match=r"within 0\.05 seconds"):
        await chat(ToldEngine(), 0.05).ainvoke("x")


async def test_a_stream_gives_the_pieces_and_ends_with_the_usage() -> None:
    pieces = [piece async for piece in chat(ToldEngine(("a", "b"))).astream("x")]
    assert [piece.content for piece in pieces[:2]] == ["a", "b"]
    assert pieces[-1].usage_metadata is not None


async def test_a_stream_that_nobody_reads_to_its_end_halts_the_model() -> None:
    engine = ToldEngine()
    stream = chat(engine).astream("x")
    assert (await anext(stream)).content == "word "
    await stream.aclose()
    assert await asyncio.to_thread(engine.halted.wait, 10)


async def test_the_model_is_loaded_at_the_first_question_and_once() -> None:
    loads: list[str] = []
    worker = ModelWorker(lambda: ToldEngine(("a",), loads))
    model = LocalChat(worker=worker, model="told")
    assert loads == []
    await asyncio.gather(model.ainvoke("x"), model.ainvoke("y"))
    assert loads == ["loaded"]
    assert (worker.library(), model.get_num_tokens("a b c")) == ("told 1", 3)


def test_a_model_that_is_not_there_is_trouble_at_the_question_and_not_before(tmp_path: Path) -> None:
    model = LocalChat.from_file(tmp_path / "absent.gguf", engine=EngineName.AUTO)
    with pytest.raises((ModelFileUnusable, ModelUnavailable)):
        model.invoke("x")


@tool
def show_order(number: str) -> str:
    """Shows an order."""
    return number


async def test_tools_become_a_grammar_and_the_answer_a_call() -> None:
    engine = ToldEngine((json.dumps({"tool": "show_order", "arguments": {"number": "PO-1"}}),))
    answer = await chat(engine).bind_tools([show_order]).ainvoke([SystemMessage("Rules."), HumanMessage("?")])
    assert [(one["name"], one["args"]) for one in answer.tool_calls] == [("show_order", {"number": "PO-1"})]
    (call,) = engine.calls
    assert "- show_order(number): Shows an order." in call.messages[0].text
    assert call.json_schema is not None
    assert [list(one["properties"]) for one in call.json_schema["anyOf"]] == [
        ["tool", "arguments"],
        ["answer"],
    ]


async def test_a_tool_that_must_be_called_leaves_no_way_to_answer() -> None:
    engine = ToldEngine(('{"answer": "in words"}',))
    for choice in ("any", "required", True, "show_order", {"function": {"name": "show_order"}}):
        await chat(engine).bind_tools([show_order], tool_choice=choice).ainvoke("?")
    assert all(len(call.json_schema["anyOf"]) == 1 for call in engine.calls if call.json_schema)
    assert (await chat(engine).bind_tools([show_order]).ainvoke("?")).content == "in words"


async def test_a_call_that_was_cut_off_is_no_call() -> None:
    answer = await chat(ToldEngine(('{"tool": "show_or',))).bind_tools([show_order]).ainvoke("?")
    assert answer.tool_calls == []


async def test_results_of_tools_and_earlier_calls_are_told_in_words() -> None:
    engine = ToldEngine(("ok",))
    earlier = AIMessage("", tool_calls=[{"name": "show_order", "args": {"number": "1"}, "id": "c"}])
    await chat(engine).ainvoke(
        [HumanMessage("?"), earlier, ToolMessage("3 lines", name="show_order", tool_call_id="c")]
    )
    said = [(one.role, one.text) for one in engine.calls[0].messages]
    assert said[1] == (Role.ASSISTANT, '{"tool": "show_order", "arguments": {"number": "1"}}')
    assert said[2] == (Role.USER, "Result of show_order:\n3 lines")


@pytest.mark.parametrize(
    "text",
    [
        "<|im_end|>",
        "<|start_header_id|>",
        "<｜begin▁of▁sentence｜>",
        "</s>",
        "<start_of_turn>",
        "[/INST]",
        "<tool_call>",
        "<<SYS>>",
    ],
)
def test_no_mark_of_a_chat_template_stays_whole(text: str) -> None:
    assert text not in harmless(f"before {text} after")
    assert harmless(f"a {text}").replace(" ", "") == f"a{text}".replace(" ", "")


@pytest.mark.parametrize("text", ["a < b and c > d", "[1] | 2", "price <|> none", "<supplier>", "x|>y"])
def test_ordinary_signs_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


def test_objects_are_closed_and_data_in_a_schema_is_left_alone() -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"properties": {"const": {"properties": 1}}, "open": {"type": "object"}},
        "oneOf": ({"properties": {"a": {"enum": ("x", "y")}}},),
    }
    found = closed(schema)
    assert found["additionalProperties"] is False
    assert found["properties"]["properties"] == {"const": {"properties": 1}}
    assert found["properties"]["open"] == {"type": "object"}
    assert found["oneOf"][0]["additionalProperties"] is False
    assert compact(schema)["x-guidance"]["whitespace_flexible"] is False
    assert "additionalProperties" not in schema


def test_what_no_grammar_knows_is_left_out_and_what_cannot_be_is_refused() -> None:
    wide = {"type": "array", "uniqueItems": True, "items": {"type": "string", "pattern": "(?!x)"}, "not": {}}
    assert closed(wide) == {"type": "array", "items": {"type": "string"}}
    referring = {"$defs": {"id": {"enum": ["a"]}}, "properties": {"x": {"$ref": "#/$defs/id"}}}
    assert closed({"type": "integer", "minimum": 2, "maximum": 4}) == {"enum": [2, 3, 4]}
    assert closed({"type": "integer", "minimum": 2}) == {"type": "integer", "minimum": 2}
    assert closed(referring)["properties"] == {"x": {"$ref": "#/$defs/id"}}
    for wrong in ("#/$defs/other", "https://example.org/schema", "#/x/y"):
        with pytest.raises(SchemaUnusable, match="leads nowhere"):
            closed({**referring, "items": {"$ref": wrong}})
    with pytest.raises(SchemaUnusable, match="'text'"):
        closed({"anyOf": [{"type": "text"}]})


def test_a_stop_text_that_comes_in_pieces_is_never_shown() -> None:
    ahead = TextAhead(("</end>", "\n\n"))
    shown = [ahead.feed(piece) for piece in ("a <", "/e", "nd", "x\n", "\n", "b")]
    assert "".join(shown[:5]) == "a </endx"
    assert ahead.stopped


def test_what_only_began_like_a_stop_text_is_shown_at_the_end() -> None:
    ahead = TextAhead(("</end>",))
    assert ahead.feed("a</en") + ahead.rest() == "a</en"
    assert not ahead.stopped
