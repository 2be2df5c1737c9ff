"""Work that a model took no part in ends with one sentence: how many questions people got alone, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.llm.endpoint import KEY, MODEL, Endpoint, failed, said, serving
from tests.screens.desk import Desk, joined, toml

LONG = '{"option": "' + "a" * 3000


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving(Endpoint()) as found:
        yield found


@pytest.fixture
def dear(desk: Desk) -> Desk:
    """Two cases whose question a model could be asked about."""
    for number, price in (("RE-1", "12.00"), ("RE-2", "13.00")):
        desk.lay(f"{number}.xml", number=number, rows=(("BRACKET", "Bracket", "10", price),))
    return desk


def with_model(desk: Desk, url: str, **llm: Any) -> Desk:
    big = {"kind": "openai", "model": MODEL, "base_url": url, "api_key": KEY, **llm.pop("big", {})}
    text = desk.config.read_text(encoding="utf-8")
    section = {"investigate": "big", "models": {"big": big}, **llm}
    desk.config.write_text(f"{text}llm = {toml(section)}\n", encoding="utf-8")
    return desk


def test_a_budget_that_forbids_every_call_is_named_once_with_the_number_of_questions(
    dear: Desk, endpoint: Endpoint
) -> None:
    told = joined(with_model(dear, endpoint.url, budget={"batch_tokens": 300}).call("run", dear.inbox).stderr)
    assert endpoint.requests == []
    assert told == (
        "2 questions went to people without the suggestion of a model: "
        "the budget batch_tokens does not allow another call"
    )


def test_a_limit_in_money_that_is_too_small_is_named(dear: Desk, endpoint: Endpoint) -> None:
    money = {"case_money": {"amount": "0.0000001", "currency": "EUR"}}
    priced = {"price_in": "1", "price_out": "2", "currency": "EUR"}
    told = joined(with_model(dear, endpoint.url, budget=money, big=priced).call("run", dear.inbox).stderr)
    assert told.count("the budget case_money does not allow another call") == 1


def test_answers_that_are_cut_off_each_time_are_told_at_the_end(dear: Desk, endpoint: Endpoint) -> None:
    endpoint.expect(*[said(LONG, "length")] * 4)
    told = joined(with_model(dear, endpoint.url).call("run", dear.inbox).stderr)
    assert "2 questions went to people without the suggestion of a model" in told
    assert "big does not keep to the schema: it was cut off" in told


def test_the_sentence_is_no_row_of_json(dear: Desk, endpoint: Endpoint) -> None:
    rows = with_model(dear, endpoint.url, budget={"batch_tokens": 300}).rows("run", dear.inbox)
    assert [row["state"] for row in rows] == ["waiting_for_answer"] * 2


def test_a_reason_that_was_told_as_trouble_is_not_told_again(dear: Desk, endpoint: Endpoint) -> None:
    endpoint.expect(*[failed(401, "wrong key")] * 2)
    told = joined(with_model(dear, endpoint.url).call("run", dear.inbox).stderr)
    assert told.count("big refuses the key") == 1
    assert told.endswith("2 questions went to people without the suggestion of a model")
