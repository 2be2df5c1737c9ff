"""Files kept with an invoice: the child resource `attachments`, under the invoice's opaque key."""

from __future__ import annotations

import base64
import mimetypes

from tools.domain.decision import Posting
from tools.erp.contract import KeptFile
from tools.erp.errors import ErpRejected
from tools.erp.oracle import wire
from tools.erp.oracle.query import Query, queries_for
from tools.erp.oracle.session import Session


class Files:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def of(self, posting: Posting) -> list[KeptFile]:
        """Names only; the sizes are not among the attributes that are read."""
        query = Query(wire.Attachment, path=await self._address(posting))
        rows = await self._session.read(wire.Attachment, [query], operation="attachments")
        return [KeptFile(name=row.file_name) for row in rows]

    async def attach(self, posting: Posting, name: str, content: bytes) -> None:
        body = {
            "FileName": name,
            "FileContents": base64.b64encode(content).decode(),
            "UploadedFileContentType": mimetypes.guess_type(name)[0] or "application/octet-stream",
        }
        address = await self._address(posting)
        await self._session.change("POST", address, operation="attach", body=body)

    async def _address(self, posting: Posting) -> str:
        """`invoices/{key}/child/attachments`. The key is read from the invoice's own link and never made up.
        Raises ErpRejected for anything that is no invoice."""
        if not posting.erp_id.isdigit():
            raise ErpRejected(f"{posting.number} is no invoice of Oracle")
        queries = queries_for(wire.InvoiceKeyed, "InvoiceId", [posting.erp_id], numeric=True)
        rows = await self._session.read(wire.InvoiceKeyed, queries, operation="invoice key")
        if len(rows) != 1 or not rows[0].key:
            raise ErpRejected(f"Oracle shows our login no invoice {posting.number}")
        return f"invoices/{rows[0].key}/child/attachments"
