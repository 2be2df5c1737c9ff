"""Plain JSON-RPC to a Tryton server, for making test data and for looking at what its books hold.

The connector is not used here: what it did is judged by other eyes.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import date
from decimal import Decimal
from typing import Any

import httpx


class RpcRefused(Exception):
    """Tryton's own error, as it came."""


class TrytonRpc:
    """One user of one database."""

    def __init__(self, url: str, database: str, user: str, password: str) -> None:
        self._http = httpx.Client(base_url=f"{url}/{database}/", timeout=60, trust_env=False)
        self._context: dict[str, Any] = {}
        self._user, self._password = user, password
        self.user_id = 0
        self.renew()
        self.choose_company()

    def renew(self) -> None:
        """Logs in again."""
        given = [self._user, {"password": self._password}, "en"]
        self.user_id, token, _ = self._send("common.db.login", given)
        login = b64encode(f"{self._user}:{self.user_id}:{token}".encode()).decode()
        self._http.headers["Authorization"] = f"Session {login}"

    def choose_company(self) -> None:
        """Takes the user's preferences (language, company) as the context of what follows."""
        self._context = self("res.user.get_preferences", True)

    def __call__(self, method: str, *params: Any, **context: Any) -> Any:
        """`method` without the leading `model.`. Raises RpcRefused."""
        return self._send(f"model.{method}", [*params, {**self._context, **context}])

    def wizard(self, method: str, *params: Any, **context: Any) -> Any:
        return self._send(f"wizard.{method}", [*params, {**self._context, **context}])

    def create(self, model: str, **values: Any) -> int:
        """The id of a new record."""
        return int(self(f"{model}.create", [values])[0])

    def first(self, model: str, *domain: Any) -> int:
        """The id of the first record that fits. Raises RpcRefused when there is none."""
        found = self(f"{model}.search", list(domain), 0, 1, None)
        if not found:
            raise RpcRefused(f"no {model} with {domain}")
        return int(found[0])

    def rows(self, model: str, domain: list[Any], *fields: str) -> list[dict[str, Any]]:
        """Decimals come back as texts, days as ISO texts."""
        return [plain(row) for row in self(f"{model}.search_read", domain, 0, None, None, list(fields))]

    def close(self) -> None:
        self._http.close()

    def _send(self, method: str, params: list[Any]) -> Any:
        answer = self._http.post("rpc/", json={"id": 1, "method": method, "params": _typed(params)})
        if answer.status_code != 200:
            raise RpcRefused(f"{method}: HTTP {answer.status_code}")
        body = answer.json()
        if "error" in body:
            raise RpcRefused(f"{method}: {body['error']}")
        return body["result"]


def _typed(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, date):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_typed(item) for item in value]
    return value


def plain(value: Any) -> Any:
    """Typed values as texts."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("__class__")
    if kind == "Decimal":
        return value["decimal"]
    if kind == "date":
        return date(value["year"], value["month"], value["day"]).isoformat()
    return {key: plain(item) for key, item in value.items()}
