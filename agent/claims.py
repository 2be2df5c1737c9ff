"""A case is worked on by one process at a time: a row with a lease, taken before the graph is resumed.

The graph library has no lock of its own; two resumes of one thread at once would run the posting step twice.
"""

from __future__ import annotations

import asyncio
import os
import socket
import uuid
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from tools import store as tables
from tools.domain.identifiers import CaseId
from tools.store import Store

LEASE = timedelta(seconds=120)
_RENEW_EVERY = 30.0


class CaseBusy(Exception):
    """Another process is working on the case; try again when it is done."""


def process_name() -> str:
    """Host, process id and start time: names one process even after its id is used again."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def _started(pid: int) -> str:
    try:
        # Field 22 of /proc/PID/stat; the command name before it may contain blanks and brackets.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "gone"


def _is_dead(holder: str) -> bool:
    """Whether the holder was a process of this machine that no longer runs."""
    host, pid, started, *_ = holder.split(":")
    return host == socket.gethostname() and _started(int(pid)) != started


class Claims:
    """The claims of one process."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._holder = f"{process_name()}:{uuid.uuid4().hex[:8]}"

    @asynccontextmanager
    async def hold(self, cases: Collection[CaseId]) -> AsyncIterator[frozenset[CaseId]]:
        """Claim those of `cases` that are free, keep the lease alive, give them back at the end."""
        taken = self._take(cases)
        renewal = asyncio.create_task(self._renew(taken))
        try:
            yield taken
        finally:
            renewal.cancel()
            with suppress(asyncio.CancelledError):
                await renewal
            self.release(taken)

    def _take(self, cases: Collection[CaseId]) -> frozenset[CaseId]:
        taken = set()
        with self._store.transaction() as connection:
            for case_id in cases:
                row = connection.execute(
                    select(tables.claims).where(tables.claims.c.case_id == case_id)
                ).first()
                if row is not None and not self._is_free(row.holder, row.until):
                    continue
                values = {"holder": self._holder, "until": self._until()}
                connection.execute(
                    insert(tables.claims)
                    .values(case_id=case_id, **values)
                    .on_conflict_do_update(index_elements=["case_id"], set_=values)
                )
                taken.add(case_id)
        return frozenset(taken)

    def _is_free(self, holder: str, until: str) -> bool:
        return datetime.fromisoformat(until) < self._now() or _is_dead(holder)

    def _until(self) -> str:
        return (self._now() + LEASE).isoformat()

    async def _renew(self, taken: Collection[CaseId]) -> None:
        while taken:
            await asyncio.sleep(_RENEW_EVERY)
            with self._store.transaction() as connection:
                connection.execute(
                    update(tables.claims)
                    .where(tables.claims.c.holder == self._holder)
                    .values(until=self._until())
                )

    def release(self, cases: Collection[CaseId]) -> None:
        with self._store.transaction() as connection:
            for case_id in cases:
                connection.execute(
                    delete(tables.claims).where(
                        tables.claims.c.case_id == case_id, tables.claims.c.holder == self._holder
                    )
                )
