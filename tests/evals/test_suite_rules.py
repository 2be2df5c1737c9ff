"""The shipped cases that need no judgement: whole, not too easy, and green without a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.suite.case import Tier
from tests.evals.suite_replay import faults, folders, name, replayed

pytestmark = pytest.mark.slow
UNSETTLED = {
    "0028_a_rate_that_does_not_exist": "the product posts it; the case says it is held",
    "0039_letters_that_name_a_sum": "the product asks what it is; the case says it is no invoice",
    "0047_nobody_may_approve_so_much": "the product does not say that nobody may approve so much",
}
"""Cases in which the product and the expectation still differ, with what differs."""


@pytest.mark.parametrize("folder", folders(Tier.RULES), ids=name)
def test_rules_alone_bring_the_case_to_a_permitted_end(folder: Path, request: pytest.FixtureRequest) -> None:
    if folder.name in UNSETTLED:
        request.applymarker(pytest.mark.xfail(reason=UNSETTLED[folder.name], strict=False))
    assert faults(folder) == []
    assert replayed(folder, recorded=False)[1].reasons == ()
