"""The limits of one app on one administration: calls by the minute and the day, errors by the hour."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta

from tools.erp.exact.sandbox_schema import ApiError

_COUNTED = frozenset({400, 401, 403, 404})


class Counter:
    """Calls in the running period; periods begin at full minutes or days (UTC)."""

    def __init__(self, limit: int, period: timedelta, clock: Callable[[], datetime]) -> None:
        self.limit = limit
        self._period = period.total_seconds()
        self._clock = clock
        self._number = -1
        self.used = 0

    def take(self) -> bool:
        """False when the period has no room."""
        self._turn()
        if self.used >= self.limit:
            return False
        self.used += 1
        return True

    def headers(self, name: str) -> dict[str, str]:
        self._turn()
        ends = int((self._number + 1) * self._period * 1000)
        return {
            f"X-RateLimit-{name}Limit": str(self.limit),
            f"X-RateLimit-{name}Remaining": str(max(0, self.limit - self.used)),
            f"X-RateLimit-{name}Reset": str(ends),
        }

    def _turn(self) -> None:
        number = int(self._clock().timestamp() // self._period)
        if number != self._number:
            self._number, self.used = number, 0


class Throttle:
    """Counts before a call is looked at. Other apps of the same key may use up calls too: `elsewhere`."""

    def __init__(self, minutely: int, daily: int, errors: int, clock: Callable[[], datetime]) -> None:
        self.minute = Counter(minutely, timedelta(minutes=1), clock)
        self.day = Counter(daily, timedelta(days=1), clock)
        self._errors_allowed = errors
        self._clock = clock
        self._errors: dict[str, deque[datetime]] = defaultdict(deque)
        self._blocked: dict[str, datetime] = {}

    def admit(self, resource: str) -> None:
        """Raises ApiError: 429 with the headers of the window that is full, 403 while errors block the
        resource."""
        until = self._blocked.get(resource)
        if until is not None and self._clock() < until:
            raise ApiError(
                403, "Forbidden", {"Reason": f"Too many errors on {resource}: blocked for an hour"}
            )
        if not self.minute.take():
            raise ApiError(429, "", self.minute.headers("Minutely-"))
        if not self.day.take():
            raise ApiError(429, "", self.day.headers(""))

    def note(self, resource: str, status: int) -> None:
        """An answer went out; the eleventh error within an hour blocks the resource for an hour."""
        if status not in _COUNTED:
            return
        recent = self._errors[resource]
        recent.append(self._clock())
        while recent and recent[0] <= self._clock() - timedelta(hours=1):
            recent.popleft()
        if len(recent) > self._errors_allowed:
            self._blocked[resource] = self._clock() + timedelta(hours=1)

    def headers(self) -> dict[str, str]:
        return {**self.day.headers(""), **self.minute.headers("Minutely-")}
