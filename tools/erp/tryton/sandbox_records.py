"""Invoices, open items and files of the company's books as rows of Tryton's models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType
from tools.erp.sandbox.books import DocumentLine, PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.entries import SupplierEntry
from tools.erp.tryton.holding import HELD
from tools.erp.tryton.sandbox_hold_rows import HOLD, INVOICE, KeptHolds
from tools.erp.tryton.sandbox_ids import Ids
from tools.erp.tryton.sandbox_masters import Keyed, MasterRows
from tools.erp.tryton.sandbox_orders import LINE, Billing, OrderRows, Pending


class Records:
    """All rows of one request; `forget` after every change."""

    def __init__(
        self,
        company: Company,
        ids: Ids,
        pending: Pending,
        billing: Billing,
        holds: KeptHolds | None,
    ) -> None:
        self._company = company
        self._books = company.books
        self.ids = ids
        self.masters = MasterRows(company, ids)
        self.orders = OrderRows(company, self.masters, ids, pending, billing, self.rows)
        self.notes: dict[int, dict[str, Any]] = {}
        """Made through the protocol, and not told by the books."""
        self._kept: dict[str, dict[int, dict[str, Any]]] = {}
        self._makers: Mapping[str, Callable[[], Keyed]] = {
            **self.masters.models,
            **self.orders.models,
            INVOICE: self._invoices,
            LINE: self._invoice_lines,
            "account.invoice.tax": self._invoice_taxes,
            "account.move.line": self._payables,
            "account.move": lambda: iter([(1, {"company": 1})]),
            "ir.attachment": self._attachments,
            "ir.note": self._notes if holds is None else lambda: iter(self.notes.items()),
            **({} if holds is None else {HOLD: holds.rows}),
        }

    def rows(self, model: str) -> Mapping[int, dict[str, Any]]:
        """Raises KeyError for a model that is not served."""
        if model not in self._kept:
            self._kept[model] = {key: {**row, "id": key} for key, row in self._makers[model]()}
        return self._kept[model]

    def models(self) -> tuple[str, ...]:
        return tuple(self._makers)

    def forget(self) -> None:
        self._kept.clear()

    def _invoices(self) -> Keyed:
        entries = self._open_entries()
        for document in self._books.documents.values():
            yield self.ids.of(INVOICE, document.document_id), self._invoice(document, entries)

    def _invoice(self, document: PurchaseDocument, entries: Mapping[str, SupplierEntry]) -> dict[str, Any]:
        sign, tax = sign_of(document), tax_of(document)
        entry = entries.get(document.document_id)
        state = document.state
        return {
            "type": "in",
            "company": 1,
            "number": None if state is PostingState.DRAFT else document.number,
            "reference": document.supplier_number,
            "state": str(state),
            "invoice_date": document.invoice_date,
            "accounting_date": document.posting_date,
            "payment_term_date": document.due_date,
            "untaxed_amount": sign * document.totals.net,
            "tax_amount": sign * tax,
            "total_amount": sign * (document.totals.net + tax),
            "amount_to_pay": Decimal(0) if entry is None else sign * abs(entry.remaining.amount),
            "lines_to_pay": [] if entry is None else [self.ids.of("account.move.line", document.document_id)],
            "party": self.masters.party(document.supplier_id),
            "currency": self.masters.currency(document.currency),
            "lines": [self.ids.of(LINE, (document.document_id, x.line_id)) for x in document.lines],
            "taxes": [
                self.ids.of("account.invoice.tax", (document.document_id, x.tax_code))
                for x in document.totals.taxes
            ],
            "create_date": document.changed_at,
            "write_date": document.changed_at,
            "_timestamp": f"{document.version}.0",
        }

    def _invoice_lines(self) -> Keyed:
        for document in self._books.documents.values():
            for line in document.lines:
                yield self.ids.of(LINE, (document.document_id, line.line_id)), self._line(document, line)

    def _line(self, document: PurchaseDocument, line: DocumentLine) -> dict[str, Any]:
        sign = sign_of(document)
        item, account, origin = line.item_number, line.account, None
        if line.order_number is not None and line.order_line_id is not None:
            ordered = self._company.purchasing.line(line.order_number, line.order_line_id)
            item, account = item or ordered.item_number, account or ordered.account
            origin = f"purchase.line,{self.orders.order_line(line.order_number, line.order_line_id)}"
        if item is not None and account is None:
            account = self._books.items[item].inventory_account
        return {
            "type": "line",
            "company": 1,
            "currency": self.masters.currency(document.currency),
            "description": line.description,
            "quantity": sign * line.quantity,
            "unit_price": line.unit_price,
            "amount": sign * line.net(document.currency),
            "unit": self.masters.unit(line.unit),
            "product": self.masters.product(item),
            "account": self.masters.account(account),
            "taxes": self.masters.tax(self._company.documents.tax_code_of(document, line)),
            "origin": origin,
            "invoice": self.ids.of(INVOICE, document.document_id),
            "party": None,
            "create_date": document.changed_at,
            "write_date": document.changed_at,
        }

    def _invoice_taxes(self) -> Keyed:
        """The supplier's own cents stand on the first one."""
        for document in self._books.documents.values():
            sign, left = sign_of(document), tax_of(document) - document.totals.tax
            for tax in document.totals.taxes:
                amount = Decimal(0) if tax.reverse_charge else tax.amount + left
                left = left if tax.reverse_charge else Decimal(0)
                key = self.ids.of("account.invoice.tax", (document.document_id, tax.tax_code))
                yield key, {"amount": sign * amount, "base": sign * tax.base}

    def _open_entries(self) -> dict[str, SupplierEntry]:
        return {entry.document_id: entry for entry in self._books.supplier_entries if entry.remaining.amount}

    def _payables(self) -> Keyed:
        own = self._books.settings.currency
        for entry in self._open_entries().values():
            local, foreign = entry.remaining_local, entry.amount.currency != own
            owed = entry.amount.amount if not foreign else local
            row = {
                "debit": -owed if owed < 0 else Decimal(0),
                "credit": owed if owed > 0 else Decimal(0),
                "amount_second_currency": -entry.amount.amount if foreign else None,
                "second_currency": self.masters.currency(entry.amount.currency) if foreign else None,
                "maturity_date": entry.due_date,
                "move_origin": f"{INVOICE},{self.ids.of(INVOICE, entry.document_id)}",
                "party": self.masters.party(entry.supplier_id),
                "account": self.masters.account(self._books.settings.controls.payables),
                "reconciliation": None,
                "payment_blocked": bool(self._books.documents[entry.document_id].holds),
                "move_state": "posted",
                "move": 1,
            }
            yield self.ids.of("account.move.line", entry.document_id), row

    def _attachments(self) -> Keyed:
        for position, kept in enumerate(self._books.attachments, start=1):
            resource = f"{INVOICE},{self.ids.of(INVOICE, kept.document_id)}"
            row = {"name": kept.name, "type": "data", "resource": resource, "data_size": len(kept.content)}
            yield position, row

    def _notes(self) -> Keyed:
        """What was noted here, after what the books tell of holds."""
        for document in self._books.documents.values():
            resource = f"{INVOICE},{self.ids.of(INVOICE, document.document_id)}"
            for reason in document.holds:
                key = self.ids.of("ir.note", (document.document_id, reason))
                yield key, {"resource": resource, "message": f"{HELD}{reason}"}
        yield from self.notes.items()


def sign_of(document: PurchaseDocument) -> int:
    return -1 if document.document_type is DocumentType.CREDIT_NOTE else 1


def tax_of(document: PurchaseDocument) -> Decimal:
    """As the supplier printed it, where a draft was told so."""
    if document.state is PostingState.DRAFT and document.stated_tax is not None:
        return document.stated_tax
    return document.totals.tax
