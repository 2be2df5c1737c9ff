"""The JWT bearer grant (RFC 7523): a signed statement who we are is exchanged for an access token."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import jwt
from pydantic import SecretStr

from tools.erp.errors import ErpAccessDenied, ErpUnavailable
from tools.erp.http import HttpClient, Request
from tools.erp.oauth import NOWHERE, Token, basic_header, explain_refusal, read_token
from tools.erp.pacing import Clock, Limits, Retries, SystemClock

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_REFUSALS = frozenset({400, 401, 403})


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Assertion:
    """What is stated: `issuer` (the client) asks for a token that acts as `subject`, at `audience`.

    `key` is an RSA private key in PEM, `key_id` the name under which the server knows its certificate.
    """

    issuer: str
    subject: str
    audience: str
    key: SecretStr
    key_id: str | None = None
    life: timedelta = timedelta(minutes=5)

    def signed(self, now: datetime) -> str:
        """The compact JWT, RS256. Raises ErpAccessDenied when the key cannot sign."""
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": self.audience,
            "iat": now,
            "exp": now + self.life,
            "jti": str(uuid.uuid4()),  # servers refuse a statement they have seen (RFC 7523 3, no. 7)
        }
        headers = None if self.key_id is None else {"kid": self.key_id}
        try:
            return jwt.encode(claims, self.key.get_secret_value(), algorithm="RS256", headers=headers)
        except (jwt.PyJWTError, ValueError, TypeError):
            pass  # the library's own text may quote the key
        raise ErpAccessDenied("the private key of the login cannot sign: it must be an RSA key in PEM")


class JwtBearer:
    """A `TokenFlow`. Every call signs a new statement; with `client_secret` the client also names itself by
    HTTP basic authentication, otherwise by `client_id` in the form. `now` is the time of day in UTC, which
    the statement carries."""

    def __init__(
        self,
        token_url: str,
        assertion: Assertion,
        *,
        scope: str | None = None,
        client_secret: SecretStr | None = None,
        now: Callable[[], datetime] = utc_now,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._url = token_url
        self._assertion = assertion
        self._scope = scope
        self._secret = client_secret
        self._now = now
        self._clock = clock or SystemClock()
        self._retries = Retries()
        self._http = HttpClient(
            token_url,
            name="The login service",
            setting="token_url",
            explain=explain_refusal,
            limits=Limits(concurrent=1),
            transport=transport,
            clock=clock,
            timeout=30.0,
            retries=Retries(attempts=1),
        )

    async def fetch(self) -> Token:
        """Asking for a token changes nothing, so it is repeated like any read; each time with a new
        statement, because one that was seen is refused. Raises ErpAccessDenied, ErpUnavailable."""
        attempt = 1
        while True:
            try:
                return await self._ask()
            except ErpUnavailable:
                wait = self._retries.wait(attempt, None)
                if wait is None:
                    raise
            await self._clock.sleep(wait)
            attempt += 1

    async def _ask(self) -> Token:
        started = self._clock.time()
        form = {"grant_type": GRANT, "assertion": self._assertion.signed(self._now())}
        headers = {}
        if self._secret is None:
            form["client_id"] = self._assertion.issuer
        else:
            headers["Authorization"] = basic_header(self._assertion.issuer, self._secret.get_secret_value())
        if self._scope is not None:
            form["scope"] = self._scope
        request = Request("POST", self._url, "token", form=form, headers=headers)
        answer = await self._http.read(request, allow=_REFUSALS | NOWHERE)
        if answer.status in NOWHERE:
            raise self._http.nothing_there(answer)
        if answer.ok:
            return read_token(answer, started)
        told = explain_refusal(answer).message or f"status {answer.status}"
        for secret in (*self.secrets(), form["assertion"]):
            told = told.replace(secret, "***")
        raise ErpAccessDenied(
            f"The login service refused client {self._assertion.issuer}: {told}",
            detail=f"HTTP {answer.status} from the token endpoint",
        )

    def secrets(self) -> tuple[str, ...]:
        """The key's text too: it must never be told."""
        key = self._assertion.key.get_secret_value()
        return (key,) if self._secret is None else (key, self._secret.get_secret_value())

    async def close(self) -> None:
        await self._http.close()
