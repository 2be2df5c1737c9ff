"""Originals that only the ERP holds, posted before we began or by hand, are found like our own documents."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tests.graph.office import CLEO, Office
from tests.graph.papers import NORD, TODAY, a_document
from tools.domain.audit import HistoryRead
from tools.domain.documents import DocumentType
from tools.erp.sandbox.actions import posting_of
from tools.erp.sandbox.books import DocumentLine
from tools.erp_history import ErpHistory
from tools.matching.invoice_numbers import spellings


def a_line(amount: str = "100.00") -> DocumentLine:
    price = Decimal(amount)
    return DocumentLine(
        line_id="10000", account="4100", description="Goods", quantity=Decimal(1), unit_price=price
    )


def draft_by_hand(office: Office, number: str, day: date = TODAY, amount: str = "100.00") -> str:
    """A clerk types a document into the ERP, without us; the record's id."""
    header = {"supplier_number": number, "invoice_date": day, "posting_date": day}
    line = a_line(amount)
    return office.books.documents.create(DocumentType.INVOICE, NORD, lines=[line], **header).document_id


async def enter_by_hand(office: Office, number: str, day: date = TODAY, amount: str = "100.00") -> None:
    """A clerk posts a document in the ERP, and the next sync reads it."""
    office.books.payables.post(draft_by_hand(office, number, day, amount))
    office.clock.later(hours=1)
    await office.app.suppliers.sync()


def readings(office: Office) -> list[HistoryRead]:
    log = office.app.service.deps.log
    return [record.event for record in log.records() if isinstance(record.event, HistoryRead)]


async def test_another_spelling_of_an_original_that_only_the_erp_holds_is_flagged(office: Office) -> None:
    assert "INV-77" not in spellings("RE-77"), "the ERP itself is not asked for this number"
    await enter_by_hand(office, "INV-77", TODAY - timedelta(days=40))
    case = await office.take_in(a_document("RE-77"))
    assert "duplicate_suspect" in case.blocks
    (found,) = [
        entry
        for entry in (await office.app.service.show(case.case_id)).findings
        if entry.kind == "duplicate_suspect"
    ]
    assert "INV-77" in found.message and "in the ERP" in found.message
    case = await office.answer(case, "not_a_duplicate", CLEO, "another delivery")
    assert case.stage == "waiting_for_approval"
    assert (await office.approve(case)).stage == "posted"


async def test_the_same_amount_within_days_is_pointed_out_whatever_the_number(office: Office) -> None:
    await enter_by_hand(office, "X-4711", TODAY - timedelta(days=2))
    case = await office.take_in(a_document("RE-88"))
    assert "duplicate_suspect" in case.blocks + case.warnings


async def test_another_amount_under_another_number_is_no_copy(office: Office) -> None:
    await enter_by_hand(office, "X-4711", TODAY - timedelta(days=2), "90.00")
    case = await office.take_in(a_document("RE-88"))
    assert "duplicate_suspect" not in case.blocks + case.warnings


async def test_rent_whose_earlier_months_are_only_in_the_erp_is_no_copy(office: Office) -> None:
    for month in (1, 2):
        await enter_by_hand(office, f"M-2026-{month:02}", date(2026, month, 3))
    case = await office.take_in(a_document("M-2026-03", day=date(2026, 3, 3)))
    assert "duplicate_suspect" not in case.blocks + case.warnings


async def test_what_we_posted_is_not_read_back_as_a_copy(office: Office) -> None:
    case = await office.take_in(a_document("RE-1"))
    assert (await office.approve(case)).stage == "posted"
    office.clock.later(hours=1)
    await office.app.suppliers.sync()
    assert readings(office) == []
    copy = await office.take_in(a_document("INV 1", notes=("copy",)))
    shown = await office.app.service.show(copy.case_id)
    (told,) = [entry for entry in shown.findings if entry.kind == "duplicate_suspect"]
    assert f"case {case.case_id}" in told.message


async def test_what_was_read_between_the_posting_and_our_note_of_it_is_told_as_its_case(
    office: Office,
) -> None:
    log = office.app.service.deps.log
    history = ErpHistory(log.store, log)

    def read() -> None:
        history.take([posting_of(entry) for entry in office.books.books.documents.values()])

    case = await office.take_in(a_document("RE-1"))
    office.line.after["write"] = read
    assert (await office.approve(case)).stage == "posted"
    assert readings(office)[-1].held == 1
    copy = await office.take_in(a_document("INV 1", notes=("copy",)))
    shown = await office.app.service.show(copy.case_id)
    (told,) = [entry for entry in shown.findings if entry.kind == "duplicate_suspect"]
    assert f"case {case.case_id}" in told.message


async def test_a_second_reading_changes_nothing(office: Office) -> None:
    await enter_by_hand(office, "INV-77")
    assert readings(office) == [HistoryRead(added=1, changed=0, held=1)]
    await office.app.suppliers.sync(complete=True)
    await office.app.suppliers.sync()
    assert len(readings(office)) == 1


async def test_a_draft_counts_only_while_the_erp_still_has_it(office: Office) -> None:
    draft = draft_by_hand(office, "INV-77")
    office.clock.later(hours=1)
    await office.app.suppliers.sync()
    first = await office.take_in(a_document("RE-77"))
    assert "duplicate_suspect" in first.blocks
    office.books.documents.delete(draft)
    later = await office.take_in(a_document("RE-77", notes=("again",)))
    shown = await office.app.service.show(later.case_id)
    told = [entry.message for entry in shown.findings if entry.kind == "duplicate_suspect"]
    assert told and not any("INV-77" in message for message in told)


async def test_a_posted_original_that_was_cancelled_in_the_erp_is_read_again(office: Office) -> None:
    await enter_by_hand(office, "INV-77")
    (held,) = [entry for entry in office.books.books.documents.values()]
    office.books.payables.reverse(held.document_id, TODAY, "entered twice")
    office.clock.later(hours=1)
    await office.app.suppliers.sync()
    case = await office.take_in(a_document("RE-77"))
    assert "duplicate_suspect" not in case.blocks
