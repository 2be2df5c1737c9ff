"""The shipped cases of judgement and talk: a recording still fits, and no model can do harm in them.

Whether the recorded model was right is a figure of the report, and no test.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.suite.case import Tier
from tests.evals.suite_replay import faults, folders, name, replayed

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("folder", folders(Tier.JUDGEMENT, Tier.CONVERSATION), ids=name)
def test_the_recording_fits_and_nothing_harms(folder: Path) -> None:
    assert faults(folder) == []
    outcome, verdict = replayed(folder)
    assert outcome.error == ""
    assert verdict.harmful == ()
