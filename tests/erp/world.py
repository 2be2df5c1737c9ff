"""The standard world as domain objects: what every ERP holds before a contract test begins.

One company, seven suppliers, orders with every difficulty a connector has to carry, two months of history.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.erp.chart import ACCOUNTS, COST_CENTRES, ITEMS, RATES, TAX_CODES
from tools.domain.decision import InvoiceKey
from tools.domain.documents import (
    DocumentType,
    GoodsReceipt,
    OrderLine,
    OrderState,
    PurchaseOrder,
    ReceiptLine,
)
from tools.domain.identifiers import CompanyId, OrderNumber, SupplierId
from tools.domain.money import Money
from tools.domain.supplier import BankAccount, Supplier, SupplierBlock
from tools.erp.contract import PostingWindow
from tools.erp.sandbox.books import (
    CompanySettings,
    ControlAccounts,
    DocumentLine,
    ReceivedQuantity,
)
from tools.erp.sandbox.world import World, WorldInvoice, WorldReceipt, WorldSupplier

COMPANY = CompanyId("NZT")
NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
WINDOW = PostingWindow(first_open=date(2026, 3, 1), last_open=date(2026, 3, 31))

OFFICE = SupplierId("10010")
TOOLS = SupplierId("10020")
DOLLARS = SupplierId("10030")
YEN = SupplierId("10040")
PAYMENT_BLOCKED = SupplierId("10050")
ALL_BLOCKED = SupplierId("10060")
BULK = SupplierId("10070")

PARTLY_RECEIVED = OrderNumber("451001")
CENTS = OrderNumber("451002")
PER_HUNDRED = OrderNumber("451003")
FULLY_BILLED = OrderNumber("451004")
IN_DOLLARS = OrderNumber("451005")
IN_YEN = OrderNumber("451006")
LONG = OrderNumber("451007")
SERVICE = OrderNumber("451008")
OF_BLOCKED = OrderNumber("451009")
MANY = tuple(OrderNumber(f"45{number}") for number in range(2001, 2051))  # for bulk reads
LONG_LINES = 64


def _supplier(supplier_id: SupplierId, name: str, **values: Any) -> Supplier:
    accounts = tuple(BankAccount(iban=iban, verified_by="master data") for iban in values.pop("ibans", ()))
    return Supplier(supplier_id=supplier_id, name=name, bank_accounts=accounts, version="1", **values)


SUPPLIERS: dict[SupplierId, Supplier] = {
    supplier.supplier_id: supplier
    for supplier in (
        _supplier(
            OFFICE,
            "Van Dijk Kantoor B.V.",
            vat_id="NL800000006B01",
            street="Keizersgracht 12",
            city="Amsterdam",
            postcode="1015 CS",
            country="NL",
            email="facturen@vandijk.example",
            phone="+31 20 555 0110",
            ibans=("NL64ABNA0417164301", "NL44RABO0123456789"),
        ),
        _supplier(
            TOOLS,
            "Müller & Söhne Werkzeugbau GmbH",
            vat_id="DE136695976",
            street="Bahnhofstraße 3",
            city="Düsseldorf",
            postcode="40210",
            country="DE",
            email="rechnung@mueller.example",
            ibans=("DE62370400440532013001",),
        ),
        _supplier(
            DOLLARS,
            "Pacific Components Inc.",
            city="Portland",
            country="US",
            currency="USD",
        ),
        _supplier(YEN, "Nippon Seiki K.K.", city="Nagaoka", country="JP", currency="JPY"),
        _supplier(
            PAYMENT_BLOCKED,
            "De Bruin Transport B.V.",
            vat_id="NL800000018B01",
            city="Rotterdam",
            country="NL",
            block=SupplierBlock.PAYMENT,
            ibans=("NL20INGB0001234567",),
        ),
        _supplier(
            ALL_BLOCKED,
            "Verlopen Handel B.V.",
            city="Utrecht",
            country="NL",
            block=SupplierBlock.ALL,
        ),
        _supplier(
            BULK,
            "Brugge Onderhoud NV",
            vat_id="BE0440367132",
            city="Brugge",
            country="BE",
            ibans=("BE68539007547034",),
        ),
    )
}


def an_order_line(
    line_id: str,
    description: str,
    ordered: str,
    price: str,
    *,
    currency: str = "EUR",
    received: str = "0",
    invoiced: str = "0",
    **values: Any,
) -> OrderLine:
    if "account" not in values:
        values.setdefault("item_number", "BRACKET")
    values.setdefault("unit", "H87")
    values.setdefault("tax_code", "S21")
    values.setdefault("tax_rate", Decimal(21))
    return OrderLine(
        line_id=line_id,
        description=description,
        ordered=Decimal(ordered),
        received=Decimal(received),
        invoiced=Decimal(invoiced),
        unit_price=Money.of(price, currency),
        **values,
    )


def _order(number: OrderNumber, supplier_id: SupplierId, lines: Iterable[OrderLine]) -> PurchaseOrder:
    kept = tuple(lines)
    return PurchaseOrder(
        number=number,
        company=COMPANY,
        supplier_id=supplier_id,
        currency=kept[0].unit_price.currency,
        state=OrderState.OPEN,
        ordered_on=date(2026, 1, 12),
        buyer="JANSEN",
        lines=kept,
        version="1",
    )


def _office_orders() -> tuple[PurchaseOrder, ...]:
    reduced = {"item_number": "PAPER", "unit": "XBX", "tax_code": "S9", "tax_rate": Decimal(9)}
    return (
        _order(
            PARTLY_RECEIVED,
            OFFICE,
            (
                an_order_line("10000", "Bracket, steel", "40", "10.00", received="25"),
                an_order_line(
                    "20000", "Paper A4", "12", "4.29", received="12", expected_on=date(2026, 3, 20), **reduced
                ),
                an_order_line("30000", "Bracket, brass", "5", "31.40"),
            ),
        ),
        _order(
            CENTS,
            OFFICE,
            (
                an_order_line("10000", "Washer", "3", "0.07", received="3"),
                an_order_line("20000", "Cable tie", "7", "0.145", received="7"),
                an_order_line("30000", "Cabinet", "1", "1999.99", received="1"),
                an_order_line(
                    "40000", "Sensor", "3", "33.335", received="3", discount_percent=Decimal("2.5")
                ),
            ),
        ),
    )


def _other_orders() -> tuple[PurchaseOrder, ...]:
    us = {"currency": "USD", "tax_code": "S0", "tax_rate": Decimal(0)}
    jp = {"currency": "JPY", "tax_code": "S0", "tax_rate": Decimal(0)}
    per_100 = {"item_number": "SCREW", "price_base": Decimal(100)}
    service = {"account": "4200", "unit": "MON", "receipt_required": False}
    return (
        _order(
            PER_HUNDRED,
            TOOLS,
            (an_order_line("10000", "Screw M4x20", "2500", "12.34", received="2500", **per_100),),
        ),
        _order(
            FULLY_BILLED,
            TOOLS,
            (an_order_line("10000", "Drill set", "6", "89.90", received="6", invoiced="6"),),
        ),
        _order(
            IN_DOLLARS, DOLLARS, (an_order_line("10000", "Controller", "8", "149.95", received="8", **us),)
        ),
        _order(IN_YEN, YEN, (an_order_line("10000", "Spindle", "2", "125000", received="2", **jp),)),
        _order(
            LONG,
            TOOLS,
            (
                an_order_line(str(10000 * n if n < 10 else 90000 + n), f"Part {n}", str(n), f"{n}.{n:02d}")
                for n in range(1, LONG_LINES + 1)
            ),
        ),
        _order(SERVICE, BULK, (an_order_line("10000", "Maintenance", "12", "250.00", **service),)),
        _order(OF_BLOCKED, ALL_BLOCKED, (an_order_line("10000", "Bracket", "10", "9.00", received="10"),)),
        *(
            _order(number, BULK, (an_order_line("10000", f"Visit {position}", "1", f"{position}.99"),))
            for position, number in enumerate(MANY, start=1)
        ),
    )


ORDERS: dict[OrderNumber, PurchaseOrder] = {
    order.number: order for order in (*_office_orders(), *_other_orders())
}


def _receipt(number: str, order: OrderNumber, day: date, **lines: str) -> WorldReceipt:
    return WorldReceipt(
        number=number,
        order_number=order,
        delivery_note=f"LS-{number}",
        received_on=day,
        lines=tuple(
            ReceivedQuantity(order_line_id=line_id.lstrip("_"), quantity=Decimal(quantity))
            for line_id, quantity in lines.items()
        ),
    )


RECEIPTS = (
    _receipt("500001", FULLY_BILLED, date(2026, 1, 20), _10000="4"),
    _receipt("500002", FULLY_BILLED, date(2026, 1, 27), _10000="2"),
    _receipt("500003", PARTLY_RECEIVED, date(2026, 2, 3), _10000="20", _20000="12"),
    _receipt("500004", PARTLY_RECEIVED, date(2026, 2, 17), _10000="5"),
    _receipt("500005", CENTS, date(2026, 2, 18), _10000="3", _20000="7", _30000="1", _40000="3"),
    _receipt("500006", PER_HUNDRED, date(2026, 2, 19), _10000="2500"),
    _receipt("500007", IN_DOLLARS, date(2026, 2, 24), _10000="8"),
    _receipt("500008", IN_YEN, date(2026, 2, 25), _10000="2"),
    _receipt("500009", OF_BLOCKED, date(2026, 2, 26), _10000="10"),
)


def _invoice(number: str, supplier_id: SupplierId, theirs: str, day: date, **values: Any) -> WorldInvoice:
    values.setdefault("currency", "EUR")
    return WorldInvoice(
        number=number,
        supplier_id=supplier_id,
        supplier_number=theirs,
        invoice_date=day,
        posting_date=day,
        **values,
    )


def _expense(description: str, net: str, account: str = "4100", tax_code: str = "S21") -> DocumentLine:
    return DocumentLine(
        description=description,
        account=account,
        unit_price=Decimal(net),
        net_amount=Decimal(net),
        tax_code=tax_code,
    )


HISTORY = (
    _invoice(
        "510001",
        TOOLS,
        "RE-2026/017",
        date(2026, 2, 2),
        due_date=date(2026, 3, 4),
        lines=(
            DocumentLine(
                description="Drill set",
                quantity=Decimal(6),
                unit="H87",
                unit_price=Decimal("89.90"),
                order_number=FULLY_BILLED,
                order_line_id="10000",
            ),
        ),
    ),
    _invoice(
        "510002",
        OFFICE,
        "VD-88001",
        date(2026, 1, 9),
        due_date=date(2026, 2, 8),
        lines=(_expense("Office supplies", "100.00"),),
        paid_on=date(2026, 2, 6),
    ),
    _invoice(
        "510003",
        DOLLARS,
        "INV-5531",
        date(2026, 2, 11),
        currency="USD",
        due_date=date(2026, 3, 13),
        lines=(_expense("Support plan", "480.50", "4200", "S0"),),
    ),
    _invoice(
        "520001",
        OFFICE,
        "VD-C-0012",
        date(2026, 2, 20),
        document_type=DocumentType.CREDIT_NOTE,
        preceding="510002",
        lines=(_expense("Returned supplies", "20.00"),),
    ),
)


def standard_world() -> World:
    """A fresh copy of nothing mutable: the same world for every test."""
    return World(
        settings=CompanySettings(
            company=COMPANY,
            name="Noordzee Techniek B.V.",
            currency="EUR",
            controls=ControlAccounts(
                payables="1600", gr_ir="1610", price_variance="4910", bank="1100", discount="4920"
            ),
            hold_reasons=("PRICE", "QUANTITY", "MANUAL"),
            digits_only=True,  # suits every ERP
        ),
        posting_window=WINDOW,
        units=("H87", "XBX", "MON", "KGM"),
        accounts=ACCOUNTS,
        tax_codes=TAX_CODES,
        cost_centres=COST_CENTRES,
        items=ITEMS,
        rates=RATES,
        suppliers=tuple(WorldSupplier(supplier=supplier) for supplier in SUPPLIERS.values()),
        orders=tuple(ORDERS.values()),
        receipts=RECEIPTS,
        invoices=HISTORY,
    )


def key_of(supplier_id: SupplierId, number: str, day: date, kind: str = "invoice") -> InvoiceKey:
    return InvoiceKey(
        company=COMPANY,
        supplier_id=supplier_id,
        document_type=DocumentType(kind),
        number=number,
        invoice_date=day,
    )


def goods_receipts() -> dict[OrderNumber, list[GoodsReceipt]]:
    """The receipts in our terms, by order."""
    found: dict[OrderNumber, list[GoodsReceipt]] = {}
    for receipt in RECEIPTS:
        number = OrderNumber(receipt.order_number)
        ordered = {line.line_id: line for line in ORDERS[number].lines}
        lines = tuple(
            ReceiptLine(
                order_line_id=line.order_line_id,
                item_number=ordered[line.order_line_id].item_number,
                description=ordered[line.order_line_id].description,
                quantity=line.quantity,
                unit=ordered[line.order_line_id].unit,
            )
            for line in receipt.lines
        )
        found.setdefault(number, []).append(
            GoodsReceipt(
                number=receipt.number, order_number=number, received_on=receipt.received_on, lines=lines
            )
        )
    return found


def ibans() -> set[str]:
    """Every bank account of a supplier."""
    return {account.iban for supplier in SUPPLIERS.values() for account in supplier.bank_accounts}
