"""The module of `tools/erp/tryton/extension` in a Tryton that really runs: what is held is neither posted nor
paid, by our hand or by anybody's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from evals.tryton_company import OFFICE, TOOLS
from evals.tryton_module import running_with_module
from evals.tryton_rpc import RpcRefused, TrytonRpc
from evals.tryton_server import TrytonAbsent, TrytonServer
from tests.erp.orders import MemoryLog, approved
from tests.erp.tryton_office import DAY, an_entry, costs, held, login
from tools.domain.actions import HoldInvoice, ReleaseHold
from tools.domain.decision import ParkInvoice, PostCreditNote, Posting, PostingState
from tools.erp.contract import Erp
from tools.erp.errors import ErpAccessDenied, ErpRejected
from tools.erp.posting import post_once
from tools.erp.tryton.holding import HELD
from tools.erp.tryton.sandbox_schema import of_module

pytestmark = pytest.mark.slow
HOLD = "account.invoice.hold"


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonServer]:
    """One server with the module for all tests of this file."""
    folder = tmp_path_factory.mktemp("tryton_module")
    try:
        with running_with_module(folder, datetime.now(UTC).year) as server:
            yield server
    except TrytonAbsent as absent:
        pytest.skip(f"THE MODULE IS NOT TESTED IN A REAL TRYTON IN THIS RUN: {absent}")


@pytest.fixture(scope="module")
def bank(rpc: TrytonRpc) -> int:
    """A payment journal."""
    company = rpc.first("company.company")
    euro = rpc.first("currency.currency", ["code", "=", "EUR"])
    return rpc.create(
        "account.payment.journal", name="Bank", company=company, currency=euro, process_method="manual"
    )


@pytest.fixture
async def erp(tryton: TrytonServer) -> AsyncIterator[Erp]:
    found = login(tryton)
    yield found
    await found.close()


def told(kind: type[HoldInvoice] | type[ReleaseHold], posting: Posting, reason: str = "PRICE") -> Any:
    row = {"company": "Noordzee Techniek B.V.", "supplier_id": TOOLS, "posted_number": posting.number}
    return approved(kind(**row, reason_code=reason))  # type: ignore[arg-type]


async def no_pause(seconds: float) -> None:
    return None


def due(rpc: TrytonRpc, posting: Posting) -> dict[str, Any]:
    """The line that is to be paid."""
    (row,) = rpc.rows(
        "account.invoice", [["id", "=", int(posting.erp_id)]], "lines_to_pay.payment_blocked", "party"
    )
    (line,) = row["lines_to_pay."]
    return {**line, "payment_blocked": bool(line["payment_blocked"]), "party": row["party"]}


def pay(rpc: TrytonRpc, bank: int, line: dict[str, Any]) -> int:
    """A payment, as somebody enters it by hand."""
    return rpc.create(
        "account.payment",
        company=rpc.first("company.company"),
        journal=bank,
        kind="payable",
        party=line["party"],
        line=line["id"],
        amount=Decimal("11.90"),
        date=datetime.now(UTC).date(),
    )


def wizard(rpc: TrytonRpc, name: str, state: str, told: dict[str, Any], ids: list[int], *, model: str) -> Any:
    """One step of a dialogue of Tryton's over some records."""
    begun = rpc.wizard(f"{name}.create")[0]
    chosen: dict[str, Any] = {"active_model": model, "active_id": ids[0], "active_ids": ids}
    return rpc.wizard(f"{name}.execute", begun, told, state, **chosen)


async def test_a_held_draft_is_posted_by_nobody_until_it_is_released(erp: Erp, rpc: TrytonRpc) -> None:
    parked = await erp.write(approved(an_entry("MH-1", costs("10.00"), kind=ParkInvoice)))
    hold, release = told(HoldInvoice, parked), told(ReleaseHold, parked)
    assert await erp.find(hold) is None
    placed = await erp.write(hold)
    assert (placed.number, placed.state, placed.reference) == (parked.number, PostingState.DRAFT, "PRICE")
    assert await erp.find(hold) == placed
    with pytest.raises(ErpRejected, match="is on hold and cannot be posted: PRICE"):
        await erp.write(approved(an_entry("MH-1", costs("10.00"))))
    with pytest.raises(RpcRefused, match="cannot be posted"):
        rpc("account.invoice.post", [int(parked.erp_id)])
    assert [row["state"] for row in held(rpc, "MH-1")] == ["draft"]
    assert await erp.find(release) is None
    await erp.write(release)
    posted = await erp.write(approved(an_entry("MH-1", costs("10.00"))))
    assert (posted.state, posted.erp_id) == (PostingState.POSTED, parked.erp_id)


