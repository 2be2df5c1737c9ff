"""A token against forged requests is good only with the cookies of its session."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx
import pytest

from tests.erp.clocks import StillClock
from tools.erp.csrf import CsrfGuard
from tools.erp.errors import ErpAccessDenied, ErpUnavailable, OutcomeUnknown
from tools.erp.http import HttpClient, Request

FETCH = Request("GET", "service/", "csrf")
WRITE = Request("POST", "service/invoices", "post", json={"number": "1"})


class Gateway:
    """Every answer sets the cookie of a new session; a token is good with its own session alone."""

    def __init__(self) -> None:
        self.sessions: dict[str, str] = {}
        self.calls: Counter[str] = Counter()
        self.given = 0
        self.loses_reply = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.given += 1
        session = f"session-number-{self.given}"
        cookies = [
            ("set-cookie", f"SAP_SESSIONID_A01_100={session}; path=/; secure; HttpOnly"),
            ("set-cookie", "sap-usercontext=sap-client=100; path=/"),
        ]
        if request.method == "GET":
            self.calls["get"] += 1
            assert "cookie" not in request.headers, "reads carry no session"
            if request.headers.get("x-csrf-token") != "Fetch":
                return httpx.Response(200, headers=cookies, json={})
            self.sessions[f"token-of-{session}"] = session
            return httpx.Response(200, headers=[*cookies, ("x-csrf-token", f"token-of-{session}")], json={})
        self.calls["post"] += 1
        wanted = self.sessions.get(request.headers.get("x-csrf-token", ""))
        if wanted is None or f"SAP_SESSIONID_A01_100={wanted}" not in request.headers.get("cookie", ""):
            return httpx.Response(
                403, headers={"x-csrf-token": "Required"}, text="CSRF token validation failed"
            )
        if self.loses_reply:
            raise httpx.ReadError("lost", request=request)
        self.calls["done"] += 1
        return httpx.Response(201, headers=cookies, json={})


def a_client(gateway: Gateway) -> HttpClient:
    return HttpClient(
        "https://erp.example/",
        name="The ERP",
        transport=httpx.MockTransport(gateway),
        clock=StillClock(),
        guard=CsrfGuard(FETCH),
    )


async def test_a_token_is_fetched_once_and_used_for_every_change() -> None:
    gateway = Gateway()
    client = a_client(gateway)
    for _ in range(3):
        await client.write(WRITE)
    assert gateway.calls == {"get": 1, "post": 3, "done": 3}


async def test_reads_in_between_do_not_put_another_session_under_the_token() -> None:
    gateway = Gateway()
    client = a_client(gateway)
    await client.write(WRITE)
    await client.read(Request("GET", "service/orders", "orders"))
    await client.write(WRITE)
    assert gateway.calls == {"get": 2, "post": 2, "done": 2}


async def test_a_session_that_ended_is_replaced_and_the_change_is_sent_once_more() -> None:
    gateway = Gateway()
    client = a_client(gateway)
    await client.write(WRITE)
    gateway.sessions.clear()
    await client.write(WRITE)
    assert gateway.calls == {"get": 2, "post": 3, "done": 2}


async def test_a_change_is_not_sent_a_third_time() -> None:
    gateway = Gateway()

    def stubborn(request: httpx.Request) -> httpx.Response:
        gateway.sessions.clear()
        return gateway(request)

    client = HttpClient(
        "https://erp.example/",
        name="The ERP",
        transport=httpx.MockTransport(stubborn),
        guard=CsrfGuard(FETCH),
    )
    with pytest.raises(ErpAccessDenied):
        await client.write(WRITE)
    assert gateway.calls == {"get": 2, "post": 2}


async def test_another_403_is_a_missing_right_and_is_not_repeated() -> None:
    posts: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, headers={"x-csrf-token": "t"}, json={})
        posts.append(request.method)
        return httpx.Response(403, text="no authorization")

    client = HttpClient(
        "https://erp.example/",
        name="The ERP",
        transport=httpx.MockTransport(answer),
        guard=CsrfGuard(FETCH),
    )
    with pytest.raises(ErpAccessDenied):
        await client.write(WRITE)
    assert posts == ["POST"]


async def test_a_change_whose_reply_is_lost_is_unknown_and_not_repeated() -> None:
    gateway = Gateway()
    client = a_client(gateway)
    gateway.loses_reply = True
    with pytest.raises(OutcomeUnknown):
        await client.write(WRITE)
    assert gateway.calls["post"] == 1


async def test_many_changes_at_once_share_one_token_and_one_renewal() -> None:
    gateway = Gateway()
    client = a_client(gateway)
    await asyncio.gather(*(client.write(WRITE) for _ in range(20)))
    gateway.sessions.clear()
    await asyncio.gather(*(client.write(WRITE) for _ in range(20)))
    assert gateway.calls["done"] == 40
    assert gateway.calls["get"] == 2


async def test_cookies_go_back_as_they_came() -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            sent.append(request.headers["cookie"])
            return httpx.Response(201, json={})
        cookies = [
            ("set-cookie", 'SAP_SESSIONID_S4H_100=a{b}"c"%3d%3d; path=/; secure'),
            ("set-cookie", "gone=; expires=Thu, 01-Jan-1970 00:00:01 GMT"),
            ("set-cookie", "sap-usercontext=sap-language=EN&sap-client=100; path=/"),
        ]
        return httpx.Response(200, headers=[*cookies, ("x-csrf-token", "t")], json={})

    client = HttpClient(
        "https://erp.example/",
        name="The ERP",
        transport=httpx.MockTransport(answer),
        guard=CsrfGuard(FETCH),
    )
    await client.write(WRITE)
    assert sent == ['SAP_SESSIONID_S4H_100=a{b}"c"%3d%3d; sap-usercontext=sap-language=EN&sap-client=100']


async def test_without_a_token_nothing_is_sent() -> None:
    posts: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            posts.append(request.url.path)
        return httpx.Response(200, json={})

    client = HttpClient(
        "https://erp.example/",
        name="The ERP",
        transport=httpx.MockTransport(answer),
        guard=CsrfGuard(FETCH),
    )
    with pytest.raises(ErpAccessDenied, match="x-csrf-token"):
        await client.write(WRITE)
    assert not posts


async def test_when_no_token_can_be_fetched_nothing_happened() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    client = HttpClient(
        "https://erp.example/",
        name="The ERP",
        transport=httpx.MockTransport(refuse),
        clock=StillClock(),
        guard=CsrfGuard(FETCH),
    )
    with pytest.raises(ErpUnavailable):
        await client.write(WRITE)


async def test_token_and_session_are_not_told_when_a_refusal_repeats_them() -> None:
    gateway = Gateway()

    def echo(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return gateway(request)
        told = f"{request.headers['x-csrf-token']} {request.headers['cookie']}"
        return httpx.Response(400, text=told)

    client = HttpClient(
        "https://erp.example/",
        name="The ERP",
        transport=httpx.MockTransport(echo),
        guard=CsrfGuard(FETCH),
    )
    with pytest.raises(Exception, match="refused") as error:
        await client.write(WRITE)
    assert "session-number" not in getattr(error.value, "detail", "")
