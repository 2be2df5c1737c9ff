"""What a hostile model answers leaves the desk without harm: no half characters, no key of ours, no end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk

from agent.llm.contract import ModelDisobeyed, ModelUnavailable
from agent.llm.models import Models
from agent.llm.redaction import scrubbed
from agent.llm.scripted import ScriptedChat
from evals.attack_traces import SpanTexts
from tests.llm.desk import ACCEPT, CASE, PROMPT, SCHEMA, a_model, desk_of, llm_settings, scripted_desk
from tests.llm.endpoint import KEY

OPEN = {"type": "object", "properties": {"reason": {"type": "string"}}, "required": ["reason"]}


class Endless(ScriptedChat):
    """Goes on for ever, a piece at a time."""

    piece: str = "and so on "

    async def _astream(
        self, messages: list[BaseMessage], *values: Any, **more: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        while True:
            yield ChatGenerationChunk(message=AIMessageChunk(content=self.piece))


class Failing(ScriptedChat):
    """Its library raises whatever it likes."""

    def _answer(self, messages: list[BaseMessage], run: Any) -> Any:
        raise RecursionError("maximum recursion depth exceeded")


@pytest.mark.parametrize("piece", ["and so on ", ""])
async def test_a_stream_without_an_end_is_cut_off(piece: str) -> None:
    desk = scripted_desk(Endless(replies=(), piece=piece))
    shown: list[str] = []
    with pytest.raises(ModelDisobeyed, match="beyond the length"):
        async for part in desk.write(PROMPT, case_id=CASE, max_tokens=50):
            shown.append(part)
    assert len("".join(shown)) <= 50 * 20
    assert desk.outcomes[0].startswith("failed")


async def test_whatever_a_library_raises_is_trouble() -> None:
    desk = scripted_desk(Failing(replies=()))
    with pytest.raises(ModelUnavailable):
        await desk.choose(PROMPT, SCHEMA, case_id=CASE)


async def test_halves_of_characters_and_our_key_are_taken_out_of_an_answer() -> None:
    settings = llm_settings(a_model("http://127.0.0.1:9/v1"))
    chat = ScriptedChat.of('{"reason": "\\ud83d ' + KEY + '"}', f"\ud83d {KEY}")
    desk = desk_of(Models(settings, given={"big": chat}), settings)
    reply = await desk.choose(PROMPT, OPEN, case_id=CASE)
    assert reply.data == {"reason": "? [hidden]"}
    told = "".join([part async for part in desk.write(PROMPT, case_id=CASE)])
    assert told == "? [hidden]"


async def test_what_a_model_is_shown_of_its_unusable_answer_holds_no_account() -> None:
    chat = ScriptedChat.of("pay to DE89370400440532013000", ACCEPT)
    await scripted_desk(chat).choose(PROMPT, SCHEMA, case_id=CASE)
    assert "370400440532" not in str(chat.asked[1])
    assert "(account number removed)" in str(chat.asked[1])


def test_scrubbing_reaches_every_text_and_leaves_the_rest() -> None:
    value = {"a": ["x\udfff", 7, None, {"b": "secret-1"}]}
    assert scrubbed(value, ("secret-1",)) == {"a": ["x?", 7, None, {"b": "[hidden]"}]}


async def test_an_account_written_as_escapes_stands_in_no_span() -> None:
    kept = SpanTexts(())
    account = "\\u200b".join("DE89370400440532013000")
    chat = ScriptedChat.of('{"reason": "' + account + '"}')
    await scripted_desk(chat, traces=kept.traces).choose(PROMPT, OPEN, case_id=CASE)
    shown = " ".join(kept.texts)
    assert "(account number removed)" in shown
    assert "0\\u200b1\\u200b3" not in shown
