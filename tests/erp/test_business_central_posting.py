"""What is special about posting to Business Central: drafts that were left, totals it computes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import pytest

from tests.erp.business_central_bench import Bench, CutOff, chairs
from tests.erp.orders import a_line, an_action, an_invoice, approved, invoice_fields
from tests.erp.world import COMPANY, OFFICE
from tools.domain.decision import ParkInvoice, PostingState, PostInvoice
from tools.domain.money import Money
from tools.erp.business_central import wire
from tools.erp.business_central.comparison import difference
from tools.erp.business_central.mapping import Setup
from tools.erp.contract import Capability
from tools.erp.errors import ErpChanged, ErpRejected, ErpUnavailable, OutcomeUnknown
from tools.erp.sandbox.books import DocumentLine
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import FaultKind, Faults


@pytest.fixture
async def bench(company: Company, faults: Faults) -> AsyncIterator[Bench]:
    made = Bench(company, faults)
    yield made
    await made.erp.close()


async def test_a_draft_left_by_a_crash_is_posted_instead_of_a_second_one(bench: Bench) -> None:
    order = approved(an_invoice())
    bench.faults.plan("post", FaultKind.REQUEST_LOST)
    with pytest.raises(OutcomeUnknown):
        await bench.erp.write(order)
    (left,) = bench.documents()
    assert left.state is PostingState.DRAFT
    posting = await bench.erp.write(order)
    assert posting.erp_id == left.document_id
    assert [document.state for document in bench.documents()] == [PostingState.POSTED]


@pytest.mark.parametrize(
    "lines",
    [
        (chairs("99.00"),),
        (chairs(account="4200"),),
        (chairs(quantity="2"),),
        (chairs("50.00"), chairs("50.00")),
    ],
)
async def test_a_draft_with_other_content_is_a_persons_and_stays(
    bench: Bench, lines: tuple[DocumentLine, ...]
) -> None:
    theirs = bench.draft(*lines)
    with pytest.raises(ErpRejected, match=theirs.number):
        await bench.erp.write(approved(an_invoice()))
    assert bench.documents() == [theirs]


async def test_a_draft_of_another_date_is_not_ours(bench: Bench) -> None:
    bench.draft(chairs(), invoice_date=date(2026, 3, 9))
    assert await bench.erp.find(approved(an_invoice())) is None
    with pytest.raises(ErpRejected, match="draft"):
        await bench.erp.write(approved(an_invoice()))


async def test_two_identical_drafts_are_for_a_person(bench: Bench) -> None:
    bench.draft(chairs())
    bench.draft(chairs())
    with pytest.raises(OutcomeUnknown, match="2 documents"):
        await bench.erp.find(approved(an_invoice()))
    with pytest.raises(ErpRejected, match="draft"):
        await bench.erp.write(approved(an_invoice()))


async def test_a_posted_document_is_found_before_a_draft(bench: Bench) -> None:
    order = approved(an_invoice())
    posted = await bench.erp.write(order)
    bench.draft(chairs())
    assert (await bench.erp.find(order)) == posted


async def test_parking_twice_keeps_one_draft(bench: Bench) -> None:
    order = approved(ParkInvoice(**invoice_fields()))
    first = await bench.erp.write(order)
    assert await bench.erp.write(order) == first
    assert [document.state for document in bench.documents()] == [PostingState.DRAFT]


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (an_invoice("100.00", "20.00"), ["21.00 EUR there", "20.00 EUR here"]),
        (an_invoice("110.00", "21.00", lines=(a_line("100.00"),)), ["100.00 EUR there", "110.00 EUR here"]),
    ],
)
async def test_a_draft_that_computes_differently_is_deleted_again(
    bench: Bench, action: PostInvoice, words: list[str]
) -> None:
    before = bench.company.dump()
    with pytest.raises(ErpRejected) as caught:
        await bench.erp.write(approved(action))
    assert all(word in str(caught.value) for word in words)
    assert bench.company.dump() == before


async def test_a_draft_that_could_not_be_deleted_is_named(bench: Bench) -> None:
    bench.faults.plan("delete", FaultKind.CONNECTION_REFUSED)
    with pytest.raises(ErpRejected) as caught:
        await bench.erp.write(approved(an_invoice("100.00", "20.00")))
    (left,) = bench.documents()
    assert f"draft {left.number} could not be deleted" in str(caught.value)


async def test_a_refused_posting_leaves_no_draft_of_ours_behind(bench: Bench) -> None:
    with pytest.raises(ErpRejected, match="allowed posting dates"):
        await bench.erp.write(approved(an_invoice(posting_date=date(2026, 2, 27))))
    assert bench.documents() == []


async def test_a_refused_posting_leaves_a_parked_draft_where_it_was(bench: Bench) -> None:
    fields = invoice_fields(posting_date=date(2026, 2, 27))
    await bench.erp.write(approved(ParkInvoice(**fields)))
    with pytest.raises(ErpRejected):
        await bench.erp.write(approved(PostInvoice(**fields)))
    assert len(bench.documents()) == 1


async def test_a_posting_that_cannot_be_read_back_is_not_called_unavailable(bench: Bench) -> None:
    erp = bench.through(CutOff(bench.recorder, "Microsoft.NAV.post"))
    with pytest.raises(OutcomeUnknown, match="was posted"):
        await erp.write(approved(an_invoice()))
    assert bench.documents()[0].state is PostingState.POSTED


async def test_a_draft_somebody_changed_before_deletion_is_not_deleted(bench: Bench) -> None:
    bench.faults.plan("delete", FaultKind.STALE_VERSION)
    with pytest.raises(ErpRejected, match="Another user has already changed the record"):
        await bench.erp.write(approved(an_invoice("100.00", "20.00")))
    assert len(bench.documents()) == 1
    deletes = [request for request in bench.recorder.requests if request.method == "DELETE"]
    assert deletes[0].headers["if-match"].startswith('W/"')


async def test_long_texts_are_cut_and_long_numbers_refused(bench: Bench) -> None:
    line = a_line(description="ü" * 150)
    await bench.erp.write(approved(an_invoice(lines=(line,))))
    assert bench.documents()[0].lines[0].description == "ü" * 100
    with pytest.raises(ErpRejected, match="35 characters"):
        await bench.erp.write(approved(an_invoice(number="X" * 36)))


async def test_a_unit_a_price_and_a_cost_centre_arrive_in_the_books(bench: Bench) -> None:
    line = a_line("12.50", quantity=Decimal(3), unit="H87", item_number="BRACKET", account=None)
    line = line.model_copy(update={"cost_centre": "SALES"})
    await bench.erp.write(approved(an_invoice("12.50", "2.63", lines=(line,))))
    (kept,) = bench.documents()[0].lines
    assert (kept.unit, kept.item_number, kept.cost_centre) == ("H87", "BRACKET", "SALES")
    assert (kept.quantity, kept.net_amount) == (Decimal(3), Decimal("12.50"))


async def test_a_stale_draft_is_a_change(bench: Bench) -> None:
    bench.faults.plan("draft", FaultKind.STALE_VERSION)
    with pytest.raises(ErpChanged):
        await bench.erp.write(approved(an_action(Capability.POST_INVOICE, bench.company)))


async def test_a_busy_erp_took_no_posting_and_the_draft_is_taken_up_later(bench: Bench) -> None:
    bench.faults.plan("post", FaultKind.TOO_MANY)
    with pytest.raises(ErpUnavailable):
        await bench.erp.write(approved(an_invoice()))
    assert (await bench.erp.write(approved(an_invoice()))).state is PostingState.POSTED
    assert len(bench.documents()) == 1


async def test_amounts_in_the_books_are_exactly_those_approved(bench: Bench) -> None:
    lines = (
        a_line("0.10", quantity=Decimal(3), unit_price=Decimal("0.0333333")),
        a_line("33.33", quantity=Decimal(7), unit_price=Decimal("5.00")),
        a_line("-1.43", quantity=Decimal(1), unit_price=Decimal("-1.43")),
    )
    action = an_invoice("32.00", "6.72", lines=lines)
    before = bench.company.ledger.payables()
    posting = await bench.erp.write(approved(action))
    assert posting.gross == Money.of("38.72", "EUR")
    assert bench.company.ledger.payables() - before == Decimal("38.72")
    assert [line.net_amount for line in bench.documents()[0].lines] == [
        Decimal("0.10"),
        Decimal("33.33"),
        Decimal("-1.43"),
    ]


async def test_an_item_in_a_unit_that_is_not_set_up_is_refused(bench: Bench) -> None:
    line = a_line(item_number="BRACKET", account=None, unit="TNE")
    with pytest.raises(ErpRejected, match="TNE is not set up"):
        await bench.erp.write(approved(an_invoice(lines=(line,))))
    assert bench.documents() == []
    expense = a_line(unit="TNE")
    assert (await bench.erp.write(approved(an_invoice(lines=(expense,))))).state is PostingState.POSTED


async def test_a_parked_draft_is_posted_on_the_day_that_was_approved_later(bench: Bench) -> None:
    parked = await bench.erp.write(approved(ParkInvoice(**invoice_fields(posting_date=date(2026, 2, 27)))))
    action = an_invoice(posting_date=date(2026, 3, 2), due_date=date(2026, 4, 30))
    posting = await bench.erp.write(approved(action))
    assert (posting.erp_id, posting.posting_date) == (parked.erp_id, date(2026, 3, 2))
    assert bench.documents()[0].due_date == date(2026, 4, 30)


async def test_a_draft_changed_while_it_is_dated_is_not_posted(bench: Bench) -> None:
    await bench.erp.write(approved(ParkInvoice(**invoice_fields())))
    bench.faults.plan("change", FaultKind.STALE_VERSION)
    with pytest.raises(ErpChanged):
        await bench.erp.write(approved(an_invoice(posting_date=date(2026, 3, 2))))
    assert bench.documents()[0].state is PostingState.DRAFT


async def test_prices_are_sent_as_prices_without_tax(bench: Bench) -> None:
    await bench.erp.write(approved(an_invoice()))
    assert b'"pricesIncludeTax": false' in bench.recorder.sent()


async def test_a_draft_that_cannot_be_read_back_is_unknown_and_taken_up_later(bench: Bench) -> None:
    erp = bench.through(CutOff(bench.recorder, "/purchaseInvoices"))
    with pytest.raises(OutcomeUnknown, match="draft was created"):
        await erp.write(approved(an_invoice()))
    assert (await bench.erp.write(approved(an_invoice()))).state is PostingState.POSTED
    assert len(bench.documents()) == 1


@pytest.mark.parametrize(
    ("header", "lines", "words"),
    [
        ({"currencyCode": "USD"}, 1, "the currency is USD there and EUR here"),
        ({}, 2, "it has 2 lines there and 1 here"),
        ({}, 0, "it has 0 lines there and 1 here"),
        ({}, 1, None),
    ],
)
def test_a_difference_is_told_in_words(header: dict[str, str], lines: int, words: str | None) -> None:
    line = {
        "lineType": "Account",
        "lineObjectNumber": "4100",
        "quantity": Decimal(1),
        "amountExcludingTax": Decimal("100.00"),
        "taxCode": "S21",
    }
    comment = {"lineType": "Comment"}
    row = wire.Invoice.model_validate(
        {
            "@odata.etag": "W/1",
            "id": "1",
            "number": "D-1",
            "vendorNumber": OFFICE,
            "totalAmountExcludingTax": Decimal("100.00"),
            "totalTaxAmount": Decimal("21.00"),
            "totalAmountIncludingTax": Decimal("121.00"),
            "status": "Draft",
            "purchaseInvoiceLines": [line] * lines + [comment],
            **header,
        }
    )
    assert difference(row, an_invoice(), Setup(COMPANY, "EUR", {})) == words
