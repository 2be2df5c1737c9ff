"""Addresses below one service: collections, records, functions, files and batches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from tools.erp.answers import NotJson, from_json, to_json
from tools.erp.sandbox.books import PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sap.published import Entity, Function, Service, services
from tools.erp.sap.sandbox_batch import read_parts, write_parts
from tools.erp.sap.sandbox_codes import Codes
from tools.erp.sap.sandbox_entry import Entry
from tools.erp.sap.sandbox_invoices import InvoiceRecords
from tools.erp.sap.sandbox_master import MasterRecords
from tools.erp.sap.sandbox_metadata import metadata
from tools.erp.sap.sandbox_orders import OrderRecords
from tools.erp.sap.sandbox_query import CUSTOM, Options, key_constant, read_options, target_of
from tools.erp.sap.sandbox_schema import ETAG, ODataError, Row, as_json, bad_request, not_found, value_of
from tools.erp.sap.sandbox_supply import Supply

ROOT = "/sap/opu/odata/sap/"
_ADDRESS = re.compile(r"(?P<name>\w+)(\((?P<key>[^()]*)\))?(?P<count>/\$count)?")
_KEY = re.compile(r"(?:(?P<name>\w+)=)?(?P<value>(?:datetime)?'(?:[^']|'')*')(?:,|$)")
_BOUNDARY = "ejjeeffe0"
_PLAIN = "=',"


@dataclass
class Reply:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    """Below the service."""
    query: str
    headers: Mapping[str, str]
    content: bytes
    address: str
    """The service's own address, for links."""


