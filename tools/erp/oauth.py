"""Logins by OAuth 2.0. One renewal at a time, however many calls wait for it.

A token is renewed some minutes before it expires, so that no call starts with one that dies on the way.
"""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

import httpx
from pydantic import SecretStr

from tools.erp.answers import Answer, Explanation, NotJson, from_json
from tools.erp.errors import ErpAccessDenied, ErpUnavailable
from tools.erp.http import HttpClient, Request
from tools.erp.pacing import Clock, Limits, SystemClock

_REFUSALS = frozenset({400, 401, 403})
NOWHERE = frozenset({404, 405, 410})
"""What a machine answers that has no token endpoint under the address."""


@dataclass(frozen=True)
class Token:
    """An access token and the clock's time at which it expires."""

    value: str
    expires_at: float


class TokenFlow(Protocol):
    """One way of getting a token; `fetch` asks the token endpoint once."""

    async def fetch(self) -> Token: ...

    def secrets(self) -> tuple[str, ...]: ...

    async def close(self) -> None: ...


class OAuthLogin:
    """A `Login` over any flow: keeps the token, renews it before it expires and once after a 401."""

    def __init__(self, flow: TokenFlow, *, clock: Clock | None = None, margin: float = 300.0) -> None:
        """`margin`: seconds before the expiry at which a token is renewed; at most half its life."""
        self._flow = flow
        self._clock = clock or SystemClock()
        self._margin = margin
        self._renewal = asyncio.Lock()
        self._token: Token | None = None
        self._renew_at = 0.0

    async def header(self) -> str:
        """`Bearer …`. Raises ErpAccessDenied when the login is refused, ErpUnavailable when the token
        endpoint cannot be reached."""
        token = self._valid()
        if token is None:
            async with self._renewal:
                token = self._valid() or await self._fetch()
        return f"Bearer {token.value}"

    async def renew(self, refused: str) -> bool:
        """Replace the token that was refused; a token already replaced by another call stays."""
        async with self._renewal:
            if self._token is not None and f"Bearer {self._token.value}" == refused:
                self._token = None
                await self._fetch()
        return True

    def secrets(self) -> tuple[str, ...]:
        token = () if self._token is None else (self._token.value,)
        return (*token, *self._flow.secrets())

    async def close(self) -> None:
        await self._flow.close()

    def _valid(self) -> Token | None:
        if self._token is not None and self._clock.time() < self._renew_at:
            return self._token
        return None

    async def _fetch(self) -> Token:
        started = self._clock.time()
        token = await self._flow.fetch()
        life = token.expires_at - started
        self._renew_at = token.expires_at - min(self._margin, life / 2.0)
        self._token = token
        return token


class ClientCredentials:
    """The client-credentials grant (RFC 6749 4.4), with the form Microsoft Entra v2.0 expects. `in_header`:
    the client names itself by HTTP basic authentication (RFC 6749 2.3.1) and not in the form. `setting`
    is where the address was written down."""

    def __init__(
        self,
        token_url: str,
        *,
        client_id: str,
        client_secret: SecretStr,
        scope: str | None = None,
        in_header: bool = False,
        setting: str = "token_url",
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._url = token_url
        self._client_id = client_id
        self._secret = client_secret
        self._scope = scope
        self._in_header = in_header
        self._clock = clock or SystemClock()
        self._http = HttpClient(
            token_url,
            name="The login service",
            setting=setting,
            explain=explain_refusal,
            limits=Limits(concurrent=1),
            transport=transport,
            clock=clock,
            timeout=30.0,
        )

    async def fetch(self) -> Token:
        """Asking for a token changes nothing, so it is repeated like any read."""
        started = self._clock.time()
        form = {"grant_type": "client_credentials"}
        headers = {}
        if self._in_header:
            headers["Authorization"] = basic_header(self._client_id, self._secret.get_secret_value())
        else:
            form |= {"client_id": self._client_id, "client_secret": self._secret.get_secret_value()}
        if self._scope is not None:
            form["scope"] = self._scope
        request = Request("POST", self._url, "token", form=form, headers=headers)
        answer = await self._http.read(request, allow=_REFUSALS | NOWHERE)
        if answer.status in NOWHERE:
            raise self._http.nothing_there(answer)
        if not answer.ok:
            raise self._denied(answer)
        return read_token(answer, started)

    def secrets(self) -> tuple[str, ...]:
        return (self._secret.get_secret_value(),)

    async def close(self) -> None:
        await self._http.close()

    def _denied(self, answer: Answer) -> ErpAccessDenied:
        told = explain_refusal(answer).message or f"status {answer.status}"
        shown = told.replace(self._secret.get_secret_value(), "***")
        return ErpAccessDenied(
            f"The login service refused client {self._client_id}: {shown}",
            detail=f"HTTP {answer.status} from the token endpoint",
        )


def basic_header(user: str, password: str) -> str:
    """`Basic …` (RFC 7617), in UTF-8."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def read_token(answer: Answer, started: float) -> Token:
    """The token of a token endpoint's answer (RFC 6749 5.1); its life counts from `started`."""
    body = _body(answer)
    value = body.get("access_token")
    if not isinstance(value, str) or not value or str(body.get("token_type", "")).lower() != "bearer":
        raise ErpUnavailable("The login service gave no usable token", detail=f"HTTP {answer.status}")
    try:
        life = float(Decimal(str(body.get("expires_in", 300))))
    except ArithmeticError:
        life = 300.0
    return Token(value, started + life)


def explain_refusal(answer: Answer) -> Explanation:
    """The first line of `error_description` (RFC 6749 5.2); Entra's further lines are trace ids."""
    body = _body(answer)
    told = body.get("error_description") or body.get("error")
    if not isinstance(told, str) or not told.strip():
        return Explanation()
    return Explanation(message=told.strip().splitlines()[0])


def _body(answer: Answer) -> dict[str, Any]:
    try:
        body = from_json(answer.content)
    except NotJson:
        return {}
    return body if isinstance(body, dict) else {}