async def test_the_entry_of_a_held_invoice_is_not_posted_by_another_door(erp: Erp, rpc: TrytonRpc) -> None:
    parked = await erp.write(approved(an_entry("MH-2", costs("10.00"), kind=ParkInvoice)))
    rpc("account.invoice.validate_invoice", [int(parked.erp_id)])
    await erp.write(told(HoldInvoice, parked))
    (row,) = rpc.rows("account.invoice", [["id", "=", int(parked.erp_id)]], "move", "hold_reasons")
    assert row["hold_reasons"] == "PRICE"
    with pytest.raises(RpcRefused, match="cannot be posted: PRICE"):
        rpc("account.move.post", [row["move"]])
    await erp.write(told(ReleaseHold, parked))
    rpc("account.move.post", [row["move"]])


async def test_a_held_invoice_is_not_paid_by_any_button(erp: Erp, rpc: TrytonRpc, bank: int) -> None:
    posting = await erp.write(approved(an_entry("MH-3", costs("10.00"))))
    line = due(rpc, posting)
    under_way = pay(rpc, bank, line)
    rpc("account.payment.submit", [under_way])
    await erp.write(told(HoldInvoice, posting))
    assert due(rpc, posting)["payment_blocked"] is True
    for button, ids in (
        ("account.payment.approve", [under_way]),
        ("account.move.line.payment_unblock", [line["id"]]),
    ):
        with pytest.raises(RpcRefused, match="is on hold"):
            rpc(button, ids)
    with pytest.raises(RpcRefused, match="is on hold and cannot be paid: PRICE"):
        pay(rpc, bank, line)
    assert rpc.rows("account.payment", [], "state")[0]["state"] == "submitted"
    await erp.write(told(ReleaseHold, posting))
    assert not due(rpc, posting)["payment_blocked"]
    rpc("account.payment.approve", [under_way])


async def test_a_payment_that_was_approved_before_is_not_sent_and_one_set_back_not_submitted(
    erp: Erp, rpc: TrytonRpc, bank: int
) -> None:
    approved_one, set_back = [await erp.write(approved(an_entry(f"MH-4{x}", costs("10.00")))) for x in "AB"]
    payments = [pay(rpc, bank, due(rpc, posting)) for posting in (approved_one, set_back)]
    rpc("account.payment.submit", payments)
    rpc("account.payment.approve", payments[:1])
    for posting in (approved_one, set_back):
        await erp.write(told(HoldInvoice, posting))
    rpc("account.payment.draft", payments[1:])

    def process() -> Any:
        return wizard(rpc, "account.payment.process", "process", {}, payments[:1], model="account.payment")

    for refused in (process, lambda: rpc("account.payment.submit", payments[1:])):
        with pytest.raises(RpcRefused, match="is on hold and cannot be paid"):
            refused()
    for posting in (approved_one, set_back):
        await erp.write(told(ReleaseHold, posting))
    process()
    rpc("account.payment.submit", payments[1:])
    rows = rpc.rows("account.payment", [["id", "in", payments]], "state")
    assert sorted(row["state"] for row in rows) == ["processing", "submitted"]


async def test_a_held_invoice_is_not_paid_from_its_own_form(erp: Erp, rpc: TrytonRpc) -> None:
    posting = await erp.write(approved(an_entry("MH-4P", costs("10.00"))))
    company, invoice = rpc.first("company.company"), int(posting.erp_id)
    accounts = [rpc.first("account.account", ["code", "=", "4100"])] * 2
    journal = rpc.create("account.journal", name="Cash", type="cash")
    method = rpc.create(
        "account.invoice.payment.method",
        company=company,
        name="Cash",
        journal=journal,
        credit_account=accounts[0],
        debit_account=accounts[1],
    )
    (row,) = rpc.rows("account.invoice", [["id", "=", invoice]], "party", "currency", "account")
    start = {
        "payee": row["party"],
        "payees": [row["party"]],
        "amount": Decimal("11.90"),
        "currency": row["currency"],
        "description": None,
        "company": company,
        "invoice_account": row["account"],
        "payment_method": method,
        "date": DAY,
    }

    def pay_by_hand() -> Any:
        told = {"start": start}
        return wizard(rpc, "account.invoice.pay", "choice", told, [invoice], model="account.invoice")

    await erp.write(told(HoldInvoice, posting))
    with pytest.raises(RpcRefused, match="is on hold and cannot be paid: PRICE"):
        pay_by_hand()
    await erp.write(told(ReleaseHold, posting))
    pay_by_hand()
    assert [row["state"] for row in held(rpc, "MH-4P")] == ["paid"]


