"""Connections that were refused because too many were open, told in few lines: a flood of them must not fill
the disk with what is said of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

SERVER_LOG = "uvicorn.error"
EVERY = 60.0
"""Seconds between two lines."""
_REFUSED = "Exceeded concurrency limit"


class RefusedConnections(logging.Filter):
    """Lets the first line through, and then one a minute with how many it stands for; other lines pass."""

    def __init__(self) -> None:
        super().__init__()
        self.untold = 0
        self._told_at: float | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        if not str(record.msg).startswith(_REFUSED):
            return True
        self.untold += 1
        if self._told_at is not None and record.created - self._told_at < EVERY:
            return False
        record.msg = f"connections refused with 503, too many at once: {self.untold} since it was last told"
        record.args = ()
        self._told_at, self.untold = record.created, 0
        return True


@contextmanager
def summed_up(log: str = SERVER_LOG) -> Iterator[RefusedConnections]:
    """While this lasts, the server's log holds no more than that."""
    logger, found = logging.getLogger(log), RefusedConnections()
    logger.addFilter(found)
    try:
        yield found
    finally:
        logger.removeFilter(found)
