"""A message that is sent again and again, never ends or holds what is no text costs us next to nothing."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from agent.triggers.event_endpoint import MOST_A_MINUTE, MOST_AT_ONCE, EventEndpoint
from tests.graph.conftest import Furnish
from tests.graph.running_watch import running
from tools import store as tables
from tools.change_marks import ChangeMarks
from tools.erp.event_checks import business_central, derived_secret, exact
from tools.store import Store

NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
VENDORS = "given by the vendor"
CONTENT = '{"Topic":"PurchaseOrders"}'
HASH = hmac.new(VENDORS.encode(), CONTENT.encode(), sha256).hexdigest()
FROM_EXACT = f'{{"Content":{CONTENT},"HashCode":"{HASH}"}}'.encode()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "erp-agent.sqlite")


def endpoint(store: Store, **values: Any) -> EventEndpoint:
    moments = iter(NOW + timedelta(seconds=passed) for passed in range(10_000))
    checks = {"exact": (exact, VENDORS), "business_central": (business_central, "s" * 40)}
    return EventEndpoint(checks, ChangeMarks(store), lambda: next(moments), lambda: None, **values)


def rows(store: Store) -> int:
    with store.read() as connection:
        events = tables.marks.c.name.startswith("event:")
        return connection.execute(select(func.count()).select_from(tables.marks).where(events)).scalar_one()


def test_a_message_without_identity_leaves_one_mark_however_often_it_comes(store: Store) -> None:
    found = endpoint(store)
    client = TestClient(found.app())
    asked = set()
    for _ in range(50):
        assert client.post("/events/exact", content=FROM_EXACT).status_code == 200
        asked.add(found.marks.asked())
    assert rows(store) == 1
    assert len(asked) == 50, "each asks for a look that begins after it"


def notifications(first: int, count: int) -> bytes:
    """As whoever captured our `clientState` could make them."""
    state = derived_secret("s" * 40, "business_central")
    told = [
        {"clientState": state, "subscriptionId": "1", "resource": f"r{at}", "changeType": "updated"}
        for at in range(first, first + count)
    ]
    return json.dumps({"value": told}).encode()


def test_new_notifications_without_end_leave_few_rows_and_still_ask_for_a_look(store: Store) -> None:
    found = endpoint(store)
    client = TestClient(found.app())
    for turn in range(200):
        found.marks.answered(found.marks.asked() or "")
        body = notifications(turn * 1000, 1000 if turn % 2 else 90)
        assert client.post("/events/business_central", content=body).status_code == 200
        assert found.marks.asked() is not None, "what came last is followed by a look"
    minutes = 400 / 60 + 1
    assert rows(store) <= MOST_A_MINUTE * minutes + 1
    assert found.counts == {"taken": 200}


def test_an_ordinary_burst_is_known_when_it_is_repeated(store: Store) -> None:
    found = endpoint(store)
    client = TestClient(found.app())
    for _ in range(3):
        client.post("/events/business_central", content=notifications(0, MOST_AT_ONCE))
    assert (found.counts, rows(store)) == ({"taken": 1, "known": 2}, MOST_AT_ONCE)


def test_of_too_many_events_the_oldest_are_forgotten(store: Store) -> None:
    marks = ChangeMarks(store, most_events=10)
    for passed in range(30):
        marks.take("business_central", str(passed), NOW + timedelta(seconds=passed))
    assert marks.forget(NOW - timedelta(days=4)) == 20
    assert rows(store) == 10
    assert not marks.take("business_central", "29", NOW + timedelta(minutes=1))
    assert marks.take("business_central", "3", NOW + timedelta(minutes=1)), "it only asks for one more look"


@pytest.mark.parametrize(
    "body", [b'{"value":[{"clientState":"\\ud800"}]}', b'{"value":[{"clientState":["x"]}]}', b'["\\udfff"]']
)
def test_half_a_character_is_refused_and_counted(store: Store, body: bytes) -> None:
    found = endpoint(store)
    assert TestClient(found.app()).post("/events/business_central", content=body).status_code == 401
    assert found.counts == {"refused": 1}


async def test_a_body_that_never_ends_is_given_up(store: Store) -> None:
    found, sent = endpoint(store, body_seconds=0.01), []

    async def receive() -> Any:
        if not sent:
            await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/events/exact", "headers": [], "query_string": b""}
    await asyncio.wait_for(found.app()({**scope, "http_version": "1.1", "scheme": "http"}, receive, send), 30)
    assert sent[0]["status"] == 408
    assert found.counts == {"refused": 1}


class Pauses:
    """Takes the clock along; holds the watch where it rests before a look that a message asks for."""

    def __init__(self, later: Callable[..., None]) -> None:
        self.long: list[float] = []
        self._later = later
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        if seconds <= 1:
            return
        self.long.append(seconds)
        self.reached.set()
        await self.go_on.wait()
        self._later(seconds=round(seconds) + 1)


async def test_looks_that_messages_ask_for_keep_their_distance(furnish: Furnish, tmp_path: Path) -> None:
    office = furnish("sandbox", tmp_path)
    pauses = Pauses(office.clock.later)
    wait: Callable[[float], Awaitable[None]] = pauses
    async with office.open(pause=wait):
        line: Any = office.line
        line.kind = "exact"
        async with running(office, vendor_secret=VENDORS, event_seconds=300) as watch:
            assert (await watch.post("exact", FROM_EXACT)).status_code == 200
            await watch.news.until(lambda: watch.news.looks() == 2)
            for _ in range(50):
                assert (await watch.post("exact", FROM_EXACT)).status_code == 200
            await asyncio.wait_for(pauses.reached.wait(), 30)
            assert watch.news.looks() == 2, "fifty messages later nobody looked again"
            assert 290 < pauses.long[0] <= 300
            pauses.go_on.set()
            await watch.news.until(lambda: watch.news.looks() == 3)
            assert office.app.changes.asked() is None, "one look followed all of them"
