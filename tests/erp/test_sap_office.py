"""The whole way with SAP behind it: what a clerk and an approver see of a posting that SAP blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.bootstrap import opened
from agent.state import Stage
from evals.attack_company import CLERK, Clock, Letters, no_pause, twisted
from evals.erp_desks import desk_of
from evals.portability import Office, settings_of

pytestmark = pytest.mark.slow


async def test_a_posting_that_saps_tolerances_block_is_told_as_blocked(tmp_path: Path) -> None:
    """A price above the order's that a clerk accepted: SAP posts it, and does not pay it."""
    made, clock = twisted(1, 1, digits_only=True), Clock()
    parts: dict[str, Any] = {"clock": clock, "embedder": Letters(), "pause": no_pause}
    async with (
        desk_of("sap", made.world, clock) as desk,
        opened(settings_of("sap", tmp_path), erp=desk.erp, **parts) as application,
    ):
        await application.suppliers.sync()
        application.accounts.furnish_accounts(made.accounts, CLERK, "made up")
        office = Office(desk, application, made)
        await office.take_in(made.write_inbox(tmp_path / "inbox"))
        await office.answer_all()
        await office.approve_all()
        (case,) = application.service.inbox()
    assert case.stage == Stage.POSTED
    assert "payment block R" in case.reason
    assert desk.company.ledger.payables() > 0
