"""Pacing that also keeps to a limit by the day, and learns from answers how much is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tools.erp.day_book import DayBook
from tools.erp.pacing import Clock, Limits, Pacing


@dataclass(frozen=True)
class Told:
    """What one answer says of one window: calls allowed, calls left, seconds until it starts anew."""

    limit: int
    remaining: int
    resets_in: float


@dataclass(frozen=True)
class ToldLimits:
    """What one answer says. Absent: nothing of that window."""

    short: Told | None = None
    day: Told | None = None


ReadLimits = Callable[[Mapping[str, str]], ToldLimits]
"""Reads a vendor's headers (names in any case)."""


class TaughtPacing(Pacing):
    """Waits for the short windows; a day that is used up is told at once, because nobody waits for hours."""

    def __init__(
        self,
        limits: Limits,
        clock: Clock,
        *,
        read: ReadLimits,
        day: DayBook,
        now: Callable[[], float],
    ) -> None:
        """`now` gives seconds since 1970, for the end of the vendor's day."""
        super().__init__(limits, clock)
        self._read = read
        self._day = day
        self._now = now
        self._left = 0
        self._left_until = 0.0

    def learn(self, headers: Mapping[str, str]) -> None:
        """Another app's calls count in the vendor's numbers, so the vendor's word holds."""
        told = self._read(headers)
        if told.day is not None:
            self._day.learn(told.day.limit, told.day.remaining, self._now() + told.day.resets_in)
        if told.short is not None:
            self._learn_short(told.short)

    def _learn_short(self, told: Told) -> None:
        now = self._clock.time()
        # What else is under way was counted by us, and perhaps not yet by the vendor.
        left = max(0, told.remaining - (self._under_way - 1))
        known = self._left if now < self._left_until else left
        self._left, self._left_until = min(left, known), now + told.resets_in

    def _seconds_until(self, weight: int) -> float:
        wait = super()._seconds_until(weight)
        now = self._clock.time()
        if now < self._left_until and self._left < weight:
            return max(wait, self._left_until - now)
        return wait

    def _take(self, weight: int) -> None:
        self._day.take(weight)
        super()._take(weight)
        self._left = max(0, self._left - weight)
