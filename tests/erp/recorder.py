"""What a connector sends, written down for the tests of every ERP."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from tools.erp.sandbox.gate import App, InProcess


def is_login(request: httpx.Request) -> bool:
    """A request for a token: the login service is another house."""
    return request.url.path.endswith("/token")


class Recorder(httpx.AsyncBaseTransport):
    """A transport to a sandbox in this process that keeps the requests, without the logins."""

    def __init__(self, app: App, login: Callable[[httpx.Request], bool] = is_login) -> None:
        self._transport = InProcess(app)
        self._is_login = login
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self._is_login(request):
            self.requests.append(request)
        return await self._transport.handle_async_request(request)

    def sent(self) -> bytes:
        """Addresses and bodies, one after the other."""
        return b"\n".join(str(request.url).encode() + request.content for request in self.requests)
