"""Short words for tests of the sandbox company's own rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.erp.chart import ACCOUNTS
from tests.erp.world import NOW, OFFICE, an_order_line, standard_world
from tools.domain.documents import DocumentType, OrderLine, OrderState, PurchaseOrder
from tools.domain.identifiers import CompanyId, OrderNumber
from tools.erp.sandbox.books import DocumentLine, PurchaseDocument
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.entries import LedgerEntry
from tools.erp.sandbox.refusal import Refusal, Refused
from tools.erp.sandbox.world import World

DAY = date(2026, 3, 10)
ORDER = OrderNumber("PO-1")


def an_order(*lines: OrderLine, number: str = ORDER, supplier_id: str = OFFICE) -> PurchaseOrder:
    lines = lines or (an_order_line("10", "Bracket", "10", "5.00"),)
    return PurchaseOrder.model_validate(
        {
            "number": number,
            "company": CompanyId("NZT"),
            "supplier_id": supplier_id,
            "currency": lines[0].unit_price.currency,
            "state": OrderState.OPEN,
            "lines": [line.model_dump() for line in lines],
            "version": "1",
        }
    )


def a_world(*orders: PurchaseOrder, **values: Any) -> World:
    """The standard world's master data, with these orders and no history."""
    return standard_world().model_copy(
        update={"orders": orders or (an_order(),), "receipts": (), "invoices": (), **values}
    )


def a_company(*orders: PurchaseOrder, **values: Any) -> Company:
    return Company.load(a_world(*orders, **values), lambda: NOW)


def an_expense(net: str = "100.00", **values: Any) -> DocumentLine:
    values.setdefault("account", "4100")
    values.setdefault("tax_code", "S21")
    return DocumentLine(description="Chairs", unit_price=Decimal(net), **values)


def a_billing(
    quantity: str = "10", price: str = "5.00", *, line_id: str = "10", **values: Any
) -> DocumentLine:
    return DocumentLine(
        description="Bracket",
        quantity=Decimal(quantity),
        unit="H87",
        unit_price=Decimal(price),
        order_number=values.pop("order_number", ORDER),
        order_line_id=line_id,
        **values,
    )


def a_draft(
    company: Company,
    *lines: DocumentLine,
    kind: DocumentType = DocumentType.INVOICE,
    supplier_id: str = OFFICE,
    **header: Any,
) -> PurchaseDocument:
    header.setdefault("supplier_number", "A-1")
    header.setdefault("invoice_date", DAY)
    return company.documents.create(kind, supplier_id, lines=lines or (an_expense(),), **header)


def posted(company: Company, *lines: DocumentLine, **values: Any) -> PurchaseDocument:
    return company.payables.post(a_draft(company, *lines, **values).document_id)


def rows(entry: LedgerEntry) -> list[tuple[str, str, str]]:
    """(account's name, debit, credit), debits first as accountants write them."""
    names = {account.number: account.name for account in ACCOUNTS}
    kept = sorted(entry.rows, key=lambda row: row.debit == 0)
    return [(names[row.account], str(row.debit), str(row.credit)) for row in kept]


def last_rows(company: Company) -> list[tuple[str, str, str]]:
    return rows(company.books.entries[-1])


def refuses(company: Company, code: Refusal, attempt: Callable[[], object]) -> Refused:
    """The refusal, after making sure that it left the books alone."""
    before = company.snapshot()
    with pytest.raises(Refused) as refused:
        attempt()
    assert refused.value.code is code
    assert company.snapshot() == before
    return refused.value
