"""Supplier invoices, supplier items of the ledger and kept files of the books in SAP's properties."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType
from tools.erp.sandbox.books import DocumentLine, PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.entries import SupplierEntry
from tools.erp.sap.sandbox_codes import (
    BLOCK_OF_HOLD,
    CONTROLLING,
    Codes,
    fiscal_year,
    full,
    object_key,
)
from tools.erp.sap.sandbox_master import made
from tools.erp.sap.sandbox_schema import Row

PARKED, COMPLETED, HELD, POSTED = "A", "B", "D", "5"


@dataclass
class Kept:
    """What SAP keeps of a document and the books do not."""

    header: dict[str, Any] = field(default_factory=dict)
    status: str = PARKED
    """Of a document that is not posted."""
    receipts: dict[str, dict[str, str]] = field(default_factory=dict)
    """Line id -> material document, year and item."""
    block: str = ""
    """Payment block without a reason in the books."""


class InvoiceRecords:
    def __init__(self, company: Company, codes: Codes) -> None:
        self._company = company
        self._books = company.books
        self._codes = codes
        self.kept: dict[str, Kept] = {}

    def invoices(self) -> Iterator[Row]:
        for document in self._books.documents.values():
            yield self.invoice(document)
            if document.reversed_by is not None:
                yield self._reversal(document)

    def order_items(self) -> Iterator[Row]:
        for row in self.invoices():
            yield from row["to_SuplrInvcItemPurOrdRef"]

    def year(self, document: PurchaseDocument) -> str:
        return fiscal_year(document, self._company.clock().date())

    def block_of(self, document: PurchaseDocument) -> str:
        """The payment block as one character: the system's goes before a person's."""
        own = self.kept.get(document.document_id, Kept()).block
        found = {own, *(BLOCK_OF_HOLD.get(reason, "A") for reason in document.holds)} - {""}
        return "R" if "R" in found else min(found, default="")

    def invoice(self, document: PurchaseDocument) -> Row:
        key = {"SupplierInvoice": document.number, "FiscalYear": self.year(document)}
        kept = self.kept.get(document.document_id, Kept())
        posted = document.state is not PostingState.DRAFT
        values = {
            **_due(document),
            **kept.header,
            **key,
            "CompanyCode": self._books.settings.company[:4],
            "DocumentDate": document.invoice_date,
            "PostingDate": document.posting_date,
            "CreationDate": document.changed_at,
            "SuplrInvcLstChgDteTmeTxt": stamp(document.changed_at),
            "SupplierInvoiceIDByInvcgParty": (document.supplier_number or "").upper()[:16],
            "InvoicingParty": document.supplier_id,
            "DocumentCurrency": document.currency,
            "InvoiceGrossAmount": self._gross(document),
            "PaymentBlockingReason": self.block_of(document),
            "SupplierInvoiceStatus": POSTED if posted else kept.status,
            "SupplierInvoiceIsCreditMemo": "X" if _is_credit(document) else "",
            "ReverseDocument": document.reversed_by or "",
            "ReverseDocumentFiscalYear": key["FiscalYear"] if document.reversed_by else "",
            "IsReversed": document.reversed_by is not None,
        }
        return made("A_SupplierInvoice", **values, **self._items(document, key))

    def _gross(self, document: PurchaseDocument) -> Decimal:
        """A parked document keeps what was stated, whatever its items add up to."""
        stated = document.stated_gross
        if document.state is PostingState.DRAFT and stated is not None:
            return full(stated)
        return full(document.totals.gross)

    def _items(self, document: PurchaseDocument, key: dict[str, str]) -> dict[str, list[Row]]:
        order_items = [
            self._order_item(document, line, {**key, "SupplierInvoiceItem": str(position)})
            for position, line in enumerate(document.lines, start=1)
            if line.order_number is not None
        ]
        accounts = [
            self._account_item(document, line, {**key, "SupplierInvoiceItem": str(position)})
            for position, line in enumerate(document.lines, start=1)
            if line.order_number is None
        ]
        taxes = [
            made(
                "A_SupplierInvoiceTax",
                **key,
                TaxCode=self._codes.tax(tax.tax_code),
                SupplierInvoiceTaxCounter=f"{position:06d}",
                DocumentCurrency=document.currency,
                TaxAmount=Decimal(0) if tax.reverse_charge else full(tax.amount),
                TaxBaseAmountInTransCrcy=full(tax.base),
            )
            for position, tax in enumerate(document.totals.taxes, start=1)
        ]
        return {
            "to_SuplrInvcItemPurOrdRef": order_items,
            "to_SupplierInvoiceItemGLAcct": accounts,
            "to_SupplierInvoiceTax": taxes,
        }

    def _order_item(self, document: PurchaseDocument, line: DocumentLine, key: dict[str, str]) -> Row:
        """Item numbers come back without leading zeros."""
        ordered = self._company.purchasing.line(line.order_number or "", line.order_line_id or "")
        receipt = self.kept.get(document.document_id, Kept()).receipts.get(line.line_id, {})
        unit = self._codes.unit(line.unit or ordered.unit)
        return made(
            "A_SuplrInvcItemPurOrdRef",
            **key,
            **receipt,
            PurchaseOrder=line.order_number,
            PurchaseOrderItem=self._codes.item(line.order_number, line.order_line_id),
            TaxCode=self._codes.tax(self._company.documents.tax_code_of(document, line)),
            DocumentCurrency=document.currency,
            SupplierInvoiceItemAmount=full(line.net(document.currency)),
            PurchaseOrderQuantityUnit=unit,
            QuantityInPurchaseOrderUnit=line.quantity,
            SupplierInvoiceItemText=line.description[:50],
        )

    def _account_item(self, document: PurchaseDocument, line: DocumentLine, key: dict[str, str]) -> Row:
        net = line.net(document.currency)
        return made(
            "A_SupplierInvoiceItemGLAcct",
            **key,
            CompanyCode=self._books.settings.company[:4],
            CostCenter=line.cost_centre or "",
            ControllingArea=CONTROLLING if line.cost_centre else "",
            GLAccount=line.account or "",
            DocumentCurrency=document.currency,
            SupplierInvoiceItemAmount=full(abs(net)),
            TaxCode=self._codes.tax(self._company.documents.tax_code_of(document, line)),
            DebitCreditCode="S" if (net >= 0) is not _is_credit(document) else "H",
            SupplierInvoiceItemText=line.description[:50],
        )

    def _reversal(self, document: PurchaseDocument) -> Row:
        """The document that cancelled another one is a document of its own."""
        row = dict(self.invoice(document))
        number = document.reversed_by or ""
        header = {
            "SupplierInvoice": number,
            "SupplierInvoiceIsCreditMemo": "" if _is_credit(document) else "X",
            "ReverseDocument": document.number,
            "IsReversed": False,
            "IsReversal": True,
        }
        for name in ("to_SuplrInvcItemPurOrdRef", "to_SupplierInvoiceItemGLAcct", "to_SupplierInvoiceTax"):
            row[name] = [{**item, "SupplierInvoice": number} for item in row[name]]
        return {**row, **header}

    def ledger_items(self) -> Iterator[Row]:
        for entry in self._books.supplier_entries:
            yield self._ledger_item(entry)

    def _ledger_item(self, entry: SupplierEntry) -> Row:
        document = self._books.documents[entry.document_id]
        cleared = not entry.remaining.amount
        year = f"{entry.posting_date.year}"
        return made(
            "A_OperationalAcctgDocItemCube",
            CompanyCode=self._books.settings.company[:4],
            FiscalYear=year,
            AccountingDocument=f"{1900000000 + entry.number}",
            AccountingDocumentItem="001",
            FinancialAccountType="K",
            Supplier=entry.supplier_id,
            DebitCreditCode="S" if entry.amount.amount < 0 else "H",
            IsCleared=cleared,
            ClearingDate=entry.posting_date if cleared else None,
            ClearingAccountingDocument="1500000001" if cleared else "",
            IsReversed=document.state is PostingState.CANCELLED,
            DocumentDate=entry.document_date,
            PostingDate=entry.posting_date,
            NetDueDate=entry.due_date,
            TransactionCurrency=entry.amount.currency,
            AmountInTransactionCurrency=full(-entry.amount.amount),
            DocumentReferenceID=(entry.external_number or "").upper()[:16],
            ReferenceDocumentType="RMRP",
            OriginalReferenceDocument=object_key(entry.document_number, year),
            PaymentBlockingReason=self.block_of(document),
        )

    def by_number(self, number: str, year: str) -> PurchaseDocument | None:
        """The document under SAP's key; a parked one keeps its number when it is posted."""
        for document in self._books.documents.values():
            if document.number == number.lstrip("0") and self.year(document) == year:
                return document
        return None

    def files_of(self, key: str) -> list[Row]:
        document = self.by_number(key[:10], key[10:])
        if document is None:
            return []
        return [
            made(
                "AttachmentContentSet",
                LinkedSAPObjectKey=key,
                BusinessObjectTypeName="BUS2081",
                ArchiveDocumentID=file.sha256[:40],
                FileName=file.name,
                FileSize=str(len(file.content)),
                MimeType="application/pdf",
                Source="GOS",
            )
            for file in self._company.payables.attachments_of(document.document_id)
        ]


def stamp(moment: datetime) -> str:
    """YYYYMMDDhhmmss and seven decimals, UTC."""
    return f"{moment.astimezone(UTC):%Y%m%d%H%M%S}.{moment.microsecond:06d}0"


def _due(document: PurchaseDocument) -> Row:
    """As SAP fills it in where a document was entered on its screen."""
    if document.invoice_date is None:
        return {}
    days = None if document.due_date is None else Decimal((document.due_date - document.invoice_date).days)
    return {"DueCalculationBaseDate": document.invoice_date, "NetPaymentDays": days}


def _is_credit(document: PurchaseDocument) -> bool:
    return document.document_type is DocumentType.CREDIT_NOTE
