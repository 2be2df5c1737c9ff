"""Addresses below `/fscmRestApi/resources/11.13.18.05/`: collections, records, children, actions, batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from tools.erp.answers import NotJson, from_json
from tools.erp.oracle.sandbox_desk import SandboxDesk
from tools.erp.oracle.sandbox_ordering import SandboxOrdering
from tools.erp.oracle.sandbox_payables import PayablesLayer
from tools.erp.oracle.sandbox_query import Options, read_options
from tools.erp.oracle.sandbox_receiving import Interface
from tools.erp.oracle.sandbox_records import Records
from tools.erp.oracle.sandbox_render import Renderer
from tools.erp.oracle.sandbox_schema import ApiError, Resource, bad_request, resources

ITEM = ("application/json", "application/vnd.oracle.adf.resourceitem+json")
ACTION = ("application/vnd.oracle.adf.action+json",)
BATCH = ("application/vnd.oracle.adf.batch+json",)
LIFE_CYCLE = "purchaseOrderLifeCycleDetails"
Row = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One operation, sent by itself or inside a batch."""

    method: str
    path: tuple[str, ...]
    params: Mapping[str, str]
    body: Any
    renderer: Renderer
    media: str = ITEM[0]


@dataclass
class Reply:
    status: int
    body: Any = None


