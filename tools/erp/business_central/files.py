"""Files kept with an invoice or a credit memo (`documentAttachments`): an entry first, its bytes after it.

The two steps are two requests, so an attempt that broke off leaves an entry without bytes. Everything here
looks first: a file that is there is not sent again, an empty entry is filled.
"""

from __future__ import annotations

from pathlib import PurePath

from tools.domain.decision import Posting
from tools.domain.documents import DocumentType
from tools.erp.business_central import wire
from tools.erp.business_central.documents import kind_of
from tools.erp.business_central.odata import Query
from tools.erp.business_central.session import Session, parsed
from tools.erp.contract import KeptFile
from tools.erp.errors import ErpRejected

LONGEST_NAME = 250
_PARENTS = {
    DocumentType.INVOICE: "Purchase_x0020_Invoice",
    DocumentType.CREDIT_NOTE: "Purchase_x0020_Credit_x0020_Memo",
}


async def kept_files(session: Session, posting: Posting) -> list[KeptFile]:
    """An entry whose bytes never arrived is no file."""
    rows = await _entries(session, posting)
    return [KeptFile(name=row.file_name, size=row.byte_size) for row in rows if row.byte_size]


async def keep_file(session: Session, posting: Posting, name: str, content: bytes) -> None:
    """Raises the errors of the family. Calling it again after any of them sends only what is missing."""
    name = fitting_name(name)
    same = [row for row in await _entries(session, posting) if row.file_name == name]
    if any(row.byte_size == len(content) for row in same):
        return
    entry = next((row for row in same if row.byte_size == 0), None)
    if entry is None:
        entry = await _entered(session, posting, name)
    path = f"documentAttachments({entry.id})/attachmentContent"
    await session.upload(path, content, operation="attach content", etag=entry.etag)


def fitting_name(name: str) -> str:
    """At most 250 characters; what is too long loses them before its ending."""
    ending = PurePath(name).suffix[:20]
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - len(ending)] + ending


def entry_of(posting: Posting, name: str) -> dict[str, str]:
    """The body of a new entry."""
    return {"fileName": name, "parentType": _PARENTS[_type_of(posting)], "parentId": posting.erp_id}


async def _entered(session: Session, posting: Posting, name: str) -> wire.DocumentAttachment:
    body = entry_of(posting, name)
    answer = await session.change("POST", "documentAttachments", operation="attach", body=body)
    return parsed(wire.DocumentAttachment, answer.json())


async def _entries(session: Session, posting: Posting) -> list[wire.DocumentAttachment]:
    under = f"{kind_of(_type_of(posting)).path(posting.erp_id)}/"
    query = Query(wire.DocumentAttachment, under=under)
    return await session.read(wire.DocumentAttachment, [query], operation="attachments")


def _type_of(posting: Posting) -> DocumentType:
    if posting.document_type in _PARENTS:
        return posting.document_type
    raise ErpRejected("Business Central keeps files for us with invoices and credit memos only")
