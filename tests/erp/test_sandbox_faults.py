"""Faults on request, the gate of the protocol sandboxes and its control door."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.erp.books import a_company
from tests.erp.orders import an_invoice, approved, times_booked
from tools.erp.errors import ErpUnavailable
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.connector import SandboxErp
from tools.erp.sandbox.control import control_app
from tools.erp.sandbox.faults import FaultKind, Faults, Traffic
from tools.erp.sandbox.gate import Answered, Gate, InProcess, plain_answer, status_of


def kinds_of(faults: Faults, operation: str, calls: int) -> list[FaultKind | None]:
    struck = [faults.strike(operation).fault for _ in range(calls)]
    return [None if fault is None else fault.kind for fault in struck]


def test_the_next_two_calls_of_one_operation_are_struck_and_no_other() -> None:
    faults = Faults()
    faults.plan("post", FaultKind.ERROR_AFTER, times=2)
    assert kinds_of(faults, "orders", 1) == [None]
    assert kinds_of(faults, "post", 3) == [FaultKind.ERROR_AFTER, FaultKind.ERROR_AFTER, None]
    assert faults.pending == []


def test_every_seventh_call_is_struck() -> None:
    faults = Faults()
    faults.plan("*", FaultKind.TOO_MANY, every=7, times=None)
    struck = kinds_of(faults, "orders", 21)
    assert [position for position, kind in enumerate(struck, 1) if kind] == [7, 14, 21]


def test_a_chance_gives_the_same_calls_for_the_same_seed() -> None:
    def struck(seed: int) -> list[FaultKind | None]:
        faults = Faults(seed=seed)
        faults.plan("orders", FaultKind.ERROR_BEFORE, times=None, chance="0.3")
        return kinds_of(faults, "orders", 100)

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 15 < sum(kind is not None for kind in struck(1)) < 45


def test_waits_add_up_and_meet_one_other_fault_a_call() -> None:
    faults = Faults()
    faults.plan("a*", FaultKind.SLOW, seconds="0.5", times=None)
    faults.plan("*", FaultKind.SLOW, seconds="0.25")
    faults.plan("abc", FaultKind.REPLY_LOST)
    faults.plan("abc", FaultKind.TOO_MANY)
    first, second = faults.strike("abc"), faults.strike("abc")
    assert (first.wait, second.wait) == (0.75, 0.5)
    assert first.fault is not None
    assert second.fault is not None
    assert (first.fault.kind, second.fault.kind) == (FaultKind.REPLY_LOST, FaultKind.TOO_MANY)


def test_a_fault_with_a_wrong_value_is_refused() -> None:
    for values in ({"status": 404}, {"times": 0}, {"chance": "2"}, {"seconds": 0.5}, {"colour": 1}):
        with pytest.raises(ValidationError):
            Faults().plan("*", FaultKind.SLOW, **values)


class Counter:
    """A server with one record to count up."""

    def __init__(self) -> None:
        self.value = 0

    async def up(self, request: Request) -> Response:
        self.value += 1
        return PlainTextResponse(str(self.value))

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/up", self.up, methods=["GET", "POST"])])


def answer(fault: Any) -> Answered:
    return status_of(fault), {"content-type": "text/plain"}, b"vendor says no"


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def gate(counter: Counter, faults: Faults, waits: list[float]) -> Gate:
    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    return Gate(
        counter.app(),
        a_company(),
        faults,
        operation=lambda method, path: f"{method} {path}",
        answer=answer,
        sleep=sleep,
    )


@pytest.fixture
async def client(gate: Gate) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=InProcess(gate), base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize(
    ("kind", "status", "done"),
    [
        (FaultKind.TOO_MANY, 429, 0),
        (FaultKind.EXPIRED_TOKEN, 401, 0),
        (FaultKind.STALE_VERSION, 409, 0),
        (FaultKind.ERROR_BEFORE, 502, 0),
        (FaultKind.ERROR_AFTER, 502, 1),
    ],
)
async def test_the_gate_answers_for_the_server_before_or_after_it_worked(
    client: httpx.AsyncClient, faults: Faults, counter: Counter, kind: FaultKind, status: int, done: int
) -> None:
    faults.plan("POST /up", kind, status=502, retry_after=3)
    response = await client.post("/up")
    assert (response.status_code, response.text) == (status, "vendor says no")
    assert response.headers["retry-after"] == "3"
    assert counter.value == done
    assert (await client.post("/up")).text == str(done + 1)


@pytest.mark.parametrize(
    ("kind", "error", "done"),
    [
        (FaultKind.CONNECTION_REFUSED, httpx.ConnectError, 0),
        (FaultKind.REQUEST_LOST, httpx.ReadError, 0),
        (FaultKind.REPLY_LOST, httpx.ReadError, 1),
    ],
)
async def test_a_broken_connection_is_the_error_of_a_real_one(
    client: httpx.AsyncClient,
    faults: Faults,
    counter: Counter,
    kind: FaultKind,
    error: type[Exception],
    done: int,
) -> None:
    faults.plan("*", kind)
    with pytest.raises(error):
        await client.post("/up")
    assert counter.value == done


async def test_over_a_socket_a_broken_connection_is_an_answer_that_ends_early(
    gate: Gate, faults: Faults
) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    faults.plan("*", FaultKind.REPLY_LOST)
    scope = {"type": "http", "method": "POST", "path": "/up", "headers": [], "query_string": b""}
    await gate(scope, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert (b"content-length", b"1") in sent[0]["headers"]


async def test_a_slow_server_answers_all_the_same(
    client: httpx.AsyncClient, faults: Faults, waits: list[float]
) -> None:
    faults.plan("*", FaultKind.SLOW, seconds="2.5")
    assert (await client.get("/up")).text == "1"
    assert waits == [2.5]


def test_an_answer_without_vendor_words_is_empty() -> None:
    fault = Faults().plan("*", FaultKind.TOO_MANY)
    assert plain_answer(fault) == (429, {}, b"")


async def test_the_control_door_plans_faults_and_forgets_them(
    client: httpx.AsyncClient, counter: Counter
) -> None:
    planned = [{"kind": "error_before", "operation": "GET /up"}, {"kind": "slow", "seconds": "1"}]
    assert len((await client.post("/_sandbox/faults", json=planned)).json()) == 2
    assert (await client.get("/up")).status_code == 503
    assert counter.value == 0
    assert (await client.delete("/_sandbox/faults")).json() == []
    assert (await client.post("/_sandbox/faults", json={"kind": "weather"})).status_code == 422
    assert (await client.get("/_sandbox/faults")).json() == []


async def test_the_control_door_tells_calls_and_books_and_does_not_count_itself(
    client: httpx.AsyncClient, gate: Gate
) -> None:
    await asyncio.gather(client.get("/up"), client.post("/up"), client.post("/up"))
    calls = (await client.get("/_sandbox/calls")).json()
    assert calls["by_operation"] == {"GET /up": 1, "POST /up": 2}
    assert calls["total"] == 3
    assert calls["peak"] >= 1
    assert (await client.get("/_sandbox/books")).json() == gate.company.dump()
    assert (await client.delete("/_sandbox/calls")).json() == {"by_operation": {}, "total": 0, "peak": 0}


def test_the_most_calls_at_once_are_kept() -> None:
    traffic = Traffic()
    with traffic.call("a"), traffic.call("b"):
        pass
    with traffic.call("a"):
        pass
    assert (traffic.peak, traffic.running, traffic.total) == (2, 0, 3)


@pytest.mark.parametrize("host", ["10.0.0.7", "not-an-address"])
async def test_the_control_door_is_for_this_machine_only(company: Company, faults: Faults, host: str) -> None:
    app = control_app(company, faults, Traffic())
    transport = httpx.ASGITransport(app=app, client=(host, 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        for path in ("/_sandbox/faults", "/_sandbox/books", "/_sandbox/calls"):
            assert (await client.get(path)).status_code == 403
        fault = {"kind": "too_many"}
        assert (await client.post("/_sandbox/faults", json=fault)).status_code == 403
    assert faults.pending == []


async def test_the_bare_sandbox_takes_turns_like_a_real_erp(company: Company) -> None:
    erp = SandboxErp(company)
    await asyncio.gather(*(erp.posting_window() for _ in range(5)))
    assert erp.traffic.peak == 5


async def test_too_many_requests_to_the_bare_sandbox_book_nothing(company: Company, faults: Faults) -> None:
    erp = SandboxErp(company, faults)
    faults.plan("*", FaultKind.TOO_MANY, times=2)
    with pytest.raises(ErpUnavailable):
        await erp.write(approved(an_invoice()))
    with pytest.raises(ErpUnavailable):
        await erp.accounts()
    assert times_booked(company, an_invoice()) == 0
    assert company.ledger.payables() == Decimal("1070.53")
