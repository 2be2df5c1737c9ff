"""Creating, changing, deleting and posting supplier invoices in Tryton's way: a draft is entered without
business checks, posting makes them all and asks about duplicates.

Only what the books can keep is accepted; what they cannot keep is refused, never swallowed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType
from tools.erp.sandbox.books import PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.tryton.sandbox_hold_rows import INVOICE
from tools.erp.tryton.sandbox_lines import Lines, booked, known
from tools.erp.tryton.sandbox_orders import LINE
from tools.erp.tryton.sandbox_records import Records, sign_of, tax_of
from tools.erp.tryton.sandbox_schema import Crash, UserError, check, models

_HEADER = {
    "reference": "supplier_number",
    "invoice_date": "invoice_date",
    "accounting_date": "posting_date",
    "payment_term_date": "due_date",
}
_FIXED = frozenset(
    {"type", "company", "party", "invoice_address", "currency", "account", "journal", "payment_term"}
)
_SIMILAR = timedelta(days=60)


class Invoices:
    def __init__(self, company: Company, records: Records, second_person: bool) -> None:
        self._company = company
        self._records = records
        self._second_person = second_person
        self._of_lines = Lines(company, records)
        self._journals: dict[str, bool] = {}
        """Document id -> whether it has a journal; one without is refused at posting only."""

    def create(self, vlist: Any) -> list[int]:
        return [self._create(values) for values in vlist]

    def _create(self, values: Any) -> int:
        given = check(INVOICE, values)
        missing = [
            name for name, field in models()[INVOICE].items() if field.required and not given.get(name)
        ]
        if missing:
            raise UserError(f'A value is required for field "{missing[0]}" in "Invoice".')
        if given["type"] != "in" or given["company"] != 1:
            raise UserError("This sandbox keeps supplier invoices of its own company only.")
        supplier = self._key("party.party", given["party"])
        lines = self._of_lines.commanded([], given.get("lines", []))
        self._of_lines.require_currency(lines, given["currency"])
        total = sum((net for _, net in lines), Decimal(0))
        kind = DocumentType.CREDIT_NOTE if total < 0 else DocumentType.INVOICE
        header = {**self._header(given), "currency": self._key("currency.currency", given["currency"])}
        kept = self._of_lines.entered(lines, -1 if kind is DocumentType.CREDIT_NOTE else 1)
        made = booked(lambda: self._company.documents.create(kind, supplier, lines=kept, **header))
        self._journals[made.document_id] = given.get("journal") is not None
        return self._records.ids.of(INVOICE, made.document_id)

    def write(self, ids: Sequence[int], values: Any) -> None:
        given = check(INVOICE, values)
        unkept = set(given) & _FIXED - {"payment_term"}
        if unkept:
            raise UserError(f"This sandbox does not change {', '.join(sorted(unkept))} of a draft.")
        for key in ids:
            document = self._editable(key)
            changes: dict[str, Any] = dict(self._header(given))
            if "taxes" in given:
                changes["stated_tax"] = self._stated_tax(document, given["taxes"])
            if "lines" in given:
                self._rewrite(document, given["lines"], changes)
            else:
                booked(lambda: self._company.documents.change(document.document_id, **changes))  # noqa: B023

    def _rewrite(self, document: PurchaseDocument, commands: Any, changes: dict[str, Any]) -> None:
        lines = self._of_lines.commanded(self._of_lines.present(document), commands)
        self._of_lines.require_currency(lines, self._records.masters.currency(document.currency))
        kept = self._of_lines.entered(lines, sign_of(document))
        booked(lambda: self._company.documents.rewrite(document.document_id, kept, changes))

    def delete(self, ids: Sequence[int]) -> None:
        for key in ids:
            document = self._editable(key)
            booked(lambda: self._company.documents.delete(document.document_id))  # noqa: B023

    def move_lines(self, ids: Sequence[int], values: Any) -> None:
        """`account.invoice.line.write`: a line goes to another draft."""
        given = check(LINE, values)
        if set(given) != {"invoice"}:
            raise UserError("This sandbox changes lines through their invoice.")
        target = self._editable(given["invoice"])
        for key in ids:
            document_id, line_id = self._records.ids.pair(LINE, key)
            source = self._editable(self._records.ids.of(INVOICE, document_id))
            line = next(line for line in source.lines if line.line_id == line_id)
            booked(lambda: self._company.documents.delete_line(source.document_id, line_id))  # noqa: B023
            fresh = line.model_copy(update={"line_id": ""})
            added = booked(lambda: self._company.documents.add_line(target.document_id, fresh))  # noqa: B023
            # The record stays the same one on its new invoice.
            self._records.ids.name(LINE, (target.document_id, added.lines[-1].line_id), key)

    def post(self, ids: Sequence[int]) -> None:
        for key in ids:
            document = self._document(key)
            if document.state is not PostingState.DRAFT:
                raise UserError(f'You can not call "post" on "{key}" because it is not a draft.')
            self._check(document, key)
            if not self._second_person:
                booked(lambda: self._company.payables.post(document.document_id))  # noqa: B023

    def _check(self, document: PurchaseDocument, key: int) -> None:
        if not self._journals.get(document.document_id, True):
            raise UserError('A value is required for field "Journal" in "Account Move".')
        if document.invoice_date is None:
            raise UserError('A value is required for field "Invoice Date" in "Invoice".')
        similar = [other for other in self._company.books.documents.values() if _is_similar(document, other)]
        if similar:
            number = similar[0].number
            raise UserError(
                f'The invoice "({key})" is similar to invoice "{number}".',
                "UserWarning",
                "0f2c.invoice_similar",
            )

    def _header(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {ours: given[theirs] for theirs, ours in _HEADER.items() if theirs in given}

    def _stated_tax(self, document: PurchaseDocument, commands: Any) -> Decimal:
        total = tax_of(document)
        for command, ids, told in commands:
            values = check("account.invoice.tax", told)
            if command != "write" or set(values) != {"amount"}:
                raise UserError("This sandbox changes amounts of taxes only.")
            for key in ids:
                before = self._records.rows("account.invoice.tax")[key]["amount"]
                total += sign_of(document) * (values["amount"] - before)
        return total

    def _editable(self, key: int) -> PurchaseDocument:
        document = self._document(key)
        if document.state is not PostingState.DRAFT:
            raise UserError(
                f'You cannot modify invoice "{document.number}" because it is posted, paid or cancelled.'
            )
        return document

    def _document(self, key: int) -> PurchaseDocument:
        document = self._company.books.documents.get(str(self._records.ids.key(INVOICE, key)))
        if document is None:
            raise Crash(f"record {key} of {INVOICE} does not exist")
        return document

    def _key(self, model: str, key: int) -> str:
        return known(self._records, model, key)


def _is_similar(document: PurchaseDocument, other: PurchaseDocument) -> bool:
    """Tryton's own rule: party and reference are equal, and the days at most sixty apart."""
    same = (
        other.document_id != document.document_id
        and other.supplier_id == document.supplier_id
        and document.supplier_number
        and other.supplier_number == document.supplier_number
    )
    if not same or document.invoice_date is None or other.invoice_date is None:
        return bool(same)
    return abs(other.invoice_date - document.invoice_date) <= _SIMILAR
