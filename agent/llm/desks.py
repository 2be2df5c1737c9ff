"""The desks of one process: a model for each task that the settings give one, one budget for all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from langchain_core.language_models import BaseChatModel

from agent.llm.asking import ModelDesk
from agent.llm.budget import Budget
from agent.llm.calling import Note
from agent.llm.contract import Asker, ModelTrouble, Rendered, Reply, Task
from agent.llm.left_alone import COUNTED, CountingDesk, LeftAlone
from agent.llm.models import Models
from agent.llm.scripted import ScriptBroken
from agent.llm.self_test import Finding, examined
from agent.llm.settings import LlmSettings
from agent.llm.telemetry import Traces
from tools.domain.identifiers import CaseId
from tools.domain.suggestion import ModelCalled

FAILED = "failed: "
"""How the outcome of a call that brought no answer begins in the log."""
_MOST_TOLD = 20
"""Different troubles of one process; who sees so many looks into the log."""


class NoDesk:
    """Implements `Asker` for a model that cannot be made, such as one that was not fetched: every question is
    trouble, and cases go on without it."""

    def __init__(self, task: Task, name: str, why: str, note: Note) -> None:
        self._task, self._name, self._why, self._note = task, name, why, note

    @property
    def name(self) -> str:
        return self._name

    async def choose(
        self, prompt: Rendered, schema: Mapping[str, Any], *, case_id: CaseId | None, max_tokens: int = 400
    ) -> Reply:
        raise self._trouble(prompt, case_id)

    async def write(
        self, prompt: Rendered, *, case_id: CaseId | None, max_tokens: int = 800
    ) -> AsyncIterator[str]:
        raise self._trouble(prompt, case_id)
        yield ""

    def _trouble(self, prompt: Rendered, case_id: CaseId | None) -> ModelTrouble:
        called = ModelCalled(
            task=self._task.value,
            model=self._name,
            prompt=prompt.label,
            tokens_in=0,
            tokens_out=0,
            milliseconds=0,
            outcome=f"{FAILED}{self._why}",
        )
        self._note(case_id, called)
        return ModelTrouble(self._why)


class ModelDesks:
    """Made by `bootstrap`; closed with the process."""

    def __init__(
        self,
        settings: LlmSettings,
        note: Note,
        traces: Traces,
        *,
        given: Mapping[str, BaseChatModel] | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`given` replaces models by name; `pause` waits, `clock` measures seconds."""
        self._settings = settings
        self._models = Models(settings, given=given)
        self._budget = Budget(settings.budget)
        self._record = note
        self._traces = traces
        self._pause = pause
        self._clock = clock
        self._told: set[tuple[str, str]] = set()
        self._untold: dict[str, list[str]] = {}
        self._last: dict[str, str] = {}
        self._left = LeftAlone()

    def asker(self, task: Task) -> Asker | None:
        """The desk for a task; None where the settings give it no model."""
        name = self._settings.model_for(task)
        if name is None:
            return None
        found = self._desk(task, name)
        return (
            CountingDesk(task, found, self._left, lambda desk: self._rests(task, desk))
            if task in COUNTED
            else found
        )

    def _desk(self, task: Task, name: str) -> Asker:
        try:
            model = self._models.get(name)
        except (ModelTrouble, ScriptBroken) as error:
            self._failed(task.value, f"{name}: {error}")
            return NoDesk(task, name, f"{name}: {error}", self._note)
        return ModelDesk(
            task, model, self._budget, self._note, self._traces, pause=self._pause, clock=self._clock
        )

    def _note(self, case_id: CaseId | None, called: ModelCalled) -> None:
        self._record(case_id, called)
        if called.outcome.startswith(FAILED):
            self._last[called.model] = called.outcome.removeprefix(FAILED)
            self._failed(called.task, self._last[called.model])

    def _rests(self, task: Task, desk: str) -> str | None:
        """A task that was not asked because others failed at the same endpoint fares as they did."""
        why = self._last.get(desk)
        if why is not None:
            self._failed(task.value, why)
        return why

    def _failed(self, task: str, why: str) -> None:
        if (task, why) not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add((task, why))
            self._untold.setdefault(why, []).append(task)

    def untold(self) -> list[str]:
        """What went wrong with models and was not handed out before, each trouble once with every task that
        met it, as sentences without secrets."""
        found, self._untold = self._untold, {}
        return [f"no model for {' and '.join(tasks)}: {why}" for why, tasks in found.items()]

    def left_alone(self) -> str | None:
        """How many questions went to people without a model since this was last asked, and the reasons that
        `untold` does not hold; None where there were none."""
        return self._left.sentence({why for _, why in self._told})

    def begin_batch(self) -> None:
        """A new batch has the whole budget."""
        self._budget.begin_batch()

    async def examine(self) -> list[Finding]:
        """What each model of the settings can do, tried with a few short questions; costs a few hundred
        tokens each and counts against no budget."""
        findings: list[Finding] = []
        for name in sorted(self._settings.models):
            findings += await examined(name, self._settings, self._models, self._note, self._pause)
        if self._settings.mcp:
            from agent.llm.mcp_tools import McpTools

            findings += await McpTools(self._settings.mcp).examine()
        return findings

    async def close(self) -> None:
        await self._models.close()
        self._traces.close()
