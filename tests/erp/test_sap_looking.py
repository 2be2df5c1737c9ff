"""Looking before and after: what is taken up, what is for a person, what stays unknown in SAP."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.erp.orders import an_action, an_invoice, approved, billing_lines, invoice_fields
from tests.erp.sap_bench import Bench, CutOff
from tests.erp.world import OFFICE, PARTLY_RECEIVED, TOOLS
from tools.domain.decision import (
    CreateGoodsReceipt,
    CreatePurchaseOrder,
    ParkInvoice,
    PostCreditNote,
    PostingState,
    ReceivedLine,
    ReverseInvoice,
)
from tools.domain.money import Money
from tools.erp.answers import from_json
from tools.erp.contract import Capability
from tools.erp.errors import ErpRejected, OutcomeUnknown
from tools.erp.sandbox.company import Company

MIXED = (*billing_lines({"10000": ("23", "9.99")}), *an_invoice().lines)
TOTALS = ("329.77", "69.25")


@pytest.mark.parametrize("based", [frozenset(), frozenset({PARTLY_RECEIVED})])
async def test_a_parked_invoice_over_order_and_account_is_posted_and_not_made_again(
    company: Company, based: frozenset[str]
) -> None:
    """Whether its item over the order was split over two receipts or not."""
    bench = Bench(company, receipt_based=based)
    parked = await bench.write(approved(ParkInvoice(**invoice_fields(*TOTALS, lines=MIXED))))
    posted = await bench.write(approved(an_invoice(*TOTALS, lines=MIXED)))
    assert (posted.erp_id, posted.state) == (parked.erp_id, PostingState.POSTED)
    assert company.purchasing.line(PARTLY_RECEIVED, "10000").invoiced == 23


@pytest.mark.parametrize(
    "other",
    [
        {"lines": (*billing_lines({"10000": ("22", "9.99")}), *an_invoice().lines)},
        {"currency": "USD", "gross": Money.of("399.02", "USD")},
        {"invoice_date": date(2026, 3, 9)},
    ],
)
async def test_a_parked_invoice_of_other_content_is_not_taken_up(
    company: Company, other: dict[str, Any]
) -> None:
    bench = Bench(company)
    await bench.write(approved(ParkInvoice(**invoice_fields(*TOTALS, lines=MIXED))))
    action = an_invoice(*TOTALS, lines=MIXED).model_copy(update=other)
    with pytest.raises(ErpRejected, match="not the one approved here"):
        await bench.write(approved(action))
    assert company.purchasing.line(PARTLY_RECEIVED, "10000").invoiced == 0


async def test_parking_twice_leaves_one(company: Company) -> None:
    bench = Bench(company)
    order = approved(ParkInvoice(**invoice_fields()))
    first, second = await bench.write(order), await bench.write(order)
    assert first.erp_id == second.erp_id
    assert len(bench.documents()) == 1


async def test_a_credit_memo_names_the_receipts_that_were_billed(company: Company) -> None:
    bench = Bench(company, receipt_based=frozenset({PARTLY_RECEIVED}))
    five = billing_lines({"10000": ("5", "10.00")})
    await bench.write(approved(an_invoice("50.00", "10.50", lines=five)))
    two = billing_lines({"10000": ("2", "10.00")})
    credit = PostCreditNote(**invoice_fields("20.00", "4.20", number="VD-C-1", lines=two))
    await bench.write(approved(credit))
    (item,) = from_json(bench.changes()[-1].content)["to_SuplrInvcItemPurOrdRef"]
    assert item["ReferenceDocument"] == "500004"
    too_many = billing_lines({"10000": ("4", "10.00")})
    with pytest.raises(ErpRejected, match="cover 3 of 4"):
        fields = invoice_fields("40.00", "8.40", number="VD-C-2", lines=too_many)
        await bench.write(approved(PostCreditNote(**fields)))


def a_reversal() -> ReverseInvoice:
    return ReverseInvoice(
        company="NZT",
        supplier_id=TOOLS,
        posted_number="510001",
        posting_date=date(2026, 3, 12),
        reason="wrong supplier",
    )


async def test_a_number_that_stands_in_several_years_is_for_a_person(company: Company) -> None:
    held = company.documents.by_number("510001")
    again = held.model_copy(update={"document_id": "other", "posting_date": date(2025, 2, 2)})
    company.books.documents["other"] = again
    with pytest.raises(ErpRejected, match="several fiscal years: 2025, 2026"):
        await Bench(company).write(approved(a_reversal()))


@pytest.mark.parametrize(
    "capability",
    [
        Capability.REVERSE_INVOICE,
        Capability.RELEASE_HOLD,
        Capability.CREATE_PURCHASE_ORDER,
        Capability.AMEND_ORDER_LINE,
    ],
)
async def test_a_change_that_cannot_be_read_back_is_unknown_and_then_found(
    company: Company, capability: Capability
) -> None:
    bench = Bench(company)
    order = approved(an_action(capability, company))
    with pytest.raises(OutcomeUnknown):
        await bench.through(CutOff(bench.recorder)).write(order)
    assert await bench.erp.find(order) is not None


class Deaf(httpx.AsyncBaseTransport):
    """SAP says yes to a function and does nothing."""

    def __init__(self, bench: Bench) -> None:
        self._inner = bench.recorder

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2]
        if request.method == "POST" and name in ("Cancel", "Release"):
            return httpx.Response(200, json={"d": {name: {"Success": True}}})
        if request.method == "PATCH":
            return httpx.Response(204)
        return await self._inner.handle_async_request(request)


@pytest.mark.parametrize(
    "capability",
    [Capability.REVERSE_INVOICE, Capability.RELEASE_HOLD, Capability.AMEND_ORDER_LINE],
)
async def test_a_yes_that_changed_nothing_is_not_believed(company: Company, capability: Capability) -> None:
    bench = Bench(company)
    with pytest.raises(OutcomeUnknown):
        await bench.through(Deaf(bench)).write(approved(an_action(capability, company)))


async def test_an_answer_that_names_no_document_is_unknown(company: Company) -> None:
    class Mute(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            answer = await bench.recorder.handle_async_request(request)
            made = request.method == "POST" and request.url.path.endswith("/A_SupplierInvoice")
            return httpx.Response(201, json={"d": {}}) if made else answer

    bench = Bench(company)
    with pytest.raises(OutcomeUnknown, match="named no number"):
        await bench.through(Mute()).write(approved(an_invoice()))
    assert await bench.erp.find(approved(an_invoice())) is not None


async def test_two_receipts_with_one_delivery_note_are_for_a_person(company: Company) -> None:
    bench = Bench(company)
    for line in ("30000", "10000"):
        company.purchasing.receive(
            PARTLY_RECEIVED, {line: Decimal(1)}, date(2026, 3, 10), delivery_note="LS-9"
        )
    action = CreateGoodsReceipt(
        company="NZT",
        order_number=PARTLY_RECEIVED,
        delivery_note="ls-9",
        received_on=date(2026, 3, 10),
        lines=(ReceivedLine(order_line_id="30000", quantity=Decimal(1)),),
    )
    with pytest.raises(OutcomeUnknown, match="several receipts"):
        await bench.erp.find(approved(action))


async def test_two_orders_with_one_reference_are_for_a_person(company: Company) -> None:
    bench = Bench(company)
    action = an_action(Capability.CREATE_PURCHASE_ORDER, company)
    assert isinstance(action, CreatePurchaseOrder)
    for _ in range(2):
        await bench.write(approved(action))
    with pytest.raises(OutcomeUnknown, match="several orders with our reference"):
        await bench.erp.find(approved(action))


async def test_an_order_that_is_not_there_is_not_amended(company: Company) -> None:
    action = an_action(Capability.AMEND_ORDER_LINE, company).model_copy(update={"order_number": "459999"})
    with pytest.raises(ErpRejected, match="shows no item 20000 of order 459999"):
        await Bench(company).write(approved(action))


async def test_a_price_in_another_currency_is_refused(company: Company) -> None:
    action = an_action(Capability.AMEND_ORDER_LINE, company).model_copy(
        update={"unit_price": Money.of("2.00", "USD")}
    )
    with pytest.raises(ErpRejected, match="the order is in EUR, the price in USD"):
        await Bench(company).write(approved(action))


async def test_an_invoice_of_the_same_number_from_another_supplier_is_not_it(company: Company) -> None:
    bench = Bench(company)
    await bench.write(approved(an_invoice(supplier_id=TOOLS)))
    assert await bench.erp.find(approved(an_invoice(supplier_id=OFFICE))) is None
