"""Every ERP kind over the same made-up company, in this process, with its traffic counted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from tools.erp import kinds, load, server
from tools.erp.contract import Erp
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.connector import SandboxErp
from tools.erp.sandbox.faults import Faults
from tools.erp.sandbox.gate import App, InProcess

ADDRESS = "http://127.0.0.1"
IN_PROCESS = "sandbox"
"""The kind without a protocol: its calls are counted, it moves no bytes."""


_START = 1000.0


class UnhurriedClock:
    """The company's time, and what somebody waited, which passes at once: a vendor's limits cost no seconds,
    and a login ends overnight for both sides."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._begun = now()
        self._waited = 0.0

    def time(self) -> float:
        return _START + (self._now() - self._begun).total_seconds() + self._waited

    async def sleep(self, seconds: float) -> None:
        self._waited += seconds

    def moment(self) -> datetime:
        """The server's clock: its limits count what was waited too."""
        return self._now() + timedelta(seconds=self._waited)


class Counted(httpx.AsyncBaseTransport):
    """Counts what goes over the wire to an ERP: requests and bytes of bodies and addresses, both ways."""

    def __init__(self, app: App) -> None:
        self._transport = InProcess(app)
        self.calls = 0
        self.moved = 0
        self.sent: list[str] = []
        """Bodies of what was not only read, where they are JSON; a file kept with a document is none."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        body = await request.aread()
        self.moved += len(str(request.url)) + len(body)
        if request.method != "GET" and "json" in request.headers.get("content-type", ""):
            self.sent.append(body.decode("utf-8", "replace"))
        response = await self._transport.handle_async_request(request)
        self.moved += len(await response.aread())
        return response


@dataclass(frozen=True)
class ErpDesk:
    """One ERP over one company; `calls` and `moved` (bytes) so far."""

    kind: str
    company: Company
    erp: Erp
    calls: Callable[[], int]
    moved: Callable[[], int]
    sent: Callable[[], Sequence[str]] = tuple
    """What was sent to be written, as JSON."""


@asynccontextmanager
async def desk_of(kind: str, world: Mapping[str, Any], now: Callable[[], datetime]) -> AsyncIterator[ErpDesk]:
    """The ERP `kind` over fresh books of `world`; closed with the context."""
    if kind == IN_PROCESS:
        company = Company.load(world, now)
        erp = SandboxErp(company, Faults(seed=1))
        yield ErpDesk(kind, company, erp, lambda: erp.traffic.total, lambda: 0)
        return
    clock = UnhurriedClock(now)
    company = Company.load(world, clock.moment)
    protocol = server(kind)
    wire, module = Counted(protocol.app(company)), load(kind)
    settings = module.Settings.model_validate(protocol.login(company, ADDRESS))
    connected = module.connect(settings, transport=wire, clock=clock)
    try:
        yield ErpDesk(kind, company, connected, lambda: wire.calls, lambda: wire.moved, lambda: wire.sent)
    finally:
        await connected.close()


def all_kinds() -> tuple[str, ...]:
    """The kinds with a protocol, then the one without: the measure of what a connector can offer."""
    return (*(kind for kind in kinds() if kind != IN_PROCESS), IN_PROCESS)
