"""Each finding from the document to what a person may choose, and what each choice does."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agent.service import Refused
from tests.graph.office import Office
from tests.graph.papers import (
    AWAITED,
    BRACKETS,
    FOREIGN_IBAN,
    LINE,
    NORD,
    PLAIN,
    SHARED,
    SUED,
    a_document,
)
from tools.domain import audit
from tools.domain.money import Money
from tools.domain.supplier import SupplierBlock

DEARER = {"rows": (("BRACKET", "Bracket", "10", "12.00"),)}
UNDELIVERED = {"order": AWAITED, "rows": (("BRACKET", "Bracket", "20", "10.00"),)}
WITHOUT_ORDER = {"order": None, "rows": (("", "Consulting", "1", "300.00"),)}

FINDINGS: dict[str, tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
    "a higher price": (
        DEARER,
        ("price_over",),
        ("accept_price", "park", "order_changed", "request_credit_note", "ask_supplier")
        + ("return_to_supplier",),
    ),
    "more than was received and ordered": (
        {"rows": (("BRACKET", "Bracket", "15", "10.00"),)},
        ("qty_over_received", "qty_over_ordered"),
        ("park", "wait_for_receipt", "request_credit_note", "ask_supplier", "return_to_supplier")
        + ("order_changed", "wait_for_buyer", "return_goods"),
    ),
    "nothing was received": (
        UNDELIVERED,
        ("no_receipt",),
        ("park", "wait_for_receipt", "return_to_supplier"),
    ),
    "no order": (
        WITHOUT_ORDER,
        ("no_po", "coding_unsure"),
        ("give_order", "ask_supplier", "return_to_supplier", "give_account")
        + ("order:PO100004", "order:PO100002", "order:PO100001"),
    ),
    "an order that does not exist": (
        {"order": "PO999999"},
        ("bad_po", "coding_unsure"),
        ("give_order", "wait_for_buyer", "ask_supplier", "return_to_supplier", "give_account")
        + ("order:PO100001", "order:PO100002", "order:PO100004"),
    ),
    "freight nobody ordered": (
        {"rows": (BRACKETS, ("", "Freight charge", "1", "60.00"))},
        ("unplanned_freight",),
        ("accept_freight", "park", "ask_supplier", "return_to_supplier"),
    ),
    "a line nobody ordered": (
        {"rows": (BRACKETS, ("", "Engraving", "1", "60.00"))},
        ("unplanned_line", "coding_unsure"),
        ("give_order_line", "order_changed", "return_to_supplier", "give_account"),
    ),
    "an account nobody verified": (
        {"iban": FOREIGN_IBAN},
        ("bank_change",),
        ("bank_verified", "wait_for_callback", "report_fraud"),
    ),
    "another addressee": (
        {"buyer": "Someone Else AG"},
        ("wrong_company",),
        ("forward_to_company", "return_to_supplier"),
    ),
    "a date in the future": (
        {"day": date(2026, 4, 1)},
        ("date_implausible",),
        ("accept_date", "park", "ask_supplier", "return_to_supplier"),
    ),
    "a period that is not open yet": (
        {"day": date(2027, 1, 2)},
        ("period_closed", "date_implausible"),
        ("wait_for_period", "ask_supplier", "return_to_supplier"),
    ),
    "a credit for what was never billed": (
        {"credit": True, "rows": (("BRACKET", "Bracket", "2", "10.00"),)},
        ("credit_exceeds",),
        ("ask_supplier", "return_to_supplier"),
    ),
}

ENTRIES = {
    "a higher price": ("amend_order",),
    "more than was received and ordered": ("enter_receipt", "amend_order"),
    "nothing was received": ("enter_receipt",),
}
"""What people may have entered besides, where the ERP can."""


@pytest.mark.parametrize("finding", FINDINGS)
async def test_a_finding_stops_the_document_and_offers_its_ways_out(office: Office, finding: str) -> None:
    document, blocks, options = FINDINGS[finding]
    case = await office.take_in(a_document(**document))
    assert (case.stage, case.blocks) == ("waiting_for_answer", blocks)
    entries = ENTRIES.get(finding, ()) if office.kind == "sandbox" else ()
    assert await office.options(case) == [*options, *entries, "recheck"]
    assert case.digest is None


async def test_a_price_a_person_accepts_is_proposed_with_the_reason_and_posted(office: Office) -> None:
    case = await office.take_in(a_document(**DEARER))
    case = await office.answer(case, "accept_price", remark="agreed with the buyer", reason="new price list")
    assert case.stage == "waiting_for_approval"
    shown = (await office.app.service.show(case.case_id)).proposal
    assert shown is not None
    assert any("cleo: Accept the higher price. agreed with the buyer" in line for line in shown.reasons)
    assert office.posted() == []
    case = await office.approve(case)
    assert case.stage == "posted"
    assert str(office.posted()[0].totals.gross) == "142.80"


async def test_an_answer_that_needs_a_reason_is_refused_without_one(plain_office: Office) -> None:
    case = await plain_office.take_in(a_document(**DEARER))
    with pytest.raises(Refused, match="needs a value for: reason"):
        await plain_office.answer(case, "accept_price")
    with pytest.raises(Refused, match="is not offered"):
        await plain_office.answer(case, "post_anyway", reason="now")
    assert plain_office.case(case.case_id).stage == "waiting_for_answer"


async def test_a_parked_invoice_stands_in_the_erp_without_ledger_effect(office: Office) -> None:
    before = office.books.dump()["trial_balance"]
    case = await office.take_in(a_document(**DEARER))
    case = await office.answer(case, "park")
    assert case.action == "park_invoice"
    case = await office.approve(case)
    assert case.stage == "parked"
    (draft,) = office.drafts()
    assert (draft.supplier_number, office.posted()) == ("RE-1", [])
    assert office.books.dump()["trial_balance"] == before


async def test_a_case_on_hold_goes_on_when_the_receipt_is_there(office: Office) -> None:
    case = await office.take_in(a_document(**UNDELIVERED))
    case = await office.answer(case, "wait_for_receipt")
    assert case.stage == "on_hold"
    assert case.reason.startswith("Wait for the receipt")
    case = await office.app.service.fresh().recheck(case.case_id)
    assert (case.stage, case.blocks) == ("on_hold", ("no_receipt",))
    office.receive_goods(AWAITED, "20")
    case = await office.app.service.fresh().recheck(case.case_id)
    assert (case.stage, case.blocks) == ("waiting_for_approval", ())
    assert (await office.approve(case)).stage == "posted"


async def test_a_case_on_hold_comes_back_when_the_findings_are_others(office: Office) -> None:
    case = await office.take_in(a_document(**UNDELIVERED))
    case = await office.answer(case, "wait_for_receipt")
    office.receive_goods(AWAITED, "5")
    case = await office.app.service.fresh().recheck(case.case_id)
    assert (case.stage, case.blocks) == ("waiting_for_answer", ("qty_over_received",))


async def test_the_program_checks_again_in_its_own_name(plain_office: Office) -> None:
    office = plain_office
    held = await office.answer(await office.take_in(a_document(**UNDELIVERED)), "wait_for_receipt")
    asked = await office.take_in(a_document("RE-2", iban=FOREIGN_IBAN))
    proposed = await office.take_in(
        a_document("RE-3", order=SHARED, rows=(("BRACKET", "Bracket", "4", "2.50"),))
    )
    office.receive_goods(AWAITED, "20")
    results = await office.app.recheck(None)
    assert [(result["case"], result["stage"]) for result in results] == [
        (held.case_id, "waiting_for_approval"),
        (asked.case_id, "waiting_for_answer"),
    ]
    record = [
        entry for entry in office.app.service.follow(held.case_id) if entry.event.kind == "question_answered"
    ][-1]
    assert (record.actor, record.event.option) == (audit.SERVICE, "recheck")
    with pytest.raises(Refused, match="asks nothing"):
        await office.app.service.recheck(proposed.case_id)
    assert office.posted() == []


async def test_a_document_sent_back_is_closed_and_never_posted(office: Office) -> None:
    case = await office.take_in(a_document(**DEARER))
    case = await office.answer(case, "return_to_supplier", reason="wrong price")
    assert case.stage == "rejected"
    assert (office.posted(), office.drafts()) == ([], [])
    (closed,) = office.events(case, audit.CaseClosed)
    assert closed.outcome == "rejected"


async def test_a_changed_order_is_read_again(office: Office) -> None:
    case = await office.take_in(a_document(**DEARER))
    office.books.purchasing.amend_line(PLAIN, LINE, unit_price=Money.of("12.00", "EUR"))
    case = await office.answer(case, "order_changed")
    assert (case.stage, case.blocks) == ("waiting_for_approval", ())
    assert (await office.approve(case)).stage == "posted"


@pytest.mark.parametrize(
    "named", [{"option": f"order:{PLAIN}"}, {"option": "give_order", "order_number": PLAIN}]
)
async def test_an_order_a_person_names_is_the_one_that_is_billed(
    office: Office, named: dict[str, str]
) -> None:
    case = await office.take_in(a_document(order="PO999999"))
    case = await office.answer(case, **named)
    assert (case.stage, case.blocks) == ("waiting_for_approval", ())
    shown = (await office.app.service.show(case.case_id)).proposal
    assert shown is not None
    assert f"bills {PLAIN}/{LINE}" in shown.lines[0]
    assert (await office.approve(case)).stage == "posted"


async def test_an_invoice_without_order_is_posted_to_the_account_and_with_the_consent_of_people(
    office: Office,
) -> None:
    case = await office.take_in(a_document(**WITHOUT_ORDER))
    case = await office.answer(case, "give_account", account="4100")
    assert case.blocks == ("no_po",)
    case = await office.answer(case, "post_without_order", reason="the requester confirmed it")
    assert case.stage == "waiting_for_approval"
    case = await office.approve(case)
    assert case.stage == "posted"
    assert office.posted()[0].lines[0].account == "4100"


async def test_an_account_the_erp_does_not_know_is_asked_for_before_anything_is_sent(office: Office) -> None:
    case = await office.take_in(a_document(**WITHOUT_ORDER))
    case = await office.answer(case, "give_account", account="4999")
    assert case.blocks == ("no_po", "coding_unsure")
    assert "4999" in case.reason and "does not exist" in case.reason
    assert "post_without_order" not in await office.options(case)
    assert office.posted() == []


async def test_an_order_line_a_person_chooses_is_the_one_that_is_billed(office: Office) -> None:
    case = await office.take_in(a_document(rows=(("PAPER", "Angle piece", "10", "10.00"),)))
    assert case.blocks == ("unplanned_line", "coding_unsure")
    case = await office.answer(case, "give_order_line", order_line=f"1:{PLAIN}/{LINE}")
    assert (case.stage, case.blocks) == ("waiting_for_approval", ())
    assert (await office.approve(case)).stage == "posted"
    assert office.books.purchasing.line(PLAIN, LINE).received == 10


async def test_an_order_line_written_wrongly_is_asked_for_again(office: Office) -> None:
    case = await office.take_in(a_document(rows=(BRACKETS, ("", "Engraving", "1", "60.00"))))
    case = await office.answer(case, "give_order_line", order_line="the second one")
    assert (case.stage, case.blocks) == ("waiting_for_answer", ("unplanned_line", "coding_unsure"))
    detail = await office.app.service.show(case.case_id)
    assert detail.question is not None
    assert "POSITION:ORDER/LINE" in detail.question.explanation[0]


async def test_another_supplier_may_be_chosen_when_the_first_is_blocked(office: Office) -> None:
    office.books.master.block_supplier(NORD, SupplierBlock.ALL)
    case = await office.take_in(a_document())
    assert case.blocks == ("supplier_blocked",)
    case = await office.answer(case, "give_supplier", supplier_id=SUED)
    assert case.supplier_id == SUED
    assert case.stage == "waiting_for_answer"
    assert office.posted() == []


async def test_a_bank_account_counts_only_once_a_person_has_recorded_it(office: Office) -> None:
    case = await office.take_in(a_document(iban=FOREIGN_IBAN))
    case = await office.answer(case, "bank_verified", bank_verified="they told me on the phone")
    assert (case.stage, case.blocks) == ("waiting_for_answer", ("bank_change",))
    office.verify(NORD, FOREIGN_IBAN)
    case = await office.answer(case, "recheck")
    assert (case.stage, case.blocks) == ("waiting_for_approval", ())
    assert (await office.approve(case)).stage == "posted"


async def test_fraud_that_a_person_reports_closes_the_case(office: Office) -> None:
    case = await office.take_in(a_document(iban=FOREIGN_IBAN))
    case = await office.answer(case, "report_fraud", reason="the supplier knows nothing of it")
    assert case.stage == "rejected"
    assert office.posted() == []


async def test_what_a_person_decided_stands_through_later_questions(office: Office) -> None:
    """An order that was named stays named when another finding is settled after it."""
    case = await office.take_in(a_document(order="PO999999", iban=FOREIGN_IBAN))
    case = await office.answer(case, "give_order", order_number=PLAIN)
    assert case.blocks == ("bank_change",)
    office.verify(NORD, FOREIGN_IBAN)
    case = await office.answer(case, "recheck")
    assert (case.stage, case.blocks) == ("waiting_for_approval", ())
