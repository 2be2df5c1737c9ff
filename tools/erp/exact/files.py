"""The original file with an entry, in the three steps Exact Online wants: a document, the file in it, the
document's id in the entry."""

from __future__ import annotations

import base64
from decimal import Decimal

from tools.domain.decision import Posting
from tools.erp.answers import Answer
from tools.erp.contract import KeptFile
from tools.erp.errors import ErpRejected
from tools.erp.exact import wire
from tools.erp.exact.odata import Query, guid
from tools.erp.exact.session import NAME, Session, created_key

PURCHASE_INVOICE = 20
"""Type of a document (documents/DocumentTypes)."""


class Files:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def of(self, posting: Posting) -> list[KeptFile]:
        entry = await self._entry(posting)
        if entry is None or entry.document is None:
            return []
        return [
            KeptFile(name=row.name, size=None if row.size is None else int(row.size))
            for row in await self._in(entry.document)
        ]

    async def attach(self, posting: Posting, name: str, content: bytes) -> None:
        """A file of the same name and size that is there already is not sent again. When the last step fails,
        the document stays in Exact without its entry; the next attempt makes another one."""
        entry = await self._entry(posting)
        if entry is None:
            raise ErpRejected(f"there is no entry {posting.number} in {NAME}")
        document = entry.document or await self._new_document(entry, posting)
        kept = await self._in(document) if entry.document else []
        if not any((row.name, row.size) == (name, Decimal(len(content))) for row in kept):
            body = {
                "Document": document,
                "FileName": name,
                "Attachment": base64.b64encode(content).decode("ascii"),
            }
            self._done(await self._session.change("POST", wire.FileOfDocument.resource, body, "attach file"))
        if entry.document is None:
            path = f"{wire.Entry.resource}({guid(entry.id)})"
            self._done(await self._session.change("PUT", path, {"Document": document}, "link document"))

    async def _entry(self, posting: Posting) -> wire.Entry | None:
        query = Query(wire.Entry, f"EntryID eq {guid(posting.erp_id)}")
        rows = await self._session.read(wire.Entry, [query], "entry of a file")
        return rows[0] if rows else None

    async def _in(self, document: str) -> list[wire.FileOfDocument]:
        query = Query(wire.FileOfDocument, f"Document eq {guid(document)}")
        return await self._session.read(wire.FileOfDocument, [query], "files")

    async def _new_document(self, entry: wire.Entry, posting: Posting) -> str:
        body = {
            "Subject": f"{posting.supplier_number or posting.number}",
            "Type": PURCHASE_INVOICE,
            "Account": entry.supplier,
        }
        answer = self._done(await self._session.change("POST", wire.Document.resource, body, "post document"))
        return created_key(answer, "ID")

    def _done(self, answer: Answer) -> Answer:
        if not answer.ok:
            raise self._session.refusal(answer)
        return answer
