"""Writes that are claimed: found after writing, once, and refused in the ERP's own words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.erp.orders import MemoryLog, an_action, an_invoice, approved, billing_lines, times_booked
from tests.erp.under_test import WRITES, ErpUnderTest
from tests.erp.world import ALL_BLOCKED, DOLLARS, OFFICE, PARTLY_RECEIVED, PAYMENT_BLOCKED, TODAY
from tools.domain.decision import InvoiceAction, PostingState, PostInvoice
from tools.domain.documents import DocumentType
from tools.domain.money import Money
from tools.domain.supplier import SupplierBlock
from tools.erp.contract import Capability
from tools.erp.errors import ErpChanged, ErpRejected, NotSupported
from tools.erp.posting import post_once

claimed_write = pytest.mark.parametrize("capability", WRITES)


async def no_pause(seconds: float) -> None:
    return None


@claimed_write
async def test_what_was_written_is_found_and_stands_in_the_books_once(
    under_test: ErpUnderTest, capability: Capability
) -> None:
    under_test.claimed(capability)
    action = an_action(capability, under_test.company)
    order = approved(action)
    assert await under_test.erp.find(order) is None
    assert times_booked(under_test.company, action) == 0
    posting = await under_test.erp.write(order)
    found = await under_test.erp.find(order)
    assert found is not None
    assert (found.erp_id, found.number, found.state) == (posting.erp_id, posting.number, posting.state)
    assert times_booked(under_test.company, action) == 1
    if isinstance(action, InvoiceAction):
        assert (found.net, found.tax, found.gross) == (action.net, action.tax, action.gross)
        assert (found.supplier_number, found.invoice_date) == (action.number, action.invoice_date)


@claimed_write
async def test_posting_the_same_order_twice_books_once(
    under_test: ErpUnderTest, capability: Capability
) -> None:
    under_test.claimed(capability)
    action = an_action(capability, under_test.company)
    order, log = approved(action), MemoryLog()
    first = await post_once(under_test.erp, order, log, no_pause)
    second = await post_once(under_test.erp, order, log, no_pause)
    assert (first.erp_id, log.notes) == (second.erp_id, ["sent", "done"])
    assert times_booked(under_test.company, action) == 1


@claimed_write
async def test_a_crash_before_the_note_does_not_book_twice(
    under_test: ErpUnderTest, capability: Capability
) -> None:
    under_test.claimed(capability)
    action = an_action(capability, under_test.company)
    order, log = approved(action), MemoryLog()
    log.sent(order)
    posting = await under_test.erp.write(order)
    again = await post_once(under_test.erp, order, log, no_pause)
    assert again.erp_id == posting.erp_id
    assert log.notes == ["sent", "found"]
    assert times_booked(under_test.company, action) == 1


@claimed_write
async def test_a_declined_write_is_refused_with_its_reason(
    under_test: ErpUnderTest, capability: Capability
) -> None:
    if capability in under_test.erp.capabilities:
        assert capability not in under_test.erp.declined
        return
    before = under_test.requests()
    with pytest.raises(NotSupported) as error:
        await under_test.erp.write(approved(an_action(capability, under_test.company)))
    assert str(error.value) == under_test.erp.declined[capability]
    assert under_test.requests() == before


async def test_a_posted_invoice_owes_the_supplier_what_was_approved(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.POST_INVOICE)
    before = under_test.company.ledger.payables()
    posting = await under_test.erp.write(approved(an_invoice()))
    assert posting.state is PostingState.POSTED
    assert under_test.company.ledger.payables() - before == Decimal("121.00")
    assert under_test.company.ledger.payables() == sum(under_test.company.ledger.subledger().values())


async def test_a_posted_invoice_replaces_our_own_draft_of_it(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.PARK_INVOICE)
    parked = await under_test.erp.write(approved(an_action(Capability.PARK_INVOICE, under_test.company)))
    posted = await under_test.erp.write(approved(an_invoice()))
    assert posted.state is PostingState.POSTED
    assert (posted.number != parked.number) is under_test.renumbers
    same = under_test.company.documents.of_supplier(OFFICE, DocumentType.INVOICE, "VD-90001")
    assert [document.state for document in same] == [PostingState.POSTED]


async def test_a_foreign_invoice_is_posted_in_its_currency(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.POST_INVOICE)
    line = (
        an_invoice()
        .lines[0]
        .model_copy(update={"net_amount": Money.of("100.00", "USD"), "tax_code": "S0", "account": "4200"})
    )
    action = an_invoice("100.00", "0.00", currency="USD", supplier_id=DOLLARS, lines=(line,))
    before = under_test.company.ledger.payables()
    posting = await under_test.erp.write(approved(action))
    assert posting.gross == Money.of("100.00", "USD")
    assert under_test.company.ledger.payables() - before == Decimal("92.00")


async def test_a_line_that_bills_an_order_is_counted_on_it_exactly_where_links_are_claimed(
    under_test: ErpUnderTest,
) -> None:
    under_test.claimed(Capability.POST_INVOICE)
    action = an_invoice("250.00", "52.50", lines=billing_lines({"10000": ("25", "10.00")}))
    await under_test.erp.write(approved(action))
    invoiced = under_test.company.purchasing.line(PARTLY_RECEIVED, "10000").invoiced
    linked = Capability.LINK_ORDER_LINES in under_test.erp.capabilities
    assert invoiced == (25 if linked else 0)


async def test_a_payment_block_lets_post(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.POST_INVOICE)
    action = an_invoice(supplier_id=PAYMENT_BLOCKED)
    try:
        await under_test.erp.write(approved(action))
    except ErpRejected:
        assert "payment_block" in under_test.words, "a setup that refuses here declares its words"
    else:
        assert times_booked(under_test.company, action) == 1


@pytest.mark.parametrize(
    ("case", "action"),
    [
        ("supplier_blocked", an_invoice(supplier_id=ALL_BLOCKED)),
        ("period_closed", an_invoice(posting_date=date(2026, 2, 27))),
        ("duplicate_number", an_invoice(number="vd-88001")),
    ],
)
async def test_a_refusal_carries_the_words_of_the_erp_and_books_nothing(
    under_test: ErpUnderTest, case: str, action: PostInvoice
) -> None:
    under_test.claimed(Capability.POST_INVOICE)
    before = under_test.company.ledger.payables()
    with pytest.raises(ErpRejected) as error:
        await under_test.erp.write(approved(action))
    assert under_test.words[case].casefold() in str(error.value).casefold()
    assert under_test.company.ledger.payables() == before


async def test_a_record_that_moved_is_not_posted_on(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.POST_INVOICE)
    read = await under_test.erp.orders([PARTLY_RECEIVED])
    supplier = (await under_test.erp.suppliers_by_id([OFFICE]))[OFFICE]
    versions = {
        f"order:{PARTLY_RECEIVED}": read[PARTLY_RECEIVED].version,
        f"supplier:{OFFICE}": supplier.version,
    }
    under_test.company.purchasing.receive(PARTLY_RECEIVED, {"30000": Decimal(1)}, TODAY)
    action = an_invoice()
    with pytest.raises(ErpChanged, match=PARTLY_RECEIVED):
        await post_once(under_test.erp, approved(action, versions), MemoryLog(), no_pause)
    assert times_booked(under_test.company, action) == 0


async def test_records_that_did_not_move_are_posted_on(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.POST_INVOICE)
    read = await under_test.erp.orders([PARTLY_RECEIVED])
    order = approved(an_invoice(), {f"order:{PARTLY_RECEIVED}": read[PARTLY_RECEIVED].version})
    posting = await post_once(under_test.erp, order, MemoryLog(), no_pause)
    assert posting.state is PostingState.POSTED


async def test_finding_reads_fresh_data(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.POST_INVOICE)
    under_test.applies("drafts")
    order = approved(an_invoice())
    assert await under_test.erp.find(order) is None
    draft = under_test.company.documents.create(
        DocumentType.INVOICE,
        OFFICE,
        supplier_number="VD-90001",
        invoice_date=order.action.invoice_date if isinstance(order.action, PostInvoice) else None,
    )
    found = await under_test.erp.find(order)
    assert found is not None
    assert (found.number, found.state) == (under_test.number(draft), PostingState.DRAFT)


async def test_the_original_file_is_kept_with_the_posting(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.ATTACH_DOCUMENT)
    posting = await under_test.erp.write(approved(an_invoice()))
    await under_test.erp.attach(posting, "Rechnung 17.pdf", b"%PDF-1.7 \x00\xff")
    (document,) = under_test.company.documents.of_supplier(OFFICE, DocumentType.INVOICE, "VD-90001")
    (kept,) = under_test.company.payables.attachments_of(document.document_id)
    assert (kept.name, kept.content) == ("Rechnung 17.pdf", b"%PDF-1.7 \x00\xff")


async def test_a_supplier_blocked_after_the_approval_is_refused(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.POST_INVOICE)
    order = approved(an_invoice())
    under_test.company.master.block_supplier(OFFICE, SupplierBlock.ALL)
    with pytest.raises(ErpRejected):
        await under_test.erp.write(order)
