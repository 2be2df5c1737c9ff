"""Oracle's comparison minds letter case; a number is the same number however it is written there."""

from __future__ import annotations

from decimal import Decimal

import httpx
import pytest

from tests.erp.oracle_client import Bench
from tests.erp.orders import an_invoice, approved
from tests.erp.world import COMPANY, LONG, OFFICE, TODAY
from tools.domain.decision import (
    CreateGoodsReceipt,
    HoldInvoice,
    PostingState,
    ReceivedLine,
    ReleaseHold,
    ReverseInvoice,
)
from tools.erp.errors import ErpRejected, OutcomeUnknown
from tools.erp.oracle.sandbox_query import read_options
from tools.erp.oracle.sandbox_schema import ApiError, resources
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults


@pytest.fixture
def bench(company: Company, faults: Faults) -> Bench:
    return Bench(company, faults)


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ("Vd-90001", "VD-90001"),
        ("vD-90001a", "Vd-90001A"),
        ("Großhandel-7", "GROßHANDEL-7"),
        ("STRASSE-8", "Straße-8"),
        ("Ré/17 É", "RÉ/17 é"),
        ("O'Neil-1", "o'neil-1"),
    ],
)
async def test_a_number_in_other_letters_is_found_and_never_created_again(
    bench: Bench, there: str, here: str
) -> None:
    bench.unvalidated(number=there)
    action = an_invoice(number=here)
    found = await bench.erp.find(approved(action))
    told = await bench.erp.invoices([action.invoice_key, an_invoice(number="OTHER").invoice_key])
    assert found is not None and found.supplier_number == there
    assert [[each.supplier_number for each in group] for group in told.values()] == [[there]]
    with pytest.raises(ErpRejected, match="already exists"):
        await bench.erp.write(approved(action))
    assert bench.changes() == []


async def test_a_sharp_s_that_is_written_as_two_letters_is_another_number(bench: Bench) -> None:
    """No database capitalises ß as SS: asked for SS it does not show ß, and Oracle takes both numbers."""
    bench.unvalidated(number="straße-7")
    assert await bench.erp.find(approved(an_invoice(number="STRASSE-7"))) is None


async def test_a_receipt_request_is_found_under_its_note_in_other_letters(
    company: Company, faults: Faults
) -> None:
    slow = Bench(company, faults, {"receipts_at_once": False})
    action = CreateGoodsReceipt(
        company=COMPANY,
        order_number=LONG,
        delivery_note="Ls-90001a",
        received_on=TODAY,
        lines=(ReceivedLine(order_line_id="20000", quantity=Decimal(1)),),
    )
    with pytest.raises(OutcomeUnknown):
        await slow.erp.write(approved(action))
    with pytest.raises(OutcomeUnknown, match="is PENDING in Oracle"):
        await slow.erp.find(approved(action.model_copy(update={"delivery_note": "lS-90001A"})))


async def test_a_hold_is_placed_on_an_invoice_whose_number_is_written_in_other_letters(bench: Bench) -> None:
    await bench.erp.write(approved(an_invoice(number="Vd-90001a")))
    given = {"company": COMPANY, "supplier_id": OFFICE, "reason_code": "PRICE"}
    for number in ("vD-90001A", "Vd-90001a"):
        hold = approved(HoldInvoice(**given, posted_number=number))
        assert await bench.erp.find(hold) is None
        await bench.erp.write(hold)
        assert await bench.erp.find(hold) is not None
        await bench.erp.write(approved(ReleaseHold(**given, posted_number=number)))


async def test_of_two_numbers_that_differ_in_letters_the_one_written_so_is_meant(bench: Bench) -> None:
    """Two of them came into the books by other hands."""
    for number in ("Vd-90001a", "VD-90001A"):
        bench.unvalidated(number=number)
    given = {"company": COMPANY, "supplier_id": OFFICE, "posting_date": TODAY, "reason": "wrong supplier"}
    with pytest.raises(ErpRejected, match="stands for several invoices"):
        await bench.erp.write(approved(ReverseInvoice(**given, posted_number="vd-90001a")))
    await bench.erp.write(approved(ReverseInvoice(**given, posted_number="Vd-90001a")))
    held = bench.company.books.documents.values()
    (undone,) = (found for found in held if found.state is PostingState.CANCELLED)
    assert undone.supplier_number == "Vd-90001a"


@pytest.mark.parametrize(
    "q",
    [
        "upper(InvoiceNumber)='A-1'",
        "UPPER(Supplier)='ACME'",
        "UPPER(InvoiceNumber)>'A-1'",
        "UPPER(invoiceLines.Description)='A'",
        "UPPER(VoucherNumber)='1'",
    ],
)
def test_the_sandbox_takes_the_function_only_where_the_doctor_tries_it(q: str) -> None:
    with pytest.raises(ApiError):
        read_options(resources()["invoices"], {"q": q}, 4)
    options = read_options(resources()["invoices"], {"q": "UPPER(InvoiceNumber) in ('A-1', 'B-2')"}, 4)
    assert options.test is not None and options.test({"InvoiceNumber": "b-2"})
    assert not options.test({"InvoiceNumber": "b-3"})


class WithoutFunctions(httpx.AsyncBaseTransport):
    """A pod whose `q` knows no functions."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if "UPPER" in str(request.url):
            return httpx.Response(400, text="The expression cannot be processed.", request=request)
        return await self._inner.handle_async_request(request)


async def test_a_pod_that_cannot_search_so_is_told_by_the_doctor_and_posts_nothing(bench: Bench) -> None:
    erp = bench.through(WithoutFunctions(bench.recorder))
    (told,) = await erp.shortcomings()
    assert "UPPER(InvoiceNumber)" in told and "cannot be processed" in told
    with pytest.raises(ErpRejected, match="cannot be processed"):
        await erp.write(approved(an_invoice()))
    assert bench.changes() == []
    assert await bench.erp.shortcomings() == []
    assert (await bench.erp.write(approved(an_invoice()))).state is PostingState.POSTED
