"""Reads: what a connector reads is what the ERP holds, to the cent and to the day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.erp.chart import COST_CENTRES, TAX_CODES
from tests.erp.contract.records import SYSTEM_ACCOUNTS, as_carried, entered, is_lost
from tests.erp.under_test import ClockOnTheWall, ErpUnderTest
from tests.erp.world import (
    CENTS,
    DOLLARS,
    FULLY_BILLED,
    IN_DOLLARS,
    IN_YEN,
    LONG,
    LONG_LINES,
    MANY,
    OFFICE,
    ORDERS,
    PARTLY_RECEIVED,
    PAYMENT_BLOCKED,
    PER_HUNDRED,
    SUPPLIERS,
    TODAY,
    TOOLS,
    WINDOW,
    goods_receipts,
    key_of,
)
from tools.domain.decision import PostingState
from tools.domain.documents import DocumentType, OrderState
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.domain.money import Money
from tools.domain.supplier import SupplierBlock
from tools.erp.contract import Capability

FEW = 10
"""Most calls that fifty keys may cost."""
NOBODY = SupplierId("99999")
NO_ORDER = OrderNumber("459999")


async def test_every_supplier_arrives_as_it_is_over_several_pages(under_test: ErpUnderTest) -> None:
    before = under_test.requests()
    read = {supplier.supplier_id: supplier async for supplier in under_test.erp.suppliers()}
    assert {key: as_carried(value, under_test.loses) for key, value in read.items()} == {
        key: as_carried(value, under_test.loses) for key, value in SUPPLIERS.items()
    }
    assert under_test.requests() - before > 1, "the setup must use pages smaller than the world"


async def test_suppliers_are_found_by_id_and_a_missing_one_is_absent(under_test: ErpUnderTest) -> None:
    read = await under_test.erp.suppliers_by_id([OFFICE, PAYMENT_BLOCKED, NOBODY])
    assert set(read) == {OFFICE, PAYMENT_BLOCKED}
    assert read[PAYMENT_BLOCKED].block is as_carried(SUPPLIERS[PAYMENT_BLOCKED], under_test.loses).block
    assert all(supplier.version for supplier in read.values())


async def test_bank_accounts_are_read_where_claimed(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.READ_BANK_ACCOUNTS)
    read = await under_test.erp.suppliers_by_id([OFFICE])
    assert [account.iban for account in read[OFFICE].bank_accounts] == [
        account.iban for account in SUPPLIERS[OFFICE].bank_accounts
    ]


async def test_only_changed_suppliers_come_when_asked_for_changes(
    under_test: ErpUnderTest, clock: ClockOnTheWall
) -> None:
    under_test.claimed(Capability.READ_CHANGES)
    moment = clock.now
    clock.now += timedelta(hours=1)
    under_test.company.master.block_supplier(TOOLS, SupplierBlock.ALL)
    read = [supplier async for supplier in under_test.erp.suppliers(moment)]
    assert [(supplier.supplier_id, supplier.block) for supplier in read] == [(TOOLS, SupplierBlock.ALL)]


async def test_every_supplier_document_arrives_over_several_pages(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.READ_INVOICE_HISTORY)
    for number in ("NEW-1", "NEW-2"):
        entered(under_test, DocumentType.INVOICE, number)
    held = {
        under_test.erp_id(entry): (
            under_test.number(entry),
            entry.document_type,
            entry.state,
            entry.totals.gross,
        )
        for entry in under_test.company.books.documents.values()
    }
    before = under_test.requests()
    read = [posting async for posting in under_test.erp.posted_since(None)]
    assert {
        posting.erp_id: (
            posting.number,
            posting.document_type,
            posting.state,
            posting.gross and posting.gross.amount,
        )
        for posting in read
    } == held
    assert len(read) == len(held)
    assert sum(posting.document_type is DocumentType.INVOICE for posting in read) > 3, "a second page"
    assert under_test.requests() - before > 1, "the setup must use pages smaller than the history"
    again = await under_test.erp.invoices([key_of(OFFICE, "VD-88001", TODAY)])
    assert [posting for posting in read if posting.supplier_number == "VD-88001"] == [
        posting for found in again.values() for posting in found
    ]


async def test_only_changed_supplier_documents_come_when_asked_for_changes(
    under_test: ErpUnderTest, clock: ClockOnTheWall
) -> None:
    under_test.claimed(Capability.READ_INVOICE_HISTORY)
    moment = clock.now
    clock.now += timedelta(hours=1)
    made = [entered(under_test, kind, "NEW-1") for kind in (DocumentType.INVOICE, DocumentType.CREDIT_NOTE)]
    read = [posting async for posting in under_test.erp.posted_since(moment)]
    assert {(posting.erp_id, posting.state) for posting in read} == {
        (under_test.erp_id(entry), entry.state) for entry in made
    }


async def test_a_changed_supplier_has_another_version(under_test: ErpUnderTest) -> None:
    before = (await under_test.erp.suppliers_by_id([TOOLS]))[TOOLS].version
    under_test.company.master.block_supplier(TOOLS, SupplierBlock.ALL)
    assert (await under_test.erp.suppliers_by_id([TOOLS]))[TOOLS].version != before


@pytest.mark.parametrize("number", sorted(set(ORDERS) - set(MANY[1:])))
async def test_an_order_arrives_as_it_is(under_test: ErpUnderTest, number: OrderNumber) -> None:
    read = await under_test.erp.orders([number])
    assert list(read) == [number]
    assert as_carried(read[number], under_test.loses) == as_carried(ORDERS[number], under_test.loses)


async def test_a_missing_order_is_absent(under_test: ErpUnderTest) -> None:
    assert set(await under_test.erp.orders([NO_ORDER, CENTS])) == {CENTS}
    assert await under_test.erp.orders([]) == {}


async def test_cents_and_fractions_of_cents_are_exact(under_test: ErpUnderTest) -> None:
    read = (await under_test.erp.orders([CENTS, PER_HUNDRED]))[CENTS].lines
    wanted = [as_carried(line, under_test.loses).unit_price for line in ORDERS[CENTS].lines]
    assert [line.unit_price for line in read] == wanted
    assert wanted[:3] == [Money.of(price, "EUR") for price in ("0.07", "0.145", "1999.99")]
    (screws,) = (await under_test.erp.orders([PER_HUNDRED]))[PER_HUNDRED].lines
    assert screws.unit_price.amount / screws.price_base == Decimal("0.1234")


async def test_a_foreign_currency_stays_what_it_is(under_test: ErpUnderTest) -> None:
    read = await under_test.erp.orders([IN_DOLLARS, IN_YEN])
    assert read[IN_DOLLARS].lines[0].unit_price == Money.of("149.95", "USD")
    assert read[IN_YEN].lines[0].unit_price == Money.of("125000", "JPY")
    assert read[IN_YEN].currency == "JPY"


async def test_dates_are_days(under_test: ErpUnderTest) -> None:
    order = (await under_test.erp.orders([PARTLY_RECEIVED]))[PARTLY_RECEIVED]
    if "PurchaseOrder.ordered_on" not in under_test.loses:
        assert order.ordered_on == date(2026, 1, 12)
    receipts = (await under_test.erp.receipts([PARTLY_RECEIVED]))[PARTLY_RECEIVED]
    assert sorted(receipt.received_on for receipt in receipts) == [date(2026, 2, 3), date(2026, 2, 17)]


async def test_all_lines_of_a_long_order_arrive_in_order(under_test: ErpUnderTest) -> None:
    lines = (await under_test.erp.orders([LONG]))[LONG].lines
    assert [line.description for line in lines] == [f"Part {n}" for n in range(1, LONG_LINES + 1)]


async def test_fifty_orders_cost_few_calls(under_test: ErpUnderTest) -> None:
    await under_test.erp.orders([CENTS])
    before = under_test.requests()
    assert set(await under_test.erp.orders(MANY)) == set(MANY)
    assert under_test.requests() - before <= FEW


async def test_receipts_and_invoices_of_fifty_keys_cost_few_calls(under_test: ErpUnderTest) -> None:
    before = under_test.requests()
    await under_test.erp.receipts(MANY)
    between = under_test.requests()
    keys = [key_of(OFFICE, f"VD-{number}", TODAY) for number in range(50)]
    assert await under_test.erp.invoices(keys) == {}
    assert between - before <= FEW
    assert under_test.requests() - between <= FEW


async def test_orders_of_a_supplier_are_those_that_are_not_finished(under_test: ErpUnderTest) -> None:
    read = await under_test.erp.orders_of([OFFICE, NOBODY])
    assert {key: sorted(order.number for order in orders) for key, orders in read.items() if orders} == {
        OFFICE: [PARTLY_RECEIVED, CENTS]
    }
    under_test.company.purchasing.change_state(CENTS, OrderState.CLOSED)
    again = await under_test.erp.orders_of([OFFICE])
    assert [order.number for order in again[OFFICE]] == [PARTLY_RECEIVED]


async def test_a_receipt_changes_the_version_and_the_quantity_of_its_order(under_test: ErpUnderTest) -> None:
    before = (await under_test.erp.orders([LONG]))[LONG]
    under_test.company.purchasing.receive(LONG, {"20000": Decimal(2)}, TODAY)
    after = (await under_test.erp.orders([LONG]))[LONG]
    assert after.version != before.version
    assert after.lines[1].received == 2


async def test_receipts_arrive_as_they_are(under_test: ErpUnderTest) -> None:
    wanted = goods_receipts()
    read = await under_test.erp.receipts([*wanted, MANY[0], NO_ORDER])
    found = {number: receipts for number, receipts in read.items() if receipts}
    assert set(found) == set(wanted)
    for number, receipts in wanted.items():
        assert [as_carried(receipt, under_test.loses) for receipt in found[number]] == [
            as_carried(receipt, under_test.loses) for receipt in receipts
        ]


async def test_receipt_lines_name_their_order_line_exactly_where_that_is_claimed(
    under_test: ErpUnderTest,
) -> None:
    claimed = Capability.READ_RECEIPT_ORDER_LINES in under_test.erp.capabilities
    read = await under_test.erp.receipts([FULLY_BILLED])
    named = [line.order_line_id for receipt in read[FULLY_BILLED] for line in receipt.lines]
    assert named == (["10000", "10000"] if claimed else [None, None])


async def test_posted_invoices_are_found_by_the_suppliers_number(under_test: ErpUnderTest) -> None:
    key = key_of(TOOLS, "RE-2026/017", date(2026, 2, 2))
    (posting,) = (await under_test.erp.invoices([key]))[key]
    assert (posting.number, posting.state) == ("510001", PostingState.POSTED)
    assert (posting.supplier_id, posting.document_type) == (TOOLS, DocumentType.INVOICE)
    assert posting.supplier_number == "RE-2026/017"
    assert (posting.invoice_date, posting.posting_date) == (date(2026, 2, 2), date(2026, 2, 2))
    assert (posting.net, posting.tax, posting.gross) == tuple(
        Money.of(amount, "EUR") for amount in ("539.40", "113.27", "652.67")
    )


async def test_letter_case_and_date_do_not_narrow_the_search_for_invoices(under_test: ErpUnderTest) -> None:
    key = key_of(TOOLS, "re-2026/017", date(2027, 1, 1))
    assert [posting.number for posting in (await under_test.erp.invoices([key]))[key]] == ["510001"]


async def test_a_credit_note_is_no_invoice_and_has_positive_amounts(under_test: ErpUnderTest) -> None:
    as_invoice = key_of(OFFICE, "VD-C-0012", date(2026, 2, 20))
    as_credit = key_of(OFFICE, "VD-C-0012", date(2026, 2, 20), "credit_note")
    read = await under_test.erp.invoices([as_invoice, as_credit])
    assert not read.get(as_invoice)
    assert [posting.gross for posting in read[as_credit]] == [Money.of("24.20", "EUR")]


async def test_a_paid_invoice_is_told_apart_and_a_foreign_one_keeps_its_currency(
    under_test: ErpUnderTest,
) -> None:
    paid = key_of(OFFICE, "VD-88001", date(2026, 1, 9))
    foreign = key_of(DOLLARS, "INV-5531", date(2026, 2, 11))
    read = await under_test.erp.invoices([paid, foreign])
    assert read[paid][0].state is PostingState.PAID
    assert read[foreign][0].gross == Money.of("480.50", "USD")


async def test_drafts_are_found_too(under_test: ErpUnderTest) -> None:
    under_test.applies("drafts")
    under_test.company.documents.create(
        DocumentType.INVOICE, OFFICE, supplier_number="VD-7", invoice_date=TODAY
    )
    key = key_of(OFFICE, "VD-7", TODAY)
    assert [found.state for found in (await under_test.erp.invoices([key]))[key]] == [PostingState.DRAFT]


async def test_open_items_are_what_is_not_settled(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.READ_OPEN_ITEMS)
    read = await under_test.erp.open_items([OFFICE, TOOLS, DOLLARS, NOBODY])
    found = {
        (item.supplier_id, item.document_number, item.supplier_invoice_number): item.amount
        for items in read.values()
        for item in items
    }
    assert found == {
        (OFFICE, "520001", "VD-C-0012"): Money.of("-24.20", "EUR"),
        (TOOLS, "510001", "RE-2026/017"): Money.of("652.67", "EUR"),
        (DOLLARS, "510003", "INV-5531"): Money.of("480.50", "USD"),
    }
    assert {item.document_date for item in read[TOOLS]} == {date(2026, 2, 2)}


async def test_accounts_say_whether_they_may_be_posted_to(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.READ_ACCOUNTS)
    read = {account.number: account for account in await under_test.erp.accounts()}
    direct = {number for number, account in read.items() if account.direct_posting}
    if SYSTEM_ACCOUNTS in under_test.loses:
        direct -= {"1300", "1610", "4910", "4920"}
    assert direct == {"4100", "4200", "4300", "4500"}
    assert {number for number, account in read.items() if account.blocked} == {"4500"}
    assert read["4200"].name == "Services"
    if "Account.balance" not in under_test.loses:
        assert read["4200"].balance == Money.of("442.06", "EUR")


async def test_the_tax_codes_that_lines_may_carry_are_told(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.READ_TAX_CODES)
    assert sorted(await under_test.erp.tax_codes()) == sorted(code.code for code in TAX_CODES)


async def test_cost_centres_are_told_with_their_blocks(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.READ_COST_CENTRES)
    read = await under_test.erp.cost_centres()
    assert sorted(read, key=lambda centre: centre.code) == sorted(
        (as_carried(centre, under_test.loses) for centre in COST_CENTRES), key=lambda centre: centre.code
    )


async def test_orders_that_changed_or_received_goods_since_a_moment_are_named(
    under_test: ErpUnderTest, clock: ClockOnTheWall
) -> None:
    under_test.claimed(Capability.READ_ORDER_CHANGES)
    moment = clock.now
    clock.now += timedelta(minutes=5)
    under_test.company.purchasing.receive(LONG, {"20000": Decimal(2)}, TODAY)
    under_test.company.purchasing.amend_line(CENTS, "10000", quantity=Decimal(900))
    clock.now += timedelta(minutes=5)
    changed = await under_test.erp.orders_changed_since(moment)
    assert {LONG, CENTS} <= changed
    assert not changed & set(MANY), "what did not change must not be read again"
    assert not await under_test.erp.orders_changed_since(clock.now)


async def test_files_kept_with_a_posting_are_named(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.READ_ATTACHMENTS)
    key = key_of(TOOLS, "RE-2026/017", date(2026, 2, 2))
    (posting,) = (await under_test.erp.invoices([key]))[key]
    assert await under_test.erp.attachments(posting) == []
    document = under_test.company.documents.by_number("510001")
    under_test.company.payables.attach(document.document_id, "invoice.pdf", b"%PDF-")
    (kept,) = await under_test.erp.attachments(posting)
    assert kept.name == "invoice.pdf"
    assert kept.size in (5, None)


async def test_an_erp_that_has_all_names_no_shortcomings(under_test: ErpUnderTest) -> None:
    assert await under_test.erp.shortcomings() == []


async def test_the_posting_window_is_told(under_test: ErpUnderTest) -> None:
    under_test.claimed(Capability.READ_POSTING_WINDOW)
    assert await under_test.erp.posting_window() == WINDOW


async def test_what_is_declared_lost_is_really_lost(under_test: ErpUnderTest) -> None:
    """A field that the connector does carry must not be excused."""
    suppliers = await under_test.erp.suppliers_by_id(list(SUPPLIERS))
    orders = await under_test.erp.orders(list(ORDERS))
    receipts = await under_test.erp.receipts(list(goods_receipts()))
    open_items = (
        await under_test.erp.open_items([OFFICE, TOOLS, DOLLARS])
        if Capability.READ_OPEN_ITEMS in under_test.erp.capabilities
        else {}
    )
    accounts = (
        await under_test.erp.accounts() if Capability.READ_ACCOUNTS in under_test.erp.capabilities else []
    )
    claims_centres = Capability.READ_COST_CENTRES in under_test.erp.capabilities
    records = [
        *(await under_test.erp.cost_centres() if claims_centres else ()),
        *suppliers.values(),
        *orders.values(),
        *(receipt for found in receipts.values() for receipt in found),
        *(item for items in open_items.values() for item in items),
        *accounts,
    ]
    carried = [path for path in under_test.loses if any(is_lost(record, path) for record in records)]
    assert not carried
