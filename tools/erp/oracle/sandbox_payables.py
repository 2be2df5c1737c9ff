"""Invoices and holds of the books in Oracle's attributes, and what Oracle keeps beside them: which invoices
were validated, which holds stand, and ids that no float can hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType
from tools.erp.oracle.sandbox_schema import Resource, resources, timestamp
from tools.erp.sandbox.books import DocumentLine, PurchaseDocument
from tools.erp.sandbox.company import Company

_FIRST_ID = 300_000_000_000_000_001
"""Above 2 to the power of 53: two neighbours are the same number to whoever reads them as floats."""
_VALIDATED = {PostingState.POSTED: "Validated", PostingState.PAID: "Validated"}
Row = dict[str, Any]


@dataclass
class Ids:
    """int64 ids, given in the order in which records are first seen."""

    _given: dict[tuple[str, str], int] = field(default_factory=dict)
    _back: dict[tuple[str, int], str] = field(default_factory=dict)

    def of(self, kind: str, number: str) -> int:
        key = (kind, number)
        if key not in self._given:
            self._given[key] = _FIRST_ID + len(self._given)
            self._back[kind, self._given[key]] = number
        return self._given[key]

    def find(self, kind: str, given: int) -> str | None:
        return self._back.get((kind, given))


@dataclass(frozen=True)
class HeldBy:
    """One hold: `name` of Oracle's list, released once `release` is set."""

    document_id: str
    name: str
    reason: str
    placed: datetime
    release: str | None = None
    release_reason: str | None = None


