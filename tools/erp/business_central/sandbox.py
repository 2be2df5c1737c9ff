"""Business Central's API v2.0 over the sandbox company: as strict as the vendor or stricter."""

from __future__ import annotations

import secrets
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from tools.erp.business_central.sandbox_api import Api
from tools.erp.business_central.sandbox_calls import Reply
from tools.erp.business_central.sandbox_master import guid
from tools.erp.business_central.sandbox_schema import ApiError, json_bytes
from tools.erp.business_central.sandbox_subscriptions import Subscriptions
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Fault, FaultKind, Faults
from tools.erp.sandbox.gate import CONTROL, Answered, Gate, Receive, Scope, Send, status_of

SCOPE = "https://api.businesscentral.dynamics.com/.default"
_JSON = "application/json;odata.metadata=minimal"


class Protocol(BaseModel):
    """How the server is set up; the defaults are the service's own limits, without its queue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant: str = "sandbox"
    environment: str = "production"
    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"  # noqa: S105 - the login of a server on this machine
    token_life: int = 3599
    page_size: int = 20000
    concurrent: int = 5
    calls: int = 6000
    per_seconds: int = 300
    retry_after: int | None = None
    """Seconds named in a 429; the service does not promise the header."""
    hidden: frozenset[str] = frozenset()
    """Entity sets that the login may not read."""


def company_guid(company: Company) -> str:
    """The id that the server gives the company."""
    return guid("company", company.settings.company)


def login(company: Company, address: str) -> dict[str, Any]:
    """Settings of the connector that reach the server at `address`, with its default login."""
    protocol = Protocol()
    return {
        "base_url": address,
        "login_url": address,
        "tenant": protocol.tenant,
        "company": company.settings.company,
        "company_id": company_guid(company),
        "client_id": protocol.client_id,
        "client_secret": protocol.client_secret,
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
    settings = Protocol(**protocol)
    server = Server(company, settings)
    more: dict[str, Any] = {} if sleep is None else {"sleep": sleep}
    return _Throttled(
        server,
        company,
        faults or Faults(),
        operation=operation_of,
        answer=answer_of,
        settings=settings,
        **more,
    )


def operation_of(method: str, path: str) -> str:
    """Names for counting and for faults: `token`, `batch`, `post`, `draft`, `delete`, `change`, `upload`,
    `create_order`, `attach`, or the entity set that is read."""
    last = path.rstrip("/").rpartition("/")[2]
    if last == "token":
        return "token"
    if last == "$batch":
        return "batch"
    if last == "attachmentContent":
        return "upload"
    if last.startswith("Microsoft.NAV."):
        return last.removeprefix("Microsoft.NAV.")
    made = {
        "purchaseOrders": "create_order",
        "documentAttachments": "attach",
        "subscriptions": "subscribe",
    }
    if method == "POST" and last in made:
        return made[last]
    names = {"POST": "draft", "PATCH": "change", "DELETE": "delete"}
    return names.get(method, last.partition("(")[0])


def answer_of(fault: Fault) -> Answered:
    """The vendor's error body for a planned fault."""
    told = {
        FaultKind.TOO_MANY: ("Application_TooManyRequests", "Too many requests reached. Try again later."),
        FaultKind.EXPIRED_TOKEN: _REJECTED,
        FaultKind.STALE_VERSION: ("Request_EntityChanged", "Another user has already changed the record."),
    }
    code, text = told.get(fault.kind, _REFUSED if fault.status < 500 else _BROKEN)
    error = ApiError(status_of(fault), code, text)
    return error.status, {"content-type": _JSON}, json_bytes(error.body(str(uuid.uuid4())))


_BROKEN = ("Internal_ServerError", "The server met an error.")
_REFUSED = ("Application_DialogException", "An extension stopped this with an error.")
_REJECTED = ("Authentication_InvalidCredentials", "The server has rejected the client credentials.")


