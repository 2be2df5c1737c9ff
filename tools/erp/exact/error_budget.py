"""Ten errors an hour on one resource block the app there for an hour, and longer when it goes on
(forums.invantive.com/t/new-exact-online-api-limitations/1040). So we stop before the tenth.

Every sending counts as an error until its answer says that it is none: calls under way beside each other
would all find room otherwise. The count stands in a file, for all processes of the machine, and because a
program that is started again and again blocks itself as surely.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from tools.erp.answers import Answer
from tools.erp.errors import ErpUnavailable
from tools.erp.http import Failure, Request
from tools.erp.state_file import StateFile, StateUnusable

COUNTED = frozenset({400, 401, 403, 404})
ALLOWED = 10
RESERVE = 2
"""Left for other processes of the same app on other machines."""
HOUR = 3600.0
LONGEST = 600.0
"""Seconds a call may be under way; what a killed process left is forgotten after them."""
_UNDER_WAY = " (under way)"
_LOOK_AGAIN = 0.05
"""Seconds between looks whether another process's call came back."""
_RESOURCE = re.compile(r"(?:^|/)api/v1/(?:\d+/)?([^?(]*)")


class ErrorBudget:
    """Lets a request out (an `Admission`) while errors and calls under way leave room. `now` gives seconds
    since 1970. Without a file the count lasts as long as the process."""

    def __init__(self, now: Callable[[], float], file: StateFile | None) -> None:
        self._now = now
        self._file = file
        self._kept: dict[str, list[float]] = {}
        self._back = asyncio.Event()

    async def send(
        self, request: Request, transmit: Callable[[], Awaitable[Answer | Failure]]
    ) -> Answer | Failure:
        """Waits while calls under way could use up what is left. Raises ErpUnavailable, with nothing sent,
        while one more error could block us."""
        resource = resource_of(request.url)
        while (started := self._begun(resource)) is None:
            await self._one_is_back()
        refused = False
        try:
            result = await transmit()
            refused = isinstance(result, Answer) and result.status in COUNTED
            return result
        finally:
            self._ended(resource, started, refused)

    async def _one_is_back(self) -> None:
        self._back.clear()
        try:
            await asyncio.wait_for(self._back.wait(), _LOOK_AGAIN)
        except TimeoutError:
            return

    def _begun(self, resource: str) -> float | None:
        """When the call began; None: it has to wait."""
        started = self._now()

        def begin(kept: dict[str, list[float]]) -> bool:
            errors, under_way = kept.get(resource, []), kept.setdefault(resource + _UNDER_WAY, [])
            if len(errors) >= ALLOWED - RESERVE:
                raise _used_up(resource, errors)
            if len(errors) + len(under_way) >= ALLOWED - RESERVE:
                return False
            under_way.append(started)
            return True

        return started if self._changed(begin) else None

    def _ended(self, resource: str, started: float, refused: bool) -> None:
        def end(kept: dict[str, list[float]]) -> bool:
            under_way = kept.get(resource + _UNDER_WAY, [])
            if started in under_way:
                under_way.remove(started)
            if refused:
                kept.setdefault(resource, []).append(self._now())
            return True

        with suppress(ErpUnavailable):
            # The call was made: what it did must be told, and the next one fails before it is sent.
            self._changed(end)
        self._back.set()

    def _changed(self, change: Callable[[dict[str, list[float]]], bool]) -> bool:
        if self._file is None:
            self._kept = self._recent(self._kept)
            return change(self._kept)
        try:
            with self._file.held():
                kept = self._recent(self._file.read())
                done = change(kept)
                if done:
                    self._file.write({name: each for name, each in kept.items() if each}, durable=False)
                return done
        except StateUnusable as error:
            raise ErpUnavailable(f"Exact Online's refusals cannot be counted: {error}") from error

    def _recent(self, kept: dict[str, Any]) -> dict[str, list[float]]:
        now = self._now()
        return {
            name: [
                float(each)
                for each in moments
                if float(each) > now - (LONGEST if name.endswith(_UNDER_WAY) else HOUR)
            ]
            for name, moments in kept.items()
        }


def _used_up(resource: str, errors: list[float]) -> ErpUnavailable:
    until = datetime.fromtimestamp(errors[-(ALLOWED - RESERVE)] + HOUR, UTC)
    return ErpUnavailable(
        f"Exact Online refused {len(errors)} calls to {resource} within an hour; {ALLOWED} would block "
        f"this app there, so nothing more is asked before {until:%H:%M} UTC"
    )


def resource_of(url: str) -> str:
    """`purchaseentry/PurchaseEntries` of any address below `api/v1/`."""
    found = _RESOURCE.search(url)
    return (found[1] if found else url.partition("?")[0]).rstrip("/")
