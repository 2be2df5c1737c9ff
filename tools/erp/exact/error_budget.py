"""Ten errors an hour on one resource block the app there for an hour, and longer when it goes on
(forums.invantive.com/t/new-exact-online-api-limitations/1040). So we stop before the tenth.

The count stands in a file, because a program that is started again and again blocks itself as surely.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tools.erp.errors import ErpUnavailable
from tools.erp.state_file import StateFile, StateUnusable

COUNTED = frozenset({400, 401, 403, 404})
ALLOWED = 10
RESERVE = 2
"""Left for other processes of the same app on other machines."""
HOUR = 3600.0


class ErrorBudget:
    """`now` gives seconds since 1970. Without a file the count lasts as long as the process."""

    def __init__(self, now: Callable[[], float], file: StateFile | None) -> None:
        self._now = now
        self._file = file
        self._kept: dict[str, list[float]] = {}

    def check(self, resource: str) -> None:
        """Raises ErpUnavailable while one more error could block us."""
        recent = self._changed(resource, None)
        if len(recent) < ALLOWED - RESERVE:
            return
        until = datetime.fromtimestamp(recent[-(ALLOWED - RESERVE)] + HOUR, UTC)
        raise ErpUnavailable(
            f"Exact Online refused {len(recent)} calls to {resource} within an hour; {ALLOWED} would block "
            f"this app there, so nothing more is asked before {until:%H:%M} UTC"
        )

    def note(self, resource: str) -> None:
        """One more error."""
        self._changed(resource, self._now())

    def _changed(self, resource: str, moment: float | None) -> list[float]:
        if self._file is None:
            self._kept = self._recent(self._kept, resource, moment)
            return self._kept.get(resource, [])
        try:
            with self._file.held():
                before = self._file.read()
                after = self._recent(before, resource, moment)
                if after != before:
                    self._file.write(after, durable=False)
        except StateUnusable as error:
            raise ErpUnavailable(f"Exact Online's refusals cannot be counted: {error}") from error
        return after.get(resource, [])

    def _recent(self, kept: dict[str, Any], resource: str, moment: float | None) -> dict[str, list[float]]:
        since = self._now() - HOUR
        recent = {
            name: [float(each) for each in moments if float(each) > since] for name, moments in kept.items()
        }
        if moment is not None:
            recent.setdefault(resource, []).append(moment)
        return {name: moments for name, moments in recent.items() if moments}
