"""What a system's own descriptions (`$metadata`, EDMX) lack of that which we use, and which services our
login may not start. Older releases lack the newest properties and functions; a missing communication
arrangement hides a whole service."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from tools.erp.answers import Answer
from tools.erp.errors import ErpAccessDenied
from tools.erp.sap import documents, wire
from tools.erp.sap.published import entity_of
from tools.erp.sap.session import Session

_SCENARIOS = {
    "API_SUPPLIERINVOICE_PROCESS_SRV": "SAP_COM_0057",
    "API_PURCHASEORDER_PROCESS_SRV": "SAP_COM_0053",
    "API_MATERIAL_DOCUMENT_SRV": "SAP_COM_0108",
    "API_BUSINESS_PARTNER": "SAP_COM_0008",
}
WRITTEN: Mapping[str, str] = {
    "A_SupplierInvoice": (
        "CompanyCode DocumentDate PostingDate InvoicingParty SupplierInvoiceIDByInvcgParty "
        "DocumentCurrency InvoiceGrossAmount TaxDeterminationDate DueCalculationBaseDate "
        "NetPaymentDays SupplierPostingLineItemText SupplierInvoiceIsCreditMemo SupplierInvoiceStatus "
        "TaxIsCalculatedAutomatically InvoiceReference InvoiceReferenceFiscalYear"
    ),
    "A_SuplrInvcItemPurOrdRef": (
        "SupplierInvoiceItem PurchaseOrder PurchaseOrderItem TaxCode DocumentCurrency "
        "SupplierInvoiceItemAmount PurchaseOrderQuantityUnit QuantityInPurchaseOrderUnit "
        "SupplierInvoiceItemText ReferenceDocument ReferenceDocumentFiscalYear ReferenceDocumentItem"
    ),
    "A_SupplierInvoiceItemGLAcct": (
        "SupplierInvoiceItem CompanyCode GLAccount DebitCreditCode DocumentCurrency "
        "SupplierInvoiceItemAmount SupplierInvoiceItemText TaxCode CostCenter ControllingArea"
    ),
    "A_SupplierInvoiceTax": "TaxCode DocumentCurrency TaxAmount",
    "A_MaterialDocumentHeader": "GoodsMovementCode PostingDate DocumentDate ReferenceDocument",
    "A_MaterialDocumentItem": (
        "Plant GoodsMovementType GoodsMovementRefDocType PurchaseOrder PurchaseOrderItem "
        "QuantityInEntryUnit EntryUnit Material StorageLocation"
    ),
    "A_PurchaseOrder": (
        "CompanyCode PurchaseOrderType Supplier PurchasingOrganization PurchasingGroup "
        "DocumentCurrency CorrespncInternalReference PurchasingCompletenessStatus"
    ),
    "A_PurchaseOrderItem": (
        "PurchaseOrderItem PurchaseOrderItemText Plant OrderQuantity PurchaseOrderQuantityUnit "
        "OrderPriceUnit NetPriceAmount NetPriceQuantity TaxCode Material MaterialGroup "
        "AccountAssignmentCategory"
    ),
    "A_PurOrdAccountAssignment": "AccountAssignmentNumber GLAccount CostCenter",
}
"""Entity set -> properties that we send; the tests compare it with what is sent."""
FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "API_SUPPLIERINVOICE_PROCESS_SRV": ("Post", "Release", "Cancel"),
    "API_CV_ATTACHMENT_SRV": ("GetAllOriginals",),
}
READ: tuple[type[wire.Wire], ...] = (
    wire.Partner,
    wire.SupplierTerms,
    wire.CompanyCode,
    wire.Account,
    wire.CostCentre,
    wire.KeptFile,
    documents.Order,
    documents.NewMaterialDocument,
    documents.Movement,
    documents.OrderReference,
    documents.WholeInvoice,
    documents.LedgerItem,
)
"""Every entity that is read by itself; what is expanded comes with it."""
Uses = dict[str, dict[str, set[str]]]
"""Service -> entity set -> properties and navigation."""


def uses() -> Uses:
    """All that is read and written."""
    found: Uses = {}
    for entity in READ:
        _add(entity, found)
    for entity_set, names in WRITTEN.items():
        found[entity_of(entity_set).service].setdefault(entity_set, set()).update(names.split())
    return found


def _add(entity: type[wire.Wire], found: Uses) -> None:
    names = found.setdefault(entity_of(entity.entity_set).service, {}).setdefault(entity.entity_set, set())
    names.update(name for name in entity.select() if "/" not in name)
    for navigation, behind in entity.expands.items():
        names.add(navigation)
        _add(behind, found)


@dataclass
class Described:
    """A service as it describes itself."""

    members: dict[str, set[str]] = field(default_factory=dict)
    """Entity set -> properties and navigation."""
    functions: set[str] = field(default_factory=set)


async def shortcomings(session: Session) -> list[str]:
    """A sentence for each service, entity set, property and function that is missing. Rights to write cannot
    be asked for without writing. Raises the errors of the family when nothing answers."""
    wanted = uses()
    answers = await asyncio.gather(*(session.metadata(service) for service in wanted))
    if all(answer.status == 401 for answer in answers):
        raise ErpAccessDenied("SAP does not accept our login")
    return [
        told
        for (service, entities), answer in zip(wanted.items(), answers, strict=True)
        for told in _lacking(service, entities, answer)
    ]


def _lacking(service: str, entities: Mapping[str, set[str]], answer: Answer) -> Iterator[str]:
    if not answer.ok:
        scenario = _SCENARIOS.get(service)
        what = f"communication arrangement {scenario}" if scenario else "its communication arrangement"
        yield f"SAP does not open service {service} to our login (status {answer.status}): set up {what}"
        return
    try:
        described = described_by(answer.content)
    except ElementTree.ParseError:
        yield f"SAP's description of service {service} cannot be read"
        return
    for entity_set, names in sorted(entities.items()):
        members = described.members.get(entity_set)
        if members is None:
            yield f"service {service} has no {entity_set} in this release"
            continue
        if lacking := sorted(names - members):
            yield f"{entity_set} in service {service} has no {', '.join(lacking)} in this release"
    for function in FUNCTIONS.get(service, ()):
        if function not in described.functions:
            yield f"service {service} has no function {function} in this release"


def described_by(content: bytes) -> Described:
    """Raises ElementTree.ParseError. The namespaces differ between releases, so local names are read."""
    types: dict[str, set[str]] = {}
    found = Described()
    sets: dict[str, str] = {}
    for element in ElementTree.fromstring(content).iter():  # noqa: S314 - the ERP's own description
        kind, name = element.tag.rpartition("}")[2], element.get("Name", "")
        if kind == "EntityType":
            types[name] = {
                child.get("Name", "")
                for child in element
                if child.tag.rpartition("}")[2] in ("Property", "NavigationProperty")
            }
        elif kind == "EntitySet" and element.get("EntityType"):
            sets[name] = element.get("EntityType", "").rpartition(".")[2]
        elif kind == "FunctionImport":
            found.functions.add(name)
    found.members = {name: types.get(kind, set()) for name, kind in sets.items()}
    return found
