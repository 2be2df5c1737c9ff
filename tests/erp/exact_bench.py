"""A bench for the Exact Online connector: over the sandbox, logged in, with all that was sent at hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.erp.exact_setup import SECRET, Recorder, TwinClock, consented, settings
from tests.erp.under_test import ClockOnTheWall
from tools.erp.answers import from_json, to_json
from tools.erp.exact import connector, sandbox
from tools.erp.exact.connector import ExactOnline
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults
from tools.erp.sandbox.gate import InProcess

ROOT = "http://127.0.0.1/api/v1/1234567/"


class Changed(httpx.AsyncBaseTransport):
    """Lets a function change answers: it is given the request and the real answer."""

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        change: Callable[[httpx.Request, httpx.Response], httpx.Response],
    ) -> None:
        self._inner = inner
        self._change = change

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        await answer.aread()
        return self._change(request, answer)


class ExactBench:
    """The connector over the sandbox, with what was sent and what stands in the books."""

    def __init__(self, company: Company, folder: Path, **protocol: Any) -> None:
        assert isinstance(company.clock, ClockOnTheWall)
        self.company = company
        self.folder = folder
        self.faults = Faults(seed=1)
        self.app = sandbox.app(company, self.faults, client_secret=SECRET, **protocol)
        server = self.app.app
        assert isinstance(server, sandbox.Server)
        self.server = server
        self.recorder = Recorder(self.app)
        self.clock = TwinClock(company.clock)
        self.more: dict[str, Any] = {"clock": self.clock, "now": self.now}

    def now(self) -> float:
        return self.company.clock().timestamp()

    async def consent(self) -> None:
        await consented(settings(self.folder), InProcess(self.app), **self.more)

    def connect(self, transport: httpx.AsyncBaseTransport | None = None, **values: object) -> ExactOnline:
        """Another connector to the same server; `values` are settings."""
        erp = connector.connect(
            settings(self.folder, **values), transport=transport or self.recorder, **self.more
        )
        assert isinstance(erp, ExactOnline)
        return erp

    def changing(self, change: Callable[[httpx.Request, httpx.Response], httpx.Response]) -> ExactOnline:
        return self.connect(Changed(self.recorder, change))

    def sent(self, method: str, resource: str = "") -> list[httpx.Request]:
        return [
            request
            for request in self.recorder.requests
            if request.method == method and resource in request.url.path
        ]

    def bodies(self, resource: str) -> list[Any]:
        return [from_json(request.content) for request in self.sent("POST", resource)]


class ExactClient:
    """Raw HTTP to the sandbox, logged in."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        content = None if body is None else to_json(body)
        url = path if path.startswith("http") else ROOT + path
        headers = {} if content is None else {"content-type": "application/json"}
        return await self.http.request(method, url, content=content, headers=headers)

    async def get(self, path: str) -> Any:
        answer = await self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return from_json(answer.content)["d"]

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        answer = await self.send(method, path, body)
        told = json.loads(answer.text)["error"]["message"]["value"] if answer.text else ""
        return answer.status_code, told


@asynccontextmanager
async def a_client(bench: ExactBench) -> AsyncIterator[ExactClient]:
    login = bench.server.login
    code = (
        login.consent(
            {
                "client_id": "sandbox-client",
                "response_type": "code",
                "redirect_uri": "https://x/",
                "state": "s",
            }
        )
        .split("code=")[1]
        .split("&")[0]
    )
    pair = login.token(
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": "https://x/",
            "client_id": "sandbox-client",
            "client_secret": SECRET,
        }
    )
    async with httpx.AsyncClient(transport=InProcess(bench.app)) as http:
        http.headers["Authorization"] = f"Bearer {pair['access_token']}"
        yield ExactClient(http)
