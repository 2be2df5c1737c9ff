"""Oracle's REST resources over the sandbox company: as strict as the vendor or stricter."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

import jwt
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from tools.erp.answers import to_json
from tools.erp.jwt_assertion import GRANT
from tools.erp.oracle.sandbox_api import Api, Reply
from tools.erp.oracle.sandbox_desk import SandboxDesk
from tools.erp.oracle.sandbox_ordering import BUYER, PROCUREMENT, STYLE
from tools.erp.oracle.sandbox_payables import PayablesLayer
from tools.erp.oracle.sandbox_receiving import Interface
from tools.erp.oracle.sandbox_records import UNITS, Records
from tools.erp.oracle.sandbox_render import Renderer
from tools.erp.oracle.sandbox_schema import ApiError
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Fault, FaultKind, Faults
from tools.erp.sandbox.gate import Answered, Gate, Receive, Scope, Send, status_of

ROOT = "/fscmRestApi/resources/11.13.18.05"
TOKEN = "/oauth2/v1/token"  # noqa: S105 - an address
_ERROR = "application/vnd.oracle.adf.error+json"
_FIRST_STRUCTURED = 4
"""The framework version from which errors have a structure; before it they are plain text."""


class Protocol(BaseModel):
    """How the pod is set up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: str = "AP_AGENT"
    password: str = "sandbox-password"  # noqa: S105 - the login of a server on this machine
    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"  # noqa: S105 - likewise
    scope: str = "urn:opc:resource:consumer::all"
    public_key: str | None = None
    """PEM; what JWT assertions must be signed with."""
    audience: str = "https://identity.oraclecloud.com/"
    token_life: int = 3600
    host: str = "https://fa-sandbox.oraclecloud.example"
    """How the pod names itself in links."""
    business_unit: str | None = None
    """Absent: the company's id."""
    procurement_bu: str = "Procurement"
    ledger_id: int = 300000046975971
    combination: str = "01-{cost_centre}-{account}"
    no_cost_centre: str = "000"
    manual_holds: tuple[str, ...] = ("AP Agent Parked",)
    """Beside the company's own hold reasons."""
    three_way: bool = True
    masks_accounts: bool = False
    """Bank account numbers are shown in part only, as a pod does unless told otherwise."""
    receipts_at_once: bool = True
    page_rows: int = 500
    child_rows: int = 25
    deepest: int = 9
    """Levels of children that come along with a record."""
    hidden: frozenset[str] = frozenset()


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
    """The connector's settings that reach a server of `app` with the defaults at this address."""
    defaults = Protocol()
    return {
        "base_url": address,
        "company": company.settings.company,
        "currency": company.settings.currency,
        "ledger_id": defaults.ledger_id,
        "login": "client_credentials",
        "token_url": f"{address}{TOKEN}",
        "client_id": defaults.client_id,
        "client_secret": defaults.client_secret,
        "account_combination": defaults.combination,
        "no_cost_centre": defaults.no_cost_centre,
        "units": {code: rec20 for rec20, code in UNITS.items()},
        "draft_orders": {
            "buyer_id": BUYER,
            "document_style_id": STYLE,
            "procurement_bu_id": PROCUREMENT,
        },
    }


def operation_of(method: str, path: str) -> str:
    """Names for counting and for faults: `token`, `batch`, an action, `create_invoices`, `attach`,
    `change_invoiceHolds`, or the resource that is read."""
    if path == TOKEN:
        return "token"
    steps = [step for step in path.removeprefix(ROOT).split("/") if step]
    if not steps:
        return "batch"
    if "action" in steps or steps[-1] == "describe":
        return steps[-1]
    if method == "POST" and steps[-1] == "attachments":
        return "attach"
    names = {"POST": "create", "PATCH": "change", "DELETE": "delete"}
    return f"{names[method]}_{steps[0]}" if method in names else steps[0]


def answer_of(fault: Fault) -> Answered:
    """Oracle's answer for a planned fault."""
    told = {FaultKind.TOO_MANY: "Too Many Requests", FaultKind.EXPIRED_TOKEN: "Unauthorized"}
    status = 412 if fault.kind is FaultKind.STALE_VERSION else status_of(fault)
    text = told.get(fault.kind, "Precondition Failed" if status == 412 else "Internal Server Error")
    return status, {"content-type": "text/plain"}, text.encode()


