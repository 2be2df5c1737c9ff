"""Budgets: a call that would pass a limit is not made, and everything used counts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agent.llm.budget import Budget
from agent.llm.contract import BudgetSpent
from agent.llm.scripted import ScriptedChat, ScriptedReply
from agent.llm.settings import BudgetSettings
from tests.llm.desk import ACCEPT, CASE, PROMPT, SCHEMA, asking, scripted_desk
from tests.llm.endpoint import Endpoint, Hang, said
from tools.domain.identifiers import CaseId
from tools.domain.money import Money

OTHER = CaseId("C-2")


def a_budget(**limits: Any) -> Budget:
    return Budget(BudgetSettings.model_validate({"case_seconds": None, "case_tokens": None, **limits}))


def use(
    budget: Budget, tokens: int, money: str | None = None, seconds: float = 0, case: CaseId = CASE
) -> None:
    cost = None if money is None else Money.of(money, "EUR")
    budget.settle(budget.reserve(case, tokens, cost), seconds, tokens, cost)


@pytest.mark.parametrize("bound", ["case", "batch"])
def test_a_call_that_would_pass_the_limit_of_tokens_is_refused_and_one_that_reaches_it_is_not(
    bound: str,
) -> None:
    budget = a_budget(**{f"{bound}_tokens": 100})
    use(budget, 60)
    with pytest.raises(BudgetSpent, match=f"{bound}_tokens does not allow another call: 60 of 100"):
        budget.reserve(CASE, 41, None)
    use(budget, 40)


@pytest.mark.parametrize("bound", ["case", "batch"])
def test_a_call_that_would_pass_the_limit_of_money_is_refused_to_the_cent(bound: str) -> None:
    budget = a_budget(**{f"{bound}_money": {"amount": "0.10", "currency": "EUR"}})
    use(budget, 1, "0.06")
    with pytest.raises(BudgetSpent, match=f"{bound}_money does not allow another call: 0.06 EUR of 0.10 EUR"):
        budget.reserve(CASE, 1, Money.of("0.0401", "EUR"))
    use(budget, 1, "0.04")


def test_a_call_without_a_price_passes_a_limit_of_money() -> None:
    budget = a_budget(case_money={"amount": "0.10", "currency": "EUR"})
    use(budget, 1_000_000)


@pytest.mark.parametrize("bound", ["case", "batch"])
def test_when_the_time_is_over_nothing_more_is_asked(bound: str) -> None:
    budget = a_budget(**{f"{bound}_seconds": 30})
    use(budget, 1, seconds=12.5)
    assert budget.seconds_left(CASE) == 17.5
    use(budget, 1, seconds=20)
    with pytest.raises(BudgetSpent, match=f"{bound}_seconds is spent"):
        budget.reserve(CASE, 1, None)


def test_what_one_case_used_up_is_not_missing_to_another_but_to_the_batch() -> None:
    budget = a_budget(case_tokens=100, batch_tokens=150)
    use(budget, 100)
    with pytest.raises(BudgetSpent, match="case_tokens"):
        budget.reserve(CASE, 1, None)
    use(budget, 50, case=OTHER)
    with pytest.raises(BudgetSpent, match="batch_tokens"):
        budget.reserve(CaseId("C-3"), 1, None)


def test_calls_under_way_count_with_the_most_they_may_use() -> None:
    budget = a_budget(batch_tokens=100)
    first = budget.reserve(CASE, 60, None)
    with pytest.raises(BudgetSpent):
        budget.reserve(OTHER, 60, None)
    budget.settle(first, 1, 10, None)
    budget.reserve(OTHER, 60, None)


def test_a_new_batch_has_the_whole_budget_and_owes_nothing_for_calls_of_the_last_one() -> None:
    budget = a_budget(batch_tokens=100, case_tokens=100)
    late = budget.reserve(CASE, 90, None)
    budget.begin_batch()
    budget.settle(late, 5, 90, None)
    use(budget, 100)
    with pytest.raises(BudgetSpent, match="100 of 100"):
        budget.reserve(CASE, 1, None)


async def test_a_question_beyond_the_budget_is_not_sent_and_stands_in_the_log() -> None:
    endpoint = Endpoint(said(ACCEPT, tokens=(400, 50, 0)))
    async with asking(endpoint, budget={"case_tokens": 1000}) as desk:
        await desk.choose(PROMPT, SCHEMA, case_id=CASE, max_tokens=300)
        with pytest.raises(BudgetSpent, match="450 of 1000 are used"):
            await desk.choose(PROMPT, SCHEMA, case_id=CASE, max_tokens=540)
    assert len(endpoint.requests) == 1
    assert desk.outcomes[1].startswith("not asked: case_tokens")


async def test_an_answer_that_must_be_repaired_is_not_asked_for_again_beyond_the_budget() -> None:
    endpoint = Endpoint(said("no", tokens=(900, 50, 0)), said(ACCEPT))
    async with asking(endpoint, budget={"case_tokens": 1000}) as desk:
        with pytest.raises(BudgetSpent):
            await desk.choose(PROMPT, SCHEMA, case_id=CASE)
    assert len(endpoint.requests) == 1


async def test_a_limit_of_money_is_held_before_the_call_that_would_pass_it() -> None:
    prices = {"price_in": "1000", "price_out": "1000", "currency": "EUR"}
    budget = {"case_money": {"amount": "0.30", "currency": "EUR"}}
    async with asking(Endpoint(said(ACCEPT)), budget=budget, **prices) as desk:
        with pytest.raises(BudgetSpent, match="case_money"):
            await desk.choose(PROMPT, SCHEMA, case_id=CASE, max_tokens=300)
        await desk.choose(PROMPT, SCHEMA, case_id=CASE, max_tokens=100)
    assert desk.outcomes[1] == "ok"


async def test_a_call_takes_no_longer_than_the_case_has_left() -> None:
    async with asking(Endpoint(Hang()), budget={"case_seconds": 0.2}) as desk:
        with pytest.raises(Exception, match="took too long"):
            await desk.choose(PROMPT, SCHEMA, case_id=CASE)
        with pytest.raises(BudgetSpent, match="case_seconds"):
            await desk.choose(PROMPT, SCHEMA, case_id=CASE)


async def test_many_cases_that_wait_for_one_model_reserve_only_what_is_under_way() -> None:
    """With the model free for one at a time, ten waiting cases must not fill the batch's budget together."""
    chat = ScriptedChat.of(*[ScriptedReply(reply=ACCEPT, tokens_in=80, tokens_out=10) for _ in range(10)])
    desk = scripted_desk(chat, budget={"batch_tokens": 1200})
    cases = [
        desk.choose(PROMPT, SCHEMA, case_id=CaseId(f"C-{number}"), max_tokens=200) for number in range(10)
    ]
    assert len(await asyncio.gather(*cases)) == 10
    chat.close()


async def test_an_endpoint_that_reports_less_than_nothing_gives_nothing_back_to_the_budget() -> None:
    endpoint = Endpoint(said(ACCEPT, tokens=(-5000, -5000, -5000)), said(ACCEPT))
    async with asking(endpoint, budget={"case_tokens": 600}) as desk:
        await desk.choose(PROMPT, SCHEMA, case_id=CASE, max_tokens=300)
        assert (desk.called[0][1].tokens_in, desk.called[0][1].tokens_out) == (0, 0)
        with pytest.raises(BudgetSpent):
            await desk.choose(PROMPT, SCHEMA, case_id=CASE, max_tokens=590)


async def test_an_endpoint_that_reports_no_usage_is_charged_by_the_length_of_its_texts() -> None:
    whole = said(ACCEPT)
    del whole["usage"]
    async with asking(Endpoint(whole)) as desk:
        usage = (await desk.choose(PROMPT, SCHEMA, case_id=CASE)).usage
    assert usage.tokens_in > 20
    assert usage.tokens_out > 5
