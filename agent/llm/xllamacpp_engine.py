"""llama.cpp as a prebuilt wheel (`xllamacpp`): its server, in this process, asked directly."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import xllamacpp

from agent.llm.chat_marks import harmless
from agent.llm.contract import Message, ModelTrouble, ModelUnavailable
from agent.llm.engine import Call, Completion, Finish, Halt, ModelFileUnusable, PromptTooLong
from agent.llm.model_socket import ModelSocket
from agent.llm.prefix_states import WORTH_TOKENS, PrefixStates, constant_part, model_sign
from agent.llm.schema import compact

_BATCH = 256
"""Tokens read between two looks at the halt."""
_CACHE_MIB = 512
"""Memory for prompts read before the last one, so that two kinds of prompt do not evict each other."""
_SILENT = -1


def parameters(path: Path, context: int, threads: int) -> Any:
    """What the library is told for every use of it, in process and over HTTP."""
    settings = xllamacpp.CommonParams()
    settings.model.path = str(path)
    settings.n_ctx = context
    settings.n_batch = settings.n_ubatch = _BATCH
    settings.n_parallel = 1
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
    settings.cache_ram_mib = _CACHE_MIB
    settings.warmup = settings.ui = settings.fit_params = False
    settings.verbosity = _SILENT
    settings.cors_origins = ""
    return settings


def listening(path: Path, name: str, context: int, threads: int, port: int) -> Any:
    """The library's own HTTP server with the model under that name, on this machine only. It answers until it
    is thrown away. Raises ModelFileUnusable."""
    settings = parameters(path, context, threads)
    settings.hostnames = ["127.0.0.1"]
    settings.port = port
    settings.model_alias = {name}
    settings.endpoint_slots = False
    return _server(settings, path)


def _server(settings: Any, path: Path) -> Any:
    try:
        return xllamacpp.Server(settings)
    except (RuntimeError, ValueError):
        raise ModelFileUnusable(f"{path} cannot be loaded by xllamacpp: no GGUF, or broken") from None


class XllamacppEngine:
    """One model file, loaded. Raises ModelFileUnusable when the library does not take it."""

    def __init__(self, path: Path, context: int, threads: int, states: Path | None = None) -> None:
        self.library = f"xllamacpp {version('xllamacpp')}"
        self._context = context
        self._room = Path(tempfile.mkdtemp(prefix="model-"))
        self._states = states and PrefixStates(states, model_sign(path), str(context), self.library)
        self._known: set[tuple[Message, ...]] = set()
        settings = parameters(path, context, threads)
        settings.hostnames = [str(self._room / "s.sock")]
        if self._states:
            self._states.make_room()
            settings.slot_save_path = f"{self._states.folder}/"
        try:
            self._server = _server(settings, path)
        except ModelFileUnusable:
            shutil.rmtree(self._room, ignore_errors=True)
            raise
        self._socket = ModelSocket(self._room / "s.sock")

    def complete(self, call: Call, halt: Halt, on_text: Callable[[str], object] | None = None) -> Completion:
        self._use_prefix(call.messages, halt)
        answer = _Answer(halt, on_text)
        try:
            self._server.handle_chat_completions(request(call), answer.take)
        except (RuntimeError, ValueError) as error:
            raise ModelUnavailable(f"the local model broke off: {error}") from None
        return answer.completion(call, self._context)

    def count_tokens(self, text: str) -> int:
        try:
            return self._socket.count_tokens(text)
        except OSError as error:
            raise ModelUnavailable(str(error)) from None

    def close(self) -> None:
        """The library ends its threads when the last reference goes."""
        del self._server
        shutil.rmtree(self._room, ignore_errors=True)

    def _use_prefix(self, messages: tuple[Message, ...], halt: Halt) -> None:
        """At its first use, have the constant part's state at hand: from disk, or read once and written
        there; afterwards the library keeps it in memory. Trouble with the file costs only time."""
        prefix = constant_part(messages)
        if not self._states or not prefix or prefix in self._known:
            return
        self._known.add(prefix)
        path = self._states.path(prefix)
        try:
            if path.exists() and self._socket.restore(path.name):
                return
            if sum(self._socket.count_tokens(one.text) for one in prefix) < WORTH_TOKENS:
                return
            self._states.make_room()
            answer = _Answer(halt, None)
            self._server.handle_chat_completions(request(Call(messages=prefix, max_tokens=1)), answer.take)
            if answer.whole:
                self._socket.save(path.name)
        except OSError:
            return


def request(call: Call) -> dict[str, Any]:
    """The call in the words of the chat interface that the library shares with others."""
    body: dict[str, Any] = {
        "messages": [{"role": one.role.value, "content": harmless(one.text)} for one in call.messages],
        "max_tokens": call.max_tokens,
        "temperature": call.temperature,
        "seed": call.seed,
        "stop": list(call.stop),
        "stream": True,
        "return_progress": True,
        "stream_options": {"include_usage": True},
        "cache_prompt": True,
    }
    if call.json_schema is not None:
        schema = json.dumps(compact(call.json_schema))
        body["grammar"] = xllamacpp.json_schema_to_grammar(schema)
    return body


class _Answer:
    """Gathers the pieces of one answer; stops the library when it is told to."""

    def __init__(self, halt: Halt, on_text: Callable[[str], object] | None) -> None:
        self._halt = halt
        self._on_text = on_text
        self._started = time.monotonic()
        self._first: float | None = None
        self._pieces: list[str] = []
        self._usage: Mapping[str, Any] = {}
        self._finish: str | None = None
        self._error: Mapping[str, Any] | None = None

    @property
    def whole(self) -> bool:
        return self._finish is not None and self._error is None

    def take(self, chunk: Mapping[str, Any]) -> bool:
        """One piece from the library. True ends the answer."""
        if "error" in chunk:
            self._error = chunk["error"]
            return True
        self._usage = chunk.get("usage") or self._usage
        for choice in chunk.get("choices", ()):
            self._finish = choice.get("finish_reason") or self._finish
            self._add(choice.get("delta", {}).get("content"))
        return self._halt.reason is not None

    def _add(self, piece: str | None) -> None:
        if not piece:
            return
        self._first = self._first or time.monotonic()
        self._pieces.append(piece)
        if self._on_text:
            self._on_text(piece)

    def completion(self, call: Call, context: int) -> Completion:
        if self._error is not None:
            raise _trouble(self._error, call, context)
        halted = None if self.whole else self._halt.reason
        cached = (self._usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
        return Completion(
            text="".join(self._pieces),
            tokens_in=self._usage.get("prompt_tokens", 0),
            tokens_cached=cached,
            tokens_out=self._usage.get("completion_tokens", len(self._pieces)),
            first_token_ms=None if self._first is None else round((self._first - self._started) * 1000),
            milliseconds=round((time.monotonic() - self._started) * 1000),
            finish=halted or (Finish.LENGTH if self._finish == "length" else Finish.STOP),
        )


def _trouble(error: Mapping[str, Any], call: Call, context: int) -> ModelTrouble:
    if error.get("type") == "exceed_context_size_error":
        return PromptTooLong(int(error.get("n_prompt_tokens", 0)), call.max_tokens, context)
    return ModelUnavailable(
        f"the local model refused the question: {error.get('message', 'no reason given')}"
    )
