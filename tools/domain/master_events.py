"""What becomes of the copies and records we keep beside the cases: events of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from tools.domain.documents import Record
from tools.domain.identifiers import SupplierId


class SuppliersSynced(Record):
    kind: Literal["suppliers_synced"] = "suppliers_synced"
    added: int
    changed: int
    removed: int


class HistoryRead(Record):
    """Supplier documents that came into the ERP without us were taken over; `held` is how many are known."""

    kind: Literal["history_read"] = "history_read"
    added: int
    changed: int
    held: int


class BankAccountVerified(Record):
    """A person verified an account outside the document; the number itself is kept masked here."""

    kind: Literal["bank_account_verified"] = "bank_account_verified"
    supplier_id: SupplierId
    iban: str
    how: str


class CallBackRecorded(Record):
    """A person asked the supplier about an account on a number known before; the account is masked."""

    kind: Literal["call_back_recorded"] = "call_back_recorded"
    supplier_id: SupplierId
    account: str
    number: str
    number_from: str
    spoken_with: str
    called_at: datetime
    result: str
    payee_check: str | None = None
    remark: str = ""


class CallBackRefused(Record):
    """A call-back or the activation of an account was not taken down, and why."""

    kind: Literal["call_back_refused"] = "call_back_refused"
    supplier_id: SupplierId
    account: str
    reason: str


class SenderConfirmed(Record):
    """A person confirmed a mail domain as the supplier's own; it is evidence from then on."""

    kind: Literal["sender_confirmed"] = "sender_confirmed"
    supplier_id: SupplierId
    domain: str
    how: str


class SenderWithdrawn(Record):
    """A person took such a confirmation back."""

    kind: Literal["sender_withdrawn"] = "sender_withdrawn"
    supplier_id: SupplierId
    domain: str
    why: str


class CodingImported(Record):
    """A person took over a list of earlier codings; from then on it suggests accounts."""

    kind: Literal["coding_imported"] = "coding_imported"
    file: str
    lines: int
    sha256: str
    """Of the file, so that the list can be found again."""
