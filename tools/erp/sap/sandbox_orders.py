"""Purchase orders and material documents of the books in SAP's properties."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import ROUND_DOWN, Decimal

from tools.domain.documents import OrderLine, OrderState, PurchaseOrder
from tools.erp.sandbox.books import OrderCard, Receipt
from tools.erp.sandbox.company import Company
from tools.erp.sap.sandbox_codes import GROUP, PLANT, PURCHASING, STORAGE, Codes, priced
from tools.erp.sap.sandbox_master import made
from tools.erp.sap.sandbox_schema import Row

_LONGEST_NUMBER = 10


class OrderRecords:
    """`receipt_based`: orders whose invoices must name the goods receipt."""

    def __init__(self, company: Company, codes: Codes, receipt_based: frozenset[str]) -> None:
        self._company = company
        self._books = company.books
        self._codes = codes
        self._receipt_based = receipt_based
        self._stamps: dict[str, tuple[str, datetime]] = {}
        for card in self._cards():
            self._stamp(card)

    def _cards(self) -> list[OrderCard]:
        """An order with a longer number cannot stand in SAP."""
        cards = self._books.orders.values()
        return [card for card in cards if len(card.order.number) <= _LONGEST_NUMBER]

    def orders(self) -> Iterator[Row]:
        for card in self._cards():
            yield self.order(card)

    def items(self) -> Iterator[Row]:
        for card in self._cards():
            yield from self.order(card)["to_PurchaseOrderItem"]

    def order(self, card: OrderCard) -> Row:
        order = card.order
        content, changed_at = self._stamp(card)
        closed = order.state is OrderState.CLOSED
        limits = _limits(order)
        items = [
            self._item(order, line, limits[line.line_id], closed=closed, content=content)
            for line in order.lines
        ]
        return made(
            "A_PurchaseOrder",
            PurchaseOrder=order.number,
            CompanyCode=order.company[:4],
            PurchaseOrderType="NB",
            PurchasingDocumentDeletionCode="L" if order.state is OrderState.CANCELLED else "",
            PurchasingCompletenessStatus=order.state is OrderState.DRAFT,
            CreatedByUser=(order.buyer or "")[:12],
            CreationDate=changed_at,
            LastChangeDateTime=changed_at,
            Supplier=order.supplier_id,
            PurchasingOrganization=PURCHASING,
            PurchasingGroup=GROUP,
            PurchaseOrderDate=order.ordered_on,
            DocumentCurrency=order.currency,
            ExchangeRate=f"{order.exchange_rate or Decimal(1):f}"[:12],
            ExchangeRateIsFixed=order.exchange_rate is not None,
            ValidityStartDate=order.valid_from,
            ValidityEndDate=order.valid_to,
            CorrespncInternalReference=(card.reference or "")[:12],
            to_PurchaseOrderItem=items,
            etag=_etag(order.number, content),
        )

    def is_receipt_based(self, number: str) -> bool:
        return number in self._receipt_based

    def _stamp(self, card: OrderCard) -> tuple[str, datetime]:
        """What a buyer entered, and when it last changed: receipts and invoices do not change an order."""
        lines = tuple(
            line.model_dump_json(exclude={"received", "invoiced", "accepted"}) for line in card.order.lines
        )
        told = f"{card.order.model_dump_json(exclude={'lines', 'version'})}{lines}"
        content = hashlib.sha256(told.encode()).hexdigest()
        known = self._stamps.get(card.order.number)
        if known is None or known[0] != content:
            known = self._stamps[card.order.number] = (content, card.changed_at)
        return known

    def _item(
        self, order: PurchaseOrder, line: OrderLine, limit: Decimal | None, *, closed: bool, content: str
    ) -> Row:
        key = {
            "PurchaseOrder": order.number,
            "PurchaseOrderItem": self._codes.item(order.number, line.line_id),
        }
        net = line.unit_price.amount * (100 - line.discount_percent) / 100
        price, base = priced(net, line.price_base)
        return made(
            "A_PurchaseOrderItem",
            **key,
            PurchasingDocumentDeletionCode="L" if line.cancelled else "",
            PurchaseOrderItemText=line.description[:40],
            Plant=PLANT,
            StorageLocation=STORAGE if line.item_number else "",
            Material=line.item_number,
            OrderQuantity=line.ordered,
            PurchaseOrderQuantityUnit=self._codes.unit(line.unit),
            OrderPriceUnit=self._codes.unit(line.unit),
            OrderPriceUnitToOrderUnitNmrtr=Decimal(1),
            OrdPriceUnitToOrderUnitDnmntr=Decimal(1),
            DocumentCurrency=order.currency,
            NetPriceAmount=price,
            NetPriceQuantity=base,
            TaxCode=self._codes.tax(line.tax_code),
            OverallLimitAmount=limit,
            AccountAssignmentCategory="K" if line.account else "",
            GoodsReceiptIsExpected=line.receipt_required,
            InvoiceIsExpected=True,
            InvoiceIsGoodsReceiptBased=order.number in self._receipt_based,
            IsFinallyInvoiced=closed,
            IsCompletelyDelivered=closed,
            to_ScheduleLine=_schedule(key, line),
            to_AccountAssignment=_assignment(key, line),
            to_PurchaseOrderPricingElement=_pricing(key, line),
            etag=_etag(f"{order.number}/{line.line_id}", content),
        )

    def _receipts(self) -> list[Receipt]:
        known = {card.order.number for card in self._cards()}
        return [entry for entry in self._books.receipts.values() if entry.order_number in known]

    def material_documents(self) -> Iterator[Row]:
        for receipt in self._receipts():
            header = self._header(receipt)
            yield {**header, "to_MaterialDocumentItem": self._received(receipt, None)}

    def material_items(self) -> Iterator[Row]:
        for receipt in self._receipts():
            yield from self._received(receipt, self._header(receipt))

    def _header(self, receipt: Receipt) -> Row:
        return made(
            "A_MaterialDocumentHeader",
            MaterialDocumentYear=f"{receipt.received_on.year}",
            MaterialDocument=receipt.number,
            DocumentDate=receipt.received_on,
            PostingDate=receipt.received_on,
            CreationDate=receipt.changed_at,
            CreationTime=receipt.changed_at.astimezone(UTC).time().replace(microsecond=0),
            ReferenceDocument=(receipt.delivery_note or "")[:16],
            GoodsMovementCode="01",
        )

    def _received(self, receipt: Receipt, header: Row | None) -> list[Row]:
        """Item numbers are answered without leading zeros, unlike those of the order."""
        rows = []
        for position, received in enumerate(receipt.lines, start=1):
            line = self._company.purchasing.line(receipt.order_number, received.order_line_id)
            unit = self._codes.unit(line.unit)
            back = received.quantity < 0
            row = made(
                "A_MaterialDocumentItem",
                MaterialDocumentYear=f"{receipt.received_on.year}",
                MaterialDocument=receipt.number,
                MaterialDocumentItem=str(position),
                Material=line.item_number,
                Plant=PLANT,
                GoodsMovementType="122" if back else "101",
                Supplier=receipt.supplier_id,
                PurchaseOrder=receipt.order_number,
                PurchaseOrderItem=self._codes.item(receipt.order_number, line.line_id),
                GoodsMovementRefDocType="B",
                MaterialBaseUnit=unit,
                QuantityInBaseUnit=abs(received.kept),
                EntryUnit=unit,
                QuantityInEntryUnit=abs(received.kept),
                MaterialDocumentItemText=line.description[:50],
                DebitCreditCode="H" if back else "S",
            )
            rows.append(row if header is None else {**row, "to_MaterialDocumentHeader": header})
        return rows


def _etag(name: str, content: str) -> str:
    return f"W/\"'{hashlib.sha256(f'{name};{content}'.encode()).hexdigest()[:20]}'\""


def _limits(order: PurchaseOrder) -> dict[str, Decimal | None]:
    """The books limit the order, SAP its items: each has the same part, the first one what is left over."""
    if order.value_limit is None:
        return {line.line_id: None for line in order.lines}
    live = [line.line_id for line in order.lines if not line.cancelled] or [order.lines[0].line_id]
    part = (order.value_limit.amount / len(live)).quantize(Decimal("0.01"), ROUND_DOWN)
    rest = order.value_limit.amount - part * (len(live) - 1)
    return {line.line_id: None for line in order.lines} | dict.fromkeys(live, part) | {live[0]: rest}


def _schedule(key: dict[str, str], line: OrderLine) -> list[Row]:
    values = {
        "PurchasingDocument": key["PurchaseOrder"],
        "PurchasingDocumentItem": key["PurchaseOrderItem"],
        "ScheduleLine": "0001",
        "ScheduleLineOrderQuantity": line.ordered,
    }
    day: date | None = line.expected_on
    return [made("A_PurchaseOrderScheduleLine", **values, ScheduleLineDeliveryDate=day)]


def _assignment(key: dict[str, str], line: OrderLine) -> list[Row]:
    if line.account is None:
        return []
    return [made("A_PurOrdAccountAssignment", **key, AccountAssignmentNumber="01", GLAccount=line.account)]


def _pricing(key: dict[str, str], line: OrderLine) -> list[Row]:
    """The agreed price and, where there is one, the discount on it."""
    base = {**key, "PricingDocument": key["PurchaseOrder"][-10:], "PricingDocumentItem": "000010"}
    price = made(
        "A_PurOrdPricingElement",
        **base,
        PricingProcedureStep="010",
        PricingProcedureCounter="001",
        ConditionType="PMP0",
        ConditionClass="B",
        ConditionCalculationType="C",
        ConditionRateValue=line.unit_price.amount,
        ConditionCurrency=line.unit_price.currency,
        ConditionQuantity=line.price_base,
    )
    if not line.discount_percent:
        return [price]
    discount = made(
        "A_PurOrdPricingElement",
        **base,
        PricingProcedureStep="020",
        PricingProcedureCounter="001",
        ConditionType="DRN1",
        ConditionClass="A",
        ConditionCalculationType="A",
        ConditionRateValue=-line.discount_percent,
    )
    return [price, discount]
