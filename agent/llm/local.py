"""A model in this process as LangChain sees one: what is asked for is held by a grammar, what is running can
be cancelled, and what was kept of earlier prompts is reported."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import InputTokenDetails, UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ConfigDict

from agent.llm.engine import MODEL_SEED, Call, Completion, EngineName
from agent.llm.engines import load_engine
from agent.llm.local_tools import call_schema, told, tool_calls, with_tools
from agent.llm.worker import ModelWorker


class LocalChat(BaseChatModel):
    """A GGUF file, loaded at the first question. One question at a time; others wait.

    Keywords of a call: `response_format` of type `json_schema`, `max_tokens`, `stop`. Raises ModelTrouble.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    worker: ModelWorker
    model: str
    """The file's name without its ending."""
    max_tokens: int = 400
    timeout_seconds: float | None = 180
    """For one answer, from when its work begins."""
    temperature: float = 0
    seed: int = MODEL_SEED

    @classmethod
    def from_file(
        cls,
        path: Path,
        *,
        engine: EngineName = EngineName.AUTO,
        context: int = 8192,
        threads: int | None = None,
        timeout_seconds: float | None = 180,
        states: Path | None = None,
        temperature: float = 0,
        seed: int = MODEL_SEED,
    ) -> LocalChat:
        """`context` in tokens, prompt and answer together; `states` is a folder in which the state after the
        constant part of a prompt is kept for the next process. Touches nothing before the first question."""
        load = partial(load_engine, path, engine, context, threads, states)
        return cls(
            worker=ModelWorker(load),
            model=path.stem,
            timeout_seconds=timeout_seconds,
            temperature=temperature,
            seed=seed,
        )

    @property
    def _llm_type(self) -> str:
        return "local-llama-cpp"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return {"model": self.model, "temperature": self.temperature}

    def get_num_tokens(self, text: str) -> int:
        return self.worker.count_tokens(text)

    def close(self) -> None:
        self.worker.close()

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: Any = None, **kwargs: Any
    ) -> Runnable[Any, AIMessage]:
        """A call is decoded under the grammar of these tools; with `tool_choice` `any`, `required`, true or a
        tool's name the model must call one, otherwise it may answer."""
        offered = [convert_to_openai_tool(tool) for tool in tools]
        return self.bind(tools=offered, tool_choice=tool_choice, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        done = self.worker.ask(self._call(messages, stop, kwargs), self.timeout_seconds)
        return _result(done, self.model, kwargs)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        done = await self.worker.ask_async(self._call(messages, stop, kwargs), self.timeout_seconds)
        return _result(done, self.model, kwargs)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        """Piece by piece; a call of a tool comes whole, at the end."""
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        call = self._call(messages, stop, kwargs)

        def put(piece: str) -> None:
            loop.call_soon_threadsafe(pieces.put_nowait, piece)

        asked = asyncio.create_task(self.worker.ask_async(call, self.timeout_seconds, put))
        asked.add_done_callback(lambda _: pieces.put_nowait(None))
        try:
            while (piece := await pieces.get()) is not None:
                if kwargs.get("tools"):
                    continue
                chunk = ChatGenerationChunk(message=AIMessageChunk(content=piece))
                if run_manager:
                    await run_manager.on_llm_new_token(piece, chunk=chunk)
                yield chunk
            yield _last_chunk(await asked, self.model, kwargs)
        finally:
            asked.cancel()

    def _call(
        self, messages: Sequence[BaseMessage], stop: list[str] | None, kwargs: Mapping[str, Any]
    ) -> Call:
        tools = kwargs.get("tools")
        schema = call_schema(tools, kwargs.get("tool_choice")) if tools else _schema(kwargs)
        said = tuple(told(message) for message in messages)
        return Call(
            messages=with_tools(said, tools) if tools else said,
            json_schema=schema,
            max_tokens=kwargs.get("max_tokens") or kwargs.get("max_completion_tokens") or self.max_tokens,
            stop=tuple(stop or ()),
            temperature=self.temperature,
            seed=self.seed,
        )


def _schema(kwargs: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema of `response_format`, in the words of the chat interface of OpenAI."""
    wanted = kwargs.get("response_format")
    if not isinstance(wanted, Mapping) or wanted.get("type") == "text":
        return None
    if wanted.get("type") == "json_object":
        return {"type": "object"}
    named = wanted.get("json_schema")
    if not isinstance(named, Mapping) or not isinstance(named.get("schema"), Mapping):
        raise ValueError("response_format needs json_schema with a schema")
    found: Mapping[str, Any] = named["schema"]
    return found


def _usage(done: Completion) -> UsageMetadata:
    return UsageMetadata(
        input_tokens=done.tokens_in,
        output_tokens=done.tokens_out,
        total_tokens=done.tokens_in + done.tokens_out,
        input_token_details=InputTokenDetails(cache_read=done.tokens_cached),
    )


def _about(done: Completion, model: str) -> dict[str, Any]:
    return {
        "model_name": model,
        "finish_reason": done.finish.value,
        "first_token_ms": done.first_token_ms,
        "milliseconds": done.milliseconds,
    }


def _result(done: Completion, model: str, kwargs: Mapping[str, Any]) -> ChatResult:
    text, calls = tool_calls(done.text) if kwargs.get("tools") else (done.text, [])
    message = AIMessage(
        content=text, tool_calls=calls, usage_metadata=_usage(done), response_metadata=_about(done, model)
    )
    return ChatResult(generations=[ChatGeneration(message=message)])


def _last_chunk(done: Completion, model: str, kwargs: Mapping[str, Any]) -> ChatGenerationChunk:
    text, calls = tool_calls(done.text) if kwargs.get("tools") else ("", [])
    message = AIMessageChunk(
        content=text,
        tool_calls=calls,
        usage_metadata=_usage(done),
        response_metadata=_about(done, model),
        chunk_position="last",
    )
    return ChatGenerationChunk(message=message)
