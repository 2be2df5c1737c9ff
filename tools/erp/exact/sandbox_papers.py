"""Documents with their files, and webhook subscriptions: what the API keeps beside the books."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from tools.erp.exact.sandbox_schema import resources
from tools.erp.sandbox.company import Company

Row = dict[str, Any]


class Papers:
    def __init__(self, company: Company, guid: Callable[[str, str], str]) -> None:
        self._company = company
        self._guid = guid
        self.documents: dict[str, str] = {}
        """Id of an entry -> id of its document."""
        self.loose: dict[str, list[tuple[str, bytes]]] = {}
        """Id of a document that no entry names yet -> its files."""
        self.subscriptions: dict[str, tuple[str, str]] = {}
        """Id -> address and topic."""

    @property
    def readers(self) -> dict[str, Callable[[], Iterator[Row]]]:
        return {
            "documents/Documents": self._documents,
            "documents/DocumentAttachments": self._files,
            "webhooks/WebhookSubscriptions": self._subscribed,
        }

    def _row(self, resource: str, **values: Any) -> Row:
        return resources()[resource].row(**values)

    def document_of(self, entry_id: str) -> str | None:
        """Files that somebody attached on the screen have a document too."""
        if entry_id in self.documents:
            return self.documents[entry_id]
        return self._guid("document", entry_id) if self._company.payables.attachments_of(entry_id) else None

    def _documents(self) -> Iterator[Row]:
        for found in {*self.loose, *self.documents.values()}:
            yield self._row("documents/Documents", ID=found, Type=20)

    def _files(self) -> Iterator[Row]:
        kept = [
            (document, file.name, file.content)
            for entry in self._company.books.documents
            for file in self._company.payables.attachments_of(entry)
            if (document := self.document_of(entry)) is not None
        ]
        kept += [(found, name, content) for found, files in self.loose.items() for name, content in files]
        for position, (document, name, content) in enumerate(kept):
            yield self._row(
                "documents/DocumentAttachments",
                ID=self._guid("file", f"{document}/{position}"),
                Document=document,
                FileName=name,
                FileSize=Decimal(len(content)),
            )

    def _subscribed(self) -> Iterator[Row]:
        for key, (address, topic) in self.subscriptions.items():
            yield self._row("webhooks/WebhookSubscriptions", ID=key, CallbackURL=address, Topic=topic)
