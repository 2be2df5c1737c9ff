"""Tryton's own drafts and orders that another party bills, on a Tryton that really runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest

from evals.tryton_company import OFFICE, TOOLS, order_goods
from evals.tryton_rpc import TrytonRpc
from evals.tryton_server import TrytonServer
from tests.erp.orders import approved
from tests.erp.tryton_office import an_entry, bills, costs, held, login
from tools.domain.decision import ParkInvoice, PostingState
from tools.erp.contract import Erp
from tools.erp.errors import ErpRejected

pytestmark = pytest.mark.slow


@pytest.fixture
async def erp(tryton: TrytonServer) -> AsyncIterator[Erp]:
    found = login(tryton)
    yield found
    await found.close()


def waiting(rpc: TrytonRpc, line: int) -> list[float]:
    """Quantities of an order line on drafts that have no number of the supplier's."""
    domain = [["origin", "=", f"purchase.line,{line}"], ["invoice.reference", "=", None]]
    return [row["quantity"] for row in rpc.rows("account.invoice.line", domain, "quantity")]


async def test_a_refused_draft_is_made_again_by_tryton_and_the_corrected_proposal_is_posted(
    erp: Erp, rpc: TrytonRpc
) -> None:
    order = order_goods(rpc, ("BRACKET", "10", "5.00"), ("BRACKET", "4", "7.00"), invoice_method="order")
    line = bills(order, 0, "8", "5.00")
    for wrong in ({"tax": "3.00"}, {"posting_date": date(2025, 3, 1)}):
        with pytest.raises(ErpRejected):
            await erp.write(approved(an_entry("TR-D1", line, **wrong)))
        assert held(rpc, "TR-D1") == []
        assert [sum(waiting(rpc, each)) for each in order.line_ids] == [10.0, 4.0]
    posting = await erp.write(approved(an_entry("TR-D1", bills(order, 0, "8", "5.10"))))
    assert posting.state is PostingState.POSTED
    assert [sum(waiting(rpc, each)) for each in order.line_ids] == [2.0, 4.0]


@pytest.mark.parametrize("method", ["order", "manual"])
async def test_only_the_party_that_bills_an_order_may_bill_it(erp: Erp, rpc: TrytonRpc, method: str) -> None:
    order = order_goods(rpc, ("BRACKET", "10", "5.00"), invoice_method=method)
    line = bills(order, 0, "10", "5.00")
    with pytest.raises(ErpRejected, match=f"is billed by party {TOOLS} in Tryton, not by {OFFICE}"):
        await erp.write(approved(an_entry(f"TR-P-{method}", line, supplier_id=OFFICE)))
    assert held(rpc, f"TR-P-{method}") == []


async def test_the_invoice_party_of_an_order_bills_it_and_its_supplier_does_not(
    erp: Erp, rpc: TrytonRpc
) -> None:
    order = order_goods(rpc, ("BRACKET", "10", "5.00"))
    (office,) = rpc.rows("party.party", [["code", "=", OFFICE]], "addresses")
    billed_by = {"invoice_party": office["id"], "invoice_address": office["addresses"][0]}
    rpc("purchase.purchase.write", [order.id], billed_by)
    line = bills(order, 0, "10", "5.00")
    with pytest.raises(ErpRejected, match=f"is billed by party {OFFICE} in Tryton, not by {TOOLS}"):
        await erp.write(approved(an_entry("TR-P-1", line)))
    posting = await erp.write(approved(an_entry("TR-P-1", line, supplier_id=OFFICE)))
    assert (posting.state, posting.supplier_id) == (PostingState.POSTED, OFFICE)
    assert (await erp.orders([order.number]))[order.number].lines[0].invoiced == 10  # type: ignore[list-item,index]


async def test_a_parked_draft_with_another_tax_is_not_posted(erp: Erp, rpc: TrytonRpc) -> None:
    parked = await erp.write(
        approved(an_entry("TR-D2", costs("0.01", tax_code="S7"), kind=ParkInvoice, tax="0.00"))
    )
    with pytest.raises(ErpRejected, match="not the one approved here"):
        await erp.write(approved(an_entry("TR-D2", costs("0.01"), tax="0.00")))
    posted = await erp.write(approved(an_entry("TR-D2", costs("0.01", tax_code="S7"), tax="0.00")))
    assert (posted.erp_id, posted.state) == (parked.erp_id, PostingState.POSTED)
