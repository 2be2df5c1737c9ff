"""What the client of all connectors makes of networks and answers."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest

from tests.erp.clocks import StillClock
from tools.erp.address import checked_url
from tools.erp.answers import Answer, NotJson, Redaction, from_json, to_json
from tools.erp.errors import (
    ErpAccessDenied,
    ErpChanged,
    ErpError,
    ErpRejected,
    ErpUnavailable,
    OutcomeUnknown,
)
from tools.erp.http import HttpClient, Login, Request, counted_calls
from tools.erp.pacing import Limits, Pacing, Retries, retry_after

SECRET = "s3cr3t-token-value"
READ = Request("GET", "orders", "orders")
WRITE = Request("POST", "invoices", "post", json={"amount": Decimal("1.10")})

Handler = Callable[[httpx.Request], httpx.Response]


class FixedLogin:
    def __init__(self, renewable: bool = True) -> None:
        self.renewals = 0
        self._renewable = renewable

    async def header(self) -> str:
        return f"Bearer {SECRET}{self.renewals}"

    async def renew(self, refused: str) -> bool:
        self.renewals += 1
        return self._renewable

    def secrets(self) -> tuple[str, ...]:
        return (SECRET,)


def a_client(
    handler: Handler, *, login: Login | None = None, clock: StillClock | None = None, **more: object
) -> HttpClient:
    return HttpClient(
        "https://erp.example/api",
        name="The ERP",
        login=login,
        transport=httpx.MockTransport(handler),
        clock=clock or StillClock(),
        retries=Retries(spread=lambda: 0.0),
        **more,  # type: ignore[arg-type]
    )


class Script:
    """Answers one after the other; the last one stays."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
async def test_a_write_that_was_not_sent_is_unavailable(error: type[httpx.TransportError]) -> None:
    script = Script(error("no line"))
    with pytest.raises(ErpUnavailable):
        await a_client(script).write(WRITE)
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.RemoteProtocolError,
        httpx.CloseError,
    ],
)
async def test_a_write_that_may_have_arrived_is_unknown(error: type[httpx.TransportError]) -> None:
    script = Script(error("gone"))
    with pytest.raises(OutcomeUnknown):
        await a_client(script).write(WRITE)
    assert len(script.requests) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
async def test_a_server_error_after_a_write_is_unknown_and_not_sent_again(status: int) -> None:
    script = Script(httpx.Response(status))
    with pytest.raises(OutcomeUnknown):
        await a_client(script).write(WRITE)
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, ErpUnavailable),
        (400, ErpRejected),
        (404, ErpRejected),
        (403, ErpAccessDenied),
        (409, ErpChanged),
        (412, ErpChanged),
        (302, ErpRejected),
    ],
)
async def test_other_refusals_of_a_write_are_named_by_what_to_do(status: int, error: type[ErpError]) -> None:
    script = Script(httpx.Response(status, headers={"location": "https://elsewhere.example"}))
    with pytest.raises(error):
        await a_client(script).write(WRITE)
    assert len(script.requests) == 1


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
async def test_a_read_is_tried_again_with_growing_waits(status: int) -> None:
    clock = StillClock()
    script = Script(httpx.Response(status), httpx.Response(status), httpx.Response(200, json={}))
    await a_client(script, clock=clock).read(READ)
    assert clock.slept == [0.5, 1.0]


async def test_a_read_is_tried_again_after_a_broken_connection() -> None:
    script = Script(httpx.ConnectError("no"), httpx.ReadError("gone"), httpx.Response(200, json={"a": 1}))
    assert (await a_client(script).read(READ)).json() == {"a": 1}


async def test_a_read_gives_up_after_five_attempts() -> None:
    script = Script(httpx.Response(503))
    with pytest.raises(ErpUnavailable):
        await a_client(script).read(READ)
    assert len(script.requests) == 5


async def test_a_read_is_not_repeated_when_the_erp_says_no() -> None:
    script = Script(httpx.Response(400))
    with pytest.raises(ErpRejected):
        await a_client(script).read(READ)
    assert len(script.requests) == 1


async def test_a_read_waits_exactly_as_long_as_the_erp_asks() -> None:
    clock = StillClock()
    script = Script(httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(200, json={}))
    await a_client(script, clock=clock).read(READ)
    assert clock.slept == [7.0]


async def test_a_wait_of_an_hour_is_reported_instead_of_waited() -> None:
    clock = StillClock()
    script = Script(httpx.Response(429, headers={"Retry-After": "3600"}))
    with pytest.raises(ErpUnavailable):
        await a_client(script, clock=clock).read(READ)
    assert clock.slept == []


def test_a_date_in_retry_after_is_compared_with_the_answers_own_date() -> None:
    answered = "Wed, 21 Oct 2026 07:28:00 GMT"
    assert retry_after("Wed, 21 Oct 2026 07:28:30 GMT", answered) == 30.0
    assert retry_after("soon", answered) is None
    assert retry_after("Wed, 21 Oct 2026 07:28:30 GMT", None) is None


async def test_a_refused_token_is_renewed_once_and_the_request_sent_again() -> None:
    login = FixedLogin()
    script = Script(httpx.Response(401), httpx.Response(201, json={}))
    await a_client(script, login=login).write(WRITE)
    assert login.renewals == 1
    assert script.requests[1].headers["authorization"].endswith("1")


async def test_a_login_that_stays_refused_is_for_the_administrator() -> None:
    login = FixedLogin()
    script = Script(httpx.Response(401))
    with pytest.raises(ErpAccessDenied):
        await a_client(script, login=login).read(READ)
    assert (login.renewals, len(script.requests)) == (1, 2)


