"""Holds by the module of `extension/`, over the sandbox: drafts too, one call each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.erp.orders import an_invoice, approved, invoice_fields
from tests.erp.test_tryton_connector import Desk, a_desk
from tests.erp.tryton_setup import settings
from tests.erp.world import COMPANY, OFFICE, TOOLS
from tools.domain.decision import HoldInvoice, ParkInvoice, Posting, PostingState, ReleaseHold
from tools.erp.errors import ErpRejected, ErpUnavailable, OutcomeUnknown
from tools.erp.sandbox.faults import FaultKind
from tools.erp.tryton import connector
from tools.erp.tryton.holding import HELD
from tools.erp.tryton.sandbox_schema import UserError

HOLD = "account.invoice.hold"


def a_hold(number: str, reason: str = "PRICE", supplier: str = TOOLS) -> Any:
    row = {"company": COMPANY, "supplier_id": supplier, "posted_number": number}
    return approved(HoldInvoice(**row, reason_code=reason))  # type: ignore[arg-type]


def a_release(number: str, reason: str = "PRICE", supplier: str = TOOLS) -> Any:
    return approved(ReleaseHold(**a_hold(number, reason, supplier).action.model_dump(exclude={"kind"})))


async def a_parked_draft(desk: Desk) -> Posting:
    posting: Posting = await desk.erp.write(approved(ParkInvoice(**invoice_fields())))
    return posting


async def test_a_held_draft_is_refused_with_its_reasons_and_posted_when_they_are_gone() -> None:
    desk = a_desk()
    parked = await a_parked_draft(desk)
    for reason in ("PRICE", "QUANTITY"):
        placed = await desk.erp.write(a_hold(parked.number, reason, OFFICE))
        assert (placed.erp_id, placed.state) == (parked.erp_id, PostingState.DRAFT)
    with pytest.raises(ErpRejected, match="is on hold and cannot be posted: PRICE, QUANTITY"):
        await desk.erp.write(approved(an_invoice()))
    await desk.erp.write(a_release(parked.number, "PRICE", OFFICE))
    with pytest.raises(ErpRejected, match="cannot be posted: QUANTITY"):
        await desk.erp.write(approved(an_invoice()))
    assert desk.company.documents.of_supplier(OFFICE, parked.document_type, "VD-90001")[0].state is (
        PostingState.DRAFT
    )
    await desk.erp.write(a_release(parked.number, "QUANTITY", OFFICE))
    posted = await desk.erp.write(approved(an_invoice()))
    assert (posted.state, posted.erp_id) == (PostingState.POSTED, parked.erp_id)


async def test_a_hold_is_one_call_and_leaves_no_note() -> None:
    desk = a_desk()
    await desk.erp.write(a_hold("510001"))
    assert desk.company.documents.by_number("510001").holds == ("PRICE",)
    await desk.erp.write(a_release("510001"))
    assert desk.company.documents.by_number("510001").holds == ()
    assert (desk.called(f"{HOLD}.create"), desk.called(f"{HOLD}.release")) == (1, 1)
    assert desk.called("ir.note.create") == desk.called('payment_block"') == 0


async def test_a_reason_that_was_released_is_placed_again_as_a_record_of_its_own() -> None:
    desk = a_desk()
    for _ in range(2):
        await desk.erp.write(a_hold("510001"))
        assert await desk.erp.find(a_release("510001")) is None
        await desk.erp.write(a_release("510001"))
        assert await desk.erp.find(a_hold("510001")) is None
    rows = desk.server.models.call(f"{HOLD}.search_read", [[], 0, None, None, ["reason", "released_at"]], {})
    assert [(row["reason"], row["released_at"] is not None) for row in rows] == [("PRICE", True)] * 2


@pytest.mark.parametrize(
    ("number", "supplier", "told"),
    [
        ("510001", OFFICE, "no invoice 510001 of"),
        ("(999)", TOOLS, "no invoice"),
        ("519999", TOOLS, "no invoice"),
    ],
)
async def test_what_is_not_there_is_not_held(number: str, supplier: str, told: str) -> None:
    desk = a_desk()
    assert await desk.erp.find(a_hold(number, supplier=supplier)) is None
    with pytest.raises(ErpRejected, match=told):
        await desk.erp.write(a_hold(number, supplier=supplier))
    assert desk.called(f"{HOLD}.create") == 0


async def test_a_paid_invoice_and_a_second_hold_for_one_reason_are_refused_in_trytons_words() -> None:
    desk = a_desk()
    await desk.erp.write(a_hold("510001"))
    with pytest.raises(ErpRejected, match="on hold for this reason already: PRICE"):
        await desk.erp.write(a_hold("510001"))
    with pytest.raises(ErpRejected, match="hold reason NO-SUCH does not exist"):
        await desk.erp.write(a_hold("510001", "NO-SUCH"))
    with pytest.raises(ErpRejected, match="paid or cancelled"):
        await desk.erp.write(a_hold("510002", supplier=OFFICE))


async def test_a_draft_that_was_held_is_not_deleted() -> None:
    desk = a_desk()
    parked = await a_parked_draft(desk)
    await desk.erp.write(a_hold(parked.number, supplier=OFFICE))
    await desk.erp.write(a_release(parked.number, supplier=OFFICE))
    with pytest.raises(UserError, match="a hold names it"):
        desk.server.models.call("account.invoice.delete", [[int(parked.erp_id)]], {})


async def test_a_hold_cannot_be_got_round_by_other_calls_of_the_sandbox() -> None:
    desk = a_desk()
    held = await desk.erp.write(a_hold("510001"))
    call = desk.server.models.call
    (row,) = call(
        "account.invoice.search_read", [[["id", "=", int(held.erp_id)]], 0, 1, None, ["lines_to_pay"]], {}
    )
    (hold,) = call(f"{HOLD}.search", [[], 0, None, None], {})
    invoice, lines = int(held.erp_id), row["lines_to_pay"]
    for method, params, told in (
        ("account.move.line.payment_unblock", [lines], "is on hold and cannot be paid: PRICE"),
        ("account.move.line.payment_block", [lines], "no block without a hold"),
        (f"{HOLD}.create", [[{"invoice": invoice, "reason": "X", "released_at": None}]], "read-only"),
        (f"{HOLD}.create", [[{"invoice": invoice}]], "required"),
        (f"{HOLD}.release", [[hold + 1]], "can not call"),
    ):
        with pytest.raises(UserError, match=told):
            call(method, params, {})
    call(f"{HOLD}.release", [[hold]], {})
    with pytest.raises(UserError, match="not blocked"):
        call("account.move.line.payment_unblock", [lines], {})


async def test_a_note_from_before_the_module_ends_with_its_reason_and_frees_nothing_else() -> None:
    desk = a_desk()
    held = await desk.erp.write(a_hold("510001"))
    note = {"resource": f"account.invoice,{held.erp_id}", "message": f"{HELD}QUANTITY"}
    desk.server.models.call("ir.note.create", [[note]], {})
    assert await desk.erp.find(a_hold("510001", "QUANTITY")) is None, "a note holds nothing here"
    assert await desk.erp.find(a_release("510001", "QUANTITY")) is None
    await desk.erp.write(a_release("510001", "QUANTITY"))
    assert await desk.erp.find(a_release("510001", "QUANTITY")) is not None
    assert desk.company.documents.by_number("510001").holds == ("PRICE",)
    assert desk.called("payment_unblock") == 0


async def test_a_reason_that_is_a_note_and_a_record_is_released_from_both() -> None:
    desk = a_desk()
    held = await desk.erp.write(a_hold("510001"))
    note = {"resource": f"account.invoice,{held.erp_id}", "message": f"{HELD}PRICE"}
    desk.server.models.call("ir.note.create", [[note]], {})
    await desk.erp.write(a_release("510001"))
    assert desk.company.documents.by_number("510001").holds == ()
    assert desk.called("payment_unblock") == 0, "the release had freed the lines"


async def test_a_note_that_cannot_be_ended_after_the_release_is_an_unknown_outcome() -> None:
    desk = a_desk()
    held = await desk.erp.write(a_hold("510001"))
    note = {"resource": f"account.invoice,{held.erp_id}", "message": f"{HELD}PRICE"}
    desk.server.models.call("ir.note.create", [[note]], {})
    desk.faults.plan("ir.note.create", FaultKind.ERROR_BEFORE)
    with pytest.raises(OutcomeUnknown, match="its older note was not"):
        await desk.erp.write(a_release("510001"))
    assert await desk.erp.find(a_release("510001")) is not None


@pytest.mark.parametrize("kind", [FaultKind.REPLY_LOST, FaultKind.CONNECTION_REFUSED])
async def test_a_hold_without_an_answer_is_looked_for_before_anything_else(kind: FaultKind) -> None:
    desk = a_desk()
    desk.faults.plan(f"{HOLD}.create", kind)
    with pytest.raises((OutcomeUnknown, ErpUnavailable)):
        await desk.erp.write(a_hold("510001"))
    found = await desk.erp.find(a_hold("510001"))
    assert (found is not None) is (kind is FaultKind.REPLY_LOST)


async def test_the_settings_may_do_without_the_module() -> None:
    desk = a_desk()
    erp = connector.connect(settings(hold_module=False), transport=desk.recorder, clock=desk.clock)
    await erp.find(a_hold("510001"))
    assert desk.called(HOLD) == 0
    await erp.close()


async def test_a_server_without_the_module_is_named_with_what_to_do() -> None:
    desk = a_desk(hold_module=False)
    (told,) = await desk.erp.shortcomings()
    assert told.startswith("Tryton has no model account.invoice.hold: activate erp_agent_invoice_hold")
    assert "hold_module = false" in told
