"""Orders and receipts of Oracle in our terms. Pure.

- Matching happens on schedules. A line's first schedule has the line's number with us (`3`), further ones
  both numbers (`3-2`), as Oracle writes them in its pages.
- What is ordered stands in the order, what was received and billed in its life cycle. Oracle lists an
  invoice there as soon as it is created; with us it is billed when it is validated.
- Prices are for one unit, after discount.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tools.domain.documents import GoodsReceipt, OrderLine, OrderState, PurchaseOrder, ReceiptLine
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.domain.money import Money
from tools.erp.oracle import wire_orders as wire
from tools.erp.oracle.mapping import Setup, digest

_NOT_BILLED = frozenset({"not validated", "never validated", "unvalidated", "needs revalidation", "canceled"})


def order_state(code: str) -> OrderState:
    """`CLOSED_FOR_RECEIVING` still waits for invoices. A code nobody knows counts as open: an invoice is
    then matched, and Oracle decides."""
    code = code.upper().replace(" ", "_")
    if "CANCEL" in code:
        return OrderState.CANCELLED
    if code in ("CLOSED", "FINALLY_CLOSED", "CLOSED_FOR_INVOICING"):
        return OrderState.CLOSED
    if code == "INCOMPLETE" or code.startswith(("PENDING", "REJECTED")):
        return OrderState.DRAFT
    return OrderState.OPEN


def line_id(line_number: Decimal, schedule_number: Decimal) -> str:
    first = f"{line_number.normalize():f}"
    return first if schedule_number == 1 else f"{first}-{schedule_number.normalize():f}"


def schedule_of(order_line_id: str) -> tuple[Decimal, Decimal]:
    """Line and schedule number of one of our line ids. Raises ValueError for anything else."""
    line, _, schedule = order_line_id.partition("-")
    if not line.isdigit() or not (schedule or "1").isdigit():
        raise ValueError(f"{order_line_id} is no line of an Oracle order")
    return Decimal(line), Decimal(schedule or "1")


def order(row: wire.Order, cycle: wire.LifeCycle, supplier_number: str, setup: Setup) -> PurchaseOrder:
    lines = sorted(row.lines, key=lambda line: line.line_number)
    return PurchaseOrder(
        number=OrderNumber(row.order_number),
        company=setup.company,
        supplier_id=SupplierId(supplier_number),
        currency=row.currency_code,
        state=order_state(row.status_code),
        ordered_on=row.order_date,
        buyer=row.buyer or None,
        lines=tuple(
            _order_line(line, schedule, row, cycle, setup)
            for line in lines
            for schedule in sorted(line.schedules, key=lambda each: each.schedule_number)
        ),
        version=digest(row.model_dump_json(), _counted(cycle).model_dump_json()),
    )


def _order_line(
    line: wire.OrderLine, schedule: wire.Schedule, order: wire.Order, cycle: wire.LifeCycle, setup: Setup
) -> OrderLine:
    received, billed = _fulfilled(line.line_number, schedule.schedule_number, cycle)
    return OrderLine(
        line_id=line_id(line.line_number, schedule.schedule_number),
        item_number=line.item or None,
        description=line.description,
        unit=setup.unit(line.uom_code, line.uom),
        ordered=schedule.quantity if schedule.quantity is not None else line.quantity or Decimal(0),
        received=received,
        invoiced=billed,
        unit_price=Money(amount=line.price or Decimal(0), currency=order.currency_code),
        receipt_required=schedule.receipt_required_flag is not False,
        cancelled="CANCEL" in line.status_code.upper(),
        expected_on=schedule.promised_delivery_date or schedule.requested_delivery_date,
    )


def _counted(cycle: wire.LifeCycle) -> wire.LifeCycle:
    """The life cycle without invoices that are not validated: an own one, taken up again after a broken
    attempt, must not look like a change of the order."""
    kept = tuple(row for row in cycle.invoices if row.invoice_status.casefold() not in _NOT_BILLED)
    return cycle.model_copy(update={"invoices": kept})


def _fulfilled(line: Decimal, schedule: Decimal, cycle: wire.LifeCycle) -> tuple[Decimal, Decimal]:
    """Received less returned, and matched by invoices, of one schedule."""
    received = sum(
        (
            (row.received_quantity or Decimal(0)) - (row.returned_quantity or Decimal(0))
            for row in cycle.receipts
            if (row.line_number, row.schedule_number) == (line, schedule)
        ),
        Decimal(0),
    )
    billed = sum(
        (
            row.matched_quantity or Decimal(0)
            for row in _counted(cycle).invoices
            if row.line_number == line and _schedule_of(row) == schedule
        ),
        Decimal(0),
    )
    return received, billed


def _schedule_of(row: wire.OrderInvoice) -> Decimal:
    """`3-2` names the second schedule of line 3; without it the first is meant."""
    last = row.line_number_schedule_number.rpartition("-")[2].strip()
    return Decimal(last) if "-" in row.line_number_schedule_number and last.isdigit() else Decimal(1)


def receipts(number: str, cycle: wire.LifeCycle, setup: Setup) -> list[GoodsReceipt]:
    """The receipts of an order, one for each receipt number; what was returned is taken off its line."""
    found: dict[str, list[wire.OrderReceipt]] = {}
    for row in cycle.receipts:
        found.setdefault(row.receipt, []).append(row)
    return [
        GoodsReceipt(
            number=receipt,
            order_number=OrderNumber(number),
            received_on=rows[0].receipt_date or date.min,
            lines=tuple(
                ReceiptLine(
                    order_line_id=line_id(row.line_number, row.schedule_number),
                    description=row.item_or_schedule_description or None,
                    quantity=(row.received_quantity or Decimal(0)) - (row.returned_quantity or Decimal(0)),
                    unit=setup.unit(row.uom_code),
                )
                for row in sorted(rows, key=lambda each: (each.line_number, each.schedule_number))
            ),
        )
        for receipt, rows in found.items()
    ]
