"""A model desk over an endpoint or a script, with everything that it records."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from langchain_core.language_models import BaseChatModel

from agent.llm.asking import ModelDesk
from agent.llm.budget import Budget
from agent.llm.contract import Message, Rendered, Role, Task
from agent.llm.models import Models
from agent.llm.settings import LlmSettings
from agent.llm.telemetry import Traces
from tests.llm.endpoint import KEY, MODEL, Endpoint, serving
from tools.domain.identifiers import CaseId
from tools.domain.suggestion import ModelCalled

CASE = CaseId("C-1")
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"option": {"enum": ["accept", "wait"]}},
    "required": ["option"],
    "additionalProperties": False,
}
ACCEPT = '{"option": "accept"}'
PROMPT = Rendered(
    name="investigate",
    version=1,
    sha256="ab" * 32,
    messages=(
        Message(role=Role.SYSTEM, text="Pick one."),
        Message(role=Role.USER, text="The price is 8 percent above the order."),
    ),
)


class Desk(ModelDesk):
    """With what it left: records of calls, pauses in seconds."""

    called: list[tuple[CaseId | None, ModelCalled]]
    pauses: list[float]

    @property
    def outcomes(self) -> list[str]:
        return [call.outcome for _, call in self.called]


def a_model(url: str, **more: Any) -> dict[str, Any]:
    return {"kind": "openai", "model": MODEL, "base_url": url, "api_key": KEY, **more}


def llm_settings(model: dict[str, Any], **more: Any) -> LlmSettings:
    return LlmSettings.model_validate({"investigate": "big", "models": {"big": model}, **more})


def desk_of(
    models: Models, settings: LlmSettings, traces: Traces | None = None, budget: Budget | None = None
) -> Desk:
    called: list[tuple[CaseId | None, ModelCalled]] = []
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    desk = Desk(
        Task.INVESTIGATE,
        models.get("big"),
        budget or Budget(settings.budget),
        lambda case_id, event: called.append((case_id, event)),
        traces or Traces(),
        pause=pause,
    )
    desk.called, desk.pauses = called, pauses
    return desk


@asynccontextmanager
async def asking(
    endpoint: Endpoint, *, budget: dict[str, Any] | None = None, traces: Traces | None = None, **model: Any
) -> AsyncIterator[Desk]:
    """A desk whose model is served over HTTP by `endpoint`."""
    with serving(endpoint):
        settings = llm_settings(a_model(endpoint.url, **model), budget=budget or {})
        models = Models(settings)
        try:
            yield desk_of(models, settings, traces)
        finally:
            await models.close()


def scripted_desk(
    chat: BaseChatModel, *, budget: dict[str, Any] | None = None, traces: Traces | None = None
) -> Desk:
    """A desk over a script."""
    settings = llm_settings({"kind": "scripted", "path": "unused.jsonl"}, budget=budget or {})
    return desk_of(Models(settings, given={"big": chat}), settings, traces)
