"""The company's books in Exact Online's fields."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType, OrderLine, OrderState
from tools.domain.supplier import SupplierBlock
from tools.erp.exact.sandbox_ledger import LedgerRecords
from tools.erp.exact.sandbox_papers import Papers
from tools.erp.exact.sandbox_schema import resources
from tools.erp.sandbox.books import DocumentLine, OrderCard, PurchaseDocument, Receipt, SupplierCard
from tools.erp.sandbox.company import Company

_NAMESPACE = uuid.UUID("8c2d8a51-6e2b-5a55-9d0c-3b7f6f5d4e21")
_UNITS = {"H87": "pc", "C62": "unit", "XBX": "box", "KGM": "kg", "MON": "month", "HUR": "hour", "LTR": "l"}
_STATUS = {PostingState.POSTED: 20, PostingState.PAID: 50, PostingState.CANCELLED: 5}
_ORDER_STATUS = {OrderState.CLOSED: 30, OrderState.CANCELLED: 40}
Row = dict[str, Any]


def guid(kind: str, number: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{number}"))


def whole(number: str) -> int:
    """The number of a series without its letters, as an Int32 field can keep it."""
    return int("".join(letter for letter in number if letter.isdigit()) or "0")


def padded(code: str) -> str:
    return code.rjust(18)


class Records:
    """Reads every resource from the books."""

    def __init__(self, company: Company, division: int) -> None:
        self._company = company
        self._books = company.books
        self._division = division
        self._ledger = LedgerRecords(company, guid)
        self.papers = Papers(company, guid)
        self.from_logistics: dict[str, bool] = {}
        """Id of a document that was made in the logistics module and processed there -> whether it stands
        among the purchase entries too: the vendor does not say."""

    def rows(self, resource: str) -> list[Row]:
        readers: dict[str, Callable[[], Iterator[Row]]] = {
            "crm/Accounts": self._accounts,
            "crm/BankAccounts": self._bank_accounts,
            "purchaseorder/PurchaseOrders": self._orders,
            "purchaseorder/PurchaseOrderLines": self._order_lines,
            "purchaseorder/GoodsReceipts": self._receipts,
            "purchaseorder/GoodsReceiptLines": self._receipt_lines,
            "purchaseentry/PurchaseEntries": self._entries,
            "purchase/PurchaseInvoices": self._logistics_invoices,
            "current/Me": self._me,
            **self.papers.readers,
            **self._ledger.readers,
        }
        read = readers.get(resource)
        return [] if read is None else list(read())

    def unit(self, code: str | None) -> str | None:
        return None if code is None else _UNITS.get(code, code)

    def _row(self, resource: str, **values: Any) -> Row:
        row = resources()[resource].row(**values)
        if "Division" in row:
            row["Division"] = self._division
        return row

    def _me(self) -> Iterator[Row]:
        yield self._row("current/Me", UserID=guid("user", "1"), CurrentDivision=self._division)

    def _accounts(self) -> Iterator[Row]:
        for card in self._books.suppliers.values():
            yield self._account(card)

    def _account(self, card: SupplierCard) -> Row:
        supplier = card.supplier
        accounts = [row for row in self._bank_accounts() if row["Account"] == self.supplier(card)]
        return self._row(
            "crm/Accounts",
            ID=self.supplier(card),
            Code=padded(supplier.supplier_id),
            Name=supplier.name,
            IsSupplier=True,
            AddressLine1=supplier.street,
            City=supplier.city,
            Postcode=supplier.postcode,
            Country=supplier.country,
            Email=supplier.email,
            Phone=supplier.phone,
            VATNumber=supplier.vat_id,
            ChamberOfCommerce=supplier.registration_id,
            GlnNumber=supplier.gln,
            PurchaseCurrency=supplier.currency or self._books.settings.currency,
            Blocked=supplier.block is SupplierBlock.ALL,
            Modified=card.changed_at,
            BankAccounts=accounts,
        )

    def supplier(self, card: SupplierCard) -> str:
        return guid("account", card.supplier.supplier_id)

    def _bank_accounts(self) -> Iterator[Row]:
        for card in self._books.suppliers.values():
            for position, account in enumerate(card.supplier.bank_accounts):
                yield self._row(
                    "crm/BankAccounts",
                    ID=guid("bank account", f"{card.supplier.supplier_id}/{position}"),
                    Account=self.supplier(card),
                    AccountName=card.supplier.name,
                    BankAccount=account.iban,
                    Main=position == 0,
                )

    def _orders(self) -> Iterator[Row]:
        for card in self._books.plain_orders():
            yield self._order(card)

    def _order(self, card: OrderCard) -> Row:
        order = card.order
        moved = any(line.received or line.invoiced for line in order.lines)
        return self._row(
            "purchaseorder/PurchaseOrders",
            PurchaseOrderID=guid("order", order.number),
            OrderNumber=whole(order.number),
            OrderDate=order.ordered_on,
            Supplier=guid("account", order.supplier_id),
            SupplierCode=padded(order.supplier_id),
            Currency=order.currency,
            PurchaseAgentFullName=order.buyer,
            OrderStatus=_ORDER_STATUS.get(order.state, 20 if moved else 10),
            ApprovalStatus=0 if order.state is OrderState.DRAFT else 1,
            YourRef=card.reference,
            Modified=card.changed_at,
            PurchaseOrderLines=[self._order_line(card, line) for line in order.lines if not line.cancelled],
        )

    def _order_lines(self) -> Iterator[Row]:
        for card in self._books.plain_orders():
            for line in card.order.lines:
                if not line.cancelled:
                    yield self._order_line(card, line)

    def _order_line(self, card: OrderCard, line: OrderLine) -> Row:
        price = line.unit_price.amount / line.price_base
        code = None if line.tax_code is None else self._books.tax_codes.get(line.tax_code)
        rate = line.tax_rate if code is None else code.rate
        item = line.item_number
        return self._row(
            "purchaseorder/PurchaseOrderLines",
            ID=self.line(card.order.number, line.line_id),
            PurchaseOrderID=guid("order", card.order.number),
            LineNumber=whole(line.line_id),
            Item=None if item is None else guid("item", item),
            ItemCode=item,
            SupplierItemCode=line.supplier_item_id,
            Description=line.description,
            Unit=self.unit(line.unit),
            Quantity=line.ordered,
            QuantityInPurchaseUnits=line.ordered,
            UnitPrice=price,
            NetPrice=price * (100 - line.discount_percent) / 100,
            Discount=line.discount_percent / 100,
            VATCode=line.tax_code,
            VATPercentage=None if rate is None else rate / 100,
            ReceiptDate=line.expected_on,
            ReceivedQuantity=self._books.kept(card.order.number, line),
            InvoicedQuantity=line.invoiced,
            Modified=card.changed_at,
        )

    def line(self, order: str, line_id: str) -> str:
        return guid("order line", f"{order}/{line_id}")

    def _receipts(self) -> Iterator[Row]:
        for receipt in self._books.receipts.values():
            yield self._row(
                "purchaseorder/GoodsReceipts",
                ID=guid("receipt", receipt.number),
                ReceiptNumber=whole(receipt.number),
                ReceiptDate=receipt.received_on,
                Supplier=guid("account", receipt.supplier_id),
                SupplierCode=padded(receipt.supplier_id),
                YourRef=receipt.delivery_note,
                Modified=receipt.changed_at,
                GoodsReceiptLines=list(self._lines_of(receipt)),
            )

    def _receipt_lines(self) -> Iterator[Row]:
        for receipt in self._books.receipts.values():
            yield from self._lines_of(receipt)

    def _lines_of(self, receipt: Receipt) -> Iterator[Row]:
        for position, received in enumerate(receipt.lines, start=1):
            ordered = self._company.purchasing.line(receipt.order_number, received.order_line_id)
            yield self._row(
                "purchaseorder/GoodsReceiptLines",
                ID=guid("receipt line", f"{receipt.number}/{position}"),
                GoodsReceiptID=guid("receipt", receipt.number),
                LineNumber=position,
                PurchaseOrderID=guid("order", receipt.order_number),
                PurchaseOrderNumber=whole(receipt.order_number),
                PurchaseOrderLineID=self.line(receipt.order_number, received.order_line_id),
                ItemCode=ordered.item_number,
                ItemDescription=ordered.description,
                Description=ordered.description,
                ItemUnitCode=self.unit(ordered.unit),
                QuantityOrdered=ordered.ordered,
                QuantityReceived=received.kept,
                Modified=receipt.changed_at,
            )

    def _entries(self) -> Iterator[Row]:
        for document in self._books.documents.values():
            if document.state is not PostingState.DRAFT and self.from_logistics.get(
                document.document_id, True
            ):
                yield self._entry(document)

    def _entry(self, document: PurchaseDocument) -> Row:
        sign = -1 if document.document_type is DocumentType.CREDIT_NOTE else 1
        day = document.posting_date or document.invoice_date or date(1900, 1, 1)
        return self._row(
            "purchaseentry/PurchaseEntries",
            EntryID=document.document_id,
            EntryNumber=whole(document.number),
            Type=30 if sign > 0 else 31,
            Status=_STATUS[document.state],
            Supplier=guid("account", document.supplier_id),
            YourRef=document.supplier_number,
            EntryDate=document.invoice_date,
            DueDate=document.due_date,
            Currency=document.currency,
            AmountFC=sign * document.totals.gross,
            VATAmountFC=sign * document.totals.tax,
            ReportingYear=day.year,
            ReportingPeriod=day.month,
            Journal="70",
            Document=self.papers.document_of(document.document_id),
            Modified=document.changed_at,
            PurchaseEntryLines=[self._entry_line(document, line, sign) for line in document.lines],
        )

    def _entry_line(self, document: PurchaseDocument, line: DocumentLine, sign: int) -> Row:
        return self._row(
            "purchaseentry/PurchaseEntryLines",
            ID=guid("entry line", f"{document.document_id}/{line.line_id}"),
            EntryID=document.document_id,
            GLAccount=guid("gl account", line.account or ""),
            GLAccountCode=line.account,
            AmountFC=sign * line.net(document.currency),
            Quantity=line.quantity,
            Description=line.description,
            VATCode=None if line.tax_code is None else line.tax_code.ljust(3),
            CostCenter=line.cost_centre,
        )

    def _logistics_invoices(self) -> Iterator[Row]:
        for document in self._books.documents.values():
            if document.state is PostingState.DRAFT or document.document_id in self.from_logistics:
                yield self._logistics_invoice(document)

    def _logistics_invoice(self, document: PurchaseDocument) -> Row:
        credit = document.document_type is DocumentType.CREDIT_NOTE
        sign = -1 if credit else 1
        is_draft = document.state is PostingState.DRAFT
        return self._row(
            "purchase/PurchaseInvoices",
            ID=document.document_id if is_draft else guid("logistics invoice", document.document_id),
            EntryNumber=whole(document.number),
            Type=8031 if credit else 8030,
            Status=10 if is_draft else _STATUS[document.state],
            Supplier=guid("account", document.supplier_id),
            YourRef=document.supplier_number,
            InvoiceDate=document.invoice_date,
            DueDate=document.due_date,
            Currency=document.currency,
            Amount=sign * document.totals.gross,
            VATAmount=sign * document.totals.tax,
            Modified=document.changed_at,
        )
