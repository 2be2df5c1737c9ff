"""The records of Tryton that one document names: read fresh for every write."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from tools.domain.actions import InvoiceAction
from tools.erp.errors import ErpRejected
from tools.erp.tryton import records
from tools.erp.tryton.documents import BookedProduct, Ledger
from tools.erp.tryton.session import Session, parsed
from tools.erp.tryton.setup import Setup


class Lookup:
    def __init__(self, session: Session, setup: Setup) -> None:
        self._session = session
        self.setup = setup

    async def require_active(self, supplier_id: str) -> records.Creditor:
        """Raises ErpRejected for a party that is not there or deactivated: Tryton itself would post."""
        rows = await self._session.read(
            records.Creditor, [["code", "=", supplier_id]], operation="supplier", active_test=False
        )
        if not rows:
            raise ErpRejected(f"Tryton has no party {supplier_id}", field="party")
        if not rows[0].active:
            raise ErpRejected(f"party {supplier_id} {rows[0].name} is blocked: it is deactivated in Tryton")
        return rows[0]

    async def ledger(self, action: InvoiceAction) -> Ledger:
        """Raises ErpRejected for what Tryton does not have."""
        if any(line.cost_centre for line in action.lines):
            raise ErpRejected(
                "this connector cannot post cost centres: they are Tryton's analytic accounts",
                field="cost_centre",
            )
        lines = action.lines
        creditor, journal, defaults, accounts, ordered = await asyncio.gather(
            self.require_active(action.supplier_id),
            self._journal(),
            self._defaults(),
            self._accounts({line.account for line in lines if line.account}),
            self._ordered({line.order_line_id for line in lines if line.order_line_id}),
        )
        for line in lines:
            if line.order_line_id is not None:
                _require_biller(ordered, line.order_line_id, action.supplier_id)
        codes = {line.item_number for line in lines if line.item_number}
        codes |= {row.product.code for row in ordered.values() if row.product is not None}
        products = await self.products(codes, creditor, self.setup.currencies.get(action.currency))
        return Ledger(creditor, journal, defaults, accounts, products, ordered)

    async def products(
        self, codes: Collection[str], creditor: records.Creditor, currency: int | None
    ) -> dict[str, BookedProduct]:
        """By code. Account and taxes are asked of Tryton's own rules, a call for each product."""
        if not codes:
            return {}
        domain = [["code", "in", sorted(codes)]]
        rows = await self._session.read(records.ProductCode, domain, operation="products")
        told = await asyncio.gather(*(self._defaults_of(row.id, creditor, currency) for row in rows))
        return {row.code: found for row, found in zip(rows, told, strict=True)}

    async def _defaults_of(
        self, product: int, creditor: records.Creditor, currency: int | None
    ) -> BookedProduct:
        line = {
            "product": product,
            "type": "line",
            "invoice_type": "in",
            "company": self.setup.company_id,
            "currency": currency,
            "party": creditor.id,
            "quantity": 1,
            "taxes": [],
        }
        told = await self._session.ask(
            "model.account.invoice.line.on_change", line, ["product"], operation="defaults of products"
        )
        found = told[0] if isinstance(told, list) and told else told or {}
        return BookedProduct(product, found.get("account"), tuple(found.get("taxes") or ()))

    async def _journal(self) -> int:
        found = await self._session.ask(
            "model.account.journal.search", [["type", "=", "expense"]], 0, 1, None, operation="journal"
        )
        if not found:
            raise ErpRejected("Tryton has no journal of type Expense")
        return int(found[0])

    async def _defaults(self) -> records.Defaults:
        fields = records.Defaults.fields()
        rows = await self._session.ask("model.account.configuration.read", [1], fields, operation="defaults")
        return parsed(records.Defaults, rows)[0]

    async def _accounts(self, codes: Collection[str]) -> dict[str, int]:
        if not codes:
            return {}
        company = ["company", "=", self.setup.company_id]
        domain = [["code", "in", sorted(codes)], company]
        rows = await self._session.read(records.LedgerCode, domain, operation="accounts of lines")
        return {row.code: row.id for row in rows}

    async def _ordered(self, ids: Collection[str]) -> dict[str, records.BilledOrderLine]:
        known = sorted({int(found) for found in ids if found.isdecimal()})
        if not known:
            return {}
        domain = [["id", "in", known], ["purchase.company", "=", self.setup.company_id]]
        rows = await self._session.read(records.BilledOrderLine, domain, operation="billed order lines")
        return {str(row.id): row for row in rows}


def _require_biller(ordered: Mapping[str, records.BilledOrderLine], line_id: str, supplier_id: str) -> None:
    """Raises ErpRejected for an order line that is not there, or that somebody else bills: Tryton itself
    lets anybody's invoice bill it."""
    if line_id not in ordered:
        raise ErpRejected(f"Tryton has no order line {line_id}", field="origin")
    order = ordered[line_id].purchase
    if order.biller != supplier_id:
        raise ErpRejected(
            f"order {order.number} is billed by party {order.biller} in Tryton, not by {supplier_id}",
            field="origin",
        )
