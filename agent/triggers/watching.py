"""`erp-agent watch`: asks the ERP at intervals what changed, and at once when a message says that something
did; keeps the ERP's subscriptions alive. A look that fails is told and made again, whatever it failed of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from typing import Any

import uvicorn

from agent.application import Application
from agent.triggers.event_endpoint import EventEndpoint
from agent.triggers.odd_records import reading, words
from agent.triggers.order_watch import Look, OrderWatch
from agent.triggers.refused_connections import summed_up
from agent.triggers.settings import EventSettings
from agent.wrong_usage import WrongUsage
from tools.audit_log import AuditBroken
from tools.change_marks import LONGEST_WINDOW, ChangeMarks
from tools.erp.errors import ErpError
from tools.erp.event_checks import business_central, derived_secret, exact, signed
from tools.erp.event_source import EventSource

RENEW_BEFORE = timedelta(hours=36)
"""A subscription is renewed half its life before its end: a weekend's outage of ours may lie in between."""
MOST_CONNECTIONS = 100
"""Further ones are answered 503 and sent again by whoever keeps to the rules; no ERP opens as many."""
News = dict[str, Any]
"""What a turn has to tell: `message`, and `case`, `stage`, `error` where it is about one."""


@dataclass
class Watching:
    """One process's watch over one ERP."""

    application: Application
    tell: Callable[[News], None]
    subscribed_until: datetime | None = None
    _event_look_at: datetime | None = None
    """When the last look began that a message asked for."""
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        every = timedelta(minutes=self.settings.complete_minutes)
        at_once = self.application.settings.batch.cases_at_once
        self.watch = OrderWatch(self.application.service, self.marks, every, at_once)

    @property
    def settings(self) -> EventSettings:
        return self.application.settings.events

    @property
    def marks(self) -> ChangeMarks:
        return self.application.changes

    @property
    def endpoint(self) -> EventEndpoint:
        """Raises WrongUsage without a secret."""
        secret, vendors = self.settings.secret, self.settings.vendor_secret
        if secret is None:
            raise WrongUsage("[events] secret is missing: a message that nobody signed is refused")
        window = timedelta(seconds=self.settings.window_seconds)
        checks = {"signed": (signed(window), secret.get_secret_value())}
        deps = self.application.service.deps
        if deps.erp.kind == "business_central":
            checks[deps.erp.kind] = (business_central, secret.get_secret_value())
        elif deps.erp.kind == "exact" and vendors is not None:
            checks[deps.erp.kind] = (exact, vendors.get_secret_value())
        return EventEndpoint(checks, self.marks, deps.now, self._woken.set)

    async def once(self, *, complete: bool = False) -> Look | None:
        """One look, with what it found told; None when the ERP could not be asked."""
        try:
            look = await self.watch.look(complete=complete)
        except ErpError as error:
            self.tell({"message": f"the ERP could not be asked: {error}", "error": type(error).__name__})
            return None
        for done in look.rechecked:
            told = done.error or f"matched again; {done.why}"
            self.tell({"message": told, "case": done.case_id, "stage": done.stage, "error": done.error_kind})
        return look

    async def keep_subscribed(self) -> None:
        """Make or renew the ERP's subscriptions when it is time. A refusal is told; polling goes on. Raises
        WrongUsage where its messages could not be checked."""
        erp, deps = self.application.service.deps.erp, self.application.service.deps
        address, secret = self.settings.address, self.settings.secret
        if address is None or secret is None or not isinstance(erp, EventSource):
            return
        if erp.kind not in self.endpoint.checks:
            raise WrongUsage(f"[events] vendor_secret is missing: {erp.kind} signs its messages with it")
        if self.subscribed_until is not None and self.subscribed_until - deps.now() > RENEW_BEFORE:
            return
        state = derived_secret(secret.get_secret_value(), erp.kind)
        try:
            with reading("the answer to our subscription"):
                found = await erp.subscribe(f"{address}/{erp.kind}", state, deps.now())
        except ErpError as error:
            self.tell({"message": f"the ERP sends us no messages: {error}", "error": type(error).__name__})
            return
        self.subscribed_until = found.until
        told = f"subscribed to {', '.join(found.resources)} until {found.until:%Y-%m-%d %H:%M} UTC"
        self.tell({"message": told})

    async def run(self) -> None:
        """Until it is cancelled. Listens where the settings say so."""
        place = self.settings.host_and_port
        if place is None:
            await self._keep_looking()
            return
        with listening(*place) as listener:
            config = uvicorn.Config(
                self.endpoint.app(),
                log_level="warning",
                access_log=False,
                lifespan="off",
                limit_concurrency=MOST_CONNECTIONS,
            )
            host, port = listener.getsockname()[:2]
            self.tell({"message": f"listening on http://{host}:{port}/events", "port": port})
            with summed_up():
                await self._serve(uvicorn.Server(config), listener)

    async def _serve(self, server: uvicorn.Server, listener: socket) -> None:
        """Until the server is interrupted or the looks end, whichever comes first."""
        looking = asyncio.create_task(self._keep_looking())
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await asyncio.wait((looking, serving), return_when=asyncio.FIRST_COMPLETED)
            if looking.done():
                looking.result()
        finally:
            server.should_exit = True
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
            await serving

    async def _keep_looking(self) -> None:
        """The looks, begun again when they end of something nobody thought of, a full disk say: it is told,
        and the next look comes in its time. Wrong settings, a broken log and being cancelled end it."""
        while True:
            looking = asyncio.create_task(self._look_for_ever())
            try:
                await asyncio.wait((looking,))
            finally:
                looking.cancel()
                await asyncio.gather(looking, return_exceptions=True)
            error = looking.exception()
            if not isinstance(error, Exception) or isinstance(error, (WrongUsage, AuditBroken)):
                looking.result()
                return
            told = f"a look broke off and is made again: {words(error)}"
            self.tell({"message": told, "error": type(error).__name__})
            await self._until_due()

    async def _look_for_ever(self) -> None:
        deps = self.application.service.deps
        while True:
            self._woken.clear()
            if self.marks.asked() is not None:
                self._event_look_at = deps.now()
            await self.keep_subscribed()
            look = await self.once()
            self.marks.forget(deps.now() - LONGEST_WINDOW)
            self.tell({"message": "looked", "complete": look.complete if look else None})
            await deps.pause(self.settings.settle_seconds)
            if look is None or self.marks.asked() is None:
                await self._until_due()
            await self._until_event_look()

    async def _until_due(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), self.settings.poll_seconds)

    async def _until_event_look(self) -> None:
        """However many messages come, the looks they ask for keep their distance; the ones at intervals do
        not wait for it. Where calls are counted by the day, a message that is sent again and again would use
        them up."""
        if self._event_look_at is None or self.marks.asked() is None:
            return
        least = min(self.settings.event_seconds, self.settings.poll_seconds)
        passed = (self.application.service.deps.now() - self._event_look_at).total_seconds()
        if passed < least:
            await self.application.service.deps.pause(min(least - passed, least))


def listening(host: str, port: int) -> socket:
    """A socket that already takes connections. Raises WrongUsage."""
    listener = socket()
    listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        raise WrongUsage(f"[events] listen {host}:{port} cannot be used: {error}") from None
    return listener
