"""From document to posting, over each ERP: what an ordinary day looks like."""

from __future__ import annotations

import pytest

from agent.service import Refused
from tests.graph.office import BERT, CLEO, STRANGER, Office
from tests.graph.papers import (
    FOREIGN_IBAN,
    LINE,
    NORD,
    PAPER,
    PLAIN,
    SHARED,
    SUED,
    SUED_NAME,
    SUED_VAT,
    a_document,
)
from tools.domain import audit
from tools.domain.decision import Decision
from tools.domain.money import Money
from tools.domain.supplier import SupplierBlock
from tools.erp.contract import PostingWindow


async def test_a_clean_invoice_is_proposed_approved_and_posted_once(office: Office) -> None:
    case = await office.take_in(a_document())
    assert (case.stage, case.blocks) == ("waiting_for_approval", ())
    assert office.posted() == []
    case = await office.approve(case)
    assert case.stage == "posted"
    (document,) = office.posted()
    assert (document.supplier_id, str(document.totals.gross)) == (NORD, "119.00")
    assert case.erp_number == document.number
    office.verified()


async def test_what_is_posted_is_what_was_approved(office: Office) -> None:
    case = await office.take_in(a_document())
    shown = (await office.app.service.show(case.case_id)).proposal
    assert shown is not None
    case = await office.approve(case)
    (given,) = office.events(case, audit.ApprovalGiven)
    (done,) = office.events(case, audit.PostingDone)
    assert given.digest == shown.digest == done.digest
    assert shown.amounts == "net 100.00 EUR, tax 19.00 EUR, gross 119.00 EUR"
    assert str(done.posting.gross) == "119.00 EUR"


async def test_an_invoice_of_an_unknown_supplier_goes_on_with_the_supplier_a_person_names(
    office: Office,
) -> None:
    case = await office.take_in(a_document(name="Alpha Beta Ltd", vat_id=None, order=None, city="London"))
    assert case.stage == "waiting_for_answer"
    case = await office.answer(case, "supplier", supplier_id=NORD)
    assert (case.supplier_id, case.blocks) == (NORD, ("no_po", "coding_unsure"))
    case = await office.answer(case, "give_order", order_number=PLAIN)
    case = await office.approve(case)
    assert case.stage == "posted"


async def test_a_supplier_the_erp_does_not_have_is_asked_for_again(office: Office) -> None:
    case = await office.take_in(a_document(name="Alpha Beta Ltd", vat_id=None, order=None, city="London"))
    case = await office.answer(case, "supplier", supplier_id="V99999")
    assert case.stage == "waiting_for_answer"
    assert case.supplier_id is None
    detail = await office.app.service.show(case.case_id)
    assert detail.question is not None
    assert detail.question.explanation == ("the ERP has no supplier V99999",)
    case = await office.answer(case, "reject", remark="not ours")
    assert case.stage == "rejected"


async def test_an_order_changed_after_the_proposal_needs_a_new_approval(office: Office) -> None:
    case = await office.take_in(a_document(rows=(("BRACKET", "Bracket", "10", "9.90"),)))
    first = case.digest
    office.books.purchasing.amend_line(PLAIN, LINE, unit_price=Money.of("9.90", "EUR"))
    case = await office.approve(case)
    assert case.stage == "waiting_for_approval"
    assert case.digest != first
    assert office.posted() == []
    case = await office.approve(case)
    assert case.stage == "posted"


async def test_a_supplier_blocked_after_the_proposal_gets_nothing_posted(office: Office) -> None:
    case = await office.take_in(a_document())
    office.books.master.block_supplier(NORD, SupplierBlock.ALL)
    case = await office.approve(case)
    assert (case.stage, case.blocks) == ("waiting_for_answer", ("supplier_blocked",))
    assert office.posted() == []
    office.books.master.block_supplier(NORD, SupplierBlock.NONE)
    case = await office.answer(case, "recheck")
    case = await office.approve(case)
    assert case.stage == "posted"


async def test_a_period_closed_after_the_proposal_is_told_in_the_erps_words(office: Office) -> None:
    case = await office.take_in(a_document())
    open_from = office.clock.now.date().replace(day=17)
    office.books.master.set_window(PostingWindow(first_open=open_from))
    case = await office.approve(case)
    assert case.stage == "waiting_for_answer"
    assert "posting date" in case.reason.lower()
    assert await office.options(case) == ["rematch", "reject"]
    case = await office.answer(case, "rematch")
    assert (case.stage, case.warnings) == ("waiting_for_approval", ("period_closed",))
    case = await office.approve(case)
    (document,) = office.posted()
    assert (case.stage, document.posting_date) == ("posted", open_from)


async def test_of_two_invoices_on_one_order_line_the_second_is_stopped(office: Office) -> None:
    first = await office.take_in(
        a_document("RE-1", order=SHARED, rows=(("BRACKET", "Bracket", "60", "2.50"),))
    )
    second = await office.take_in(
        a_document("RE-2", order=SHARED, rows=(("BRACKET", "Bracket", "50", "2.50"),))
    )
    assert first.stage == second.stage == "waiting_for_approval"
    assert (await office.approve(first)).stage == "posted"
    second = await office.approve(second)
    assert second.stage == "waiting_for_answer"
    assert "qty_over_ordered" in second.blocks
    assert office.posted("RE-2") == []


