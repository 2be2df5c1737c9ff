"""Exact Online's REST API over the sandbox company: as strict as the vendor or stricter."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from tools.erp.answers import NotJson, from_json, to_json
from tools.erp.exact.sandbox_limits import Throttle
from tools.erp.exact.sandbox_login import FIRST_REFRESH_TOKEN, LoginRefused, LoginRules, LoginService
from tools.erp.exact.sandbox_query import LINES, Options, read_options
from tools.erp.exact.sandbox_records import Records, Row
from tools.erp.exact.sandbox_schema import ApiError, Resource, bad_request, resources, shown
from tools.erp.exact.sandbox_writes import Writes
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Fault, Faults
from tools.erp.sandbox.gate import Answered, Gate, Receive, Scope, Send, status_of
from tools.erp.token_store import StoredTokens, TokenStore

_ADDRESS = re.compile(
    r"/api/v1/(?P<division>current|\d+)/(?P<resource>[A-Za-z]+(?:/[A-Za-z]+){0,2})"
    r"(?:\(guid'(?P<key>[0-9a-fA-F-]{36})'\))?(?:/(?P<below>\w+))?"
)
_LONGEST_QUERY = 2048
_BULK_PAGE = 1000


class Protocol(BaseModel):
    """How the server is set up; the defaults are the vendor's own limits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"  # noqa: S105 - the login of a server on this machine
    division: int = 1234567
    page_size: int = 60
    pages: Mapping[str, int] = Field(default_factory=dict)
    """Resource -> rows of a page, where it is another number."""
    calls_per_minute: int = 60
    calls_per_day: int = 5000
    errors_per_hour: int = 10
    token_calls_per_day: int = 200


def login(company: Company, address: str) -> dict[str, Any]:
    """Settings of a connector that reach a server of `app` with the defaults at this address, and tokens as a
    person's consent leaves them, in a folder of their own. Good for one server: its first refresh token works
    once."""
    protocol, address = Protocol(), address.rstrip("/")
    folder = Path(tempfile.mkdtemp(prefix="exact-sandbox-"))
    store = TokenStore(folder, "exact", login_url=address, client_id=protocol.client_id)
    store.keep(StoredTokens("over", FIRST_REFRESH_TOKEN, received_at=0.0, life=600.0))
    return {
        "base_url": address,
        "company": company.settings.company,
        "currency": company.settings.currency,
        "division": protocol.division,
        "client_id": protocol.client_id,
        "client_secret": protocol.client_secret,
        "redirect_uri": "http://127.0.0.1:8019/consent",
        "item_account": company.settings.controls.gr_ir,
        "state_folder": str(folder),
    }


def app(
    company: Company,
    faults: Faults | None = None,
    *,
    sleep: Callable[[float], Awaitable[None]] | None = None,
    **protocol: Any,
) -> Gate:
    """The server; `protocol` takes the fields of `Protocol`. Its control door is under /_sandbox. The gate's
    own `app` is a `Server`."""
    server = Server(company, Protocol(**protocol))
    more: dict[str, Any] = {} if sleep is None else {"sleep": sleep}
    return Gate(server, company, faults or Faults(), operation=operation_of, answer=answer_of, **more)


def operation_of(method: str, path: str) -> str:
    """Names for counting and for faults: `token`, `auth`, the resource that is read (`PurchaseOrders`), or
    the change with it (`post PurchaseEntries`)."""
    last = path.rstrip("/").rpartition("/")[2].partition("(")[0]
    return last if method == "GET" or last in ("token", "auth") else f"{method.lower()} {last}"


def answer_of(fault: Fault) -> Answered:
    """A failing gateway has no words of Exact's; other planned faults have."""
    status = status_of(fault)
    if status >= 500:
        return status, {"content-type": "text/html"}, b"<html><body>Service Unavailable</body></html>"
    texts = {401: "Unauthorized", 409: "The record was changed by another user.", 429: ""}
    return status, {"content-type": "application/json"}, to_json(ApiError(status, texts.get(status, "")).body)