async def test_no_secret_is_in_an_error_its_causes_or_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = f'{{"message": "token {SECRET}0 refused", "access_token": "abcdef123"}}'
    scripts = [
        Script(httpx.Response(400, text=body)),
        Script(httpx.ReadError(f"while sending Bearer {SECRET}0")),
        Script(httpx.ConnectError(f"proxy said {SECRET}")),
    ]
    for script in scripts:
        with pytest.raises(ErpError) as caught:
            await a_client(script, login=FixedLogin()).write(WRITE)
        told = "".join(traceback.format_exception(caught.value)) + caught.value.detail + repr(caught.value)
        assert SECRET not in told
        assert "abcdef123" not in told
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
    assert SECRET not in caplog.text


def test_tokens_in_texts_are_blotted_out_even_when_unknown() -> None:
    blotted = Redaction().text(
        'Authorization: Bearer abc.def-123456; client_secret=hunter2&x={"access_token":"q"}'
    )
    assert "abc.def" not in blotted
    assert "hunter2" not in blotted
    assert '"q"' not in blotted


def test_amounts_survive_json_to_the_last_digit() -> None:
    sent = to_json({"a": Decimal("0.10"), "b": Decimal("12345678901234567890.123456789")})
    assert sent == b'{"a": 0.10, "b": 12345678901234567890.123456789}'
    assert from_json(sent) == {"a": Decimal("0.10"), "b": Decimal("12345678901234567890.123456789")}
    assert str(from_json(b"[1.50]")[0]) == "1.50"


@pytest.mark.parametrize("text", [b"[NaN]", b"[Infinity]", b"<html>", b""])
def test_what_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(NotJson):
        from_json(text)


async def test_a_proxys_page_instead_of_json_is_unavailable() -> None:
    with pytest.raises(ErpUnavailable):
        Answer(200, {}, b"<html>please log in</html>").json()


@pytest.mark.parametrize(
    "url",
    [
        "http://erp.example",
        "ftp://erp.example",
        "https://user:pw@erp.example",
        "erp.example",
        "http://10.0.0.5",
    ],
)
def test_an_address_without_protection_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"https|password"):
        checked_url(url)


@pytest.mark.parametrize(
    "url", ["https://erp.example", "http://localhost:8000", "http://127.0.0.1", "http://[::1]:1"]
)
def test_tls_or_this_machine_is_allowed(url: str) -> None:
    assert checked_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/api/orders",
        "http://erp.example/api",
        "https://erp.example:8443/",
        "//evil.example/",
        "https://[",
    ],
)
async def test_the_login_never_goes_to_another_host(url: str) -> None:
    script = Script(httpx.Response(200, json={}))
    with pytest.raises(ErpAccessDenied):
        await a_client(script, login=FixedLogin()).read(Request("GET", url, "orders"))
    assert script.requests == []


async def test_no_more_calls_run_at_once_than_allowed() -> None:
    running = peak = 0

    async def handler(request: httpx.Request) -> httpx.Response:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0)
        running -= 1
        return httpx.Response(200, json={})

    client = a_client(handler, limits=Limits(concurrent=3))  # type: ignore[arg-type]
    await asyncio.gather(*(client.read(READ) for _ in range(20)))
    assert peak == 3


async def test_calls_beyond_the_window_wait_until_the_first_ones_leave_it() -> None:
    clock = StillClock()
    client = a_client(Script(httpx.Response(200, json={})), clock=clock, limits=Limits(10, 4, 60.0))
    await asyncio.gather(*(client.read(READ) for _ in range(9)))
    assert clock.now - 1000.0 == 120.0


class EndingLogin(FixedLogin):
    """A token lives for 30 seconds of the clock."""

    def __init__(self, clock: StillClock) -> None:
        super().__init__()
        self._clock = clock

    async def header(self) -> str:
        return f"Bearer {SECRET}{int(self._clock.now) // 30}"


async def test_a_token_that_ends_while_a_call_waits_for_its_turn_is_not_sent() -> None:
    clock, sent = StillClock(), []

    def handler(request: httpx.Request) -> httpx.Response:
        is_valid = request.headers["Authorization"] == f"Bearer {SECRET}{int(clock.now) // 30}"
        sent.append(is_valid)
        return httpx.Response(200 if is_valid else 401, json={})

    client = a_client(handler, clock=clock, login=EndingLogin(clock), limits=Limits(4, 2, 60.0))
    await asyncio.gather(*(client.read(READ) for _ in range(6)))
    assert clock.slept and sent == [True] * 6


async def test_a_login_that_fails_takes_no_turn() -> None:
    class Denied(FixedLogin):
        async def header(self) -> str:
            raise ErpAccessDenied("nobody has consented yet")

    clock = StillClock()
    client = a_client(Script(httpx.Response(200)), clock=clock, login=Denied(), limits=Limits(4, 1, 60.0))
    for _ in range(3):
        with pytest.raises(ErpAccessDenied):
            await client.read(READ)
    assert clock.slept == []


async def test_a_heavy_call_takes_the_room_of_many() -> None:
    clock = StillClock()
    pacing = Pacing(Limits(5, 10, 60.0), clock)
    for weight in (6, 4, 50):
        async with pacing.turn(weight):
            pass
    assert clock.slept == [60.0]


async def test_calls_are_counted_for_the_batch_that_made_them() -> None:
    client = a_client(Script(httpx.Response(503), httpx.Response(200, json={})))
    with counted_calls() as calls:
        await asyncio.create_task(client.read(READ))
    await client.read(READ)
    assert calls == {"orders": 2}
    assert client.calls == {"orders": 3}
