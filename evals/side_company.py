"""The company of a discrepancy case, as a world of the sandbox ERP.

What the case's vectors leave out is filled in plainly: what an order line says was received or billed was
booked by a receipt or an invoice of the past.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from evals.resolution_world import World
from tools.domain.money import round_amount
from tools.domain.purchase import OrderLine, PurchaseOrder

_CONTROLS = {
    "payables": ("1600", "Suppliers"),
    "gr_ir": ("1610", "Goods received, not invoiced"),
    "price_variance": ("4910", "Price differences"),
    "bank": ("1100", "Bank"),
    "discount": ("4920", "Discounts received"),
}
_OTHERS = {"1300": "Inventory", "4000": "Costs", "4990": "Rounding", "4700": "Freight"}
_RATE = "0.9"
"""Company currency for one unit of any foreign currency; no case turns on it."""
_EARLIER = timedelta(days=40)


def world_file(world: World) -> Mapping[str, Any]:
    """The case's company as a world of the sandbox."""
    facts = world.facts
    orders = {order.number: order for order in (*facts.orders, *world.candidates)}
    names = {number: name for number, name in _CONTROLS.values()} | _OTHERS
    names |= {number: "Costs" for number in (facts.profile.default_account,) if number}
    currencies = {order.currency for order in orders.values()} | {facts.invoice.currency}
    return {
        "settings": {
            "company": facts.profile.company,
            "name": "Werk GmbH",
            "currency": "EUR",
            "controls": {name: number for name, (number, _) in _CONTROLS.items()},
            "default_tax_code": "NONE",
            "receipt_tolerance": "1000",
        },
        "posting_window": {"first_open": f"{facts.today - timedelta(days=700)}"},
        "units": sorted({line.unit for order in orders.values() for line in order.lines} | {"C62", "H87"}),
        "accounts": [
            {"number": number, "name": name, "direct_posting": number not in dict(_CONTROLS.values())}
            for number, name in names.items()
        ],
        "tax_codes": [{"code": "NONE", "category": "Z", "rate": "0"}, *_tax_codes(world)],
        "items": list(_items(orders.values())),
        "rates": {currency: [{"starting": "2000-01-01", "rate": _RATE}] for currency in currencies - {"EUR"}},
        "suppliers": list(_suppliers(world, orders.values())),
        "orders": [_order(order) for order in orders.values()],
        "receipts": list(_receipts(world, orders.values())),
        "invoices": list(_invoices(world, orders.values())),
    }


def _suppliers(world: World, orders: Iterable[PurchaseOrder]) -> Iterator[dict[str, Any]]:
    """The case's, and others that an order of the case belongs to."""
    own = world.facts.supplier
    yield {"supplier": {**own.model_dump(mode="json"), "version": "1"}}
    for other in sorted({order.supplier_id for order in orders} - {own.supplier_id}):
        yield {"supplier": {"supplier_id": other, "name": f"Supplier {other}", "version": "1"}}


def _tax_codes(world: World) -> Iterator[dict[str, str]]:
    for key, code in world.facts.profile.tax_codes.items():
        category, _, rate = key.partition(":")
        yield {"code": code, "category": category, "rate": rate, "input_account": "4000"}


def _items(orders: Iterable[PurchaseOrder]) -> Iterator[dict[str, str]]:
    lines = {line.item_number: line for order in orders for line in order.lines if line.item_number}
    for number, line in lines.items():
        yield {
            "number": number,
            "description": line.description or number,
            "unit": line.unit,
            "inventory_account": "1300",
        }


def _order(order: PurchaseOrder) -> dict[str, Any]:
    """What was received and billed follows from receipts and invoices."""
    told = order.model_dump(mode="json")
    for line in told["lines"]:
        line.update(received="0", invoiced="0")
    return told


