"""Writing to SAP: looked for first, sent once, read back; what SAP would swallow is refused before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.erp.orders import MemoryLog, a_line, an_invoice, approved, billing_lines, invoice_fields
from tests.erp.sap_bench import Bench, CutOff
from tests.erp.world import OFFICE, PARTLY_RECEIVED, TOOLS, key_of
from tools.domain.decision import (
    ParkInvoice,
    PostCreditNote,
    PostingState,
    PostInvoice,
    ReleaseHold,
    ReverseInvoice,
)
from tools.domain.documents import DocumentType
from tools.domain.money import Money
from tools.erp.answers import from_json
from tools.erp.errors import ErpRejected, OutcomeUnknown
from tools.erp.posting import post_once
from tools.erp.sandbox.books import DocumentLine
from tools.erp.sandbox.company import Company
from tools.erp.sap.references import shortened

LONG = "RE-2026-000000815-A"
CHAIRS = DocumentLine(
    description="Chairs",
    account="4100",
    unit_price=Decimal(100),
    net_amount=Decimal("100.00"),
    tax_code="S21",
)


async def no_pause(seconds: float) -> None:
    return None


def body_of(request: httpx.Request) -> Any:
    return from_json(request.content)


async def test_posting_is_one_request_that_changes_something(company: Company) -> None:
    bench = Bench(company)
    posting = await bench.write(approved(an_invoice()))
    (sent,) = bench.changes()
    assert sent.url.path.endswith("/A_SupplierInvoice")
    assert body_of(sent)["SupplierInvoiceIDByInvcgParty"] == "VD-90001"
    assert "SupplierInvoiceStatus" not in body_of(sent)
    assert (posting.state, posting.reference) == (PostingState.POSTED, None)


async def test_the_approved_due_date_arrives_in_the_ledger(company: Company) -> None:
    bench = Bench(company)
    await bench.write(approved(an_invoice(due_date=date(2026, 4, 9))))
    assert [document.due_date for document in bench.documents()] == [date(2026, 4, 9)]


async def test_a_duplicate_that_sap_would_take_is_refused(company: Company) -> None:
    bench = Bench(company)
    await bench.write(approved(an_invoice()))
    with pytest.raises(ErpRejected, match="already exists in SAP"):
        await bench.write(approved(an_invoice(invoice_date=date(2026, 3, 9))))
    assert len(bench.documents()) == 1


async def test_a_breach_of_tolerance_is_posted_and_its_block_is_told(company: Company) -> None:
    bench = Bench(company)
    action = an_invoice("60.00", "12.60", lines=billing_lines({"10000": ("5", "12.00")}))
    posting = await bench.write(approved(action))
    assert posting.state is PostingState.POSTED
    assert "payment block R" in (posting.reference or "")
    found = await bench.erp.find(approved(action))
    assert found is not None
    assert found.reference == posting.reference


async def test_a_long_number_is_shortened_the_same_way_and_read_back_whole(company: Company) -> None:
    bench = Bench(company)
    action = an_invoice(number=LONG)
    posting = await bench.write(approved(action))
    sent = body_of(bench.changes()[0])
    assert len(sent["SupplierInvoiceIDByInvcgParty"]) == 16
    assert sent["SupplierPostingLineItemText"] == LONG
    assert posting.supplier_number == LONG
    found = await bench.erp.find(approved(action))
    assert found is not None
    assert found.supplier_number == LONG


async def test_another_long_number_with_the_same_beginning_is_not_it(company: Company) -> None:
    bench = Bench(company)
    await bench.write(approved(an_invoice(number=LONG)))
    other = an_invoice(number=LONG[:-1] + "B")
    assert await bench.erp.find(approved(other)) is None
    await bench.write(approved(other))


@pytest.mark.parametrize("entered", [LONG[:16], LONG[-16:]])
async def test_a_long_number_that_a_person_cut_is_found_with_the_same_amount_only(
    company: Company, entered: str
) -> None:
    bench = Bench(company)
    bench.parked(CHAIRS, number=entered)
    assert await bench.erp.find(approved(an_invoice(number=LONG))) is not None
    dearer = an_invoice("200.00", "42.00", number=LONG)
    assert await bench.erp.find(approved(dearer)) is None


async def test_a_cut_number_is_an_earlier_document_only_of_the_same_day(company: Company) -> None:
    bench = Bench(company)
    bench.parked(CHAIRS, number=LONG[:16])
    same = key_of(OFFICE, LONG, date(2026, 3, 10))
    later = key_of(OFFICE, LONG, date(2026, 3, 11))
    assert set(await bench.erp.invoices([same, later])) == {same}


async def test_a_number_beyond_fifty_characters_is_refused(company: Company) -> None:
    bench = Bench(company)
    with pytest.raises(ErpRejected, match="more than 50 characters"):
        await bench.write(approved(an_invoice(number="9" * 51)))
    assert not bench.changes()


async def test_our_own_parked_document_is_posted_under_its_number(company: Company) -> None:
    bench = Bench(company)
    parked = await bench.write(approved(ParkInvoice(**invoice_fields())))
    assert parked.state is PostingState.DRAFT
    posted = await bench.write(approved(an_invoice()))
    assert (posted.erp_id, posted.state) == (parked.erp_id, PostingState.POSTED)
    assert [request.url.path.rpartition("/")[2] for request in bench.changes()] == [
        "A_SupplierInvoice",
        "Post",
    ]


async def test_a_persons_parked_document_of_other_content_is_left_alone(company: Company) -> None:
    bench = Bench(company)
    other = CHAIRS.model_copy(update={"account": "4300"})
    parked = bench.parked(other)
    with pytest.raises(ErpRejected, match=parked.number):
        await bench.write(approved(an_invoice()))
    assert not bench.changes()


async def test_when_reading_back_fails_the_outcome_is_unknown_and_looking_settles_it(
    company: Company,
) -> None:
    bench = Bench(company)
    cut = bench.through(CutOff(bench.recorder))
    with pytest.raises(OutcomeUnknown, match="could not be read back"):
        await cut.write(approved(an_invoice()))
    log = MemoryLog()
    log.sent(approved(an_invoice()))
    posting = await post_once(bench.erp, approved(an_invoice()), log, no_pause)
    assert posting.state is PostingState.POSTED
    assert len(bench.documents()) == 1


async def test_two_documents_under_one_number_are_for_a_person(company: Company) -> None:
    bench = Bench(company)
    bench.parked(CHAIRS)
    bench.parked(CHAIRS)
    with pytest.raises(OutcomeUnknown, match="which one is meant"):
        await bench.erp.find(approved(an_invoice()))


async def test_of_two_documents_the_one_with_the_approved_amount_is_meant(company: Company) -> None:
    bench = Bench(company)
    bench.parked(CHAIRS.model_copy(update={"net_amount": Decimal(999)}))
    ours = bench.parked(CHAIRS)
    found = await bench.erp.find(approved(an_invoice()))
    assert found is not None
    assert found.number == ours.number


async def test_a_session_that_ended_in_between_posts_once(company: Company) -> None:
    bench = Bench(company)
    await bench.write(approved(an_invoice()))
    bench.server.sessions.clear()
    await bench.write(approved(an_invoice(number="VD-90002")))
    assert len(bench.documents("VD-90002")) == 1
    assert len(bench.changes()) == 3, "one more, because the first was refused before anything was done"


async def test_without_receipt_based_checking_no_receipt_is_named(company: Company) -> None:
    bench = Bench(company)
    await bench.write(
        approved(an_invoice("250.00", "52.50", lines=billing_lines({"10000": ("25", "10.00")})))
    )
    (item,) = body_of(bench.changes()[0])["to_SuplrInvcItemPurOrdRef"]
    assert not [name for name in item if name.startswith("ReferenceDocument")]


async def test_an_item_over_two_receipts_becomes_two_whose_amounts_add_up(company: Company) -> None:
    bench = Bench(company, receipt_based=frozenset({PARTLY_RECEIVED}))
    lines = billing_lines({"10000": ("23", "9.99")})
    await bench.write(approved(an_invoice("229.77", "48.25", lines=lines)))
    items = body_of(bench.changes()[0])["to_SuplrInvcItemPurOrdRef"]
    assert [(item["ReferenceDocument"], item["QuantityInPurchaseOrderUnit"]) for item in items] == [
        ("500003", "20"),
        ("500004", "3"),
    ]
    assert sum(Decimal(item["SupplierInvoiceItemAmount"]) for item in items) == Decimal("229.77")
    assert company.purchasing.line(PARTLY_RECEIVED, "10000").invoiced == 23


async def test_the_receipt_that_fits_exactly_is_taken_and_what_was_billed_is_not_billed_again(
    company: Company,
) -> None:
    bench = Bench(company, receipt_based=frozenset({PARTLY_RECEIVED}))
    five = billing_lines({"10000": ("5", "10.00")})
    await bench.write(approved(an_invoice("50.00", "10.50", lines=five)))
    assert body_of(bench.changes()[0])["to_SuplrInvcItemPurOrdRef"][0]["ReferenceDocument"] == "500004"
    with pytest.raises(ErpRejected, match="cover 20 of 21"):
        lines = billing_lines({"10000": ("21", "10.00")})
        await bench.write(approved(an_invoice("210.00", "44.10", number="VD-90002", lines=lines)))


async def test_a_suppliers_tax_a_cent_off_is_posted_as_printed(company: Company) -> None:
    bench = Bench(company)
    posting = await bench.write(approved(an_invoice("100.00", "21.01")))
    assert (posting.tax, posting.gross) == (Money.of("21.01", "EUR"), Money.of("121.01", "EUR"))


async def test_taxes_of_several_codes_add_up_to_what_was_approved(company: Company) -> None:
    bench = Bench(company)
    lines = (a_line("100.00"), a_line("33.33", tax_code="S9"), a_line("10.00", tax_code="AE21"))
    posting = await bench.write(approved(an_invoice("143.33", "24.01", lines=lines)))
    taxes = body_of(bench.changes()[0])["to_SupplierInvoiceTax"]
    assert [tax["TaxAmount"] for tax in taxes] == ["21.01", "3.00", "0.00"]
    assert posting.gross == Money.of("167.34", "EUR")


async def test_a_credit_memo_has_positive_amounts_and_names_its_invoice(company: Company) -> None:
    bench = Bench(company)
    fields = invoice_fields("20.00", "4.20", number="VD-C-9", preceding_invoice="510002")
    posting = await bench.write(approved(PostCreditNote(**fields)))
    sent = body_of(bench.changes()[0])
    assert (sent["SupplierInvoiceIsCreditMemo"], sent["InvoiceGrossAmount"]) == ("X", "24.20")
    assert (sent["InvoiceReference"], sent["InvoiceReferenceFiscalYear"]) == ("510002", "2026")
    assert posting.document_type is DocumentType.CREDIT_NOTE


async def test_a_discount_line_is_on_the_other_side(company: Company) -> None:
    bench = Bench(company)
    lines = (a_line("120.00"), a_line("-20.00", quantity=Decimal(1)))
    posting = await bench.write(approved(an_invoice(lines=lines)))
    sides = [item["DebitCreditCode"] for item in body_of(bench.changes()[0])["to_SupplierInvoiceItemGLAcct"]]
    assert sides == ["S", "H"]
    assert posting.gross == Money.of("121.00", "EUR")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (a_line(account=None, item_number="BRACKET"), "only on an account"),
        (billing_lines({"10000": ("0.0001", "10.00")})[0], "more than three decimals"),
        (
            billing_lines({"10000": ("5", "10.00")})[0].model_copy(update={"unit": "KGM"}),
            "cannot relate the two",
        ),
        (
            billing_lines({"10000": ("5", "10.00")})[0].model_copy(update={"order_line_id": "77"}),
            "shows no item 77",
        ),
    ],
)
async def test_what_sap_cannot_hold_is_refused_before_anything_is_sent(
    company: Company, line: Any, told: str
) -> None:
    bench = Bench(company)
    with pytest.raises(ErpRejected, match=told):
        await bench.write(approved(an_invoice(lines=(line,))))
    assert not bench.changes()


async def test_pieces_billed_by_the_dozen_are_sent_in_the_orders_unit(company: Company) -> None:
    bench = Bench(company)
    (line,) = billing_lines({"10000": ("2", "120.00")})
    await bench.write(
        approved(an_invoice("240.00", "50.40", lines=(line.model_copy(update={"unit": "DZN"}),)))
    )
    (item,) = body_of(bench.changes()[0])["to_SuplrInvcItemPurOrdRef"]
    assert (item["QuantityInPurchaseOrderUnit"], item["PurchaseOrderQuantityUnit"]) == ("24", "PC")


async def test_an_item_priced_in_another_unit_than_it_is_ordered_in_is_refused(company: Company) -> None:
    class ByWeight(httpx.AsyncBaseTransport):
        """The order's items are priced by the kilogram."""

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            answer = await bench.recorder.handle_async_request(request)
            content = (await answer.aread()).replace(b'"OrderPriceUnit": "PC"', b'"OrderPriceUnit": "KG"')
            return httpx.Response(answer.status_code, headers=answer.headers, content=content)

    bench = Bench(company)
    action = an_invoice("50.00", "10.50", lines=billing_lines({"10000": ("5", "10.00")}))
    with pytest.raises(ErpRejected, match="ordered in PC and priced in KG"):
        await bench.through(ByWeight()).write(approved(action))
    assert not bench.changes()


