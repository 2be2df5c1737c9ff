"""A supplier's statement of account, and how each of its lines stands in our books."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from tools.domain.identifiers import CaseId
from tools.domain.money import Currency, Money
from tools.domain.record import Record


class EntryKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"


class StatementLine(Record):
    """One entry of the supplier's account. Positive amounts are what we owe, negative what lowers it."""

    position: int
    """Row of the file, or line of the text, from 1."""
    kind: EntryKind
    number: str | None = None
    """The supplier's own number; for a payment what stands beside it."""
    booked: date | None = None
    amount: Money


class Statement(Record):
    currency: Currency
    opening: Money | None = None
    """Balance brought forward; absent where none is printed."""
    closing: Money
    """What the supplier says we owe: printed, or else opening and all lines together."""
    closing_is_printed: bool
    lines: tuple[StatementLine, ...]
    as_of: date | None = None
    unread: tuple[str, ...] = ()
    """Rows with an amount that could not be understood: shown, never guessed."""


class LedgerState(StrEnum):
    OPEN = "open"
    PAID = "paid"
    IN_PROCESS = "in_process"
    """A draft in the ERP or a case of ours that is not posted yet."""
    REJECTED = "rejected"


class LedgerEntry(Record):
    """One document as we know it. Signs as on a statement: an invoice positive, a credit note negative."""

    kind: EntryKind
    number: str | None
    booked: date | None = None
    amount: Money
    state: LedgerState
    reference: str = ""
    """Our document number, or the case."""
    case_id: CaseId | None = None


class LineClass(StrEnum):
    """How a line of either side is explained."""

    MATCHED = "matched"
    AMOUNT_DIFFERENCE = "amount_difference"
    MISSING_INVOICE = "missing_invoice"
    """Not with us at all: ask for a copy, look in the mailbox."""
    REJECTED_HERE = "rejected_here"
    """It came and was sent back or closed: say why."""
    IN_PROCESS = "in_process"
    PAID_IN_TRANSIT = "paid_in_transit"
    """Paid by us, not yet booked by them."""
    PAYMENT_BOOKED = "payment_booked"
    """A payment on their side that settles documents we paid."""
    UNKNOWN_PAYMENT = "unknown_payment"
    CREDIT_NOT_RECEIVED = "credit_not_received"
    """A credit on their side that we do not have."""
    CREDIT_NOT_TAKEN = "credit_not_taken"
    """A credit in our books that they do not show."""
    NOT_BOOKED_BY_THEM = "not_booked_by_them"
    """An open invoice of ours that they do not show."""
    DUPLICATE_AT_SUPPLIER = "duplicate_at_supplier"
    BROUGHT_FORWARD = "brought_forward"
    """Their opening balance against our documents from before the statement begins."""


class ReconciledLine(Record):
    line: StatementLine | None
    entry: LedgerEntry | None
    found: LineClass
    effect: Money
    """What it adds to our ledger balance on the way to the statement's balance."""
    remark: str


class Reconciliation(Record):
    """`statement` = `ledger` + all effects + `remainder`; done when the remainder is zero."""

    statement: Money
    ledger: Money
    lines: tuple[ReconciledLine, ...]
    remainder: Money
    unread: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Every row was understood and nothing is left over. Items may still wait for an answer."""
        return self.remainder.amount == 0 and not self.unread
