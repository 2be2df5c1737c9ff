"""Makes `world.json` and `verified_accounts.csv` from the plan and the documents' own values.

    python -m evals.demo.build_world

Needs nothing outside this folder, and the same input gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from evals.demo import chart
from evals.demo.plan import (
    FOLDER,
    AddedLine,
    LineChange,
    OrderPlan,
    Plan,
    PostedPlan,
    Printed,
    PrintedLine,
    SupplierPlan,
    read_documents,
    read_plan,
)
from tools.domain.documents import OrderLine, OrderState, PurchaseOrder
from tools.domain.identifiers import CompanyId, OrderNumber, SupplierId
from tools.domain.money import Money
from tools.domain.supplier import Supplier
from tools.domain.units import unit_code
from tools.erp.contract import PostingWindow
from tools.erp.sandbox.books import DocumentLine, Item, ReceivedQuantity
from tools.erp.sandbox.world import World, WorldInvoice, WorldReceipt, WorldSupplier

WINDOW = PostingWindow(first_open=date(2010, 1, 1), last_open=date(2030, 12, 31))
_ORDERED_BEFORE, _RECEIVED_BEFORE = timedelta(days=30), timedelta(days=7)
"""How long before the first invoice an order was placed and its goods came."""
_STEP = 10000
"""Business Central numbers lines in steps of ten thousand."""
_HOW = "call-back to the number in the contract"


class Builder:
    """Turns a plan into the records of a world."""

    def __init__(self, plan: Plan, documents: Mapping[str, Printed]) -> None:
        self._plan = plan
        self._documents = documents
        self._suppliers = {entry.number: entry for entry in plan.supplier}
        self.items: dict[str, Item] = {}
        self._lines: dict[tuple[str, str], str] = {}
        """(order, printed line's key) -> order line id."""

    def world(self) -> World:
        orders = tuple(self._order(entry) for entry in self._plan.order)
        return World(
            settings=chart.SETTINGS,
            posting_window=WINDOW,
            units=chart.UNITS,
            accounts=chart.ACCOUNTS,
            tax_codes=chart.TAX_CODES,
            items=tuple(self.items.values()),
            rates=chart.RATES,
            suppliers=tuple(WorldSupplier(supplier=self._supplier(entry)) for entry in self._plan.supplier),
            orders=orders,
            receipts=tuple(self._receipts(orders)),
            invoices=tuple(self._posted(entry, orders) for entry in self._plan.posted),
        )

    def _supplier(self, entry: SupplierPlan) -> Supplier:
        printed = self._documents[entry.document].supplier
        values = printed.model_dump(exclude_none=True) | dict(entry.changes)
        currency = None if entry.currency == chart.SETTINGS.currency else entry.currency
        return Supplier(
            supplier_id=SupplierId(entry.number),
            currency=currency,
            block=entry.block,
            version="1",
            **values,
        )

    def accounts(self) -> Iterator[tuple[str, str]]:
        """(supplier, verified account): planned, else those its invoices ask to be paid on."""
        for entry in self._plan.supplier:
            known = entry.accounts
            if known is None:
                sender = self._documents[entry.document].supplier
                asked = (
                    iban
                    for document in self._documents.values()
                    if not document.credit_note and _is_same(document, sender.name, sender.vat_id)
                    for iban in document.ibans
                )
                known = tuple(dict.fromkeys(asked))
            yield from ((entry.number, iban) for iban in known)

    def _order(self, plan: OrderPlan) -> PurchaseOrder:
        documents = [self._documents[path] for path in plan.documents]
        lines: list[OrderLine] = []
        for document in documents:
            for position, printed in enumerate(document.lines):
                key = document.line_key(position)
                if key not in plan.without:
                    lines.append(self._line(plan, key, printed, (len(lines) + 1) * _STEP))
        lines += [
            _added(plan, line, (len(lines) + place) * _STEP) for place, line in enumerate(plan.added, start=1)
        ]
        return PurchaseOrder(
            number=OrderNumber(plan.number),
            company=CompanyId(chart.COMPANY),
            supplier_id=SupplierId(self._suppliers[plan.supplier].number),
            currency=plan.currency,
            state=OrderState.OPEN,
            ordered_on=min(document.issue_date for document in documents) - _ORDERED_BEFORE,
            buyer="BERGER",
            lines=tuple(lines),
            version="1",
        )

    def _line(self, plan: OrderPlan, key: str, printed: PrintedLine, number: int) -> OrderLine:
        change = plan.changes.get(key, LineChange())
        service = plan.is_service(key)
        unit = change.unit or unit_code(printed.unit) or printed.unit or "H87"
        text = change.text or printed.text
        price, base, discount = _price(printed, change)
        ordered = _stated(change.ordered, printed.quantity or Decimal(1))
        self._lines[plan.number, key] = str(number)
        item = None if service else self._item(plan, printed, text, unit, number)
        return OrderLine(
            line_id=str(number),
            item_number=item,
            account=chart.SERVICES if service else None,
            description=text,
            unit=unit,
            ordered=ordered,
            received=Decimal(0) if service else _stated(change.received, ordered),
            unit_price=Money(amount=price, currency=plan.currency),
            price_base=base,
            discount_percent=discount,
            tax_code=_tax_code(printed.rate),
            tax_rate=printed.rate,
            receipt_required=not service,
        )

    def _item(self, plan: OrderPlan, printed: PrintedLine, text: str, unit: str, number: int) -> str:
        """Our own item number where the document prints it, else one made from order and line."""
        place = [entry.number for entry in self._plan.order].index(plan.number) + 1
        name = printed.item or f"ART-{place:02d}{number // _STEP:02d}"
        self.items.setdefault(
            name, Item(number=name, description=text, unit=unit, inventory_account=chart.INVENTORY)
        )
        return name

    def _receipts(self, orders: Iterable[PurchaseOrder]) -> Iterator[WorldReceipt]:
        by_number = {order.number: order for order in orders}
        for place, plan in enumerate(self._plan.order, start=1):
            order = by_number[OrderNumber(plan.number)]
            came = tuple(
                ReceivedQuantity(order_line_id=line.line_id, quantity=line.received)
                for line in order.lines
                if line.received
            )
            if came and order.ordered_on is not None:
                yield WorldReceipt(
                    number=f"GR-{200000 + place}",
                    order_number=plan.number,
                    delivery_note=f"LS-{place:04d}",
                    received_on=order.ordered_on + _ORDERED_BEFORE - _RECEIVED_BEFORE,
                    lines=came,
                )

    def _posted(self, plan: PostedPlan, orders: Iterable[PurchaseOrder]) -> WorldInvoice:
        lines = [
            DocumentLine(
                description=line.text,
                account=line.account,
                quantity=line.quantity,
                unit_price=line.net / line.quantity,
                net_amount=line.net,
                tax_code=line.tax,
            )
            for line in plan.lines
        ]
        order = next((order for order in orders if order.number == plan.order), None)
        lines += [] if order is None else [self._billed(order, *billed) for billed in plan.bills.items()]
        return WorldInvoice(
            number=plan.number,
            supplier_id=plan.supplier,
            supplier_number=plan.theirs,
            invoice_date=plan.date,
            posting_date=plan.date,
            due_date=plan.date + timedelta(days=30),
            currency="EUR",
            lines=tuple(lines),
            paid_on=plan.paid,
        )

    def _billed(self, order: PurchaseOrder, key: str, quantity: Decimal) -> DocumentLine:
        line = next(line for line in order.lines if line.line_id == self._lines[order.number, key])
        return DocumentLine(
            description=line.description,
            quantity=quantity,
            unit=line.unit,
            unit_price=line.unit_price.amount / line.price_base,
            tax_code=line.tax_code,
            order_number=order.number,
            order_line_id=line.line_id,
        )


def _is_same(document: Printed, name: str, vat_id: str | None) -> bool:
    sender = document.supplier
    return sender.name.casefold() == name.casefold() and sender.vat_id == vat_id


def _stated(value: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if value is None else value


def _tax_code(rate: Decimal | None) -> str | None:
    """By rate alone: documents print the category beside it, an order need not know it."""
    if rate is None:
        return None
    return chart.TAX_CODE_OF[f"S:{rate.normalize():f}"] if rate else "EXEMPT"


def _price(printed: PrintedLine, change: LineChange) -> tuple[Decimal, Decimal, Decimal]:
    """Price, what it is for, and the discount in percent that the printed net amount shows."""
    if change.price is not None:
        return change.price, _stated(change.base, Decimal(1)), Decimal(0)
    base, quantity = printed.base or Decimal(1), printed.quantity or Decimal(1)
    if printed.price is None:
        return (printed.net or Decimal(0)) / quantity, base, Decimal(0)
    value = printed.price * quantity / base
    net = value if printed.net is None else printed.net
    percent = Decimal(0) if not value else (100 * (value - net) / value).quantize(Decimal("0.01"))
    return printed.price, base, percent if percent >= 1 else Decimal(0)


def _added(plan: OrderPlan, line: AddedLine, number: int) -> OrderLine:
    return OrderLine(
        line_id=str(number),
        account=chart.SERVICES,
        description=line.text,
        unit="C62",
        ordered=line.ordered,
        unit_price=Money(amount=line.price, currency=plan.currency),
        tax_code=_tax_code(line.rate),
        tax_rate=line.rate,
        receipt_required=False,
    )


def world_text(world: World) -> str:
    """The world file's text: fields at their default are left out."""
    return (
        json.dumps(world.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False, indent=1) + "\n"
    )


def accounts_text(accounts: Iterable[tuple[str, str]]) -> str:
    """CSV as `erp-agent suppliers` imports it."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("supplier_id", "iban", "how"))
    rows.writerows((supplier, iban, _HOW) for supplier, iban in accounts)
    return out.getvalue()


def main() -> None:
    builder = Builder(read_plan(), read_documents())
    (FOLDER / "world.json").write_text(world_text(builder.world()), encoding="utf-8")
    (FOLDER / "verified_accounts.csv").write_text(accounts_text(builder.accounts()), encoding="utf-8")


if __name__ == "__main__":
    main()
