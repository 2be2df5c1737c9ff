"""Logging in: one renewal at a time, before the token dies, and no secret in what people read."""

from __future__ import annotations

import asyncio
import traceback
from urllib.parse import parse_qsl

import httpx
import pytest
from pydantic import SecretStr

from tests.erp.clocks import StillClock
from tools.erp.errors import ErpAccessDenied, ErpUnavailable
from tools.erp.http import HttpClient, Request
from tools.erp.oauth import ClientCredentials, OAuthLogin

URL = "https://login.example/tenant/oauth2/v2.0/token"
SECRET = "v3ry-s3cr3t"


class TokenEndpoint:
    """Gives `token-1`, `token-2` …; `refuse` makes it say no."""

    def __init__(self, life: int = 3599, refuse: httpx.Response | None = None) -> None:
        self.forms: list[dict[str, str]] = []
        self._life = life
        self._refuse = refuse

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.forms.append(dict(parse_qsl(request.content.decode())))
        await asyncio.sleep(0)
        if self._refuse is not None:
            return self._refuse
        body = {"token_type": "Bearer", "expires_in": self._life, "access_token": f"token-{len(self.forms)}"}
        return httpx.Response(200, json=body)


def a_login(endpoint: TokenEndpoint, clock: StillClock | None = None) -> OAuthLogin:
    clock = clock or StillClock()
    flow = ClientCredentials(
        URL,
        client_id="client-7",
        client_secret=SecretStr(SECRET),
        scope="https://erp.example/.default",
        transport=httpx.MockTransport(endpoint),
        clock=clock,
    )
    return OAuthLogin(flow, clock=clock)


async def test_the_form_is_the_client_credentials_grant() -> None:
    endpoint = TokenEndpoint()
    assert await a_login(endpoint).header() == "Bearer token-1"
    assert endpoint.forms == [
        {
            "grant_type": "client_credentials",
            "client_id": "client-7",
            "client_secret": SECRET,
            "scope": "https://erp.example/.default",
        }
    ]


async def test_fifty_calls_at_once_ask_for_one_token() -> None:
    endpoint = TokenEndpoint()
    login = a_login(endpoint)
    headers = await asyncio.gather(*(login.header() for _ in range(50)))
    assert set(headers) == {"Bearer token-1"}
    assert len(endpoint.forms) == 1


async def test_fifty_calls_refused_at_once_renew_one_token() -> None:
    endpoint = TokenEndpoint()
    login = a_login(endpoint)
    seen: list[str] = []

    async def erp(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        seen.append(request.headers["authorization"])
        return httpx.Response(401 if seen[-1] == "Bearer token-1" else 200, json={})

    client = HttpClient(
        "https://erp.example",
        name="The ERP",
        login=login,
        transport=httpx.MockTransport(erp),
        clock=StillClock(),
    )
    await asyncio.gather(*(client.read(Request("GET", "x", "x")) for _ in range(50)))
    assert len(endpoint.forms) == 2
    assert seen.count("Bearer token-2") == 50


async def test_a_token_is_renewed_five_minutes_before_it_expires() -> None:
    clock, endpoint = StillClock(), TokenEndpoint(life=3600)
    login = a_login(endpoint, clock)
    await login.header()
    clock.now += 3299
    assert await login.header() == "Bearer token-1"
    clock.now += 2
    assert await login.header() == "Bearer token-2"


async def test_a_short_lived_token_is_still_used_for_half_its_life() -> None:
    clock, endpoint = StillClock(), TokenEndpoint(life=60)
    login = a_login(endpoint, clock)
    await login.header()
    clock.now += 29
    assert await login.header() == "Bearer token-1"


async def test_a_wrong_secret_is_told_to_the_administrator_without_the_secret() -> None:
    text = f"AADSTS7000215: Invalid client secret {SECRET} provided.\r\nTrace ID: 1"
    refusal = httpx.Response(401, json={"error": "invalid_client", "error_description": text})
    with pytest.raises(ErpAccessDenied) as caught:
        await a_login(TokenEndpoint(refuse=refusal)).header()
    told = "".join(traceback.format_exception(caught.value)) + caught.value.detail
    assert "client-7" in str(caught.value)
    assert "AADSTS7000215" in str(caught.value)
    assert "Trace" not in str(caught.value)
    assert SECRET not in told


async def test_an_endpoint_that_is_down_is_unavailable_after_several_tries() -> None:
    endpoint = TokenEndpoint(refuse=httpx.Response(503))
    with pytest.raises(ErpUnavailable):
        await a_login(endpoint).header()
    assert len(endpoint.forms) == 5


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b'{"token_type":"mac","access_token":"x"}', b'{"token_type":"Bearer"}']
)
async def test_an_answer_without_a_token_is_no_login(body: bytes) -> None:
    with pytest.raises(ErpUnavailable):
        await a_login(TokenEndpoint(refuse=httpx.Response(200, content=body))).header()


async def test_after_a_failed_renewal_the_next_call_asks_again() -> None:
    endpoint = TokenEndpoint(refuse=httpx.Response(401, json={"error": "invalid_client"}))
    login = a_login(endpoint)
    for _ in range(2):
        with pytest.raises(ErpAccessDenied):
            await login.header()
    assert len(endpoint.forms) == 2
