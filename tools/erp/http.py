"""The HTTP client of all connectors: what was sent, what was not, and what nobody knows.

Reads are tried again after connection errors, 408, 429, 502, 503 and 504. Writes are sent once. What a
failed write means follows httpx's tree of errors: ConnectError, ConnectTimeout and PoolTimeout mean that
nothing was sent; every other transport error and every 5xx answer leaves the outcome unknown. A 429 or a
401 is given before a request is looked at, so nothing happened.

TLS certificates are always verified, plain http is refused except to this machine, redirects are not
followed, and no other host than the ERP's ever sees the login.
"""

from __future__ import annotations

import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Protocol

import httpx

from tools.erp.address import checked_url, place
from tools.erp.answers import Answer, Explain, Redaction, failure, plain_explanation, to_json
from tools.erp.csrf import CsrfGuard
from tools.erp.errors import ErpAccessDenied, ErpError, ErpNotThere, ErpUnavailable, OutcomeUnknown
from tools.erp.pacing import Clock, Limits, Pacing, Retries, SystemClock, retry_after

_CONNECT = 10.0
"""Seconds to reach the ERP's machine."""
_TRY_AGAIN = frozenset({408, 429, 502, 503, 504})
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

_counting: ContextVar[Counter[str] | None] = ContextVar("erp_calls", default=None)


@contextmanager
def counted_calls() -> Iterator[Counter[str]]:
    """Count the HTTP requests made inside, and in tasks started inside, by operation: `calls["orders"]`.
    Repeated attempts count, because the ERP counts them."""
    calls: Counter[str] = Counter()
    token = _counting.set(calls)
    try:
        yield calls
    finally:
        _counting.reset(token)


