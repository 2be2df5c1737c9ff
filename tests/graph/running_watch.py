"""A watch that listens on this machine, what it tells, and how a test speaks to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx

from agent.settings import Settings
from agent.triggers.watching import Watching
from tests.graph.office import Office
from tests.graph.papers import AWAITED, a_document
from tools.erp.event_checks import signature

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
    at_once = {"settle_seconds": 0, "event_seconds": 0}
    values = {"listen": "127.0.0.1:0", "secret": SECRET, "poll_seconds": HOUR, **at_once, **events}
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
