"""An endpoint over HTTP that answers a request for a stream with one plain chat completion."""

from __future__ import annotations

import json

import pytest
from starlette.responses import JSONResponse, Response

from agent.llm.contract import ModelTrouble
from tests.llm.desk import CASE, PROMPT, SCHEMA, asking
from tests.llm.endpoint import Endpoint, failed, said
from tests.llm.test_broken_endpoints import bodies

pytestmark = pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")


async def written(endpoint: Endpoint) -> tuple[list[str], list[str], int]:
    """The pieces that are shown, the outcomes in the log, the tokens of the last call."""
    async with asking(endpoint) as desk:
        pieces = [piece async for piece in desk.write(PROMPT, case_id=CASE)]
    last = desk.called[-1][1]
    return pieces, desk.outcomes, last.tokens_in + last.tokens_out


async def test_the_answer_comes_out_once_and_with_the_tokens_it_used() -> None:
    endpoint = Endpoint(JSONResponse(said("The price is high.", tokens=(70, 5, 0))))
    pieces, outcomes, tokens = await written(endpoint)
    assert "".join(pieces) == "The price is high."
    assert (outcomes, tokens) == (["ok"], 75)
    (asked,) = endpoint.requests
    assert asked["stream"] is True


async def test_a_media_type_with_a_character_set_is_the_same() -> None:
    body = json.dumps(said("Zu teuer: 12,00 €."), ensure_ascii=False)
    endpoint = Endpoint(Response(body, media_type="application/json; charset=utf-8"))
    assert "".join((await written(endpoint))[0]) == "Zu teuer: 12,00 €."


async def test_without_usage_the_tokens_are_estimated() -> None:
    whole = {name: value for name, value in said("High.").items() if name != "usage"}
    pieces, _, tokens = await written(Endpoint(JSONResponse(whole)))
    assert "".join(pieces) == "High." and tokens > 0


async def test_a_real_stream_stays_one() -> None:
    pieces, _, _ = await written(Endpoint("The price is high."))
    assert len(pieces) > 1 and "".join(pieces).strip() == "The price is high."


async def test_an_error_is_read_as_one() -> None:
    with pytest.raises(ModelTrouble, match="refuses the key"):
        await written(Endpoint(failed(401, "no", "invalid_api_key")))


async def test_what_is_neither_is_told_with_what_to_check() -> None:
    with pytest.raises(ModelTrouble, match="does base_url speak chat completions"):
        await written(Endpoint(Response("no json", media_type="application/json")))


@pytest.mark.parametrize(
    "body",
    [
        {"hello": "world"},
        {"choices": []},
        {"choices": None},
        {"choices": [{}]},
        {"choices": ["a"]},
        [1, 2],
        "text",
        {"rows": ["y" * 50] * 10_000},
    ],
)
async def test_json_that_is_no_completion_is_told_as_that_and_not_as_an_empty_answer(body: object) -> None:
    endpoint = Endpoint(JSONResponse(body))
    with pytest.raises(ModelTrouble, match="no chat completion.*base_url"):
        await written(endpoint)
    async with asking(Endpoint(JSONResponse(body))) as desk:
        with pytest.raises(ModelTrouble, match="no chat completion.*base_url"):
            await desk.choose(PROMPT, SCHEMA, case_id=CASE)


async def test_a_completion_without_words_stays_an_empty_answer() -> None:
    with pytest.raises(ModelTrouble, match="answered nothing"):
        await written(Endpoint(JSONResponse(said(""))))


@pytest.mark.slow
async def test_whatever_such_an_answer_holds_is_trouble_or_text_and_never_a_crash() -> None:
    sent, endpoint, told = bodies(said("It is high.")), Endpoint(), 0
    async with asking(endpoint) as desk:
        for body in [*sent, "[" * 100_000]:
            endpoint.expect(Response(body, media_type="application/json"))
            try:
                told += bool([piece async for piece in desk.write(PROMPT, case_id=CASE)])
            except ModelTrouble:
                continue
    assert 0 < told < len(sent)
