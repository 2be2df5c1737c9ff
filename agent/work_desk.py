"""What a clerk does beside single cases: which case comes first, and suppliers' statements."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path

from agent.service import CaseService, Refused
from agent.state import FINAL, WAITING, Stage
from agent.word_left import all_marked
from agent.wrong_usage import WrongUsage, file_given
from tools.case_list import CaseSummary
from tools.domain.decision import InvoiceKey, Posting, PostingState
from tools.domain.documents import DocumentType, Invoice, OpenItem
from tools.domain.identifiers import CompanyId, SupplierId
from tools.domain.money import Money
from tools.domain.record import Record
from tools.domain.statement import (
    EntryKind,
    LedgerEntry,
    LedgerState,
    Reconciliation,
    Statement,
    StatementLine,
)
from tools.intake.statement import NoStatement, read_statement
from tools.matching.duplicates import normalise_number
from tools.matching.statement import reconcile
from tools.urgency import Urgency, in_order

__all__ = ["QueueEntry", "Reconciliation", "WorkDesk"]

_TYPES = {EntryKind.INVOICE: DocumentType.INVOICE, EntryKind.CREDIT_NOTE: DocumentType.CREDIT_NOTE}
_CLOSED = {Stage.POSTED, Stage.NOT_AN_INVOICE, Stage.UNREADABLE}


class QueueEntry(Record):
    """One waiting case and why it stands where it stands."""

    case: CaseSummary
    urgency: Urgency
    reasons: tuple[str, ...]


class WorkDesk:
    def __init__(self, service: CaseService) -> None:
        self._service = service
        self._deps = service.deps

    def queue(self) -> list[QueueEntry]:
        """Every case that waits for a person, the most urgent first (see `tools.urgency`)."""
        today = self._deps.today()
        waiting = all_marked(self._deps.log, self._service.inbox(sorted(WAITING)))
        cases = {case.case_id: case for case in waiting}
        entries = [
            Urgency.of(case.case_id, case.received_at.date(), self._invoice(case), today)
            for case in cases.values()
        ]
        rates = self._deps.approval_policy.group_rates
        return [
            QueueEntry(case=cases[entry.case_id], urgency=entry, reasons=entry.reasons(today))
            for entry in in_order(entries, today, self._deps.profile.currency, rates)
        ]

    async def reconcile(self, file: Path, supplier: str, *, mirrored: bool = False) -> Reconciliation:
        """A statement of `supplier` (CSV, or PDF with text) against the ERP's open items, what the ERP knows
        of the other numbers, and our own cases. `mirrored`: the person says that it is written from our
        side. Changes nothing. Raises Refused; WrongUsage; ErpError."""
        known = self._deps.mirror.get(SupplierId(supplier))
        if known is None:
            raise Refused(f"there is no supplier {supplier} in the copy; run `erp-agent suppliers sync`")
        currency = known.currency or self._deps.profile.currency
        try:
            statement = read_statement(file_given(file), file.name, currency, mirrored=mirrored)
        except NoStatement as error:
            raise WrongUsage(str(error)) from None
        return reconcile(statement, await self._ledger(known.supplier_id, statement))

    async def _ledger(self, supplier: SupplierId, statement: Statement) -> list[LedgerEntry]:
        """What we know of this supplier in the statement's currency: each document once."""
        reader = self._service.fresh().deps.reader
        items = await reader.open_items(supplier)
        entries = [_open(item) for item in items if item.amount.currency == statement.currency]
        numbers = {normalise_number(entry.number) for entry in entries if entry.number}
        asked = [line for line in statement.lines if line.number and line.kind in _TYPES]
        missing = [line for line in asked if normalise_number(line.number or "") not in numbers]
        held = await asyncio.gather(*(reader.invoices(self._key(supplier, line)) for line in missing))
        for postings in held:
            entries += [entry for posting in postings if (entry := _posted(posting, statement)) is not None]
        numbers |= {normalise_number(entry.number) for entry in entries if entry.number}
        return entries + self._cases(supplier, statement, numbers)

    def _key(self, supplier: SupplierId, line: StatementLine) -> InvoiceKey:
        return InvoiceKey(
            company=CompanyId(self._deps.erp.company),
            supplier_id=supplier,
            document_type=_TYPES[line.kind],
            number=line.number or "",
            invoice_date=line.booked or self._deps.today(),
        )

    def _cases(self, supplier: SupplierId, statement: Statement, known: Collection[str]) -> list[LedgerEntry]:
        """Documents of the supplier that stand in a case of ours and not in the ERP."""
        entries = []
        for case in self._service.inbox():
            if case.supplier_id != supplier or case.stage in _CLOSED or case.number is None:
                continue
            invoice = self._invoice(case)
            gross = invoice.gross_total if invoice else None
            if invoice is None or gross is None or gross.currency != statement.currency:
                continue
            if normalise_number(case.number) in known:
                continue
            is_closed = Stage(case.stage) in FINAL and case.stage != Stage.PARKED
            entries.append(
                _entry(
                    invoice.document_type,
                    case.number,
                    gross,
                    LedgerState.REJECTED if is_closed else LedgerState.IN_PROCESS,
                    f"{case.case_id} ({case.stage.replace('_', ' ')})",
                ).model_copy(update={"booked": invoice.issue_date, "case_id": case.case_id})
            )
        return entries

    def _invoice(self, case: CaseSummary) -> Invoice | None:
        reading = self._deps.archive.reading(case.document_id)
        return reading.invoice if reading else None


def _open(item: OpenItem) -> LedgerEntry:
    amount = item.amount if item.remaining is None else item.remaining
    kind = EntryKind.CREDIT_NOTE if amount.amount < 0 else EntryKind.INVOICE
    return LedgerEntry(
        kind=kind,
        number=item.supplier_invoice_number,
        booked=item.document_date,
        amount=amount,
        state=LedgerState.OPEN,
        reference=item.document_number,
    )


def _posted(posting: Posting, statement: Statement) -> LedgerEntry | None:
    """A document that the ERP holds and that is no open item: paid, or a draft; None for cancelled ones."""
    if posting.gross is None or posting.gross.currency != statement.currency:
        return None
    if posting.state is PostingState.CANCELLED or posting.document_type is None:
        return None
    state = LedgerState.IN_PROCESS if posting.state is PostingState.DRAFT else LedgerState.PAID
    made = _entry(posting.document_type, posting.supplier_number, posting.gross, state, posting.number)
    return made.model_copy(update={"booked": posting.invoice_date})


def _entry(
    document_type: DocumentType, number: str | None, gross: Money, state: LedgerState, reference: str
) -> LedgerEntry:
    is_credit = document_type is DocumentType.CREDIT_NOTE
    return LedgerEntry(
        kind=EntryKind.CREDIT_NOTE if is_credit else EntryKind.INVOICE,
        number=number,
        amount=-abs(gross) if is_credit else gross,
        state=state,
        reference=reference,
    )