async def test_the_rest_of_a_partly_billed_order_line_can_be_billed(office: Office) -> None:
    for number, quantity in (("RE-1", "60"), ("RE-2", "40")):
        rows = (("BRACKET", "Bracket", quantity, "2.50"),)
        case = await office.take_in(a_document(number, order=SHARED, rows=rows))
        assert (await office.approve(case)).stage == "posted"


async def test_the_same_invoice_in_two_files_is_posted_once(office: Office) -> None:
    first = await office.take_in(a_document())
    second = await office.take_in(a_document(notes=("second copy",)))
    assert "duplicate_suspect" in second.blocks
    assert (await office.approve(first)).stage == "posted"
    second = await office.answer(second, "confirm_duplicate")
    assert second.stage == "rejected"
    assert len(office.posted()) == 1


async def test_even_a_duplicate_that_a_person_cleared_is_not_posted_twice(office: Office) -> None:
    first = await office.take_in(a_document(order=SHARED, rows=(("BRACKET", "Bracket", "4", "2.50"),)))
    assert (await office.approve(first)).stage == "posted"
    second = await office.take_in(
        a_document(order=SHARED, rows=(("BRACKET", "Bracket", "4", "2.50"),), notes=("again",))
    )
    assert "not_a_duplicate" in await office.options(second)
    second = await office.answer(second, "not_a_duplicate", reason="looks like another delivery")
    assert second.stage == "waiting_for_approval"
    second = await office.approve(second)
    assert second.stage == "waiting_for_answer"
    assert len(office.posted()) == 1


async def test_a_credit_note_is_posted_as_one(office: Office) -> None:
    invoice = await office.approve(await office.take_in(a_document()))
    assert invoice.erp_number is not None
    note = a_document("CN-1", credit=True, preceding="RE-1", rows=(("BRACKET", "Bracket", "2", "10.00"),))
    case = await office.take_in(note)
    assert (case.stage, case.action) == ("waiting_for_approval", "post_credit_note")
    case = await office.approve(case)
    assert case.stage == "posted"
    (document,) = office.posted("CN-1")
    assert (document.document_type, document.preceding) == ("credit_note", invoice.erp_number)
    owed = office.books.ledger.subledger()[NORD]
    assert str(owed) == "95.20"


async def test_a_rejected_proposal_closes_the_case_with_the_reason(office: Office) -> None:
    case = await office.take_in(a_document())
    case = await office.decide(case, Decision.REJECT, remark="not ordered by us")
    assert case.stage == "rejected"
    assert "not ordered by us" in case.reason
    assert office.posted() == []
    with pytest.raises(Refused, match="does not wait for an approval"):
        await office.approve(case)


async def test_an_approval_of_an_older_proposal_is_refused_and_noted(plain_office: Office) -> None:
    office = plain_office
    case = await office.take_in(a_document())
    with pytest.raises(Refused, match="has changed since it was shown"):
        await office.app.service.decide(case.case_id, "0" * 64, Decision.APPROVE, "anna")
    (refused,) = office.events(case, audit.ApprovalRefused)
    assert (refused.digest, refused.person) == ("0" * 64, "anna")
    assert office.case(case.case_id).stage == "waiting_for_approval"


@pytest.mark.parametrize(
    ("person", "reason"),
    [(STRANGER, "not an approver"), (CLEO, "not an approver"), (BERT, "above the limit")],
)
async def test_who_may_not_approve_is_refused_and_noted(
    plain_office: Office, person: str, reason: str
) -> None:
    office = plain_office
    case = await office.take_in(a_document())
    with pytest.raises(Refused, match=reason):
        await office.approve(case, person)
    (refused,) = office.events(case, audit.ApprovalRefused)
    assert (refused.person, refused.digest) == (person, case.digest)
    assert office.posted() == []


async def test_a_person_outside_the_office_can_neither_reject_nor_answer(plain_office: Office) -> None:
    office = plain_office
    waiting = await office.take_in(a_document())
    with pytest.raises(Refused, match="neither clerk nor approver"):
        await office.decide(waiting, Decision.REJECT, STRANGER)
    asked = await office.take_in(a_document("RE-2", iban=FOREIGN_IBAN))
    with pytest.raises(Refused, match="neither clerk nor approver"):
        await office.answer(asked, "report_fraud", STRANGER, reason="mine")
    assert office.case(waiting.case_id).stage == "waiting_for_approval"
    assert office.case(asked.case_id).stage == "waiting_for_answer"


async def test_a_clerk_may_reject(plain_office: Office) -> None:
    case = await plain_office.take_in(a_document())
    assert (await plain_office.decide(case, Decision.REJECT, CLEO)).stage == "rejected"


async def test_invoices_of_two_suppliers_go_their_own_way(office: Office) -> None:
    paper = a_document(
        "P-7", order=PAPER, rows=(("PAPER", "Paper A4", "5", "40.00"),), name=SUED_NAME, vat_id=SUED_VAT,
        city="Ulm", iban="DE62370400440532013001",
    )  # fmt: skip
    first, second = await office.take_in(a_document()), await office.take_in(paper)
    assert (first.supplier_id, second.supplier_id) == (NORD, SUED)
    assert (await office.approve(second)).stage == "posted"
    assert (await office.approve(first)).stage == "posted"
    assert [entry.supplier_id for entry in (*office.posted("P-7"), *office.posted())] == [SUED, NORD]
