"""Up to which moment the ERP's changes were looked at, and which events were received: kept over restarts.

A mark moves only after everything before it was dealt with, so a process that dies looks again from the old
one. An event is kept before it is answered, and only as a reason to look: nothing it says is kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from tools import store as tables
from tools.domain.identifiers import CaseId
from tools.store import Store

_LOOKED = "erp_changes_looked_at"
_COMPLETE = "erp_changes_complete_at"
_AGAIN = "erp_changes_again"
_ASKED = "erp_changes_asked"
_EVENT = "event:"
_marks = tables.marks
MOST_EVENTS = 20_000
"""Remembered at once."""


class ChangeMarks:
    """The marks of one installation."""

    def __init__(self, store: Store, *, most_events: int = MOST_EVENTS) -> None:
        self._store = store
        self._most_events = most_events

    def looked_at(self) -> datetime | None:
        """Start of the last finished look. None: nobody looked yet."""
        return self._moment(_LOOKED)

    def complete_at(self) -> datetime | None:
        """Start of the last look that compared every open case."""
        return self._moment(_COMPLETE)

    def again(self) -> list[CaseId]:
        """Cases whose look came to nothing and is due again."""
        value = self._value(_AGAIN)
        return [] if value is None else [CaseId(case_id) for case_id in json.loads(value)]

    def note(self, started: datetime, again: Sequence[CaseId], *, complete: bool) -> None:
        """A look that began at `started` is finished; `again` are the cases it could not deal with."""
        with self._store.transaction() as connection:
            _put(connection, _LOOKED, started.isoformat())
            _put(connection, _AGAIN, json.dumps(list(again)))
            if complete:
                _put(connection, _COMPLETE, started.isoformat())

    def take(self, source: str, event_id: str, at: datetime) -> bool:
        """Keep that an event arrived and asks for a look. False, and nothing is kept, for one that is known
        from the same source."""
        name = _EVENT + sha256(f"{source}\n{event_id}".encode()).hexdigest()
        with self._store.transaction() as connection:
            known = select(_marks.c.name).where(_marks.c.name == name)
            if connection.execute(known).first() is not None:
                return False
            _put(connection, name, at.isoformat())
            _put(connection, _ASKED, name + at.isoformat())
        return True

    def ask(self, source: str, at: datetime) -> None:
        """Keep that something without an identity arrived and asks for a look: one mark for each source,
        however often it is sent."""
        name = _EVENT + sha256(f"{source}\n".encode()).hexdigest()
        with self._store.transaction() as connection:
            _put(connection, name, at.isoformat())
            _put(connection, _ASKED, name + at.isoformat())

    def asked(self) -> str | None:
        """Names the last event that asks for a look; None when all were followed by one."""
        return self._value(_ASKED)

    def answered(self, asked: str) -> None:
        """A look that began after `asked` was read is finished; a later event stays."""
        gone = (_marks.c.name == _ASKED) & (_marks.c.value == asked)
        with self._store.transaction() as connection:
            connection.execute(delete(_marks).where(gone))

    def forget(self, before: datetime) -> int:
        """Drop events received before a moment: older ones are refused by their own time; and the oldest of
        more than `MOST_EVENTS`, which are taken for new when they are repeated and then ask for a look that
        finds nothing. How many."""
        event = _marks.c.name.startswith(_EVENT, autoescape=True)
        last = select(_marks.c.value).where(event).order_by(_marks.c.value.desc())
        with self._store.transaction() as connection:
            kept = connection.execute(last.offset(self._most_events - 1).limit(1)).scalar()
            oldest = max(before.isoformat(), kept or "")
            return connection.execute(delete(_marks).where(event & (_marks.c.value < oldest))).rowcount

    def _moment(self, name: str) -> datetime | None:
        value = self._value(name)
        return None if value is None else datetime.fromisoformat(value)

    def _value(self, name: str) -> str | None:
        with self._store.read() as connection:
            row = connection.execute(select(_marks.c.value).where(_marks.c.name == name)).first()
        return None if row is None else str(row.value)


def _put(connection: Connection, name: str, value: str) -> None:
    values = {"name": name, "value": value}
    statement = insert(_marks).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


LONGEST_WINDOW = timedelta(days=4)
"""Events are remembered at least this long: a vendor repeats what was not answered for 36 hours (Business
Central), and its subscriptions live three days."""
