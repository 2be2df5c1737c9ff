"""Records of the books in Oracle's attributes: suppliers, orders, life cycles, invoices, periods."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tools.domain.documents import OrderLine, OrderState
from tools.domain.supplier import SupplierBlock
from tools.erp.oracle.sandbox_master import account_rows, period_rows
from tools.erp.oracle.sandbox_payables import PayablesLayer
from tools.erp.oracle.sandbox_schema import Resource, resources, timestamp
from tools.erp.sandbox.books import OrderCard, SupplierCard
from tools.erp.sandbox.company import Company

KEY = "@key"
"""The last segment of the record's address; not an attribute."""
SITE = "MAIN"
ORGANIZATION = "M1"
UNITS = {"H87": "PCS", "C62": "UN", "KGM": "KG", "HUR": "HUR", "XBX": "BOX", "XCT": "CTN"}
"""Unit codes as the company names them (at most three letters); others are named like the Rec. 20 code."""
_STATUS = {OrderState.OPEN: "OPEN", OrderState.CLOSED: "CLOSED", OrderState.CANCELLED: "CANCELED"}
_LINE_ID = re.compile(r"(\d+)(?:-(\d+))?")
Row = dict[str, Any]


def opaque(kind: str, number: object) -> str:
    """A key nobody can guess, as Oracle's hash keys are."""
    return hashlib.sha256(f"{kind}/{number}".encode()).hexdigest().upper()


def unit_of(rec20: str | None) -> str:
    return "" if rec20 is None else UNITS.get(rec20, rec20)


def place_of(line_id: str) -> tuple[int, int]:
    """Line and schedule number of a line of the books: `3` is line 3's first schedule, `3-2` its second."""
    match = _LINE_ID.fullmatch(line_id)
    if match is None:
        raise ValueError(f"an order line of an Oracle world is called like 3 or 3-2, not {line_id}")
    return int(match[1]), int(match[2] or 1)


def day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


