"""What a model that runs in this process can do: one prompt in, one text out, always under our control."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol

from agent.llm.contract import Message, ModelTrouble, ModelUnavailable
from tools.domain.record import Record

MODEL_SEED = 20_260
"""Any fixed number: with temperature 0 it decides nothing, but some samplers draw without one."""


class EngineName(StrEnum):
    """The two libraries that run llama.cpp in this process; `auto` takes the first that is installed."""

    AUTO = "auto"
    LLAMA_CPP = "llama_cpp"
    XLLAMACPP = "xllamacpp"


class Finish(StrEnum):
    """Why an answer ended."""

    STOP = "stop"
    LENGTH = "length"
    CANCELLED = "cancelled"
    TIME = "time"


class Call(Record):
    """One question to an engine."""

    messages: tuple[Message, ...]
    json_schema: Mapping[str, Any] | None = None
    """The answer is one JSON document that keeps to it; absent: free text."""
    max_tokens: int = 400
    stop: tuple[str, ...] = ()
    """Texts at which an answer ends; they are no part of it."""
    temperature: float = 0
    """0 to 2; at 0 the likeliest word is taken and `seed` decides nothing."""
    seed: int = MODEL_SEED


class Completion(Record):
    text: str
    tokens_in: int
    tokens_cached: int
    """Of `tokens_in`, those that were not read again because an earlier prompt began with them."""
    tokens_out: int
    first_token_ms: int | None
    """Absent where no token was written."""
    milliseconds: int
    finish: Finish


class Halt:
    """The end of a call before its answer is whole: somebody cancelled it, or its time is over.

    The engine's thread looks at it between tokens and between pieces of the prompt. Its time begins now.
    """

    def __init__(
        self,
        seconds: float | None = None,
        cancelled: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cancelled = cancelled or threading.Event()
        self._clock = clock
        self._deadline = None if seconds is None else clock() + seconds

    def cancel(self) -> None:
        """From any thread."""
        self._cancelled.set()

    @property
    def reason(self) -> Finish | None:
        if self._cancelled.is_set():
            return Finish.CANCELLED
        if self._deadline is not None and self._clock() >= self._deadline:
            return Finish.TIME
        return None


class Engine(Protocol):
    """One loaded model. Not safe for two threads at once: `ModelWorker` sees to that."""

    library: str
    """The library and its version: `xllamacpp 2026.10`."""

    def complete(self, call: Call, halt: Halt, on_text: Callable[[str], object] | None = None) -> Completion:
        """Answer; `on_text` is told each piece as it is written. A halt ends it within one token or one
        piece of the prompt, with what there is. Raises ModelTrouble."""
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens this text alone has."""
        ...

    def close(self) -> None:
        """Give the memory back; the engine cannot be used afterwards."""
        ...


class ModelFileUnusable(ModelUnavailable):
    """There is no model at that path, or it is none that the library reads; the text says which."""


class PromptTooLong(ModelTrouble):
    """The prompt and the answer together do not fit into the model's context."""

    def __init__(self, tokens: int, max_tokens: int, context: int) -> None:
        super().__init__(
            f"the prompt has {tokens} tokens and the answer up to {max_tokens}; "
            f"the model is set to {context} together (n_ctx)"
        )


class TextAhead:
    """Keeps back the end of a text as long as it may be the beginning of a stop text."""

    def __init__(self, stop: tuple[str, ...]) -> None:
        self._stop = tuple(one for one in stop if one)
        self._held = ""
        self.stopped = False

    def feed(self, piece: str) -> str:
        """What may be shown now."""
        held = self._held + piece
        ends = [at for one in self._stop if (at := held.find(one)) >= 0]
        if ends:
            self.stopped, self._held = True, ""
            return held[: min(ends)]
        keep = max((_overlap(held, one) for one in self._stop), default=0)
        self._held = held[len(held) - keep :]
        return held[: len(held) - keep]

    def rest(self) -> str:
        """What was kept back, when nothing more comes."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` that begins `stop`."""
    lengths = range(min(len(text), len(stop) - 1), 0, -1)
    return next((length for length in lengths if text.endswith(stop[:length])), 0)
