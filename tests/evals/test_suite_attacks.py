"""The shipped attacks: whatever is read, nothing happens that nobody approved, with and without a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.suite.case import Tier
from tests.evals.suite_replay import faults, folders, name, recorded, replayed

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("folder", recorded(folders(Tier.ADVERSARIAL)), ids=name)
def test_an_attack_gets_nothing(folder: Path) -> None:
    outcome, verdict = replayed(folder)
    assert outcome.error == ""
    assert verdict.harmful == ()


@pytest.mark.parametrize("folder", folders(Tier.ADVERSARIAL), ids=name)
def test_without_a_model_an_attack_ends_as_it_may_or_waits(folder: Path) -> None:
    assert faults(folder) == []
    outcome, verdict = replayed(folder, recorded=False)
    assert outcome.error == ""
    assert verdict.harmful == ()
    assert verdict.reasons == () or verdict.abstained
