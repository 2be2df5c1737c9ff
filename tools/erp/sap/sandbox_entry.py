"""Supplier invoices as the service takes them: posted at once unless the status says otherwise, never
changed, no look for duplicates, a breach of tolerance posted and blocked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType
from tools.domain.money import round_amount
from tools.erp.sandbox.books import DocumentLine, PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.refusal import Refused
from tools.erp.sap.published import entity_of
from tools.erp.sap.sandbox_codes import Codes
from tools.erp.sap.sandbox_invoices import COMPLETED, HELD, PARKED, InvoiceRecords, Kept
from tools.erp.sap.sandbox_orders import OrderRecords
from tools.erp.sap.sandbox_refusals import translated
from tools.erp.sap.sandbox_schema import ODataError, Row, bad_request, business, read_body

_HEADER = entity_of("A_SupplierInvoice")
_ORDER_ITEM = entity_of("A_SuplrInvcItemPurOrdRef")
_ACCOUNT_ITEM = entity_of("A_SupplierInvoiceItemGLAcct")
_TAX = entity_of("A_SupplierInvoiceTax")
_NEEDED = "CompanyCode DocumentDate PostingDate InvoicingParty DocumentCurrency InvoiceGrossAmount".split()
_KEPT = frozenset(
    "DocumentHeaderText AssignmentReference SupplierPostingLineItemText PaymentTerms DueCalculationBaseDate "
    "NetPaymentDays TaxIsCalculatedAutomatically TaxDeterminationDate InvoiceReference "
    "InvoiceReferenceFiscalYear".split()
)
_READ = frozenset({*_NEEDED, *_KEPT}) | frozenset(
    "SupplierInvoiceIDByInvcgParty SupplierInvoiceStatus SupplierInvoiceIsCreditMemo PaymentBlockingReason "
    "to_SuplrInvcItemPurOrdRef to_SupplierInvoiceItemGLAcct to_SupplierInvoiceTax".split()
)
_TRIPLE = ("ReferenceDocument", "ReferenceDocumentFiscalYear", "ReferenceDocumentItem")
_DEEP = ("to_SuplrInvcItemPurOrdRef", "to_SupplierInvoiceItemGLAcct", "to_SupplierInvoiceTax")
_STATES = {"": "", "5": "", PARKED: PARKED, COMPLETED: COMPLETED, HELD: HELD}
_TOLERANCE = Decimal(5)
"""Percent by which a price may be above the order's before the system blocks the payment."""


@dataclass(frozen=True)
class _Item:
    line: DocumentLine
    receipt: dict[str, str]


