"""How fast an ERP may be asked: calls at the same time, calls in a sliding window, waiting after a refusal.

One `Pacing` is shared by all tasks that use one login, because the vendors count per login.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol


class Clock(Protocol):
    """Seconds that only go forward, and waiting. Tests pass one that does not wait."""

    def time(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def time(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(frozen=True)
class Limits:
    """What a vendor allows one login."""

    concurrent: int = 4
    calls: int | None = None
    """Calls in any `per_seconds`; None: the vendor names no such limit."""
    per_seconds: float = 60.0
    further: tuple[tuple[int, float], ...] = ()
    """More windows that hold at the same time: calls, seconds."""

    @property
    def windows(self) -> tuple[tuple[int, float], ...]:
        first = () if self.calls is None else ((self.calls, self.per_seconds),)
        return (*first, *self.further)


@dataclass(frozen=True)
class Retries:
    """How often and how long a read is tried again. `spread` gives a number from 0 to 1."""

    attempts: int = 5
    first_wait: float = 0.5
    longest_wait: float = 60.0
    """A vendor that asks for more than this is reported as unavailable at once."""
    spread: Callable[[], float] = random.SystemRandom().random

    def wait(self, attempt: int, asked: float | None) -> float | None:
        """Seconds before the attempt after `attempt` (from 1); None: do not try again.

        The vendor's own number is kept exactly; without one the wait doubles, with up to half of it
        on top at random so that parallel callers do not come back together.
        """
        if attempt >= self.attempts:
            return None
        if asked is not None:
            return asked if asked <= self.longest_wait else None
        base = self.first_wait * 2.0 ** (attempt - 1)
        return min(base * (1.0 + self.spread() / 2.0), self.longest_wait)


class Window:
    """At most `calls` in any `seconds`."""

    def __init__(self, calls: int, seconds: float) -> None:
        self._calls = calls
        self._seconds = seconds
        self._taken: deque[tuple[float, int]] = deque()

    def take(self, weight: int, now: float) -> None:
        self._taken.append((now, min(weight, self._calls)))

    def seconds_until(self, weight: int, now: float) -> float:
        """How long until there is room for `weight` calls; a call heavier than the window has the whole."""
        weight = min(weight, self._calls)
        while self._taken and self._taken[0][0] <= now - self._seconds:
            self._taken.popleft()
        used = sum(count for _, count in self._taken)
        for moment, count in self._taken:
            if used + weight <= self._calls:
                return 0.0
            used -= count
            if used + weight <= self._calls:
                return moment + self._seconds - now
        return 0.0


class Pacing:
    """Keeps the callers of one login within its limits, first come first served."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self.limits = limits
        self._clock = clock
        self._slots = asyncio.Semaphore(limits.concurrent)
        self._queue = asyncio.Lock()
        self._under_way = 0
        self._windows = tuple(Window(calls, seconds) for calls, seconds in limits.windows)

    @asynccontextmanager
    async def turn(self, weight: int = 1) -> AsyncIterator[None]:
        """Wait for a free slot and room for `weight` calls in every window; hold the slot. Raises
        ErpUnavailable where a limit leaves no room before a wait that nobody should sit through."""
        async with self._slots:
            async with self._queue:
                while (wait := self._seconds_until(weight)) > 0:
                    await self._clock.sleep(wait)
                self._take(weight)
            self._under_way += 1
            try:
                yield
            finally:
                self._under_way -= 1

    def learn(self, headers: Mapping[str, str]) -> None:
        """What an answer's headers tell about the limits, said while its call still holds its slot; vendors
        that tell nothing need no more."""

    def _seconds_until(self, weight: int) -> float:
        now = self._clock.time()
        return max((window.seconds_until(weight, now) for window in self._windows), default=0.0)

    def _take(self, weight: int) -> None:
        for window in self._windows:
            window.take(weight, self._clock.time())


def retry_after(value: str | None, answered: str | None) -> float | None:
    """Seconds a `Retry-After` header asks for (RFC 9110 10.2.3: seconds or a date). A date is compared
    with the answer's own `Date` header, so a wrong local clock does not matter. None when unreadable."""
    if value is None:
        return None
    if re.fullmatch(r"[0-9]+", value.strip()):
        return float(value.strip())
    try:
        until = _moment(value)
        return max(0.0, (until - _moment(answered or "")).total_seconds())
    except (ValueError, OverflowError):
        return None


def _moment(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
