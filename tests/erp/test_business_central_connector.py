"""What is special about reading Business Central: letter case, pages, batches, versions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from tests.erp.business_central_bench import Bench
from tests.erp.business_central_setup import SECRET, Recorder, settings
from tests.erp.clocks import StillClock
from tests.erp.orders import an_invoice, approved
from tests.erp.world import (
    COMPANY,
    DOLLARS,
    MANY,
    NOW,
    OFFICE,
    TODAY,
    TOOLS,
    an_order_line,
    key_of,
    standard_world,
)
from tools.domain.decision import PostingState
from tools.domain.documents import OrderState, PurchaseOrder
from tools.domain.identifiers import CompanyId, OrderNumber
from tools.erp.answers import from_json
from tools.erp.business_central import connector, sandbox
from tools.erp.errors import ErpAccessDenied, ErpRejected
from tools.erp.http import counted_calls
from tools.erp.reader import ErpReader, quiet_moment
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults


@pytest.fixture
async def bench(company: Company, faults: Faults) -> AsyncIterator[Bench]:
    made = Bench(company, faults)
    yield made
    await made.erp.close()


async def test_a_number_is_found_in_any_letter_case(bench: Bench) -> None:
    await bench.erp.write(approved(an_invoice(number="Vd-x90001")))
    for number in ("vd-x90001", "VD-X90001", "vD-X90001"):
        key = key_of(OFFICE, number, TODAY)
        assert [posting.state for posting in (await bench.erp.invoices([key]))[key]] == [PostingState.POSTED]


async def test_the_same_number_of_another_supplier_or_type_is_something_else(bench: Bench) -> None:
    keys = [key_of(DOLLARS, "VD-88001", TODAY), key_of(OFFICE, "VD-88001", TODAY, "credit_note")]
    assert await bench.erp.invoices(keys) == {}


async def test_another_companys_invoices_are_not_looked_up(bench: Bench) -> None:
    key = key_of(OFFICE, "VD-88001", TODAY).model_copy(update={"company": CompanyId("SISTER")})
    assert await bench.erp.invoices([key]) == {}
    assert bench.recorder.requests == []


async def test_numbers_that_cannot_exist_cost_no_call_of_their_kind(bench: Bench) -> None:
    assert await bench.erp.orders([OrderNumber("X" * 21), OrderNumber("")]) == {}
    assert not [request for request in bench.recorder.requests if "purchaseOrders" in str(request.url)]


async def test_every_request_asks_for_english_and_none_for_a_replica(bench: Bench) -> None:
    order = approved(an_invoice())
    await bench.erp.write(order)
    await bench.erp.find(order)
    assert {request.headers["accept-language"] for request in bench.recorder.requests} == {"en-US"}
    assert not [request for request in bench.recorder.requests if "data-access-intent" in request.headers]


async def test_further_pages_of_a_batched_query_are_read(company: Company) -> None:
    recorder = Recorder(sandbox.app(company, client_secret=SECRET, page_size=4))
    erp = connector.connect(settings(), transport=recorder, clock=StillClock())
    assert set(await erp.orders(list(MANY))) == set(MANY)
    await erp.close()


async def test_a_refused_operation_of_a_batch_spoils_only_its_own_keys(bench: Bench) -> None:
    spoiled = Refusing(bench.recorder, MANY[20])
    reader = ErpReader(bench.through(spoiled), settle=quiet_moment(bench.clock))
    outcomes = await asyncio.gather(*(reader.order(number) for number in MANY), return_exceptions=True)
    failed = [
        number for number, outcome in zip(MANY, outcomes, strict=True) if isinstance(outcome, ErpRejected)
    ]
    assert failed == [MANY[20]]
    assert "The number is spoiled." in {
        str(outcome) for outcome in outcomes if isinstance(outcome, ErpRejected)
    }


async def test_a_setup_nobody_shows_us_is_an_access_matter(bench: Bench) -> None:
    erp = bench.through(Emptying(bench.recorder))
    with pytest.raises(ErpAccessDenied, match="generalLedgerSetup"):
        await erp.orders([OrderNumber("451001")])


def failed(outcome: object) -> bool:
    return isinstance(outcome, ErpRejected)


class Refusing(httpx.AsyncBaseTransport):
    """Refuses every query that asks for one key, alone or in a batch."""

    def __init__(self, inner: httpx.AsyncBaseTransport, key: str) -> None:
        self._inner = inner
        self._key = key.encode()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        error = {"error": {"code": "BadRequest", "message": "The number is spoiled.  CorrelationId:  1-2."}}
        if self._key in str(request.url).encode():
            return httpx.Response(400, json=error)
        answer = await self._inner.handle_async_request(request)
        if self._key not in request.content:
            return answer
        asked, body = from_json(request.content), from_json(await answer.aread())
        for each, response in zip(asked["requests"], body["responses"], strict=True):
            if self._key.decode() in each["url"]:
                response |= {"status": 400, "body": error}
        return httpx.Response(200, json=plain(body))


class Emptying(httpx.AsyncBaseTransport):
    """Answers every operation of a batch with an empty list, as for a login without rights on tables."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        if not request.url.path.endswith("$batch"):
            return answer
        body = from_json(await answer.aread())
        for response in body["responses"]:
            response["body"] = {"value": []}
        return httpx.Response(200, json=plain(body))


