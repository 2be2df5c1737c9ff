"""Payment blocks in AFAS: each with its reason, and only ours are lifted."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.erp.afas_client import HEADER, ROOT, Bench
from tests.erp.orders import an_invoice, approved, invoice_fields
from tests.erp.world import COMPANY, OFFICE, TOOLS
from tools.domain.decision import HoldInvoice, PostCreditNote, ReleaseHold
from tools.erp.errors import ErpRejected, OutcomeUnknown
from tools.erp.sandbox.company import Company


def a_hold(reason: str = "PRICE", **values: Any) -> HoldInvoice:
    fields = {"company": COMPANY, "supplier_id": TOOLS, "posted_number": "510001", "reason_code": reason}
    return HoldInvoice(**{**fields, **values})


def a_release(reason: str = "PRICE") -> ReleaseHold:
    return ReleaseHold(**a_hold(reason).model_dump(exclude={"kind"}))


async def test_each_hold_keeps_its_reason_and_the_last_release_lifts_the_block(company: Company) -> None:
    bench = Bench(company)
    bench.server.app.profit.texts[company.documents.by_number("510001").document_id] = "Drills | set 6"  # type: ignore[attr-defined]
    for action in (a_hold("PRICE"), a_hold("QUANTITY"), a_release("PRICE"), a_release("QUANTITY")):
        assert await bench.erp.find(approved(action)) is None
        await bench.erp.write(approved(action))
        assert await bench.erp.find(approved(action)) is not None
    sent = [message["FiInvoice"]["Element"]["Fields"] for message in bench.sent("FiInvoice")]
    assert [(fields["BlPa"], fields["Ds"]) for fields in sent] == [
        ("1", "HOLD PRICE | Drills | set 6"),
        ("1", "HOLD PRICE | HOLD QUANTITY | Drills | set 6"),
        ("1", "HOLD QUANTITY | Drills | set 6"),
        ("0", "Drills | set 6"),
    ]
    assert not company.documents.by_number("510001").holds


@pytest.mark.parametrize("text", [None, "", "Do not pay, see the controller"])
async def test_somebody_elses_block_is_neither_shared_nor_lifted(company: Company, text: str | None) -> None:
    told = {"UnId": "1", "VaAd": "3", "DcNr": TOOLS, "InId": "RE-2026/017", "BlPa": "1"}
    fields = told if text is None else {**told, "Ds": text}
    bench = Bench(company)
    async with httpx.AsyncClient(transport=bench.recorder, headers={"Authorization": HEADER}) as clerk:
        body = {"FiInvoice": {"Element": {"Fields": fields}}}
        assert (await clerk.put(f"{ROOT}connectors/FiInvoice", json=body)).status_code == 201
    for action in (a_hold(), a_release()):
        with pytest.raises(ErpRejected, match="by somebody else"):
            await bench.erp.write(approved(action))
    assert bench.sent("FiInvoice") == [body], "the clerk's own"


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (a_hold(posted_number="999999"), "holds no invoice"),
        (a_hold(posted_number="PI-1"), "holds no invoice"),
        (a_hold(supplier_id=OFFICE), "holds no invoice"),
        (a_hold("PRICE | HOLD X"), "cannot stand in a description"),
        (a_release(), "not on hold for PRICE"),
    ],
)
async def test_a_hold_that_makes_no_sense_is_refused(company: Company, action: Any, words: str) -> None:
    bench = Bench(company)
    with pytest.raises(ErpRejected, match=words):
        await bench.erp.write(approved(action))
    assert bench.sent("FiInvoice") == []


async def test_a_description_without_room_for_the_reason_is_left_alone(company: Company) -> None:
    bench = Bench(company)
    document = company.documents.by_number("510001")
    bench.server.app.profit.texts[document.document_id] = "x" * 250  # type: ignore[attr-defined]
    with pytest.raises(ErpRejected, match="no room"):
        await bench.erp.write(approved(a_hold()))
    assert not company.documents.by_number("510001").holds


class Rows(httpx.AsyncBaseTransport):
    """Changes the rows of invoices that are read; `after`: only those read after a write."""

    def __init__(self, bench: Bench, *, after: bool = False, **values: Any) -> None:
        self._bench, self._values = bench, values
        self._on = not after

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._bench.recorder.handle_async_request(request)
        self._on = self._on or request.method != "GET"
        if not self._on or "ErpAgent_Invoices" not in request.url.path:
            return answer
        told = json.loads(await answer.aread())
        told["rows"] = [{**row, **self._values} for row in told["rows"]]
        return httpx.Response(200, json=told, request=request)


async def test_a_number_that_two_documents_share_names_neither(company: Company) -> None:
    bench = Bench(company)
    invoice = await bench.erp.write(approved(an_invoice(number="N-1")))
    credit = await bench.erp.write(approved(PostCreditNote(**invoice_fields(number="n-1"))))
    for posting in (invoice, credit):
        with pytest.raises(ErpRejected, match="names not only entry"):
            await bench.erp.write(approved(a_hold(supplier_id=OFFICE, posted_number=posting.number)))
        with pytest.raises(ErpRejected, match="names not only entry"):
            await bench.erp.attach(posting, "a.pdf", b"%PDF-")
    assert bench.sent("FiInvoice") == bench.sent("KnSubject") == []


async def test_the_same_number_of_another_creditor_is_no_hindrance(company: Company) -> None:
    bench = Bench(company)
    ours = await bench.erp.write(approved(an_invoice(number="N-1")))
    await bench.erp.write(approved(an_invoice(number="N-1", supplier_id=TOOLS)))
    held = await bench.erp.write(approved(a_hold(supplier_id=OFFICE, posted_number=ours.number)))
    assert held.number == ours.number


@pytest.mark.parametrize("number", [None, "", " "])
async def test_a_document_without_a_number_is_not_named_by_an_empty_one(
    company: Company, number: Any
) -> None:
    bench = Bench(company)
    with pytest.raises(ErpRejected, match="no invoice number"):
        await bench.through(Rows(bench, InId=number)).write(approved(a_hold()))
    assert bench.sent("FiInvoice") == []


@pytest.mark.parametrize(
    "shown", [{"BlPa": False}, {"Ds": "Drills"}, {"Ds": "HOLD QUANTITY"}, {"EnNo": 7, "CrId": "7"}]
)
async def test_a_hold_that_does_not_show_afterwards_is_not_called_done(
    company: Company, shown: dict[str, Any]
) -> None:
    bench = Bench(company)
    with pytest.raises(OutcomeUnknown, match="AFAS took the change of entry 510001"):
        await bench.through(Rows(bench, after=True, **shown)).write(approved(a_hold()))
    assert len(bench.sent("FiInvoice")) == 1
