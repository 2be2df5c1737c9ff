"""What the module of `extension/` does, over the books: records of holds, and what they forbid.

The reasons are the company's list: the module itself takes any text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tools.domain.decision import PostingState
from tools.erp.sandbox.books import PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.tryton.sandbox_hold_rows import HOLD, INVOICE, KeptHolds
from tools.erp.tryton.sandbox_lines import booked
from tools.erp.tryton.sandbox_records import Records
from tools.erp.tryton.sandbox_schema import Crash, UserError, check


class HoldModule:
    def __init__(self, company: Company, records: Records, kept: KeptHolds) -> None:
        self._company = company
        self._records = records
        self._kept = kept

    def create(self, vlist: Any) -> list[int]:
        return [self._create(check(HOLD, values)) for values in vlist]

    def _create(self, given: dict[str, Any]) -> int:
        if not given.get("invoice") or not given.get("reason"):
            raise UserError('A value is required for field "Reason" in "Invoice Hold".')
        document, reason = self._document(given["invoice"]), str(given["reason"])
        if document.state in (PostingState.PAID, PostingState.CANCELLED):
            raise UserError(f'Invoice "{document.number}" is paid or cancelled and cannot be put on hold.')
        if reason in self._kept.standing(document.document_id):
            raise UserError(f'Invoice "{document.number}" is on hold for this reason already: {reason}')
        if document.state is PostingState.DRAFT:
            if reason not in self._company.books.settings.hold_reasons:
                raise UserError(f"The hold reason {reason} does not exist.")
            self._kept.hold_draft(document.document_id, reason)
        else:
            booked(lambda: self._company.payables.hold(document.document_id, reason))
        return self._kept.id_of(document.document_id, reason)

    def release(self, ids: Sequence[int]) -> None:
        for key in ids:
            found = self._kept.behind(key)
            if found is None:
                raise UserError(f'You can not call "release" on hold "{key}".')
            document_id, reason = found
            if self._company.books.documents[document_id].state is PostingState.DRAFT:
                self._kept.release_draft(document_id, reason)
            else:
                booked(lambda: self._company.payables.release(document_id, reason))  # noqa: B023
            self._kept.released(document_id, reason, key)

    def before_posting(self, post: Callable[[Sequence[int]], None]) -> Callable[[Sequence[int]], None]:
        """The button, refused for what is on hold."""

        def refusing(ids: Sequence[int]) -> None:
            for key in ids:
                self._refuse(self._document(key), key, "cannot be posted")
            post(ids)

        return refusing

    def before_deleting(self, delete: Callable[[Sequence[int]], None]) -> Callable[[Sequence[int]], None]:
        """What was ever held is cancelled, not deleted."""

        def refusing(ids: Sequence[int]) -> None:
            for key in ids:
                if self._kept.was_held(self._document(key).document_id):
                    raise UserError(f'Invoice "({key})" could not be deleted: a hold names it.')
            delete(ids)

        return refusing

    def block(self, lines: Sequence[int]) -> None:
        raise UserError("This sandbox keeps no block without a hold.")

    def unblock(self, lines: Sequence[int]) -> None:
        for line in lines:
            document_id = str(self._records.ids.key("account.move.line", line))
            if document_id not in self._company.books.documents:
                raise Crash("a line of account.move.line does not exist")
            self._refuse(self._company.books.documents[document_id], line, "cannot be paid")
        raise UserError('You can not call "payment_unblock" on a line that is not blocked.')

    def _refuse(self, document: PurchaseDocument, key: int, what: str) -> None:
        reasons = ", ".join(self._kept.standing(document.document_id))
        if reasons:
            number = f"({key})" if document.state is PostingState.DRAFT else document.number
            raise UserError(f'Invoice "{number}" is on hold and {what}: {reasons}')

    def _document(self, key: int) -> PurchaseDocument:
        document = self._company.books.documents.get(str(self._records.ids.key(INVOICE, key)))
        if document is None:
            raise Crash(f"record {key} of {INVOICE} does not exist")
        return document
