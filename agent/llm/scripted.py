"""Models without a model: recorded answers played back, and the recorder that writes them.

A script is JSON lines, one answer each: `{"reply": "…"}` or `{"reply": {…}}` (an object is sent as JSON),
`{"tool_calls": [{"name": …, "args": {…}}]}`, or `{"error": "…"}` (the endpoint does not answer).
`sha256` says which conversation it answers, `task` for what it is asked; `tokens_in`, `tokens_out` and
`tokens_cached` are what the model reported.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolCall
from langchain_core.messages.ai import InputTokenDetails, UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field, PrivateAttr, ValidationError

from agent.llm.contract import ModelTrouble, ModelUnavailable
from tools.domain.record import Record

_Run = CallbackManagerForLLMRun | AsyncCallbackManagerForLLMRun


def _task(run: _Run | None) -> str | None:
    """What the model is asked for, as the caller named it."""
    task = (run.metadata or {}).get("task") if run else None
    return None if task is None else str(task)


class ScriptBroken(Exception):
    """The script and the run do not fit together: a defect of the test or of the recording. It is no trouble
    with a model, so nothing hides it."""


class ScriptedReply(Record):
    reply: str | Mapping[str, Any] = ""
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    error: str | None = None
    sha256: str | None = None
    """Of the conversation it answers (`conversation_sum`); absent: of any."""
    task: str | None = None
    tokens_in: int = 10
    tokens_out: int = 5
    tokens_cached: int = 0

    @property
    def text(self) -> str:
        return self.reply if isinstance(self.reply, str) else json.dumps(self.reply, ensure_ascii=False)

    @property
    def message(self) -> AIMessage:
        calls = [
            ToolCall(name=call["name"], args=call["args"], id=f"call_{place}", type="tool_call")
            for place, call in enumerate(self.tool_calls)
        ]
        usage = UsageMetadata(
            input_tokens=self.tokens_in,
            output_tokens=self.tokens_out,
            total_tokens=self.tokens_in + self.tokens_out,
            input_token_details=InputTokenDetails(cache_read=self.tokens_cached),
        )
        return AIMessage(content=self.text, tool_calls=calls, usage_metadata=usage)


def conversation_sum(messages: Sequence[BaseMessage]) -> str:
    """SHA-256 over roles and texts: which conversation was answered, without its text."""
    turns = json.dumps([[message.type, message.text] for message in messages], ensure_ascii=False)
    return hashlib.sha256(turns.encode()).hexdigest()


class ScriptedChat(BaseChatModel):
    """Plays a script. A reply that names its conversation is given to that one, whenever it comes; the others
    in their order. `close`, or leaving the `with` block, raises ScriptBroken where replies are left over or
    were missing."""

    replies: tuple[ScriptedReply, ...]
    name: str | None = "scripted"
    strict: bool = True
    """False, as for a model of the settings: a reply that is missing is a model that does not answer."""
    _left: list[ScriptedReply] = PrivateAttr()
    _asked: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _missed: list[str] = PrivateAttr(default_factory=list)

    def model_post_init(self, context: Any, /) -> None:
        super().model_post_init(context)
        self._left = list(self.replies)

    @classmethod
    def of(cls, *replies: str | Mapping[str, Any] | ScriptedReply) -> ScriptedChat:
        """Texts, objects to answer with, or whole replies."""
        whole = (one if isinstance(one, ScriptedReply) else ScriptedReply(reply=one) for one in replies)
        return cls(replies=tuple(whole))

    @classmethod
    def read(cls, path: Path, *, strict: bool = True) -> ScriptedChat:
        """Raises ScriptBroken for a file that is no script, naming the line."""
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ScriptBroken(f"{path} cannot be read: {error}") from None
        return cls(replies=tuple(_replies(path, lines)), strict=strict)

    def _missing(self, what: str) -> Exception:
        self._missed.append(what)
        return ScriptBroken(what) if self.strict else ModelUnavailable(f"the script does not fit: {what}")

    @property
    def asked(self) -> list[list[BaseMessage]]:
        """Every conversation it was asked to continue, in order."""
        return self._asked

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def __enter__(self) -> ScriptedChat:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()

    def close(self) -> None:
        """Raises ScriptBroken where replies are left over, or were missing: what asked may have gone on
        without one."""
        if self.strict and self._missed:
            raise ScriptBroken(self._missed[0])
        if self._left:
            raise ScriptBroken(f"{len(self._left)} of {len(self.replies)} replies were not played")

    def bind_tools(
        self,
        tools: Sequence[Mapping[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._answer(messages, run_manager)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._answer(messages, run_manager)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        """Word by word, the usage at the end."""
        message = self._answer(messages, run_manager).generations[0].message
        for word in re.findall(r"\S+\s*|\s+", message.text):
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))
        usage = message.usage_metadata if isinstance(message, AIMessage) else None
        yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=usage))

    def _answer(self, messages: list[BaseMessage], run: _Run | None) -> ChatResult:
        reply = self._next(messages, _task(run))
        if reply.error is not None:
            raise ModelUnavailable(reply.error)
        return ChatResult(generations=[ChatGeneration(message=reply.message)])

    def _next(self, messages: list[BaseMessage], task: str | None) -> ScriptedReply:
        self._asked.append(messages)
        digest = conversation_sum(messages)
        named = (reply for reply in self._left if reply.sha256 == digest)
        reply = next(named, None) or next((one for one in self._left if one.sha256 is None), None)
        if reply is None:
            raise self._missing(f"no reply is left for the conversation {digest[:12]} ({task or 'no task'})")
        # LangChain hands a stream no run, so that the task is not known there.
        if None not in (reply.task, task) and reply.task != task:
            raise self._missing(f"the reply is for the task {reply.task}, it is asked for {task}")
        self._left.remove(reply)
        return reply


def _replies(path: Path, lines: Iterable[str]) -> Iterable[ScriptedReply]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield ScriptedReply.model_validate_json(line)
            except ValidationError:
                raise ScriptBroken(f"{path}, line {number}: no reply of a script") from None


class RecordingChat(BaseChatModel):
    """Passes everything on to another model and appends its answers to a file, as a script. Of a conversation
    only the sum is kept."""

    inner: BaseChatModel
    path: Path
    name: str | None = Field(default="recording")

    @property
    def _llm_type(self) -> str:
        return "recording"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        try:
            answer = self.inner.invoke(messages, stop=stop, **kwargs)
        except ModelTrouble as trouble:
            raise self._failed(messages, trouble, run_manager) from None
        return self._kept(messages, answer, run_manager)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        try:
            answer = await self.inner.ainvoke(messages, stop=stop, **kwargs)
        except ModelTrouble as trouble:
            raise self._failed(messages, trouble, run_manager) from None
        return self._kept(messages, answer, run_manager)

    def _failed(self, messages: list[BaseMessage], trouble: ModelTrouble, run: _Run | None) -> ModelTrouble:
        """A model that did not answer is played back as one."""
        self._append(ScriptedReply(error=str(trouble), sha256=conversation_sum(messages), task=_task(run)))
        return trouble

    def _kept(
        self,
        messages: list[BaseMessage],
        answer: AIMessage,
        run: _Run | None,
    ) -> ChatResult:
        usage = answer.usage_metadata
        kept = ScriptedReply(
            reply=answer.text,
            tool_calls=tuple({"name": call["name"], "args": call["args"]} for call in answer.tool_calls),
            sha256=conversation_sum(messages),
            task=_task(run),
            tokens_in=usage["input_tokens"] if usage else 0,
            tokens_out=usage["output_tokens"] if usage else 0,
            tokens_cached=usage.get("input_token_details", {}).get("cache_read", 0) if usage else 0,
        )
        self._append(kept)
        return ChatResult(generations=[ChatGeneration(message=answer)])

    def _append(self, kept: ScriptedReply) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(kept.model_dump_json(exclude_defaults=True) + "\n")