class Services:
    """All services over one company. `page_size`: rows after which the server itself stops."""

    def __init__(
        self, company: Company, *, page_size: int, receipt_based: frozenset[str], without: frozenset[str]
    ) -> None:
        self._company = company
        self._page_size = page_size
        self._without = without
        self.codes = Codes(company)
        self.locked: set[str] = set()
        self.invoices = InvoiceRecords(company, self.codes)
        self.orders = orders = OrderRecords(company, self.codes, receipt_based)
        self._entry = Entry(company, self.codes, self.invoices, orders)
        self._supply = Supply(company, self.codes, orders, self.locked)
        self.masters = master = MasterRecords(company)
        self._readers: dict[str, Callable[[], Iterator[Row]]] = {
            "A_BusinessPartner": master.partners,
            "A_Supplier": master.suppliers,
            "A_CompanyCode": master.company_codes,
            "A_GLAccountInChartOfAccounts": master.accounts,
            "A_CostCenter": master.cost_centres,
            "A_PurchaseOrder": orders.orders,
            "A_PurchaseOrderItem": orders.items,
            "A_MaterialDocumentHeader": orders.material_documents,
            "A_MaterialDocumentItem": orders.material_items,
            "A_SupplierInvoice": self.invoices.invoices,
            "A_SuplrInvcItemPurOrdRef": self.invoices.order_items,
            "A_OperationalAcctgDocItemCube": self.invoices.ledger_items,
        }
        self._creators: dict[str, Callable[[Any], Row]] = {
            "A_SupplierInvoice": self._entry.create,
            "A_MaterialDocumentHeader": self._supply.receive,
            "A_PurchaseOrder": self._supply.create_order,
        }

    def answer(self, service_name: str, call: Call) -> Reply:
        """Raises ODataError."""
        service = services()[service_name]
        if call.path == "$metadata" and call.method == "GET":
            text = metadata(service.name, self._without)
            return Reply(200, text.encode(), {"content-type": "application/xml;charset=utf-8"})
        if call.path == "$batch" and call.method == "POST":
            return self._batch(service, call)
        if call.path == "" and call.method == "GET":
            return _json(200, {"d": {"EntitySets": sorted(service.entities)}})
        return self._single(service, call)

    def _batch(self, service: Service, call: Call) -> Reply:
        answers = []
        for part in read_parts(call.headers.get("content-type", ""), call.content):
            inner = Call("GET", part.path, part.query, {}, b"", call.address)
            try:
                reply = self._single(service, inner)
            except ODataError as error:
                reply = _json(error.status, error.body("0"))
            answers.append((reply.status, reply.body))
        headers = {"content-type": f"multipart/mixed; boundary={_BOUNDARY}"}
        return Reply(202, write_parts(answers, _BOUNDARY), headers)

    def _single(self, service: Service, call: Call) -> Reply:
        match = _ADDRESS.fullmatch(call.path)
        if match is None:
            raise not_found(f"Resource not found for segment '{call.path}'")
        name = match["name"]
        if name in service.functions and name not in self._without:
            return self._function(service.functions[name], call)
        entity = service.entities.get(name)
        if entity is None or name in self._without:
            raise not_found(f"Resource not found for segment '{name}'")
        if match["count"] is not None and match["key"] is None and call.method == "GET":
            found = len(self._found(entity, read_options(entity, _params(call.query))))
            return Reply(200, str(found).encode(), {"content-type": "text/plain"})
        if match["key"] is None:
            return self._collection(entity, call)
        return self._record(entity, _key(entity, match["key"]), call)

    def _collection(self, entity: Entity, call: Call) -> Reply:
        if call.method == "GET":
            return _json(200, {"d": self._page(entity, call)})
        if call.method != "POST" or "create" not in entity.allows:
            raise _not_allowed(entity)
        if entity.name == "AttachmentContentSet":
            return self._attach(entity, call)
        creator = self._creators.get(entity.name)
        if creator is None:
            raise ODataError(501, "/IWBEP/CM_MGW_RT/021", f"This sandbox does not create {entity.name}.")
        row = creator(_body(call))
        shown = _shown(entity, row, Options(expand=frozenset(entity.navigation)), call.address)
        return _json(201, {"d": shown})

    def _record(self, entity: Entity, key: Mapping[str, Any], call: Call) -> Reply:
        if call.method == "GET":
            options = read_options(entity, _params(call.query))
            row = next((row for row in self.rows_of(entity) if _has_key(entity, row, key)), None)
            if row is None:
                raise not_found(f"Resource not found for {entity.name}({', '.join(map(str, key.values()))})")
            return _json(200, {"d": _shown(entity, row, options, call.address)})
        if call.method == "DELETE" and entity.name == "A_SupplierInvoice":
            self._entry.delete(self._document(str(key["SupplierInvoice"]), str(key["FiscalYear"])))
            return Reply(204)
        if call.method in ("PATCH", "MERGE") and entity.name == "A_PurchaseOrderItem":
            number = str(key["PurchaseOrder"])
            item = self.codes.line_id(number, str(key["PurchaseOrderItem"]))
            self._supply.amend(number, item, _body(call), call.headers.get("if-match"))
            return Reply(204)
        raise _not_allowed(entity)

    def _function(self, function: Function, call: Call) -> Reply:
        if call.method != function.method:
            raise ODataError(405, "/IWFND/CM_MGW/096", f"{function.name} is called with {function.method}.")
        if call.content:
            raise bad_request(f"{function.name} takes its parameters in the address.")
        given = _parameters(function, _params(call.query))
        if function.name == "GetAllOriginals":
            entity = services()["API_CV_ATTACHMENT_SRV"].entities["AttachmentContentSet"]
            rows = self.invoices.files_of(given["LinkedSAPObjectKey"])
            return _json(200, {"d": {"results": [_shown(entity, r, Options(), call.address) for r in rows]}})
        document = self._document(given["SupplierInvoice"], given["FiscalYear"])
        carry_out = {
            "Post": lambda: self._entry.post(document),
            "Release": lambda: self._entry.release(document),
            "Cancel": lambda: self._entry.cancel(document, given["PostingDate"], given["ReversalReason"]),
        }
        return _json(200, {"d": {function.name: carry_out[function.name]()}})

    def _document(self, number: str, year: str) -> PurchaseDocument:
        document = self.invoices.by_number(number, year)
        if document is None:
            raise ODataError(404, "M8/109", f"Document {number} {year} does not exist")
        return document

    def _attach(self, entity: Entity, call: Call) -> Reply:
        key, name = call.headers.get("linkedsapobjectkey", ""), unquote(call.headers.get("slug", ""))
        if call.headers.get("businessobjecttypename") != "BUS2081" or len(key) != 14 or not name:
            raise bad_request("Enter BusinessObjectTypeName, LinkedSAPObjectKey and Slug in the header.")
        document = self._document(key[:10], key[10:])
        self._company.payables.attach(document.document_id, name, call.content)
        row = self.invoices.files_of(key)[-1]
        return _json(201, {"d": _shown(entity, row, Options(), call.address)})

    def rows_of(self, entity: Entity) -> Iterator[Row]:
        if entity.name not in self._readers:
            raise ODataError(501, "/IWBEP/CM_MGW_RT/021", f"This sandbox serves {entity.name} expanded only.")
        return self._readers[entity.name]()

    def _found(self, entity: Entity, options: Options) -> list[Row]:
        return [row for row in self.rows_of(entity) if options.test is None or options.test(row)]

    def _page(self, entity: Entity, call: Call) -> dict[str, Any]:
        params = _params(call.query)
        options = read_options(entity, params)
        rows = options.sorted(self._found(entity, options), entity)
        found = len(rows)
        if options.top is not None and "$skiptoken" not in params:
            rows = rows[: options.skip + options.top]
        page = rows[options.skip : options.skip + self._page_size]
        body: dict[str, Any] = {"results": [_shown(entity, row, options, call.address) for row in page]}
        if options.count:
            body["__count"] = str(found)
        if options.skip + self._page_size < len(rows):
            more = {name: value for name, value in params.items() if name not in ("$skip", "$top")}
            more["$skiptoken"] = str(options.skip + self._page_size)
            body["__next"] = f"{call.address}{entity.name}?{_query(more)}"
        return body


