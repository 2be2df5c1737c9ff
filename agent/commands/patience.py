"""A long wait for the ERP is told while it lasts: on the error stream, so that no row of a result is one of
these."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from itertools import repeat
from typing import TypeVar

T = TypeVar("T")
FIRST, FURTHER = 10.0, 60.0
"""Seconds before a wait is told for the first time, and between the further times."""


async def patiently(
    work: Awaitable[T],
    say: Callable[[str], None],
    words: Callable[[float], str],
    first: float = FIRST,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """The work's result, or what it raises. While it lasts, `say` is given `words` of the seconds waited."""
    telling = asyncio.create_task(_tell(say, words, first, pause))
    try:
        return await work
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


async def _tell(
    say: Callable[[str], None],
    words: Callable[[float], str],
    first: float,
    pause: Callable[[float], Awaitable[None]],
) -> None:
    waited = 0.0
    for seconds in _steps(first):
        await pause(seconds)
        waited += seconds
        say(words(waited))


def _steps(first: float) -> Iterator[float]:
    yield first
    yield from repeat(FURTHER)


def of_posting(kind: str, longest: float | None) -> Callable[[float], str]:
    """The words for a wait for what is being posted. `longest`: seconds that the settings give one answer."""
    bound = f"; one answer may take up to {longest:.0f} s" if longest is not None else ""

    def words(waited: float) -> str:
        return (
            f"waiting for {kind} for {waited:.0f} s{bound}. A read is tried again, a posting never: one "
            "without an answer is looked for until it is settled or unknown, so an ERP that hangs may take "
            "many times as long. If you end this, `erp-agent recheck` goes on with it; nothing is sent twice."
        )

    return words
