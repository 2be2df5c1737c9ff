"""Entries of the general ledger and of the suppliers' accounts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from tools.domain.documents import DocumentType, Record
from tools.domain.money import Exact, Money

ZERO = Decimal(0)


class LedgerRow(Record):
    """One side of an entry, company currency; exactly one of debit and credit is not zero."""

    account: str
    debit: Exact = ZERO
    credit: Exact = ZERO
    foreign: Money | None = None
    """The same amount in the document's currency (debit positive), where that is another one."""
    description: str = ""
    supplier_id: str | None = None


EntryKind = Literal["receipt", "invoice", "credit_note", "reversal", "payment"]


class LedgerEntry(Record):
    """A balanced set of rows."""

    number: int
    kind: EntryKind
    posting_date: date
    document_number: str
    external_number: str | None = None
    supplier_id: str | None = None
    rate: Exact = Decimal(1)
    rows: tuple[LedgerRow, ...]
    made_at: datetime


class SupplierEntry(Record):
    """One line of a supplier's account. Debts are positive, credit notes negative."""

    number: int
    """The ledger entry it belongs to."""
    supplier_id: str
    document_id: str
    document_number: str
    document_type: DocumentType
    external_number: str | None = None
    document_date: date | None = None
    posting_date: date
    due_date: date | None = None
    amount: Money
    remaining: Money
    remaining_local: Exact
    """In company currency."""
