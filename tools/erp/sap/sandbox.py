"""SAP S/4HANA's OData V2 services over the sandbox company: as strict as the vendor or stricter."""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from tools.erp.answers import to_json
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Fault, FaultKind, Faults
from tools.erp.sandbox.gate import Answered, Gate, Receive, Scope, Send, status_of
from tools.erp.sap.published import services
from tools.erp.sap.sandbox_codes import BLOCK_OF_HOLD, CONTROLLING, GROUP, PLANT, PURCHASING, Codes
from tools.erp.sap.sandbox_schema import ODataError
from tools.erp.sap.sandbox_service import ROOT, Call, Reply, Services

_LOGIN = "/oauth/token"
_COOKIE = "SAP_SESSIONID_A01_100"


class Protocol(BaseModel):
    """How the server is set up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"  # noqa: S105 - the login of a server on this machine
    user: str = "APAGENT"
    password: str = "sandbox-password"  # noqa: S105
    client: str | None = None
    """The SAP client that `sap-client` must name."""
    token_life: int = 3599
    page_size: int = 1000
    receipt_based: frozenset[str] = frozenset()
    """Orders whose invoices must name the goods receipt."""
    hidden: frozenset[str] = frozenset()
    """Services that the login may not start."""
    without: frozenset[str] = frozenset()
    """Entity sets, functions and `Set.Property` that this release lacks."""


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
    return Gate(server, company, faults or Faults(), operation=operation_of, answer=answer_of, **more)


def login(company: Company, address: str) -> dict[str, Any]:
    """Values of `Settings` that reach the server."""
    codes, books = Codes(company), company.books
    return {
        "company": company.settings.company,
        "company_code": company.settings.company[:4],
        "base_url": address,
        "token_url": f"{address}{_LOGIN}",
        "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
        "purchasing_organization": PURCHASING,
        "purchasing_group": GROUP,
        "plant": PLANT,
        "controlling_area": CONTROLLING,
        "tax_codes": {
            short: {
                "name": code,
                "rate": str(books.tax_codes[code].rate),
                "charged": not books.tax_codes[code].reverse_charge,
            }
            for code, short in codes.tax_codes.items()
        },
        "units": codes.units,
        "payment_blocks": {reason: BLOCK_OF_HOLD.get(reason, "A") for reason in books.settings.hold_reasons},
    }


_POSTED = {
    "A_SupplierInvoice": "create_invoice",
    "A_MaterialDocumentHeader": "receive",
    "A_PurchaseOrder": "create_order",
    "AttachmentContentSet": "attach",
    "$batch": "batch",
    "Post": "post",
    "Release": "release",
    "Cancel": "cancel",
}


def operation_of(method: str, path: str) -> str:
    """Names for counting and for faults: `token`, `session` (a service's root), `batch`, what a POST does,
    `amend`, `delete`, or the entity set that is read."""
    if path == _LOGIN:
        return "token"
    last = path.rpartition("/")[2].partition("(")[0]
    if method == "POST":
        return _POSTED.get(last, last)
    return {"PATCH": "amend", "DELETE": "delete"}.get(method, last or "session")


def answer_of(fault: Fault) -> Answered:
    """The vendor's error body for a planned fault."""
    if fault.kind is FaultKind.STALE_VERSION:
        error = ODataError(412, "/IWBEP/CM_MGW_RT/023", "The precondition of If-Match is not met")
    else:
        error = ODataError(status_of(fault), "/IWFND/CM_BEC/026", "The service is not available at present")
    return error.status, {"content-type": "application/json"}, to_json(error.body("0"))


@dataclass
class Server:
    """Login, sessions and addresses; what lies behind them is `Services`."""

    company: Company
    settings: Protocol
    issued: int = 0
    """Tokens given so far."""
    _tokens: dict[str, Any] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    """Session cookie -> token against forged requests."""

    def __post_init__(self) -> None:
        self.services = Services(
            self.company,
            page_size=self.settings.page_size,
            receipt_based=self.settings.receipt_based,
            without=self.settings.without,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            reply = await self._reply(request)
        except ODataError as error:
            reply = Reply(
                error.status, to_json(error.body(uuid.uuid4().hex)), {"content-type": "application/json"}
            )
            if error.code == "CSRF":
                reply = Reply(403, b"CSRF token validation failed", {"x-csrf-token": "Required"})
        headers = [
            (name.encode(), value.encode()) for name, value in reply.headers.items() if name != "cookies"
        ]
        headers += [
            (b"set-cookie", line.encode()) for line in reply.headers.get("cookies", "").split("\n") if line
        ]
        headers.append((b"content-length", str(len(reply.body)).encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def _reply(self, request: Request) -> Reply:
        if request.url.path == _LOGIN:
            return await self._login(request)
        self._check_login(request.headers.get("authorization", ""))
        self._check_client(request.url.query)
        path = unquote(request.url.path)
        service, _, rest = path.removeprefix(ROOT).partition("/")
        if not path.startswith(ROOT) or service not in services():
            raise ODataError(403, "/IWFND/MED/170", f"No service found for namespace '', name '{service}'")
        if service in self.settings.hidden:
            raise ODataError(403, "/IWFND/MED/172", f"No authorization to start service '{service}'")
        headers = {name.lower(): value for name, value in request.headers.items()}
        self._check_session(request.method, headers)
        address = f"{request.url.scheme}://{request.url.netloc}{ROOT}{service}/"
        head = request.method == "HEAD"
        method = "GET" if head else request.method
        call = Call(method, rest, request.url.query, headers, await request.body(), address)
        reply = self.services.answer(service, call)
        if headers.get("x-csrf-token", "").lower() == "fetch" and method == "GET":
            reply.headers |= self._session(request.url.scheme)
        if head:
            reply.body = b""
        return reply

    def _check_client(self, query: str) -> None:
        wanted = self.settings.client
        if wanted is not None and parse_qs(query).get("sap-client") != [wanted]:
            raise ODataError(401, "SY/530", "The client is not available")

    def _session(self, scheme: str) -> dict[str, str]:
        session, token = secrets.token_urlsafe(24), secrets.token_urlsafe(16)
        self.sessions[session] = token
        # Over https as the vendor does it; a cookie marked so would never come back over http.
        mark = "secure; HttpOnly" if scheme == "https" else "HttpOnly"
        cookies = f"{_COOKIE}={session}; path=/; {mark}\nsap-usercontext=sap-client=100; path=/"
        return {"x-csrf-token": token, "cookies": cookies}

    def _check_session(self, method: str, headers: dict[str, str]) -> None:
        """A token counts only with the cookie of its own session."""
        if method in ("GET", "HEAD"):
            return
        cookies = SimpleCookie(headers.get("cookie", ""))
        session = cookies[_COOKIE].value if _COOKIE in cookies else ""
        token = self.sessions.get(session)
        if token is None or not secrets.compare_digest(token, headers.get("x-csrf-token", "")):
            raise ODataError(403, "CSRF", "CSRF token validation failed")

    def _check_login(self, header: str) -> None:
        kind, _, value = header.partition(" ")
        expires = self._tokens.get(value)
        plain = f"{self.settings.user}:{self.settings.password}".encode()
        if kind == "Basic" and value == base64.b64encode(plain).decode():
            return
        if kind != "Bearer" or expires is None or self.company.clock() >= expires:
            raise ODataError(401, "SY/530", "Logon failed")

    def expire_tokens(self) -> None:
        """As if their time had run out; sessions of users end with them."""
        self._tokens.clear()
        self.sessions.clear()

    async def _login(self, request: Request) -> Reply:
        """The client-credentials grant as XSUAA gives it: the client in the form or in the header."""
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        plain = f"{self.settings.client_id}:{self.settings.client_secret}".encode()
        named = request.headers.get("authorization") == "Basic " + base64.b64encode(plain).decode()
        told = (form.get("client_id"), form.get("client_secret"))
        if request.method != "POST" or form.get("grant_type") != "client_credentials":
            return _refusal(400, "unsupported_grant_type", "The grant type is not supported")
        if not named and told != (self.settings.client_id, self.settings.client_secret):
            return _refusal(401, "unauthorized", "Bad credentials")
        self.issued += 1
        token = secrets.token_urlsafe(32)
        self._tokens[token] = self.company.clock() + timedelta(seconds=self.settings.token_life)
        body = {"token_type": "bearer", "expires_in": self.settings.token_life, "access_token": token}
        return Reply(200, to_json(body), {"content-type": "application/json"})


def _refusal(status: int, error: str, text: str) -> Reply:
    body = to_json({"error": error, "error_description": text})
    return Reply(status, body, {"content-type": "application/json"})
