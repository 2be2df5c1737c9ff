"""Purchase orders, receipts, invoices and credit memos of the books in the vendor's fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType, OrderLine, OrderState
from tools.erp.business_central.sandbox_files import attachments
from tools.erp.business_central.sandbox_master import MasterRecords, day, etag, guid
from tools.erp.business_central.sandbox_schema import Entity, entities, timestamp
from tools.erp.sandbox.books import DocumentLine, OrderCard, PurchaseDocument, Receipt
from tools.erp.sandbox.company import Company

_STATUS = {
    PostingState.DRAFT: "Draft",
    PostingState.POSTED: "Open",
    PostingState.PAID: "Paid",
    PostingState.CANCELLED: "Canceled",
}
_ORDER_STATUS = {OrderState.DRAFT: "Draft"}
INVOICES, CREDIT_MEMOS = "purchaseInvoices", "purchaseCreditMemos"
LINES = {
    "purchaseOrders": "purchaseOrderLines",
    "purchaseReceipts": "purchaseReceiptLines",
    INVOICES: "purchaseInvoiceLines",
    CREDIT_MEMOS: "purchaseCreditMemoLines",
}


def document_set(document: PurchaseDocument) -> str:
    return CREDIT_MEMOS if document.document_type is DocumentType.CREDIT_NOTE else INVOICES


class Records:
    """Reads every entity set from the company's books."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self.master = MasterRecords(company)
        self._books = company.books
        self._entities = entities()
        self._rendered: dict[str, tuple[object, dict[str, Any]]] = {}

    def rows(self, entity_set: str) -> Iterator[dict[str, Any]]:
        """All records; headers carry their lines under the navigation's name."""
        readers = {
            "vendors": self.master.vendors,
            "purchaseOrders": self._orders,
            "purchaseReceipts": self._receipts,
            INVOICES: lambda: self._documents(INVOICES),
            CREDIT_MEMOS: lambda: self._documents(CREDIT_MEMOS),
            "accounts": self.master.accounts,
            "taxGroups": self.master.tax_groups,
            "generalLedgerSetup": self.master.setup,
            "dimensions": self.master.dimensions,
            "dimensionValues": self.master.dimension_values,
            "documentAttachments": lambda: attachments(self._company),
            "accountingPeriods": self.master.periods,
            "unitsOfMeasure": self.master.units,
        }
        if entity_set in readers:
            return readers[entity_set]()
        header = next(name for name, lines in LINES.items() if lines == entity_set)
        return (line for row in readers[header]() for line in row[entity_set])

    def _entity(self, name: str) -> Entity:
        return self._entities[name]

    def _orders(self) -> Iterator[dict[str, Any]]:
        """Open and draft orders: an order that is invoiced in full or given up is deleted there."""
        for card in self._books.plain_orders():
            if card.order.state in (OrderState.OPEN, OrderState.DRAFT):
                yield self.order(card)

    def order(self, card: OrderCard) -> dict[str, Any]:
        """The order with its lines, as it is kept now."""
        return self._kept(f"order {card.order.number}", card, partial(self._order, card))

    def _order(self, card: OrderCard) -> dict[str, Any]:
        order = card.order
        values = {
            "id": guid("order", order.number),
            "number": order.number,
            "orderDate": None if order.ordered_on is None else order.ordered_on.isoformat(),
            "vendorId": guid("vendor", order.supplier_id),
            "vendorNumber": order.supplier_id,
            "vendorName": self._name(order.supplier_id),
            "currencyCode": order.currency,
            "purchaser": order.buyer,
            "fullyReceived": all(line.received >= line.ordered for line in order.lines),
            "status": _ORDER_STATUS.get(order.state, "Open"),
            "lastModifiedDateTime": timestamp(card.changed_at),
        }
        row = self._entity("purchaseOrders").render(values, etag("order", order.number, order.version))
        lines = [self._order_line(card, line) for line in order.lines if not line.cancelled]
        row["purchaseOrderLines"] = [*self._comment(card), *lines]
        return row

    def _comment(self, card: OrderCard) -> Iterator[dict[str, Any]]:
        """What stands above the lines: the books keep one text with an order."""
        if card.reference:
            number = f"{card.order.number}/comment"
            values = {
                "id": guid("order line", number),
                "documentId": guid("order", card.order.number),
                "sequence": min(int(line.line_id) for line in card.order.lines) // 2,
                "lineType": "Comment",
                "description": card.reference,
            }
            yield self._entity("purchaseOrderLines").render(values, etag("order line", number, "1"))

    def _order_line(self, card: OrderCard, line: OrderLine) -> dict[str, Any]:
        number = f"{card.order.number}/{line.line_id}"
        code = None if line.tax_code is None else self._books.tax_codes.get(line.tax_code)
        price = line.unit_price.amount / line.price_base
        values = {
            "id": guid("order line", number),
            "documentId": guid("order", card.order.number),
            "sequence": int(line.line_id),
            "lineType": "Item" if line.item_number is not None else "Account",
            "lineObjectNumber": line.item_number or line.account,
            "description": line.description,
            "unitOfMeasureCode": self.master.unit_code(line.unit),
            "quantity": line.ordered,
            "directUnitCost": price,
            "discountPercent": line.discount_percent,
            "taxCode": line.tax_code,
            "taxPercent": line.tax_rate if code is None else code.rate,
            "expectedReceiptDate": None if line.expected_on is None else line.expected_on.isoformat(),
            "receivedQuantity": self._books.kept(card.order.number, line),
            "invoicedQuantity": line.invoiced,
        }
        tag = etag("order line", number, f"{line.model_dump_json()}")
        return self._entity("purchaseOrderLines").render(values, tag)

    def _receipts(self) -> Iterator[dict[str, Any]]:
        for receipt in self._books.receipts.values():
            yield self._kept(f"receipt {receipt.number}", receipt, partial(self._receipt, receipt))

    def _receipt(self, receipt: Receipt) -> dict[str, Any]:
        values = {
            "id": guid("receipt", receipt.number),
            "number": receipt.number,
            "postingDate": receipt.received_on.isoformat(),
            "vendorNumber": receipt.supplier_id,
            "vendorName": self._name(receipt.supplier_id),
            "orderNumber": receipt.order_number,
            "lastModifiedDateTime": timestamp(receipt.changed_at),
        }
        row = self._entity("purchaseReceipts").render(values, etag("receipt", receipt.number, "1"))
        row["purchaseReceiptLines"] = [
            self._receipt_line(receipt, position) for position in range(len(receipt.lines))
        ]
        return row

    def _receipt_line(self, receipt: Receipt, position: int) -> dict[str, Any]:
        received = receipt.lines[position]
        ordered = self._company.purchasing.line(receipt.order_number, received.order_line_id)
        number = f"{receipt.number}/{position}"
        values = {
            "id": guid("receipt line", number),
            "documentId": guid("receipt", receipt.number),
            "sequence": (position + 1) * 10000,
            "lineType": "Item" if ordered.item_number is not None else "G_x002F_L_x0020_Account",
            "lineObjectNumber": ordered.item_number or ordered.account,
            "description": ordered.description,
            "unitOfMeasureCode": self.master.unit_code(ordered.unit),
            "unitCost": ordered.unit_price.amount / ordered.price_base,
            "quantity": received.kept,
        }
        return self._entity("purchaseReceiptLines").render(values, etag("receipt line", number, "1"))

    def _documents(self, entity_set: str) -> Iterator[dict[str, Any]]:
        for document in self._books.documents.values():
            if document_set(document) == entity_set:
                yield self.document(document)

    def document(self, document: PurchaseDocument) -> dict[str, Any]:
        """The record with its lines, as it is kept now."""
        return self._kept(document.document_id, document, partial(self._document, document))

    def _kept(self, key: str, source: object, render: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The books replace a record when it changes, so what was rendered holds while it is the same."""
        known = self._rendered.get(key)
        if known is None or known[0] is not source:
            known = self._rendered[key] = (source, render())
        return known[1]

    def _document(self, document: PurchaseDocument) -> dict[str, Any]:
        entity_set = document_set(document)
        is_invoice = entity_set == INVOICES
        # Number fields are of type Code: kept in upper case whatever was typed.
        number = (document.supplier_number or "").upper()
        values = {
            "id": document.document_id,
            "number": document.number,
            "postingDate": day(document.posting_date),
            "invoiceDate" if is_invoice else "creditMemoDate": day(document.invoice_date),
            "dueDate": day(document.due_date),
            "vendorInvoiceNumber" if is_invoice else "vendorCreditMemoNumber": number,
            "vendorId": guid("vendor", document.supplier_id),
            "vendorNumber": document.supplier_id,
            "vendorName": self._name(document.supplier_id),
            "currencyCode": document.currency,
            "shortcutDimension1Code": next((line.cost_centre for line in document.lines), None),
            "totalAmountExcludingTax": document.totals.net,
            "totalTaxAmount": document.totals.tax,
            "totalAmountIncludingTax": document.totals.gross,
            "status": _STATUS[document.state],
            "lastModifiedDateTime": timestamp(document.changed_at),
        }
        if not is_invoice:
            values["invoiceNumber"] = document.preceding
        tag = etag("document", document.document_id, document.version)
        row = self._entity(entity_set).render(values, tag)
        row[LINES[entity_set]] = [self._document_line(document, line) for line in document.lines]
        return row

    def _document_line(self, document: PurchaseDocument, line: DocumentLine) -> dict[str, Any]:
        net = line.net(document.currency)
        item, account = self._object(line)
        code = self._company.documents.tax_code_of(document, line)
        known = None if code is None else self._books.tax_codes[code]
        values = {
            "id": guid("document line", f"{document.document_id}/{line.line_id}"),
            "documentId": document.document_id,
            "sequence": int(line.line_id),
            "lineType": "Item" if item is not None else "Account",
            "lineObjectNumber": item or account,
            "description": line.description,
            "unitOfMeasureCode": self.master.unit_code(line.unit),
            "unitCost": line.unit_price,
            "quantity": line.quantity,
            "discountPercent": line.discount_percent,
            "amountExcludingTax": net,
            "netAmount": net,
            "taxCode": code,
            "taxPercent": None if known is None or known.reverse_charge else known.rate,
        }
        lines = LINES[document_set(document)]
        tag = etag("document line", f"{document.document_id}/{line.line_id}", document.version)
        return self._entity(lines).render(values, tag)

    def _object(self, line: DocumentLine) -> tuple[str | None, str | None]:
        """Item and account of a line; the history's lines may bill an order line and take its object."""
        if line.order_number is None or line.order_line_id is None:
            return line.item_number, line.account
        ordered = self._company.purchasing.line(line.order_number, line.order_line_id)
        return line.item_number or ordered.item_number, line.account or ordered.account

    def _name(self, supplier_id: str) -> str:
        return self._books.suppliers[supplier_id].supplier.name