async def test_one_busy_operation_of_a_batch_is_asked_again_by_itself(bench: Bench) -> None:
    found = await bench.through(Busy(bench.recorder)).orders(list(MANY))
    assert set(found) == set(MANY)


class Busy(httpx.AsyncBaseTransport):
    """Answers the second operation of every batch with 429."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        if not request.url.path.endswith("$batch"):
            return answer
        body = from_json(await answer.aread())
        if len(body["responses"]) > 2:
            body["responses"][1] = {"id": "1", "status": 429, "headers": {}, "body": None}
        return httpx.Response(200, json=plain(body))


def plain(value: Any) -> Any:
    """For the mock's own JSON writer, which knows no Decimal."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


@pytest.mark.parametrize(
    "link", ["https://evil.example/api", "http://127.0.0.1.evil.example/", "//evil.example/x"]
)
async def test_a_next_page_on_another_host_is_not_followed(bench: Bench, link: str) -> None:
    asked: list[str] = []

    async def lying(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        if request.url.path.endswith("/vendors"):
            return httpx.Response(200, json={"value": [], "@odata.nextLink": link})
        answer = await bench.recorder.handle_async_request(request)
        return httpx.Response(answer.status_code, content=await answer.aread())

    erp = bench.through(httpx.MockTransport(lying))
    with pytest.raises(ErpAccessDenied, match="another host"):
        [supplier async for supplier in erp.suppliers()]
    assert set(asked) == {"127.0.0.1"}


async def test_an_answer_of_another_version_is_named_field_by_field(bench: Bench) -> None:
    async def newer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/vendors"):
            return httpx.Response(200, json={"value": [{"@odata.etag": "W/1", "number": "1"}]})
        answer = await bench.recorder.handle_async_request(request)
        return httpx.Response(answer.status_code, content=await answer.aread())

    with pytest.raises(ErpRejected, match="vendors.*displayName"):
        [supplier async for supplier in bench.through(httpx.MockTransport(newer)).suppliers()]


async def test_a_company_that_is_not_there_is_told_with_those_that_are(
    company: Company, faults: Faults
) -> None:
    bench = Bench(company, faults, company="NOBODY")
    with pytest.raises(ErpAccessDenied, match="NOBODY.*NZT"):
        await bench.erp.orders([OrderNumber("451001")])


async def test_only_what_changed_is_read(bench: Bench) -> None:
    bench.company.clock.now = NOW.replace(hour=10)  # type: ignore[attr-defined]
    bench.company.master.change_supplier(bench.company.master.supplier(TOOLS).supplier)
    found = [supplier.supplier_id async for supplier in bench.erp.suppliers(NOW.replace(minute=30))]
    assert found == [TOOLS]


def test_an_address_without_tls_is_refused() -> None:
    with pytest.raises(ValueError, match="https"):
        connector.connect(settings(base_url="http://bc.example"))


def test_the_secret_is_in_no_text_of_the_settings() -> None:
    assert SECRET not in repr(settings(client_secret=SecretStr(SECRET)))
    with pytest.raises(ValidationError):
        settings(concurrent=6)


def many_orders() -> list[PurchaseOrder]:
    return [
        PurchaseOrder(
            number=OrderNumber(f"PO-{number}"),
            company=COMPANY,
            supplier_id=TOOLS,
            currency="EUR",
            state=OrderState.OPEN,
            lines=(an_order_line("10000", "Bracket", "10", "10.00"),),
            version="1",
        )
        for number in range(300001, 300501)
    ]


async def test_five_hundred_invoices_over_five_hundred_orders_cost_five_calls(faults: Faults) -> None:
    orders, world = many_orders(), standard_world()
    world = world.model_copy(update={"orders": (*world.orders, *orders)})
    company = Company.load(world, lambda: NOW)
    bench = Bench(company, faults, company_id=sandbox.company_guid(company))
    reader = ErpReader(bench.erp, settle=quiet_moment(bench.clock))

    async def facts(number: OrderNumber) -> int:
        order, window = await asyncio.gather(reader.order(number), reader.posting_window())
        assert order is not None
        assert window.first_open is not None
        supplier, receipts, earlier = await asyncio.gather(
            reader.supplier(order.supplier_id),
            reader.receipts(number),
            reader.invoices(key_of(TOOLS, f"Re-{number}", TODAY)),
        )
        assert supplier is not None
        return len(receipts) + len(earlier)

    with counted_calls() as calls:
        await asyncio.gather(*(facts(order.number) for order in orders))
    assert dict(calls) == {
        "token": 1,
        "posting window, setup, orders": 1,
        "suppliers by id": 1,
        "receipts, earlier invoices": 2,
    }
    assert bench.server.traffic.peak <= 5
