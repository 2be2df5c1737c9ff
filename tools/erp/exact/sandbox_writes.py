"""What the API changes in the books: entries, receipts, documents with files."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from tools.domain.documents import DocumentType
from tools.erp.exact.sandbox_ledger import PURCHASE_JOURNAL, account_types
from tools.erp.exact.sandbox_records import Records, guid
from tools.erp.exact.sandbox_schema import ApiError, bad_request, business, day_of, resources
from tools.erp.sandbox.books import DocumentLine, PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.refusal import Refusal, Refused

T = TypeVar("T")
_TEXTS = {
    Refusal.DUPLICATE_NUMBER: "Already exists: Your reference",
    Refusal.PERIOD_CLOSED: "Period is closed",
    Refusal.SUPPLIER_BLOCKED: "Invalid: Relationship (blocked)",
    Refusal.NUMBER_MISSING: "Mandatory: Your reference",
    Refusal.ACCOUNT_BLOCKED: "Invalid: General ledger account (blocked)",
    Refusal.ACCOUNT_NOT_DIRECT: "Invalid: General ledger account type",
    Refusal.TAX_DIFFERENCE: "Invalid: VAT amount",
    Refusal.OVER_RECEIPT: "Invalid: Quantity",
}

_TOPICS = frozenset(
    "Accounts BankAccounts Contacts CostTransactions DocumentAttachments Documents FinancialTransactions "
    "GoodsDeliveries Items PurchaseOrders Quotations SalesInvoices SalesOrders StockPositions".split()
)


class Writes:
    def __init__(self, company: Company, records: Records) -> None:
        self._company = company
        self._records = records
        # No G/L account of Exact is kept from entries but those of banks, payables and VAT.
        books = company.books
        for number, kind in account_types(company).items():
            if kind > 25:
                books.accounts[number] = books.accounts[number].model_copy(update={"direct_posting": True})

    def create(self, resource: str, body: Any) -> str:
        """Id of what was made. Raises ApiError."""
        makers: dict[str, Callable[[Mapping[str, Any]], str]] = {
            "purchaseentry/PurchaseEntries": self._entry,
            "purchaseorder/GoodsReceipts": self._receipt,
            "documents/Documents": self._document,
            "documents/DocumentAttachments": self._file,
            "webhooks/WebhookSubscriptions": self._subscription,
        }
        if resource not in makers or "post" not in resources()[resource].methods:
            raise ApiError(405, "This sandbox does not create this resource.")
        return makers[resource](resources()[resource].check(body, "post"))

    def change(self, resource: str, key: str, body: Any) -> None:
        """Links an entry with a document; this sandbox changes nothing else. Raises ApiError."""
        if resource != "purchaseentry/PurchaseEntries":
            raise ApiError(405, "This sandbox does not change this resource.")
        given = resources()[resource].check(body, "put")
        if set(given) != {"Document"} or given["Document"] not in self._records.papers.loose:
            raise business("Invalid reference: Document")
        document = given["Document"]
        for name, content in self._records.papers.loose.pop(document):
            self._company.payables.attach(key, name, content)
        self._records.papers.documents[key] = document

    def _entry(self, given: Mapping[str, Any]) -> str:
        for name, told in (
            ("Journal", "Journal"),
            ("Supplier", "Relationship"),
            ("PurchaseEntryLines", "Lines"),
        ):
            if not given.get(name):
                raise business(f"Mandatory: {told}")
        if given["Journal"] != PURCHASE_JOURNAL:
            raise business("Invalid reference: Journal")
        supplier = self._supplier(given["Supplier"])
        bodies = self._line_bodies(given["PurchaseEntryLines"])
        total = sum((Decimal(body["AmountFC"]) for body in bodies), Decimal(0))
        sign = -1 if total < 0 else 1
        kind = DocumentType.CREDIT_NOTE if sign < 0 else DocumentType.INVOICE
        day = day_of(given["EntryDate"]) if given.get("EntryDate") else self._company.clock().date()
        currency = given.get("Currency") or self._company.settings.currency
        lines = [self._line(body, sign) for body in bodies]
        document = self._booked(
            lambda: self._company.documents.create(
                kind,
                supplier,
                lines=lines,
                supplier_number=given.get("YourRef") or None,
                invoice_date=day,
                posting_date=_posting_day(given, day),
                due_date=day_of(given["DueDate"]) if given.get("DueDate") else None,
                currency=currency,
                stated_tax=self._stated_tax(bodies, lines, sign),
            )
        )
        return self._posted(document)

    def _posted(self, document: PurchaseDocument) -> str:
        try:
            return self._booked(lambda: self._company.payables.post(document.document_id)).document_id
        except ApiError:
            self._company.documents.delete(document.document_id)
            raise

    def _supplier(self, wanted: str) -> str:
        for number in self._company.books.suppliers:
            if guid("account", number) == wanted.lower():
                return number
        raise business("Invalid reference: Relationship")

    def _line_bodies(self, bodies: Any) -> list[Mapping[str, Any]]:
        if not isinstance(bodies, list):
            raise bad_request("'PurchaseEntryLines' must be a collection.")
        resource = resources()["purchaseentry/PurchaseEntryLines"]
        checked: list[Mapping[str, Any]] = [resource.check(body, "post") for body in bodies]
        for body in checked:
            for name, told in (("GLAccount", "General ledger account"), ("AmountFC", "Amount")):
                if body.get(name) is None:
                    raise business(f"Mandatory: {told}")
        return checked

    def _line(self, body: Mapping[str, Any], sign: int) -> DocumentLine:
        accounts = {guid("gl account", number): number for number in account_types(self._company)}
        account = accounts.get(body["GLAccount"].lower())
        if account is None:
            raise business("Invalid reference: General ledger account")
        code = (body.get("VATCode") or "").strip() or None
        if code is not None and code not in self._company.books.tax_codes:
            raise business("Invalid reference: VAT code")
        centre = body.get("CostCenter")
        if centre is not None and centre not in {one.code for one in self._company.books.cost_centres}:
            raise business("Invalid reference: Cost center")
        net = sign * Decimal(body["AmountFC"])
        return DocumentLine(
            description=body.get("Description") or "",
            account=account,
            unit_price=net,
            net_amount=net,
            tax_code=code,
            cost_centre=centre,
        )

    def _stated_tax(
        self, bodies: Sequence[Mapping[str, Any]], lines: Sequence[DocumentLine], sign: int
    ) -> Decimal | None:
        """The tax that was given, where every line with tax of the supplier gives it."""
        known = self._company.books.tax_codes
        taxed = [
            body
            for body, line in zip(bodies, lines, strict=True)
            if line.tax_code is not None and not known[line.tax_code].reverse_charge
        ]
        if not taxed or any(body.get("VATAmountFC") is None for body in taxed):
            return None
        return sum((sign * Decimal(body["VATAmountFC"]) for body in taxed), Decimal(0))

    def _receipt(self, given: Mapping[str, Any]) -> str:
        bodies = given.get("GoodsReceiptLines")
        if not isinstance(bodies, list) or not bodies:
            raise business("Mandatory: Lines")
        lines = {
            self._records.line(card.order.number, line.line_id): (card.order.number, line.line_id)
            for card in self._company.books.plain_orders()
            for line in card.order.lines
        }
        resource = resources()["purchaseorder/GoodsReceiptLines"]
        received: dict[str, Decimal] = {}
        orders = set()
        for body in (resource.check(body, "post") for body in bodies):
            found = lines.get(str(body.get("PurchaseOrderLineID", "")).lower())
            if found is None:
                raise business("Invalid reference: Purchase order line")
            orders.add(found[0])
            received[found[1]] = Decimal(body.get("QuantityReceived") or 0)
        if len(orders) > 1:
            raise business("This sandbox keeps receipts of one order only.")
        day = day_of(given["ReceiptDate"]) if given.get("ReceiptDate") else self._company.clock().date()
        kept = self._booked(
            lambda: self._company.purchasing.receive(
                orders.pop(), received, day, delivery_note=given.get("YourRef") or None
            )
        )
        return guid("receipt", kept.number)

    def _subscription(self, given: Mapping[str, Any]) -> str:
        address, topic = given.get("CallbackURL") or "", given.get("Topic") or ""
        if topic not in _TOPICS:
            raise business("Invalid: Topic")
        if not address.startswith("https://"):
            raise business("Invalid: CallbackURL")
        if (address, topic) in self._records.papers.subscriptions.values():
            raise business("Already exists: Topic")
        made = str(uuid.uuid4())
        self._records.papers.subscriptions[made] = (address, topic)
        return made

    def _document(self, given: Mapping[str, Any]) -> str:
        for name in ("Subject", "Type"):
            if not given.get(name):
                raise business(f"Mandatory: {name}")
        made = str(uuid.uuid4())
        self._records.papers.loose[made] = []
        return made

    def _file(self, given: Mapping[str, Any]) -> str:
        name, document = given.get("FileName"), given.get("Document")
        if not name or not document or not given.get("Attachment"):
            raise business("Mandatory: Attachment")
        content = base64.b64decode(given["Attachment"])
        if document in self._records.papers.loose:
            self._records.papers.loose[document].append((name, content))
            return str(uuid.uuid4())
        for entry in self._company.books.documents:
            if self._records.papers.document_of(entry) == document:
                self._company.payables.attach(entry, name, content)
                return str(uuid.uuid4())
        raise business("Invalid reference: Document")

    def _booked(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except Refused as refused:
            told = _TEXTS.get(refused.code, f"Invalid: {refused.message}")
        raise business(told)


def _posting_day(given: Mapping[str, Any], day: date) -> date:
    """The invoice date where it lies in the reporting period, else the period's first day."""
    year, period = given.get("ReportingYear"), given.get("ReportingPeriod")
    if year is None or period is None or (year, period) == (day.year, day.month):
        return day
    if not 1 <= period <= 12:
        raise business("Invalid: Reporting period")
    return date(year, period, 1)
