"""Inspection in the sandbox: what is accepted stands on the receipt and on the order line."""

from __future__ import annotations

from decimal import Decimal

from tests.erp.books import DAY, ORDER, a_company, refuses
from tools.erp.sandbox.refusal import Refusal


def test_what_inspection_accepts_counts_over_all_receipts() -> None:
    company = a_company()
    first = company.purchasing.receive(ORDER, {"10": Decimal(4)}, DAY).number
    second = company.purchasing.receive(ORDER, {"10": Decimal(6)}, DAY).number
    assert company.purchasing.line(ORDER, "10").accepted is None
    company.purchasing.inspect(first, "10", Decimal(4))
    company.purchasing.inspect(second, "10", Decimal(5), has_exception=True)
    assert company.purchasing.line(ORDER, "10").accepted == 9
    rows = [row for receipt in company.goods_receipts(ORDER) for row in receipt.lines]
    assert [(row.accepted, row.has_exception) for row in rows] == [
        (Decimal(4), False),
        (Decimal(5), True),
    ]


def test_an_inspection_changes_the_orders_version_so_that_nothing_is_posted_on_an_old_one() -> None:
    company = a_company()
    receipt = company.purchasing.receive(ORDER, {"10": Decimal(4)}, DAY).number
    before = company.purchasing.order(ORDER).version
    company.purchasing.inspect(receipt, "10", Decimal(0))
    assert company.purchasing.order(ORDER).version != before


def test_more_than_was_received_is_not_accepted() -> None:
    company = a_company()
    inspect = company.purchasing.inspect
    receipt = company.purchasing.receive(ORDER, {"10": Decimal(4)}, DAY).number
    refuses(company, Refusal.INVALID_VALUE, lambda: inspect(receipt, "10", Decimal(5)))
    refuses(company, Refusal.INVALID_VALUE, lambda: inspect(receipt, "20", Decimal(1)))
    refuses(company, Refusal.INVALID_VALUE, lambda: inspect("GR-0", "10", Decimal(1)))