@dataclass
class Server:
    """Login and addresses; what lies behind them is `Api`."""

    company: Company
    settings: Protocol
    issued: int = 0
    """Tokens given so far."""
    _tokens: dict[str, Any] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        told = self.settings
        unit = told.business_unit or self.company.settings.company
        layer = PayablesLayer(self.company, unit, told.combination, told.no_cost_centre)
        self.payables = layer
        self.records = Records(
            self.company, layer, told.ledger_id, told.procurement_bu, masks=told.masks_accounts
        )
        self.desk = SandboxDesk(layer, told.manual_holds, told.three_way)
        self.receiving = Interface(self.company, layer.ids, at_once=told.receipts_at_once)
        self._api = Api(
            self.records, layer, self.desk, self.receiving, page_rows=told.page_rows, hidden=told.hidden
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        version = _version(request)
        try:
            reply = await self._reply(request, version)
            media, content = "application/json", b"" if reply.body is None else to_json(reply.body)
        except ApiError as error:
            reply = Reply(error.status)
            media, content = _told(error, version, request.headers.get("accept", ""))
        now = format_datetime(self.company.clock().astimezone(UTC), usegmt=True)
        headers = [
            (b"content-length", str(len(content)).encode()),
            (b"content-type", media.encode()),
            (b"date", now.encode()),
        ]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _reply(self, request: Request, version: int) -> Reply:
        path = request.url.path
        if path == TOKEN:
            return await self._login(request)
        if not path.startswith(f"{ROOT}/"):
            raise ApiError(404, "Not Found")
        self._check(request.headers.get("authorization", ""))
        renderer = Renderer(
            f"{self.settings.host}{ROOT}", version, self.settings.child_rows, self.settings.deepest
        )
        media = request.headers.get("content-type", "")
        content = await request.body()
        return self._api.answer(
            request.method, path.removeprefix(f"{ROOT}/"), request.url.query, media, content, renderer
        )

    def _check(self, header: str) -> None:
        kind, _, value = header.partition(" ")
        if kind == "Basic" and _pair(value) == (self.settings.user, self.settings.password):
            return
        expires = self._tokens.get(value)
        if kind != "Bearer" or expires is None or self.company.clock() >= expires:
            raise ApiError(401, "Unauthorized")

    def expire_tokens(self) -> None:
        """As if their time had run out."""
        self._tokens.clear()

    async def _login(self, request: Request) -> Reply:
        """Client credentials with HTTP basic authentication, or a JWT assertion."""
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        known = kind == "Basic" and _pair(value) == (self.settings.client_id, self.settings.client_secret)
        grant = form.get("grant_type")
        if grant == GRANT:
            known = known or form.get("client_id") == self.settings.client_id
            if not known or not self._stated(form.get("assertion", "")):
                return _refused("invalid_grant", "The assertion is not valid.")
        elif grant != "client_credentials" or not known:
            return _refused("invalid_client", "Client authentication failed.")
        if form.get("scope") != self.settings.scope:
            return _refused("invalid_scope", "The scope is not valid.")
        self.issued += 1
        token = secrets.token_urlsafe(32)
        self._tokens[token] = self.company.clock() + timedelta(seconds=self.settings.token_life)
        life = self.settings.token_life
        return Reply(200, {"token_type": "Bearer", "expires_in": life, "access_token": token})

    def _stated(self, assertion: str) -> bool:
        """Signed by the key, for us, by the client, for a user there is, in time, and never seen before."""
        if self.settings.public_key is None:
            return False
        try:
            claims = jwt.decode(
                assertion, self.settings.public_key, algorithms=["RS256"], audience=self.settings.audience
            )
        except jwt.PyJWTError:
            return False
        if (claims.get("iss"), claims.get("sub")) != (self.settings.client_id, self.settings.user):
            return False
        seen = str(claims.get("jti"))
        known = seen in self._seen
        self._seen.add(seen)
        return not known


def _version(request: Request) -> int:
    text = request.headers.get("rest-framework-version", "1")
    return int(text) if text.isdigit() else 1


def _pair(value: str) -> tuple[str, str]:
    try:
        user, _, password = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return user, password


def _refused(error: str, text: str) -> Reply:
    return Reply(401, {"error": error, "error_description": text})


def _told(error: ApiError, version: int, accept: str) -> tuple[str, bytes]:
    """Plain text, unless the caller asks for structure and its framework version has it."""
    if version < _FIRST_STRUCTURED or _ERROR not in accept:
        return "text/plain", error.detail.encode()
    detail = {"detail": error.detail, "o:errorPath": error.path}
    if error.code:
        detail |= {"o:errorCode": error.code, "detail": f"{error.detail} ({error.code})"}
    body = {"title": "Error", "status": str(error.status), "o:errorDetails": [detail]}
    return _ERROR, to_json(body)
