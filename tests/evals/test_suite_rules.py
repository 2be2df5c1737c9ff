"""The shipped cases that need no judgement: whole, not too easy, and green without a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.suite.case import Tier
from tests.evals.suite_replay import faults, folders, name, replayed

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("folder", folders(Tier.RULES), ids=name)
def test_rules_alone_bring_the_case_to_a_permitted_end(folder: Path) -> None:
    assert faults(folder) == []
    assert replayed(folder, recorded=False)[1].reasons == ()