class PayablesLayer:
    """Reads invoices and holds."""

    def __init__(self, company: Company, business_unit: str, combination: str, no_cost_centre: str) -> None:
        self.company = company
        self.ids = Ids()
        self.business_unit = business_unit
        self.combination = combination
        self.no_cost_centre = no_cost_centre
        self.validations: dict[str, str] = {}
        """Document id -> status of an invoice that is not validated."""
        self.fresh: set[str] = set()
        """Documents validated here: accounting has not begun."""
        self.holds: dict[int, HeldBy] = {}
        self.texts: dict[str, Row] = {}
        """Document id -> what an invoice was created with and the books have no place for."""

    def invoices(self) -> Iterator[Row]:
        for document in self.company.books.documents.values():
            yield self.invoice(document)

    def invoice(self, document: PurchaseDocument) -> Row:
        table = resources()["invoices"]
        key = self.ids.of("invoice", document.document_id)
        sign = -1 if document.document_type is DocumentType.CREDIT_NOTE else 1
        supplier = self.company.books.suppliers[document.supplier_id].supplier
        gross = document.totals.gross if document.stated_gross is None else document.stated_gross
        row = table.render(
            {
                "InvoiceId": key,
                "InvoiceNumber": document.supplier_number or document.draft_number,
                "InvoiceType": "Standard" if sign == 1 else "Credit memo",
                "InvoiceCurrency": document.currency,
                "InvoiceAmount": sign * gross,
                "InvoiceDate": _day(document.invoice_date),
                "AccountingDate": _day(document.posting_date or document.invoice_date),
                "BusinessUnit": self.business_unit,
                "Supplier": supplier.name,
                "SupplierNumber": document.supplier_id,
                "SupplierSite": "MAIN",
                "VoucherNumber": document.number,
                "ControlAmount": None if document.stated_tax is None else sign * document.stated_tax,
                "CanceledFlag": document.state is PostingState.CANCELLED,
                "LastUpdateDate": timestamp(document.changed_at),
                **self._standing(document),
                **self.texts.get(document.document_id, {}),
            }
        )
        row["invoiceLines"] = list(self._lines(document, sign, table.children["invoiceLines"]))
        row["invoiceInstallments"] = [self._installment(document, sign * gross, table)]
        row["attachments"] = []
        return {**row, "@key": _opaque(key), "@version": f"{key}-{document.revision}-{self._marks(document)}"}

    def _standing(self, document: PurchaseDocument) -> dict[str, str]:
        status = _VALIDATED.get(document.state) or self.validations.get(document.document_id, "Not validated")
        if document.state is PostingState.CANCELLED:
            status = "Canceled"
        elif self.active(document) and status == "Validated":
            status = "Needs revalidation"
        in_ledger = document.entry_number is not None and document.document_id not in self.fresh
        return {
            "ValidationStatus": status,
            "ApprovalStatus": "Not required",
            "AccountingStatus": "Accounted" if in_ledger else "Unprocessed",
            "PaidStatus": "Paid" if document.state is PostingState.PAID else "Unpaid",
        }

    def _marks(self, document: PurchaseDocument) -> str:
        return f"{len(self.active(document))}{self.validations.get(document.document_id, '')}"

    def _lines(self, document: PurchaseDocument, sign: int, table: Resource) -> Iterator[Row]:
        """Tax lines come with validation; reverse charge makes none that the supplier is owed."""
        for number, line in enumerate(document.lines, start=1):
            yield {**table.render(self._line(document, line, number, sign)), "@key": f"L{number}"}
        if document.state is PostingState.DRAFT:
            return
        taxes = [tax for tax in document.totals.taxes if tax.amount and not tax.reverse_charge]
        for number, tax in enumerate(taxes, start=len(document.lines) + 1):
            values = {
                "LineNumber": number,
                "LineType": "Tax",
                "LineAmount": sign * tax.amount,
                "TaxRateCode": tax.tax_code,
                "TaxRate": f"{tax.rate:f}",  # a text in the published list
            }
            yield {**table.render(values), "@key": f"L{number}"}

    def _line(self, document: PurchaseDocument, line: DocumentLine, number: int, sign: int) -> Row:
        values: Row = {
            "LineNumber": number,
            "LineType": "Item",
            "LineAmount": sign * line.net(document.currency),
            "Description": line.description,
            "Quantity": sign * line.quantity,
            "UnitPrice": line.unit_price,
            "TaxClassification": line.tax_code,
        }
        if line.order_number is not None and line.order_line_id is not None:
            first, _, further = line.order_line_id.partition("-")
            values["PurchaseOrderNumber"] = line.order_number
            values["PurchaseOrderLineNumber"] = int(first)
            values["PurchaseOrderScheduleLineNumber"] = int(further or 1)
        elif line.account is not None:
            values["DistributionCombination"] = self.combination.format(
                account=line.account, cost_centre=line.cost_centre or self.no_cost_centre
            )
        return values

    def _installment(self, document: PurchaseDocument, gross: Decimal, invoices: Resource) -> Row:
        left = Decimal(0)
        for item in self.company.open_items(document.supplier_id):
            if item.document_number == document.number and item.remaining is not None:
                left = item.remaining.amount
        if document.state is PostingState.DRAFT:
            left = gross
        table = invoices.children["invoiceInstallments"]
        values = {
            "InstallmentNumber": 1,
            "DueDate": _day(document.due_date),
            "GrossAmount": gross,
            "UnpaidAmount": left,
            "HoldFlag": False,
        }
        return {**table.render(values), "@key": "I1"}

    def of_order(self, number: str, table: Resource) -> Iterator[Row]:
        """What invoices matched to an order: from their creation on, validated or not."""
        for document in self.company.books.documents.values():
            if document.state is PostingState.CANCELLED:
                continue
            sign = -1 if document.document_type is DocumentType.CREDIT_NOTE else 1
            for line in document.lines:
                if line.order_number != number or line.order_line_id is None:
                    continue
                first, _, further = line.order_line_id.partition("-")
                key = self.ids.of("invoice", document.document_id)
                values = {
                    "InvoiceId": key,
                    "Invoice": document.supplier_number,
                    "InvoicedDate": _day(document.invoice_date),
                    "InvoiceStatus": self._standing(document)["ValidationStatus"],
                    "LineNumber": int(first),
                    "LineNumberScheduleNumber": f"{first}-{further or 1}",
                    "MatchedQuantity": sign * line.quantity,
                    "MatchedAmount": sign * line.net(document.currency),
                }
                yield {**table.render(values), "@key": f"{key}-{line.line_id}"}

    def active(self, document: PurchaseDocument) -> list[HeldBy]:
        """Holds that are not released; what the books did by themselves is noted first."""
        ours = self._of(document)
        noted = {held.name: key for key, held in self.holds.items() if held in ours and not held.release}
        for name in document.holds:
            if name not in noted:
                self.place(document.document_id, name, name)
        for name in set(noted) & set(self.company.settings.hold_reasons) - set(document.holds):
            self.release(noted[name], "Released", None)
        return [held for held in self._of(document) if held.release is None]

    def _of(self, document: PurchaseDocument) -> list[HeldBy]:
        return [held for held in self.holds.values() if held.document_id == document.document_id]

    def place(self, document_id: str, name: str, reason: str) -> int:
        key = self.ids.of("hold", str(len(self.holds)))
        self.holds[key] = HeldBy(document_id, name, reason, self.company.clock())
        return key

    def release(self, key: int, name: str, reason: str | None) -> None:
        self.holds[key] = replace(self.holds[key], release=name, release_reason=reason)

    def hold_rows(self) -> Iterator[Row]:
        for document in self.company.books.documents.values():
            self.active(document)
        for key in list(self.holds):
            yield self.hold(key)

    def hold(self, key: int) -> Row:
        held = self.holds[key]
        document = self.company.books.documents.get(held.document_id)
        values = {
            "HoldId": key,
            "InvoiceId": self.ids.of("invoice", held.document_id),
            "InvoiceNumber": None if document is None else document.supplier_number,
            "BusinessUnit": self.business_unit,
            "Supplier": None
            if document is None
            else self.company.books.suppliers[document.supplier_id].supplier.name,
            "HoldName": held.name,
            "HoldReason": held.reason,
            "HoldDate": timestamp(held.placed),
            "ReleaseName": held.release,
            "ReleaseReason": held.release_reason,
        }
        return {**resources()["invoiceHolds"].render(values), "@key": str(key)}


def _day(value: Any) -> str | None:
    return None if value is None else str(value.isoformat())


def _opaque(key: int) -> str:
    return hashlib.sha256(f"invoices/{key}".encode()).hexdigest().upper()
