"""Our actions as bookings of the sandbox company, and how each is found again."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tools.domain.decision import (
    Action,
    AmendOrderLine,
    CreateGoodsReceipt,
    CreatePurchaseOrder,
    DraftOrderLine,
    HoldInvoice,
    InvoiceKey,
    ParkInvoice,
    PostCreditNote,
    Posting,
    PostingLine,
    PostingState,
    PostInvoice,
    ReleaseHold,
    ReverseInvoice,
)
from tools.domain.documents import OrderLine
from tools.domain.identifiers import SupplierId
from tools.domain.money import Money
from tools.erp.sandbox.books import DocumentLine, OrderCard, PurchaseDocument, Receipt
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.comparison import unlike
from tools.erp.sandbox.master import check_version
from tools.erp.sandbox.refusal import Refused


def posting_of(document: PurchaseDocument) -> Posting:
    """A draft or posted document in our terms."""
    money = {
        name: Money(amount=getattr(document.totals, name), currency=document.currency)
        for name in ("net", "tax", "gross")
    }
    return Posting(
        erp_id=document.document_id,
        number=document.number,
        state=document.state,
        supplier_id=SupplierId(document.supplier_id),
        document_type=document.document_type,
        supplier_number=document.supplier_number,
        invoice_date=document.invoice_date,
        posting_date=document.posting_date,
        reference=document.reference,
        version=document.version,
        **money,
    )


def _posting_of_receipt(receipt: Receipt) -> Posting:
    return Posting(
        erp_id=receipt.number,
        number=receipt.number,
        state=PostingState.POSTED,
        supplier_id=SupplierId(receipt.supplier_id),
        posting_date=receipt.received_on,
        reference=receipt.delivery_note,
    )


def _posting_of_order(card: OrderCard) -> Posting:
    # The order is a draft for the buyer, but as a booking of ours it is finished.
    return Posting(
        erp_id=card.order.number,
        number=card.order.number,
        state=PostingState.POSTED,
        supplier_id=card.order.supplier_id,
        reference=card.reference,
        version=card.order.version,
    )


def _reversal_of(document: PurchaseDocument) -> Posting:
    return posting_of(document).model_copy(
        update={"number": document.reversed_by or "", "state": PostingState.POSTED}
    )


def _held(document: PurchaseDocument, reason: str) -> Posting:
    return posting_of(document).model_copy(update={"reference": reason})


class Actions:
    """Carries actions out; `find` answers everything that could be the action's result."""

    def __init__(self, company: Company) -> None:
        self._company = company

    def carry_out(self, action: Action, versions: Mapping[str, str]) -> Posting:
        """Raises Refused; then nothing was changed."""
        self._check_versions(versions)
        if isinstance(action, (PostInvoice, ParkInvoice, PostCreditNote)):
            return posting_of(self._enter(action))
        if isinstance(action, CreateGoodsReceipt):
            return _posting_of_receipt(self._receive(action))
        if isinstance(action, CreatePurchaseOrder):
            return _posting_of_order(self._create_order(action))
        if isinstance(action, AmendOrderLine):
            self._company.purchasing.amend_line(
                action.order_number,
                action.order_line_id,
                quantity=action.quantity,
                unit_price=action.unit_price,
            )
            return _posting_of_order(self._company.purchasing.card(action.order_number))
        return self._after_posting(action)

    def find(self, action: Action) -> list[Posting]:
        """A finished document alone, else the drafts; empty when nothing stands in the books."""
        try:
            if isinstance(action, (PostInvoice, ParkInvoice, PostCreditNote)):
                return self._documents_of(action)
            if isinstance(action, CreateGoodsReceipt):
                return self._receipts_of(action)
            if isinstance(action, CreatePurchaseOrder):
                return self._orders_of(action)
            if isinstance(action, AmendOrderLine):
                return self._amended(action)
            return self._later(action)
        except Refused:
            return []

    def _check_versions(self, versions: Mapping[str, str]) -> None:
        for reference, version in versions.items():
            what, _, number = reference.partition(":")
            if what == "order":
                check_version(version, self._company.purchasing.order(number).version, f"order {number}")
            elif what == "supplier":
                supplier = self._company.master.supplier(number).supplier
                check_version(version, supplier.version, f"supplier {number}")

    def _enter(self, action: PostInvoice | ParkInvoice | PostCreditNote) -> PurchaseDocument:
        documents = self._company.documents
        header: dict[str, object] = {
            "supplier_number": action.number,
            "invoice_date": action.invoice_date,
            "posting_date": action.posting_date,
            "due_date": action.due_date,
            "currency": action.currency,
            "preceding": action.preceding_invoice,
            "reference": action.invoice_key.text,
            "stated_tax": action.tax.amount,
            "stated_gross": action.gross.amount,
        }
        lines = [_document_line(line) for line in action.lines]
        parked = self._our_draft(action.invoice_key)
        if parked is None:
            draft = documents.create(
                action.invoice_key.document_type, action.supplier_id, lines=lines, **header
            )
        else:
            draft = documents.rewrite(parked.document_id, lines, header)
        if isinstance(action, ParkInvoice):
            return draft
        try:
            return self._company.payables.post(draft.document_id)
        except Refused:
            if parked is None:
                documents.delete(draft.document_id)
            else:
                documents.put_back(parked)
            raise

    def _our_draft(self, key: InvoiceKey) -> PurchaseDocument | None:
        for document in self._company.documents.of_supplier(key.supplier_id, key.document_type, key.number):
            if document.state is PostingState.DRAFT and document.reference == key.text:
                return document
        return None

    def _receive(self, action: CreateGoodsReceipt) -> Receipt:
        quantities: dict[str, Decimal] = {}
        for line in action.lines:
            quantities[line.order_line_id] = quantities.get(line.order_line_id, Decimal(0)) + line.quantity
        return self._company.purchasing.receive(
            action.order_number, quantities, action.received_on, delivery_note=action.delivery_note
        )

    def _create_order(self, action: CreatePurchaseOrder) -> OrderCard:
        lines = [_order_line(position, line) for position, line in enumerate(action.lines, start=1)]
        return self._company.purchasing.create_order(
            action.supplier_id, action.currency, lines, reference=action.reference
        )

    def _after_posting(self, action: HoldInvoice | ReleaseHold | ReverseInvoice) -> Posting:
        payables = self._company.payables
        document = self._company.documents.by_number(action.posted_number)
        if isinstance(action, HoldInvoice):
            return _held(payables.hold(document.document_id, action.reason_code), action.reason_code)
        if isinstance(action, ReleaseHold):
            return _held(payables.release(document.document_id, action.reason_code), action.reason_code)
        return _reversal_of(payables.reverse(document.document_id, action.posting_date, action.reason))

    def _documents_of(self, action: PostInvoice | ParkInvoice | PostCreditNote) -> list[Posting]:
        key = action.invoice_key
        same = [
            document
            for document in self._company.documents.of_supplier(
                key.supplier_id, key.document_type, key.number
            )
            if document.invoice_date == key.invoice_date and document.state is not PostingState.CANCELLED
        ]
        posted = [document for document in same if document.state is not PostingState.DRAFT]
        ours = [document for document in same if document.reference == key.text]
        found = posted or ours or same
        return [
            posting_of(document).model_copy(update={"differs": unlike(document, action)})
            for document in found
        ]

    def _receipts_of(self, action: CreateGoodsReceipt) -> list[Posting]:
        wanted = action.delivery_note.strip().casefold()
        return [
            _posting_of_receipt(receipt)
            for receipt in self._company.purchasing.receipts_of(action.order_number)
            if (receipt.delivery_note or "").strip().casefold() == wanted
        ]

    def _orders_of(self, action: CreatePurchaseOrder) -> list[Posting]:
        return [
            _posting_of_order(card)
            for card in self._company.books.orders.values()
            if card.order.supplier_id == action.supplier_id
            and (card.reference or "").casefold() == action.reference.casefold()
        ]

    def _amended(self, action: AmendOrderLine) -> list[Posting]:
        line = self._company.purchasing.line(action.order_number, action.order_line_id)
        same_quantity = action.quantity is None or action.quantity == line.ordered
        same_price = action.unit_price is None or action.unit_price == line.unit_price
        card = self._company.purchasing.card(action.order_number)
        return [_posting_of_order(card)] if same_quantity and same_price else []

    def _later(self, action: HoldInvoice | ReleaseHold | ReverseInvoice) -> list[Posting]:
        document = self._company.documents.by_number(action.posted_number)
        if isinstance(action, ReverseInvoice):
            return [_reversal_of(document)] if document.state is PostingState.CANCELLED else []
        held = action.reason_code in document.holds
        return [_held(document, action.reason_code)] if held is isinstance(action, HoldInvoice) else []


def _document_line(line: PostingLine) -> DocumentLine:
    return DocumentLine(
        description=line.description,
        item_number=line.item_number,
        account=line.account,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        net_amount=line.net_amount.amount,
        cost_centre=line.cost_centre,
        tax_code=line.tax_code,
        order_number=line.order_number,
        order_line_id=line.order_line_id,
    )


def _order_line(position: int, line: DraftOrderLine) -> OrderLine:
    return OrderLine(
        line_id=str(position * 10),
        item_number=line.item_number,
        account=line.account,
        description=line.description,
        unit=line.unit,
        ordered=line.quantity,
        unit_price=line.unit_price,
        tax_code=line.tax_code,
    )