class _Throttled(Gate):
    """Counts what runs at once and within the window; more than allowed is answered 429."""

    def __init__(self, *arguments: Any, settings: Protocol, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._limits = settings
        self._running = 0
        self._recent: deque[Any] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or path.startswith(CONTROL + "/") or path.endswith("/token"):
            await super().__call__(scope, receive, send)
            return
        if self._running >= self._limits.concurrent or not self._room():
            self.traffic.calls["throttled"] += 1
            fault = Fault(kind=FaultKind.TOO_MANY, retry_after=self._limits.retry_after)
            await self._fail(fault, scope, send)
            return
        self._running += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._running -= 1

    def _room(self) -> bool:
        now = self.company.clock()
        while self._recent and self._recent[0] <= now - timedelta(seconds=self._limits.per_seconds):
            self._recent.popleft()
        if len(self._recent) >= self._limits.calls:
            return False
        self._recent.append(now)
        return True


@dataclass
class Server:
    """Login and addresses; what lies behind them is `Api`."""

    company: Company
    settings: Protocol
    issued: int = 0
    """Tokens given so far."""
    _tokens: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        guid = company_guid(self.company)
        self.subscriptions = Subscriptions(self.company, guid)
        self._api = Api(self.company, guid, self.settings.page_size, self.settings.hidden)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            reply = await self._reply(request)
        except ApiError as error:
            reply = Reply(error.status, error.body(str(uuid.uuid4())))
        content = reply.body if isinstance(reply.body, bytes) else json_bytes(reply.body)
        content = b"" if reply.body is None else content
        headers = [(b"content-length", str(len(content)).encode())]
        if content:
            headers.append((b"content-type", reply.headers.get("content-type", _JSON).encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _reply(self, request: Request) -> Reply:
        path = request.url.path
        if path == f"/{self.settings.tenant}/oauth2/v2.0/token":
            return await self._login(request)
        root = f"/v2.0/{self.settings.tenant}/{self.settings.environment}/api/v2.0/"
        if not path.startswith(root):
            raise ApiError(404, "BadRequest_NotFound", "No HTTP resource was found that matches the address.")
        self._check_token(request.headers.get("authorization", ""))
        address = f"{request.url.scheme}://{request.url.netloc}{root}"
        headers = {name.lower(): value for name, value in request.headers.items()}
        below = path.removeprefix(root)
        if below.startswith("subscriptions"):
            return await self.subscriptions.answer(request.method, below, await request.body(), headers)
        return self._api.answer(
            request.method, path.removeprefix(root), request.url.query, headers, await request.body(), address
        )

    def _check_token(self, header: str) -> None:
        kind, _, token = header.partition(" ")
        expires = self._tokens.get(token)
        if kind != "Bearer" or expires is None or self.company.clock() >= expires:
            raise ApiError(401, *_REJECTED)

    def expire_tokens(self) -> None:
        """As if their time had run out."""
        self._tokens.clear()

    async def _login(self, request: Request) -> Reply:
        """The client-credentials grant, with the error codes of Microsoft Entra."""
        if request.method != "POST" or "x-www-form-urlencoded" not in request.headers.get("content-type", ""):
            return _refusal(400, "invalid_request", "AADSTS900144: The request body must be a form.")
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        if form.get("grant_type") != "client_credentials":
            return _refusal(400, "unsupported_grant_type", "AADSTS70003: The grant type is not supported.")
        if form.get("client_id") != self.settings.client_id:
            return _refusal(
                400, "unauthorized_client", "AADSTS700016: Application was not found in the directory."
            )
        if form.get("client_secret") != self.settings.client_secret:
            return _refusal(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
        if form.get("scope") != SCOPE:
            return _refusal(400, "invalid_scope", "AADSTS1002012: The provided scope is not valid.")
        self.issued += 1
        token = secrets.token_urlsafe(32)
        self._tokens[token] = self.company.clock() + timedelta(seconds=self.settings.token_life)
        body = {"token_type": "Bearer", "expires_in": self.settings.token_life, "access_token": token}
        return Reply(200, body)


def _refusal(status: int, error: str, text: str) -> Reply:
    trace = f"{text}\r\nTrace ID: {uuid.uuid4()}"
    return Reply(status, {"error": error, "error_description": trace})
