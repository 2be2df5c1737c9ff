"""Draft orders in Oracle: made incomplete, for a buyer to complete."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tools.domain.documents import OrderLine
from tools.domain.money import Money
from tools.erp.oracle.sandbox_payables import Ids
from tools.erp.oracle.sandbox_records import SITE, unit_of
from tools.erp.oracle.sandbox_schema import bad_request, resources
from tools.erp.sandbox.books import OrderCard
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.refusal import Refused

BUYER, STYLE, PROCUREMENT = 300000047, 1, 300000048
"""Ids of the only buyer, document style and procurement business unit."""
_HEADER = {"BuyerId": BUYER, "DocumentStyleId": STYLE, "ProcurementBUId": PROCUREMENT}


class SandboxOrdering:
    def __init__(self, company: Company, ids: Ids) -> None:
        self._company = company
        self._ids = ids

    def create(self, body: Any) -> OrderCard:
        """Raises ApiError; then nothing was made."""
        given = resources()["draftPurchaseOrders"].check(body)
        for name, known in _HEADER.items():
            if given.get(name) != known:
                raise bad_request(f"The value of {name} isn't valid.", f"/{name}")
        supplier = self._ids.find("supplier", given.get("SupplierId") or 0)
        if supplier is None or given.get("SupplierSite") != SITE:
            raise bad_request("The supplier or its site isn't valid.", "/SupplierId")
        currency = str(given.get("CurrencyCode") or self._company.settings.currency)
        lines = [self._line(line, currency) for line in given.get("lines") or []]
        try:
            return self._company.purchasing.create_order(
                supplier, currency, lines, reference=given.get("Description")
            )
        except Refused as refused:
            raise bad_request(refused.message) from refused

    def _line(self, row: dict[str, Any], currency: str) -> OrderLine:
        for name in ("LineNumber", "LineType", "Quantity", "UOMCode", "Price"):
            if row.get(name) is None:
                raise bad_request(f"You must provide a value for the attribute {name}.", f"/{name}")
        units = {unit_of(unit): unit for unit in self._company.books.units}
        if row["UOMCode"] not in units or row["LineType"] != "Goods":
            raise bad_request("The unit of measure or the line type isn't valid.", "/UOMCode")
        return OrderLine(
            line_id=str(row["LineNumber"]),
            item_number=row.get("Item"),
            description=row.get("Description") or "",
            unit=units[row["UOMCode"]],
            ordered=Decimal(row["Quantity"]),
            unit_price=Money.of(Decimal(row["Price"]), currency),
        )
