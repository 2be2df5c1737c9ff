"""What a pod's own description lacks of that which is read, searched by and written here."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tools.erp.contract import Capability
from tools.erp.errors import ErpAccessDenied, ErpRejected
from tools.erp.oracle import wire, wire_orders
from tools.erp.oracle.query import Query, queries_in_any_case
from tools.erp.oracle.session import Session
from tools.erp.oracle.suppliers import Suppliers
from tools.erp.oracle.wire import Wire

SEARCHED: Mapping[str, tuple[str, ...]] = {
    "suppliers": ("SupplierNumber", "SupplierId", "LastUpdateDate"),
    "draftPurchaseOrders": ("Description",),
    "purchaseOrders": ("OrderNumber", "Description", "SupplierId", "StatusCode", "LastUpdateDate"),
    "purchaseOrderSchedules": ("LastUpdateDate",),
    "invoices": (
        *("InvoiceNumber", "InvoiceId", "VoucherNumber", "BusinessUnit", "SupplierNumber"),
        *("PaidStatus", "ValidationStatus", "LastUpdateDate"),
    ),
    "invoiceHolds": ("InvoiceId",),
    "externalBankAccounts": ("VendorId",),
    "accountingPeriodStatusLOV": ("LedgerId", "ApplicationId"),
    "receivingReceiptRequests": ("ShipmentNumber",),
}
"""Resource -> attributes that `q` names. Each must be queryable."""

WRITTEN: Mapping[str, tuple[str, ...]] = {
    "invoices": (
        *("InvoiceNumber", "InvoiceCurrency", "InvoiceAmount", "InvoiceDate", "AccountingDate"),
        *("BusinessUnit", "Supplier", "SupplierSite", "InvoiceType", "ControlAmount"),
        *("InvoiceGroup", "Description"),
    ),
    "invoices.invoiceLines": (
        *("LineNumber", "LineType", "LineAmount", "Description", "TaxClassification", "Quantity"),
        *("UnitPrice", "PurchaseOrderNumber", "PurchaseOrderLineNumber"),
        *("PurchaseOrderScheduleLineNumber", "DistributionCombination"),
    ),
    "invoices.attachments": ("FileName", "FileContents", "UploadedFileContentType"),
    "invoiceHolds": (
        *("InvoiceNumber", "BusinessUnit", "Supplier", "HoldName", "HoldReason"),
        *("ReleaseName", "ReleaseReason"),
    ),
    "draftPurchaseOrders": (
        *("BuyerId", "DocumentStyleId", "ProcurementBUId", "SupplierId", "SupplierSite"),
        *("CurrencyCode", "Description"),
    ),
    "draftPurchaseOrders.lines": (
        *("LineNumber", "LineType", "Item", "Description", "Quantity", "UOMCode", "Price"),
    ),
    "receivingReceiptRequests": (
        *("ReceiptSourceCode", "OrganizationCode", "VendorName", "ShipmentNumber", "EmployeeId"),
    ),
    "receivingReceiptRequests.lines": (
        *("ReceiptSourceCode", "SourceDocumentCode", "TransactionType", "AutoTransactCode"),
        *("DocumentNumber", "DocumentLineNumber", "POHeaderId", "POLineLocationId", "OrganizationCode"),
        *("Quantity", "UnitOfMeasure", "ItemNumber", "Subinventory"),
    ),
}
"""Resource, with its child after a dot -> attributes that are sent."""

READ: tuple[type[Wire], ...] = (*wire.READ, *wire_orders.READ)


def read_attributes() -> dict[str, set[str]]:
    """Resource path (`invoices`, `invoices.invoiceLines`) -> attributes that are read."""
    found: dict[str, set[str]] = {}

    def note(entity: type[Wire], path: str) -> None:
        found.setdefault(path, set()).update(entity.attributes())
        for name, child in entity.children.items():
            note(child, f"{path}.{name}")

    for entity in READ:
        if entity is not wire.Attachment:
            note(entity, entity.resource)
    found["invoices.attachments"] = set(wire.Attachment.attributes())
    found["receivingReceiptRequests.lines.processingErrors"] = set(wire_orders.ProcessingError.attributes())
    return found


_OPTIONAL = {
    "draftPurchaseOrders": Capability.CREATE_PURCHASE_ORDER,
    "externalBankAccounts": Capability.READ_BANK_ACCOUNTS,
    "accountingPeriodStatusLOV": Capability.READ_POSTING_WINDOW,
}
"""Resources that are not read where the capability is declined."""


async def shortcomings(
    session: Session, suppliers: Suppliers, life_cycle: str, claimed: Collection[Capability], unit: str
) -> list[str]:
    """A sentence for each resource that our login is not shown, and for each attribute that is missing,
    cannot be searched by, or cannot be written; and one where there is no business unit `unit`.
    Raises ErpUnavailable when the pod cannot be reached."""
    names = {path.partition(".")[0] for path in read_attributes()}
    unused = {name for name, capability in _OPTIONAL.items() if capability not in claimed}
    told = await asyncio.gather(*(_of(session, name, life_cycle) for name in sorted(names - unused)))
    found = [sentence for sentences in told for sentence in sentences]
    if Capability.READ_BANK_ACCOUNTS in claimed and not any("externalBank" in each for each in found):
        found += await _masks(suppliers)
    return [*await _no_unit(session, unit), *found, *await _capitals(session)]


async def _no_unit(session: Session, unit: str) -> list[str]:
    """Whether the pod has the business unit, under which everything is searched and posted: with a wrong name
    every list is empty and nothing else tells. A login that may not see the list is not told of it."""
    try:
        rows = await session.read(wire.BusinessUnit, [Query(wire.BusinessUnit)], operation="business units")
    except (ErpRejected, ErpAccessDenied):
        return []
    names = sorted({row.business_unit_name for row in rows if row.business_unit_name})
    if not names or unit in names:
        return []
    return [
        f"Oracle shows our login no business unit named {unit}: check business_unit, or company where that "
        f"is not set; it shows: {', '.join(names[:20])}"
    ]


async def _capitals(session: Session) -> list[str]:
    """Whether the pod searches numbers in any letter case, for one number and for several."""
    try:
        for numbers in (["A-1"], ["A-1", "B-2"]):
            queries = queries_in_any_case(wire.InvoiceKeyed, "InvoiceNumber", numbers)
            await session.read(wire.InvoiceKeyed, queries, operation="search in capitals")
    except (ErpRejected, ErpAccessDenied) as error:
        return [
            f"Oracle does not search invoices by UPPER(InvoiceNumber) for our login ({error}): none can be "
            "looked up, so none is posted"
        ]
    return []


async def _masks(suppliers: Suppliers) -> list[str]:
    if not await suppliers.masked():
        return []
    return [
        "Oracle shows bank account numbers in part only, so that none can be compared: choose 'Display all "
        "digits' in Manage System Security Options, or set read_bank_accounts to false"
    ]


async def _of(session: Session, name: str, life_cycle: str) -> list[str]:
    resource = life_cycle if name == "purchaseOrderLifeCycleDetails" else name
    try:
        described = await session.describe(resource)
    except (ErpRejected, ErpAccessDenied) as error:
        return [
            f"Oracle does not show our login the resource {resource} ({error}): grant the user the roles "
            "named in the README, or check the resource's name"
        ]
    return list(missing(name, described.get("Resources", {}).get(resource, {})))


def missing(name: str, described: Mapping[str, Any]) -> Iterator[str]:
    """What the description of one resource lacks. A description without attributes says nothing."""
    for path, wanted in sorted(read_attributes().items()):
        if path.partition(".")[0] != name:
            continue
        attributes = _attributes(described, path.split(".")[1:])
        if attributes is None:
            continue
        for attribute in sorted(wanted - set(attributes)):
            yield f"{path} has no attribute {attribute} in this pod; it is read as empty or refused"
        for attribute in SEARCHED.get(path, ()):
            if attribute in attributes and attributes[attribute].get("queryable") is False:
                yield f"{path} cannot be searched by {attribute} in this pod; the connector does"
        for attribute in WRITTEN.get(path, ()):
            if attribute not in attributes:
                yield f"{path} has no attribute {attribute} in this pod; the connector writes it"


def _attributes(described: Mapping[str, Any], way: list[str]) -> dict[str, Mapping[str, Any]] | None:
    for step in way:
        described = (described.get("children") or {}).get(step) or {}
    rows = described.get("attributes")
    return {str(row.get("name")): row for row in rows} if isinstance(rows, list) and rows else None
