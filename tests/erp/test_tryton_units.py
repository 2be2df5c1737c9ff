"""Quantities are in the order line's unit by Tryton's own factors, or the line is refused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.erp.clocks import StillClock
from tests.erp.orders import a_line, an_invoice, approved
from tests.erp.test_tryton_connector import a_desk
from tests.erp.tryton_setup import settings
from tests.erp.world import COMPANY, PARTLY_RECEIVED, TODAY
from tools.domain.actions import CreateGoodsReceipt, ReceivedLine
from tools.domain.decision import PostingState
from tools.erp.errors import ErpRejected
from tools.erp.tryton import connector
from tools.erp.tryton.setup import in_unit
from tools.erp.tryton.wire import Unit

PIECES, WEIGHT = 1, 2


def a_unit(key: int, symbol: str, factor: str, rate: str, category: int = PIECES) -> Unit:
    return Unit(id=key, symbol=symbol, factor=Decimal(factor), rate=Decimal(rate), category=category)


PIECE = a_unit(1, "u", "1", "1")
PALLET = a_unit(2, "Pallet", "480", "0.002083333333")
BOX = a_unit(3, "box", "12", "0.083333333333")
ROLL = a_unit(4, "rol", "7", "0.142857142857")
SEVENTH = a_unit(5, "part", "0.142857142857", "7")
KILO = a_unit(6, "kg", "1", "1", WEIGHT)


@pytest.mark.parametrize(
    ("quantity", "source", "target", "found"),
    [
        ("960", PIECE, PALLET, "2"),
        ("2", PALLET, PIECE, "960"),
        ("3", BOX, PIECE, "36"),
        ("2", PALLET, BOX, "80"),
        ("1", ROLL, PIECE, "7"),
        ("21", SEVENTH, PIECE, "3"),
        ("5", BOX, BOX, "5"),
    ],
)
def test_a_companys_own_units_count_what_tryton_says(
    quantity: str, source: Unit, target: Unit, found: str
) -> None:
    assert in_unit(Decimal(quantity), source, target) == Decimal(found)


def test_units_of_two_categories_and_units_without_a_factor_are_refused() -> None:
    with pytest.raises(ErpRejected, match="in kg and in u, which are not of one category"):
        in_unit(Decimal(1), KILO, PIECE)
    with pytest.raises(ErpRejected, match="unit x has no factor"):
        in_unit(Decimal(1), a_unit(7, "x", "0", "0"), PIECE)


class OnPallets(httpx.AsyncBaseTransport):
    """Orders are in pallets of 480, movements and invoices in pieces."""

    def __init__(self, network: httpx.AsyncBaseTransport) -> None:
        self._network = network

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._network.handle_async_request(request)
        if b"purchase.purchase.search_read" not in request.content:
            return answer
        body = json.loads(await answer.aread())
        pallet = {"id": 901, "symbol": "Pallet", "factor": 480, "rate": 0.002083333333, "category": 9}
        piece = {"id": 902, "symbol": "u", "factor": 1, "rate": 1, "category": 9}
        for line in (line for row in body["result"] for line in row.get("lines.", [])):
            line |= {"unit.": pallet, "quantity": 2}
            for part in [*line["moves."], *line["invoice_lines."]]:
                part |= {"unit.": piece, "quantity": 480}
        return httpx.Response(200, json=body)


async def test_what_arrived_in_pieces_is_told_in_the_pallets_that_were_ordered() -> None:
    desk = a_desk()
    erp = connector.connect(settings(), transport=OnPallets(desk.recorder), clock=StillClock())
    (order,) = (await erp.orders([PARTLY_RECEIVED])).values()
    (before,) = (await desk.erp.orders([PARTLY_RECEIVED])).values()
    receipts = (await erp.receipts([PARTLY_RECEIVED]))[PARTLY_RECEIVED]
    await erp.close()
    counted = {line.line_id: line.received for line in order.lines}
    arrived: dict[str, Decimal] = {line.line_id: Decimal(0) for line in before.lines}
    for line in (line for receipt in receipts for line in receipt.lines):
        assert line.unit == "H87"
        arrived[line.order_line_id or ""] += line.quantity
    assert counted == {key: quantity / 480 for key, quantity in arrived.items()}
    assert max(counted.values()) == 2


async def test_a_billed_quantity_in_a_unit_that_tryton_does_not_have_is_refused() -> None:
    """Without a unit the order line would count it in its own."""
    desk = a_desk()
    (order,) = (await desk.erp.orders([PARTLY_RECEIVED])).values()
    line = a_line(
        "20.00",
        quantity=Decimal(2),
        unit="TNE",
        order_number=order.number,
        order_line_id=order.lines[0].line_id,
    )
    with pytest.raises(ErpRejected, match="no unit TNE"):
        await desk.erp.write(approved(an_invoice("20.00", "4.20", lines=(line,))))
    assert desk.called("account.invoice.create") == 0


class InBoxes(httpx.AsyncBaseTransport):
    """A person put the open movements into another unit."""

    def __init__(self, network: httpx.AsyncBaseTransport) -> None:
        self._network = network

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._network.handle_async_request(request)
        if b"stock.move.search_read" not in request.content:
            return answer
        body: Any = json.loads(await answer.aread())
        for row in body["result"]:
            row["unit"] = 777
        return httpx.Response(200, json=body)


async def test_goods_are_not_received_in_another_unit_than_the_orders() -> None:
    desk = a_desk()
    (order,) = (await desk.erp.orders([PARTLY_RECEIVED])).values()
    action = CreateGoodsReceipt(
        company=COMPANY,
        order_number=PARTLY_RECEIVED,
        delivery_note="LS-1",
        received_on=TODAY,
        lines=(ReceivedLine(order_line_id=order.lines[2].line_id, quantity=Decimal(1)),),
    )
    erp = connector.connect(settings(), transport=InBoxes(desk.recorder), clock=StillClock())
    with pytest.raises(ErpRejected, match="in another unit than its order line"):
        await erp.write(approved(action))
    await erp.close()
    assert desk.called("stock.shipment.in.create") == 0
    assert (await desk.erp.write(approved(action))).state is PostingState.POSTED