@pytest.mark.parametrize("moving", ["group", "delegate"])
async def test_the_lines_of_a_held_invoice_are_not_moved_on_and_what_was_moved_before_is_not_paid(
    erp: Erp, rpc: TrytonRpc, bank: int, moving: str
) -> None:
    """Both make a new line that stands for the invoice's own."""
    one = await erp.write(approved(an_entry(f"MH-4-{moving}", costs("10.00"))))
    credit = await erp.write(approved(an_entry(f"MH-4C-{moving}", costs("4.00"), kind=PostCreditNote)))
    lines = [due(rpc, one)["id"], due(rpc, credit)["id"]][: 2 if moving == "group" else 1]
    journal = rpc.first("account.journal", ["type", "=", "general"])
    start = {"journal": journal, "description": None}
    if moving == "delegate":
        start["party"] = rpc.first("party.party", ["code", "=", OFFICE])

    def move() -> Any:
        told = {"start": start}
        return wizard(rpc, f"account.move.line.{moving}", moving, told, lines, model="account.move.line")

    await erp.write(told(HoldInvoice, one))
    with pytest.raises(RpcRefused, match="is on hold and cannot be paid"):
        move()
    await erp.write(told(ReleaseHold, one))
    move()
    (row,) = rpc.rows("account.move.line", [["id", "=", lines[0]]], "reconciliation.delegate_to")
    (new,) = rpc.rows("account.move.line", [["id", "=", row["reconciliation."]["delegate_to"]]], "party")
    await erp.write(told(HoldInvoice, one, "QUANTITY"))
    with pytest.raises(RpcRefused, match="is on hold and cannot be paid: QUANTITY"):
        pay(rpc, bank, new)
    await erp.write(told(ReleaseHold, one, "QUANTITY"))
    rpc("account.move.line.write", [new["id"]], {"maturity_date": DAY})
    pay(rpc, bank, new)


async def test_a_second_reason_holds_on_and_what_a_person_blocked_stays_blocked(
    erp: Erp, rpc: TrytonRpc
) -> None:
    posting = await erp.write(approved(an_entry("MH-5", costs("10.00"))))
    for reason in ("PRICE", "QUANTITY"):
        await erp.write(told(HoldInvoice, posting, reason))
    with pytest.raises(ErpRejected, match="on hold for this reason already"):
        await erp.write(told(HoldInvoice, posting, "QUANTITY"))
    await erp.write(told(ReleaseHold, posting, "PRICE"))
    assert due(rpc, posting)["payment_blocked"] is True
    assert await erp.find(told(HoldInvoice, posting, "PRICE")) is None
    assert await erp.find(told(HoldInvoice, posting, "QUANTITY")) is not None
    await erp.write(told(ReleaseHold, posting, "QUANTITY"))
    assert not due(rpc, posting)["payment_blocked"]
    rpc("account.move.line.payment_block", [due(rpc, posting)["id"]])
    await erp.write(told(HoldInvoice, posting, "PRICE"))
    await erp.write(told(ReleaseHold, posting, "PRICE"))
    assert due(rpc, posting)["payment_blocked"] is True
    rows = rpc.rows(HOLD, [["invoice", "=", int(posting.erp_id)]], "reason", "released_by.login")
    assert [(row["reason"], row["released_by."]["login"]) for row in reversed(rows)] == [
        ("PRICE", "admin"),
        ("QUANTITY", "admin"),
        ("PRICE", "admin"),
    ]


