"""What the sandboxes of some ERPs make of books that the ERP itself could not hold in that form."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.erp.tryton_client import Client
from tests.erp.world import PARTLY_RECEIVED
from tools.domain.identifiers import OrderNumber
from tools.erp.exact.sandbox_ledger import LedgerRecords
from tools.erp.sandbox.company import Company
from tools.erp.sap.sandbox_codes import Codes
from tools.erp.sap.sandbox_orders import OrderRecords


def with_order(company: Company, number: str, **changes: Any) -> None:
    """One more as PARTLY_RECEIVED."""
    card = company.books.orders[PARTLY_RECEIVED]
    order = card.order.model_copy(update={"number": OrderNumber(number), **changes})
    company.books.orders[number] = card.model_copy(update={"order": order})


def test_an_order_with_a_longer_number_does_not_stand_in_sap_nor_do_its_receipts(company: Company) -> None:
    with_order(company, "PO-2024-0003324")
    receipt = company.purchasing.receipts_of(PARTLY_RECEIVED)[0]
    moved = receipt.model_copy(update={"number": "5999", "order_number": "PO-2024-0003324"})
    company.books.receipts["5999"] = moved
    records = OrderRecords(company, Codes(company), frozenset())
    numbers = {row["PurchaseOrder"] for row in records.orders()}
    assert PARTLY_RECEIVED in numbers
    assert numbers == {row["PurchaseOrder"] for row in records.items()}
    assert "PO-2024-0003324" not in numbers
    told = {row["MaterialDocument"] for row in records.material_items()}
    assert receipt.number in told
    assert "5999" not in told | {row["MaterialDocument"] for row in records.material_documents()}


def years(company: Company) -> set[int]:
    readers = LedgerRecords(company, lambda *_: "00000000-0000-0000-0000-000000000000").readers
    return {int(row["FinYear"]) for row in readers["financial/FinancialPeriods"]()}


def test_the_periods_of_exact_go_back_as_far_as_the_orders(company: Company) -> None:
    this_year = company.clock().year
    assert years(company) == {this_year - 1, this_year, this_year + 1}
    with_order(company, "451998", ordered_on=date(this_year - 3, 1, 10))
    assert min(years(company)) == this_year - 3


async def default_account(company: Company) -> Any:
    client = Client(company)
    await client.log_in()
    field = "default_category_account_expense"
    (row,) = await client.rows("account.configuration", [], field)
    return row[field]


async def test_trytons_one_account_for_lines_without_a_product_is_the_one_all_orders_name(
    company: Company,
) -> None:
    lines = [
        (number, line)
        for number, card in company.books.orders.items()
        for line in card.order.lines
        if line.item_number is None and line.account is not None
    ]
    for number, line in lines:
        company.purchasing.change_line(number, line.model_copy(update={"account": "4600"}))
    agreed = await default_account(company)
    assert agreed is not None
    number, line = lines[0]
    company.books.orders["451997"] = company.books.orders[number].model_copy(
        update={"order": company.purchasing.order(number).model_copy(update={"number": "451997"})}
    )
    company.purchasing.change_line("451997", line.model_copy(update={"account": "4700"}))
    assert await default_account(company) is None, "where they do not agree, none was chosen"
