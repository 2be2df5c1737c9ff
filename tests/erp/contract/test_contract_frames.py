"""Frame orders: an ERP either tells their limits, or they are not read as orders at all."""

from __future__ import annotations

from datetime import date

import pytest

from tests.erp.under_test import ErpUnderTest
from tests.erp.world import ORDERS, PARTLY_RECEIVED
from tools.domain.identifiers import OrderNumber
from tools.domain.money import Money
from tools.erp.contract import Capability

FRAME = OrderNumber("451999")
LIMITS = {
    "value": {"value_limit": Money.of("5000", "EUR")},
    "end": {"valid_to": date(2026, 12, 31)},
    "beginning": {"valid_from": date(2026, 1, 1)},
}


def with_a_frame(under_test: ErpUnderTest, limit: str) -> None:
    """Beside the orders of the world, one more as PARTLY_RECEIVED, with a limit."""
    orders = under_test.company.books.orders
    card = orders[PARTLY_RECEIVED]
    frame = card.order.model_copy(update={"number": FRAME, **LIMITS[limit]})
    orders[FRAME] = card.model_copy(update={"order": frame})


@pytest.mark.parametrize("limit", LIMITS)
async def test_a_frame_order_is_read_with_its_limit_or_not_at_all(
    under_test: ErpUnderTest, limit: str
) -> None:
    with_a_frame(under_test, limit)
    read = await under_test.erp.orders([FRAME, PARTLY_RECEIVED])
    supplier = ORDERS[PARTLY_RECEIVED].supplier_id
    candidates = (await under_test.erp.orders_of([supplier]))[supplier]
    found = [order for order in (*read.values(), *candidates) if order.number == FRAME]
    assert PARTLY_RECEIVED in read, "a plain order is no frame"
    if Capability.READ_ORDER_LIMITS not in under_test.erp.capabilities:
        assert found == []
        return
    told = [{name: getattr(order, name) for name in LIMITS[limit]} for order in found]
    assert told == [LIMITS[limit], LIMITS[limit]]
