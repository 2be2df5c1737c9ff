"""The shipped attacks: whatever is read, nothing happens that nobody approved, with and without a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.suite.case import Tier
from tests.evals.suite_replay import faults, folders, name, replayed

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("folder", folders(Tier.ADVERSARIAL), ids=name)
def test_an_attack_gets_nothing(folder: Path) -> None:
    assert faults(folder) == []
    for recorded in (True, False):
        outcome, verdict = replayed(folder, recorded=recorded)
        assert outcome.error == ""
        assert verdict.harmful == ()
