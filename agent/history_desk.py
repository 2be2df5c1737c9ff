"""Brings our copy of what was posted without us up to date with the ERP. Nothing here writes to the ERP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from tools.domain.decision import Posting
from tools.erp.contract import Capability, Erp
from tools.erp_history import ErpHistory

Progress = Callable[[str, int, int], None]
_OVERLAP = timedelta(minutes=5)
"""Changes are asked for from a little before the last reading: the two clocks may differ."""
_AT_ONCE = 500
"""Documents kept by one transaction: others who write wait no longer than for these."""


class HistoryDesk:
    """The copy and the ERP it is read from."""

    def __init__(self, history: ErpHistory, erp: Erp, now: Callable[[], datetime]) -> None:
        self._history = history
        self._erp = erp
        self._now = now

    async def sync(self, progress: Progress, *, complete: bool = False) -> None:
        """Take over what changed since the last reading; everything the first time and with `complete`.
        Nothing where the ERP declines to tell. A reading that was stopped at any point is done again by the
        next one. Raises ErpError."""
        if Capability.READ_INVOICE_HISTORY not in self._erp.capabilities:
            return
        self._history.complete()
        started, last = self._now(), self._history.read_at()
        since = None if complete or last is None else last - _OVERLAP
        part: list[Posting] = []
        count = 0
        async for posting in self._erp.posted_since(since):
            part.append(posting)
            count += 1
            progress("earlier documents", count, count)
            if len(part) == _AT_ONCE:
                self._history.take(part)
                part = []
        if part:
            self._history.take(part)
        self._history.note_read(started)
