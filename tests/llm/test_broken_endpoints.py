"""Whatever an endpoint sends instead of a chat completion: it is trouble with a model, never a crash."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.responses import Response

from agent.llm.contract import ModelTrouble
from tests.llm.desk import ACCEPT, CASE, PROMPT, SCHEMA, asking
from tests.llm.endpoint import Endpoint, called, said

pytestmark = pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
"""The client says so of a field of another type, and goes on."""
_VALUES: tuple[Any, ...] = (None, "x", 7, -1, [], {}, [None], True, "\ud83d", 1e400)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place inside of a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from places(one, (*path, key))


def changed(whole: Any, path: tuple[Any, ...], value: Any) -> Any:
    copied = copy.deepcopy(whole)
    inner = copied
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copied


def bodies(whole: dict[str, Any]) -> list[str]:
    """The completion with each place replaced, and what is no completion at all."""
    found = [changed(whole, path, value) for path in places(whole) for value in _VALUES]
    return [json.dumps(body) for body in (*found, *_VALUES, {"error": "busy"}, {"choices": [{}]})]


async def outcomes(whole: dict[str, Any], structured: str) -> tuple[int, int]:
    """How many of the bodies are trouble, and how many are answers all the same."""
    sent = bodies(whole)
    replies = [Response(body, media_type="application/json") for body in sent for _ in range(2)]
    trouble = answered = 0
    endpoint = Endpoint()
    async with asking(endpoint, structured=structured) as desk:
        for number in range(len(sent)):
            endpoint.expect(*replies[2 * number : 2 * number + 2])  # a repair gets the same once more
            try:
                reply = await desk.choose(PROMPT, SCHEMA, case_id=CASE)
            except ModelTrouble:
                trouble += 1
            else:
                assert reply.data in ({"option": "accept"}, {"option": "wait"})
                answered += 1
        assert len(desk.called) >= len(sent)
    return trouble, answered


async def test_a_completion_with_any_part_replaced_is_an_answer_or_trouble() -> None:
    trouble, answered = await outcomes(said(ACCEPT), "json_schema")
    assert trouble > 40
    assert answered > 40


async def test_a_tool_call_with_any_part_replaced_is_an_answer_or_trouble() -> None:
    trouble, answered = await outcomes(called(ACCEPT), "tools")
    assert trouble > 40
    assert answered > 40
