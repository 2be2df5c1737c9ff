"""The groups of stages name stages that there are, and none in both."""

from __future__ import annotations

from agent.state import Stage
from tools.stage_groups import AGREED, NOTHING_OWED


def test_every_stage_of_a_group_is_one_of_the_flow() -> None:
    assert {*AGREED, *NOTHING_OWED} <= {stage.value for stage in Stage}
    assert not set(AGREED) & set(NOTHING_OWED)
    assert {Stage.POSTED, Stage.OUTCOME_UNKNOWN} <= set(AGREED)
