"""Milliseconds an invoice line: all checks of a document against a plain join by order line number.

The baseline is what a script would do: look the order line up by item number, compare price and quantity
exactly, no tolerance, no unit, no words for anybody. It shows what the arithmetic itself costs.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.table import Table

from evals.machine import describe
from tools.domain.company import CompanyProfile
from tools.domain.documents import (
    DocumentFormat,
    DocumentType,
    GoodsReceipt,
    Invoice,
    InvoiceLine,
    OrderLine,
    OrderState,
    Party,
    PurchaseOrder,
    ReceiptLine,
)
from tools.domain.identifiers import CompanyId, OrderNumber, SupplierId
from tools.domain.money import Money
from tools.domain.supplier import Supplier
from tools.matching.engine import assess
from tools.matching.facts import Facts
from tools.matching.preset_files import policy

SIZES = (5, 20, 150)
_ORDER, _SUPPLIER, _COMPANY = OrderNumber("PO-1"), SupplierId("S-1"), CompanyId("DEMO")
_DAY = date(2026, 3, 16)


class Row(BaseModel):
    """One size under one policy; milliseconds a line, median and 95th percentile of all rounds."""

    model_config = ConfigDict(frozen=True)

    lines: int
    policy: str
    rounds: int
    findings: int
    median: float
    high: float
    join: float
    """The plain join, median milliseconds a line."""

    @property
    def ratio(self) -> float:
        return self.median / self.join


class Report(BaseModel):
    model_config = ConfigDict(frozen=True)

    machine: str
    rows: tuple[Row, ...]


def run(rounds: int = 30) -> Report:
    """Every size under the default tolerances and under SAP's keys; every fifth line is off a little."""
    rows = [_measure(size, name, rounds) for size in SIZES for name in ("default", "sap_s4")]
    return Report(machine=describe(), rows=tuple(rows))


def print_report(report: Report, console: Console) -> None:
    """One row for each size and policy; processor time, so that the machine's other work does not count."""
    table = Table(
        "lines", "policy", "findings", "ms/line", "p95", "plain join", "ratio", title=report.machine
    )
    for row in report.rows:
        figures = (f"{row.median:.3f}", f"{row.high:.3f}", f"{row.join:.5f}", f"{row.ratio:.0f}")
        table.add_row(str(row.lines), row.policy, str(row.findings), *figures)
    console.print(table)


def _measure(size: int, name: str, rounds: int) -> Row:
    facts = made_up(size, name)
    findings = len(assess(facts).discrepancies)
    ours = _times(lambda: assess(facts), rounds)
    join = _times(lambda: plain_join(facts.invoice, facts.orders[0]), rounds)
    return Row(
        lines=size,
        policy=name,
        rounds=rounds,
        findings=findings,
        median=statistics.median(ours) / size * 1000,
        high=statistics.quantiles(ours, n=20)[-1] / size * 1000,
        join=statistics.median(join) / size * 1000,
    )


def _times(work: Callable[[], object], rounds: int) -> list[float]:
    """Seconds of processor time of each round: other programs on the machine do not count."""
    found = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return found


def plain_join(invoice: Invoice, order: PurchaseOrder) -> list[str]:
    """Lines whose price or quantity is not exactly the order's."""
    known = {line.item_number: line for line in order.lines}
    different = []
    for line in invoice.lines:
        wanted = known.get(line.buyer_item_id)
        price = line.unit_price.amount if line.unit_price is not None else None
        if wanted is None or (price, line.quantity) != (wanted.unit_price.amount, wanted.ordered):
            different.append(line.line_id or "")
    return different


def made_up(size: int, name: str) -> Facts:
    """An invoice for one order with a receipt in the warehouse's own rows."""
    order_lines = tuple(_order_line(at) for at in range(size))
    lines = tuple(_invoice_line(at) for at in range(size))
    net = sum((line.net_amount.amount for line in lines if line.net_amount is not None), Decimal(0))
    return Facts(
        invoice=_invoice(lines, Money.of(net, "EUR")),
        supplier=Supplier(supplier_id=_SUPPLIER, name="Made-up Supplies", country="NL"),
        profile=CompanyProfile(company=_COMPANY, names=("Demo",), rounding_account="4990"),
        policy=policy(name),
        today=_DAY,
        orders=(
            PurchaseOrder(
                number=_ORDER,
                company=_COMPANY,
                supplier_id=_SUPPLIER,
                currency="EUR",
                state=OrderState.OPEN,
                lines=order_lines,
                version="1",
            ),
        ),
        receipts=(
            GoodsReceipt(
                number="GR-1",
                order_number=_ORDER,
                received_on=_DAY,
                lines=tuple(
                    ReceiptLine(order_line_id=line.line_id, quantity=line.ordered, unit=line.unit)
                    for line in order_lines
                ),
            ),
        ),
    )


def _order_line(at: int) -> OrderLine:
    return OrderLine(
        line_id=str(at + 1),
        item_number=f"A-{at:04}",
        description=f"Hex bolt M{at % 12 + 4} x {at % 60 + 10} zinc plated",
        unit="H87",
        ordered=Decimal(10 + at % 7),
        unit_price=Money.of(f"{3 + at % 50}.25", "EUR"),
    )


def _invoice_line(at: int) -> InvoiceLine:
    """Every fifth line is a tenth dearer than ordered."""
    wanted = _order_line(at)
    price = wanted.unit_price.amount * (Decimal("1.10") if at % 5 == 4 else 1)
    return InvoiceLine(
        line_id=str(at + 1),
        description=wanted.description,
        quantity=wanted.ordered,
        unit="H87",
        unit_price=Money.of(price, "EUR"),
        net_amount=Money.of(price * wanted.ordered, "EUR").rounded(),
        buyer_item_id=wanted.item_number,
        tax_rate=Decimal(0),
        tax_category="Z",
    )


def _invoice(lines: tuple[InvoiceLine, ...], net: Money) -> Invoice:
    return Invoice(
        document_type=DocumentType.INVOICE,
        type_code="380",
        format=DocumentFormat.UBL,
        number="R-1",
        issue_date=_DAY,
        currency="EUR",
        supplier=Party(name="Made-up Supplies"),
        buyer=Party(name="Demo"),
        order_number=_ORDER,
        lines=lines,
        net_total=net,
        tax_total=Money.zero("EUR"),
        gross_total=net,
    )