@dataclass
class Reply:
    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Server:
    """Login, addresses, limits; the books lie behind `Records` and `Writes`."""

    def __init__(self, company: Company, settings: Protocol) -> None:
        self.company = company
        self.settings = settings
        rules = LoginRules(
            settings.client_id, settings.client_secret, calls_a_day=settings.token_calls_per_day
        )
        self.login = LoginService(rules, company.clock)
        self.throttle = Throttle(
            settings.calls_per_minute, settings.calls_per_day, settings.errors_per_hour, company.clock
        )
        self.records = Records(company, settings.division)
        self._writes = Writes(company, self.records)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            reply = await self._reply(request)
        except ApiError as error:
            reply = Reply(error.status, error.body if str(error) else None, error.headers)
        except LoginRefused as refused:
            reply = Reply(refused.status, refused.body, refused.headers)
        content = b"" if reply.body is None else to_json(reply.body)
        now: datetime = self.company.clock()
        headers = {
            "content-length": str(len(content)),
            "content-type": "application/json",
            "date": format_datetime(now, usegmt=True),
            **reply.headers,
        }
        await send(
            {
                "type": "http.response.start",
                "status": reply.status,
                "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            }
        )
        await send({"type": "http.response.body", "body": content})

    async def _reply(self, request: Request) -> Reply:
        path = request.url.path
        if path == "/api/oauth2/auth" and request.method == "GET":
            return Reply(302, None, {"location": self.login.consent(dict(parse_qsl(request.url.query)))})
        if path == "/api/oauth2/token" and request.method == "POST":
            form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
            return Reply(200, self.login.token(form))
        match = _ADDRESS.fullmatch(unquote(path))
        if match is None:
            raise ApiError(404, "Resource not found for the address.")
        name = match["resource"]
        if match["division"] == "current":
            name = f"current/{name}"
        if not self.login.admits(request.headers.get("authorization", "")):
            raise ApiError(401, "Unauthorized")
        self.throttle.admit(name)
        try:
            reply = await self._answer(request, name, match)
        except ApiError as error:
            self.throttle.note(name, error.status)
            raise ApiError(error.status, str(error), {**self.throttle.headers(), **error.headers}) from error
        return Reply(reply.status, reply.body, {**self.throttle.headers(), **reply.headers})

    async def _answer(self, request: Request, name: str, match: re.Match[str]) -> Reply:
        if len(request.url.query) > _LONGEST_QUERY:
            raise ApiError(404, "The query string is too long.")
        resource = resources().get(name)
        if resource is None:
            raise ApiError(404, f"Resource not found for the segment '{name}'.")
        if match["division"] not in ("current", str(self.settings.division)):
            raise ApiError(403, "Forbidden")
        if request.method.lower() not in resource.methods:
            raise ApiError(405, "The method is not allowed.")
        if request.method == "GET":
            return self._read(request, resource, match["key"], match["below"])
        body = _body(await request.body())
        if request.method == "POST" and match["key"] is None:
            return self._create(resource, body, request.headers.get("prefer", ""))
        if request.method == "PUT" and match["key"] is not None:
            self._row(resource, match["key"])
            self._writes.change(resource.name, match["key"].lower(), body)
            return Reply(204)
        raise ApiError(405, "The method is not allowed here.")

    def _create(self, resource: Resource, body: Any, prefer: str) -> Reply:
        """Without `return=representation` the answer holds the key alone."""
        key = self._writes.create(resource.name, body)
        if "return=representation" not in prefer:
            return Reply(201, {"d": {resource.key: key}})
        rows = [row for row in self.records.rows(resource.name) if row[resource.key] == key]
        return Reply(201, {"d": _plain(resource, rows[0]) if rows else {resource.key: key}})

    def _read(self, request: Request, resource: Resource, key: str | None, below: str | None) -> Reply:
        params = dict(parse_qsl(request.url.query, keep_blank_values=True))
        if key is not None and below is None:
            return Reply(200, {"d": _plain(resource, self._row(resource, key))})
        if key is None:
            rows, options = self.records.rows(resource.name), read_options(resource, params)
        else:
            lines = resources().get(LINES.get((resource.name, below or ""), ""))
            if lines is None:
                raise ApiError(404, f"Resource not found for the segment '{below}'.")
            rows, options = self._row(resource, key)[below or ""], read_options(lines, params)
        host = f"{request.url.scheme}://{request.url.netloc}"
        return Reply(200, {"d": self._page(rows, options, f"{host}{quote(request.url.path)}", params)})

    def _row(self, resource: Resource, key: str) -> Row:
        for row in self.records.rows(resource.name):
            if str(row[resource.key]) == key.lower():
                return row
        raise ApiError(404, "Resource not found for the key.")

    def _page(self, rows: list[Row], options: Options, address: str, params: Mapping[str, str]) -> Any:
        resource = options.resource
        found = [row for row in rows if options.test is None or options.test(row)]
        keys = [_token(row[resource.key]) for row in found]
        start = keys.index(options.after) + 1 if options.after in keys else 0
        usual = _BULK_PAGE if resource.name.startswith("bulk/") else self.settings.page_size
        size = self.settings.pages.get(resource.name, usual)
        page = found[start : start + (size if options.top is None else min(size, options.top))]
        host = address.partition("/api/")[0]
        answer: dict[str, Any] = {"results": [self._chosen(row, options, host) for row in page]}
        if options.top is None and start + len(page) < len(found):
            further = {**params, "$skiptoken": _token(page[-1][resource.key])}
            answer["__next"] = f"{address}?{'&'.join(f'{k}={quote(v)}' for k, v in further.items())}"
        # A single row comes without the wrapping.
        return answer["results"] if options.top == 1 else answer

    def _chosen(self, row: Row, options: Options, host: str) -> dict[str, Any]:
        names = options.select or tuple(options.resource.fields)
        kept = {name: shown(row[name]) for name in names if not isinstance(row[name], list)}
        for name in options.expand:
            kept[name] = self._lines(row, name, options, host)
        return kept

    def _lines(self, row: Row, name: str, options: Options, host: str) -> dict[str, Any]:
        lines = resources()[LINES[(options.resource.name, name)]]
        chosen = options.inner.get(name) or tuple(lines.fields)
        key = row[options.resource.key]
        inner = Options(lines, None, chosen)
        parent = f"{options.resource.name}({quote(_token(key))})"
        address = f"{host}/api/v1/{self.settings.division}/{parent}/{name}"
        return dict(self._page(row[name], inner, address, {"$select": ",".join(chosen)}))


def _token(value: Any) -> str:
    return f"guid'{value}'" if isinstance(value, str) else str(value)


def _plain(resource: Resource, row: Row) -> dict[str, Any]:
    """All fields; lines that were not asked for are an address only."""
    deferred = {"__deferred": {"uri": resource.name}}
    return {name: deferred if isinstance(value, list) else shown(value) for name, value in row.items()}


def _body(content: bytes) -> Any:
    try:
        return from_json(content)
    except NotJson:
        raise bad_request("Error processing request stream. The request is not JSON.") from None
