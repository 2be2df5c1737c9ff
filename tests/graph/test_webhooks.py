"""Business Central tells the watch over a real socket: handshake, state, repetition, renewal."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.triggers.watching import listening
from agent.wrong_usage import WrongUsage
from tests.graph.conftest import Furnish
from tests.graph.office import Office
from tests.graph.papers import AWAITED
from tests.graph.running_watch import SECRET, Running, a_held_case, running
from tools.erp.business_central import sandbox
from tools.erp.business_central.sandbox_subscriptions import LIFE, Subscriptions
from tools.erp.event_checks import derived_secret


@pytest.fixture
async def central(furnish: Furnish, tmp_path: Path) -> AsyncIterator[Office]:
    """An office over Business Central, whose sandbox sends its webhooks over the loopback."""
    found = furnish("business_central", tmp_path)
    async with found.open():
        yield found


def webhooks(office: Office) -> Subscriptions:
    server = office.gate.app
    assert isinstance(server, sandbox.Server)
    return server.subscriptions


@pytest.fixture
def subscribed(central: Office) -> Callable[[], Any]:
    """A running watch whose public address is its own one: the sandbox reaches it over the loopback."""

    @asynccontextmanager
    async def open_() -> AsyncIterator[Running]:
        with listening("127.0.0.1", 0) as free:
            port = free.getsockname()[1]
        address = f"http://127.0.0.1:{port}/events"
        async with running(central, listen=f"127.0.0.1:{port}", address=address) as found:
            yield found

    return open_


async def test_business_central_shakes_hands_and_its_notification_moves_the_case(
    central: Office, subscribed: Callable[[], Any]
) -> None:
    case = await a_held_case(central)
    async with subscribed() as watch:
        assert lasts(watch, central)
        assert {row["resource"].rpartition("/")[2] for row in webhooks(central).rows.values()} == {
            "purchaseInvoices",
            "vendors",
        }
        central.receive_goods(AWAITED, "20")
        assert await webhooks(central).notify("purchaseInvoices") == [200]
        await watch.news.until(lambda: watch.news.looks() == 2)
        assert central.case(case).stage == "waiting_for_approval"
        assert SECRET not in json.dumps(list(webhooks(central).rows.values()), default=str)


async def test_a_notification_with_another_client_state_does_nothing(
    central: Office, subscribed: Callable[[], Any]
) -> None:
    async with subscribed() as watch:
        (row, *_) = webhooks(central).rows.values()
        right = {"subscriptionId": row["subscriptionId"], "clientState": derived_secret(SECRET, central.kind)}
        forgeries: tuple[Any, ...] = (
            {"value": [{**right, "clientState": SECRET}]},
            {"value": [right, {**right, "clientState": None}]},
            {"value": []},
            {"value": [right] * 1001},
            [right],
        )
        for forged in forgeries:
            answer = await watch.post(central.kind, json.dumps(forged).encode())
            assert answer.status_code == 401
        assert watch.news.looks() == 1


async def test_a_repeated_notification_does_nothing_again(
    central: Office, subscribed: Callable[[], Any]
) -> None:
    async with subscribed() as watch:
        told = {
            "subscriptionId": "1",
            "clientState": derived_secret(SECRET, central.kind),
            "resource": "x",
            "changeType": "updated",
            "lastModifiedDateTime": "2026-03-16T09:00:00Z",
        }
        body = json.dumps({"value": [told]}).encode()
        assert (await watch.post(central.kind, body)).status_code == 200
        await watch.news.until(lambda: watch.news.looks() == 2)
        assert (await watch.post(central.kind, body)).status_code == 200
        assert central.app.changes.asked() is None
        later = json.dumps({"value": [{**told, "lastModifiedDateTime": "2026-03-16T09:01:00Z"}]}).encode()
        assert (await watch.post(central.kind, later)).status_code == 200
        await watch.news.until(lambda: watch.news.looks() == 3)


async def test_subscriptions_are_renewed_before_their_end_and_kept_single(
    central: Office, subscribed: Callable[[], Any]
) -> None:
    async with subscribed() as watch:
        first = watch.watching.subscribed_until
        await watch.watching.keep_subscribed()
        assert watch.watching.subscribed_until == first, "there is time yet"
        central.clock.later(hours=40)
        await watch.watching.keep_subscribed()
        assert lasts(watch, central)
        assert len(webhooks(central).rows) == 2
        assert await webhooks(central).notify("vendors") == [200]


async def test_a_subscription_that_ended_while_we_were_down_is_made_anew(
    central: Office, subscribed: Callable[[], Any]
) -> None:
    async with subscribed():
        pass
    webhooks(central).rows.clear()
    async with subscribed() as watch:
        assert len(webhooks(central).rows) == 2
        assert await webhooks(central).notify("vendors") == [200]
        await watch.news.until(lambda: watch.news.looks() == 2)


async def test_an_erp_that_reaches_nobody_is_told_and_polling_goes_on(central: Office) -> None:
    with listening("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    async with running(central, address=f"http://127.0.0.1:{port}/events") as watch:
        told = [news["message"] for news in watch.news.told]
        assert any("the ERP sends us no messages" in message for message in told)
        assert watch.news.looks() == 1
    assert webhooks(central).rows == {}


async def test_an_erp_whose_messages_could_not_be_checked_is_not_subscribed_to(central: Office) -> None:
    line: Any = central.line
    line.kind = "exact"
    found = Running(central, address="https://ap.example/events")
    with pytest.raises(WrongUsage, match="vendor_secret is missing"):
        await found.watching.run()
    await found.http.aclose()
    assert webhooks(central).rows == {}


def lasts(watch: Running, office: Office) -> bool:
    """Whether the subscriptions live three days from now, but for the moments that the test took."""
    until = watch.watching.subscribed_until
    return until is not None and abs(until - office.clock.now - LIFE) < timedelta(minutes=1)
