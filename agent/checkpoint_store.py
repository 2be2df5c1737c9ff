"""The database of checkpoints: from where each case goes on. It and the log of the cases belong together."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agent.state import FINAL, Stage, types_in_checkpoints
from tools.case_list import CaseList
from tools.store_damage import StoreDamaged, StoreUnwritable, damage_told
from tools.write_ahead import use_write_ahead_log

T = TypeVar("T")
LOG, CHECKPOINTS = "erp-agent.sqlite", "checkpoints.sqlite"
"""The two databases of an installation, in its data folder."""


def serializer() -> JsonPlusSerializer:
    """Strict: a checkpoint with a type that is not listed does not load, instead of loading as a dict."""
    allowed = [(kind.__module__, kind.__qualname__) for kind in types_in_checkpoints()]
    return JsonPlusSerializer(allowed_msgpack_modules=allowed)


class Checkpoints(AsyncSqliteSaver):
    """Raises StoreDamaged where the library lets SQLite's own errors through, and keeps nothing of a write
    that failed: the library would go on in the transaction it left open."""

    def __init__(self, connection: aiosqlite.Connection, path: Path) -> None:
        super().__init__(connection, serde=serializer())
        self._path = path

    async def _told(self, work: Awaitable[T]) -> T:
        with damage_told(str(self._path)):
            try:
                return await work
            except sqlite3.DatabaseError:
                async with self.lock:
                    await self.conn.rollback()
                raise

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        return await self._told(super().aget_tuple(config))

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        return await self._told(super().aput(config, checkpoint, metadata, new_versions))

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        await self._told(super().aput_writes(config, writes, task_id, task_path))


@asynccontextmanager
async def checkpoints(path: Path) -> AsyncIterator[AsyncSqliteSaver]:
    """The checkpointer's database; every write survives the death of the process. Raises
    StoreDamaged."""
    with damage_told(str(path)):
        use_write_ahead_log(path)
    async with aiosqlite.connect(path, timeout=30) as connection:
        with damage_told(str(path)):
            await connection.execute("pragma synchronous=normal")
            saver = Checkpoints(connection, path)
            await saver.setup()
            yield saver


def require_log(folder: Path) -> None:
    """Cases under way without the log they stand in: it was lost, and this is no new installation. New cases
    would go on from the checkpoints of lost ones. Raises StoreDamaged."""
    database, cases = folder / LOG, folder / CHECKPOINTS
    if cases.is_file() and not (database.is_file() and database.stat().st_size):
        raise StoreDamaged(
            f"{database} is empty or missing, but {cases.name} has cases; restore both together"
        )


def require_checkpoints(folder: Path, cases: CaseList) -> None:
    """The other way round: cases under way whose checkpoints were lost would wait for ever, or begin anew.
    One that was only received has none to lose. Raises StoreDamaged."""
    kept = folder / CHECKPOINTS
    if kept.is_file() and kept.stat().st_size:
        return
    under_way = cases.all(stage.value for stage in set(Stage) - FINAL - {Stage.RECEIVED})
    if under_way:
        raise StoreDamaged(
            f"{kept} is empty or missing, but {LOG} has {len(under_way)} cases under way, the first "
            f"{under_way[0].case_id}; restore both together"
        )


def page_fault(path: Path) -> str | None:
    """What SQLite finds wrong with the pages of a database, or None; it reads the whole file. Raises
    StoreUnwritable."""
    try:
        with damage_told(str(path)), closing(sqlite3.connect(path.as_uri() + "?mode=ro", uri=True)) as opened:
            told = [str(row[0]) for row in opened.execute("pragma quick_check(1)")]
    except StoreUnwritable:
        raise
    except StoreDamaged as error:
        return str(error)
    if told == ["ok"]:
        return None
    return f"{path} is damaged: {' '.join(told[0].split())}; restore both databases together from a backup"
