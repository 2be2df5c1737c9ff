"""What AFAS rows mean: currencies, lines without an item, and rows that nothing can be made of."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.erp.afas_client import Bench
from tests.erp.world import ORDERS, PARTLY_RECEIVED, SERVICE
from tools.domain.money import Money
from tools.erp.afas import mapping, wire
from tools.erp.errors import ErpRejected
from tools.erp.reader import ErpReader
from tools.erp.sandbox.company import Company

SETUP = mapping.Setup("NZT", "EUR")


def an_invoice_row(**values: Any) -> wire.InvoiceRow:
    texts = {"CrId": "10030", "InId": "A1", "BpNr": "", "Fref": "A1", "JoCo": "10", "Ds": "", "Modi": "x"}
    days = {"BpDa": "2026-03-10T00:00:00Z", "EnDa": "2026-03-10T00:00:00Z"}
    amounts = {"AmIn": Decimal("92.00"), "AmCu": None, "AmOp": Decimal("92.00"), "AmOc": None, "CuId": "USD"}
    return wire.InvoiceRow.model_validate(
        {"UnId": 1, "EnNo": 5, "BlPa": False, **texts, **days, **amounts, **values}
    )


class Rows(httpx.AsyncBaseTransport):
    """Changes the rows of one GetConnector that `when` holds for."""

    def __init__(self, bench: Bench, connector: str, when: dict[str, Any], **values: Any) -> None:
        self._bench, self._connector, self._when, self._values = bench, connector, when, values

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._bench.recorder.handle_async_request(request)
        if not request.url.path.endswith(self._connector):
            return answer
        told = json.loads(await answer.aread())
        for row in told["rows"]:
            if all(row[name] == value for name, value in self._when.items()):
                row.update(self._values)
        return httpx.Response(200, json=told, request=request)


def test_a_base_amount_is_never_called_by_a_foreign_currency() -> None:
    row = an_invoice_row()
    posting, item = mapping.posting(row, SETUP), mapping.open_item(row, SETUP)
    assert (posting.gross, posting.net, posting.tax) == (None, None, None)
    assert (item.amount, item.remaining) == (Money.of("92.00", "EUR"), Money.of("92.00", "EUR"))


def test_a_foreign_document_without_tax_and_without_its_own_amount_has_no_net() -> None:
    posting = mapping.posting(an_invoice_row(AmVa=0), SETUP)
    assert (posting.gross, posting.net, posting.tax) == (None, None, Money.of(0, "USD"))


def test_a_foreign_document_is_told_in_its_currency() -> None:
    row = an_invoice_row(AmCu=Decimal("-100.00"), AmIn=Decimal("-92.00"))
    assert mapping.posting(row, SETUP).gross == Money.of("100.00", "USD")
    item = mapping.open_item(row, SETUP)
    assert (item.amount, item.remaining) == (Money.of("-100.00", "USD"), None)


@pytest.mark.parametrize("code", ["eur", " Eur ", "EUR", "", None])
def test_a_currency_in_small_letters_is_the_same_currency(code: str | None) -> None:
    row = an_invoice_row(CuId=code)
    assert mapping.posting(row, SETUP).gross == Money.of("92.00", "EUR")
    assert mapping.open_item(row, SETUP).amount == Money.of("92.00", "EUR")


def test_a_currency_that_is_none_is_refused_by_the_name_of_its_entry() -> None:
    row = an_invoice_row(CuId="zzq", AmCu=Decimal(100))
    for read in (mapping.posting, mapping.open_item):
        with pytest.raises(ErpRejected, match="entry 5 in AFAS cannot be read.*zzq"):
            read(row, SETUP)


async def test_one_order_that_cannot_be_read_keeps_no_other_from_being_read(company: Company) -> None:
    bench = Bench(company)
    erp = bench.through(Rows(bench, "ErpAgent_Orders", {"OrNu": SERVICE}, CuId="zzq"))
    with pytest.raises(ErpRejected, match=f"order {SERVICE} in AFAS cannot be read"):
        await erp.orders([SERVICE, PARTLY_RECEIVED])
    reader = ErpReader(erp)
    assert set(await reader.orders([PARTLY_RECEIVED])) == {PARTLY_RECEIVED}
    with pytest.raises(ErpRejected, match=SERVICE):
        await reader.orders([SERVICE])


async def test_lines_of_text_and_subtotals_are_no_order_lines(company: Company) -> None:
    bench = Bench(company)
    assert any(row["VaIt"] == "3" for row in await _rows(bench, "ErpAgent_Orders"))
    read = await bench.erp.orders(list(ORDERS))
    assert {number: len(order.lines) for number, order in read.items()} == {
        number: len(order.lines) for number, order in ORDERS.items()
    }
    subtotal = Rows(bench, "ErpAgent_Orders", {"VaIt": "3"}, VaIt=4, QuUn=1, Upri=99)
    again = await bench.through(subtotal).orders(list(ORDERS))
    assert {number: order.lines for number, order in again.items()} == {
        number: order.lines for number, order in read.items()
    }


async def test_a_line_of_text_among_received_goods_is_no_receipt(company: Company) -> None:
    bench = Bench(company)
    before = await bench.erp.receipts([PARTLY_RECEIVED])
    row = next(each for each in await _rows(bench, "ErpAgent_Receipts") if each["SoOr"] == PARTLY_RECEIVED)
    text = Rows(bench, "ErpAgent_Receipts", {"GuLi": row["GuLi"]}, VaIt="3", QuUn=None, BiUn=None)
    after = await bench.through(text).receipts([PARTLY_RECEIVED])
    lines = [sum(len(each.lines) for each in found[PARTLY_RECEIVED]) for found in (before, after)]
    assert lines[0] - lines[1] == 1


async def test_an_item_without_a_price_is_still_refused(company: Company) -> None:
    bench = Bench(company)
    erp = bench.through(Rows(bench, "ErpAgent_Orders", {"OrNu": PARTLY_RECEIVED, "VaIt": "2"}, Upri=None))
    with pytest.raises(ErpRejected, match="Upri"):
        await erp.orders([PARTLY_RECEIVED])


async def _rows(bench: Bench, connector: str) -> list[dict[str, Any]]:
    reader = bench.erp._session
    answer = await reader._get(f"connectors/{connector}?take=2000&orderbyfieldids=GuLi", "test")
    rows: list[dict[str, Any]] = json.loads(answer.content)["rows"]
    return rows
