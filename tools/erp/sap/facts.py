"""Reads that belong together: orders with what came in and what was billed, invoices with what was paid."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence

from tools.domain.decision import Posting
from tools.domain.documents import PurchaseOrder
from tools.erp.sap import mapping
from tools.erp.sap.documents import (
    Invoice,
    InvoiceState,
    LedgerItem,
    Movement,
    Order,
    OrderReference,
    WholeInvoice,
)
from tools.erp.sap.entry import Billed
from tools.erp.sap.fulfilment import Fulfilment, invoiced_by_line, received_by_line
from tools.erp.sap.invoices import INVOICE_ORIGIN, POSTED, cleared, object_key, posting
from tools.erp.sap.mapping import Setup
from tools.erp.sap.odata import Query, literal, queries_for
from tools.erp.sap.receipts import open_receipts
from tools.erp.sap.session import Session
from tools.erp.sap.wire import SupplierTerms


class Facts:
    """Every read is fresh: no cache."""

    def __init__(self, session: Session, setup: Setup) -> None:
        self._session = session
        self._setup = setup

    def unit(self, code: str) -> str:
        """The Rec. 20 code of SAP's unit."""
        return self._setup.unit(code)

    async def orders(self, queries: Sequence[Query], operation: str) -> list[PurchaseOrder]:
        """Received and invoiced quantities are added up: three calls beside the orders' own."""
        rows = await self._session.read(Order, queries, operation=operation)
        numbers = [row.purchase_order for row in rows]
        movements, (references, states) = await asyncio.gather(
            self.movements(numbers, operation), self._billed(numbers, operation)
        )
        items = [item for row in rows for item in row.items]
        done = Fulfilment(
            received_by_line(movements, items, self._setup.unit),
            invoiced_by_line(references, states),
        )
        return [mapping.order(row, done, self._setup) for row in rows]

    async def movements(self, numbers: Collection[str], operation: str) -> list[Movement]:
        return await self._session.read(
            Movement, queries_for(Movement, "PurchaseOrder", numbers), operation=operation
        )

    async def _billed(
        self, numbers: Collection[str], operation: str
    ) -> tuple[list[OrderReference], dict[tuple[str, str], InvoiceState]]:
        """Items of invoices that name these orders, and the state of each of those invoices."""
        references = await self._session.read(
            OrderReference, queries_for(OrderReference, "PurchaseOrder", numbers), operation=operation
        )
        invoices = [reference.supplier_invoice for reference in references]
        states = await self._session.read(
            InvoiceState, queries_for(InvoiceState, "SupplierInvoice", invoices), operation=operation
        )
        return references, {state.key: state for state in states}

    async def billed(self, numbers: Collection[str]) -> Billed:
        """What has to be known of the orders that a posting bills."""
        queries = queries_for(Order, "PurchaseOrder", numbers)
        rows = await self._session.read(Order, queries, operation="billed orders")
        items = [item for row in rows for item in row.items]
        found = {(item.purchase_order, item.line_id): item for item in items}
        based = {item.purchase_order for item in items if item.invoice_is_goods_receipt_based}
        if not based:
            return Billed(found)
        movements, (references, states) = await asyncio.gather(
            self.movements(based, "billed orders"), self._billed(based, "billed orders")
        )
        return Billed(found, open_receipts(movements, items, self._setup.unit, references, states))

    async def paid(self, rows: Iterable[InvoiceState]) -> set[str]:
        """Object keys of the posted documents among these that are paid."""
        keys = [object_key(row) for row in rows if row.supplier_invoice_status == POSTED]
        queries = queries_for(
            LedgerItem,
            "OriginalReferenceDocument",
            keys,
            also=(
                f"CompanyCode eq {literal(self._setup.settings.code)} and FinancialAccountType eq 'K' "
                f"and ReferenceDocumentType eq '{INVOICE_ORIGIN}'"
            ),
        )
        return cleared(await self._session.read(LedgerItem, queries, operation="payments"))

    async def postings(self, rows: Sequence[Invoice]) -> list[Posting]:
        """Without documents that only cancel another one."""
        kept = [row for row in rows if not row.is_reversal]
        paid = await self.paid(kept)
        return [posting(row, paid) for row in kept]

    async def terms(self, supplier: str) -> set[str]:
        """The supplier's payment terms at our company code."""
        queries = queries_for(SupplierTerms, "Supplier", [supplier])
        rows = await self._session.read(SupplierTerms, queries, operation="payment terms")
        ours = (each for row in rows for each in row.companies)
        return {each.payment_terms for each in ours if each.company_code == self._setup.settings.code}

    async def invoice(self, number: str, year: str) -> WholeInvoice | None:
        condition = f"SupplierInvoice eq {literal(number)} and FiscalYear eq {literal(year)}"
        rows = await self._session.read(WholeInvoice, [Query(WholeInvoice, condition)], operation="read back")
        return rows[0] if rows else None
