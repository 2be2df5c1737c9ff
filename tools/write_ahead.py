"""SQLite's write-ahead log, turned on once for a file, also while other processes turn it on.

SQLite answers "database is locked" at once, whatever `busy_timeout` says, to one of two connections that
change the journal of the same file at the same moment: waiting would be a deadlock
(https://www.sqlite.org/c3ref/busy_handler.html). The loser has to let go and ask again.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tools.store_damage import PRIMARY

_TRIES = 50
_PATIENCE = 30.0
"""Seconds to wait for each lock of somebody else."""


def use_write_ahead_log(path: Path) -> None:
    """Make the file, where it is not there, and have it keep a write-ahead log from now on. Raises
    sqlite3.DatabaseError for a file that is no database."""
    with closing(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)) as connection:
        for _ in range(_TRIES - 1):
            try:
                connection.execute("pragma journal_mode=wal")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & PRIMARY != sqlite3.SQLITE_BUSY:
                    raise
                _wait(connection)
            else:
                return
        connection.execute("pragma journal_mode=wal")


def _wait(connection: sqlite3.Connection) -> None:
    """Until nobody writes: who holds no lock yet may wait for one."""
    connection.execute("begin immediate")
    connection.execute("rollback")
