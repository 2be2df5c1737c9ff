"""AFAS Profit's REST services over the sandbox company: as strict as the vendor or stricter."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from tools.erp.afas.checks import own_connectors
from tools.erp.afas.sandbox_entries import Desk
from tools.erp.afas.sandbox_lines import line_rows
from tools.erp.afas.sandbox_orders import change_order, create_order, order_rows, receipt_rows, receive
from tools.erp.afas.sandbox_profit import UNITS, Profit
from tools.erp.afas.sandbox_query import page_of
from tools.erp.afas.sandbox_schema import (
    Element,
    ProfitError,
    get_fields,
    metainfo,
    published,
    read_message,
    refused,
    unexpected,
)
from tools.erp.answers import NotJson, from_json, to_json
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Fault, FaultKind, Faults
from tools.erp.sandbox.gate import CONTROL, Answered, Gate, Receive, Scope, Send, status_of
from tools.erp.sandbox.refusal import Refused

ROOT = "/ProfitRestServices"
_TOKEN = re.compile(r"<token><version>1</version><data>([0-9A-Fa-f]{64})</data></token>")
_LARGEST = 75 * 1024 * 1024
_ROWS = {"ErpAgent_Orders": order_rows, "ErpAgent_Receipts": receipt_rows, "ErpAgent_EntryLines": line_rows}


class Protocol(BaseModel):
    """How the environment is set up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: str = "5A" * 32
    administration: int = 1
    journal: str = "10"
    closed: frozenset[str] = frozenset()
    """Connectors that are not in the app connector, or were never made."""
    hidden: frozenset[str] = frozenset()
    """`Connector.Field`s that the customer's own GetConnector lacks."""
    needs_allocation: frozenset[str] = frozenset()
    concurrent: int = 5
    """Calls at once; one more is answered 503. The vendor only advises it."""