class Api:
    def __init__(
        self,
        records: Records,
        layer: PayablesLayer,
        desk: SandboxDesk,
        interface: Interface,
        *,
        page_rows: int,
        hidden: frozenset[str],
    ) -> None:
        """`page_rows`: most records of a page, whatever is asked. `hidden`: resources that the login may not
        see."""
        self._records = records
        self._layer = layer
        self._desk = desk
        self._interface = interface
        self._ordering = SandboxOrdering(layer.company, layer.ids)
        self._page_rows = page_rows
        self._hidden = hidden
        records.extra["receivingReceiptRequests"] = interface.rows

    def answer(
        self, method: str, path: str, query: str, media: str, content: bytes, renderer: Renderer
    ) -> Reply:
        """Raises ApiError. `path` is relative to the resources' address."""
        body = _body(content)
        media = media.partition(";")[0].strip()
        if not path and method == "POST":
            _check_media(media, BATCH)
            return Reply(200, {"parts": self._batch(body, renderer)})
        params = dict(parse_qsl(query, keep_blank_values=True))
        steps = tuple(unquote(step) for step in path.split("/"))
        return self.one(Call(method, steps, params, body, renderer, media))

    def _batch(self, body: Any, renderer: Renderer) -> list[Row]:
        """All or nothing: what the parts before a refused one made is taken back."""
        parts = body.get("parts") if isinstance(body, dict) else None
        if not isinstance(parts, list) or not parts:
            raise bad_request("The batch has no parts.")
        methods = {"get": "GET", "create": "POST", "update": "PATCH", "delete": "DELETE"}
        before, answers = set(self._layer.company.books.documents), []
        for part in parts:
            path, _, query = str(part.get("path", "")).lstrip("/").partition("?")
            method = methods.get(part.get("operation"))
            steps = tuple(unquote(step) for step in path.split("/"))
            try:
                if method is None or "action" in steps:
                    raise bad_request("The operation cannot be part of a batch.")
                call = Call(method, steps, dict(parse_qsl(query)), part.get("payload"), renderer)
                reply = self.one(call)
            except ApiError:
                for made in set(self._layer.company.books.documents) - before:
                    self._layer.company.documents.delete(made)
                raise
            answers.append({**part, "payload": reply.body})
        return answers

    def one(self, call: Call) -> Reply:
        resource = resources().get(call.path[0])
        if resource is None or resource.name in self._hidden:
            raise ApiError(404, "Not Found")
        rest = call.path[1:]
        if rest == ("describe",) and call.method == "GET":
            return Reply(200, {"Resources": {resource.name: resource.described()}})
        if len(rest) == 2 and rest[0] == "action":
            return self._action(call, resource, rest[1])
        if call.method == "GET":
            return self._get(call, resource, rest)
        if call.method not in resource.methods and "attachments" not in rest:
            raise ApiError(405, "Method Not Allowed")
        if call.method != "DELETE":
            _check_media(call.media, ITEM)
        return self._change(call, resource, rest)

    def _action(self, call: Call, resource: Resource, name: str) -> Reply:
        if name not in resource.actions or call.method != "POST":
            raise ApiError(404, "Not Found")
        _check_media(call.media, ACTION)
        work = {"validateInvoice": self._desk.validate, "cancelInvoice": self._desk.cancel}[name]
        return Reply(200, {"result": work(call.body)})

    def _get(self, call: Call, resource: Resource, rest: tuple[str, ...]) -> Reply:
        if not rest and resource.name == LIFE_CYCLE:
            raise ApiError(400, "The collection of this resource cannot be read.")
        rows, owner, address = self._found(resource, rest)
        options = read_options(owner, call.params, call.renderer.version)
        if len(rest) % 3 == 1:  # a key at the end: one record
            if "q" in call.params:
                raise bad_request("URL request parameter q cannot be used in this context.")
            return Reply(200, call.renderer.record(rows[0], owner, address, options))
        return Reply(200, self._page(rows, owner, address, options, call.renderer))

    def _page(
        self, rows: list[Row], owner: Resource, address: str, options: Options, renderer: Renderer
    ) -> Row:
        found = [row for row in rows if options.test is None or options.test(row)]
        for name, descending in reversed(options.order):
            found.sort(key=lambda row: (row[name] is None, row[name]), reverse=descending)  # noqa: B023
        limit = min(options.limit, self._page_rows)
        wanted = found[options.offset : options.offset + limit]
        shown = [renderer.record(row, owner, address, options) for row in wanted]
        blank: list[Any] = [None] * options.offset
        after = [None] * (len(found) - options.offset - len(wanted))
        body = renderer.page([*blank, *shown, *after], address, options.offset, limit)
        return {**body, "totalResults": len(found)} if options.total else body

    def _found(self, resource: Resource, rest: tuple[str, ...]) -> tuple[list[Row], Resource, str]:
        """The rows that an address stands for, what they are, and the address of their collection."""
        address = resource.name
        if resource.name == LIFE_CYCLE:
            one = self._records.life_cycle(int(rest[0])) if rest[0].isdigit() else None
            rows = [] if one is None else [one]
        else:
            rows = self._records.rows(resource.name)
        while rest:
            key, rest = rest[0], rest[1:]
            rows = [row for row in rows if row["@key"] == key]
            if not rows:
                raise ApiError(404, "Not Found")
            if not rest:
                return rows, resource, address
            if rest[0] != "child" or len(rest) < 2 or rest[1] not in resource.children:
                raise ApiError(404, "Not Found")
            address = f"{address}/{key}/child/{rest[1]}"
            rows = self._children(rows[0], rest[1], key)
            resource, rest = resource.children[rest[1]], rest[2:]
        return rows, resource, address

    def _children(self, row: Row, name: str, key: str) -> list[Row]:
        if name != "attachments":
            return list(row.get(name, []))
        document_id = self._layer.ids.find("invoice", row["InvoiceId"]) or ""
        table = resources()["invoices"].children[name]
        kept = self._layer.company.payables.attachments_of(document_id)
        return [
            {**table.render({"AttachedDocumentId": number, "FileName": file.name}), "@key": f"{key}{number}"}
            for number, file in enumerate(kept, start=1)
        ]

    def _change(self, call: Call, resource: Resource, rest: tuple[str, ...]) -> Reply:
        if resource.name == "invoices":
            return self._change_invoice(call, resource, rest)
        if resource.name == "draftPurchaseOrders" and call.method == "POST" and not rest:
            card = self._ordering.create(call.body)
            return Reply(201, self._shown(self._records.draft(card), resource, call))
        if resource.name == "invoiceHolds":
            if call.method == "PATCH" and len(rest) == 1 and rest[0].isdigit():
                self._desk.release(int(rest[0]), call.body)
                return Reply(200, self._shown(self._layer.hold(int(rest[0])), resource, call))
            if call.method == "POST" and not rest:
                key = self._desk.hold(call.body)
                return Reply(201, self._shown(self._layer.hold(key), resource, call))
        if resource.name == "receivingReceiptRequests":
            if call.method == "POST" and not rest:
                request = self._interface.create(call.body)
                return Reply(201, self._shown(self._interface.row(request), resource, call))
            if call.method == "DELETE" and len(rest) == 1 and rest[0].isdigit():
                self._interface.delete(int(rest[0]))
                return Reply(204)
        raise ApiError(405, "Method Not Allowed")

    def _change_invoice(self, call: Call, resource: Resource, rest: tuple[str, ...]) -> Reply:
        if call.method != "POST" or (rest and rest[1:] != ("child", "attachments")):
            raise ApiError(405, "This sandbox does not change invoices after their creation.")
        if not rest:
            document = self._desk.create(call.body)
            return Reply(201, self._shown(self._layer.invoice(document), resource, call))
        rows, _, _ = self._found(resource, rest[:1])
        document_id = self._layer.ids.find("invoice", rows[0]["InvoiceId"]) or ""
        return Reply(201, {"FileName": self._desk.attach(document_id, call.body)})

    def _shown(self, row: Row, resource: Resource, call: Call) -> Any:
        """What a creation answers: the record with its children."""
        options = Options(expand=frozenset({"all"}))
        return call.renderer.record(row, resource, resource.name, options)


def _check_media(media: str, allowed: tuple[str, ...]) -> None:
    if media not in allowed:
        raise ApiError(415, "Unsupported Media Type")


def _body(content: bytes) -> Any:
    if not content:
        return None
    try:
        return from_json(content)
    except NotJson:
        raise bad_request("The request body is not valid JSON.") from None
