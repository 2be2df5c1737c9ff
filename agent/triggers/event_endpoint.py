"""The HTTP endpoint for messages of the ERP: `POST /events/SOURCE`.

A message is kept (that it came, not what it says) before it is answered, then the ERP is looked into. What
cannot prove where it comes from is answered 401 and leaves no trace but a count; what was received before
is answered like the first time and does nothing.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tools.change_marks import ChangeMarks
from tools.erp.event_checks import Check, EventRefused

LONGEST_BODY = 1_000_000
MOST_AT_ONCE = 100
MOST_A_MINUTE = 300
"""Events of one source that are kept one by one: of one message, and in any minute. Messages of Business
Central are not signed, so whoever learned their secret could send new ones for ever. What is more is kept as
one mark, which asks for a look as well; and what a look finds does not depend on what messages say."""
_MINUTE = timedelta(minutes=1)
_TOKEN = re.compile(r"[\x21-\x7e]{1,2000}")
_PLAIN = {"x-content-type-options": "nosniff", "cache-control": "no-store"}
_ECHO, _EMPTY = "business_central", "exact"
"""Sources that try the address when they are subscribed to: one wants its token back, the other calls without
a body and wants 200 (unverified: what else). It proves that somebody reads this address, and does nothing."""


@dataclass
class EventEndpoint:
    """`woken` is called when something came that was not known."""

    checks: Mapping[str, tuple[Check, str]]
    """Source -> how its messages are checked, and with which secret."""
    marks: ChangeMarks
    now: Callable[[], datetime]
    woken: Callable[[], None]
    body_seconds: float = 10.0
    """How long a message may take to arrive; what needs longer is answered 408."""
    counts: Counter[str] = field(default_factory=Counter)
    """`taken`, `known`, `refused`, `handshakes` since the start."""
    _kept: dict[str, deque[datetime]] = field(default_factory=dict)
    """Source -> when its events of the last minute were kept."""

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/events/{source}", self._answer, methods=["GET", "POST"])])

    async def _answer(self, request: Request) -> Response:
        source = request.path_params["source"]
        if source not in self.checks:
            return _said(404)
        try:
            async with asyncio.timeout(self.body_seconds):
                body = await _body(request)
        except TimeoutError:
            self.counts["refused"] += 1
            return _said(408)
        if body is None:
            self.counts["refused"] += 1
            return _said(413)
        shaken = _handshake(source, request, body)
        if shaken is not None:
            self.counts["handshakes"] += 1
            return shaken
        if request.method != "POST":
            return _said(405)
        check, secret = self.checks[source]
        try:
            found = check(request.headers, body, secret, self.now())
        except EventRefused:
            self.counts["refused"] += 1
            return _said(401)
        await self._keep(source, found)
        return _said(200)

    async def _keep(self, source: str, found: list[str]) -> None:
        """An event without identity always asks for a look, and all of a source share one mark; so do those
        of a flood."""
        at = self.now()
        told = list(dict.fromkeys(found))
        if len(told) > min(MOST_AT_ONCE, self._room(source, at)):
            told = [""]
        fresh = [await asyncio.to_thread(self._take, source, event_id, at) for event_id in told]
        self.counts["taken" if any(fresh) else "known"] += 1
        if any(fresh):
            self.woken()

    def _room(self, source: str, at: datetime) -> int:
        """How many more events of the source may be kept one by one now."""
        kept = self._kept.setdefault(source, deque())
        while kept and kept[0] <= at - _MINUTE:
            kept.popleft()
        return MOST_A_MINUTE - len(kept)

    def _take(self, source: str, event_id: str, at: datetime) -> bool:
        if event_id:
            is_new = self.marks.take(source, event_id, at)
            if is_new:
                self._kept[source].append(at)
            return is_new
        self.marks.ask(source, at)
        return True


def _handshake(source: str, request: Request, body: bytes) -> Response | None:
    """The answer to a source that tries the address; None for anything else."""
    token = request.query_params.get("validationToken", "")
    if source == _ECHO and _TOKEN.fullmatch(token):
        return PlainTextResponse(token, headers=_PLAIN)
    return _said(200) if source == _EMPTY and not body else None


async def _body(request: Request) -> bytes | None:
    """None for one that is too long or was not sent to its end."""
    read = b""
    try:
        async for part in request.stream():
            read += part
            if len(read) > LONGEST_BODY:
                return None
    except ClientDisconnect:
        return None
    return read


def _said(status: int) -> Response:
    return PlainTextResponse("", status_code=status, headers=_PLAIN)