def reversal(number: str = "510001") -> ReverseInvoice:
    return ReverseInvoice(
        company="NZT",
        supplier_id=TOOLS,
        posted_number=number,
        posting_date=date(2026, 3, 12),
        reason="wrong supplier",
    )


async def test_a_reversal_is_told_by_the_document_that_cancels(company: Company) -> None:
    bench = Bench(company)
    posting = await bench.write(approved(reversal()))
    assert posting.number == company.documents.by_number("510001").reversed_by
    assert posting.erp_id == "510001/2026"
    with pytest.raises(ErpRejected, match="status of the document"):
        await bench.write(approved(reversal()))


async def test_a_document_that_is_not_there_is_named(company: Company) -> None:
    with pytest.raises(ErpRejected, match="shows no document 599999"):
        await Bench(company).write(approved(reversal("599999")))


async def test_a_release_is_for_the_block_it_names(company: Company) -> None:
    bench = Bench(company)
    action = an_invoice("60.00", "12.60", lines=billing_lines({"10000": ("5", "12.00")}))
    posted = await bench.write(approved(action))
    hold = {"company": "NZT", "supplier_id": OFFICE, "posted_number": posted.number}
    with pytest.raises(ErpRejected, match="payment block R in SAP, not A"):
        await bench.write(approved(ReleaseHold(**hold, reason_code="A")))
    released = await bench.write(approved(ReleaseHold(**hold, reason_code="PRICE")))
    assert released.reference is None


