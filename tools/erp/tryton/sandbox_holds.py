"""Blocks of payment and notes in Tryton's way. The books keep a reason with each hold; here a block takes the
reasons of the notes that were made before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tools.erp.sandbox.books import PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.tryton.holding import HELD
from tools.erp.tryton.sandbox_hold_rows import INVOICE
from tools.erp.tryton.sandbox_lines import booked
from tools.erp.tryton.sandbox_records import Records
from tools.erp.tryton.sandbox_schema import Crash, UserError, check


class Holds:
    def __init__(self, company: Company, records: Records) -> None:
        self._company = company
        self._records = records

    def note(self, vlist: Any) -> list[int]:
        made = []
        for values in vlist:
            given = check("ir.note", values)
            model, _, key = str(given.get("resource")).partition(",")
            if model != INVOICE or self._records.ids.key(model, int(key)) is None:
                raise UserError("This sandbox keeps notes of invoices.")
            number = self._records.ids.of("ir.note", ("made here", len(self._records.notes)))
            self._records.notes[number] = {"resource": given["resource"], "message": given["message"]}
            made.append(number)
        return made

    def block(self, lines: Sequence[int]) -> None:
        for document in self._documents(lines):
            resource = f"{INVOICE},{self._records.ids.of(INVOICE, document.document_id)}"
            waiting = {
                key: row["message"].removeprefix(HELD)
                for key, row in self._records.notes.items()
                if row["resource"] == resource and row["message"].startswith(HELD)
            }
            if document.holds:
                raise UserError('You can not call "payment_block" on a line that is blocked.')
            if not waiting:
                raise UserError("This sandbox keeps no block without a note that says why.")
            for key, reason in waiting.items():
                booked(lambda: self._company.payables.hold(document.document_id, reason))  # noqa: B023
                del self._records.notes[key]

    def unblock(self, lines: Sequence[int]) -> None:
        for document in self._documents(lines):
            if not document.holds:
                raise UserError('You can not call "payment_unblock" on a line that is not blocked.')
            for reason in document.holds:
                booked(lambda: self._company.payables.release(document.document_id, reason))  # noqa: B023

    def _documents(self, lines: Sequence[int]) -> list[PurchaseDocument]:
        found = [self._records.ids.key("account.move.line", key) for key in lines]
        known = self._company.books.documents
        if not all(str(key) in known for key in found):
            raise Crash("a line of account.move.line does not exist")
        return [known[str(key)] for key in found]
