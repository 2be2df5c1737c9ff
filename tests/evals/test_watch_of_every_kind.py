"""Whatever the ERP: goods that arrive move the cases that wait for them, found by what the ERP says changed.
Beside them only those move that name no order which exists: their supplier's open orders are others."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from agent.bootstrap import opened
from agent.state import Stage
from agent.triggers.order_watch import OrderWatch
from evals.attack_company import Clock, Letters, no_pause, twisted
from evals.erp_desks import desk_of
from evals.portability import Office, settings_of
from tools.erp import kinds
from tools.erp.contract import Capability


class Morning(Clock):
    def later(self, **time: int) -> None:
        self._now += timedelta(**time)


@pytest.mark.slow
@pytest.mark.parametrize("kind", kinds())
async def test_goods_that_arrive_move_the_cases_that_wait_for_them(kind: str, tmp_path: Path) -> None:
    clock, made = Morning(), twisted(20, 1, digits_only=True)
    inbox = made.write_inbox(tmp_path / "inbox")
    async with (
        desk_of(kind, made.world, clock) as desk,
        opened(
            settings_of(kind, tmp_path), erp=desk.erp, clock=clock, embedder=Letters(), pause=no_pause
        ) as app,
    ):
        await app.suppliers.sync()
        office = Office(desk, app, made)
        await office.take_in(inbox)
        watch = OrderWatch(app.service, app.changes, timedelta(days=1))
        await watch.look()
        clock.later(minutes=8)  # more than the overlap, less than the life of any login
        await watch.look()
        waiting = {case.case_id for case in app.service.inbox() if "not_received" in case.path}
        assert waiting
        office.receive()
        look = await watch.look()
        moved = {done.case_id for done in look.rechecked}
        assert waiting <= moved
        for case in moved - waiting:
            path = Path(app.service.case(case).path)
            assert path.stem.endswith(("no_order", "bad_order")), path.name
        assert {done.error for done in look.rechecked} == {None}
        assert look.complete is (Capability.READ_ORDER_CHANGES not in desk.erp.capabilities)
        assert Stage.POSTED not in {Stage(case.stage) for case in app.service.inbox()}