def _receipts(world: World, orders: Iterable[PurchaseOrder]) -> Iterator[dict[str, Any]]:
    """Those of the case, then one for what else the order lines say came."""
    back = _returned(world)
    for receipt in world.facts.receipts:
        lines = []
        for line in receipt.lines:
            key = (receipt.order_number, line.order_line_id)
            kept = line.quantity - min(max(line.quantity, Decimal(0)), back.get(key, Decimal(0)))
            back[key] = back.get(key, Decimal(0)) - (line.quantity - kept)
            if kept > 0:
                lines.append({"order_line_id": line.order_line_id, "quantity": str(kept)})
        if not lines:
            continue
        yield {
            "number": receipt.number,
            "order_number": receipt.order_number,
            "received_on": str(receipt.received_on),
            "lines": lines,
        }
    for order in orders:
        rest = {line.line_id: line.received for line in order.lines}
        for receipt in world.facts.receipts:
            for line in receipt.lines if receipt.order_number == order.number else ():
                if line.order_line_id in rest:
                    rest[line.order_line_id] -= line.quantity
        open_lines = [
            {"order_line_id": name, "quantity": str(left)} for name, left in rest.items() if left > 0
        ]
        if open_lines:
            yield {
                "number": f"GR-{order.number}",
                "order_number": order.number,
                "received_on": str(world.facts.today - _EARLIER),
                "lines": open_lines,
            }


def _returned(world: World) -> dict[tuple[str, str | None], Decimal]:
    """What went back, by order line: the books know no receipt below zero, so others are made smaller."""
    found: dict[tuple[str, str | None], Decimal] = {}
    for receipt in world.facts.receipts:
        for line in receipt.lines:
            if line.quantity < 0:
                key = (receipt.order_number, line.order_line_id)
                found[key] = found.get(key, Decimal(0)) - line.quantity
    return found


def _invoices(world: World, orders: Iterable[PurchaseOrder]) -> Iterator[dict[str, Any]]:
    """What is posted already: the documents of the case, and one for what an order's lines say was billed."""
    day, supplier = world.facts.today - _EARLIER, world.facts.supplier.supplier_id
    for posting in world.facts.postings:
        if posting.supplier_id is not None and posting.gross is not None:
            amount = str(posting.gross.amount)
            line = {"account": "4000", "quantity": "1", "unit_price": amount, "tax_code": "NONE"}
            when = posting.invoice_date or day
            theirs, currency = posting.supplier_number or "", posting.gross.currency
            yield _invoice(posting.number, supplier, theirs, when, currency, [line])
    for order in orders:
        lines = [
            {
                "order_number": order.number,
                "order_line_id": line.line_id,
                "quantity": str(billed),
                "net_amount": str(_value(world, order, line, billed)),
                "tax_code": "NONE",
            }
            for line in order.lines
            if (billed := _billed(world, order, line)) > 0
        ]
        if lines:
            theirs = f"EARLIER-{order.number}"
            yield _invoice(f"PI-{order.number}", supplier, theirs, day, order.currency, lines)


def _billed(world: World, order: PurchaseOrder, line: OrderLine) -> Decimal:
    """As the ERP counts it, and what the case says was billed beside."""
    beside = world.facts.billed.get((order.number, line.line_id))
    return line.invoiced + (beside.quantity if beside else Decimal(0))


def _value(world: World, order: PurchaseOrder, line: OrderLine, quantity: Decimal) -> Decimal:
    beside = world.facts.billed.get((order.number, line.line_id))
    if beside is not None and beside.value:
        return beside.value
    return round_amount(quantity * line.unit_price.amount / line.price_base, order.currency)


def _invoice(
    number: str, supplier: str, theirs: str, day: date, currency: str, lines: list[dict[str, str]]
) -> dict[str, Any]:
    return {
        "number": number,
        "supplier_id": supplier,
        "supplier_number": theirs,
        "invoice_date": str(day),
        "posting_date": str(day),
        "currency": currency,
        "lines": lines,
    }
