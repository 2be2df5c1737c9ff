"""Answers of Oracle that say more than happened, or are no answers: what is read back decides."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.erp.oracle_client import Bench
from tests.erp.orders import an_invoice, approved, invoice_fields
from tests.erp.world import CENTS, COMPANY, LONG, MANY, OFFICE, TODAY, TOOLS, key_of
from tools.domain.decision import (
    CreateGoodsReceipt,
    HoldInvoice,
    ParkInvoice,
    ReceivedLine,
    ReleaseHold,
    ReverseInvoice,
)
from tools.erp.errors import ErpRejected, ErpUnavailable, OutcomeUnknown
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults

POSTED = {"company": COMPANY, "supplier_id": TOOLS, "posted_number": "510001"}
HOLD = HoldInvoice(**POSTED, reason_code="PRICE")
RECEIPT = CreateGoodsReceipt(
    company=COMPANY,
    order_number=LONG,
    delivery_note="LS-1",
    received_on=TODAY,
    lines=(
        ReceivedLine(order_line_id="20000", quantity=Decimal(1)),
        ReceivedLine(order_line_id="30000", quantity=Decimal(2)),
    ),
)


@pytest.fixture
def bench(company: Company, faults: Faults) -> Bench:
    return Bench(company, faults)


class Answering(httpx.AsyncBaseTransport):
    """Answers a request to an address with this end by itself; the server never sees it."""

    def __init__(self, inner: httpx.AsyncBaseTransport, method: str, end: str, body: Any) -> None:
        self._inner = inner
        self._what = (method, end)
        self._body = body

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        method, end = self._what
        if request.method == method and request.url.path.rstrip("/").endswith(end):
            return httpx.Response(200, content=json.dumps(self._body).encode())
        return await self._inner.handle_async_request(request)


@pytest.mark.parametrize(
    ("method", "end", "action", "error", "told"),
    [
        ("POST", "validateInvoice", an_invoice(), ErpRejected, "Not validated.*it names no hold"),
        ("POST", "/invoices", an_invoice(), OutcomeUnknown, "isn't valid.*cannot be seen"),
        ("POST", "11.13.18.05", ParkInvoice(**invoice_fields()), OutcomeUnknown, "cannot be seen"),
        (
            "POST",
            "invoiceHolds",
            HoldInvoice(**POSTED, reason_code="PRICE"),
            OutcomeUnknown,
            "cannot be seen",
        ),
        (
            "POST",
            "cancelInvoice",
            ReverseInvoice(**POSTED, posting_date=TODAY, reason="wrong"),
            ErpRejected,
            "did not cancel invoice RE-2026/017: it is Validated",
        ),
        ("POST", "receivingReceiptRequests", RECEIPT, OutcomeUnknown, "could not be read back"),
    ],
)
async def test_a_success_that_did_nothing_is_not_taken_for_one(
    bench: Bench, method: str, end: str, action: Any, error: type[Exception], told: str
) -> None:
    books = bench.company.dump()["trial_balance"]
    erp = bench.through(Answering(bench.recorder, method, end, {"result": "completed successfully"}))
    with pytest.raises(error, match=told):
        await erp.write(approved(action))
    assert bench.company.dump()["trial_balance"] == books


async def test_a_release_that_released_nothing_is_told(bench: Bench) -> None:
    await bench.erp.write(approved(HOLD))
    (hold,) = bench.server.payables.holds
    erp = bench.through(Answering(bench.recorder, "PATCH", str(hold), {}))
    with pytest.raises(ErpRejected, match="did not release the hold PRICE"):
        await erp.write(approved(ReleaseHold(**POSTED, reason_code="PRICE")))


async def test_a_parked_invoice_whose_hold_is_gone_is_not_told_as_parked(bench: Bench) -> None:
    await bench.erp.write(approved(ParkInvoice(**invoice_fields())))
    (hold,) = bench.server.payables.holds
    bench.server.payables.release(hold, "Amount approved", None)
    erp = bench.through(Answering(bench.recorder, "POST", "invoiceHolds", {}))
    with pytest.raises(OutcomeUnknown, match="cannot be seen"):
        await erp.write(approved(ParkInvoice(**invoice_fields())))


async def test_several_lines_are_one_receipt(bench: Bench) -> None:
    posting = await bench.erp.write(approved(RECEIPT))
    (receipt,) = bench.company.purchasing.receipts_of(LONG)
    assert (receipt.number, len(receipt.lines)) == (posting.number, 2)


async def test_a_refused_request_that_cannot_be_taken_out_is_named(bench: Bench) -> None:
    too_many = RECEIPT.model_copy(
        update={"lines": (ReceivedLine(order_line_id="20000", quantity=Decimal(99)),)}
    )
    bench.faults.plan("delete_receivingReceiptRequests", "error_before")  # type: ignore[arg-type]
    with pytest.raises(ErpRejected, match="99 received of 2.*is left in the interface"):
        await bench.erp.write(approved(too_many))


async def test_a_number_that_stands_for_several_invoices_is_a_question(bench: Bench) -> None:
    for _ in range(2):
        bench.unvalidated(number="TWICE")
    action = HoldInvoice(company=COMPANY, supplier_id=OFFICE, posted_number="TWICE", reason_code="PRICE")
    with pytest.raises(ErpRejected, match="stands for several invoices"):
        await bench.erp.write(approved(action))


async def test_the_same_number_of_another_supplier_is_not_meant(bench: Bench) -> None:
    assert (await bench.erp.find(approved(an_invoice(number="RE-2026/017")))) is None
    await bench.erp.write(approved(an_invoice(number="RE-2026/017")))
    (found,) = (await bench.erp.invoices([key_of(OFFICE, "RE-2026/017", TODAY)])).values()
    assert len(found) == 1


async def test_a_supplier_that_is_not_there_is_named(bench: Bench) -> None:
    with pytest.raises(ErpRejected, match="no suppliers numbered 99999"):
        await bench.erp.write(approved(an_invoice(supplier_id="99999")))


@pytest.mark.parametrize("found", [{"erp_id": "123"}, {"erp_id": "GR-1"}])
async def test_a_file_for_what_is_no_invoice_is_refused(bench: Bench, found: dict[str, str]) -> None:
    posting = (await bench.erp.write(approved(an_invoice()))).model_copy(update=found)
    with pytest.raises(ErpRejected, match="no invoice"):
        await bench.erp.attach(posting, "a.pdf", b"%PDF-")


@pytest.mark.parametrize(
    ("end", "body"),
    [
        ("purchaseOrders", []),
        ("purchaseOrders", {"items": "none"}),
        ("purchaseOrders", {"items": ["text"]}),
        ("purchaseOrders", {"items": [], "hasMore": True}),
        ("11.13.18.05", {"parts": [{"id": "part1", "payload": {}}]}),
        ("11.13.18.05", {}),
    ],
)
async def test_answers_that_are_none_are_unavailable_and_never_empty(
    bench: Bench, end: str, body: Any
) -> None:
    method = "POST" if end == "11.13.18.05" else "GET"
    erp = bench.through(Answering(bench.recorder, method, end, body))
    with pytest.raises(ErpUnavailable):
        await erp.orders(MANY[:2])


async def test_lines_that_are_told_and_not_shown_are_unavailable(bench: Bench) -> None:
    lines = {"items": [], "hasMore": True, "links": []}
    row = {"POHeaderId": 1, "OrderNumber": CENTS, "SupplierId": 1, "CurrencyCode": "EUR"}
    for shown in (lines, {**lines, "items": [{"LineNumber": 1}]}):
        body = {"items": [{**row, "lines": shown}], "hasMore": False}
        erp = bench.through(Answering(bench.recorder, "GET", "purchaseOrders", body))
        with pytest.raises(ErpUnavailable):
            await erp.orders([CENTS])


@pytest.mark.parametrize(
    ("lines", "told"),
    [([{"LineNumber": 2, "schedules": []}], "without the schedules of line 2"), ([], "without lines")],
)
async def test_an_order_that_is_shown_in_part_is_refused(bench: Bench, lines: list[Any], told: str) -> None:
    row = {"POHeaderId": 1, "OrderNumber": CENTS, "SupplierId": 1, "CurrencyCode": "EUR", "lines": lines}
    erp = bench.through(Answering(bench.recorder, "GET", "purchaseOrders", {"items": [row]}))
    with pytest.raises(ErpRejected, match=told):
        await erp.orders([CENTS])
