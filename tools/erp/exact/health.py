"""What an administration lacks of that which this connector reads and writes, found by asking for one row of
each: Exact Online describes neither its resources nor our rights in a form a program could read."""

from __future__ import annotations

from tools.erp.errors import ErpAccessDenied, ErpRejected
from tools.erp.exact import wire, wire_ledger
from tools.erp.exact.directory import Directory
from tools.erp.exact.entries import PURCHASE_JOURNAL
from tools.erp.exact.odata import Query
from tools.erp.exact.session import NAME, Session

_NEEDS: dict[type[wire.Wire], str] = {
    wire.Account: "CRM accounts",
    wire.Order: "Purchase orders",
    wire.ReceiptLine: "Logistics WMS",
    wire.Entry: "Financial accounting",
    wire.LogisticsInvoice: "Purchase invoices",
    wire_ledger.Payable: "Financial payables",
    wire_ledger.Payment: "Financial cashflow",
    wire_ledger.LedgerAccount: "Financial generalledgers",
    wire_ledger.CostCentre: "Financial costcenters",
    wire.FileOfDocument: "Organization documents",
}
"""Resource -> the scope of the app that opens it."""


_LOGISTICS = frozenset({wire.Order, wire.ReceiptLine, wire.LogisticsInvoice})


async def shortcomings(session: Session, directory: Directory, *, logistics: bool) -> list[str]:
    """A sentence each, saying what to do. Raises ErpUnavailable."""
    found = []
    for entity, scope in _NEEDS.items():
        if entity in _LOGISTICS and not logistics:
            continue
        query = Query(entity, "IsSupplier eq true" if entity is wire.Account else None, top=1)
        try:
            await session.read(entity, [query], "check")
        except ErpAccessDenied as error:
            found.append(
                f"{NAME} does not let our login read {entity.resource} ({error}): give the app the scope "
                f"{scope}, and its user the right and the module{_or_without(entity)}"
            )
        except ErpRejected as error:
            found.append(f"{entity.resource} does not answer as it should: {error}")
    if found:
        return found
    journals = [row for row in await directory.journals.all() if row.type == PURCHASE_JOURNAL]
    if not any(not row.blocked for row in journals):
        found.append(f"{NAME} has no purchase journal that is open: nothing can be posted")
    return found


def _or_without(entity: type[wire.Wire]) -> str:
    return ", or say logistics = false where there is none" if entity in _LOGISTICS else ""
