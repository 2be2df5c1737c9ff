"""The archive of what came in: every file once by its SHA-256, what was read from it, and its case."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select, text, update
from sqlalchemy.dialects.sqlite import insert

from tools import document_register
from tools import store as tables
from tools.audit_log import AuditLog
from tools.case_list import next_position
from tools.document_kind import other_kind
from tools.domain.audit import (
    SERVICE,
    Actor,
    DocumentKindDecided,
    DocumentReceived,
    DocumentReceivedAgain,
    SecondReadingDone,
)
from tools.domain.documents import Reading, Record, SourceDocument
from tools.domain.identifiers import CaseId, DocumentId
from tools.domain.mail import MailFacts
from tools.matching.document_print import DocumentPrint
from tools.store import Store

_AT_HAND = 1000
"""Readings kept in memory."""
# Only what is compared is taken out of the readings: there may be a hundred thousand of them.
_PRINTS = text(
    """
    select documents.document_id as document_id, documents.case_id as case_id, size,
           coalesce(json_extract(reading, '$.numbers'), '[]') as numbers,
           coalesce(json_extract(reading, '$.mail'), 'null') as mail,
           coalesce(json_extract(reading, '$.invoice.ibans'), '[]') as ibans,
           coalesce(json_extract(reading, '$.invoice.other_accounts'), '[]') as others,
           json_extract(reading, '$.invoice') is not null as is_invoice
    from documents left join readings on readings.document_id = documents.document_id
    """
)


class Receipt(Record):
    """What happened when a file was handed in."""

    case_id: CaseId
    is_new: bool
    """False: the same bytes are already the document of this case."""
    same_place: bool = True
    """For a known file: whether it still lies where it came from, as in a second run over a folder."""


class Mention(Record):
    """The telephone numbers and accounts that one document and its mail name."""

    document_id: DocumentId
    case_id: CaseId
    size: int
    is_invoice: bool
    numbers: tuple[str, ...]
    accounts: tuple[str, ...]
    mail: MailFacts | None


class Archive:
    """Documents and readings in the store."""

    def __init__(self, store: Store, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._store = store
        self._log = log
        self._now = now
        self._readings: dict[DocumentId, Reading] = {}

    def knows(self, document_id: DocumentId) -> bool:
        """Whether these bytes were received before."""
        with self._store.read() as connection:
            row = connection.execute(
                select(tables.documents.c.case_id).where(tables.documents.c.document_id == document_id)
            ).first()
        return row is not None

    def receive(
        self, document: SourceDocument, reading: Reading, paper: DocumentPrint | None = None
    ) -> Receipt:
        """Keep the file and what was read from it and open its case, in one transaction: a document is
        never half received. Known bytes open nothing; that they came again is noted.

        `paper`: by what later documents find this one; None for what is no invoice.
        """
        with self._store.transaction() as connection:
            known = _known(connection, document.document_id)
            if known is not None:
                return self._again(connection, document, *known)
            case_id = CaseId(f"C-{next_position(connection):06d}")
            connection.execute(insert(tables.documents).values(self._row(document, case_id)))
            kept = reading.model_dump_json()
            connection.execute(insert(tables.readings).values(document_id=document.document_id, reading=kept))
            document_register.add_in(connection, case_id, document.document_id, paper)
            self._log.append_in(
                connection,
                case_id,
                SERVICE,
                DocumentReceived(
                    document_id=document.document_id,
                    name=document.name,
                    path=document.path,
                    size=len(document.content),
                    sender=document.sender,
                    message_id=document.message_id,
                    reading_digest=hashlib.sha256(kept.encode()).hexdigest(),
                ),
            )
            return Receipt(case_id=case_id, is_new=True)

    def _row(self, document: SourceDocument, case_id: CaseId) -> dict[str, object]:
        return {
            "document_id": document.document_id,
            "case_id": case_id,
            "name": document.name,
            "path": document.path,
            "size": len(document.content),
            "sender": document.sender,
            "subject": document.subject,
            "message_id": document.message_id,
            "received_at": self._now().isoformat(),
            "content": document.content,
        }

    def receive_again(self, document: SourceDocument) -> Receipt:
        """Known bytes, handed in once more. Raises KeyError for bytes that were never received."""
        with self._store.transaction() as connection:
            known = _known(connection, document.document_id)
            if known is None:
                raise KeyError(document.document_id)
            return self._again(connection, document, *known)

    def _again(self, connection: Connection, document: SourceDocument, case_id: CaseId, path: str) -> Receipt:
        same_place = path == document.path or document.path in self._other_places(connection, case_id)
        if not same_place:
            self._log.append_in(
                connection,
                case_id,
                SERVICE,
                DocumentReceivedAgain(
                    document_id=document.document_id, name=document.name, path=document.path
                ),
            )
        return Receipt(case_id=case_id, is_new=False, same_place=same_place)

    @staticmethod
    def _other_places(connection: Connection, case_id: CaseId) -> set[str]:
        """Where copies of the case's document were noted already: a second run over a folder with two
        copies sends nothing again."""
        rows = connection.execute(
            select(tables.audit.c.event).where(
                tables.audit.c.case_id == case_id, tables.audit.c.kind == "document_received_again"
            )
        )
        return {DocumentReceivedAgain.model_validate_json(row.event).path for row in rows}

    def document(self, document_id: DocumentId) -> SourceDocument:
        """Raises KeyError for an id that was never received."""
        with self._store.read() as connection:
            row = (
                connection.execute(
                    select(tables.documents).where(tables.documents.c.document_id == document_id)
                )
                .mappings()
                .first()
            )
        if row is None:
            raise KeyError(document_id)
        return _document(row)

    def reading(self, document_id: DocumentId) -> Reading | None:
        """A reading never changes once no text is left in it and its kind is settled, so those used last are
        kept at hand."""
        if document_id in self._readings:
            return self._readings[document_id]
        with self._store.read() as connection:
            row = connection.execute(
                select(tables.readings.c.reading).where(tables.readings.c.document_id == document_id)
            ).first()
        if row is None:
            return None
        while len(self._readings) >= _AT_HAND:
            self._readings.pop(next(iter(self._readings)))
        found = Reading.model_validate_json(row.reading)
        if found.text is not None or other_kind(found) is not None:
            return found  # a second reader may still complete it, a person settle it: in another process too
        return self._readings.setdefault(document_id, found)

    def complete(
        self,
        case_id: CaseId,
        reading: Reading,
        paper: DocumentPrint | None,
        event: SecondReadingDone | DocumentKindDecided,
        actor: Actor = SERVICE,
    ) -> None:
        """Put what a second reader completed, or a person settled, in the place of the first reading, and
        note it with its digest, in one transaction. `paper`: by what later documents find this one now."""
        kept = reading.model_dump_json()
        digest = hashlib.sha256(kept.encode()).hexdigest()
        own = tables.readings.c.document_id == event.document_id
        with self._store.transaction() as connection:
            connection.execute(update(tables.readings).where(own).values(reading=kept))
            document_register.replace_in(connection, case_id, event.document_id, paper)
            noted = event.model_copy(update={"reading_digest": digest})
            self._log.append_in(connection, case_id, actor, noted)

    def mentions(self) -> list[Mention]:
        """What every document that ever came in names, whatever became of it."""
        with self._store.read() as connection:
            return [_mention(row) for row in connection.execute(_PRINTS).mappings()]


def _mention(row: RowMapping) -> Mention:
    return Mention(
        document_id=row["document_id"],
        case_id=row["case_id"],
        size=row["size"],
        is_invoice=bool(row["is_invoice"]),
        numbers=json.loads(row["numbers"]),
        accounts=(*json.loads(row["ibans"]), *json.loads(row["others"])),
        mail=json.loads(row["mail"]),
    )


def _known(connection: Connection, document_id: DocumentId) -> tuple[CaseId, str] | None:
    """Case and place of bytes that came before."""
    columns = (tables.documents.c.case_id, tables.documents.c.path)
    row = connection.execute(select(*columns).where(tables.documents.c.document_id == document_id)).first()
    return None if row is None else (CaseId(row.case_id), row.path)


def _document(row: RowMapping) -> SourceDocument:
    return SourceDocument(
        document_id=DocumentId(row["document_id"]),
        name=row["name"],
        content=row["content"],
        path=row["path"],
        sender=row["sender"],
        subject=row["subject"],
        message_id=row["message_id"],
        received_at=datetime.fromisoformat(row["received_at"]),
    )