def login(company: Company, address: str) -> dict[str, Any]:
    """Settings of the connector that reach the server at `address`, with its default login."""
    protocol = Protocol()
    accounts = company.books.accounts.values()
    direct = [kept.number for kept in accounts if kept.direct_posting and not (kept.blocked or kept.heading)]
    return {
        "base_url": f"{address.rstrip('/')}{ROOT}",
        "token": protocol.token,
        "company": company.settings.company,
        "administration": protocol.administration,
        "journal": protocol.journal,
        "currency": company.settings.currency,
        "units": {name: code for code, name in UNITS.items()},
        "vat_groups": {code: code for code in company.books.tax_codes},
        "received_account": direct[0] if direct else None,
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
    gate = _Busy(server, company, faults or Faults(), operation=operation_of, answer=answer_of, **more)
    gate.concurrent = server.settings.concurrent
    return gate


def operation_of(method: str, path: str) -> str:
    """Names for counting and for faults: `metainfo`, a connector that is read, or `POST FiEntries`."""
    name = path.rstrip("/").rpartition("/")[2]
    if "/metainfo" in path.lower():
        return "metainfo"
    return name if method == "GET" else f"{method} {name}"


def answer_of(fault: Fault) -> Answered:
    """The vendor's body for a planned fault. Being busy is a 503; there is no version that could be stale,
    so a record that somebody changes is one that somebody has open."""
    headers = {"content-type": "application/json; charset=utf-8"}
    if fault.kind is FaultKind.TOO_MANY:
        told = {"error": {"code": "503", "message": "Service temporarily unavailable."}}
        return 503, headers, to_json({**told, "retry_after": fault.retry_after})
    if fault.kind is FaultKind.EXPIRED_TOKEN:
        return 401, {}, b""
    if fault.kind is FaultKind.STALE_VERSION:
        return 500, headers, ProfitError("The booking layout is blocked by another user.").content()
    return status_of(fault), headers, unexpected().content()


class _Busy(Gate):
    """Counts what runs at once; more than allowed is answered as a service that is busy."""

    concurrent = 5

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_call = scope["type"] == "http" and not scope["path"].startswith(f"{CONTROL}/")
        if is_call and self.traffic.running >= self.concurrent:
            self.traffic.calls["busy"] += 1
            await self._fail(Fault(kind=FaultKind.TOO_MANY, retry_after=1), scope, send)
            return
        await super().__call__(scope, receive, send)


class Server:
    """Login and addresses; what lies behind them are the desks."""

    def __init__(self, company: Company, settings: Protocol) -> None:
        self.profit = Profit(company, settings.administration, settings.journal)
        self.settings = settings
        self._desk = Desk(self.profit, settings.needs_allocation)
        self._turn = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            status, content = await self._reply(request)
        except ProfitError as error:
            status, content = error.status, error.content()
        except Refused as refusal:
            status, content = 500, refused(refusal).content()
        headers = [(b"content-length", str(len(content)).encode())]
        if content:
            headers.append((b"content-type", b"application/json; charset=utf-8"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _reply(self, request: Request) -> tuple[int, bytes]:
        self._check_token(request.headers.get("authorization", ""))
        path = request.url.path
        if not path.startswith(f"{ROOT}/"):
            raise ProfitError("", status=404)
        parts = path.removeprefix(f"{ROOT}/").split("/")
        if request.method == "GET":
            return 200, to_json(self._read(parts, request.url.query))
        content = await request.body()
        if len(content) > _LARGEST:
            raise ProfitError("", status=413)
        return self._changed(request.method, parts, content)

    def _check_token(self, header: str) -> None:
        kind, _, encoded = header.partition(" ")
        try:
            text = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise ProfitError("", status=401) from None
        found = _TOKEN.fullmatch(text)
        if kind != "AfasToken" or found is None or found[1].upper() != self.settings.token.upper():
            raise ProfitError("", status=401)

    def _read(self, parts: list[str], query: str) -> Any:
        if parts == ["ProfitVersion"]:
            return {"version": "6.6.9"}
        if parts[0].lower() == "metainfo":
            return self._metainfo(parts[1:])
        if len(parts) != 2 or parts[0] != "connectors":
            raise ProfitError("", status=404)
        fields = None if parts[1] in self.settings.closed else get_fields(parts[1])
        if fields is None:
            raise ProfitError("GetConnector not supported for this app or the user is not authorized")
        self._turn += 1
        make = _ROWS.get(parts[1])
        rows = self.profit.rows(parts[1]) if make is None else list(make(self.profit))
        hidden = {name.partition(".")[2] for name in self.settings.hidden if name.startswith(f"{parts[1]}.")}
        shown = [{name: value for name, value in row.items() if name not in hidden} for row in rows]
        return page_of(
            shown, query, {name: told for name, told in fields.items() if name not in hidden}, self._turn
        )

    def _metainfo(self, parts: list[str]) -> Any:
        closed = self.settings.closed
        if not parts:
            gets = [*published()["get"], *own_connectors()]
            updates = sorted({key.split()[1] for key in published()["update"]})
            return {
                "updateConnectors": [
                    {"id": name, "description": name} for name in updates if name not in closed
                ],
                "getConnectors": [{"id": name, "description": name} for name in gets if name not in closed],
                "info": {"envid": "O12345AA", "appName": "erp-agent", "group": "", "tokenExpiry": "0"},
            }
        if len(parts) != 2 or parts[0] not in ("get", "update") or parts[1] in closed:
            raise ProfitError("", status=404)
        told = metainfo(*parts)
        told["fields"] = [
            field for field in told["fields"] if f"{parts[1]}.{field['fieldId']}" not in self.settings.hidden
        ]
        return told

    def _changed(self, method: str, parts: list[str], content: bytes) -> tuple[int, bytes]:
        if len(parts) != 2 or parts[0] != "connectors":
            raise ProfitError("", status=404)
        if parts[1] in self.settings.closed:
            raise ProfitError("", status=401)
        try:
            body = from_json(content)
        except NotJson:
            raise unexpected() from None
        message = read_message(method, parts[1], body)
        keys = self._carried_out(f"{method} {parts[1]}", message)
        root = published()["update"][f"{method} {parts[1]}"]["root"]
        return 201, to_json({"results": {root: keys}}) if keys else b""

    def _carried_out(self, what: str, message: Element) -> dict[str, Any]:
        """One message is one transaction."""
        if what == "POST FiEntries":
            return self._desk.post(message)
        if what == "PUT FiInvoice":
            return self._desk.change_invoice(message)
        if what == "POST FbPurch":
            return create_order(self.profit, message)
        if what == "PUT FbPurch":
            return change_order(self.profit, message)
        if what == "POST FbGoodsReceived":
            return receive(self.profit, message)
        return self._desk.file(message)
