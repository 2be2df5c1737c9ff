"""From draft to ledger and after: posting, holding, reversing, paying, attaching."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from tools.domain.decision import PostingState
from tools.domain.money import round_amount
from tools.erp.sandbox.bookkeeping import Bookkeeping
from tools.erp.sandbox.books import Attachment, Books, PurchaseDocument
from tools.erp.sandbox.documents import Documents
from tools.erp.sandbox.entries import ZERO
from tools.erp.sandbox.ledger import Ledger, Voucher, row
from tools.erp.sandbox.master import MasterData, check_version
from tools.erp.sandbox.purchasing import Purchasing
from tools.erp.sandbox.refusal import Refusal, Refused
from tools.erp.sandbox.vouchers import VoucherWriter


class Payables:
    def __init__(
        self,
        books: Books,
        master: MasterData,
        ledger: Ledger,
        purchasing: Purchasing,
        documents: Documents,
        clock: Callable[[], datetime],
    ) -> None:
        self._books = books
        self._master = master
        self._ledger = ledger
        self._purchasing = purchasing
        self._documents = documents
        self._writer = VoucherWriter(books, master, purchasing)
        self._bookkeeping = Bookkeeping(books, master, ledger, purchasing, documents)
        self._clock = clock

    def post(
        self,
        document_id: str,
        *,
        version: str | None = None,
        posted_number: str | None = None,
        repeated: bool = False,
    ) -> PurchaseDocument:
        """See `Bookkeeping.post`."""
        return self._bookkeeping.post(
            document_id, version=version, posted_number=posted_number, repeated=repeated
        )

    def hold(self, document_id: str, reason: str, *, version: str | None = None) -> PurchaseDocument:
        """Stops payment of a posted document with a reason of the company's list."""
        document = self._posted(document_id, version)
        if reason not in self._books.settings.hold_reasons:
            raise Refused(
                Refusal.UNKNOWN_HOLD_REASON, f"The hold reason {reason} does not exist.", "reason_code"
            )
        if reason in document.holds:
            raise Refused(
                Refusal.HOLD_EXISTS, f"{document.number} is already on hold: {reason}.", "reason_code"
            )
        return self._documents.replace(document, holds=(*document.holds, reason))

    def release(self, document_id: str, reason: str, *, version: str | None = None) -> PurchaseDocument:
        document = self._posted(document_id, version)
        if reason not in document.holds:
            raise Refused(
                Refusal.HOLD_MISSING, f"{document.number} is not on hold for {reason}.", "reason_code"
            )
        return self._documents.replace(
            document, holds=tuple(kept for kept in document.holds if kept != reason)
        )

    def reverse(
        self, document_id: str, posting_date: date, reason: str, *, version: str | None = None
    ) -> PurchaseDocument:
        """Cancels a posted, unpaid document by the mirrored entry. Raises Refused PERIOD_CLOSED,
        ALREADY_REVERSED, ALREADY_PAID, NOT_POSTED, STALE_VERSION, and OVER_BILLING where the order
        line was credited or billed again meanwhile."""
        document = self._posted(document_id, version)
        self._master.check_open(posting_date)
        original = self._ledger.entry(document.entry_number or 0)
        sheet = self._writer.reversal(document, original.rows, reason)
        self._ledger.check_rows(sheet.rows)
        number = self._master.number("reversal", "RV")
        self._ledger.enter(
            Voucher(
                "reversal",
                posting_date,
                number,
                sheet.rows,
                document.supplier_number,
                document.supplier_id,
                original.rate,
            )
        )
        self._ledger.settle(document_id)
        for (order, _), (line, clearing) in sheet.moves.items():
            self._purchasing.change_line(order, line, clearing)
        return self._documents.replace(document, state=PostingState.CANCELLED, reversed_by=number)

    def pay(self, document_id: str, paid_on: date, *, discount_percent: Decimal = ZERO) -> PurchaseDocument:
        """What the treasury does, so that a world has a history; no connector offers it. The discount is
        taken off the gross amount and corrects the input tax (gross method)."""
        document = self._posted(document_id, None)
        if document.holds:
            raise Refused(Refusal.HOLD_EXISTS, f"{document.number} is on hold: {', '.join(document.holds)}.")
        settled = self._ledger.settle(document_id)
        owed, currency = settled.remaining_local, self._books.settings.currency
        controls = self._books.settings.controls
        paid = round_amount(owed * (100 - discount_percent) / 100, currency)
        rows = [
            row(
                self._master.supplier(document.supplier_id).payables_account,
                owed,
                supplier_id=document.supplier_id,
            ),
            row(controls.bank, -paid),
        ]
        granted = paid - owed
        for tax in document.totals.taxes:
            if tax.amount and not tax.reverse_charge and discount_percent:
                part = round_amount(granted * tax.amount / document.totals.gross, currency)
                rows.append(row(self._master.tax_code(tax.tax_code).input_account or "", part))
                granted -= part
        rows.append(row(controls.discount, granted))
        self._ledger.enter(
            Voucher("payment", paid_on, document.number, rows, None, document.supplier_id, Decimal(1))
        )
        return self._documents.replace(document, state=PostingState.PAID)

    def attach(self, document_id: str, name: str, content: bytes) -> Attachment:
        """Keeps a file with a document, draft or posted."""
        document = self._documents.document(document_id)
        kept = Attachment(
            document_id=document.document_id,
            name=name,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
        )
        self._books.attachments.append(kept)
        return kept

    def replace_attachment(self, position: int, kept: Attachment) -> None:
        """For ERPs that make an entry first and fill it later. `position`: in the order of arrival."""
        self._books.attachments[position] = kept

    def attachments_of(self, document_id: str) -> list[Attachment]:
        return [kept for kept in self._books.attachments if kept.document_id == document_id]

    def _posted(self, document_id: str, version: str | None) -> PurchaseDocument:
        document = self._documents.document(document_id)
        refusals = {
            PostingState.DRAFT: (Refusal.NOT_POSTED, "is not posted"),
            PostingState.PAID: (Refusal.ALREADY_PAID, "is already paid"),
            PostingState.CANCELLED: (Refusal.ALREADY_REVERSED, "is already reversed"),
        }
        if document.state in refusals:
            code, text = refusals[document.state]
            raise Refused(code, f"{document.number} {text}.")
        check_version(version, document.version, f"document {document.number}")
        return document
