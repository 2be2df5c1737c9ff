"""What Profit keeps of the books: its keys, its invoice fields, its rows for each GetConnector."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType
from tools.domain.supplier import SupplierBlock
from tools.erp.afas.addresses import country_name
from tools.erp.afas.filters import AMSTERDAM
from tools.erp.afas.sandbox_periods import months
from tools.erp.afas.sandbox_schema import Element
from tools.erp.sandbox.books import PurchaseDocument, SupplierCard
from tools.erp.sandbox.company import Company

UNITS = {"H87": "stk", "XBX": "doos", "MON": "mnd", "KGM": "kg"}
"""UN/ECE code -> Profit's unit; others are called by their code."""
_NAMESPACE = uuid.UUID("0c5ef6a4-4b9e-4f57-9a4f-4d6b1a7c21d3")
_LONGEST_INVOICE_NUMBER = 12
_SETTLED = (PostingState.PAID, PostingState.CANCELLED)


@dataclass(frozen=True)
class Numbers:
    """The fields of an invoice that hold a number."""

    invoice: str
    voucher: str
    reference: str


@dataclass
class Profit:
    """One administration over one company's books."""

    company: Company
    administration: int
    journal: str
    numbers: dict[str, Numbers] = field(default_factory=dict)
    """Document id -> as it was entered here; what the books had before is derived."""
    texts: dict[str, str] = field(default_factory=dict)
    """Document id -> description of the invoice."""
    blocked_by_hand: set[str] = field(default_factory=set)
    """Documents whose payment was blocked without a reason of ours."""
    entered: dict[str, Sequence[Element]] = field(default_factory=dict)
    """Document id -> the lines of its message."""
    remarks: dict[str, list[str]] = field(default_factory=dict)
    """Order number -> its lines of text; an order that was not made here has one."""

    def entry_of(self, document: PurchaseDocument) -> int:
        """The number people know it by, where it is a number."""
        return int(document.number) if document.number.isdigit() else document.entry_number or 0

    def numbers_of(self, document: PurchaseDocument) -> Numbers:
        known = self.numbers.get(document.document_id)
        if known is not None:
            return known
        theirs = document.supplier_number or ""
        fits = len(theirs) <= _LONGEST_INVOICE_NUMBER
        return Numbers(theirs if fits else f"I{self.entry_of(document)}", "", theirs)

    def text_of(self, document: PurchaseDocument) -> str:
        """A hold that the books had before has a reason; Profit's flag has none, so the description shows it.
        What was blocked by hand shows no more than was written."""
        text = self.texts.get(document.document_id, "")
        if document.document_id in self.blocked_by_hand:
            return text
        missing = [f"HOLD {reason}" for reason in document.holds if f"HOLD {reason}" not in text.split(" | ")]
        return " | ".join([*missing, *([text] if text else [])])

    def documents(self) -> Iterator[PurchaseDocument]:
        """What stands in the ledger: Profit has no drafts, and what is taken back is deleted."""
        for document in self.company.books.documents.values():
            if document.state not in (PostingState.DRAFT, PostingState.CANCELLED):
                yield document

    def by_invoice(self, creditor: str, invoice: str) -> PurchaseDocument | None:
        for document in self.documents():
            if (document.supplier_id, self.numbers_of(document).invoice) == (creditor, invoice):
                return document
        return None

    def guid(self, *parts: str) -> str:
        return f"{{{str(uuid.uuid5(_NAMESPACE, '/'.join(parts))).upper()}}}"

    def rows(self, connector: str) -> list[dict[str, Any]]:
        """All rows of a GetConnector that `sandbox_schema.get_fields` knows."""
        name = f"_{connector.lower()}"
        found: Iterator[dict[str, Any]] = getattr(self, name)() if hasattr(self, name) else iter(())
        return list(found)

    def _profit_creditor(self) -> Iterator[dict[str, Any]]:
        for card in self.company.books.suppliers.values():
            yield _creditor(card)

    def _profit_bankaccounts(self) -> Iterator[dict[str, Any]]:
        for card in self.company.books.suppliers.values():
            for account in card.supplier.bank_accounts:
                yield {
                    **dict.fromkeys(("BIC", "Country", "Employee", "Verkooprelatie")),
                    "BcCo": _organisation(card),
                    "Name": card.supplier.name,
                    "IBAN": account.iban,
                    "Grek": False,
                    "Creditor": card.supplier.supplier_id,
                }

    def _profit_accounts(self) -> Iterator[dict[str, Any]]:
        for account in self.company.books.accounts.values():
            if account.heading:
                continue
            yield {
                **dict.fromkeys(("Type", "Sort", "CollectAccountType", "Feature", "CollectOn", "VatCode")),
                **dict.fromkeys(("Budget", "ToProject", "DimAx1", "DimAx2", "DimAx3", "DimAx4", "DimAx5")),
                "Account": account.number,
                "Description": account.name,
                "Blocked": account.blocked,
                "CollectAccount": not account.direct_posting,
                "VatAllowed": True,
            }

    def _profit_costcentre(self) -> Iterator[dict[str, Any]]:
        for centre in self.company.books.cost_centres:
            yield {
                "EmployerId": "1",
                "CostCentre": centre.code,
                "Description": centre.name,
                "Blocked": centre.blocked,
                "ModifiedDate": datetime(2026, 1, 1),  # noqa: DTZ001 - a wall clock's time
            }

    def _profit_vat_code(self) -> Iterator[dict[str, Any]]:
        for code in self.company.books.tax_codes.values():
            yield {
                **dict.fromkeys(("VatDuty", "VatMethod", "VatType")),
                "VatCode": code.code,
                "Description": code.description,
                "AccountNr": code.input_account,
                "VatPerc": code.rate,
                "Blocked": False,
            }

    def _profit_currency(self) -> Iterator[dict[str, Any]]:
        for currency, rates in self.company.books.rates.items():
            for rate in rates:
                told = round(1 / rate.rate, 10)
                yield {
                    "CurrencyId": currency,
                    "Currency": currency,
                    "Exchange_Rate": told,
                    "StartDate": rate.starting,
                    "DailyRate": told,
                }

    def _profit_administrations(self) -> Iterator[dict[str, Any]]:
        settings = self.company.settings
        yield {"AdminId": self.administration, "AdminNm": settings.name, "AdminCd": settings.company}

    def _profit_journals(self) -> Iterator[dict[str, Any]]:
        yield {
            "UnitId": self.administration,
            "JournalId": self.journal,
            "Description": "Purchase",
            "JournalType": None,
            "Blocked": False,
        }

    def _profit_periods_per_administration(self) -> Iterator[dict[str, Any]]:
        for first, last in months(self.company.clock().date()):
            yield {
                "Unit": self.administration,
                "Year": first.year,
                "Period": first.month,
                "PeriodDesc": f"{first:%B}",
                "DateFrom": first,
                "DateTo": last,
                "Blocked": not self.is_open(first, last),
                "Periodtable": 1,
                "TableDesc": "Months",
            }

    def is_open(self, first: date, last: date) -> bool:
        """Profit opens whole periods; one that the books open in part stays closed."""
        window = self.company.books.window
        after = window.first_open is None or first >= window.first_open
        return after and (window.last_open is None or last <= window.last_open)

    def _profit_subjectfile(self) -> Iterator[dict[str, Any]]:
        for number, kept in enumerate(self.company.books.attachments, start=1):
            document = self.company.books.documents[kept.document_id]
            yield {
                **dict.fromkeys(("SalesInvoiceNumber", "AdministrationSalesInvoice")),
                "SubjectId": number,
                "Subject": kept.name,
                "TypeId": -5,
                "FiEntryNumber": self.entry_of(document),
                "BookPieceNumber": self.numbers_of(document).voucher,
                "PurchaseInvoiceNumber": self.numbers_of(document).invoice,
                "AdministrationPurchaseInvoice": self.administration,
            }

    def _profit_subject_attachments(self) -> Iterator[dict[str, Any]]:
        for number, kept in enumerate(self.company.books.attachments, start=1):
            yield {
                "attachment_id": number,
                "subject_id": number,
                "file_id": kept.sha256[:32].upper(),
                "file_name": kept.name,
            }

    def _erpagent_invoices(self) -> Iterator[dict[str, Any]]:
        owed = {entry.document_id: entry for entry in self.company.books.supplier_entries}
        for document in self.documents():
            entry = owed[document.document_id]
            sign = 1 if document.document_type is DocumentType.INVOICE else -1
            numbers = self.numbers_of(document)
            settled = document.state in _SETTLED
            local = self._local_gross(document)
            yield {
                "UnId": self.administration,
                "CrId": document.supplier_id,
                "InId": numbers.invoice,
                "BpNr": numbers.voucher,
                "Fref": numbers.reference,
                "JoCo": self.journal,
                "EnNo": self.entry_of(document),
                "BpDa": document.invoice_date,
                "EnDa": document.posting_date,
                "DaEx": document.due_date,
                "CuId": document.currency,
                "AmIn": local,
                "AmCu": sign * document.totals.gross,
                "AmVa": self._local_vat(document),
                "AmOp": Decimal(0) if settled else entry.remaining_local,
                "AmOc": Decimal(0) if settled else entry.remaining.amount,
                "BlPa": bool(document.holds),
                "Ds": self.text_of(document),
                "Modi": local_time(document.changed_at),
            }

    def _local_gross(self, document: PurchaseDocument) -> Decimal:
        """Base currency, from the ledger entry; negative for a credit note."""
        rows = self.company.ledger.entry(document.entry_number or 0).rows
        return sum((row.credit - row.debit for row in rows if row.supplier_id is not None), Decimal(0))

    def _local_vat(self, document: PurchaseDocument) -> Decimal:
        """What the supplier charges, base currency; negative for a credit note."""
        if document.currency == self.company.settings.currency:
            sign = 1 if document.document_type is DocumentType.INVOICE else -1
            return sign * document.totals.tax
        accounts = {code.input_account for code in self.company.books.tax_codes.values()}
        rows = self.company.ledger.entry(document.entry_number or 0).rows
        return sum((row.debit - row.credit for row in rows if row.account in accounts), Decimal(0))


