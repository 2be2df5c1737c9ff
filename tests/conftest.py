"""Where a run keeps its temporary files, and what it says at its end: which parts did not run, and why."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from agent.garbage import collect_seldom

NO_LOCAL_MODEL = "NO LOCAL MODEL"
"""Begins the reason of a test that was skipped for want of a model or of an engine."""

MEMORY = Path("/dev/shm")
ENOUGH = 2 * 1024**3
"""Bytes; a run needs some hundred megabytes at a time, because what passed is removed at once."""


def pytest_configure(config: pytest.Config) -> None:
    """Temporary files lie in memory where there is room, unless TMPDIR says where. A case waits for the disk
    ninety times, and that it does is no test's result: what tests break off is a process, never a machine.
    What was compiled is kept, whatever the environment says."""
    if "TMPDIR" not in os.environ and _has_room(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None
    collect_seldom()
    # Tests start hundreds of processes: each would compile the whole program and its libraries anew.
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None) is not None:
        sys.dont_write_bytecode = False


def _has_room(folder: Path) -> bool:
    """Whether files there can be written and run, and enough of them."""
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        return False
    return not os.statvfs(folder).f_flag & os.ST_NOEXEC and shutil.disk_usage(folder).free > ENOUGH


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None, object, object]:
    """After all that pytest itself says, where it is read."""
    result = yield
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", ()):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _, found, told = reason.partition(NO_LOCAL_MODEL)
        if found:
            reasons[told.lstrip(": ")] = reasons.get(told.lstrip(": "), 0) + 1
    for told, count in reasons.items():
        terminalreporter.write_line(f"{count} TESTS OF LOCAL MODELS DID NOT RUN: {told}", red=True, bold=True)
    return result
