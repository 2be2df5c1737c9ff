"""A refusal of posting is looked into before it is believed; a draft with other coding is not ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.erp.business_central_bench import Bench, CutOff
from tests.erp.orders import MemoryLog, a_line, an_invoice, approved, invoice_fields
from tools.domain.decision import ParkInvoice, PostCreditNote, PostingState, PostInvoice
from tools.erp.errors import ErpAccessDenied, ErpRejected, OutcomeUnknown
from tools.erp.posting import post_once
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import FaultKind, Faults


@pytest.fixture
async def bench(company: Company, faults: Faults) -> AsyncIterator[Bench]:
    made = Bench(company, faults)
    yield made
    await made.erp.close()


async def no_pause(seconds: float) -> None:
    return None


async def test_a_posting_that_was_committed_and_then_refused_is_the_result(bench: Bench) -> None:
    bench.faults.plan("post", FaultKind.ERROR_AFTER, status=400)
    log = MemoryLog()
    posting = await post_once(bench.erp, approved(an_invoice()), log, no_pause)
    assert (posting.state, log.notes) == (PostingState.POSTED, ["sent", "done"])
    assert [document.number for document in bench.documents()] == [posting.number]
    assert not [request for request in bench.recorder.requests if request.method == "DELETE"]


async def test_a_parked_draft_that_was_posted_and_then_refused_is_the_result(bench: Bench) -> None:
    await bench.erp.write(approved(ParkInvoice(**invoice_fields())))
    bench.faults.plan("post", FaultKind.ERROR_AFTER, status=403)
    assert (await bench.erp.write(approved(an_invoice()))).state is PostingState.POSTED


async def test_a_credit_memo_that_was_committed_and_then_refused_is_the_result(bench: Bench) -> None:
    bench.faults.plan("post", FaultKind.ERROR_AFTER, status=409)
    note = PostCreditNote(**invoice_fields("20.00", "4.20", number="VD-C-90001"))
    assert (await bench.erp.write(approved(note))).state is PostingState.POSTED


class ChangedByPosting(httpx.AsyncBaseTransport):
    """Right before the posting an extension does something; after its commit it stops with an error."""

    def __init__(self, bench: Bench, **change: Any) -> None:
        self._bench = bench
        self._change = change

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("Microsoft.NAV.post"):
            (draft,) = self._bench.documents()
            lines = tuple(line.model_copy(update=self._change) for line in draft.lines)
            books = self._bench.company.books.documents
            books[draft.document_id] = draft.model_copy(update={"lines": lines})
            self._bench.faults.plan("post", FaultKind.ERROR_AFTER, status=400)
        return await self._bench.recorder.handle_async_request(request)


async def test_a_refused_document_that_is_posted_otherwise_than_approved_is_for_a_person(
    bench: Bench,
) -> None:
    erp = bench.through(ChangedByPosting(bench, cost_centre="WORKS"))
    with pytest.raises(OutcomeUnknown, match="not as it was approved"):
        await erp.write(approved(an_invoice()))
    (posted,) = bench.documents()
    assert posted.state is PostingState.POSTED


async def test_a_refusal_after_which_nobody_can_look_is_unknown(bench: Bench) -> None:
    bench.faults.plan("post", FaultKind.ERROR_AFTER, status=400)
    erp = bench.through(CutOff(bench.recorder, "Microsoft.NAV.post"))
    with pytest.raises(OutcomeUnknown, match="could not be read"):
        await erp.write(approved(an_invoice()))


class PostedBeforeDeletion(httpx.AsyncBaseTransport):
    """The document is posted by hand between our look and our DELETE."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            (draft,) = self._bench.documents()
            self._bench.company.payables.post(draft.document_id)
        return await self._bench.recorder.handle_async_request(request)


async def test_a_draft_that_cannot_be_deleted_because_it_is_posted_is_the_result(bench: Bench) -> None:
    bench.faults.plan("post", FaultKind.STALE_VERSION)
    posting = await bench.through(PostedBeforeDeletion(bench)).write(approved(an_invoice()))
    assert posting.state is PostingState.POSTED


class NotAllowed(httpx.AsyncBaseTransport):
    """Our login may make drafts and not post them."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("Microsoft.NAV.post"):
            return httpx.Response(403, json={"error": {"code": "x", "message": "You may not post."}})
        return await self._bench.recorder.handle_async_request(request)


async def test_a_posting_without_the_right_to_post_leaves_no_draft_behind(bench: Bench) -> None:
    with pytest.raises(ErpAccessDenied):
        await bench.through(NotAllowed(bench)).write(approved(an_invoice()))
    assert bench.documents() == []


def exempt(tax_code: str, **values: Any) -> dict[str, Any]:
    return invoice_fields(tax="0.00", lines=(a_line(tax_code=tax_code, **values),))


def to(**values: Any) -> dict[str, Any]:
    return invoice_fields(lines=(a_line(**values),))


BRACKETS = {"item_number": "BRACKET", "account": None}
OTHER_CODING: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "cost centre": (to(cost_centre="WORKS"), to(cost_centre="SALES")),
    "a cost centre where none was approved": (to(cost_centre="WORKS"), to()),
    "no cost centre": (to(), to(cost_centre="WORKS")),
    "reverse charge instead of exempt": (exempt("AE21"), exempt("S0")),
    "exempt instead of reverse charge": (exempt("S0"), exempt("AE21")),
    "description": (to(description="Chairs"), to(description="Tables")),
    "unit": (to(**BRACKETS, unit="H87"), to(**BRACKETS, unit="KGM")),
    "price": (to(unit_price=Decimal("100.00")), to(unit_price=Decimal("120.00"))),
}


@pytest.mark.parametrize(("parked", "wanted"), OTHER_CODING.values(), ids=OTHER_CODING)
async def test_a_parked_draft_with_other_coding_is_not_posted(
    bench: Bench, parked: dict[str, Any], wanted: dict[str, Any]
) -> None:
    left = await bench.erp.write(approved(ParkInvoice(**parked)))
    with pytest.raises(ErpRejected, match=left.number):
        await bench.erp.write(approved(PostInvoice(**wanted)))
    (draft,) = bench.documents()
    assert draft.state is PostingState.DRAFT
    bench.company.documents.delete(draft.document_id)
    assert (await bench.erp.write(approved(PostInvoice(**wanted)))).state is PostingState.POSTED


@pytest.mark.parametrize(("parked", "wanted"), OTHER_CODING.values(), ids=OTHER_CODING)
async def test_a_parked_draft_with_the_same_coding_is_posted(
    bench: Bench, parked: dict[str, Any], wanted: dict[str, Any]
) -> None:
    for fields in (parked, wanted):
        action = ParkInvoice(**{**fields, "number": "VD-1" if fields is parked else "VD-2"})
        left = await bench.erp.write(approved(action))
        again = PostInvoice(**{**fields, "number": action.number})
        assert (await bench.erp.write(approved(again))).erp_id == left.erp_id