async def test_a_hold_is_placed_and_released_and_nothing_else(erp: Erp, rpc: TrytonRpc) -> None:
    posting = await erp.write(approved(an_entry("MH-6", costs("10.00"))))
    invoice = int(posting.erp_id)
    await erp.write(told(HoldInvoice, posting))
    (hold,) = rpc(f"{HOLD}.search", [["invoice", "=", invoice]], 0, None, None)
    for method, params in (
        (f"{HOLD}.write", ([hold], {"reason": "NOTHING"})),
        (f"{HOLD}.write", ([hold], {"released_by": 1})),
        (f"{HOLD}.delete", ([hold],)),
        (f"{HOLD}.create", ([{"invoice": invoice, "reason": "X", "released_by": 1}],)),
        ("account.invoice.write", ([invoice], {"on_hold": False})),
    ):
        with pytest.raises(RpcRefused, match="not allowed"):
            rpc(method, *params)
    with pytest.raises(RpcRefused, match="required"):
        rpc.create(HOLD, invoice=invoice, reason=None)
    assert rpc.rows(HOLD, [["id", "=", hold]], "reason", "released_by") == [
        {"id": hold, "reason": "PRICE", "released_by": None}
    ]


async def test_an_invoice_is_cancelled_while_it_is_held_and_held_no_more_after(
    erp: Erp, rpc: TrytonRpc
) -> None:
    posting = await erp.write(approved(an_entry("MH-7", costs("10.00"))))
    await erp.write(told(HoldInvoice, posting))
    rpc("account.invoice.cancel", [int(posting.erp_id)])
    assert [row["state"] for row in held(rpc, "MH-7")] == ["cancelled"]
    with pytest.raises(RpcRefused, match="paid or cancelled"):
        rpc.create(HOLD, invoice=int(posting.erp_id), reason="QUANTITY")


async def test_only_who_may_release_a_hold_does(tryton: TrytonServer, erp: Erp, rpc: TrytonRpc) -> None:
    company = rpc.rows("res.user", [["id", "=", rpc.user_id]], "company")[0]["company"]
    groups = [rpc.first("res.group", ["name", "=", name]) for name in ("Accounting", "Purchase", "Stock")]
    rpc.create(
        "res.user",
        name="Clerk",
        login="clerk",
        password="another-password-2",
        groups=[["add", groups]],
        companies=[["add", [company]]],
        company=company,
    )
    clerk = login(tryton, user="clerk", password="another-password-2")
    posting = await clerk.write(approved(an_entry("MH-8", costs("10.00"))))
    await clerk.write(told(HoldInvoice, posting))
    with pytest.raises(ErpAccessDenied):
        await clerk.write(told(ReleaseHold, posting))
    assert await clerk.shortcomings() == []
    await clerk.close()
    assert due(rpc, posting)["payment_blocked"] is True
    await erp.write(told(ReleaseHold, posting))
    assert not due(rpc, posting)["payment_blocked"]


async def test_a_hold_that_is_a_note_from_before_the_module_is_released(erp: Erp, rpc: TrytonRpc) -> None:
    posting = await erp.write(approved(an_entry("MH-9", costs("10.00"))))
    rpc.create("ir.note", resource=f"account.invoice,{posting.erp_id}", message=f"{HELD}PRICE")
    rpc("account.move.line.payment_block", [due(rpc, posting)["id"]])
    release = told(ReleaseHold, posting)
    assert await erp.find(release) is None
    await erp.write(release)
    assert not due(rpc, posting)["payment_blocked"]
    assert await erp.find(release) is not None


async def test_the_same_approved_hold_is_placed_once(erp: Erp, rpc: TrytonRpc) -> None:
    posting = await erp.write(approved(an_entry("MH-10", costs("10.00"))))
    order, log = told(HoldInvoice, posting), MemoryLog()
    for _ in range(2):
        await post_once(erp, order, log, no_pause, looks=(0.0,))
    assert log.notes == ["sent", "done"]
    with pytest.raises(ErpRejected, match="already in the ERP"):
        await post_once(erp, order, MemoryLog(), no_pause, looks=(0.0,))
    assert len(rpc.rows(HOLD, [["invoice", "=", int(posting.erp_id)]])) == 1


def test_the_field_list_of_the_module_is_what_the_running_server_tells(rpc: TrytonRpc) -> None:
    for model, fields in of_module().items():
        told: dict[str, Any] = rpc(f"{model}.fields_get", sorted(fields))
        assert {name: (field["type"], field.get("relation")) for name, field in told.items()} == {
            name: (field.type, field.relation) for name, field in fields.items()
        }


def test_its_views_are_accepted_by_the_server(rpc: TrytonRpc) -> None:
    for kind in ("form", "tree"):
        assert "reason" in rpc(f"{HOLD}.fields_view_get", None, kind)["fields"]
    assert "hold_reasons" in rpc("account.invoice.fields_view_get", None, "form")["fields"]
