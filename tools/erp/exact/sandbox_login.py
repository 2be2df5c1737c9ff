"""The login of Exact Online: consent of a person, tokens of ten minutes, refresh tokens that work once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

FIRST_REFRESH_TOKEN = "sandbox-refresh"  # noqa: S105 - the login of a server on this machine
"""As if somebody had consented before the server started; works once, like every other."""
EARLY = "Rate limit exceeded: access_token not expired"


class LoginRefused(Exception):
    """An error of the token endpoint (RFC 6749 5.2)."""

    def __init__(self, status: int, error: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.body = {"error": error, "error_description": text}
        self.headers = {"Reason": f"TooEarlyToRefreshTokens: {text}"} if text == EARLY else {}


@dataclass(frozen=True)
class LoginRules:
    client_id: str
    client_secret: str
    token_life: int = 600
    earliest_renewal: int = 570
    calls_a_day: int = 200


@dataclass
class LoginService:
    """Everything forgets with the process. `issued` counts pairs of tokens."""

    rules: LoginRules
    clock: Callable[[], datetime]
    issued: int = 0
    _codes: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    _access: dict[str, datetime] = field(default_factory=dict)
    _refresh: dict[str, datetime] = field(default_factory=dict)
    """Refresh token that may be used -> when its access token was given."""
    _used: set[str] = field(default_factory=set)
    _day: tuple[Any, int] = (None, 0)

    def __post_init__(self) -> None:
        self._refresh[FIRST_REFRESH_TOKEN] = self.clock() - timedelta(seconds=self.rules.earliest_renewal)

    def consent(self, query: Mapping[str, str]) -> str:
        """Where the browser is sent: this sandbox's user always consents. Raises LoginRefused."""
        if query.get("client_id") != self.rules.client_id or query.get("response_type") != "code":
            raise LoginRefused(400, "invalid_request", "The client or the response type is not known.")
        target = query.get("redirect_uri", "")
        if not target.startswith(("https://", "http://127.0.0.1")):
            raise LoginRefused(400, "invalid_request", "The redirect address is not registered.")
        code = secrets.token_urlsafe(24)
        self._codes[code] = (target, self.clock())
        joined = "&" if "?" in target else "?"
        return f"{target}{joined}{urlencode({'code': code, 'state': query.get('state', '')})}"

    def token(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The token endpoint. Raises LoginRefused."""
        self._count()
        rules = self.rules
        if (form.get("client_id"), form.get("client_secret")) != (rules.client_id, rules.client_secret):
            raise LoginRefused(400, "invalid_client", "Client identification failed.")
        if form.get("grant_type") == "authorization_code":
            self._spend_code(form)
        elif form.get("grant_type") == "refresh_token":
            self._spend_refresh(form.get("refresh_token", ""))
        else:
            raise LoginRefused(400, "unsupported_grant_type", "The grant type is not supported.")
        return self._issue()

    def admits(self, header: str) -> bool:
        kind, _, token = header.partition(" ")
        given = self._access.get(token)
        return kind == "Bearer" and given is not None and self._age(given) < self.rules.token_life

    def expire_access(self) -> None:
        """As if the access tokens had never been given; what may be renewed stays as it is."""
        self._access.clear()

    def _count(self) -> None:
        today = self.clock().date()
        used = self._day[1] if self._day[0] == today else 0
        if used >= self.rules.calls_a_day:
            raise LoginRefused(400, "access_denied", "Rate limit exceeded: too many token calls")
        self._day = (today, used + 1)

    def _spend_code(self, form: Mapping[str, str]) -> None:
        target, given = self._codes.pop(form.get("code", ""), (None, None))
        if target is None or given is None or target != form.get("redirect_uri"):
            raise LoginRefused(400, "invalid_grant", "The code is not known, or for another address.")
        if self._age(given) > timedelta(minutes=3).total_seconds():
            raise LoginRefused(400, "invalid_grant", "The code has expired.")

    def _spend_refresh(self, token: str) -> None:
        if token in self._used:
            raise LoginRefused(401, "unauthorized_client", "Old refresh token used.")
        given = self._refresh.get(token)
        if given is None or self._age(given) > timedelta(days=30).total_seconds():
            raise LoginRefused(400, "invalid_grant", "The refresh token is not known or has expired.")
        if self._age(given) < self.rules.earliest_renewal:
            raise LoginRefused(400, "access_denied", EARLY)
        del self._refresh[token]
        self._used.add(token)

    def _issue(self) -> dict[str, Any]:
        self.issued += 1
        access, refresh, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), self.clock()
        self._access[access] = self._refresh[refresh] = now
        return {
            "access_token": access,
            "token_type": "bearer",
            "expires_in": str(self.rules.token_life),
            "refresh_token": refresh,
        }

    def _age(self, given: datetime) -> float:
        return (self.clock() - given).total_seconds()
