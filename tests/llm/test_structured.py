"""Schemas: what OpenAI's strict mode takes, how a schema is sent, what counts as an answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage

from agent.llm.structured import Asked, Unusable, closed, is_strict, parsed, repair

TEXT = {"type": "string"}
OBJECT = closed({"option": {"enum": ["accept", "wait"]}})


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (OBJECT, True),
        (closed({"lines": {"type": "array", "items": OBJECT}}), True),
        (closed({"either": {"anyOf": [OBJECT, {"type": "null"}]}}), True),
        (closed({"oneOf": TEXT}), True),
        ({**OBJECT, "required": []}, False),
        ({**OBJECT, "additionalProperties": True}, False),
        ({"type": "object", "properties": {"a": TEXT}}, False),
        (closed({"line": {"type": "object", "properties": {"a": TEXT}}}), False),
        (closed({"either": {"oneOf": [OBJECT]}}), False),
        ({"oneOf": [OBJECT]}, False),
    ],
)
def test_strict_mode_is_asked_for_only_where_the_schema_allows_it(schema: Any, strict: bool) -> None:
    assert is_strict(schema) is strict


@pytest.mark.parametrize(
    ("mode", "objects_only", "wraps"),
    [
        ("json_schema", True, True),
        ("tools", True, True),
        ("prompt", True, False),
        ("json_schema", False, False),
    ],
)
def test_alternatives_are_wrapped_only_where_the_endpoint_demands_an_object(
    mode: Any, objects_only: bool, wraps: bool
) -> None:
    asked = Asked.of(mode, {"oneOf": [OBJECT]}, objects_only=objects_only)
    assert asked.wraps is wraps
    assert (asked.sent.get("type") == "object") is wraps
    assert Asked.of(mode, OBJECT, objects_only=objects_only).sent == OBJECT


def test_a_wrapped_answer_without_its_wrapping_is_no_answer() -> None:
    asked = Asked.of("json_schema", {"oneOf": [OBJECT]}, objects_only=True)
    for text in ('{"option": "wait"}', '{"answer": {"option": "wait"}, "more": 1}', "[]"):
        with pytest.raises(Unusable, match="field answer"):
            asked.understood(AIMessage(content=text))


def test_a_fault_names_the_place_and_is_cut() -> None:
    schema = closed({"lines": {"type": "array", "items": {"enum": ["a"]}}})
    asked = Asked.of("json_schema", schema, objects_only=False)
    with pytest.raises(Unusable) as told:
        asked.understood(AIMessage(content='{"lines": ["a", "' + "x" * 5000 + '"]}'))
    assert str(told.value).startswith("lines[1]: ")
    assert len(str(told.value)) < 400


def test_numbers_stay_exact() -> None:
    assert parsed('{"price": 0.1}') == {"price": Decimal("0.1")}


@pytest.mark.parametrize(
    "text", ["", "{", '{"a": Infinity}', '{"a": 1, "a": 2}', "x" * 200_000, "[" * 100_000]
)
def test_what_is_no_strict_json_is_told_and_nothing_else_is_raised(text: str) -> None:
    with pytest.raises(Unusable):
        parsed(text)


@given(st.text(max_size=200))
def test_any_text_at_all_is_an_object_that_keeps_to_the_schema_or_unusable(text: str) -> None:
    for mode in ("json_schema", "prompt"):
        asked = Asked.of(mode, OBJECT, objects_only=False)
        try:
            answer = asked.understood(AIMessage(content=text))
        except Unusable:
            continue
        assert answer in ({"option": "accept"}, {"option": "wait"})


def test_the_repair_shows_the_answer_cut_and_the_fault() -> None:
    said, asked_again = repair("x" * 5000, "option: 'pay' is not one of ['accept', 'wait']")
    assert isinstance(said, AIMessage)
    assert len(said.text) == 2000
    assert isinstance(asked_again, HumanMessage)
    assert "'pay' is not one of" in asked_again.text
    assert repair("", "empty")[0].text
