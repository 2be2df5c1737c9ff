"""What goes wrong with a whole database file, in words for people: it is broken, or the disk takes nothing.

SQLAlchemy's own text carries the statement and its values (names of suppliers, VAT ids, paths): none of it
is told.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError

PRIMARY = 0xFF
"""The part of an extended result code that says which error it is (https://www.sqlite.org/rescode.html)."""
_ROOM = "make room on its disk"
_RIGHT = "give the right to write it and its folder"
_REFUSED = {
    sqlite3.SQLITE_FULL: ("the disk is full", _ROOM),
    sqlite3.SQLITE_IOERR: ("the disk failed to read or write, as a full one may", f"{_ROOM} or mend it"),
    sqlite3.SQLITE_READONLY: ("it may only be read", _RIGHT),
    sqlite3.SQLITE_PERM: ("access is denied", _RIGHT),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", f"{_RIGHT}, or {_ROOM}"),
}
"""By primary code: what is the matter, and what to do. Busy and locked are not among them: who waits for a
claim asks again."""


class StoreDamaged(Exception):
    """The file is no database any more, or a part of it is lost; the text names the file, for people."""


class StoreUnwritable(StoreDamaged):
    """The file is whole as far as is known, but the disk or its rights let nobody write it: nothing of the
    transaction was kept, and everything before it was."""


@contextmanager
def damage_told(path: str) -> Iterator[None]:
    """Whatever reads or writes the file within: its damage becomes StoreDamaged, a disk that takes nothing
    StoreUnwritable. Errors of single statements (busy, refused by a trigger, a double key) pass."""
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError) as error:
        told = getattr(error, "orig", None) or error
        refused = _REFUSED.get(getattr(told, "sqlite_errorcode", sqlite3.SQLITE_OK) & PRIMARY)
        if refused is not None:
            what, mend = refused
            text = f"{path}: {what}; {mend} and run this again (nothing that was noted is lost)"
            raise StoreUnwritable(text) from None
        if type(error) not in (DatabaseError, sqlite3.DatabaseError):
            raise
        raise StoreDamaged(f"{path} cannot be used: {told}; restore it from a backup") from None
