"""Addresses below `api/v2.0/`: collections, records, actions and batches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from tools.erp.business_central.sandbox_calls import Call, Reply, batched, body_of, params_of
from tools.erp.business_central.sandbox_drafts import Drafts
from tools.erp.business_central.sandbox_files import SET as FILES
from tools.erp.business_central.sandbox_files import Files
from tools.erp.business_central.sandbox_metadata import metadata
from tools.erp.business_central.sandbox_orders import SET as ORDERS
from tools.erp.business_central.sandbox_orders import Orders
from tools.erp.business_central.sandbox_query import Options, Row, read_options
from tools.erp.business_central.sandbox_records import CREDIT_MEMOS, INVOICES, LINES, Records
from tools.erp.business_central.sandbox_schema import (
    ApiError,
    Entity,
    bad_request,
    business,
    check_value,
    entities,
    not_found,
)
from tools.erp.sandbox.books import Books
from tools.erp.sandbox.company import Company

_ADDRESS = re.compile(
    r"companies\((?P<company>[0-9a-fA-F-]+)\)/(?P<set>\w+)(\((?P<id>[^()]*)\))?(/(?P<rest>[\w.]+))?"
)
_STREAM = re.compile(
    r"companies\((?P<company>[0-9a-fA-F-]+)\)/documentAttachments\((?P<id>[^()]*)\)/attachmentContent"
)
_HEADERS = {lines: header for header, lines in LINES.items()}
_WRITABLE = (INVOICES, CREDIT_MEMOS)


class Api:
    def __init__(
        self, company: Company, company_id: str, page_size: int, hidden: frozenset[str] = frozenset()
    ) -> None:
        """`hidden` are entity sets that the login's permission sets do not cover."""
        self._company = company
        self._company_id = company_id
        self._page_size = page_size
        self._records = Records(company)
        self._drafts = Drafts(company, self._records)
        self._orders = Orders(company, self._records, self._drafts)
        self._files = Files(company)
        self._hidden = hidden
        self._read: dict[str, list[dict[str, Any]]] = {}

    def answer(
        self, method: str, path: str, query: str, headers: Mapping[str, str], content: bytes, address: str
    ) -> Reply:
        """Raises ApiError. `headers` have lower-case names."""
        self._read.clear()
        if path == "$metadata" and method == "GET":
            return Reply(200, metadata(), {"content-type": "application/xml"})
        if method == "PATCH" and (stream := _STREAM.fullmatch(path)) is not None:
            self._own_company(stream["company"])
            self._files.fill(_key(stream["id"]), content, headers)
            return Reply(204)
        body = body_of(content, headers)
        if path == "$batch" and method == "POST":
            return self._batch(body, headers, address)
        return self._operation(Call(method, unquote(path), params_of(query), headers, body, address))

    def _operation(self, call: Call) -> Reply:
        if call.path == "companies" and call.method == "GET":
            settings = self._company.settings
            row = {"id": self._company_id, "name": settings.company, "displayName": settings.name}
            return Reply(200, {"value": [row]})
        match = _ADDRESS.fullmatch(call.path)
        if match is None or match["set"] not in entities():
            raise not_found(f"Resource not found for the segment '{call.path}'.", "BadRequest_NotFound")
        self._own_company(match["company"])
        if match["set"] in self._hidden:
            raise ApiError(403, "Authorization_RequestDenied", f"You may not read {match['set']}.")
        if match["id"] is None:
            return self._collection(call, match["set"], None)
        record_id = _key(match["id"])
        if match["rest"] is None:
            return self._record(call, match["set"], record_id)
        return self._below(call, match["set"], record_id, match["rest"])

    def _own_company(self, company_id: str) -> None:
        if company_id.lower() != self._company_id:
            raise not_found("The company does not exist.", "Internal_CompanyNotFound")

    def _below(self, call: Call, entity_set: str, record_id: str, rest: str) -> Reply:
        entity = entities()[entity_set]
        if rest in entity.actions:
            return self._action(call, entity_set, record_id, rest)
        if entity.navigation.get(rest) == rest and (rest in _HEADERS or rest == FILES):
            self._row(entity_set, record_id)
            return self._collection(call, rest, record_id)
        raise not_found(f"Resource not found for the segment '{rest}'.", "BadRequest_NotFound")

    def _action(self, call: Call, entity_set: str, record_id: str, action: str) -> Reply:
        if call.method != "POST":
            raise ApiError(405, "BadRequest_MethodNotAllowed", "An action is called with POST.")
        if action != "Microsoft.NAV.post" or entity_set not in _WRITABLE:
            raise business(f"This sandbox does not carry out {action}.")
        if call.body:
            raise bad_request(f"The action {action} takes no parameters.")
        self._drafts.post(entity_set, record_id)
        return Reply(204)

    def _collection(self, call: Call, entity_set: str, parent: str | None) -> Reply:
        entity = entities()[entity_set]
        if call.method == "GET":
            return Reply(200, self._page(call, entity, parent))
        if call.method != "POST" or not entity.insert:
            raise ApiError(405, "BadRequest_MethodNotAllowed", f"{entity_set} cannot be changed this way.")
        if entity_set == FILES:
            return Reply(201, self._files.create(call.body))
        if entity_set == ORDERS:
            return Reply(201, _bare(self._orders.create(call.body)))
        header = _HEADERS.get(entity_set, entity_set)
        if header not in _WRITABLE:
            raise business(f"This sandbox does not create {entity_set}.")
        if header == entity_set:
            return Reply(201, _bare(self._drafts.create(entity_set, call.body)))
        return Reply(201, self._drafts.add_line(header, parent, call.body))

    def _record(self, call: Call, entity_set: str, record_id: str) -> Reply:
        entity = entities()[entity_set]
        if call.method == "GET":
            options = read_options(entity, call.params)
            return Reply(200, _shown(self._row(entity_set, record_id), options))
        allowed = {"PATCH": entity.modify, "DELETE": entity.delete}.get(call.method, False)
        if not allowed:
            raise ApiError(405, "BadRequest_MethodNotAllowed", f"{entity_set} cannot be changed this way.")
        if_match = call.headers.get("if-match")
        if entity_set == ORDERS and call.method == "DELETE":
            self._orders.delete(record_id, if_match)
            return Reply(204)
        if entity_set == LINES[ORDERS] and call.method == "PATCH":
            self._orders.refuse_change(self._row(entity_set, record_id), if_match)
        if entity_set not in _WRITABLE:
            raise business(f"This sandbox does not change {entity_set}.")
        if call.method == "DELETE":
            self._drafts.delete(entity_set, record_id, if_match)
            return Reply(204)
        return Reply(200, _bare(self._drafts.change(entity_set, record_id, call.body, if_match)))

    def _row(self, entity_set: str, record_id: str) -> Row:
        for row in self._rows(entity_set):
            if row["id"] == record_id.lower():
                return row
        raise not_found(f"The {entity_set} record {record_id} cannot be found.")

    def _page(self, call: Call, entity: Entity, parent: str | None) -> dict[str, Any]:
        options = read_options(entity, call.params)
        if entity.name in _HEADERS and parent is None and not options.filtered & {"id", "documentId"}:
            raise business("You must specify an Id or a Document Id to get the lines.")
        if entity.name == FILES and parent is None and not options.filtered & {"id", "parentId"}:
            raise business("You must specify a parentId to get the attachments.")
        belongs = "parentId" if entity.name == FILES else "documentId"
        rows: list[Row] = [
            row
            for row in self._rows(entity.name)
            if (parent is None or row[belongs] == parent.lower())
            and (options.test is None or options.test(row))
        ]
        rows = options.sorted(rows)[: options.top]
        size = min(self._page_size, _preferred(call.headers, self._page_size))
        page = rows[options.skip : options.skip + size]
        body: dict[str, Any] = {"@odata.context": f"{call.address}$metadata#{entity.name}"}
        if options.count:
            body["@odata.count"] = len(rows)
        body["value"] = [_shown(row, options) for row in page]
        if options.skip + size < len(rows):
            body["@odata.nextLink"] = _next(call, options.skip + size)
        return body

    def _batch(self, body: Any, headers: Mapping[str, str], address: str) -> Reply:
        """Operations one after the other. With `Isolation: snapshot` a failure undoes all of them, back
        to the last posting: a posting commits."""
        calls = batched(body, address)
        books = self._company.books
        saved = books.model_copy(deep=True) if headers.get("isolation") == "snapshot" else None
        responses = []
        for number, call in calls:
            if call.method != "GET":
                self._read.clear()
            try:
                reply = self._operation(call)
            except ApiError as error:
                reply = Reply(error.status, error.body(self._company_id))
            if saved is not None and reply.status >= 400:
                _restore(books, saved)
            if saved is not None and call.path.endswith("Microsoft.NAV.post") and reply.status == 204:
                saved = books.model_copy(deep=True)
            responses.append({"id": number, "status": reply.status, "headers": {}, "body": reply.body})
            if saved is not None and reply.status >= 400:
                break
        return Reply(200, {"responses": responses})

    def _rows(self, entity_set: str) -> list[dict[str, Any]]:
        """All records; within one request the books are read once, until something is written."""
        if entity_set not in self._read:
            self._read[entity_set] = list(self._records.rows(entity_set))
        return self._read[entity_set]


