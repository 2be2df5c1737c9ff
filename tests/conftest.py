"""What every run says at its end: which parts did not run, and why."""

from __future__ import annotations

from collections.abc import Generator

import pytest

NO_LOCAL_MODEL = "NO LOCAL MODEL"
"""Begins the reason of a test that was skipped for want of a model or of an engine."""


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
