"""Invoices of Exact Online's logistics module in every status; credit notes whatever type they are given."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from tests.erp.exact_bench import ExactBench
from tests.erp.orders import an_invoice, approved, invoice_fields
from tests.erp.world import OFFICE, key_of
from tools.domain.decision import PostCreditNote, PostingState
from tools.domain.documents import DocumentType
from tools.domain.money import Money
from tools.erp.answers import from_json, to_json
from tools.erp.errors import ErpRejected
from tools.erp.sandbox.company import Company

ENTRIES = "PurchaseEntries"
DAY = date(2026, 3, 10)


@pytest.fixture
async def bench(company: Company, tmp_path: Path) -> ExactBench:
    found = ExactBench(company, tmp_path)
    await found.consent()
    return found


async def processed(bench: ExactBench, *, among_entries: bool) -> str:
    """A processed invoice of the logistics module under VD-90001; its id in the books."""
    posting = await bench.connect().write(approved(an_invoice()))
    bench.server.records.from_logistics[posting.erp_id] = among_entries
    bench.recorder.requests.clear()
    return posting.erp_id


async def test_a_processed_invoice_that_is_no_entry_is_found_and_nothing_is_entered_beside_it(
    bench: ExactBench,
) -> None:
    await processed(bench, among_entries=False)
    erp, order = bench.connect(), approved(an_invoice())
    held = await erp.find(order)
    assert held is not None
    assert (held.state, held.gross) == (PostingState.POSTED, Money.of("121", "EUR"))
    with pytest.raises(ErpRejected, match="an invoice of the logistics module under number VD-90001"):
        await erp.write(order)
    assert not bench.sent("POST")


async def test_a_processed_invoice_under_another_date_is_a_double_too(bench: ExactBench) -> None:
    await processed(bench, among_entries=False)
    later = approved(an_invoice(invoice_date=DAY - timedelta(days=1)))
    with pytest.raises(ErpRejected, match="logistics module"):
        await bench.connect().write(later)
    assert not bench.sent("POST")


@pytest.mark.parametrize("among_entries", [True, False])
async def test_one_document_is_told_once_wherever_it_stands(bench: ExactBench, among_entries: bool) -> None:
    await processed(bench, among_entries=among_entries)
    erp, key = bench.connect(), key_of(OFFICE, "VD-90001", DAY)
    assert [posting.state for posting in (await erp.invoices([key]))[key]] == [PostingState.POSTED]
    for moment in (None, bench.company.clock() - timedelta(hours=1)):
        told = [each async for each in erp.posted_since(moment) if each.supplier_number == "VD-90001"]
        assert len(told) == 1, moment


async def test_a_rejected_entry_does_not_hide_the_invoice_of_logistics(bench: ExactBench) -> None:
    await processed(bench, among_entries=True)

    def reject(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return httpx.Response(200, content=answer.content.replace(b'"Status": 20', b'"Status": 5'))

    def only_entries(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return reject(request, answer) if ENTRIES in request.url.path else answer

    erp, key = bench.changing(only_entries), key_of(OFFICE, "VD-90001", DAY)
    states = {posting.state for posting in (await erp.invoices([key]))[key]}
    assert states == {PostingState.CANCELLED, PostingState.POSTED}


async def test_a_negative_amount_is_a_credit_note_whatever_its_type(bench: ExactBench) -> None:
    def of_type_30(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if ENTRIES not in request.url.path:
            return answer
        body = from_json(answer.content)
        for row in body["d"].get("results", []):
            row["Type"] = 30
        return httpx.Response(answer.status_code, content=to_json(body))

    erp = bench.changing(of_type_30)
    order = approved(PostCreditNote(**invoice_fields("20.00", "4.20", number="VD-C-1")))
    posting = await erp.write(order)
    assert (posting.document_type, posting.gross) == (DocumentType.CREDIT_NOTE, Money.of("24.20", "EUR"))
    found = await erp.find(order)
    assert found is not None
    assert (found.erp_id, found.net) == (posting.erp_id, Money(amount=Decimal("20.00"), currency="EUR"))
    with pytest.raises(ErpRejected, match="already exists"):
        await erp.write(order)
    assert len(bench.sent("POST", ENTRIES)) == 1
