"""The database of checkpoints: from where each case goes on. It and the log of the cases belong together."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agent.state import types_in_checkpoints
from tools.store_damage import StoreDamaged, damage_told
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
