"""The published tables as a model of SAP's application framework (CAP), the standard world as its rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from tools.erp.sandbox.company import Company
from tools.erp.sap.published import Entity, Property, Service, services
from tools.erp.sap.sandbox_query import target_of
from tools.erp.sap.sandbox_schema import Row, value_of
from tools.erp.sap.sandbox_service import Services

LEFT_OUT = frozenset({"API_CV_ATTACHMENT_SRV"})
"""Files are streams there, of another form than SAP's."""
_TYPES = {
    "DateTime": "Date",
    "DateTimeOffset": "DateTime",
    "Time": "Time",
    "Boolean": "Boolean",
    "Guid": "UUID",
    "Double": "Double",
}
_RENAMED = {"PurchaseOrder": "PurchasingDocument", "PurchaseOrderItem": "PurchasingDocumentItem"}
"""Keys of an order's item that a schedule line calls otherwise."""
_ROOTS = frozenset(
    "A_BusinessPartner A_CompanyCode A_GLAccountInChartOfAccounts A_CostCenter A_PurchaseOrder "
    "A_MaterialDocumentHeader A_SupplierInvoice A_OperationalAcctgDocItemCube".split()
)
"""Entity sets that are not part of another one."""
ACTIONS = {
    "API_SUPPLIERINVOICE_PROCESS_SRV": (
        "action Cancel(PostingDate: Date, ReversalReason: String(2), FiscalYear: String(4), "
        "SupplierInvoice: String(10)) returns { ReverseDocument: String(10); FiscalYear: String(4); "
        "Success: Boolean; };"
    )
}


def model() -> str:
    """All services in the framework's own language."""
    return "\n".join(_service(told) for name, told in services().items() if name not in LEFT_OUT)


def _service(told: Service) -> str:
    entities = "\n".join(_entity(entity) for entity in told.entities.values())
    head = f"service {told.name} @(path: '/odata/v4/{told.name}') {{"
    return "\n".join([head, entities, ACTIONS.get(told.name, ""), "}"])


def _entity(entity: Entity) -> str:
    lines = [
        f"  {'key ' if name in entity.keys else ''}{name}: {_type(told)};"
        for name, told in entity.properties.items()
    ]
    lines += [f"  {name}: {_link(entity, name)};" for name in entity.navigation]
    return "\n".join([f"entity {entity.name} {{", *lines, "}"])


def _type(told: Property) -> str:
    if told.kind == "Decimal":
        return f"Decimal({told.length}, {told.scale})"
    return _TYPES.get(told.kind) or (f"String({told.length})" if told.length else "String")


def _link(entity: Entity, navigation: str) -> str:
    """What belongs to a record is told by the keys that both have."""
    target = target_of(entity, navigation)
    if entity.navigation[navigation][1] != "*":
        pairs = [(key, key) for key in target.keys]
        return f"Association to {target.name} on {_equal(navigation, pairs)}"
    pairs = [
        (theirs, ours)
        for ours in entity.keys
        for theirs in (ours, _RENAMED.get(ours, ours))
        if theirs in target.properties
    ]
    return f"Composition of many {target.name} on {_equal(navigation, list(dict.fromkeys(pairs)))}"


def _equal(navigation: str, pairs: list[tuple[str, str]]) -> str:
    return " and ".join(f"{navigation}.{theirs} = {ours}" for theirs, ours in pairs)


def rows(company: Company) -> dict[str, list[dict[str, Any]]]:
    """The company's books as rows of each entity set."""
    server = Services(company, page_size=1000, receipt_based=frozenset(), without=frozenset())
    found: dict[str, list[dict[str, Any]]] = {}
    for told in services().values():
        for entity in (entity for name, entity in told.entities.items() if name in _ROOTS):
            for row in server.rows_of(entity):
                for inner, kept in _flat(entity, row):
                    found.setdefault(f"{inner.service}.{inner.name}", []).append(kept)
    return {name: _once(kept) for name, kept in found.items()}


def _flat(entity: Entity, row: Row) -> Iterator[tuple[Entity, dict[str, Any]]]:
    yield entity, {name: _plain(value_of(told, row)) for name, told in entity.properties.items()}
    for navigation in entity.navigation:
        held = row.get(navigation)
        for inner in held if isinstance(held, list) else [held] if held else []:
            yield from _flat(target_of(entity, navigation), inner)


def _once(kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({str(sorted(row.items(), key=lambda each: each[0])): row for row in kept}.values())


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
