"""Subscriptions of Business Central's sandbox: who may subscribe to what, and what ends a subscription."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.erp.business_central_bench import Bench
from tests.erp.business_central_client import ROOT, Client, a_client
from tests.erp.under_test import ClockOnTheWall
from tests.erp.world import NOW
from tests.local_server import served
from tools.erp.business_central import sandbox
from tools.erp.errors import ErpRejected
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults

STATE = "state of the tests"
Answer = Callable[[Request], Awaitable[Response]]


class Receiver:
    """Somebody's endpoint: shakes hands, answers `status`, keeps what came."""

    def __init__(self) -> None:
        self.status = 200
        self.shakes = True
        self.got: list[Any] = []

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/hook", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        token = request.query_params.get("validationToken")
        if token is not None:
            return PlainTextResponse(token if self.shakes else "no")
        self.got.append(await request.json())
        return Response(status_code=self.status)


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    made = Receiver()
    async with served(made.app()) as address:
        yield made, f"{address}/hook"


@pytest.fixture
async def bench(company: Company, faults: Faults) -> AsyncIterator[Bench]:
    made = Bench(company, faults)
    yield made
    await made.erp.close()


def rows(bench: Bench) -> Any:
    assert isinstance(bench.server.app, sandbox.Server)
    return bench.server.app.subscriptions


async def test_subscribing_twice_renews_and_makes_no_second_one(
    bench: Bench, receiver: tuple[Receiver, str], clock: ClockOnTheWall
) -> None:
    _, address = receiver
    first = await bench.erp.subscribe(address, STATE, NOW)
    assert (first.resources, first.until) == (("purchaseInvoices", "vendors"), NOW + timedelta(days=3))
    clock.now += timedelta(days=2)
    assert (await bench.erp.subscribe(address, "another", NOW)).until == NOW + timedelta(days=5)
    assert [row["clientState"] for row in rows(bench).rows.values()] == ["another", "another"]


async def test_an_address_that_does_not_shake_hands_gets_no_subscription(
    bench: Bench, receiver: tuple[Receiver, str]
) -> None:
    made, address = receiver
    made.shakes = False
    with pytest.raises(ErpRejected, match="did not answer with the validationToken"):
        await bench.erp.subscribe(address, STATE, NOW)
    assert rows(bench).rows == {}


async def test_a_notification_names_the_record_and_carries_our_state_only(
    bench: Bench, receiver: tuple[Receiver, str]
) -> None:
    made, address = receiver
    await bench.erp.subscribe(address, STATE, NOW)
    assert await rows(bench).notify("vendors") == [200]
    ((told,),) = (body["value"] for body in made.got)
    assert told["clientState"] == STATE
    assert "/vendors(" in told["resource"]


@pytest.mark.parametrize(("status", "left"), [(503, 2), (429, 2), (408, 2), (401, 1), (404, 1)])
async def test_some_answers_are_tried_again_and_others_end_the_subscription(
    bench: Bench, receiver: tuple[Receiver, str], status: int, left: int
) -> None:
    made, address = receiver
    await bench.erp.subscribe(address, STATE, NOW)
    made.status = status
    assert await rows(bench).notify("vendors") == [status]
    assert len(rows(bench).rows) == left
    made.status = 200
    assert await rows(bench).repeat() == ([200] if left == 2 else [])


async def test_after_three_days_nothing_is_told_any_more(
    bench: Bench, receiver: tuple[Receiver, str], clock: ClockOnTheWall
) -> None:
    _, address = receiver
    await bench.erp.subscribe(address, STATE, NOW)
    clock.now += timedelta(days=3)
    assert await rows(bench).notify("vendors") == []


@pytest.fixture
async def client(company: Company) -> AsyncIterator[Client]:
    async with a_client(company) as connected:
        yield connected


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"resource": "purchaseOrders"}, "does not support webhooks"),
        ({"resource": "purchaseReceipts"}, "does not support webhooks"),
        ({"notificationUrl": "http://ap.example/hook"}, "must be https"),
        ({"notificationUrl": "https://127.0.0.1:9/hook"}, "cannot be reached"),
        ({"clientState": "x" * 2049}, "2048 characters"),
        ({"expirationDateTime": "2027-01-01T00:00:00Z"}, "a resource and a clientState"),
    ],
)
async def test_a_subscription_is_checked_as_the_service_does(
    client: Client, change: dict[str, str], words: str
) -> None:
    company = client.root.removeprefix(ROOT)
    body = {
        "notificationUrl": "https://127.0.0.1:9/hook",
        "resource": "vendors",
        "clientState": "x",
        **change,
    }
    body["resource"] = f"/api/v2.0/{company}{body['resource']}"
    assert words in (await client.refused("POST", f"{ROOT}subscriptions", body))[2]


async def test_renewing_needs_the_version_and_an_existing_subscription(
    client: Client, receiver: tuple[Receiver, str]
) -> None:
    company = client.root.removeprefix(ROOT)
    body = {"notificationUrl": receiver[1], "resource": f"/api/v2.0/{company}vendors", "clientState": "x"}
    made = (await client.send("POST", f"{ROOT}subscriptions", body)).json()
    path = f"{ROOT}subscriptions('{made['subscriptionId']}')"
    assert "already exists" in (await client.refused("POST", f"{ROOT}subscriptions", body))[2]
    assert (await client.refused("PATCH", path, body))[1] == "BadRequest_InvalidToken"
    assert (await client.refused("PATCH", path, body, If_Match='W/"old"'))[0] == 409
    assert (await client.refused("PUT", path, body, If_Match="*"))[0] == 405
    assert (await client.refused("PATCH", f"{ROOT}subscriptions('x')", body, If_Match="*"))[0] == 404
    assert (await client.send("DELETE", path, If_Match="*")).status_code == 204
    assert (await client.get(f"{ROOT}subscriptions"))["value"] == []
