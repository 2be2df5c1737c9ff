"""How many calls of today's are used up, counted for all processes of this machine, and by the vendor's word.

A vendor that counts by the day does not forget when our process ends, so the count stands in a file. The
vendor's own count, told in answer headers, wins where it is higher: other machines and apps call too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from tools.erp.errors import ErpUnavailable
from tools.erp.state_file import StateFile, StateUnusable

_DAY = 86_400.0


@dataclass(frozen=True)
class Day:
    """What is known of the day under way; `ends_at` in seconds since 1970."""

    used: int
    limit: int
    ends_at: float

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def ends(self) -> str:
        return f"{datetime.fromtimestamp(self.ends_at, UTC):%Y-%m-%d %H:%M} UTC"


class DayBook:
    """The count of one login. Without a file it lasts as long as the process."""

    def __init__(self, name: str, limit: int, now: Callable[[], float], file: StateFile | None) -> None:
        """`name` is how people call the ERP. `limit`: calls a day until the vendor tells another."""
        self._name = name
        self._limit = limit
        self._now = now
        self._file = file
        self._kept: Day | None = None

    def today(self) -> Day:
        """As counted so far. Raises ErpUnavailable when the file cannot be used."""
        return self._changed(lambda day: day)

    def take(self, calls: int) -> None:
        """Count calls about to be sent. Raises ErpUnavailable when the day has no room for them; then
        nothing is counted."""

        def counted(day: Day) -> Day:
            if calls > day.left:
                raise ErpUnavailable(
                    f"{self._name}: the {day.limit} calls of this day are used up; there are new ones from "
                    f"{day.ends} on"
                )
            return Day(day.used + calls, day.limit, day.ends_at)

        self._changed(counted)

    def learn(self, limit: int, remaining: int, ends_at: float) -> None:
        """What the vendor tells after a call."""

        def told(day: Day) -> Day:
            used = limit - remaining
            same_day = abs(ends_at - day.ends_at) < _DAY / 2
            return Day(max(used, day.used) if same_day else used, limit, ends_at)

        self._changed(told)

    def _changed(self, change: Callable[[Day], Day]) -> Day:
        if self._file is None:
            self._kept = change(self._current(self._kept))
            return self._kept
        try:
            with self._file.held():
                before = self._read(self._file)
                after = change(self._current(before))
                if after != before:
                    self._file.write(
                        {"used": after.used, "limit": after.limit, "ends_at": after.ends_at}, durable=False
                    )
        except StateUnusable as error:
            raise ErpUnavailable(f"{self._name}: the calls of the day cannot be counted: {error}") from error
        return after

    def _read(self, file: StateFile) -> Day | None:
        values = file.read()
        try:
            return Day(int(values["used"]), int(values["limit"]), float(values["ends_at"]))
        except (KeyError, TypeError, ValueError):
            return None

    def _current(self, day: Day | None) -> Day:
        """The day under way; days end at midnight UTC until the vendor tells when. A limit the vendor told
        stays where it is lower than ours."""
        now = self._now()
        if day is not None and now < day.ends_at <= now + 2 * _DAY:
            return day
        limit = self._limit if day is None else min(day.limit, self._limit)
        return Day(0, limit, (now // _DAY + 1) * _DAY)