class Login(Protocol):
    """Gives the Authorization header. `renew` is called after a 401 with the header that was refused;
    it answers False where nothing can be renewed."""

    async def header(self) -> str: ...

    async def renew(self, refused: str) -> bool: ...

    def secrets(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Request:
    """One request. `weight` is how many calls the vendor counts for it."""

    method: str
    url: str
    operation: str
    json: Any = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    weight: int = 1
    content: bytes | None = None
    """A body that is neither JSON nor a form; `headers` names its type."""
    patience: float | None = None
    """Seconds to wait for the answer; None: as the client is set up."""


class Admission(Protocol):
    """Stands before every sending, also one sent again after a 401, and sees what came of it. Raises
    ErpUnavailable for what must not be sent; then nothing was."""

    async def send(
        self, request: Request, transmit: Callable[[], Awaitable[Answer | Failure]]
    ) -> Answer | Failure: ...


@dataclass(frozen=True)
class Failure:
    """A request without an answer: `sent` tells whether the ERP may have seen it."""

    sent: bool
    what: str


class HttpClient:
    """One ERP's base address with its login, limits and error texts."""

    def __init__(
        self,
        base_url: str,
        *,
        name: str,
        setting: str = "base_url",
        login: Login | None = None,
        explain: Explain = plain_explanation,
        limits: Limits | None = None,
        retries: Retries | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock | None = None,
        timeout: float = 120.0,
        ca_file: str | None = None,
        headers: Mapping[str, str] | None = None,
        guard: CsrfGuard | None = None,
        pacing: Pacing | None = None,
        admission: Admission | None = None,
    ) -> None:
        """`name` is how people call the ERP; it starts every message. `setting` is where they wrote the
        address down, told when nothing is found there. `guard`: for an ERP that wants a token
        against forged requests. `pacing` instead of `limits`: one that learns from answers, or that several
        clients of one login share. Raises ValueError for plain http."""
        try:
            self.base_url = httpx.URL(checked_url(base_url).rstrip("/") + "/")
        except ValueError as error:
            raise ValueError(f"{setting}: {error}") from None
        self.name = name
        self.setting = setting
        self.calls: Counter[str] = Counter()
        self._login = login
        self._guard = guard
        self._admission = admission
        self._explain = explain
        self._retries = retries or Retries()
        self._clock = clock or SystemClock()
        limits = pacing.limits if pacing is not None else limits or Limits()
        self._pacing = pacing or Pacing(limits, self._clock)
        self._client = httpx.AsyncClient(
            transport=transport,
            verify=ssl.create_default_context(cafile=ca_file) if transport is None else True,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(timeout, connect=_CONNECT),
            limits=httpx.Limits(max_connections=limits.concurrent + 1),
            headers={"Accept": "application/json", **(headers or {})},
            # No cookie is kept: one that a parallel answer sets would put another session under a request.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )

    async def read(self, request: Request, *, allow: frozenset[int] = frozenset()) -> Answer:
        """Send a request that changes nothing, as often as `Retries` permits. An answer whose status is
        in `allow` is handed back; other refusals are raised as errors of the family."""
        attempt = 1
        while True:
            result = await self._deliver(request)
            asked = None
            if isinstance(result, Answer):
                if result.status not in _TRY_AGAIN:
                    return self._checked(result, allow, changes=False)
                asked = retry_after(result.headers.get("retry-after"), result.headers.get("date"))
            wait = self._retries.wait(attempt, asked)
            if wait is None:
                raise self._unavailable(result)
            await self._clock.sleep(wait)
            attempt += 1

    async def write(self, request: Request, *, allow: frozenset[int] = frozenset()) -> Answer:
        """Send a request that may change something, once."""
        result = await self._deliver(request)
        if isinstance(result, Answer):
            return self._checked(result, allow, changes=True)
        if result.sent:
            raise OutcomeUnknown(
                f"{self.name} did not answer; whether it carried the request out is not known",
                detail=result.what,
            )
        raise self._unavailable(result)

    async def close(self) -> None:
        await self._client.aclose()

    def nothing_there(self, answer: Answer) -> ErpNotThere:
        """The error for an address under which there is no such ERP or login service."""
        told = f"{self.name} is not at {place(self.base_url)} (status {answer.status}): check {self.setting}"
        return ErpNotThere(told, detail=self._redaction().detail(answer.summary))

    def explained(self, answer: Answer, *, changes: bool) -> ErpError:
        """The error an answer stands for; for answers inside a batch too."""
        return failure(answer, self._explain(answer), self.name, self._redaction(), changes=changes)

    def _checked(self, answer: Answer, allow: frozenset[int], *, changes: bool) -> Answer:
        if answer.ok or answer.status in allow:
            return answer
        raise self.explained(answer, changes=changes)

    def _unavailable(self, result: Answer | Failure) -> ErpError:
        if isinstance(result, Answer):
            return self.explained(result, changes=False)
        told = f"cannot be reached at {place(self.base_url)}: check {self.setting}, and the way there"
        return ErpUnavailable(f"{self.name} {told}", detail=result.what)

    async def _deliver(self, request: Request) -> Answer | Failure:
        if self._guard is None:
            return await self._send_with_login(request)
        return await self._guard.send(request, self._send_with_login, self.read)

    async def _send_with_login(self, request: Request) -> Answer | Failure:
        shown: list[str] = []
        if self._login is None:
            return await self._send(request, shown)
        # A login that fails is told before a turn is taken, which would count as a call.
        await self._login.header()
        result = await self._send(request, shown)
        if not isinstance(result, Answer) or result.status != 401:
            return result
        if not await self._login.renew(shown[-1]):
            return result
        result = await self._send(request, shown)
        if isinstance(result, Answer) and result.status == 401:
            raise ErpAccessDenied(
                f"{self.name} does not accept our login, not even with a new token",
                detail=self._redaction().detail(result.summary),
            )
        return result

    async def _send(self, request: Request, shown: list[str]) -> Answer | Failure:
        """`shown` is told the login's header as it was sent."""
        if self._admission is None:
            return await self._transmit(request, shown)
        return await self._admission.send(request, lambda: self._transmit(request, shown))

    async def _transmit(self, request: Request, shown: list[str]) -> Answer | Failure:
        built = self._build(request)
        async with self._pacing.turn(request.weight):
            if self._login is not None:
                # A token may have ended while this call waited for its turn.
                shown.append(await self._login.header())
                built.headers["Authorization"] = shown[-1]
            self._count(request.operation)
            try:
                response = await self._client.send(built)
            except _NOT_SENT as error:
                return Failure(sent=False, what=self._told(error))
            except (httpx.TransportError, httpx.DecodingError) as error:
                return Failure(sent=True, what=self._told(error))
            self._pacing.learn(response.headers)
        return Answer(response.status_code, response.headers, response.content)

    def _build(self, request: Request) -> httpx.Request:
        headers = dict(request.headers or {})
        content = request.content
        if request.json is not None:
            headers["Content-Type"] = "application/json"
            content = to_json(request.json)
        own = request.patience
        return self._client.build_request(
            request.method,
            self._same_origin(request.url),
            content=content,
            data=None if request.form is None else dict(request.form),
            headers=headers,
            timeout=httpx.USE_CLIENT_DEFAULT if own is None else httpx.Timeout(own, connect=_CONNECT),
        )

    def _same_origin(self, url: str) -> httpx.URL:
        try:
            target = self.base_url.join(url)
        except httpx.InvalidURL:
            target = httpx.URL()
        ours = (self.base_url.scheme, self.base_url.host, self.base_url.port)
        if (target.scheme, target.host, target.port) != ours or target.userinfo:
            raise ErpAccessDenied(
                f"{self.name} named an address on another host; it was not followed",
                detail=f"{target.scheme}://{target.host}",
            )
        return target

    def _count(self, operation: str) -> None:
        self.calls[operation] += 1
        batch = _counting.get()
        if batch is not None:
            batch[operation] += 1

    def _told(self, error: Exception) -> str:
        return self._redaction().detail(f"{type(error).__name__}: {error}")

    def _redaction(self) -> Redaction:
        login = self._login.secrets() if self._login is not None else ()
        guard = self._guard.secrets() if self._guard is not None else ()
        return Redaction((*login, *guard))
