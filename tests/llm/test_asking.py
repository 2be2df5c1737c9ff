"""Asking a model over HTTP: what is sent, what is understood, what each kind of trouble becomes."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest
from starlette.responses import Response

from agent.llm.contract import Asker, ModelDisobeyed, ModelTrouble, ModelUnavailable, Usage
from agent.llm.rest import Rest
from tests.llm.desk import ACCEPT, CASE, PROMPT, SCHEMA, Desk, asking
from tests.llm.endpoint import KEY, Endpoint, Hang, Reply, called, failed, said
from tools.domain.money import Money

UNION = {"oneOf": [{"type": "object", "properties": {"tool": {"const": "ask"}}, "required": ["tool"]}]}


async def choose(desk: Desk, schema: Any = SCHEMA) -> Any:
    asker: Asker = desk
    return await asker.choose(PROMPT, schema, case_id=CASE)


async def trouble(endpoint: Endpoint, **model: Any) -> tuple[ModelTrouble, Desk]:
    async with asking(endpoint, **model) as desk:
        with pytest.raises(ModelTrouble) as told:
            await choose(desk)
        return told.value, desk


async def test_an_answer_that_keeps_to_the_schema_comes_back_with_its_usage_and_its_record() -> None:
    endpoint = Endpoint(said(ACCEPT, tokens=(1000, 20, 600)))
    prices = {"price_in": "2.00", "price_cached": "0.50", "price_out": "10", "currency": "EUR"}
    async with asking(endpoint, **prices) as desk:
        reply = await choose(desk)
    cost = Money.of(Decimal("0.0013"), "EUR")
    assert reply.data == {"option": "accept"}
    assert reply.model == "big small-1"
    ignored = {"milliseconds"}
    expected = Usage(tokens_in=1000, tokens_out=20, tokens_cached=600, cost=cost, attempts=1)
    assert reply.usage.model_dump(exclude=ignored) == expected.model_dump(exclude=ignored)
    (case_id, record), *rest = desk.called
    assert not rest
    assert case_id == CASE
    assert (record.task, record.model, record.prompt) == ("investigate", "big small-1", PROMPT.label)
    assert (record.tokens_in, record.tokens_out, record.tokens_cached) == (1000, 20, 600)
    assert (record.outcome, Decimal(str(record.cost).split()[0])) == ("ok", cost.amount)


async def test_the_prompt_the_schema_and_the_bound_on_the_length_are_sent() -> None:
    endpoint = Endpoint(said(ACCEPT))
    async with asking(endpoint) as desk:
        await desk.choose(PROMPT, SCHEMA, case_id=CASE, max_tokens=123)
    (body,) = endpoint.requests
    assert [(turn["role"], turn["content"]) for turn in body["messages"]] == [
        ("system", "Pick one."),
        ("user", "The price is 8 percent above the order."),
    ]
    assert body["response_format"]["json_schema"] == {"name": "answer", "schema": SCHEMA, "strict": True}
    assert (body["temperature"], body["max_tokens"]) == (0, 123)
    assert "max_completion_tokens" not in body


async def test_one_forced_tool_can_carry_the_answer() -> None:
    endpoint = Endpoint(called(ACCEPT), declines=["response_format"])
    async with asking(endpoint, structured="tools") as desk:
        assert (await choose(desk)).data == {"option": "accept"}
    (body,) = endpoint.requests
    assert body["tools"][0]["function"]["parameters"] == SCHEMA
    assert body["tool_choice"] == {"type": "function", "function": {"name": "answer"}}


async def test_the_schema_can_stand_in_the_prompt_for_an_endpoint_that_knows_nothing_else() -> None:
    endpoint = Endpoint(said(f"Sure:\n```json\n{ACCEPT}\n```"), declines=["response_format", "tools"])
    async with asking(endpoint, structured="prompt") as desk:
        assert (await choose(desk)).data == {"option": "accept"}
    (body,) = endpoint.requests
    assert json.dumps(SCHEMA) in body["messages"][-1]["content"]


@pytest.mark.parametrize("way", ["json_schema", "tools"])
async def test_alternatives_are_wrapped_for_an_endpoint_that_takes_objects_only(way: str) -> None:
    wrapped = '{"answer": {"tool": "ask"}}'
    endpoint = Endpoint(said(wrapped) if way == "json_schema" else called(wrapped))
    async with asking(endpoint, structured=way) as desk:
        assert (await choose(desk, UNION)).data == {"tool": "ask"}


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ('{"option": "pay"}', "'pay' is not one of"),
        ('{"option": "accept", "amount": 5}', "Additional properties"),
        ("I would accept.", "not valid JSON"),
        ('["accept"]', "one JSON object"),
        ("", "empty"),
        ('{"option": "accept", "option": "wait"}', "twice"),
        ('{"option": NaN}', "NaN"),
        ("[" * 50_000, "nested too deeply"),
    ],
)
async def test_a_faulty_answer_is_asked_for_once_more_with_its_fault_told(wrong: str, fault: str) -> None:
    endpoint = Endpoint(said(wrong), said(ACCEPT))
    async with asking(endpoint) as desk:
        reply = await choose(desk)
    assert reply.data == {"option": "accept"}
    assert reply.usage.attempts == 2
    assert fault in endpoint.requests[1]["messages"][-1]["content"]
    assert [outcome.partition(":")[0] for outcome in desk.outcomes] == ["unusable", "ok"]


@pytest.mark.parametrize(
    "wrong",
    [called('{"option": "accept"', "answer"), called(ACCEPT, "pay_invoice"), said("no tool")],
)
async def test_a_tool_call_that_is_broken_or_another_one_is_no_answer(wrong: Reply) -> None:
    endpoint = Endpoint(wrong, wrong)
    error, desk = await trouble(endpoint, structured="tools")
    assert isinstance(error, ModelDisobeyed)
    assert len(desk.called) == 2


async def test_a_model_that_disobeys_twice_is_not_asked_a_third_time() -> None:
    endpoint = Endpoint(said('{"option": "pay"}'), said('{"option": "steal"}'), said(ACCEPT))
    error, desk = await trouble(endpoint)
    assert isinstance(error, ModelDisobeyed)
    assert "'steal' is not one of" in str(error)
    assert len(endpoint.requests) == 2


async def test_an_answer_that_was_cut_off_is_counted_and_a_shorter_one_is_asked_for_once() -> None:
    cut = said('{"opt', "length", (100, 400, 0))
    endpoint = Endpoint(cut, said(ACCEPT))
    async with asking(endpoint) as desk:
        assert (await choose(desk)).data == {"option": "accept"}
    assert "must be shorter" in endpoint.requests[1]["messages"][-1]["content"]
    assert (desk.called[0][1].tokens_in, desk.called[0][1].tokens_out) == (100, 400)
    error, desk = await trouble(Endpoint(cut, cut))
    assert isinstance(error, ModelDisobeyed)
    assert "cut off" in str(error)
    assert len(desk.called) == 2


async def test_an_answer_that_a_filter_withheld_is_trouble() -> None:
    error, desk = await trouble(Endpoint(said("", "content_filter")))
    assert isinstance(error, ModelDisobeyed)
    assert "filter" in str(error)


@pytest.mark.parametrize(
    ("replies", "words", "asked"),
    [
        ([failed(401, f"Incorrect API key: {KEY}")], "ERP_AGENT_LLM__MODELS__BIG__API_KEY", 1),
        ([failed(403, "no")], "does not allow this key", 1),
        ([failed(404, "no such model")], "check model and base_url", 1),
        ([failed(400, "unknown field response_format")], "set structured to tools or prompt", 1),
        ([failed(429, "quota", "insufficient_quota")], "over its limit", 1),
        ([failed(429, "later", retry_after="3600")], "over its limit", 1),
        ([failed(500, "oops")] * 3, "trouble of its own", 3),
        ([Response("<html>busy</html>", 503)] * 3, "HTTP 503)", 3),
        ([Response("{not json", 200, media_type="application/json")], "no chat completion", 1),
        ([Response("<html>hello</html>", 200, media_type="text/html")], "a web page: is base_url right?", 1),
        ([Response("hello", 200, media_type="text/plain")], "plain text, which is no chat completion", 1),
        ([Response('{"choices": []}', 200, media_type="application/json")], "without a choice", 1),
        ([Response('{"choices": null}', 200, media_type="application/json")], "no chat completion", 1),
        ([Response("", 307, {"location": "http://127.0.0.1:1/v1"})], "that address as base_url", 1),
    ],
)
async def test_each_trouble_is_told_with_what_to_mend_and_asked_again_only_where_it_may_help(
    replies: list[Reply], words: str, asked: int
) -> None:
    endpoint = Endpoint(*replies)
    error, desk = await trouble(endpoint)
    assert isinstance(error, ModelUnavailable)
    assert words in str(error)
    assert "Error" not in str(error) + "".join(desk.outcomes)
    assert len(endpoint.requests) == len(desk.called) == asked
    assert all(outcome.startswith("failed: ") for outcome in desk.outcomes)
    assert KEY not in str(error) + repr(error) + "".join(desk.outcomes)


async def test_a_busy_endpoint_is_asked_again_after_the_time_it_names() -> None:
    endpoint = Endpoint(failed(429, "slow down", retry_after="7"), failed(500, "oops"), said(ACCEPT))
    async with asking(endpoint) as desk:
        reply = await choose(desk)
        assert desk.pauses == [7.0, 2.0]
    assert reply.usage.attempts == 3
    assert len(desk.called) == 3


async def test_a_slow_endpoint_is_given_up_in_time_and_not_asked_again() -> None:
    endpoint = Endpoint(Hang(), said(ACCEPT))
    error, desk = await trouble(endpoint, timeout_seconds=0.2)
    assert "took too long" in str(error)
    ((_, record),) = desk.called
    assert record.tokens_in > 0


async def test_an_endpoint_that_is_not_there_is_named_as_such() -> None:
    async with asking(Endpoint(), base_url="http://127.0.0.1:9/v1") as desk:
        with pytest.raises(ModelUnavailable, match="big cannot be reached: check base_url"):
            await choose(desk)
        assert desk.pauses == [1.0, 2.0]


async def test_a_wrong_key_never_stands_in_an_error_or_a_record() -> None:
    error, desk = await trouble(Endpoint(), api_key="sk-wrong-key-0815")
    shown = f"{error} {error!r} {desk.called} {desk.name} {vars(desk)}"
    assert "0815" not in shown
    assert "refuses the key" in str(error)


async def test_free_text_comes_piece_by_piece_with_its_usage_at_the_end() -> None:
    endpoint = Endpoint(said("Dear supplier, thank you", tokens=(50, 5, 10)))
    async with asking(endpoint) as desk:
        pieces = [piece async for piece in desk.write(PROMPT, case_id=None)]
    assert len(pieces) > 2
    assert "".join(pieces).strip() == "Dear supplier, thank you"
    ((case_id, record),) = desk.called
    assert case_id is None
    assert (record.tokens_in, record.tokens_out, record.tokens_cached, record.outcome) == (50, 5, 10, "ok")


async def test_trouble_before_the_first_piece_is_tried_again_and_an_empty_text_is_told() -> None:
    endpoint = Endpoint(failed(500, "oops"), said(""))
    async with asking(endpoint) as desk:
        with pytest.raises(ModelDisobeyed, match="answered nothing"):
            [piece async for piece in desk.write(PROMPT, case_id=None)]
    assert len(endpoint.requests) == 2


async def test_a_stream_that_stops_in_the_middle_is_trouble_and_is_not_begun_anew() -> None:
    broken = (
        b'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,'
    )
    broken += b'"delta":{"content":"Dear "},"finish_reason":null}]}\n\ndata: {broken\n\n'
    endpoint = Endpoint(Response(broken, media_type="text/event-stream"), said("again"))
    pieces: list[str] = []
    async with asking(endpoint) as desk:
        with pytest.raises(ModelUnavailable):
            async for piece in desk.write(PROMPT, case_id=CASE):
                pieces.append(piece)
    assert pieces == ["Dear "]
    assert len(endpoint.requests) == 1


async def test_who_stops_reading_a_text_leaves_a_record_and_a_free_place() -> None:
    endpoint = Endpoint(said("one two three"), said(ACCEPT))
    async with asking(endpoint, at_once=1) as desk:
        text = desk.write(PROMPT, case_id=CASE)
        assert await anext(text) == "one "
        await text.aclose()
        assert desk.outcomes == ["cancelled"]
        assert (await choose(desk)).data == {"option": "accept"}


async def test_a_cancelled_question_leaves_a_record_and_a_free_place() -> None:
    endpoint = Endpoint(Hang(), said(ACCEPT))
    async with asking(endpoint, at_once=1) as desk:
        asked = asyncio.create_task(choose(desk))
        while not endpoint.requests:
            await asyncio.to_thread(lambda: None)
        asked.cancel()
        await asyncio.wait([asked])
        assert desk.outcomes == ["cancelled"]
        assert (await choose(desk)).data == {"option": "accept"}


async def test_the_clients_own_variables_change_neither_address_nor_headers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {
        "OPENAI_API_KEY": "sk-from-the-environment",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "OPENAI_API_BASE": "http://127.0.0.1:9/v1",
        "OPENAI_ORG_ID": "org-7",
        "OPENAI_PROJECT_ID": "proj-7",
        "OPENAI_PROXY": "http://127.0.0.1:9",
        "OPENAI_CUSTOM_HEADERS": "Authorization: Bearer other\nX-Extra: 7",
        "LANGSMITH_GATEWAY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    endpoint = Endpoint(said(ACCEPT))
    async with asking(endpoint) as desk:
        await choose(desk)
    (headers,) = endpoint.headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert not {"openai-organization", "openai-project", "x-extra"} & set(headers)


async def test_an_endpoint_that_failed_three_times_in_a_row_is_spared_and_one_that_answers_is_not() -> None:
    down = [failed(404, "no such model")] * 3
    endpoint = Endpoint(*down[:2], said(ACCEPT), *down, said(ACCEPT))
    async with asking(endpoint) as desk:
        for _ in range(2):
            with pytest.raises(ModelUnavailable, match="check model"):
                await choose(desk)
        await choose(desk)
        for asked in (4, 5, 6):
            with pytest.raises(ModelUnavailable, match="check model"):
                await choose(desk)
            assert len(endpoint.requests) == asked
        with pytest.raises(ModelUnavailable, match="big is not asked: it failed 3 times in a row"):
            await choose(desk)
        assert len(endpoint.requests) == 6
        assert desk.outcomes[-1].startswith("not asked: ")


async def test_a_question_that_only_this_case_asks_wrongly_spares_nobody() -> None:
    endpoint = Endpoint(*[failed(400, "the prompt is too long")] * 4, said(ACCEPT))
    async with asking(endpoint) as desk:
        for _ in range(4):
            with pytest.raises(ModelUnavailable):
                await choose(desk)
        assert (await choose(desk)).data == {"option": "accept"}


def test_after_a_minute_one_question_finds_out_whether_the_endpoint_is_back() -> None:
    rest = Rest()
    for now in (0.0, 1.0, 2.0):
        assert rest.why_not(now) is None
        rest.failed(now)
    assert "again in 50 seconds" in str(rest.why_not(12.0))
    assert rest.why_not(62.0) is None
    assert rest.why_not(63.0) is not None, "another one while the first finds out"
    rest.answered()
    assert rest.why_not(64.0) is None
