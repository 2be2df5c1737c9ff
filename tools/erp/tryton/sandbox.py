"""Tryton's JSON-RPC over the sandbox company: as strict as the server or stricter."""

from __future__ import annotations

import secrets
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from tools.erp.answers import NotJson, from_json, to_json
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Fault, FaultKind, Faults
from tools.erp.sandbox.gate import CONTROL, Answered, Gate, Message, Receive, Scope, Send, status_of
from tools.erp.tryton.sandbox_masters import PAYMENT_HOLD
from tools.erp.tryton.sandbox_models import Models
from tools.erp.tryton.sandbox_schema import Crash, UserError
from tools.erp.tryton.values import Quantity, typed, untyped

_JSON = "application/json"
_METHOD = "sandbox.method"
FRESH = ("account.invoice.post",)
"""Calls that want a session younger than its timeout, however much it was used."""


class Protocol(BaseModel):
    """How the server is set up; the defaults are Tryton's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database: str = "sandbox"
    user: str = "sandbox-user"
    password: str = "sandbox-secret"  # noqa: S105 - the login of a server on this machine
    session_life: int = 300
    """Seconds; a session that is used stays alive, but is not fresh any more."""
    second_person: bool = False
    """A rule on the button: what one user posts stays a draft until another one posts it too."""
    order_method: bool = False
    """Orders are billed by order: Tryton makes the drafts of their invoices itself."""
    hold_module: bool = True
    """The server has the module of `extension/`."""
    invoice_parties: Mapping[str, str] = {}
    """Order number -> the supplier who bills it, where that is not the one who was ordered from."""


def login(company: Company, address: str) -> dict[str, Any]:
    """Settings of the connector that reach the server at `address`, with its default login."""
    protocol = Protocol()
    return {
        "base_url": address,
        "database": protocol.database,
        "company": company.settings.company,
        "user": protocol.user,
        "password": protocol.password,
        "payment_block_category": PAYMENT_HOLD,
    }


def app(
    company: Company,
    faults: Faults | None = None,
    *,
    sleep: Callable[[float], Awaitable[None]] | None = None,
    **protocol: Any,
) -> Gate:
    """The server; `protocol` takes the fields of `Protocol`. Its control door is under /_sandbox. The
    gate's own `app` is a `Server`."""
    server = Server(company, Protocol(**protocol))
    more: dict[str, Any] = {} if sleep is None else {"sleep": sleep}
    return _ByMethod(server, company, faults or Faults(), operation=operation_of, answer=answer_of, **more)


def operation_of(method: str, path: str) -> str:
    """Names for counting and for faults: the method behind the address, without `model.`."""
    return path.rpartition("#")[2].removeprefix("model.")


def answer_of(fault: Fault) -> Answered:
    """A conflict is an error of the application, with HTTP 200; the others are the web server's."""
    if fault.kind is FaultKind.STALE_VERSION:
        body = {"id": 0, "error": ["ConcurrencyException", "Records were modified in the meanwhile"]}
        return 200, {"content-type": _JSON}, to_json(body)
    return status_of(fault), {"content-type": "text/html"}, b"<!doctype html><title>Error</title>"


class _ByMethod(Gate):
    """All calls go to one address, so an operation is named by what stands in the body."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope.get("path", "").startswith(CONTROL + "/"):
            await super().__call__(scope, receive, send)
            return
        content = await Request(scope, receive).body()
        named = f"{scope['path']}#{_method_of(content)}"

        async def again() -> Message:
            return {"type": "http.request", "body": content, "more_body": False}

        await super().__call__({**scope, "path": named, _METHOD: scope["path"]}, again, send)


def _method_of(content: bytes) -> str:
    try:
        body = from_json(content)
    except NotJson:
        return "unreadable"
    return str(body.get("method")) if isinstance(body, dict) else "unreadable"


class _HttpError(Exception):
    """An answer of the web server: HTML, without a word of the application."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@dataclass
class _Session:
    user_id: int
    begun: Any
    used: Any


@dataclass
class Server:
    """Login and dispatch; what lies behind them is `Models`."""

    company: Company
    settings: Protocol
    issued: int = 0
    """Sessions begun so far."""
    _sessions: dict[str, _Session] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.models = Models(
            self.company,
            second_person=self.settings.second_person,
            order_method=self.settings.order_method,
            invoice_parties=self.settings.invoice_parties,
            hold_module=self.settings.hold_module,
        )

    def expire_sessions(self) -> None:
        """As if their time had run out."""
        self._sessions.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = scope.get(_METHOD, scope["path"])
        try:
            status, kind, content = 200, _JSON, to_json(self._reply(path, request, await request.body()))
        except _HttpError as error:
            status, kind, content = error.status, "text/html", b"<!doctype html><title>Error</title>"
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _reply(self, path: str, request: Request, content: bytes) -> dict[str, Any]:
        if request.method != "POST" or not request.headers.get("content-type", "").startswith(_JSON):
            raise _HttpError(415)
        try:
            body = from_json(content)
        except NotJson:
            raise _HttpError(400) from None
        # With other keys Tryton answers errors as HTTP statuses; nobody here relies on that.
        if not isinstance(body, dict) or set(body) != {"id", "method", "params"}:
            raise _HttpError(400)
        try:
            result = self._called(path, request, str(body["method"]), untyped(body["params"], Quantity))
        except UserError as error:
            return {"id": body["id"], "error": error.body}
        except (Crash, ValueError, KeyError) as error:
            return {"id": body["id"], "error": [str(error), ""]}
        return {"id": body["id"], "result": typed(result)}

    def _called(self, path: str, request: Request, method: str, params: Any) -> Any:
        if path == "/rpc/" and method == "common.server.version":
            return "8.0"
        if path != f"/{self.settings.database}/rpc/":
            raise _HttpError(404)
        if method == "common.db.login":
            return self._login(params)
        self._check_session(request.headers.get("authorization", ""), method.removeprefix("model."))
        if not isinstance(params, list) or not params or not isinstance(params[-1], dict):
            raise _HttpError(422)
        if not method.startswith("model."):
            raise _HttpError(403)
        try:
            return self.models.call(method.removeprefix("model."), params[:-1], params[-1])
        except LookupError as error:
            raise (_HttpError(403) if str(error).strip("'").startswith("no method") else error) from None

    def _login(self, params: Any) -> list[Any]:
        user, given = params[0], params[1]
        if user != self.settings.user or given.get("password") != self.settings.password:
            raise _HttpError(401)
        self.issued += 1
        token = secrets.token_hex(32)
        now = self.company.clock()
        self._sessions[token] = _Session(1, now, now)
        return [1, token, None]

    def _check_session(self, header: str, method: str) -> None:
        kind, _, encoded = header.partition(" ")
        try:
            user, _, rest = b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            raise _HttpError(401) from None
        token = rest.partition(":")[2]
        session = self._sessions.get(token)
        if kind != "Session" or session is None or user != self.settings.user:
            raise _HttpError(401)
        now, life = self.company.clock(), timedelta(seconds=self.settings.session_life)
        if now > session.used + life or (method in FRESH and now > session.begun + life):
            del self._sessions[token]
            raise _HttpError(401)
        session.used = now
