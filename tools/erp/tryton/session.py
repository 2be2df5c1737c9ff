"""JSON-RPC to one company of one Tryton database: login, questions, changes, and its words for a refusal.

An error of the application comes with HTTP 200. Whatever the error, Tryton has rolled the transaction back;
only a Python error in the middle of a change is not taken as a proof of that.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx
from pydantic import SecretStr, ValidationError

from tools.erp.answers import Answer, NotJson, Redaction, from_json
from tools.erp.errors import (
    ErpAccessDenied,
    ErpChanged,
    ErpError,
    ErpRejected,
    ErpUnavailable,
    OutcomeUnknown,
)
from tools.erp.http import HttpClient, Request
from tools.erp.pacing import Clock, Limits, SystemClock
from tools.erp.tryton.values import typed, untyped
from tools.erp.tryton.wire import W

_PATH = "rpc/"
_FORBIDDEN = ("You are not allowed", "you are not allowed", 'Calling button "')
"""How Tryton's access errors begin; they come as any other UserError."""


class SessionLogin:
    """A `Login` by user and password: keeps Tryton's session and begins a new one after a 401, one at a
    time however many calls wait."""

    def __init__(
        self,
        base_url: str,
        *,
        user: str,
        password: SecretStr,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock | None = None,
        ca_file: str | None = None,
    ) -> None:
        self._user = user
        self._password = password
        self._clock = clock or SystemClock()
        self._renewal = asyncio.Lock()
        self._header: str | None = None
        self._token = ""
        self._since = 0.0
        self._http = HttpClient(
            base_url,
            name="Tryton's login",
            setting="base_url and database",
            limits=Limits(concurrent=1),
            transport=transport,
            clock=clock,
            timeout=60.0,
            ca_file=ca_file,
        )

    async def header(self) -> str:
        """`Session …`. Raises ErpAccessDenied when user or password is refused."""
        if self._header is None:
            async with self._renewal:
                if self._header is None:
                    await self._begin()
        return self._header or ""

    async def renew(self, refused: str) -> bool:
        async with self._renewal:
            if self._header in (None, refused):
                await self._begin()
        return True

    async def freshen(self, longest: float) -> None:
        """A new session unless this one began less than `longest` seconds ago: Tryton posts only for
        somebody who has just shown the password."""
        async with self._renewal:
            if self._header is None or self._clock.time() - self._since > longest:
                await self._begin()

    def secrets(self) -> tuple[str, ...]:
        session = () if self._header is None else (self._token, self._header.partition(" ")[2])
        return (self._password.get_secret_value(), *session)

    async def close(self) -> None:
        await self._http.close()

    async def _begin(self) -> None:
        # Asking for a session changes nothing in the books, so it may be repeated like a read.
        given = {"password": self._password.get_secret_value()}
        body = {"id": 0, "method": "common.db.login", "params": [self._user, given, "en"]}
        try:
            answer = await self._http.read(
                Request("POST", _PATH, "login", json=body), allow=frozenset({401, 403, 404})
            )
            if answer.status == 404:
                raise self._http.nothing_there(answer)
            result = _result(answer) if answer.ok else None
        except ErpError as error:
            # What a server says about a login may repeat it, with the password: only the status is kept.
            told = error.detail.partition(":")[0] if error.detail.startswith("HTTP") else error.detail
            raise type(error)(str(error), detail=told) from None
        if not isinstance(result, list) or len(result) < 2 or not result[0]:
            raise ErpAccessDenied(
                f"Tryton does not accept the login of {self._user}", detail=f"HTTP {answer.status}"
            )
        self._token = str(result[1])
        session = b64encode(f"{self._user}:{result[0]}:{self._token}".encode()).decode()
        self._header, self._since = f"Session {session}", self._clock.time()


def _result(answer: Answer) -> Any:
    body = answer.json()
    return body.get("result") if isinstance(body, dict) else None


