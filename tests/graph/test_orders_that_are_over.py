"""A document that names an order which its supplier cannot bill: his open orders are offered."""

from __future__ import annotations

from tests.graph.office import Office
from tests.graph.papers import AWAITED, BRACKETS, PLAIN, a_document
from tools.domain.documents import OrderState


async def test_beside_a_closed_order_the_open_ones_of_the_supplier_are_offered(plain_office: Office) -> None:
    plain_office.books.purchasing.change_state(PLAIN, OrderState.CLOSED)
    case = await plain_office.take_in(a_document(rows=(BRACKETS,)))
    assert "bad_po" in case.blocks
    offered = await plain_office.options(case)
    assert f"order:{AWAITED}" in offered
    assert f"order:{PLAIN}" not in offered


async def test_an_order_that_is_not_released_waits_for_its_buyer_alone(plain_office: Office) -> None:
    plain_office.books.purchasing.change_state(PLAIN, OrderState.DRAFT)
    case = await plain_office.take_in(a_document(rows=(BRACKETS,)))
    assert "bad_po" in case.blocks
    assert not any(option.startswith("order:") for option in await plain_office.options(case))
