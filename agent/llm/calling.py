"""One call of a model with everything around it: its place in the queue, budget, time, attempts, the record
in the audit log, the trace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_core.runnables import RunnableConfig

from agent.llm.budget import Budget, Reservation
from agent.llm.contract import BudgetSpent, ModelRests, Rendered, Task, Usage
from agent.llm.models import ConfiguredModel
from agent.llm.pieces import as_piece
from agent.llm.telemetry import CallSpan, Subject, Traces
from agent.llm.trouble import EXPECTED, CutOff, Fault, understood
from tools.domain.identifiers import CaseId
from tools.domain.suggestion import ModelCalled

Note = Callable[[CaseId | None, ModelCalled], None]
"""Appends the record of a call to the audit log, with its case where it has one."""

_SIGNS_PER_TOKEN = 3
"""Bytes; tokens of European languages have three to five, so this is a little more than there will be."""
_TOKENS_PER_MESSAGE = 8
_MOST_SIGNS_PER_TOKEN = 20
"""Characters; who sends more does not keep to the length, and might never end."""


@dataclass(frozen=True)
class Turn:
    """What is asked in one call."""

    prompt: Rendered
    messages: Sequence[BaseMessage]
    case_id: CaseId | None
    max_tokens: int
    options: Mapping[str, Any] = field(default_factory=dict)
    extra_signs: int = 0
    """Of a schema that the endpoint adds to the prompt."""
    judge: Callable[[AIMessage], str | None] = lambda message: None
    """Why the answer cannot be used, for the record; None when it can."""

    @property
    def tokens_expected(self) -> int:
        signs = sum(len(message.text.encode()) for message in self.messages) + self.extra_signs
        return signs // _SIGNS_PER_TOKEN + _TOKENS_PER_MESSAGE * len(self.messages)


@dataclass
class _Answer:
    """What has come so far."""

    message: AIMessage | None = None
    usage: Usage = Usage()


class Line:
    """The way to one model for one task."""

    def __init__(
        self,
        task: Task,
        model: ConfiguredModel,
        budget: Budget,
        note: Note,
        traces: Traces,
        pause: Callable[[float], Awaitable[None]],
        clock: Callable[[], float],
    ) -> None:
        self.model = model
        self._task = task
        self._budget = budget
        self._note = note
        self._traces = traces
        self._pause = pause
        self._clock = clock

    async def call(self, turn: Turn) -> tuple[AIMessage, Usage]:
        """The whole answer. Raises ModelTrouble; every attempt stands in the log by then."""
        attempt = 1
        while True:
            try:
                message, usage = await self._attempt(turn)
                return message, usage.model_copy(update={"attempts": attempt})
            except EXPECTED as error:
                await self._wait_or_raise(error, turn, attempt)
            attempt += 1

    async def stream(self, turn: Turn) -> AsyncGenerator[str, None]:
        """The answer piece by piece. Once something was shown nothing is asked again. Raises ModelTrouble."""
        attempt, shown = 1, False
        while True:
            try:
                async with aclosing(self._streamed(turn)) as pieces:
                    async for piece in pieces:
                        shown = True
                        yield piece
                return
            except EXPECTED as error:
                await self._wait_or_raise(error, turn, attempt, again=not shown)
            attempt += 1

    async def _wait_or_raise(self, error: Exception, turn: Turn, attempt: int, again: bool = True) -> None:
        """The attempt is over. Returns where another one makes sense, else raises ModelTrouble."""
        fault = self._understood(error, attempt)
        left = self._budget.seconds_left(turn.case_id)
        if not again or fault.wait is None or (left is not None and fault.wait >= left):
            if fault.is_the_endpoints:
                self.model.rest.failed(self._clock())
            raise fault.trouble from None
        await self._pause(fault.wait)

    async def _attempt(self, turn: Turn) -> tuple[AIMessage, Usage]:
        answer = _Answer()
        async with self.model.room:
            reserved, started = self._reserve(turn), self._clock()
            with self._traces.call(self._subject(turn)) as span:
                span.asked(turn.messages)
                outcome = "cancelled"
                try:
                    async with asyncio.timeout(self._seconds(turn)):
                        message = await self.model.chat.ainvoke(
                            list(turn.messages), self._config(turn), **self._options(turn)
                        )
                    answer = self._answered(turn, message, started, None)
                    fault = turn.judge(message)
                    outcome = "ok" if fault is None else f"unusable: {fault}"
                    span.answered(message, answer.usage)
                    if fault is not None:
                        span.failed("unusable")
                except EXPECTED as error:
                    outcome, answer = self._failed(span, error), self._spent_by(error, turn)
                    raise
                finally:
                    self._settle(turn, reserved, answer, started, outcome)
        return message, answer.usage

    async def _streamed(self, turn: Turn) -> AsyncGenerator[str, None]:
        answer, come, first = _Answer(), [AIMessageChunk(content="")], None
        async with self.model.room:
            reserved, started = self._reserve(turn), self._clock()
            with self._traces.call(self._subject(turn)) as span:
                span.asked(turn.messages)
                outcome = "cancelled"
                try:
                    async with aclosing(self._chunks(turn, started)) as chunks:
                        async for chunk in chunks:
                            come.append(chunk)
                            if chunk.text:
                                first = first if first is not None else self._milliseconds(started)
                                yield chunk.text
                    whole = add_ai_message_chunks(*come)
                    answer = self._answered(turn, whole, started, first)
                    span.answered(whole, answer.usage)
                    outcome = "ok" if whole.text.strip() else "unusable: the answer is empty"
                except EXPECTED as error:
                    outcome = self._failed(span, error)
                    raise
                finally:
                    if answer.message is None and any(chunk.text for chunk in come):
                        answer = self._answered(turn, add_ai_message_chunks(*come), started, first)
                    self._settle(turn, reserved, answer, started, outcome)

    async def _chunks(self, turn: Turn, started: float) -> AsyncGenerator[AIMessageChunk, None]:
        """Each piece in time: a stream that stalls or never ends is trouble like any other."""
        until, most = started + self._seconds(turn), turn.max_tokens * _MOST_SIGNS_PER_TOKEN
        pieces = self.model.chat.astream(list(turn.messages), self._config(turn), **self._options(turn))
        try:
            while True:
                left = max(0.0, until - self._clock())
                chunk = await asyncio.wait_for(anext(pieces, None), left)
                if chunk is None:
                    return
                piece = as_piece(chunk)
                most -= max(1, len(piece.text))
                if most < 0:
                    raise CutOff(f"{self.model.name} goes on beyond the length that was asked for")
                yield piece
        finally:
            close = getattr(pieces, "aclose", None)
            if close is not None:
                await close()

    def _seconds(self, turn: Turn) -> float:
        left = self._budget.seconds_left(turn.case_id)
        most = self.model.settings.timeout_seconds
        return most if left is None else min(most, max(left, 0.0))

    def _config(self, turn: Turn) -> RunnableConfig:
        """What callbacks see of the call."""
        about = {"task": self._task.value, "prompt": turn.prompt.label, "case_id": turn.case_id}
        return {"run_name": f"{self._task} {turn.prompt.name}", "metadata": about}

    def _options(self, turn: Turn) -> dict[str, Any]:
        return {**turn.options, **self.model.length(turn.max_tokens)}

    def _subject(self, turn: Turn) -> Subject:
        model = self.model
        return Subject(
            provider=model.provider,
            model=model.what,
            base_url=model.base_url,
            task=self._task.value,
            case_id=turn.case_id,
            prompt=turn.prompt.label,
            max_tokens=turn.max_tokens,
            structured=bool(turn.options) or turn.extra_signs > 0,
            secrets=model.secrets,
        )

    def _milliseconds(self, started: float) -> int:
        return round((self._clock() - started) * 1000)

    def _answered(self, turn: Turn, message: AIMessage, started: float, first: int | None) -> _Answer:
        """What the call used: as the model reported it, else as its texts let expect."""
        self.model.rest.answered()
        reported = message.usage_metadata
        if reported is None:
            tokens_in, cached = turn.tokens_expected, 0
            tokens_out = len(message.text.encode()) // _SIGNS_PER_TOKEN + 1
        else:
            # Never below zero: what is reported may not give anything back to the budget.
            tokens_in, tokens_out = max(0, reported["input_tokens"]), max(0, reported["output_tokens"])
            cached = max(0, reported.get("input_token_details", {}).get("cache_read") or 0)
        usage = Usage(
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            tokens_cached=cached,
            milliseconds=self._milliseconds(started),
            # A local model tells it also where the answer comes whole.
            first_token_ms=message.response_metadata.get("first_token_ms") if first is None else first,
            cost=self.model.cost(tokens_in, tokens_out, cached),
        )
        return _Answer(message, usage)

    def _understood(self, error: Exception, attempt: int) -> Fault:
        return understood(error, self.model.name, self.model.secrets, attempt)

    def _failed(self, span: CallSpan, error: Exception) -> str:
        fault = self._understood(error, 1)
        span.failed(fault.kind)
        return f"failed: {fault.trouble}"

    def _spent_by(self, error: Exception, turn: Turn) -> _Answer:
        """What a failed call used all the same, as far as it is known: an answer that was cut off, a prompt
        that was read for too long."""
        usage = getattr(getattr(error, "completion", None), "usage", None)
        if usage is not None:
            tokens_in, tokens_out = usage.prompt_tokens, usage.completion_tokens
        elif isinstance(error, TimeoutError):
            tokens_in, tokens_out = turn.tokens_expected, 0
        else:
            return _Answer()
        cost = self.model.cost(tokens_in, tokens_out)
        return _Answer(usage=Usage(tokens_in=tokens_in, tokens_out=tokens_out, cost=cost))

    def _reserve(self, turn: Turn) -> Reservation:
        """Raises ModelTrouble where the budget or the endpoint's state forbids the call, with that in the
        log."""
        resting = self.model.rest.why_not(self._clock())
        if resting is not None:
            self._record(turn, Usage(), f"not asked: {resting}")
            raise ModelRests(f"{self.model.name} is not asked: {resting}")
        tokens_in = turn.tokens_expected
        cost = self.model.cost(tokens_in, turn.max_tokens)
        try:
            return self._budget.reserve(turn.case_id, tokens_in + turn.max_tokens, cost)
        except BudgetSpent as error:
            self._record(turn, Usage(), f"not asked: {error}")
            raise

    def _settle(
        self, turn: Turn, reserved: Reservation, answer: _Answer, started: float, outcome: str
    ) -> None:
        usage = answer.usage.model_copy(update={"milliseconds": self._milliseconds(started)})
        seconds = usage.milliseconds / 1000
        self._budget.settle(reserved, seconds, usage.tokens_in + usage.tokens_out, usage.cost)
        self._record(turn, usage, outcome)

    def _record(self, turn: Turn, usage: Usage, outcome: str) -> None:
        called = ModelCalled(
            task=self._task.value,
            model=self.model.label,
            prompt=turn.prompt.label,
            tokens_in=usage.tokens_in,
            tokens_out=usage.tokens_out,
            tokens_cached=usage.tokens_cached,
            milliseconds=usage.milliseconds,
            cost=None if usage.cost is None else f"{usage.cost.amount:f} {usage.cost.currency}",
            outcome=outcome,
        )
        self._note(turn.case_id, called)