class Session:
    """One company. `context` goes with every call; Tryton demands it as the last parameter."""

    def __init__(self, http: HttpClient, *, page_size: int) -> None:
        self._http = http
        self._page_size = page_size
        self._count = 0
        self.context: dict[str, Any] = {"language": "en"}

    async def ask(self, method: str, *params: Any, operation: str, **context: Any) -> Any:
        """The result of a call that changes nothing."""
        return self._told(await self._http.read(self._request(method, params, operation, context)), False)

    async def change(
        self, method: str, *params: Any, operation: str, timestamps: Mapping[str, str] | None = None
    ) -> Any:
        """Send a change, once. `timestamps` (`model,id` -> version read before) makes Tryton refuse it when
        the record moved since."""
        context = {} if timestamps is None else {"_timestamp": dict(timestamps)}
        answer = await self._http.write(self._request(method, params, operation, context))
        return self._told(answer, True)

    async def read(
        self, entity: type[W], domain: Sequence[Any], *, operation: str, **context: Any
    ) -> list[W]:
        """All records that fit, in one call."""
        params = (list(domain), 0, None, [["id", "ASC"]], entity.fields())
        method = f"model.{entity.model}.search_read"
        return parsed(entity, await self.ask(method, *params, operation=operation, **context))

    async def pages(
        self, entity: type[W], domain: Sequence[Any], *, operation: str, **context: Any
    ) -> AsyncIterator[W]:
        """The same page by page; a record that comes or goes meanwhile moves no other one."""
        last = 0
        while True:
            beyond = [*domain, ["id", ">", last]]
            params = (beyond, 0, self._page_size, [["id", "ASC"]], entity.fields())
            method = f"model.{entity.model}.search_read"
            rows = parsed(entity, await self.ask(method, *params, operation=operation, **context))
            for row in rows:
                yield row
            if len(rows) < self._page_size:
                return
            last = rows[-1].id

    def _request(
        self, method: str, params: Sequence[Any], operation: str, context: Mapping[str, Any]
    ) -> Request:
        self._count += 1
        told = [*params, {**self.context, **context}]
        return Request(
            "POST", _PATH, operation, json={"id": self._count, "method": method, "params": typed(told)}
        )

    def _told(self, answer: Answer, changes: bool) -> Any:
        try:
            body = from_json(answer.content)
        except NotJson:
            body = None
        if not isinstance(body, dict) or ("result" not in body and "error" not in body):
            kind = OutcomeUnknown if changes else ErpUnavailable
            raise kind("Tryton's answer cannot be read", detail=f"HTTP {answer.status}")
        if "error" in body:
            raise refusal(body["error"], changes=changes)
        return untyped(body["result"])


def refusal(error: Any, *, changes: bool) -> ErpError:
    """The error of the family that an answer's `error` stands for. A warning is a refusal: software
    confirms none."""
    kind, told = (error[0], error[1]) if isinstance(error, list) and len(error) == 2 else (str(error), "")
    texts = [str(text) for text in told] if isinstance(told, list) else [str(told)]
    if kind == "UserError":
        text = " ".join(part.strip() for part in texts[:2] if part.strip())
        denied = text.startswith(_FORBIDDEN)
        return (ErpAccessDenied if denied else ErpRejected)(text or "Tryton refused it", detail=kind)
    if kind == "UserWarning":
        asked = texts[1] if len(texts) > 1 else ""
        return ErpRejected(
            f"Tryton wants a person to confirm: {asked}", detail=Redaction().detail(f"{kind} {texts[0]}")
        )
    if kind == "ConcurrencyException":
        return ErpChanged(
            "Tryton says the record has been changed in the meantime", detail=Redaction().detail(texts[0])
        )
    if kind == "LoginException":
        return ErpAccessDenied("Tryton asks for another login", detail=kind)
    if changes:
        return OutcomeUnknown(
            "Tryton met an error of its own; whether it kept anything is not known", detail=kind
        )
    return ErpRejected(f"Tryton cannot answer this: {kind}", detail=kind)


def parsed(entity: type[W], rows: Any) -> list[W]:
    """Rows as records. Raises ErpUnavailable where they are not what was asked for."""
    try:
        return [entity.model_validate(row) for row in rows or ()]
    except ValidationError as error:
        told = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:3]
        )
    raise ErpUnavailable(f"Tryton's {entity.model} cannot be read", detail=told)
