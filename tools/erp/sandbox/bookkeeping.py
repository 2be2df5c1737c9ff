"""The posting of a purchase document: every rule is checked first, then everything is entered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType
from tools.domain.money import Money
from tools.erp.sandbox.books import Books, PurchaseDocument, TaxAmount, Totals
from tools.erp.sandbox.documents import Documents
from tools.erp.sandbox.entries import EntryKind, LedgerEntry, LedgerRow, SupplierEntry
from tools.erp.sandbox.ledger import Ledger, Voucher, row
from tools.erp.sandbox.master import MasterData, check_version
from tools.erp.sandbox.purchasing import Purchasing
from tools.erp.sandbox.refusal import Refusal, Refused
from tools.erp.sandbox.vouchers import Draftsheet, VoucherWriter

_SERIES = {DocumentType.INVOICE: ("PI", 108001), DocumentType.CREDIT_NOTE: ("PC", 109001)}


class Bookkeeping:
    def __init__(
        self,
        books: Books,
        master: MasterData,
        ledger: Ledger,
        purchasing: Purchasing,
        documents: Documents,
    ) -> None:
        self._books = books
        self._master = master
        self._ledger = ledger
        self._purchasing = purchasing
        self._documents = documents
        self._writer = VoucherWriter(books, master, purchasing)

    def post(
        self,
        document_id: str,
        *,
        version: str | None = None,
        posted_number: str | None = None,
        repeated: bool = False,
    ) -> PurchaseDocument:
        """Posts a draft: same id, new number, entries in the ledger, or Refused and nothing changed.
        The posting date defaults to the invoice date. `repeated` lets the supplier's number stand twice, for
        an ERP that does not look."""
        document = self._documents.document(document_id)
        if document.state is not PostingState.DRAFT:
            raise Refused(Refusal.NOT_A_DRAFT, "The action can be applied to a draft only.")
        check_version(version, document.version, f"document {document.number}")
        day = self._check_header(document)
        if not repeated:
            self._check_duplicate(document)
        totals = self._check_totals(document)
        sheet = self._writer.sheet(document, day, totals.taxes)
        card = self._master.check_may_post(document.supplier_id)
        sign = 1 if document.document_type is DocumentType.INVOICE else -1
        payable = row(
            card.payables_account,
            -sheet.owed,
            foreign=self._writer.foreign(document, -sign * totals.gross),
            description=card.supplier.name,
            supplier_id=document.supplier_id,
        )
        series, start = _SERIES[document.document_type]
        rows = (*sheet.rows, payable)
        # Before the number is drawn: a refused posting leaves no gap in the series.
        self._ledger.check_rows(rows)
        number = posted_number or self._master.number(series, series, start)
        return self._book(document, number, day, totals, rows, sheet)

    def _book(
        self,
        document: PurchaseDocument,
        number: str,
        day: date,
        totals: Totals,
        rows: tuple[LedgerRow, ...],
        sheet: Draftsheet,
    ) -> PurchaseDocument:
        kind: EntryKind = "invoice" if document.document_type is DocumentType.INVOICE else "credit_note"
        rate = self._master.rate(document.currency, day)
        entry = self._ledger.enter(
            Voucher(kind, day, number, rows, document.supplier_number, document.supplier_id, rate)
        )
        self._ledger.keep(_owed(document, entry, totals.gross, sheet.owed))
        for (order, _), (line, clearing) in sheet.moves.items():
            self._purchasing.change_line(order, line, clearing)
        return self._documents.replace(
            document,
            state=PostingState.POSTED,
            number=number,
            posting_date=day,
            totals=totals,
            cleared=sheet.cleared,
            entry_number=entry.number,
        )

    def _check_header(self, document: PurchaseDocument) -> date:
        self._master.check_may_post(document.supplier_id)
        if not (document.supplier_number or "").strip():
            raise Refused(
                Refusal.NUMBER_MISSING, "The supplier's invoice number must have a value.", "supplier_number"
            )
        if document.invoice_date is None:
            raise Refused(Refusal.VALUE_MISSING, "The invoice date must have a value.", "invoice_date")
        day = document.posting_date or document.invoice_date
        self._master.check_open(day)
        if document.preceding is not None:
            self._check_preceding(document, document.preceding)
        return day

    def _check_preceding(self, document: PurchaseDocument, number: str) -> None:
        if self._documents.by_number(number).supplier_id != document.supplier_id:
            raise Refused(
                Refusal.UNKNOWN_DOCUMENT, f"{number} is a document of another supplier.", "preceding"
            )

    def _check_duplicate(self, document: PurchaseDocument) -> None:
        # As SAP does it, a reversed document frees its number; drafts never take one.
        same = self._documents.of_supplier(
            document.supplier_id, document.document_type, document.supplier_number or ""
        )
        for other in same:
            if other.state in (PostingState.POSTED, PostingState.PAID):
                raise Refused(
                    Refusal.DUPLICATE_NUMBER,
                    f"Purchase {document.document_type.replace('_', ' ')} {document.supplier_number} "
                    f"already exists for this supplier as {other.number}.",
                    "supplier_number",
                )

    def _check_totals(self, document: PurchaseDocument) -> Totals:
        totals = self._documents.totals(document)
        for line in document.lines:
            if self._documents.tax_code_of(document, line) is None:
                raise Refused(Refusal.VALUE_MISSING, f"Line {line.line_id} has no tax code.", "tax_code")
        if document.stated_tax is not None:
            totals = self._with_stated_tax(totals, document.stated_tax, document.currency)
        if not document.lines or not any(line.net(document.currency) for line in document.lines):
            raise Refused(
                Refusal.NOTHING_TO_POST,
                "There is nothing to post because the document does not contain a quantity or amount.",
                "lines",
            )
        if totals.gross < 0:
            raise Refused(
                Refusal.NEGATIVE_TOTAL, f"The total {totals.gross} of the document is negative.", "lines"
            )
        if document.stated_gross is not None and document.stated_gross != totals.gross:
            raise Refused(
                Refusal.TOTAL_DIFFERS,
                f"The document adds up to {totals.gross} {document.currency}, "
                f"stated is {document.stated_gross}.",
                "stated_gross",
            )
        return totals

    def _with_stated_tax(self, totals: Totals, stated: Decimal, currency: str) -> Totals:
        difference = stated - totals.tax
        if not difference:
            return totals
        charged = [tax for tax in totals.taxes if not tax.reverse_charge and tax.rate]
        if abs(difference) > self._books.settings.max_tax_difference or not charged:
            raise Refused(
                Refusal.TAX_DIFFERENCE,
                f"The stated tax {stated} {currency} differs from the computed tax {totals.tax} {currency}.",
                "stated_tax",
            )
        largest = max(charged, key=lambda tax: tax.base)
        taxes = tuple(_plus(tax, difference) if tax is largest else tax for tax in totals.taxes)
        return Totals(net=totals.net, tax=stated, gross=totals.net + stated, taxes=taxes)


def _plus(tax: TaxAmount, difference: Decimal) -> TaxAmount:
    return tax.model_copy(update={"amount": tax.amount + difference})


def _owed(document: PurchaseDocument, entry: LedgerEntry, gross: Decimal, owed: Decimal) -> SupplierEntry:
    sign = 1 if document.document_type is DocumentType.INVOICE else -1
    amount = Money(amount=sign * gross, currency=document.currency)
    return SupplierEntry(
        number=entry.number,
        supplier_id=document.supplier_id,
        document_id=document.document_id,
        document_number=entry.document_number,
        document_type=document.document_type,
        external_number=document.supplier_number,
        document_date=document.invoice_date,
        posting_date=entry.posting_date,
        due_date=document.due_date,
        amount=amount,
        remaining=amount,
        remaining_local=owed,
    )
