"""`documentAttachments`: an entry first, then its bytes, as the vendor takes them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from tools.domain.documents import DocumentType
from tools.erp.business_central.sandbox_master import etag, guid
from tools.erp.business_central.sandbox_schema import (
    ApiError,
    bad_request,
    business,
    check_match,
    entities,
    not_found,
)
from tools.erp.sandbox.books import Attachment
from tools.erp.sandbox.company import Company

SET = "documentAttachments"
PARENTS = {
    "purchaseInvoices": "Purchase_x0020_Invoice",
    "purchaseCreditMemos": "Purchase_x0020_Credit_x0020_Memo",
}
_KEPT = frozenset(("fileName", "parentType", "parentId"))


def attachments(company: Company) -> Iterator[dict[str, Any]]:
    """All files of the books in the vendor's fields; the content is a stream and not part of a record."""
    for position, kept in enumerate(company.books.attachments):
        yield _row(company, position, kept)


def _row(company: Company, position: int, kept: Attachment) -> dict[str, Any]:
    document = company.books.documents[kept.document_id]
    is_memo = document.document_type is DocumentType.CREDIT_NOTE
    values = {
        "id": _id(position),
        "fileName": kept.name,
        "byteSize": len(kept.content),
        "parentType": PARENTS["purchaseCreditMemos" if is_memo else "purchaseInvoices"],
        "parentId": kept.document_id,
    }
    return entities()[SET].render(values, etag("attachment", str(position), kept.sha256))


def _id(position: int) -> str:
    return guid("attachment", str(position))


class Files:
    """Makes entries and fills them."""

    def __init__(self, company: Company) -> None:
        self._company = company

    def create(self, body: Any) -> dict[str, Any]:
        """An entry without content. Raises ApiError."""
        given = entities()[SET].check(body)
        beyond = sorted(set(given) - _KEPT)
        if beyond:
            raise business(f"This sandbox cannot keep the field '{beyond[0]}'.")
        lacking = sorted(_KEPT - {name for name, value in given.items() if value})
        if lacking:
            raise bad_request(f"You must specify {lacking[0]}.")
        document = self._company.books.documents.get(given["parentId"].lower())
        if document is None or given["parentType"] not in PARENTS.values():
            raise not_found("The parent record of the attachment cannot be found.")
        is_memo = document.document_type is DocumentType.CREDIT_NOTE
        if (given["parentType"] == PARENTS["purchaseCreditMemos"]) is not is_memo:
            raise not_found("The parent record of the attachment cannot be found.")
        self._company.payables.attach(document.document_id, given["fileName"], b"")
        position = len(self._company.books.attachments) - 1
        return _row(self._company, position, self._company.books.attachments[position])

    def fill(self, record_id: str, content: bytes, headers: Mapping[str, str]) -> None:
        """The bytes of an entry. Raises ApiError."""
        for position, kept in enumerate(self._company.books.attachments):
            if _id(position) == record_id.lower():
                check_match(headers.get("if-match"), _row(self._company, position, kept)["@odata.etag"])
                if headers.get("content-type", "").startswith("application/json"):
                    raise bad_request("The content of an attachment is a stream.")
                digest = hashlib.sha256(content).hexdigest()
                filled = kept.model_copy(update={"content": content, "sha256": digest})
                self._company.payables.replace_attachment(position, filled)
                return
        raise ApiError(404, "BadRequest_ResourceNotFound", "The attachment cannot be found.")
