"""One loaded model and the one thread that may use it. It is loaded at the first question, not before."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from agent.llm.contract import ModelUnavailable
from agent.llm.engine import Call, Completion, Engine, Finish, Halt

OnText = Callable[[str], object]


class ModelWorker:
    """Questions wait their turn; the time limit of each counts from when its work begins."""

    def __init__(self, load: Callable[[], Engine]) -> None:
        self._load = load
        self._engine: Engine | None = None
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")

    def ask(self, call: Call, seconds: float | None, on_text: OnText | None = None) -> Completion:
        """Wait for the whole answer. Raises ModelTrouble."""
        return self._submit(call, seconds, threading.Event(), on_text).result()

    async def ask_async(self, call: Call, seconds: float | None, on_text: OnText | None = None) -> Completion:
        """The same without blocking the loop. When the awaiting task is cancelled, so is the work; `on_text`
        is called on the model's thread."""
        cancelled = threading.Event()
        future = self._submit(call, seconds, cancelled, on_text)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    def count_tokens(self, text: str) -> int:
        return self._pool.submit(lambda: self._loaded().count_tokens(text)).result()

    def library(self) -> str:
        """What runs the model; loads it."""
        return self._pool.submit(lambda: self._loaded().library).result()

    def close(self) -> None:
        """Wait for what runs, then give the memory back. A later question loads the model again."""
        self._pool.submit(self._unload).result()

    def _submit(
        self, call: Call, seconds: float | None, cancelled: threading.Event, on_text: OnText | None
    ) -> Future[Completion]:
        return self._pool.submit(self._work, call, seconds, cancelled, on_text)

    def _work(
        self, call: Call, seconds: float | None, cancelled: threading.Event, on_text: OnText | None
    ) -> Completion:
        engine = self._loaded()
        done = engine.complete(call, Halt(seconds, cancelled), on_text)
        if done.finish is Finish.TIME:
            raise ModelUnavailable(f"the local model gave no whole answer within {seconds:g} seconds")
        return done

    def _loaded(self) -> Engine:
        if self._engine is None:
            self._engine = self._load()
        return self._engine

    def _unload(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None
