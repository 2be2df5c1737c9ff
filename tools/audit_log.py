"""The append-only, hash-chained audit log.

Each record's hash is SHA-256 over canonical JSON of its content and the previous record's hash. The head
(sequence and hash of the last record) is what an auditor writes down to prove later that nothing was cut off.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter
from sqlalchemy import Connection, RowMapping, func, insert, select

from tools import store as tables
from tools.domain.audit import Actor, ActorType, AuditEvent, AuditRecord
from tools.domain.identifiers import CaseId
from tools.masking import may_hold_accounts, without_accounts
from tools.store import Store

GENESIS = "0" * 64
_EVENT: TypeAdapter[AuditEvent] = TypeAdapter(AuditEvent)

E = TypeVar("E", bound=BaseModel)
Projection = Callable[[Connection, Sequence[AuditRecord]], None]


class AuditBroken(Exception):
    """The log is not what was written; the text names the first record that is wrong."""


def _hash(
    sequence: int, at: str, actor: tuple[str, str], case_id: str | None, kind: str, event: str, previous: str
) -> str:
    text = json.dumps(
        [sequence, at, *actor, case_id, kind, event, previous],
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(text.encode()).hexdigest()


class AuditLog:
    """Appends events and, in the same transaction, updates what is computed from them."""

    def __init__(self, store: Store, now: Callable[[], datetime], projection: Projection) -> None:
        self._store = store
        self._now = now
        self._projection = projection

    @property
    def store(self) -> Store:
        """The database the log is in, with the tables that follow it."""
        return self._store

    def append(
        self, case_id: CaseId | None, actor: Actor, *events: AuditEvent, durable: bool = False
    ) -> None:
        """Append in one transaction. `durable`: wait until the disk has it."""
        with self._store.transaction(durable=durable) as connection:
            self.append_in(connection, case_id, actor, *events)

    def append_in(
        self, connection: Connection, case_id: CaseId | None, actor: Actor, *events: AuditEvent
    ) -> None:
        """Append as part of the caller's transaction."""
        last = connection.execute(
            select(tables.audit.c.sequence, tables.audit.c.hash)
            .order_by(tables.audit.c.sequence.desc())
            .limit(1)
        ).first()
        sequence, previous = (last.sequence, last.hash) if last else (0, GENESIS)
        at = self._now().astimezone(UTC).isoformat(timespec="microseconds")
        records = []
        for event in map(masked_event, events):
            sequence += 1
            digest = _hash(
                sequence,
                at,
                (actor.id, actor.type.value),
                case_id,
                event.kind,
                event.model_dump_json(),
                previous,
            )
            records.append(
                AuditRecord(
                    sequence=sequence,
                    at=datetime.fromisoformat(at),
                    actor=actor,
                    case_id=case_id,
                    event=event,
                    previous=previous,
                    hash=digest,
                )
            )
            previous = digest
        if records:
            connection.execute(insert(tables.audit), [_row(record, at) for record in records])
            self._projection(connection, records)

    def records(self, case_id: CaseId | None = None) -> Iterator[AuditRecord]:
        """In the order written; of one case when it is given. Raises AuditBroken for what cannot be read."""
        query = select(tables.audit).order_by(tables.audit.c.sequence)
        if case_id is not None:
            query = query.where(tables.audit.c.case_id == case_id)
        with self._store.read() as connection:
            for row in connection.execute(query).mappings():
                yield _record(row)

    def cases_with(self, kind: str) -> list[CaseId]:
        """Cases in whose history such an event stands, in the order of the first one."""
        kept = tables.audit.c
        query = select(kept.case_id).where(kept.kind == kind, kept.case_id.is_not(None))
        with self._store.read() as connection:
            rows = connection.execute(query.group_by(kept.case_id).order_by(func.min(kept.sequence)))
            return [CaseId(row.case_id) for row in rows]

    def head(self) -> tuple[int, str]:
        """Sequence and hash of the last record; (0, 64 zeros) for an empty log."""
        with self._store.read() as connection:
            last = connection.execute(
                select(tables.audit.c.sequence, tables.audit.c.hash)
                .order_by(tables.audit.c.sequence.desc())
                .limit(1)
            ).first()
        return (last.sequence, last.hash) if last else (0, GENESIS)

    def verify(self, expected: tuple[int, str] | None = None) -> int:
        """Recompute the whole chain and return the number of records.

        `expected` is a head written down earlier: it must still stand in the log. Raises AuditBroken.
        """
        previous, count = GENESIS, 0
        with self._store.read() as connection:
            for row in connection.execute(select(tables.audit).order_by(tables.audit.c.sequence)).mappings():
                count += 1
                self._check(row, count, previous)
                previous = row["hash"]
                if expected is not None and expected[0] == count and expected[1] != previous:
                    raise AuditBroken(f"record {count} is not the one whose hash was written down")
        if expected is not None and expected[0] > count:
            raise AuditBroken(f"the log ends at record {count}, but record {expected[0]} was written down")
        return count

    def verify_case(self, case_id: CaseId) -> int:
        """Recompute the case's own records and their links to the records before and after each; the number
        of records. Costs what the case's own history costs, however long the log is. Raises AuditBroken.

        Finds any change of one record. Records taken out between two of other cases, and a tail written anew,
        are found by `verify`.
        """
        table, before, after = tables.audit, tables.audit.alias(), tables.audit.alias()
        query = (
            select(table, before.c.hash.label("before"), after.c.previous.label("after"))
            .outerjoin(before, before.c.sequence == table.c.sequence - 1)
            .outerjoin(after, after.c.sequence == table.c.sequence + 1)
            .where(table.c.case_id == case_id)
            .order_by(table.c.sequence)
        )
        count = 0
        with self._store.read() as connection:
            for row in connection.execute(query).mappings():
                first = row["sequence"] == 1 and row["before"] is None
                self._check(row, row["sequence"], GENESIS if first else row["before"] or "")
                if row["after"] not in (None, row["hash"]):
                    raise AuditBroken(
                        f"record {row['sequence'] + 1} does not follow record {row['sequence']}"
                    )
                count += 1
        return count

    @staticmethod
    def _check(row: RowMapping, position: int, previous: str) -> None:
        if row["sequence"] < position:
            raise AuditBroken(f"record {row['sequence']} stands before the first one")
        if row["sequence"] != position:
            raise AuditBroken(f"record {position} is missing; the next one has number {row['sequence']}")
        actor = (row["actor"], row["actor_type"])
        digest = _hash(position, row["at"], actor, row["case_id"], row["kind"], row["event"], previous)
        if row["previous"] != previous or row["hash"] != digest:
            raise AuditBroken(
                f"record {position} ({row['kind']}, {row['at']}) was changed after it was written"
            )
        _record(row)


def _row(record: AuditRecord, at: str) -> dict[str, object]:
    return {
        "sequence": record.sequence,
        "at": at,
        "actor": record.actor.id,
        "actor_type": record.actor.type.value,
        "case_id": record.case_id,
        "kind": record.event.kind,
        "event": record.event.model_dump_json(),
        "previous": record.previous,
        "hash": record.hash,
    }


def _record(row: RowMapping) -> AuditRecord:
    try:
        return AuditRecord(
            sequence=row["sequence"],
            at=datetime.fromisoformat(row["at"]),
            actor=Actor(id=row["actor"], type=ActorType(row["actor_type"])),
            case_id=row["case_id"],
            event=_EVENT.validate_json(row["event"]),
            previous=row["previous"],
            hash=row["hash"],
        )
    except ValueError:
        # Without its cause: a validation error repeats the values.
        raise AuditBroken(f"record {row['sequence']} ({row['kind']}) holds no known event") from None


def masked_event(event: E) -> E:
    """As it stands in the log: the event with every bank account masked that a person typed or
    a document carried into its texts."""
    return without_accounts(event) if may_hold_accounts(event.model_dump_json()) else event
