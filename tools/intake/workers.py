"""Reads documents in child processes, so that a hostile file ends its own reading and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from tools.domain.documents import Reading, SourceDocument
from tools.intake.classify import Kind, kind_of
from tools.intake.editions import Pair, select_originals
from tools.intake.folder import Found, collect
from tools.intake.limits import MEGABYTE, Limits, unreadable
from tools.intake.reading import read_document

Reader = Callable[[SourceDocument, Limits, date | None], Reading]
"""A function of a module, so that a fresh process can import it."""

# Larger XML costs time and memory enough to be worth a process.
_IN_PROCESS_BYTES = MEGABYTE
_LARGEST_ANSWER = 256 * MEGABYTE
_READY = b"ready"
_SLOWEST_START = 120.0
"""Seconds a fresh process may need to import the reader on a busy machine."""


class ReadingPool:
    """`processes` readers, each for one document at a time.

    A reader that dies gives `reader_crashed`, one that exceeds `seconds_per_document` is ended and
    gives `took_too_long`; both for that document alone. The next document gets a fresh process.
    """

    def __init__(
        self,
        processes: int = 2,
        limits: Limits | None = None,
        seconds_per_document: float = 60,
        reader: Reader = read_document,
        isolate_all: bool = False,
    ) -> None:
        self.limits = limits or Limits()
        self.processes = max(1, processes)
        self._isolate_all = isolate_all
        self._reader = reader
        self._threads = ThreadPoolExecutor(self.processes, thread_name_prefix="reading")
        self._idle = [_Child(reader, self.limits, seconds_per_document) for _ in range(self.processes)]
        self._all = tuple(self._idle)

    async def read(self, document: SourceDocument, today: date | None = None) -> Reading:
        """The reading of one document; never raises for what is in it."""
        if not self._isolate_all and _is_harmless(document.content):
            return self._reader(document, self.limits, today)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._read, document, today)

    def _read(self, document: SourceDocument, today: date | None) -> Reading:
        # There are as many threads as children, so one is always idle here.
        child = self._idle.pop()
        try:
            return child.read(document, today)
        finally:
            self._idle.append(child)

    def close(self) -> None:
        """Ends the readers; a document in work gives `reader_crashed`."""
        for child in self._all:
            child.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for child in self._all:
            child.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)


async def read_files(
    paths: Iterable[Path], pool: ReadingPool, today: date | None = None
) -> AsyncIterator[Pair]:
    """Document and reading for every file below `paths`, in the order of the files.

    Other editions of an invoice of the same mail are marked (`select_originals`).
    """
    window: list[asyncio.Task[list[Pair]]] = []
    try:
        for group in _groups(collect(paths, pool.limits)):
            window.append(asyncio.ensure_future(_read_group(group, pool, today)))
            if len(window) > 2 * pool.processes:
                for pair in await window.pop(0):
                    yield pair
        while window:
            for pair in await window.pop(0):
                yield pair
    finally:
        for task in window:
            task.cancel()


def _groups(found: Iterable[Found]) -> Iterable[list[Found]]:
    group: list[Found] = []
    for each in found:
        if group and group[0].group != each.group:
            yield group
            group = []
        group.append(each)
    if group:
        yield group


async def _read_group(group: list[Found], pool: ReadingPool, today: date | None) -> list[Pair]:
    readings = await asyncio.gather(*(_complete(found, pool, today) for found in group))
    return select_originals(list(zip((found.document for found in group), readings, strict=True)))


async def _complete(found: Found, pool: ReadingPool, today: date | None) -> Reading:
    if found.reading is not None:
        return found.completed(found.reading)
    return found.completed(await pool.read(found.document, today))


def _is_harmless(content: bytes) -> bool:
    """XML of ordinary size is parsed by lxml under limits; what else is parsed, is parsed elsewhere."""
    return len(content) < _IN_PROCESS_BYTES and kind_of(content) is not Kind.PDF


class _Child:
    """One process and the pipe to it; started when first needed, replaced when it is lost."""

    def __init__(self, reader: Reader, limits: Limits, seconds: float) -> None:
        self._reader = reader
        self._limits = limits
        self._seconds = seconds
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False

    def read(self, document: SourceDocument, today: date | None) -> Reading:
        if self._closed:
            return _crashed()
        try:
            pipe = self._started()
            pipe.send((document, today))
            if not pipe.poll(self._seconds):
                self._end()
                return _too_slow(self._seconds)
            # JSON, not a pickle: a reader taken over by its document must not run code here.
            return Reading.model_validate_json(pipe.recv_bytes(_LARGEST_ANSWER))
        except (EOFError, OSError, ValidationError):
            self._end()
            return _crashed()

    def _started(self) -> Connection:
        if self._pipe is not None and self._process is not None and self._process.is_alive():
            return self._pipe
        self._end()
        context = multiprocessing.get_context("forkserver")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._reader, self._limits), daemon=True)
        process.start()
        theirs.close()
        self._process, self._pipe = process, ours
        # The time for a document starts when the process is ready for one.
        if not ours.poll(_SLOWEST_START):
            raise EOFError
        ours.recv_bytes(len(_READY))
        return ours

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None

    def stop(self) -> None:
        """Kills the process; a thread that waits for its answer goes on with an end of file."""
        self._closed = True
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        self._closed = True
        self._end()


def _crashed() -> Reading:
    return unreadable(
        "reader_crashed",
        "The file made the reader fail. Look at it by hand and ask the supplier for another one.",
    )


def _too_slow(seconds: float) -> Reading:
    return unreadable(
        "took_too_long", f"The file could not be read within {seconds:g} seconds. Look at it by hand."
    )


def _serve(pipe: Connection, reader: Reader, limits: Limits) -> None:
    """Runs in the child: documents in, readings out, until the pipe is closed."""
    _bound_memory(limits.max_memory)
    with contextlib.suppress(EOFError, BrokenPipeError, KeyboardInterrupt, MemoryError):
        pipe.send_bytes(_READY)
        while True:
            document, today = pipe.recv()
            pipe.send_bytes(reader(document, limits, today).model_dump_json().encode())


def _bound_memory(size: int) -> None:
    try:
        import resource
    except ImportError:  # the module exists on Unix only
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    bound = size if hard == resource.RLIM_INFINITY else min(size, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (bound, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
