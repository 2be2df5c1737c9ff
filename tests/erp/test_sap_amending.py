"""A change of an order's item in SAP: never over a colleague's, and done only at the approved price."""

from __future__ import annotations

from decimal import Decimal

import httpx
import pytest

from tests.erp.orders import MemoryLog, approved
from tests.erp.sap_bench import Bench
from tests.erp.world import COMPANY, LONG, PER_HUNDRED
from tools.domain.decision import AmendOrderLine, PostingOrder
from tools.domain.money import Money
from tools.erp.errors import ErpChanged, ErpRejected, OutcomeUnknown
from tools.erp.posting import post_once
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import FaultKind


async def no_pause(seconds: float) -> None:
    return None


def at(price: str, value: str | None = None, number: str = PER_HUNDRED) -> PostingOrder:
    """The first line of 2,500 screws at 12.34 per 100."""
    worth = None if value is None else Money.of(value, "EUR")
    return approved(
        AmendOrderLine(
            company=COMPANY,
            order_number=number,
            order_line_id="10000",
            unit_price=Money.of(price, "EUR"),
            value=worth,
        )
    )


@pytest.mark.parametrize("value", [None, "3.09"])
async def test_a_price_a_hundred_times_too_high_is_not_the_approved_one(
    company: Company, value: str | None
) -> None:
    bench = Bench(company)
    assert await bench.erp.find(at("0.1234", value)) is None
    bench.faults.plan("amend", FaultKind.REQUEST_LOST)
    with pytest.raises(OutcomeUnknown):
        await post_once(bench.erp, at("0.1234", value), MemoryLog(), no_pause)


async def test_the_same_figure_for_other_units_is_not_the_approved_price(company: Company) -> None:
    bench = Bench(company)
    assert await bench.erp.find(at("12.34", "308.50")) is not None
    assert await bench.erp.find(at("12.34", "30.85")) is None, "that was 12.34 per 1000"


async def test_a_finer_price_is_entered_for_more_units_and_found_by_what_the_line_comes_to(
    company: Company,
) -> None:
    bench = Bench(company)
    await bench.write(at("0.1234", "3.09"))
    (sent,) = bench.changes()
    assert sent.content.replace(b" ", b"") == b'{"NetPriceAmount":"12.34","NetPriceQuantity":"10000"}'
    assert await bench.erp.find(at("0.1234", "3.09")) is not None
    line = company.purchasing.line(PER_HUNDRED, "10000")
    assert line.unit_price.amount / line.price_base == Decimal("0.001234")


async def test_an_item_without_a_version_is_never_changed(company: Company) -> None:
    class Unversioned(httpx.AsyncBaseTransport):
        """A release that sends no ETags, and takes `*`."""

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            answer = await bench.recorder.handle_async_request(request)
            content = (await answer.aread()).replace(b'"etag"', b'"nope"')
            headers = {name: value for name, value in answer.headers.items() if name.lower() != "etag"}
            return httpx.Response(answer.status_code, headers=headers, content=content)

    bench = Bench(company)
    with pytest.raises(ErpRejected, match="gives no version"):
        await bench.through(Unversioned()).write(at("2.50", number=LONG))
    assert not bench.changes()


async def test_a_colleagues_change_that_comes_just_before_ours_stands(company: Company) -> None:
    class Overtaking(httpx.AsyncBaseTransport):
        """A colleague saves while our change is on its way."""

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "PATCH":
                company.purchasing.amend_line(LONG, "10000", unit_price=Money.of("2.75", "EUR"))
            return await bench.recorder.handle_async_request(request)

    bench = Bench(company)
    read = (await bench.erp.orders([LONG]))[LONG]
    order = approved(at("2.50", number=LONG).action, {f"order:{LONG}": read.version})
    with pytest.raises(ErpChanged):
        await bench.through(Overtaking()).write(order)
    assert company.purchasing.line(LONG, "10000").unit_price == Money.of("2.75", "EUR")