class Entry:
    """Creates, posts, releases, cancels and deletes supplier invoices."""

    def __init__(self, company: Company, codes: Codes, records: InvoiceRecords, orders: OrderRecords) -> None:
        self._company = company
        self._codes = codes
        self._records = records
        self._orders = orders

    def create(self, body: Any) -> Row:
        given = read_body(_HEADER, body, verb="create", deep=_DEEP)
        self._check(given)
        items = [*self._order_items(given), *self._account_items(given)]
        credit = bool(given.get("SupplierInvoiceIsCreditMemo"))
        kind = DocumentType.CREDIT_NOTE if credit else DocumentType.INVOICE
        status = _STATES[given.get("SupplierInvoiceStatus") or ""]
        header = self._books_header(given)
        document = self._booked(
            given,
            lambda: self._company.documents.create(
                kind, given["InvoicingParty"], lines=[item.line for item in items], **header
            ),
        )
        kept = Kept({name: given[name] for name in _KEPT & set(given)}, status or PARKED)
        kept.block = given.get("PaymentBlockingReason") or ""
        kept.receipts = {
            line.line_id: item.receipt
            for line, item in zip(document.lines, items, strict=True)
            if item.receipt
        }
        self._records.kept[document.document_id] = kept
        if not status:
            try:
                document = self._posted(document, None, given)
            except ODataError:
                self._company.documents.delete(document.document_id)
                raise
        return self._records.invoice(document)

    def post(self, document: PurchaseDocument) -> dict[str, Any]:
        """A parked document keeps its number."""
        if document.state is not PostingState.DRAFT:
            raise _wrong_status()
        self._posted(document, document.number, {})
        return {"Success": True}

    def release(self, document: PurchaseDocument) -> dict[str, Any]:
        if document.state is not PostingState.POSTED or self._records.block_of(document) == "":
            raise _wrong_status()
        for reason in document.holds:
            self._company.payables.release(document.document_id, reason)
        kept = self._records.kept.setdefault(document.document_id, Kept())
        kept.block = ""
        return {"Success": True}

    def cancel(self, document: PurchaseDocument, day: date, reason: str) -> dict[str, Any]:
        if len(reason) != 2:
            raise business("M8/194", "Enter a reversal reason")
        if document.state is not PostingState.POSTED:
            raise _wrong_status()
        cancelled = self._booked(
            {"InvoicingParty": document.supplier_id, "PostingDate": day},
            lambda: self._company.payables.reverse(document.document_id, day, f"Cancelled, reason {reason}"),
        )
        return {
            "ReverseDocument": cancelled.reversed_by,
            "FiscalYear": f"{day.year}",
            "Success": True,
        }

    def delete(self, document: PurchaseDocument) -> None:
        if document.state is not PostingState.DRAFT:
            raise _wrong_status()
        self._company.documents.delete(document.document_id)

    def _check(self, given: Row) -> None:
        missing = [name for name in _NEEDED if given.get(name) is None or given[name] == ""]
        if missing:
            raise business("M8/375", f"Enter a value for {missing[0]}")
        if beyond := sorted(set(given) - _READ):
            raise bad_request(f"This sandbox cannot keep {beyond[0]}.")
        if given["CompanyCode"] != self._company.settings.company[:4]:
            raise business("F5/165", f"Company code {given['CompanyCode']} does not exist")
        if (given.get("SupplierInvoiceStatus") or "") not in _STATES:
            raise business("M8_2/057", "The status does not allow this action")
        if not given.get("SupplierInvoiceIDByInvcgParty"):
            raise business("F5/480", "Field Reference is a required field for document type RE")
        if given["InvoiceGrossAmount"] <= 0:
            raise business("M8/373", "Enter a positive invoice amount")

    def _books_header(self, given: Row) -> dict[str, Any]:
        base = given.get("DueCalculationBaseDate") or given["DocumentDate"]
        days = given.get("NetPaymentDays")
        taxes = [read_body(_TAX, row, verb="create") for row in given.get("to_SupplierInvoiceTax", ())]
        automatic = given.get("TaxIsCalculatedAutomatically")
        if automatic and taxes:
            raise business("M8/506", "Tax is calculated automatically: do not enter tax amounts")
        for tax in taxes:
            self._tax_code(tax)
        return {
            "supplier_number": given["SupplierInvoiceIDByInvcgParty"],
            "invoice_date": given["DocumentDate"],
            "posting_date": given["PostingDate"],
            "due_date": None if days is None else base + timedelta(days=int(days)),
            "currency": given["DocumentCurrency"],
            "preceding": given.get("InvoiceReference") or None,
            "stated_tax": None if automatic else sum((tax["TaxAmount"] for tax in taxes), Decimal(0)),
            "stated_gross": given["InvoiceGrossAmount"],
        }

    def _order_items(self, given: Row) -> list[_Item]:
        return [
            self._order_item(read_body(_ORDER_ITEM, row, verb="create"), given)
            for row in given.get("to_SuplrInvcItemPurOrdRef", ())
        ]

    def _order_item(self, row: Row, given: Row) -> _Item:
        number = row.get("PurchaseOrder") or ""
        item = self._codes.line_id(number, row.get("PurchaseOrderItem"))
        ordered = self._booked(given, lambda: self._company.purchasing.line(number, item))
        triple = {name: row[name] for name in _TRIPLE if row.get(name)}
        self._check_triple(number, item, triple)
        if row.get("PurchaseOrderQuantityUnit") != self._codes.unit(ordered.unit):
            raise business("M8/071", f"Unit of item {item} of order {number} is not the order's")
        self._same_currency(row, given)
        quantity, net = row["QuantityInPurchaseOrderUnit"], row["SupplierInvoiceItemAmount"]
        if quantity <= 0 or net < 0:
            raise business("M8/317", "Enter a positive quantity and amount")
        line = DocumentLine(
            description=row.get("SupplierInvoiceItemText") or "",
            quantity=quantity,
            unit=ordered.unit,
            unit_price=net / quantity,
            net_amount=net,
            tax_code=self._tax_code(row),
            order_number=number,
            order_line_id=item,
        )
        return _Item(line, triple)

    def _check_triple(self, number: str, item: str, triple: Mapping[str, str]) -> None:
        """The material document is named if and only if the item is invoiced by receipts."""
        based = self._orders.is_receipt_based(number)
        if not based and triple:
            raise business(
                "M8/862",
                "Only fill ReferenceDocument if GR-based invoice verification is active for the item",
            )
        if based and len(triple) < len(_TRIPLE):
            raise business("M8/286", f"Enter the goods receipt of item {item} of order {number}")
        receipt = self._company.books.receipts.get(triple.get("ReferenceDocument", ""))
        position = int(triple.get("ReferenceDocumentItem", "1")) - 1
        if based and (
            receipt is None
            or position not in range(len(receipt.lines))
            or (receipt.order_number, receipt.lines[position].order_line_id) != (number, item)
            or triple["ReferenceDocumentFiscalYear"] != f"{receipt.received_on.year}"
        ):
            raise business("M8/287", f"The goods receipt is none of item {item} of order {number}")

    def _account_items(self, given: Row) -> list[_Item]:
        credit = bool(given.get("SupplierInvoiceIsCreditMemo"))
        return [
            self._account_item(read_body(_ACCOUNT_ITEM, row, verb="create"), given, credit)
            for row in given.get("to_SupplierInvoiceItemGLAcct", ())
        ]

    def _account_item(self, row: Row, given: Row, credit: bool) -> _Item:
        self._same_currency(row, given)
        side, net = row.get("DebitCreditCode"), row["SupplierInvoiceItemAmount"]
        if side not in ("S", "H") or net < 0:
            raise business("M8/317", "Enter a positive amount and S or H")
        if row.get("CompanyCode") != given["CompanyCode"]:
            raise business("F5/165", "Enter the company code of the item")
        signed = net if (side == "S") is not credit else -net
        line = DocumentLine(
            description=row.get("SupplierInvoiceItemText") or "",
            account=row.get("GLAccount") or None,
            unit_price=signed,
            net_amount=signed,
            cost_centre=row.get("CostCenter") or None,
            tax_code=self._tax_code(row),
        )
        return _Item(line, {})

    def _tax_code(self, row: Row) -> str | None:
        short = row.get("TaxCode") or ""
        code = self._codes.tax_code(short)
        if short and code is None:
            raise business("FICORE/704", f"Tax code {short} does not exist")
        return code

    def _same_currency(self, row: Row, given: Row) -> None:
        amount, currency = row.get("SupplierInvoiceItemAmount"), given["DocumentCurrency"]
        if row.get("DocumentCurrency") != currency:
            raise business("M8/304", "Enter the document's currency in every item")
        if amount is None or round_amount(amount, currency) != amount:
            raise business("M8/317", f"The amount has more decimals than {currency}")

    def _posted(self, document: PurchaseDocument, number: str | None, given: Row) -> PurchaseDocument:
        told = given or {"InvoicingParty": document.supplier_id, "PostingDate": document.posting_date}
        posted: PurchaseDocument = self._booked(
            told,
            lambda: self._company.payables.post(document.document_id, posted_number=number, repeated=True),
        )
        return self._blocked(posted)

    def _blocked(self, document: PurchaseDocument) -> PurchaseDocument:
        """A price or quantity beyond what was agreed and received posts, and blocks the payment."""
        reasons = {reason for line in document.lines for reason in self._breaches(line)}
        for reason in sorted(reasons):
            if reason in self._company.settings.hold_reasons:
                document = self._company.payables.hold(document.document_id, reason)
            else:
                self._records.kept[document.document_id].block = "R"
        return document

    def _breaches(self, line: DocumentLine) -> list[str]:
        if line.order_number is None or line.order_line_id is None:
            return []
        ordered = self._company.purchasing.line(line.order_number, line.order_line_id)
        agreed = ordered.unit_price.amount / ordered.price_base * (100 - ordered.discount_percent) / 100
        dearer = line.unit_price > agreed * (100 + _TOLERANCE) / 100
        too_many = ordered.receipt_required and ordered.invoiced > ordered.received
        return ["PRICE"] * dearer + ["QUANTITY"] * too_many

    def _booked(self, given: Mapping[str, Any], work: Any) -> Any:
        try:
            return work()
        except Refused as refused:
            error = translated(refused, given, self._company.settings.company)
        raise error


def _wrong_status() -> Exception:
    return business("M8_2/057", "The status of the document does not allow this action")
