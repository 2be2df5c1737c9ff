"""One model for one task, as the steps and the chat see it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

from langchain_core.messages import AIMessage

from agent.llm.budget import Budget
from agent.llm.calling import Line, Note, Turn
from agent.llm.contract import ModelDisobeyed, Rendered, Reply, Task, Usage
from agent.llm.models import ConfiguredModel
from agent.llm.redaction import redacted, scrubbed, scrubbed_stream, told
from agent.llm.structured import Asked, Unusable, as_messages, repair
from agent.llm.telemetry import Traces
from agent.llm.trouble import CutOff
from tools.domain.identifiers import CaseId

_LONGEST_SAID = 4_000
"""Characters of an unusable answer that are looked at before it is shown to the model again."""
_ROUNDS = 2
"""An answer that does not keep to the schema is asked for once more, with its fault told."""


class ModelDesk:
    """Implements `Asker`. Every call stands in the audit log, the failed ones too."""

    def __init__(
        self,
        task: Task,
        model: ConfiguredModel,
        budget: Budget,
        note: Note,
        traces: Traces,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`pause` waits between attempts, `clock` measures seconds; both are replaced in tests."""
        self._model = model
        self._line = Line(task, model, budget, note, traces, pause, clock)

    @property
    def name(self) -> str:
        """As the settings call the model, with what it is."""
        return self._model.label

    async def choose(
        self, prompt: Rendered, schema: Mapping[str, Any], *, case_id: CaseId | None, max_tokens: int = 400
    ) -> Reply:
        """One JSON object that keeps to `schema`. Raises ModelTrouble."""
        asked = Asked.of(self._model.structured, schema, objects_only=self._model.takes_only_objects)
        messages = asked.messages(as_messages(prompt.messages))
        usage, fault = Usage(attempts=0), ""
        for _ in range(_ROUNDS):
            turn = Turn(
                prompt=prompt,
                messages=messages,
                case_id=case_id,
                max_tokens=max_tokens,
                options=asked.options,
                extra_signs=asked.length if asked.options else 0,
                judge=lambda message: _fault(asked, message, self._model.secrets),
            )
            try:
                message, used = await self._line.call(turn)
            except CutOff:
                fault = "it was cut off, so it must be shorter"
                messages = [*messages, *repair("", fault)]
                continue
            usage = _sum(usage, used)
            try:
                data = scrubbed(asked.understood(message), self._model.secrets)
                return Reply(data=data, usage=usage, model=self.name)
            except Unusable as error:
                fault = told(str(error), self._model.secrets)
                said = redacted((message.text or _called(message))[: 2 * _LONGEST_SAID], self._model.secrets)[
                    :_LONGEST_SAID
                ]
                messages = [*messages, *repair(said, fault)]
        raise ModelDisobeyed(f"{self._model.name} does not keep to the schema: {fault}")

    async def write(
        self, prompt: Rendered, *, case_id: CaseId | None, max_tokens: int = 800
    ) -> AsyncGenerator[str, None]:
        """Free text for people, piece by piece. Raises ModelTrouble."""
        turn = Turn(prompt, as_messages(prompt.messages), case_id, max_tokens)
        shown = False
        async with aclosing(self._line.stream(turn)) as pieces:
            async for piece in scrubbed_stream(pieces, self._model.secrets):
                shown = shown or bool(piece.strip())
                yield piece
        if not shown:
            raise ModelDisobeyed(f"{self._model.name} answered nothing")


def _fault(asked: Asked, message: AIMessage, secrets: tuple[str, ...]) -> str | None:
    try:
        asked.understood(message)
    except Unusable as error:
        return told(str(error), secrets)
    return None


def _called(message: AIMessage) -> str:
    """A tool call in words, for the conversation that continues."""
    return "; ".join(f"{call['name']}({call['args']})" for call in message.tool_calls)


def _sum(one: Usage, other: Usage) -> Usage:
    """Both together; the first token is that of the last call."""
    if one.cost is None or other.cost is None:
        cost = other.cost if one.cost is None else one.cost
    else:
        cost = one.cost + other.cost
    return Usage(
        tokens_in=one.tokens_in + other.tokens_in,
        tokens_out=one.tokens_out + other.tokens_out,
        tokens_cached=one.tokens_cached + other.tokens_cached,
        milliseconds=one.milliseconds + other.milliseconds,
        first_token_ms=other.first_token_ms,
        cost=cost,
        attempts=one.attempts + other.attempts,
    )
