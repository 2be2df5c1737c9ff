"""What a configured model can do, tried out: it answers, it keeps to a schema, it calls a tool, its price is
known. Where it cannot, the finding says what to set."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, get_args

from agent.llm.asking import ModelDesk
from agent.llm.budget import Budget
from agent.llm.calling import Note
from agent.llm.contract import ModelTrouble, Task
from agent.llm.local_probe import probe_local
from agent.llm.models import ConfiguredModel, Models
from agent.llm.prompts import Prompts
from agent.llm.scripted import ScriptBroken
from agent.llm.settings import BudgetSettings, LlmSettings, LocalSettings, ModelSettings, OpenAiSettings
from agent.llm.structured import Mode, closed
from agent.llm.telemetry import Traces

Finding = dict[str, str]
"""`what`, `state` (`ok`, `note` or `fault`), `message`, and for a fault `error_kind`."""

PROMPT = "self_test"
_MOST_TOKENS = 60
_UNBOUNDED = BudgetSettings(case_seconds=None, case_tokens=None)
_ANSWER = "Answer with the one word: ready"
_CHOICE = "An invoice says 110.00 EUR and the order says 100.00 EUR. Is the invoice higher, lower or equal?"
_CHOICE_SCHEMA = closed({"invoice_is": {"type": "string", "enum": ["higher", "lower", "equal"]}})
_CALL = "Look for the supplier with the name Meyer. Call the tool that does it."
_TOOLS = ("find_supplier", "list_open_items")


def _tool(name: str) -> dict[str, Any]:
    arguments = closed({"supplier": {"type": "string", "maxLength": 40}})
    return closed({"tool": {"const": name}, "arguments": arguments})


_CALL_SCHEMA = {"oneOf": [_tool(name) for name in _TOOLS]}


async def examined(
    name: str,
    settings: LlmSettings,
    models: Models,
    note: Note,
    pause: Callable[[float], Awaitable[None]],
    prompts: Prompts | None = None,
) -> list[Finding]:
    """The findings about one model, in the order in which a person would mend them. A model without a task is
    not asked."""
    what = f"model {name}"
    task = next((task for task in Task if settings.model_for(task) == name), None)
    if task is None:
        return [
            _finding(what, "note", "no task uses it; name it under [llm] as investigate, chat or extract")
        ]
    entry = settings.models[name]
    if isinstance(entry, LocalSettings):
        # In a process of its own first: a wrong build would end this one.
        return [*await asyncio.to_thread(_local, what, entry), _price(what, entry)]
    try:
        model = models.get(name)
    except (ModelTrouble, ScriptBroken) as error:
        return [_fault(what, str(error), error)]
    test = _SelfTest(what, task, model, note, pause, prompts or Prompts())
    return [*await test.findings(), _price(what, entry)]


class _SelfTest:
    """One model's questions."""

    def __init__(
        self,
        what: str,
        task: Task,
        model: ConfiguredModel,
        note: Note,
        pause: Callable[[float], Awaitable[None]],
        prompts: Prompts,
    ) -> None:
        self._what, self._task, self._model = what, task, model
        self._note, self._pause, self._prompts = note, pause, prompts

    async def findings(self) -> list[Finding]:
        """A model that does not answer is asked nothing more."""
        try:
            pieces = [piece async for piece in self._desk().write(self._asked(_ANSWER), case_id=None)]
        except ModelTrouble as error:
            return [_fault(f"{self._what}: answers", str(error), error)]
        answers = _finding(f"{self._what}: answers", "ok", f"{self._model.what}, {len(pieces)} pieces")
        return [answers, *await self._structured()]

    async def _structured(self) -> list[Finding]:
        what = f"{self._what}: keeps to a schema"
        try:
            reply = await self._desk().choose(
                self._asked(_CHOICE), _CHOICE_SCHEMA, case_id=None, max_tokens=_MOST_TOKENS
            )
        except ModelTrouble as error:
            return [_fault(what, f"{error}{await self._other_way()}", error)]
        said = reply.data["invoice_is"]
        kept = f"{reply.usage.milliseconds} ms, {reply.usage.tokens_in} + {reply.usage.tokens_out} tokens"
        told = kept if said == "higher" else f"{kept}; but it says that 110 is {said}, compared with 100"
        return [_finding(what, "ok" if said == "higher" else "note", told), await self._tool_call()]

    async def _tool_call(self) -> Finding:
        what = f"{self._what}: calls a tool"
        try:
            reply = await self._desk().choose(
                self._asked(_CALL), _CALL_SCHEMA, case_id=None, max_tokens=_MOST_TOKENS
            )
        except ModelTrouble as error:
            return _fault(what, str(error), error)
        if reply.data["tool"] != _TOOLS[0] or "meyer" not in str(reply.data["arguments"]).lower():
            return _finding(
                what, "note", "a call that keeps to the schema, but not the one that was asked for"
            )
        return _finding(what, "ok", f"{_TOOLS[0]} with the name that was asked for")

    async def _other_way(self) -> str:
        """Which other setting of `structured` works with this endpoint, in words."""
        entry = self._model.settings
        if not isinstance(entry, OpenAiSettings):
            return ""
        for mode in (mode for mode in get_args(Mode) if mode != entry.structured):
            try:
                await self._desk(mode).choose(
                    self._asked(_CHOICE), _CHOICE_SCHEMA, case_id=None, max_tokens=_MOST_TOKENS
                )
            except ModelTrouble:
                continue
            return f'; with structured = "{mode}" it does: set that under [llm.models.{self._model.name}]'
        return "; it does not with any other value of structured either"

    def _desk(self, mode: Mode | None = None) -> ModelDesk:
        model = self._model
        if mode is not None and isinstance(model.settings, OpenAiSettings):
            model = replace(model, settings=model.settings.model_copy(update={"structured": mode}))
        return ModelDesk(self._task, model, Budget(_UNBOUNDED), self._note, Traces(), pause=self._pause)

    def _asked(self, question: str) -> Any:
        return self._prompts.render(PROMPT, question=question)


def _local(what: str, entry: LocalSettings) -> list[Finding]:
    found = []
    for check in probe_local(entry):
        finding = _finding(f"{what}: {check.what}", check.state, check.message)
        found.append(finding | ({"error_kind": "ModelUnavailable"} if check.state == "fault" else {}))
    return found


def _price(what: str, entry: ModelSettings) -> Finding:
    if entry.is_priced:
        return _finding(
            f"{what}: price", "ok", f"{entry.price_in} in, {entry.price_out} out {entry.currency}"
        )
    if isinstance(entry, OpenAiSettings):
        told = "not set (price_in, price_out, currency): costs are not recorded and no limit in money holds"
        return _finding(f"{what}: price", "note", told)
    return _finding(f"{what}: price", "ok", "costs nothing by the token")


def _finding(what: str, state: str, message: str) -> Finding:
    return {"what": what, "state": state, "message": message}


def _fault(what: str, message: str, error: Exception) -> Finding:
    return _finding(what, "fault", message) | {"error_kind": type(error).__name__}
