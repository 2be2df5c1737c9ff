"""Our copy of the supplier documents that came into the ERP without us: posted before we began, or by hand.

An ERP finds a document only by its exact number. Here it is found under every spelling, by amount and by
date, as the register finds what came in to us. What our own cases posted is left out: the register tells it
as the case. The copy is never edited here and never a ground to post; it raises suspicions, and it tells that
a supplier is not new to us.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, literal_column, select
from sqlalchemy.dialects.sqlite import insert

from tools import store as tables
from tools.audit_log import AuditLog
from tools.document_keys import KeyTable
from tools.domain.audit import SERVICE, HistoryRead
from tools.domain.decision import Posting
from tools.domain.documents import DocumentType
from tools.domain.identifiers import SupplierId
from tools.matching.document_print import DocumentPrint
from tools.matching.duplicate_keys import VERSION, Kind, register_keys, search_keys
from tools.store import Store

_held = tables.erp_history
_keys = KeyTable(tables.erp_history_keys)
_READ = "erp_history_read_at"
_AT_ONCE = 500
_SENDERS_OWN = frozenset({Kind.NUMBER, Kind.AMOUNT, Kind.PRECEDING, Kind.SENDER})
"""What a posting tells of itself: supplier, number, amount and date; neither lines nor orders."""


class ErpHistory:
    """Takes over what the ERP tells; `held_postings` finds it."""

    def __init__(self, store: Store, log: AuditLog) -> None:
        self._store = store
        self._log = log

    def read_at(self) -> datetime | None:
        """Start of the last complete reading: changes after it are not in the copy. None: never read."""
        query = select(tables.marks.c.value).where(tables.marks.c.name == _READ)
        with self._store.read() as connection:
            row = connection.execute(query).first()
        return datetime.fromisoformat(row.value) if row else None

    def take(self, postings: Sequence[Posting]) -> dict[str, int]:
        """Keep a part of what was read, with its entry in the log; counts of added and changed. The same
        part a second time changes nothing."""
        incoming = {posting.erp_id: posting for posting in postings}
        with self._store.transaction() as connection:
            ours = _posted_by_us(connection, incoming)
            added = changed = 0
            for erp_id, posting in incoming.items():
                known = connection.execute(select(_held).where(_held.c.erp_id == erp_id)).first()
                if known is None and erp_id not in ours:
                    _add(connection, posting)
                    added += 1
                elif known is not None and known.posting != posting.model_dump_json():
                    _change(connection, known, posting)
                    changed += 1
            if added or changed:
                total = connection.execute(select(func.count()).select_from(_held)).scalar_one()
                event = HistoryRead(added=added, changed=changed, held=total)
                self._log.append_in(connection, None, SERVICE, event)
        return {"added": added, "changed": changed}

    def note_read(self, started: datetime) -> None:
        """Everything that had changed by `started` is in the copy."""
        values = {"name": _READ, "value": started.isoformat()}
        with self._store.transaction() as connection:
            connection.execute(
                insert(tables.marks)
                .values(values)
                .on_conflict_do_update(index_elements=["name"], set_={"value": values["value"]})
            )

    def complete(self) -> int:
        """Build keys of an older version anew, in several transactions; the number of documents."""
        count = 0
        query = select(_held).where(_held.c.version != VERSION).limit(_AT_ONCE)
        while True:
            with self._store.read() as connection:
                rows = connection.execute(query).all()
            if not rows:
                return count
            with self._store.transaction() as connection:
                for row in rows:
                    _change(connection, row, Posting.model_validate_json(row.posting))
            count += len(rows)


def held_postings(connection: Connection, paper: DocumentPrint, supplier_id: SupplierId) -> list[Posting]:
    """The supplier's documents in the copy that share a key with `paper`, by their id in the ERP."""
    kinds = {key.code: key.kind for key in search_keys(paper, supplier_id) if key.kind in _SENDERS_OWN}
    chosen = _keys.chosen(connection, paper, kinds)
    rows = connection.execute(select(_held).where(_held.c.id.in_(chosen)).order_by(_held.c.erp_id))
    found = [Posting.model_validate_json(row.posting) for row in rows]
    ours = _posted_by_us(connection, [posting.erp_id for posting in found])
    return [posting for posting in found if posting.erp_id not in ours and posting.supplier_id == supplier_id]


def _posted_by_us(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of the ERP ids that a case of ours posted or parked."""
    erp_id: ColumnElement[str] = literal_column("json_extract(posting, '$.erp_id')")
    found: set[str] = set()
    wanted = list(ids)
    for start in range(0, len(wanted), _AT_ONCE):
        part = (
            select(erp_id)
            .select_from(tables.posting_keys)
            .where(erp_id.in_(wanted[start : start + _AT_ONCE]))
        )
        found.update(connection.execute(part).scalars())
    return found


def _add(connection: Connection, posting: Posting) -> None:
    values = {"erp_id": posting.erp_id, "version": VERSION, "posting": posting.model_dump_json()}
    place = connection.execute(insert(_held).values(values)).inserted_primary_key
    if place is not None:
        paper = _print(posting)
        _keys.keep(connection, int(place[0]), paper, register_keys(paper, posting.supplier_id))


def _change(connection: Connection, known: Row[Any], posting: Posting) -> None:
    """Enter it under the keys of now instead of those of before."""
    connection.execute(delete(_held).where(_held.c.id == known.id))
    _keys.drop(connection, known.id)
    _add(connection, posting)


def _print(posting: Posting) -> DocumentPrint:
    gross = posting.gross
    if gross is not None and posting.document_type is DocumentType.CREDIT_NOTE:
        gross = abs(gross)
    return DocumentPrint(
        document_type=posting.document_type,
        number=(posting.supplier_number or posting.number).strip(),
        invoice_date=posting.invoice_date,
        gross=gross,
    )
