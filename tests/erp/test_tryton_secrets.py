"""What a server says about a login never carries the password on."""

from __future__ import annotations

import json

import httpx
import pytest
from pydantic import SecretStr

from tests.erp.clocks import StillClock
from tests.erp.tryton_setup import settings
from tools.erp.errors import ErpAccessDenied, ErpUnavailable
from tools.erp.tryton import connector


class Echo(httpx.AsyncBaseTransport):
    """Answers every request with its own body, as a server that shows its errors does."""

    def __init__(self, status: int, before: int = 0) -> None:
        self._status, self._before = status, before

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = "x" * self._before + request.content.decode()
        told = body if self._before else json.dumps({"message": body})
        return httpx.Response(self._status, text=told, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("password", ["plain-secret-1", 'with "quotes" \\ and ü'])
@pytest.mark.parametrize(
    ("status", "before"), [(500, 0), (400, 0), (401, 0), (500, 1940), (200, 0), (200, 1)]
)
async def test_a_server_that_repeats_the_login_does_not_bring_the_password_into_the_log(
    password: str, status: int, before: int
) -> None:
    told = settings(password=SecretStr(password))
    erp = connector.connect(told, transport=Echo(status, before), clock=StillClock())
    with pytest.raises(Exception) as refused:  # noqa: PT011 - which one depends on the status
        await erp.tax_codes()
    await erp.close()
    seen = f"{refused.value} {getattr(refused.value, 'detail', '')}"
    assert not any(part in seen for part in ("secret", "quotes"))
    if status == 500:
        assert isinstance(refused.value, ErpUnavailable)
        assert refused.value.detail == "HTTP 500"
    if status == 401:
        assert isinstance(refused.value, ErpAccessDenied)
