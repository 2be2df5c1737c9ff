"""What `doctor` says of the watch: whether somebody looks, since when nothing was missed, what is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from agent.triggers.settings import EventSettings
from tools.change_marks import ChangeMarks

_LATE = 10
"""Looks that may fail to come before a person is told: an ERP may be away for a while."""


def watch_check(settings: EventSettings, marks: ChangeMarks, now: datetime) -> dict[str, str]:
    """A check as the others are: `what`, `state` (`ok` or `note`), `message`."""
    looked, complete = marks.looked_at(), marks.complete_at()
    if looked is None:
        return _check("note", "nobody looks yet; `erp-agent watch` moves waiting cases when the ERP changes")
    told = f"last look {looked:%Y-%m-%d %H:%M} UTC"
    if complete is not None:
        told += f", every case compared {complete:%Y-%m-%d %H:%M} UTC"
    again = marks.again()
    if again:
        told += f"; due again: {', '.join(again)}"
    if now - looked > _LATE * timedelta(seconds=settings.poll_seconds):
        return _check("note", f"{told}; `erp-agent watch` is not running, or the ERP does not answer it")
    return _check("ok", told)


def _check(state: str, message: str) -> dict[str, str]:
    return {"what": "changes in the ERP", "state": state, "message": message}
