"""A batch that would pass the calls its ERP's vendor allows in a day says so before it starts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from agent.service import Refused
from tools.erp.call_budget import budget_of


class BatchTooLarge(Refused):
    """Nothing was begun; the text tells what is left and what may be done."""


def files_below(paths: Iterable[Path]) -> int:
    """About how many documents a run takes in; what mails and archives hold more is not opened for it."""
    found = (path.rglob("*") if path.is_dir() else iter((path,)) for path in paths)
    return sum(file.is_file() and not file.name.startswith(".") for files in found for file in files)


def require_calls(erp: object, *, reading: int = 0, posting: int = 0, beyond: bool = False) -> None:
    """Raises BatchTooLarge, ErpUnavailable. `beyond`: a person decided to begin all the same; then the batch
    goes on as far as the day's calls last, and what is left goes on with a later run."""
    if beyond or reading + posting == 0:
        return
    budget = budget_of(erp, reading, posting)
    if budget is not None and budget.is_short:
        raise BatchTooLarge(
            f"{budget.told}: nothing was begun. Hand in fewer, come back then, or begin all the same with "
            "--beyond-daily-limit ([batch] beyond_daily_limit = true); what does not fit goes on with a "
            "later run"
        )