def _creditor(card: SupplierCard) -> dict[str, Any]:
    supplier = card.supplier
    town = "  ".join(part for part in (supplier.postcode, supplier.city) if part)
    ibans = [account.iban for account in supplier.bank_accounts]
    return {
        **dict.fromkeys(("PaymentCondition", "CreditLimit", "VatDuty")),
        "CreditorId": supplier.supplier_id,
        "CreditorName": supplier.name,
        "BcCo": _organisation(card),
        "SearchName": supplier.name[:10].upper(),
        "Adressline1": supplier.street,
        "Adressline3": town or None,
        "Adressline4": None if supplier.country is None else country_name(supplier.country).title(),
        "TelNr": supplier.phone,
        "Email": supplier.email,
        "IBAN": ibans[0] if ibans else None,
        "Btw-nummer": supplier.vat_id,
        "ChOfCommNr": supplier.registration_id,
        "TempBlocked": supplier.block is SupplierBlock.PAYMENT,
        "AutoPayment": supplier.block is SupplierBlock.NONE,
        "Blocked": supplier.block is SupplierBlock.ALL,
        "CreateDate": local_time(card.changed_at),
        "ModifiedDate": local_time(card.changed_at),
    }


def _organisation(card: SupplierCard) -> str:
    return f"1{card.supplier.supplier_id}"


def local_time(moment: datetime) -> datetime:
    """Amsterdam's wall clock, without a zone."""
    return moment.astimezone(AMSTERDAM).replace(tzinfo=None)
