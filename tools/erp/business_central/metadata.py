"""What the company's own description of its API (`$metadata`, EDMX) lacks of that which we use, and what our
login may not read. Older versions lack the newest fields; a missing permission set hides whole tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from tools.erp.business_central import wire
from tools.erp.business_central.odata import Query
from tools.erp.business_central.session import Session
from tools.erp.errors import ErpAccessDenied, ErpRejected

_EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
_WRITTEN: Mapping[str, frozenset[str]] = {
    "purchaseInvoices": frozenset(
        "vendorNumber vendorInvoiceNumber invoiceDate postingDate dueDate currencyCode "
        "shortcutDimension1Code pricesIncludeTax".split()
    ),
    "purchaseCreditMemos": frozenset(
        "vendorNumber vendorCreditMemoNumber creditMemoDate postingDate dueDate currencyCode "
        "shortcutDimension1Code invoiceNumber".split()
    ),
    "purchaseOrders": frozenset("vendorNumber currencyCode pricesIncludeTax".split()),
    "documentAttachments": frozenset("fileName parentType parentId attachmentContent".split()),
    **dict.fromkeys(
        ("purchaseInvoiceLines", "purchaseCreditMemoLines"),
        frozenset(
            "lineType lineObjectNumber description quantity unitCost discountAmount unitOfMeasureCode "
            "taxCode".split()
        ),
    ),
    "purchaseOrderLines": frozenset(
        "lineType lineObjectNumber description quantity directUnitCost unitOfMeasureCode taxCode".split()
    ),
}
"""Entity set -> fields that our drafts, orders and files carry; the tests compare it with what is sent."""
_BY_PARENT = frozenset(
    {"purchaseInvoiceLines", "purchaseCreditMemoLines", "purchaseOrderLines", "purchaseReceiptLines"}
    | {"documentAttachments"}
)
"""Read only together with their document, so there is nothing to ask for by itself."""


async def shortcomings(session: Session) -> list[str]:
    """A sentence for each field and entity that is missing and each table that may not be read. Rights to
    write cannot be asked for without writing. Raises the errors of the family when nothing answers."""
    described = entity_fields(await session.metadata())
    missing = list(_missing(described))
    named = {entity.entity_set: entity for entity in wire.READ}
    hidden = [
        told
        for name, entity in named.items()
        if name in described and name not in _BY_PARENT and entity is not wire.Company
        if (told := await _hidden(session, entity)) is not None
    ]
    return missing + hidden


def used_fields() -> dict[str, set[str]]:
    """Entity set -> every field that is read or written."""
    used: dict[str, set[str]] = {}
    for entity in wire.READ:
        if entity is not wire.Company:
            used.setdefault(entity.entity_set, set()).update(entity.select())
    for name, fields in _WRITTEN.items():
        used.setdefault(name, set()).update(fields)
    return used


def entity_fields(edmx: bytes) -> dict[str, frozenset[str]]:
    """Entity set -> names of its properties, streams included. Raises ErpRejected for anything but EDMX."""
    if b"<!DOCTYPE" in edmx:
        raise ErpRejected("Business Central's $metadata declares entities of its own; it was not read")
    try:
        root = ElementTree.fromstring(edmx)  # noqa: S314 - a DOCTYPE, the way to entities, was refused
    except ElementTree.ParseError as error:
        raise ErpRejected(f"Business Central's $metadata is not readable XML: {error}") from None
    types = {
        kind.get("Name", ""): frozenset(each.get("Name", "") for each in kind.iter(f"{_EDM}Property"))
        for kind in root.iter(f"{_EDM}EntityType")
    }
    return {
        held.get("Name", ""): types.get(held.get("EntityType", "").rpartition(".")[2], frozenset())
        for held in root.iter(f"{_EDM}EntitySet")
    }


def _missing(described: Mapping[str, frozenset[str]]) -> Iterator[str]:
    for name, fields in sorted(used_fields().items()):
        if name not in described:
            yield f"this Business Central has no {name}; update it, or check that the API is v2.0"
        elif lacking := sorted(fields - described[name]):
            yield f"{name} has no {', '.join(lacking)} in this Business Central; update it"


async def _hidden(session: Session, entity: type[wire.Wire]) -> str | None:
    """Why our login is shown none of the entity; None when it may read it."""
    try:
        await session.read(entity, [Query(entity, top=1)], operation="rights")
    except (ErpAccessDenied, ErpRejected) as error:
        return (
            f"our login may not read {entity.entity_set} ({error}); grant a permission set that does, on "
            "the page Microsoft Entra applications"
        )
    return None