class Records:
    """Reads every collection from the company's books. Rows carry their children as plain lists."""

    def __init__(
        self, company: Company, payables: PayablesLayer, ledger_id: int, procurement: str, *, masks: bool
    ) -> None:
        """`masks`: account numbers are shown in part only."""
        self._masks = masks
        self._company = company
        self._books = company.books
        self._payables = payables
        self._ids = payables.ids
        self._ledger_id = ledger_id
        self._procurement = procurement
        self.extra: dict[str, Callable[[], Iterator[Row]]] = {}
        """Collections that somebody else keeps, such as the receiving interface."""

    def rows(self, name: str) -> list[Row]:
        readers: Mapping[str, Callable[[], Iterator[Row]]] = {
            "suppliers": self._suppliers,
            "externalBankAccounts": lambda: account_rows(self._company, self._ids, masks=self._masks),
            "purchaseOrders": self._orders,
            "draftPurchaseOrders": self._drafts,
            "purchaseOrderSchedules": self._schedules,
            "invoices": self._payables.invoices,
            "invoiceHolds": self._payables.hold_rows,
            "finBusinessUnitsLOV": self._units,
            "accountingPeriodStatusLOV": lambda: period_rows(self._company, self._ledger_id),
            **self.extra,
        }
        return list(readers[name]())

    def _table(self, name: str) -> Resource:
        return resources()[name]

    def _units(self) -> Iterator[Row]:
        name = self._payables.business_unit
        yield {**self._table("finBusinessUnitsLOV").render({"BusinessUnitName": name}), "@key": "unit"}

    def _suppliers(self) -> Iterator[Row]:
        for card in self._books.suppliers.values():
            yield self._supplier(card)

    def _supplier(self, card: SupplierCard) -> Row:
        supplier, table = card.supplier, self._table("suppliers")
        technical = self._ids.of("supplier", supplier.supplier_id)
        changed = timestamp(card.changed_at)
        site = {
            "SupplierSiteId": self._ids.of("site", supplier.supplier_id),
            "SupplierSite": SITE,
            "ProcurementBU": self._procurement,
            "SupplierAddressName": "HQ",
            "SitePurposePurchasingFlag": True,
            "SitePurposePayFlag": True,
            "Status": "ACTIVE",
            "Email": supplier.email,
            "HoldAllInvoicesFlag": supplier.block is SupplierBlock.PAYMENT,
            "InvoiceCurrencyCode": supplier.currency or self._books.settings.currency,
            "LastUpdateDate": changed,
        }
        address = {
            "AddressName": "HQ",
            "AddressLine1": supplier.street,
            "City": supplier.city,
            "PostalCode": supplier.postcode,
            "CountryCode": supplier.country,
            "Status": "ACTIVE",
        }
        row = table.render(
            {
                "SupplierId": technical,
                "Supplier": supplier.name,
                "SupplierNumber": supplier.supplier_id,
                "TaxRegistrationNumber": supplier.vat_id,
                "BusinessRelationshipCode": "SPEND_AUTHORIZED",
                "Status": "INACTIVE" if supplier.block is SupplierBlock.ALL else "ACTIVE",
                "LastUpdateDate": changed,
            }
        )
        row["sites"] = [{**table.children["sites"].render(site), KEY: str(site["SupplierSiteId"])}]
        row["addresses"] = [{**table.children["addresses"].render(address), KEY: str(technical)}]
        return {**row, KEY: str(technical)}

    def _orders(self) -> Iterator[Row]:
        """Orders that a buyer released; drafts stand in another resource."""
        for card in self._books.plain_orders():
            if card.order.state is not OrderState.DRAFT:
                yield self._order(card)

    def _drafts(self) -> Iterator[Row]:
        for card in self._books.plain_orders():
            if card.order.state is OrderState.DRAFT:
                yield self.draft(card)

    def draft(self, card: OrderCard) -> Row:
        """An order that its buyer has still to complete; only what is asked of its header."""
        key = self._ids.of("order", card.order.number)
        values = {
            "POHeaderId": key,
            "OrderNumber": card.order.number,
            "Description": card.reference,
            "StatusCode": "INCOMPLETE",
            "ProcurementBU": self._procurement,
            "SupplierId": self._ids.of("supplier", card.order.supplier_id),
            "CurrencyCode": card.order.currency,
        }
        row = self._table("draftPurchaseOrders").render(values)
        return {**row, "lines": [], KEY: opaque("draftPurchaseOrders", key)}

    def _order(self, card: OrderCard) -> Row:
        order, table = card.order, self._table("purchaseOrders")
        supplier = self._books.suppliers[order.supplier_id].supplier
        key = self._ids.of("order", order.number)
        row = table.render(
            {
                "POHeaderId": key,
                "OrderNumber": order.number,
                "Description": card.reference,
                "StatusCode": _STATUS[order.state],
                "Buyer": order.buyer,
                "ProcurementBU": self._procurement,
                "SupplierId": self._ids.of("supplier", order.supplier_id),
                "Supplier": supplier.name,
                "SupplierSite": SITE,
                "CurrencyCode": order.currency,
                "OrderDate": day(order.ordered_on),
                "LastUpdateDate": timestamp(card.changed_at),
            }
        )
        groups: dict[int, list[OrderLine]] = {}
        for line in order.lines:
            groups.setdefault(place_of(line.line_id)[0], []).append(line)
        row["lines"] = [self._line(card, number, lines) for number, lines in groups.items()]
        return {**row, KEY: opaque("purchaseOrders", key)}

    def _line(self, card: OrderCard, number: int, lines: list[OrderLine]) -> Row:
        """Price after discount, for one unit; every schedule of a line has the line's price."""
        table = self._table("purchaseOrders").children["lines"]
        first = lines[0]
        price = first.unit_price.amount / first.price_base * (100 - first.discount_percent) / 100
        key = self._ids.of("order line", f"{card.order.number}/{number}")
        row = table.render(
            {
                "POLineId": key,
                "LineNumber": number,
                "Item": first.item_number,
                "Description": first.description,
                "Quantity": sum((line.ordered for line in lines), Decimal(0)),
                "Price": price,
                "UOMCode": unit_of(first.unit),
                "UOM": unit_of(first.unit),
                "StatusCode": "CANCELED" if first.cancelled else "OPEN",
            }
        )
        row["schedules"] = [self._schedule(card, line) for line in lines]
        return {**row, KEY: str(key)}

    def _schedule(self, card: OrderCard, line: OrderLine) -> Row:
        table = self._table("purchaseOrders").children["lines"].children["schedules"]
        key = self._ids.of("schedule", f"{card.order.number}/{line.line_id}")
        row = table.render(
            {
                "LineLocationId": key,
                "ScheduleNumber": place_of(line.line_id)[1],
                "ShipToOrganizationCode": ORGANIZATION,
                "Quantity": line.ordered,
                "RequestedDeliveryDate": day(line.expected_on),
                "ReceiptRequiredFlag": line.receipt_required,
                "InvoiceMatchOptionCode": "P",
            }
        )
        return {**row, KEY: opaque("schedules", key)}

    def _schedules(self) -> Iterator[Row]:
        table = self._table("purchaseOrderSchedules")
        for card in self._books.plain_orders():
            moments = [
                receipt.changed_at for receipt in self._company.purchasing.receipts_of(card.order.number)
            ]
            changed = timestamp(max([card.changed_at, *moments]))
            for line in card.order.lines:
                key = self._ids.of("schedule", f"{card.order.number}/{line.line_id}")
                values = {
                    "OrderNumber": card.order.number,
                    "LineLocationId": key,
                    "Quantity": line.ordered,
                    "ReceivedQuantity": self._books.kept(card.order.number, line),
                    "ProcurementBU": self._procurement,
                    "LastUpdateDate": changed,
                }
                yield {**table.render(values), KEY: opaque("purchaseOrderSchedules", key)}

    def life_cycle(self, order_id: int) -> Row | None:
        """One order's receipts and invoices; the collection itself cannot be read."""
        number = self._ids.find("order", order_id)
        if number is None:
            return None
        table = self._table("purchaseOrderLifeCycleDetails")
        row = table.render({"POHeaderId": order_id, "OrderNumber": number})
        row["receipts"] = list(self._receipts(number, table.children["receipts"]))
        row["invoices"] = list(self._payables.of_order(number, table.children["invoices"]))
        return {**row, KEY: str(order_id)}

    def _receipts(self, number: str, table: Resource) -> Iterator[Row]:
        for receipt in self._company.purchasing.receipts_of(number):
            for received in receipt.lines:
                line = self._company.purchasing.line(number, received.order_line_id)
                place = place_of(line.line_id)
                values = {
                    "ReceiptId": self._ids.of("receipt", receipt.number),
                    "Receipt": receipt.number,
                    "ReceiptDate": day(receipt.received_on),
                    "LineNumber": place[0],
                    "ScheduleNumber": place[1],
                    "ItemOrScheduleDescription": line.description,
                    "ReceivedQuantity": max(received.quantity, Decimal(0)),
                    "ReturnedQuantity": max(received.quantity, Decimal(0)) - received.kept,
                    "UOMCode": unit_of(line.unit),
                    "ShipmentNumber": receipt.delivery_note,
                    "LineNumberScheduleNumber": f"{place[0]}-{place[1]}",
                }
                yield {**table.render(values), KEY: opaque("receipt line", f"{receipt.number}/{place}")}