def _restore(books: Books, saved: Books) -> None:
    for name in type(books).model_fields:
        setattr(books, name, getattr(saved, name))


def _bare(row: Row) -> dict[str, Any]:
    """A record without its lines: they come when they are expanded."""
    return {name: value for name, value in row.items() if name not in _HEADERS}


def _shown(row: Row, options: Options) -> dict[str, Any]:
    shown = options.chosen(_bare(row))
    for name, inner in options.expand.items():
        if name not in row:
            raise bad_request(f"This sandbox does not serve '{name}'.")
        lines = [line for line in row[name] if inner.test is None or inner.test(line)]
        shown[name] = [_shown(line, inner) for line in inner.sorted(lines)[: inner.top]]
    return shown


def _next(call: Call, skip: int) -> str:
    params = {**call.params, "$skiptoken": str(skip)}
    query = "&".join(f"{quote(name, safe='$')}={quote(value, safe='')}" for name, value in params.items())
    return f"{call.address}{call.path}?{query}"


def _preferred(headers: Mapping[str, str], default: int) -> int:
    match = re.search(r"odata\.maxpagesize=(\d+)", headers.get("prefer", ""))
    return default if match is None else max(1, int(match[1]))


def _key(text: str) -> str:
    check_value(replace(entities()["vendors"].fields["id"], name="id"), text)
    return text
