"""A real server on this machine: the ERP's messages move waiting cases; forged and repeated ones do not."""

from __future__ import annotations

import asyncio
import hmac
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.settings import Settings
from agent.triggers.event_endpoint import LONGEST_BODY
from agent.triggers.watching import Watching, listening
from agent.wrong_usage import WrongUsage
from tests.graph.conftest import Furnish
from tests.graph.office import Office
from tests.graph.papers import AWAITED, a_document
from tools.erp.business_central import sandbox
from tools.erp.business_central.sandbox_subscriptions import LIFE, Subscriptions
from tools.erp.errors import ErpUnavailable
from tools.erp.event_checks import derived_secret, signature

SECRET = "s" * 40
UNDELIVERED: dict[str, Any] = {"order": AWAITED, "rows": (("BRACKET", "Bracket", "20", "10.00"),)}
HOUR = 3600


class News:
    """What a watch told; a test waits for it instead of sleeping."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, news: dict[str, Any]) -> None:
        self.told.append(news)
        task = asyncio.ensure_future(self._wake())
        self._tasks.add(task)

    async def _wake(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def looks(self) -> int:
        return sum(news["message"] == "looked" for news in self.told)

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(done)


def settings(office: Office, **events: Any) -> Settings:
    values = {"listen": "127.0.0.1:0", "secret": SECRET, "poll_seconds": HOUR, "settle_seconds": 0, **events}
    found = office.settings().model_dump(mode="python")
    return Settings.model_validate(found | {"events": values})


class Running:
    """A watch that listens, and how to speak to it."""

    def __init__(self, office: Office, **events: Any) -> None:
        self.news = News()
        application = replace(office.app, settings=settings(office, **events))
        self.watching = Watching(application, self.news)
        self.http = httpx.AsyncClient(trust_env=False)
        self._now = office.clock

    @property
    def address(self) -> str:
        port = next(news["port"] for news in self.news.told if "port" in news)
        return f"http://127.0.0.1:{port}/events"

    async def post(self, source: str, body: bytes, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(f"{self.address}/{source}", content=body, headers=named)

    async def signed(self, event_id: str, body: bytes = b"{}", secret: str = SECRET, **change: str) -> int:
        moment = str(int(self._now.now.timestamp()))
        headers = {
            "webhook_id": event_id,
            "webhook_timestamp": moment,
            "webhook_signature": signature(event_id, moment, body, secret),
            **change,
        }
        return (await self.post("signed", body, **headers)).status_code


@asynccontextmanager
async def running(office: Office, **events: Any) -> AsyncIterator[Running]:
    """Listening, after its first look."""
    found = Running(office, **events)
    task = asyncio.create_task(found.watching.run())
    waiting = asyncio.create_task(found.news.until(lambda: found.news.looks() == 1))
    await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    await waiting
    yield found
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await found.http.aclose()


async def a_held_case(office: Office) -> str:
    case = await office.answer(await office.take_in(a_document(**UNDELIVERED)), "wait_for_receipt")
    return case.case_id


async def test_a_receipt_and_a_signed_message_move_the_waiting_case_by_itself(office: Office) -> None:
    case = await a_held_case(office)
    async with running(office) as watch:
        assert office.case(case).stage == "on_hold"
        office.receive_goods(AWAITED, "20")
        assert await watch.signed("event-1") == 200
        await watch.news.until(lambda: watch.news.looks() == 2)
    assert office.case(case).stage == "waiting_for_approval"
    assert [news["stage"] for news in watch.news.told if news.get("case") == case] == ["waiting_for_approval"]
    assert office.posted() == []
    office.verified()


async def test_a_message_that_lies_about_what_happened_changes_nothing(plain_office: Office) -> None:
    office = plain_office
    case = await a_held_case(office)
    before = office.case(case)
    lie = json.dumps({"order": AWAITED, "received": 20, "approve": True, "case": case}).encode()
    async with running(office) as watch:
        assert await watch.signed("event-1", lie) == 200
        await watch.news.until(lambda: watch.news.looks() == 2)
    assert office.case(case) == before


FORGED: dict[str, dict[str, Any]] = {
    "another secret": {"secret": "t" * 40},
    "no signature": {"webhook_signature": ""},
    "a signature of another message": {"webhook_id": "event-2"},
    "an old one": {"webhook_timestamp": "1767225600"},
    "a later one": {"webhook_timestamp": "1893456000"},
    "no time": {"webhook_timestamp": "now"},
    "a long id": {"webhook_id": "x" * 201},
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED)
async def test_a_forged_message_is_refused_and_nothing_is_looked_at(
    plain_office: Office, change: dict[str, Any]
) -> None:
    async with running(plain_office) as watch:
        office_calls = plain_office.line.calls.total()
        assert await watch.signed("event-1", **change) == 401
        assert plain_office.app.changes.asked() is None
        assert (watch.news.looks(), plain_office.line.calls.total()) == (1, office_calls)


async def test_a_replayed_message_is_answered_like_the_first_and_does_nothing(plain_office: Office) -> None:
    async with running(plain_office) as watch:
        assert await watch.signed("event-1") == 200
        await watch.news.until(lambda: watch.news.looks() == 2)
        for _ in range(3):
            assert await watch.signed("event-1") == 200
        assert plain_office.app.changes.asked() is None
        assert watch.news.looks() == 2
    async with running(plain_office) as again:
        assert await again.signed("event-1") == 200, "a restart does not forget"
        assert plain_office.app.changes.asked() is None
        assert again.news.looks() == 1


async def test_a_secret_may_be_changed_while_both_are_signed_with(plain_office: Office) -> None:
    moment = str(int(plain_office.clock.now.timestamp()))
    both = f"{signature('e', moment, b'{}', 'old' * 20)} {signature('e', moment, b'{}', SECRET)}"
    async with running(plain_office) as watch:
        assert await watch.signed("e", webhook_signature=both) == 200


def test_a_secret_of_the_standards_form_is_the_key_it_encodes() -> None:
    encoded = "whsec_" + b64encode(SECRET.encode()).decode()
    assert signature("e", "1", b"{}", encoded) == signature("e", "1", b"{}", SECRET)


async def test_what_is_no_message_is_refused(plain_office: Office) -> None:
    async with running(plain_office) as watch:
        assert (await watch.post("nobody", b"{}")).status_code == 404
        assert (await watch.post("business_central", b"{}")).status_code == 404, "this ERP is another kind"
        assert (await watch.http.get(f"{watch.address}/signed")).status_code == 405
        assert (await watch.http.get(f"{watch.address}/signed?validationToken=x")).status_code == 405
        assert (await watch.post("signed", b"x" * (LONGEST_BODY + 1))).status_code == 413
        assert (await watch.post("signed", b"\xff\xfe")).status_code == 401
        assert (await watch.post("signed", b"")).text == "", "nobody is told why"


EXACT = '{"Topic":"PurchaseOrders","Action":"Update","Key":"3f2504e0-4f89-11d3-9a0c-0305e82c3301"}'


async def test_exact_tries_the_address_without_a_body_and_its_signed_messages_move_the_case(
    plain_office: Office,
) -> None:
    office = plain_office
    case = await a_held_case(office)
    line: Any = office.line
    line.kind = "exact"
    vendors = "given by the vendor"
    async with running(office, vendor_secret=vendors) as watch:
        assert (await watch.post("exact", b"")).status_code == 200
        assert (await watch.http.get(f"{watch.address}/exact")).status_code == 200
        wrong = hmac.new(SECRET.encode(), EXACT.encode(), sha256).hexdigest()
        assert (
            await watch.post("exact", f'{{"Content":{EXACT},"HashCode":"{wrong}"}}'.encode())
        ).status_code == 401
        assert watch.news.looks() == 1
        office.receive_goods(AWAITED, "20")
        right = hmac.new(vendors.encode(), EXACT.encode(), sha256).hexdigest().upper()
        assert (
            await watch.post("exact", f'{{"Content":{EXACT},"HashCode":"{right}"}}'.encode())
        ).status_code == 200
        await watch.news.until(lambda: watch.news.looks() == 2)
    assert office.case(case).stage == "waiting_for_approval"
    async with running(office) as without:
        assert (await without.post("exact", b"")).status_code == 404, "no secret, no address"


async def test_an_erp_whose_messages_could_not_be_checked_is_not_subscribed_to(central: Office) -> None:
    line: Any = central.line
    line.kind = "exact"
    found = Running(central, address="https://ap.example/events")
    with pytest.raises(WrongUsage, match="vendor_secret is missing"):
        await found.watching.run()
    await found.http.aclose()
    assert webhooks(central).rows == {}


async def test_a_message_that_came_right_before_the_end_is_followed_after_the_restart(office: Office) -> None:
    case = await a_held_case(office)
    async with running(office):
        pass
    office.receive_goods(AWAITED, "20")
    assert office.app.changes.take("signed", "event-1", office.clock.now)
    async with running(office):
        assert office.case(case).stage == "waiting_for_approval"
    assert office.app.changes.asked() is None


async def test_a_look_that_fails_is_told_and_made_again_for_the_next_message(plain_office: Office) -> None:
    office = plain_office
    case = await a_held_case(office)
    async with running(office) as watch:
        office.receive_goods(AWAITED, "20")

        def away() -> None:
            office.line.before.clear()
            raise ErpUnavailable("the ERP is away")

        office.line.before["orders_changed_since"] = away
        assert await watch.signed("event-1") == 200
        await watch.news.until(lambda: watch.news.looks() == 2)
        assert "the ERP could not be asked: the ERP is away" in {news["message"] for news in watch.news.told}
        assert office.case(case).stage == "on_hold"
        assert await watch.signed("event-2") == 200
        await watch.news.until(lambda: watch.news.looks() == 3)
    assert office.case(case).stage == "waiting_for_approval"


async def test_without_listening_it_asks_at_intervals(plain_office: Office) -> None:
    case = await a_held_case(plain_office)
    found = Running(plain_office, listen=None, secret=None)
    plain_office.receive_goods(AWAITED, "20")
    task = asyncio.create_task(found.watching.run())
    await found.news.until(lambda: found.news.looks() == 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await found.http.aclose()
    assert plain_office.case(case).stage == "waiting_for_approval"


async def test_a_port_that_is_taken_is_named(plain_office: Office) -> None:
    with listening("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        found = Running(plain_office, listen=f"127.0.0.1:{port}")
        with pytest.raises(WrongUsage, match=f"{port} cannot be used"):
            await found.watching.run()
        await found.http.aclose()


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


def lasts(watch: Running, office: Office) -> bool:
    """Whether the subscriptions live three days from now, but for the moments that the test took."""
    until = watch.watching.subscribed_until
    return until is not None and abs(until - office.clock.now - LIFE) < timedelta(minutes=1)
