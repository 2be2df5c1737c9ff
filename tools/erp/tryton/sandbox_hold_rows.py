"""Holds as the module of `extension/` keeps them: the books' own of posted documents, and those of drafts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.erp.sandbox.company import Company
from tools.erp.tryton.sandbox_ids import Ids

INVOICE, HOLD = "account.invoice", "account.invoice.hold"


class KeptHolds:
    def __init__(self, company: Company, ids: Ids) -> None:
        self._company = company
        self._ids = ids
        self._of_drafts: dict[str, list[str]] = {}
        self._released: dict[int, dict[str, Any]] = {}
        self._times: dict[tuple[str, str], int] = {}
        """(document, reason) -> how often it was released: the next hold is a record of its own."""

    def standing(self, document_id: str) -> list[str]:
        """The reasons for which a document is held, oldest first."""
        document = self._company.books.documents.get(document_id)
        held = () if document is None else document.holds
        return [*held, *self._of_drafts.get(document_id, ())]

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for document_id in self._company.books.documents:
            for reason in self.standing(document_id):
                yield self.id_of(document_id, reason), self._row(document_id, reason, None)
        yield from self._released.items()

    def id_of(self, document_id: str, reason: str) -> int:
        times = self._times.get((document_id, reason), 0)
        return self._ids.of(HOLD, (document_id, reason, times))

    def behind(self, number: int) -> tuple[str, str] | None:
        """Document and reason of a hold that stands."""
        for document_id in self._company.books.documents:
            for reason in self.standing(document_id):
                if self.id_of(document_id, reason) == number:
                    return document_id, reason
        return None

    def hold_draft(self, document_id: str, reason: str) -> None:
        self._of_drafts.setdefault(document_id, []).append(reason)

    def release_draft(self, document_id: str, reason: str) -> None:
        self._of_drafts[document_id].remove(reason)

    def was_held(self, document_id: str) -> bool:
        """Now or before."""
        return bool(self.standing(document_id)) or any(key[0] == document_id for key in self._times)

    def released(self, document_id: str, reason: str, number: int) -> None:
        """Keeps the record of a hold that has just ended."""
        self._released[number] = self._row(document_id, reason, self._company.clock())
        self._times[document_id, reason] = self._times.get((document_id, reason), 0) + 1

    def _row(self, document_id: str, reason: str, released_at: Any) -> dict[str, Any]:
        invoice = self._ids.of(INVOICE, document_id)
        return {"invoice": invoice, "reason": reason, "released_at": released_at}
