"""Days of a case pass for the ERP and for the connector alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from evals.erp_desks import UnhurriedClock, desk_of
from evals.suite.case import read_cases
from evals.suite.world import world_of
from tools.domain.identifiers import SupplierId
from tools.erp import kinds

SUPPLIER = SupplierId("10001")
MORNING = datetime(2026, 3, 16, 9, tzinfo=UTC)


class Wall:
    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize("kind", kinds())
async def test_after_days_a_connector_logs_in_again_and_reads_on(kind: str) -> None:
    wall, books = Wall(), world_of(read_cases(["0001"])[0]).books
    async with desk_of(kind, books, wall) as desk:
        before = await desk.erp.suppliers_by_id([SUPPLIER])
        wall.now += timedelta(days=3)
        assert await desk.erp.suppliers_by_id([SUPPLIER]) == before


async def test_what_was_waited_passes_at_once_and_for_both_sides() -> None:
    wall = Wall()
    clock = UnhurriedClock(wall)
    begun = clock.time()
    await clock.sleep(60)
    wall.now += timedelta(hours=1)
    assert clock.time() - begun == 3660
    assert clock.moment() == MORNING + timedelta(hours=1, minutes=1)
