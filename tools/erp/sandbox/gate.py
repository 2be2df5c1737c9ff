"""The gate before a protocol sandbox: counts the calls, lets the planned faults happen, opens the control
door beside it. A protocol sandbox only has to name its operations and its vendor's error bodies.

In one process, use `InProcess` as the httpx transport: it turns a broken connection into the httpx error
that a real one gives. Over a socket a broken connection is an answer that ends before its stated length.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import httpx

from tools.erp.sandbox.company import Company
from tools.erp.sandbox.control import control_app
from tools.erp.sandbox.faults import Fault, FaultKind, Faults, Traffic

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Answered = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""
_STATUS = {FaultKind.TOO_MANY: 429, FaultKind.EXPIRED_TOKEN: 401, FaultKind.STALE_VERSION: 409}
_IN_PROCESS = "sandbox.in_process"
CONTROL = "/_sandbox"


class ConnectionBroken(Exception):
    """In process only: the caller gets no answer. `sent` tells whether the request had gone out."""

    def __init__(self, sent: bool) -> None:
        super().__init__("the connection broke")
        self.sent = sent


def status_of(fault: Fault) -> int:
    """The status code an HTTP ERP gives for the fault."""
    return _STATUS.get(fault.kind, fault.status)


def plain_answer(fault: Fault) -> Answered:
    """For vendors without a body of their own for such cases."""
    return status_of(fault), {}, b""


class Gate:
    """An ASGI app around another. `operation` names a call from its method and path; `answer` is the
    vendor's error for a fault."""

    def __init__(
        self,
        app: App,
        company: Company,
        faults: Faults,
        *,
        operation: Callable[[str, str], str],
        answer: Callable[[Fault], Answered] = plain_answer,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.app = app
        self.company = company
        self.faults = faults
        self.traffic = Traffic()
        self._operation = operation
        self._answer = answer
        self._sleep = sleep
        self._control: App = control_app(company, faults, self.traffic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"].startswith(CONTROL + "/"):
            await self._control(scope, receive, send)
        else:
            operation = self._operation(scope["method"], scope["path"])
            with self.traffic.call(operation):
                await self._pass(operation, scope, receive, send)

    async def _pass(self, operation: str, scope: Scope, receive: Receive, send: Send) -> None:
        struck = self.faults.strike(operation)
        if struck.wait:
            await self._sleep(struck.wait)
        if struck.fault is None:
            await self.app(scope, receive, send)
            return
        if struck.fault.kind.after_commit:
            await self.app(scope, receive, _swallow)
        await self._fail(struck.fault, scope, send)

    async def _fail(self, fault: Fault, scope: Scope, send: Send) -> None:
        if fault.kind in (FaultKind.CONNECTION_REFUSED, FaultKind.REQUEST_LOST, FaultKind.REPLY_LOST):
            if scope.get(_IN_PROCESS):
                raise ConnectionBroken(sent=fault.kind is not FaultKind.CONNECTION_REFUSED)
            await _start(send, 200, {"content-length": "1"})
            return
        status, headers, body = self._answer(fault)
        if fault.retry_after is not None:
            headers = {**headers, "retry-after": str(fault.retry_after)}
        await _start(send, status, {**headers, "content-length": str(len(body))})
        await send({"type": "http.response.body", "body": body})


async def _start(send: Send, status: int, headers: dict[str, str]) -> None:
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})


async def _swallow(message: Message) -> None:
    return None


class InProcess(httpx.AsyncBaseTransport):
    """An httpx transport to an ASGI app in this process."""

    def __init__(self, app: App) -> None:
        async def marked(scope: Scope, receive: Receive, send: Send) -> None:
            scope[_IN_PROCESS] = True
            await app(scope, receive, send)

        self._transport = httpx.ASGITransport(app=marked)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._transport.handle_async_request(request)
        except ConnectionBroken as broken:
            if broken.sent:
                raise httpx.ReadError("the connection broke", request=request) from broken
            raise httpx.ConnectError("the connection was refused", request=request) from broken
