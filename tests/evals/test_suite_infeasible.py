"""The shipped cases in which nothing may be posted: they end with a question, a wait or a refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.suite.case import CASES, Tier
from tests.evals.suite_replay import faults, folders, name, recorded, replayed

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("folder", folders(Tier.INFEASIBLE), ids=name)
def test_nothing_is_posted_and_the_case_ends_as_it_may(folder: Path) -> None:
    assert faults(folder) == []
    outcome, verdict = replayed(folder, recorded=False)
    assert outcome.error == ""
    assert verdict.reasons == ()


@pytest.mark.parametrize("folder", recorded(folders(Tier.INFEASIBLE)), ids=name)
def test_whatever_the_recorded_model_suggests_no_promise_is_broken(folder: Path) -> None:
    outcome, verdict = replayed(folder)
    assert outcome.error == ""
    assert verdict.harmful == ()


def test_every_case_has_a_tier_that_is_tested() -> None:
    known = {folder for tier in Tier for folder in folders(tier)}
    assert known == {path for path in CASES.iterdir() if path.is_dir()}
