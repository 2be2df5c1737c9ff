"""A case is worked on by one process at a time: a row with a lease, taken before the graph is resumed.

The graph library has no lock of its own; two resumes of one thread at once would run the posting step twice.
The turns of a conversation are claimed in the same way: of two at once the later would overwrite the earlier.
"""

from __future__ import annotations

import asyncio
import os
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import OperationalError

from tools import store as tables
from tools.domain.identifiers import CaseId
from tools.store import Store
from tools.store_damage import StoreUnwritable

LEASE = timedelta(seconds=120)
_RENEW_EVERY = 30.0


class CaseBusy(Exception):
    """Another process is working on the case; try again when it is done."""


def process_name() -> str:
    """Host, process id and start time: names one process even after its id is used again."""
    return f"{_host()}:{os.getpid()}:{_started(os.getpid())}"


def _host() -> str:
    """The host name and, where the system has them, the process namespace: two containers of one name
    see different processes, and neither may take the other's for dead."""
    try:
        space = str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        space = "-"
    return f"{socket.gethostname()}/{space}"


def _started(pid: int) -> str:
    try:
        # State is field 3 and start time field 22 of /proc/PID/stat; the command name before them may
        # contain blanks and brackets. A zombie (Z) has ended and only waits to be collected.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "gone" if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        return "gone"


def _is_dead(holder: str) -> bool:
    """Whether the holder was a process of this machine that no longer runs."""
    host, pid, started, *_ = holder.split(":")
    return host == _host() and _started(int(pid)) != started


class Claims:
    """The claims of one process."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._now = now
        self._sleep = sleep
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
            # Given back before the waiting, which may be cancelled too.
            self.release(taken)
            with suppress(asyncio.CancelledError):
                await renewal

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
            await self._sleep(_RENEW_EVERY)
            # A database that is busy or full now is asked again; the lease outlasts several tries.
            with suppress(OperationalError, StoreUnwritable), self._store.transaction() as connection:
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
