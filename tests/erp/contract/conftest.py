"""Prints what the connectors declare they cannot do, so that nothing is left out silently."""

from __future__ import annotations

import pytest

from tests.erp.under_test import setup_of, setups
from tools.erp import kinds


def declarations(kind: str) -> list[str]:
    """One line for each field that is lost and each check that does not apply, with its reason."""
    setup = setup_of(kind)
    lost = [f"{kind}: loses {field}: {reason}" for field, reason in sorted(setup.LOSES.items())]
    unfit = [f"{kind}: no {check}: {reason}" for check, reason in sorted(setup.INAPPLICABLE.items())]
    return lost + unfit


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = [line for kind in kinds() if kind in setups() for line in declarations(kind)]
    if lines:
        terminalreporter.section("declared by the ERP connectors")
    for line in lines:
        terminalreporter.line(line)