def _shown(entity: Entity, row: Row, options: Options, address: str, way: str = "") -> dict[str, Any]:
    """A row as it is answered: chosen properties, expanded navigation, links for the rest."""
    key = ",".join(f"{name}='{row.get(name, '')}'" for name in entity.keys)
    uri = f"{address}{entity.name}({quote(key, safe=_PLAIN)})"
    told: dict[str, Any] = {"id": uri, "uri": uri, "type": f"{entity.service}.{entity.type}"}
    if ETAG in row:
        told["etag"] = row[ETAG]
    shown: dict[str, Any] = {"__metadata": told}
    for name, described in entity.properties.items():
        if _chosen(options.select, way, name):
            shown[name] = as_json(described, value_of(described, row))
    for name in entity.navigation:
        path = f"{way}{name}"
        if path in options.expand:
            shown[name] = _expanded(target_of(entity, name), row.get(name), options, address, f"{path}/")
        elif _chosen(options.select, way, name):
            shown[name] = {"__deferred": {"uri": f"{uri}/{name}"}}
    return shown


def _expanded(entity: Entity, held: Any, options: Options, address: str, way: str) -> Any:
    if isinstance(held, list):
        return {"results": [_shown(entity, row, options, address, way) for row in held]}
    return None if held is None else _shown(entity, held, options, address, way)


def _chosen(select: frozenset[str] | None, way: str, name: str) -> bool:
    return select is None or f"{way}{name}" in select or (way != "" and way.rstrip("/") in select)


def _has_key(entity: Entity, row: Row, key: Mapping[str, Any]) -> bool:
    return all(row.get(name) == key[name] for name in entity.keys)


def _key(entity: Entity, text: str) -> dict[str, Any]:
    found = {match["name"] or entity.keys[0]: match["value"] for match in _KEY.finditer(text)}
    if set(found) != set(entity.keys):
        raise bad_request(f"The key of {entity.name} is {', '.join(entity.keys)}.")
    return {name: key_constant(value, entity.properties[name]) for name, value in found.items()}


def _parameters(function: Function, params: Mapping[str, str]) -> dict[str, Any]:
    given = {}
    for name, value in params.items():
        if name in CUSTOM or name == "$format":
            continue
        if name not in function.parameters:
            raise bad_request(f"{function.name} has no parameter {name}.")
        given[name] = key_constant(value, function.parameters[name])
    for told in function.parameters.values():
        if told.name not in given and not told.optional:
            raise bad_request(f"{function.name} needs the parameter {told.name}.")
    return given


def _params(query: str) -> dict[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True)
    if len(dict(pairs)) != len(pairs):
        raise bad_request("A query option stands twice.")
    return dict(pairs)


def _query(params: Mapping[str, str]) -> str:
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in params.items())


def _body(call: Call) -> Any:
    if not call.headers.get("content-type", "").startswith("application/json"):
        raise ODataError(415, "/IWFND/CM_MGW/415", "The body must be JSON.")
    try:
        return from_json(call.content)
    except NotJson:
        pass
    raise bad_request("The body is not JSON.")


def _json(status: int, body: Any) -> Reply:
    return Reply(status, to_json(body), {"content-type": "application/json", "dataserviceversion": "2.0"})


def _not_allowed(entity: Entity) -> ODataError:
    return ODataError(405, "/IWBEP/CM_MGW_RT/021", f"{entity.name} cannot be changed this way.")
