"""What Oracle wants to know around a document: names of the business unit, the supplier and its site."""

from __future__ import annotations

from dataclasses import dataclass

from tools.domain.decision import InvoiceAction
from tools.erp.errors import ErpRejected
from tools.erp.oracle import wire
from tools.erp.oracle.documents import Billed, Chart
from tools.erp.oracle.mapping import Setup, active_sites
from tools.erp.oracle.query import queries_for
from tools.erp.oracle.reading import Orders
from tools.erp.oracle.session import Session


@dataclass(frozen=True)
class House:
    """The settings that shape documents."""

    business_unit: str
    procurement_bu: str | None
    invoice_group: str | None
    park_hold: str
    release_name: str
    chart: Chart


class Context:
    """Reads it fresh for every document: names change, and a site may have been closed."""

    def __init__(self, session: Session, orders: Orders, house: House, setup: Setup) -> None:
        self._session = session
        self._orders = orders
        self._house = house
        self._setup = setup

    async def billed(self, action: InvoiceAction) -> Billed:
        """Raises ErpRejected for a supplier that is not there, and for one whose site is not clear."""
        supplier = await self.supplier(action.supplier_id)
        numbers = {line.order_number for line in action.lines if line.order_number is not None}
        found = await self._orders.numbered(sorted(numbers), operation="orders of the document")
        orders = {order.order_number: order for order in found}
        sites = {order.supplier_site for order in found if order.supplier_site}
        site = self._site(supplier, sites)
        return Billed(self._house.business_unit, supplier.supplier, site, self._house.invoice_group, orders)

    async def supplier(self, number: str) -> wire.Supplier:
        queries = queries_for(wire.Supplier, "SupplierNumber", [number])
        rows = await self._session.read(wire.Supplier, queries, operation="supplier of the document")
        if len(rows) != 1:
            raise ErpRejected(f"Oracle shows our login {len(rows) or 'no'} suppliers numbered {number}")
        return rows[0]

    def site_of(self, supplier: wire.Supplier) -> str:
        """The only site there is. Raises ErpRejected when there are several or none."""
        return self._site(supplier, set())

    def _site(self, supplier: wire.Supplier, of_orders: set[str]) -> str:
        """The site of the orders; without orders the only pay site there is."""
        if len(of_orders) > 1:
            raise ErpRejected(
                f"the orders are placed with different sites of the supplier: {', '.join(sorted(of_orders))}",
                field="SupplierSite",
            )
        unit = self._house.procurement_bu
        sites = {
            site.supplier_site
            for site in active_sites(supplier)
            if unit is None or site.procurement_bu in ("", unit)
        }
        chosen = of_orders or sites
        if len(chosen) == 1:
            return next(iter(chosen))
        told = ", ".join(sorted(sites)) or "none"
        raise ErpRejected(
            f"which site of {supplier.supplier} sent the invoice is not clear; pay sites: {told}",
            field="SupplierSite",
        )
