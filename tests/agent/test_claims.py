"""A case belongs to one process at a time, and to nobody when that process is gone."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from agent.claims import LEASE, Claims, process_name
from tools import store as tables
from tools.domain.identifiers import CaseId
from tools.store import Store

ONE, TWO = CaseId("C-000001"), CaseId("C-000002")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Bell:
    """Instead of a sleep: the renewal waits until the test rings."""

    def __init__(self) -> None:
        self.ringing = asyncio.Semaphore(0)
        self.waiting = asyncio.Event()
        self.asked: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        self.waiting.set()
        await self.ringing.acquire()

    async def ring(self) -> None:
        """Ends one wait and returns when the next has begun."""
        await self.waiting.wait()
        self.waiting.clear()
        self.ringing.release()
        await self.waiting.wait()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "erp-agent.db")


@pytest.fixture
def clock() -> Clock:
    return Clock()


def holders(store: Store) -> dict[str, str]:
    with store.read() as connection:
        return {row.case_id: row.holder for row in connection.execute(select(tables.claims))}


async def test_of_two_claimants_the_first_gets_the_case_and_the_second_what_is_left(
    store: Store, clock: Clock
) -> None:
    async with Claims(store, clock).hold([ONE]) as first, Claims(store, clock).hold([ONE, TWO]) as second:
        assert (first, second) == ({ONE}, {TWO})


async def test_one_claimant_does_not_get_its_own_case_twice(store: Store, clock: Clock) -> None:
    claims = Claims(store, clock)
    async with claims.hold([ONE]):
        async with claims.hold([ONE]) as again:
            assert again == frozenset()
        assert set(holders(store)) == {ONE}


async def test_a_case_is_free_after_its_holder_is_done(store: Store, clock: Clock) -> None:
    async with Claims(store, clock).hold([ONE]):
        pass
    assert holders(store) == {}
    async with Claims(store, clock).hold([ONE]) as taken:
        assert taken == {ONE}


async def test_a_case_is_given_back_when_the_work_fails(store: Store, clock: Clock) -> None:
    with pytest.raises(LookupError, match="work"):
        async with Claims(store, clock).hold([ONE]):
            raise LookupError("work")
    assert holders(store) == {}


async def test_a_case_is_given_back_when_the_work_is_cancelled(store: Store, clock: Clock) -> None:
    begun = asyncio.Event()

    async def work() -> None:
        async with Claims(store, clock).hold([ONE]):
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert holders(store) == {}


async def test_a_case_is_given_back_when_its_renewal_broke(store: Store, clock: Clock) -> None:
    async def broken(_seconds: float) -> None:
        raise LookupError("renewal")

    with pytest.raises(LookupError, match="renewal"):
        async with Claims(store, clock, broken).hold([ONE]):
            await asyncio.sleep(0)
    assert holders(store) == {}


async def test_a_lease_that_ran_out_is_free_and_one_that_did_not_is_not(store: Store, clock: Clock) -> None:
    async with Claims(store, clock, Bell()).hold([ONE]):
        clock.now += LEASE
        async with Claims(store, clock, Bell()).hold([ONE]) as early:
            assert early == frozenset()
        clock.now += timedelta(seconds=1)
        async with Claims(store, clock, Bell()).hold([ONE]) as late:
            assert late == {ONE}


async def test_a_lease_is_renewed_while_the_work_goes_on(store: Store, clock: Clock) -> None:
    bell = Bell()
    async with Claims(store, clock, bell).hold([ONE]):
        for _ in range(3):
            clock.now += LEASE - timedelta(seconds=1)
            await bell.ring()
        async with Claims(store, clock, Bell()).hold([ONE]) as rival:
            assert rival == frozenset()
    assert max(bell.asked) * 2 < LEASE.total_seconds()


async def test_who_lost_the_lease_gives_nothing_back_that_is_anothers(store: Store, clock: Clock) -> None:
    slow, quick = Claims(store, clock, Bell()), Claims(store, clock, Bell())
    async with quick.hold([TWO]):
        holding = slow.hold([ONE])
        await holding.__aenter__()
        clock.now += LEASE * 2
        async with quick.hold([ONE]) as taken:
            assert taken == {ONE}
            await holding.__aexit__(None, None, None)
            assert ONE in holders(store)


_CHILD = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from agent.claims import Claims
from tools.store import Store

async def main():
    claims = Claims(Store.open(Path(sys.argv[1])), lambda: datetime(2026, 3, 20, 9, 0, tzinfo=UTC))
    async with claims.hold(["C-000001"]) as taken:
        print(*taken, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.parametrize("collected", [True, False], ids=["collected", "zombie"])
async def test_a_case_of_a_process_that_was_killed_is_taken_over_at_once(
    store: Store, clock: Clock, tmp_path: Path, collected: bool
) -> None:
    command = [sys.executable, "-c", _CHILD, str(tmp_path / "erp-agent.db")]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220 - nothing else runs
    assert child.stdout is not None
    assert child.stdout.readline() == "C-000001\n"
    async with Claims(store, clock).hold([ONE]) as while_it_lives:
        assert while_it_lives == frozenset()
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222 - it is dead already
    if collected:
        child.wait(timeout=60)
    async with Claims(store, clock).hold([ONE]) as after:
        assert after == {ONE}
    child.stdout.close()
    child.wait(timeout=60)


async def test_a_process_of_another_machine_or_container_is_not_taken_for_dead(
    store: Store, clock: Clock
) -> None:
    host, _, _ = process_name().rpartition(":")[0].rpartition(":")
    until = (clock() + LEASE).isoformat()
    with store.transaction() as connection:
        for case_id, place in ((ONE, "elsewhere/1"), (TWO, host)):
            row = {"case_id": case_id, "holder": f"{place}:999999999:1:abc", "until": until}
            connection.execute(tables.claims.insert().values(**row))
    async with Claims(store, clock).hold([ONE, TWO]) as taken:
        assert taken == {TWO}
