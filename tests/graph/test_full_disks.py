"""The disk takes nothing any more, at any moment: one sentence, nothing lost, nothing posted twice."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from pathlib import Path

import pytest
from langchain_core.runnables import RunnableConfig
from sqlalchemy import Engine, event, select

from agent.application import Application
from agent.checkpoint_store import Checkpoints, checkpoints
from agent.claims import Claims
from tests.graph.conftest import Furnish
from tests.graph.office import Office
from tests.graph.papers import a_document
from tests.graph.test_deaths import Fuse, a_morning, mortal, settle
from tools import store as tables
from tools.domain import audit
from tools.store_damage import StoreUnwritable


class Disk:
    """What our database lies on: `full` refuses each write to it, as a mount that became read-only does."""

    def __init__(self, engine: Engine) -> None:
        self.full = False
        event.listen(engine, "checkout", self._meet)

    def _meet(self, connection: sqlite3.Connection, *_pool: object) -> None:
        connection.execute(f"pragma query_only={'on' if self.full else 'off'}")


class Filling(Fuse):
    """Counts the moments at which the disk could become full, and fills it at one of them."""

    def __init__(self, disk: Disk, at: int | None = None) -> None:
        super().__init__()
        self.fill_at, self._disk = at, disk

    def pass_by(self, moment: str) -> None:
        super().pass_by(moment)
        self._disk.full = self._disk.full or len(self.moments) - 1 == self.fill_at


def disk_of(app: Application) -> Disk:
    return Disk(app.service.deps.log.store.engine)


async def a_full_morning(office: Office, at: int | None) -> tuple[list[str], str]:
    """The moments passed, and what was told when the disk filled up at one of them."""
    told = ""
    async with office.open() as app:
        disk = disk_of(app)
        filling = Filling(disk, at)
        office.app = mortal(app, filling)
        try:
            await a_morning(office)
        except StoreUnwritable as error:
            told = str(error)
        disk.full = False
    return filling.moments, told


def prepared(furnish: Furnish, folder: Path) -> Office:
    office = furnish("sandbox", folder)
    office.lay("invoice.xml", a_document())
    return office


async def test_a_disk_full_at_any_moment_posts_the_document_once(furnish: Furnish, tmp_path: Path) -> None:
    moments, told = await a_full_morning(prepared(furnish, tmp_path / "whole"), None)
    assert told == ""
    assert {"before ledger.sent", "before erp.write", "after erp.write"} <= set(moments)
    for at, moment in enumerate(moments):
        office = prepared(furnish, tmp_path / str(at))
        _, told = await a_full_morning(office, at)
        if moment != moments[-1]:
            assert "erp-agent.sqlite: it may only be read" in told, moment
        assert len(office.posted()) == (at >= moments.index("after ledger.sent")), moment
        office.clock.later(minutes=3)  # the claim could not be given back
        async with office.open():
            await a_morning(office)
            await settle(office)
            (case,) = office.app.service.inbox()
            assert case.stage == "posted", moment
            assert len(office.posted()) == len(office.events(case, audit.PostingDone)) == 1, moment
            office.verified()


async def test_a_full_disk_ends_a_batch_with_the_sentence_and_nothing_else(
    plain_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office, disk = plain_office, disk_of(plain_office.app)
    for number in range(4):
        office.lay(f"{number}.xml", a_document(f"RE-{number}"))
    office.line.before["orders"] = lambda: setattr(disk, "full", True)
    with (
        pytest.raises(StoreUnwritable, match="nothing that was noted is lost"),
        caplog.at_level(logging.ERROR),
    ):
        await office.run()
    assert caplog.records == []
    disk.full = False
    office.line.before.clear()
    states = {outcome.state for outcome in await office.run()}
    assert states == {"waiting_for_approval", "waiting_for_answer"}


async def test_a_lease_is_renewed_when_there_is_room_again(plain_office: Office) -> None:
    store, disk = plain_office.app.service.deps.log.store, disk_of(plain_office.app)
    case = plain_office.receive(a_document())
    waits, seen = 0, asyncio.Event()

    async def pass_time(_seconds: float) -> None:
        nonlocal waits
        waits += 1
        disk.full = waits == 1
        plain_office.clock.later(seconds=30)
        if waits == 3:
            seen.set()
            await asyncio.Event().wait()

    def until() -> str:
        with store.read() as connection:
            return str(connection.execute(select(tables.claims.c.until)).scalar_one())

    async with Claims(store, plain_office.clock, pass_time).hold([case]):
        first = until()
        await seen.wait()
        assert until() > first


async def test_checkpoints_that_cannot_be_written_are_told_and_leave_nothing_open(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.sqlite"
    thread: RunnableConfig = {
        "configurable": {"thread_id": "C-000001", "checkpoint_ns": "", "checkpoint_id": "1"}
    }
    async with checkpoints(path) as saver:
        await saver.conn.execute("pragma max_page_count=1")  # as many as there are
        with pytest.raises(StoreUnwritable, match=r"checkpoints\.sqlite: the disk is full; make room"):
            await saver.aput_writes(thread, [("small", 1), ("large", "x" * 100_000)], "task")
        rival = sqlite3.connect(path, timeout=0)
        rival.execute("begin immediate")
        assert rival.execute("select count(*) from writes").fetchone() == (0,)
        rival.close()


async def test_checkpoints_that_fill_up_in_a_batch_end_it(
    plain_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    saver = plain_office.app.service._graph.checkpointer
    assert isinstance(saver, Checkpoints)
    plain_office.lay("a.xml", a_document())
    await saver.conn.execute("pragma query_only=on")
    with pytest.raises(StoreUnwritable, match=r"checkpoints\.sqlite: it may only be read"):
        await plain_office.run()
    assert caplog.records == []
    await saver.conn.execute("pragma query_only=off")
    (outcome,) = await plain_office.run()
    assert outcome.state == "waiting_for_approval"
