"""Files of an invoice: dossier items that are linked to it."""

from __future__ import annotations

import base64
from typing import Any

from tools.domain.decision import Posting
from tools.erp.afas import wire
from tools.erp.afas.session import Session
from tools.erp.contract import KeptFile
from tools.erp.errors import ErpRejected

PURCHASE_CONTACT = "11"
"""`SfTp`: what the item is filed under."""
PURCHASE_INVOICE = "1"
"""`PiTp` in the vendor's sample; that it holds for credit notes too is not published."""
LARGEST_MESSAGE = 75 * 1024 * 1024
"""Bytes of a whole call, files included."""
_LONGEST_NAME = 255
_REST = 4096
"""Bytes of a message besides the file, at most."""


class Files:
    def __init__(self, session: Session, dossier_type: int, *, largest: int = LARGEST_MESSAGE) -> None:
        self._session = session
        self._dossier_type = dossier_type
        self._largest = largest

    async def kept(self, row: wire.InvoiceRow) -> list[KeptFile]:
        """Profit tells no sizes."""
        items = await self._session.by(
            wire.Dossier, "PurchaseInvoiceNumber", [row.invoice_id], "dossier items"
        )
        own = [
            str(item.subject)
            for item in items
            if (item.administration, item.entry) == (row.administration, row.entry)
        ]
        files = await self._session.by(wire.DossierFile, "subject_id", own, "files")
        return [KeptFile(name=file.name) for file in files]

    async def keep(self, row: wire.InvoiceRow, name: str, content: bytes) -> None:
        """Does nothing when the invoice has a file of this name: a call without answer may have brought it.
        Raises ErpRejected for a file that no call can carry."""
        encoded = base64.b64encode(content).decode()
        if len(encoded) > self._largest - _REST or not 0 < len(name) <= _LONGEST_NAME:
            raise ErpRejected(
                f"the file {name[:80]} is too large, or its name too long, for AFAS", field="FileStream"
            )
        if await self._has(row, name):
            return
        creditors = await self._session.by(wire.Creditor, "CreditorId", [row.creditor], "creditor")
        link: dict[str, Any] = {
            "DoCRM": "1",
            "SfTp": PURCHASE_CONTACT,
            "SfId": row.creditor,
            "PiUn": str(row.administration),
            "PiTp": PURCHASE_INVOICE,
            "PiId": row.invoice_id,
        }
        if creditors and creditors[0].organisation:
            link["BcId"] = creditors[0].organisation
        element = {
            "Fields": {"StId": str(self._dossier_type), "Ds": f"Invoice {row.reference or row.invoice_id}"},
            "Objects": {
                "KnSubjectLink": {"Element": {"Fields": link}},
                "KnSubjectAttachment": {"Element": {"Fields": {"FileName": name, "FileStream": encoded}}},
            },
        }
        body = {"KnSubject": {"Element": element}}
        await self._session.change("POST", "KnSubject", body, "attach", lambda: self._has(row, name))

    async def _has(self, row: wire.InvoiceRow, name: str) -> KeptFile | None:
        return next((kept for kept in await self.kept(row) if kept.name == name), None)


def identity_of(posting: Posting) -> tuple[str, str]:
    """Entry and creditor of what `mapping.posting` made. Raises ErpRejected for a foreign one."""
    if posting.supplier_id is None:
        raise ErpRejected(f"{posting.number} names no creditor")
    return posting.number, posting.supplier_id
