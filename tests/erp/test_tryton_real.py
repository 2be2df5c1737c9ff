"""The whole journey in a Tryton that really runs: order, receipt, invoice file, approval, ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from evals.tryton_company import TOOLS, order_goods, receive_goods
from evals.tryton_rpc import TrytonRpc
from evals.tryton_server import TrytonServer
from tests.erp.orders import approved
from tests.erp.tryton_office import RealOffice, a_paper, an_entry, costs, held, ledger, login, office_over
from tests.graph.office import raising
from tools.domain.decision import PostingState

pytestmark = pytest.mark.slow
RECEIVED = date(2026, 3, 5)


@pytest.fixture
async def office(tryton: TrytonServer, rpc: TrytonRpc, tmp_path: Path) -> AsyncIterator[RealOffice]:
    async with office_over(tryton, rpc, tmp_path) as found:
        yield found


class Died(BaseException):
    """The process is gone: nothing that is not on disk is left."""


async def test_an_order_that_was_received_is_billed_approved_and_stands_in_the_ledger(
    office: RealOffice, rpc: TrytonRpc
) -> None:
    order = order_goods(rpc, ("BRACKET", "10", "10.00"))
    receive_goods(rpc, order, "LS-1", RECEIVED)
    case = await office.take_in(a_paper("RE-1", order))
    assert (case.stage, case.blocks) == ("waiting_for_approval", ())
    assert held(rpc, "RE-1") == []
    case = await office.approve(case)
    assert case.stage == "posted"
    (row,) = held(rpc, "RE-1")
    assert (row["state"], row["number"], row["move."]["state"]) == ("posted", case.erp_number, "posted")
    payable = {code for code, amount in ledger(row) if amount < 0}
    assert [(code, amount) for code, amount in ledger(row) if amount > 0] == [
        ("1520", Decimal("19.00")),
        ("4100", Decimal("100.00")),
    ]
    assert [amount for code, amount in ledger(row) if code in payable] == [Decimal("-119.00")]
    (line,) = (await office.line.orders([order.number]))[order.number].lines
    assert (line.ordered, line.received, line.invoiced) == (10, 10, 10)
    office.verified()


async def test_goods_that_did_not_arrive_are_not_paid(office: RealOffice, rpc: TrytonRpc) -> None:
    order = order_goods(rpc, ("BRACKET", "10", "10.00"))
    receive_goods(rpc, order, "LS-2", RECEIVED, BRACKET="8")
    case = await office.take_in(a_paper("RE-2", order))
    assert case.stage == "waiting_for_answer"
    assert held(rpc, "RE-2") == []


async def test_a_process_that_dies_between_the_posting_and_its_note_posts_once(
    office: RealOffice, rpc: TrytonRpc
) -> None:
    order = order_goods(rpc, ("BRACKET", "10", "10.00"))
    receive_goods(rpc, order, "LS-3", RECEIVED)
    office.lay("invoice.xml", a_paper("RE-3", order))
    await office.run()
    (case,) = office.app.service.inbox()
    office.line.after["write"] = raising(Died())
    with pytest.raises(Died):
        await office.approve(case)
    assert [row["state"] for row in held(rpc, "RE-3")] == ["posted"]
    async with office.open():
        await office.run()
        assert office.case(case.case_id).stage == "posted"
        office.verified()
    assert [row["state"] for row in held(rpc, "RE-3")] == ["posted"]


async def test_what_somebody_else_posted_meanwhile_is_not_posted_again(
    office: RealOffice, tryton: TrytonServer, rpc: TrytonRpc
) -> None:
    order = order_goods(rpc, ("BRACKET", "10", "10.00"))
    receive_goods(rpc, order, "LS-4", RECEIVED)
    case = await office.take_in(a_paper("RE-4", order))
    other = login(tryton)
    await other.write(approved(an_entry("RE-4", costs("100.00"))))
    await other.close()
    case = await office.approve(case)
    assert case.stage != "posted"
    assert len(held(rpc, "RE-4")) == 1


async def test_the_same_file_again_waits_for_a_person(office: RealOffice, rpc: TrytonRpc) -> None:
    order = order_goods(rpc, ("BRACKET", "20", "10.00"))
    receive_goods(rpc, order, "LS-5", RECEIVED)
    await office.approve(await office.take_in(a_paper("RE-5", order)))
    case = await office.take_in(a_paper("RE-5", order, notes=["second copy"]))
    assert case.stage == "waiting_for_answer"
    assert len(held(rpc, "RE-5")) == 1


async def test_a_credit_note_takes_the_debt_back(office: RealOffice, rpc: TrytonRpc) -> None:
    order = order_goods(rpc, ("BRACKET", "10", "10.00"))
    receive_goods(rpc, order, "LS-6", RECEIVED)
    await office.approve(await office.take_in(a_paper("RE-6", order)))
    credited = ("BRACKET", "BRACKET as agreed", "2", "10.00")
    note = await office.take_in(a_paper("GU-6", order, credited, credit=True, preceding="RE-6"))
    assert (note.stage, note.action) == ("waiting_for_approval", "post_credit_note")
    assert held(rpc, "GU-6") == []
    note = await office.approve(note)
    assert note.stage == "posted"
    (row,) = held(rpc, "GU-6")
    assert (row["state"], row["total_amount"]) == ("posted", "-23.80")
    assert ("4100", Decimal("-20.00")) in ledger(row)


async def test_an_order_that_tryton_bills_itself_gets_its_own_draft_completed(
    office: RealOffice, rpc: TrytonRpc
) -> None:
    order = order_goods(rpc, ("BRACKET", "10", "10.00"), invoice_method="fulfillment")
    receive_goods(rpc, order, "LS-7", RECEIVED)
    drafts = rpc.rows(
        "account.invoice",
        [["state", "=", "draft"], ["lines.origin", "=", f"purchase.line,{order.line_ids[0]}"]],
    )
    case = await office.approve(await office.take_in(a_paper("RE-7", order)))
    assert case.stage == "posted"
    (row,) = held(rpc, "RE-7")
    assert [draft["id"] for draft in drafts] == [row["id"]]
    assert rpc.rows("account.invoice.line", [["origin", "=", f"purchase.line,{order.line_ids[0]}"]]) == [
        {"id": rpc.rows("account.invoice", [["id", "=", row["id"]]], "lines")[0]["lines"][0]}
    ]


async def test_what_the_journey_posted_is_told_as_history(tryton: TrytonServer) -> None:
    erp = login(tryton, page_size=2)
    await erp.write(approved(an_entry("RE-8", costs("50.00"))))
    found = [posting async for posting in erp.posted_since(None) if posting.supplier_number == "RE-8"]
    assert [(posting.state, posting.supplier_id) for posting in found] == [(PostingState.POSTED, TOOLS)]
    await erp.close()
