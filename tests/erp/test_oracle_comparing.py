"""An unvalidated invoice is taken up only when Oracle says of it everything that would be sent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.erp.oracle_client import Bench
from tests.erp.oracle_setup import settings
from tests.erp.orders import a_line, an_invoice, approved, billing_lines, invoice_fields
from tests.erp.world import PARTLY_RECEIVED
from tools.domain.decision import ParkInvoice, PostCreditNote, PostingState
from tools.erp.errors import ErpRejected
from tools.erp.oracle import connector
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults

ORDERED = {"lines": billing_lines({"10000": ("25", "10.00")})}


@pytest.fixture
def bench(company: Company, faults: Faults) -> Bench:
    return Bench(company, faults)


async def parked(bench: Bench, net: str = "100.00", tax: str = "21.00", **values: Any) -> None:
    await bench.erp.write(approved(ParkInvoice(**invoice_fields(net, tax, **values))))
    bench.recorder.requests.clear()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"posting_date": date(2026, 3, 15)}, "AccountingDate is 2026-03-10 there and 2026-03-15 here"),
        ({"lines": (a_line("100.00", tax_code="S9"),)}, "TaxClassification of line 1 is S21 there and S9"),
        ({"lines": (a_line("100.00", tax_code="S21", account="4200"),)}, "DistributionCombination of line 1"),
        ({"lines": (a_line("100.00", description="Tables"),)}, "is Chairs there and Tables here"),
        ({"lines": (a_line("60.00"), a_line("40.00"))}, "its lines are 1 there and 1, 2 here"),
        ({"number": "vd-90001"}, "InvoiceNumber is VD-90001 there and vd-90001 here"),
        ({"lines": (a_line("110.00"),)}, "LineAmount of line 1 is 100 there and 110 here"),
    ],
)
async def test_a_parked_invoice_that_says_anything_else_is_not_posted(
    bench: Bench, values: dict[str, Any], told: str
) -> None:
    await parked(bench)
    with pytest.raises(ErpRejected, match=told):
        await bench.erp.write(approved(an_invoice(**values)))
    assert bench.changes() == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (("10", "25.00"), "Quantity of line 1 is 25 there and 10 here"),
        (("50", "5.00"), "Quantity of line 1 is 25 there and 50 here"),
    ],
)
async def test_the_quantity_that_is_matched_is_the_approved_one(
    bench: Bench, line: tuple[str, str], told: str
) -> None:
    await parked(bench, "250.00", "52.50", **ORDERED)
    with pytest.raises(ErpRejected, match=told):
        lines = billing_lines({"10000": line})
        await bench.erp.write(approved(an_invoice("250.00", "52.50", lines=lines)))
    assert bench.company.purchasing.line(PARTLY_RECEIVED, "10000").invoiced == 0


async def test_a_line_that_bills_an_order_is_not_one_on_an_account(bench: Bench) -> None:
    await parked(bench, "250.00", "52.50", **ORDERED)
    lines = (a_line("250.00", description="Chairs"),)
    with pytest.raises(ErpRejected, match="PurchaseOrderNumber of line 1 is 451001 there and empty here"):
        await bench.erp.write(approved(an_invoice("250.00", "52.50", lines=lines)))
    assert bench.changes() == []


@pytest.mark.parametrize("unit_price", [Decimal("10.00"), Decimal("9.50")])
async def test_the_same_order_lines_are_taken_up(bench: Bench, unit_price: Decimal) -> None:
    """A price that does not give the amount is sent as what was paid for one, and is so compared."""
    lines = tuple(
        line.model_copy(update={"unit_price": unit_price})
        for line in billing_lines({"10000": ("25", "10.00"), "30000": ("5", "7.00")})[:1]
    )
    await parked(bench, "250.00", "52.50", lines=lines)
    posting = await bench.erp.write(approved(an_invoice("250.00", "52.50", lines=lines)))
    assert posting.state is PostingState.POSTED


async def test_a_credit_memo_is_taken_up_with_its_signs_and_what_it_credits(bench: Bench) -> None:
    fields = invoice_fields("20.00", "4.20", number="VD-C-90001", preceding_invoice="510002")
    bench.faults.plan("validateInvoice", "too_many")  # type: ignore[arg-type]
    with pytest.raises(ErpRejected, match="on hold"):
        await bench.erp.write(approved(PostCreditNote(**fields)))
    with pytest.raises(ErpRejected, match="Description is Credits 510002 there and Credits 510001 here"):
        await bench.erp.write(approved(PostCreditNote(**{**fields, "preceding_invoice": "510001"})))
    posting = await bench.erp.write(approved(PostCreditNote(**fields)))
    assert posting.state is PostingState.POSTED
    assert bench.changes().count("POST invoices") == 1


async def test_the_group_is_kept_and_compared(company: Company, faults: Faults) -> None:
    bench = Bench(company, faults, invoice_group="AP")
    await parked(bench)
    other = connector.connect(settings(invoice_group="OTHER"), transport=bench.recorder, clock=bench.clock)
    with pytest.raises(ErpRejected, match="InvoiceGroup is AP there and OTHER here"):
        await other.write(approved(an_invoice()))
