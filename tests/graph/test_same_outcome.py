"""Whichever model is asked, or none: findings, questions, stages and proposals are the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from agent.state import Stage
from evals.attack_company import CLERK, MODEL, Attacked, CaseEnd, endpoint, ends, suggestions, twisted
from evals.hostile_model import HostileChat
from evals.schema_answers import filled, schema_in


class Obliging(BaseChatModel):
    """Takes the first way that is offered, with a reason."""

    @property
    def _llm_type(self) -> str:
        return "obliging"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        schema = schema_in(messages, kwargs) or {}
        answer = filled(schema, lambda values: values[0], lambda most: "It fits.")
        answer["evidence"] = schema["properties"]["evidence"]["items"]["enum"][:1]
        message = AIMessage(content=str(answer).replace("'", '"'))
        return ChatResult(generations=[ChatGeneration(message=message)])


class Away(Obliging):
    """Is not reached."""

    def _generate(self, *values: Any, **more: Any) -> ChatResult:
        raise ConnectionError("refused")


MODELS: dict[str, Callable[[], BaseChatModel]] = {
    "good": Obliging,
    "malicious": lambda: HostileChat(seed=5, seen=lambda text: None),
    "away": Away,
}


async def worked(folder: Path, chat: BaseChatModel | None) -> tuple[list[CaseEnd], list[CaseEnd], int, str]:
    """Where the documents stand, where they stand once a clerk answered all questions in the same way, how
    much was suggested, and the books."""
    llm = {} if chat is None else endpoint()
    office = Attacked(folder, twisted(10, 3), llm, {} if chat is None else {MODEL: chat})
    office.made.write_inbox(office.inbox)
    async with office.open() as application:
        outcomes = await application.run([office.inbox], lambda what, done, total: None)
        assert [outcome.error for outcome in outcomes] == [None] * 10
        first = await ends(application)
        for case in application.service.inbox([Stage.WAITING_FOR_ANSWER]):
            question = (await application.service.state(case.case_id))["question"]
            assert question is not None
            options = [option.id for option in question.options]
            chosen = "park" if "park" in options else options[0]
            await application.answer(case.case_id, chosen, {}, CLERK, "agreed")
        records = list(application.service.deps.log.records())
        assert application.verify_audit(None)["ok"]
        return first, await ends(application), len(suggestions(records)), office.written()


@pytest.fixture(scope="module")
def without() -> dict[str, Any]:
    return {}


@pytest.mark.parametrize("model", MODELS)
async def test_a_model_changes_no_finding_no_option_no_stage_and_no_digest(
    model: str, without: dict[str, Any], tmp_path: Path
) -> None:
    if not without:
        without["a model"] = await worked(tmp_path / "without", None)
    plain_first, plain_last, nothing, books = without["a model"]
    first, last, suggested, books_now = await worked(tmp_path / "with", MODELS[model]())
    assert first == plain_first
    assert last == plain_last
    assert books_now == books
    assert nothing == 0
    assert (suggested == 0) == (model == "away")
    assert sum(bool(end.digest) for end in last) > sum(bool(end.digest) for end in first) > 0