async def test_a_payment_block_is_told_in_the_history_too(company: Company) -> None:
    document = company.documents.by_number("510001")
    company.payables.hold(document.document_id, "PRICE")
    told = {posting.number: posting.reference async for posting in Bench(company).erp.posted_since(None)}
    assert told["510001"] is not None
    assert "payment block R" in told["510001"]


def test_numbers_are_shortened_the_same_way_each_time_and_apart() -> None:
    assert shortened("RE-1") == "RE-1"
    assert shortened(LONG) == shortened(LONG.lower().upper())
    many = {shortened(f"RECHNUNG-2026-{number:06d}") for number in range(2000)}
    assert len(many) > 1990
    assert all(len(text) == 16 for text in many)


async def test_a_posting_whose_amount_became_another_one_is_for_a_person(company: Company) -> None:
    class Altered(httpx.AsyncBaseTransport):
        """SAP keeps another amount than was sent."""

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            answer = await bench.recorder.handle_async_request(request)
            content = (await answer.aread()).replace(
                b'"InvoiceGrossAmount": "121.00"', b'"InvoiceGrossAmount": "120.00"'
            )
            return httpx.Response(answer.status_code, headers=answer.headers, content=content)

    bench = Bench(company)
    action: PostInvoice = an_invoice()
    with pytest.raises(OutcomeUnknown, match="the total is"):
        await bench.through(Altered()).write(approved(action))
