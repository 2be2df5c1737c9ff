"""Copies of a document: seen in one batch, and once more right before the posting."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tests.graph.office import CLEO, Office
from tests.graph.papers import NORD, PLAIN, SHARED, TODAY, a_document
from tools.domain.audit import PostingRefused
from tools.domain.documents import DocumentType
from tools.erp.sandbox.books import DocumentLine

BY_HAND = DocumentLine(
    line_id="10000", account="4100", description="Brackets", quantity=Decimal(1), unit_price=Decimal("100.00")
)


def enter_by_hand(office: Office, number: str, day: date = TODAY) -> None:
    """A clerk types a document into the ERP and posts it, without us."""
    books = office.books
    header = {"supplier_number": number, "invoice_date": day, "posting_date": day}
    draft = books.documents.create(DocumentType.INVOICE, NORD, lines=[BY_HAND], **header)
    books.payables.post(draft.document_id)


async def test_what_a_clerk_entered_under_another_spelling_since_the_proposal_stops_it(
    office: Office,
) -> None:
    case = await office.take_in(a_document("RE-77"))
    assert case.stage == "waiting_for_approval"
    enter_by_hand(office, "77")
    case = await office.approve(case)
    assert case.stage == "waiting_for_answer" and "duplicate_suspect" in case.blocks
    assert not office.posted("RE-77") and len(office.posted("77")) == 1
    (refused,) = office.events(case, PostingRefused)
    assert "Possible duplicate of 77" in refused.reason
    again = await office.answer(case, "not_a_duplicate", CLEO, "another delivery")
    assert (await office.approve(again)).stage == "posted"
    assert len(office.posted("RE-77")) == 1


async def test_a_later_copy_that_was_posted_first_stops_the_earlier_one(office: Office) -> None:
    first = await office.take_in(a_document("RE-77"))
    second = await office.take_in(a_document("INV 77"))
    assert first.stage == "waiting_for_approval" and "duplicate_suspect" in second.blocks
    second = await office.answer(second, "not_a_duplicate", CLEO, "the other one goes back")
    assert (await office.approve(second)).stage == "posted"
    first = await office.approve(first)
    assert first.stage == "waiting_for_answer" and "duplicate_suspect" in first.blocks
    assert not office.posted("RE-77")


async def test_of_two_copies_in_one_batch_the_second_sees_the_first(office: Office) -> None:
    office.lay("a.xml", a_document("RE-891"))
    office.lay("b.xml", a_document("RE-819"))
    outcomes = {outcome.number: outcome for outcome in await office.run()}
    assert "duplicate_suspect" not in outcomes["RE-891"].findings
    assert "duplicate_suspect" in outcomes["RE-819"].findings
    assert outcomes["RE-819"].state == "waiting_for_answer"
    shown = await office.app.service.show(outcomes["RE-819"].case)
    (told,) = [found for found in shown.findings if found.rule == "duplicate.number.misread"]
    assert ("number", "RE-819", "RE-891") in told.compared
    for words in ("RE-891", "119.00 EUR", "one sign apart", outcomes["RE-891"].case):
        assert words in told.message


async def test_an_order_line_that_is_billed_twice_over_one_receipt_is_a_copy(office: Office) -> None:
    first = await office.take_in(a_document("RE-100", order=PLAIN))
    later = TODAY + timedelta(days=40)
    office.clock.later(days=45)
    second = await office.take_in(a_document("2026.4711", order=PLAIN, day=later))
    assert first.stage == "waiting_for_approval"
    found = (await office.app.service.show(second.case_id)).findings
    (told,) = [entry for entry in found if entry.rule == "duplicate.order_line"]
    assert f"{PLAIN}/10000" in told.message and told.severity == "block"


async def test_two_deliveries_of_one_order_line_are_no_copies(office: Office) -> None:
    rows = (("BRACKET", "Bracket", "20", "2.50"),)
    await office.take_in(a_document("RE-100", order=SHARED, rows=rows))
    office.clock.later(days=20)
    second = await office.take_in(
        a_document("RE-131", order=SHARED, rows=rows, day=TODAY + timedelta(days=15))
    )
    assert second.stage == "waiting_for_approval"
    assert "duplicate_suspect" not in second.blocks + second.warnings


async def test_what_was_rejected_is_not_posted_when_it_comes_again_until_a_person_clears_it(
    office: Office,
) -> None:
    first = await office.take_in(a_document("RE-5"))
    service = office.app.service
    shown = await service.show(first.case_id)
    assert shown.proposal is not None
    await office.app.reject(first.case_id, CLEO, "wrong price")
    second = await office.take_in(a_document("RE-5", notes=("sent once more",)))
    assert second.stage == "waiting_for_answer" and "duplicate_suspect" in second.blocks
    assert {"confirm_duplicate", "not_a_duplicate"} <= set(await office.options(second))
    (told,) = (await service.show(second.case_id)).findings
    for words in (first.case_id, f"rejected by {CLEO}", "wrong price"):
        assert words in told.message
    second = await office.answer(second, "not_a_duplicate", CLEO, "the buyer agrees to the price now")
    assert (await office.approve(second)).stage == "posted"


async def test_a_corrected_document_under_the_number_of_a_rejected_one_is_a_warning(office: Office) -> None:
    first = await office.take_in(a_document("RE-5", rows=(("BRACKET", "Bracket", "8", "10.00"),)))
    assert first.stage == "waiting_for_approval"
    await office.app.reject(first.case_id, CLEO, "two are missing on it")
    second = await office.take_in(a_document("RE-5"))
    assert "duplicate_suspect" in second.warnings and "duplicate_suspect" not in second.blocks
