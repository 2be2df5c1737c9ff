"""Small JSON files that several processes of one machine share, changed under a lock and replaced whole.

The lock is the kernel's (`flock` on a file beside it): it ends with the process that holds it, however that
ends. A reader sees the old text or the new one, never a part. Only the owner may read the files.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

_OWNER_ONLY = 0o600
_LOOK_AGAIN = 0.02
"""Seconds between two looks at a lock that another process holds: little beside a call to a login service."""


class StateUnusable(Exception):
    """The file cannot be read or written; the text names it and says why, for people."""


class StateFile:
    """One file of named values. Take the lock around reading what is then written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def held(self) -> Iterator[None]:
        """The lock, for work without any waiting. Raises StateUnusable."""
        lock = self._opened()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    @asynccontextmanager
    async def held_across_calls(self) -> AsyncIterator[None]:
        """The lock, for work that waits for an answer: other tasks go on meanwhile, and whoever is
        cancelled while waiting holds nothing. Raises StateUnusable."""
        lock = self._opened()
        try:
            while not _locked(lock):  # noqa: ASYNC110 - the kernel tells nobody that it is free
                await asyncio.sleep(_LOOK_AGAIN)
            yield
        finally:
            os.close(lock)

    def read(self) -> dict[str, Any]:
        """The values; none where there is no file yet. Raises StateUnusable for what cannot be read."""
        try:
            values = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unusable(error) from None
        except ValueError:
            values = None
        if not isinstance(values, dict):
            raise StateUnusable(f"{self.path} is damaged: it holds no JSON object")
        return values

    def write(self, values: Mapping[str, Any], *, durable: bool = True) -> None:
        """In place of the old text; `durable`: on the disk before it returns, so that it outlives a power
        cut too. Raises StateUnusable; then the old text stands."""
        beside = self.path.with_name(f".{self.path.name}.new")
        try:
            _put(beside, json.dumps(dict(values), indent=1).encode(), durable)
            beside.replace(self.path)
            if durable:
                _settle(self.path.parent)
        except OSError as error:
            raise self._unusable(error) from None

    def _opened(self) -> int:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = self.path.with_name(f"{self.path.name}.lock")
            return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY)
        except OSError as error:
            raise self._unusable(error) from None

    def _unusable(self, error: OSError) -> StateUnusable:
        return StateUnusable(f"{self.path} cannot be used: {error.strerror}")


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise StateUnusable(f"the file system knows no locks: {error.strerror}") from None
    return True


def _put(path: Path, content: bytes, durable: bool) -> None:
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, _OWNER_ONLY)
    with os.fdopen(target, "wb") as file:
        os.fchmod(target, _OWNER_ONLY)
        file.write(content)
        file.flush()
        if durable:
            os.fsync(target)


def _settle(folder: Path) -> None:
    """The folder's entry too, or a power cut brings back the old file."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
