"""Inspected goods: an ERP either tells what was accepted, or what was refused does not count as received."""

from __future__ import annotations

from decimal import Decimal

from tests.erp.under_test import ErpUnderTest
from tests.erp.world import PARTLY_RECEIVED


async def test_what_inspection_refused_is_told_or_is_not_received(under_test: ErpUnderTest) -> None:
    purchasing = under_test.company.purchasing
    receipt = purchasing.receipts_of(PARTLY_RECEIVED)[0]
    row = next(row for row in receipt.lines if row.quantity > 1)
    before = purchasing.line(PARTLY_RECEIVED, row.order_line_id).received
    purchasing.inspect(receipt.number, row.order_line_id, row.quantity - 1)
    order = (await under_test.erp.orders([PARTLY_RECEIVED]))[PARTLY_RECEIVED]
    line = next(line for line in order.lines if line.line_id == row.order_line_id)
    receipts = (await under_test.erp.receipts([PARTLY_RECEIVED]))[PARTLY_RECEIVED]
    came = [entry for found in receipts for entry in found.lines if found.number == receipt.number]
    kept = {entry.quantity if entry.accepted is None else entry.accepted for entry in came}
    assert row.quantity - 1 in kept
    assert line.accepted is not None or line.received == before - 1


async def test_goods_that_nobody_inspected_count_as_received(under_test: ErpUnderTest) -> None:
    order = (await under_test.erp.orders([PARTLY_RECEIVED]))[PARTLY_RECEIVED]
    held = under_test.company.purchasing.order(PARTLY_RECEIVED)
    assert [line.received for line in order.lines] == [line.received for line in held.lines]
    assert any(line.received > Decimal(0) for line in order.lines)
