"""Files in Business Central: an entry, then its bytes; whatever breaks off in between, one file is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from tests.erp.business_central_bench import Bench
from tests.erp.business_central_client import Client, a_client
from tests.erp.orders import an_action, approved
from tests.erp.world import OFFICE, TOOLS, key_of
from tools.domain.decision import Posting
from tools.erp.business_central.files import fitting_name
from tools.erp.contract import Capability, KeptFile
from tools.erp.errors import ErpRejected, ErpUnavailable, OutcomeUnknown
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import FaultKind, Faults

PDF = b"%PDF-1.7 an invoice"
BROKEN = (FaultKind.REPLY_LOST, FaultKind.REQUEST_LOST, FaultKind.CONNECTION_REFUSED)


@pytest.fixture
async def bench(company: Company, faults: Faults) -> AsyncIterator[Bench]:
    made = Bench(company, faults)
    yield made
    await made.erp.close()


async def invoice(bench: Bench) -> Posting:
    key = key_of(TOOLS, "RE-2026/017", date(2026, 2, 2))
    return (await bench.erp.invoices([key]))[key][0]


def kept(company: Company) -> list[tuple[str, bytes]]:
    return [(file.name, file.content) for file in company.books.attachments]


async def test_a_file_is_kept_once_however_often_it_is_given(bench: Bench, company: Company) -> None:
    posting = await invoice(bench)
    for _ in range(3):
        await bench.erp.attach(posting, "invoice.pdf", PDF)
    assert kept(company) == [("invoice.pdf", PDF)]
    assert await bench.erp.attachments(posting) == [KeptFile(name="invoice.pdf", size=len(PDF))]


async def test_files_of_credit_memos_are_kept_too(bench: Bench, company: Company) -> None:
    key = key_of(OFFICE, "VD-C-0012", date(2026, 2, 20), "credit_note")
    posting = (await bench.erp.invoices([key]))[key][0]
    await bench.erp.attach(posting, "memo.xml", b"<CreditNote/>")
    assert [file.name for file in await bench.erp.attachments(posting)] == ["memo.xml"]
    assert await bench.erp.attachments(await invoice(bench)) == []


@pytest.mark.parametrize("step", ["attach", "upload"])
@pytest.mark.parametrize("kind", BROKEN)
async def test_a_file_that_broke_off_is_completed_by_the_next_attempt(
    bench: Bench, company: Company, step: str, kind: FaultKind
) -> None:
    posting = await invoice(bench)
    bench.faults.plan(step, kind)
    with pytest.raises((OutcomeUnknown, ErpUnavailable)):
        await bench.erp.attach(posting, "invoice.pdf", PDF)
    assert not bench.faults.pending
    await bench.erp.attach(posting, "invoice.pdf", PDF)
    assert kept(company) == [("invoice.pdf", PDF)]


async def test_an_entry_without_bytes_is_no_file(bench: Bench, company: Company) -> None:
    posting = await invoice(bench)
    company.payables.attach(posting.erp_id, "invoice.pdf", b"")
    assert await bench.erp.attachments(posting) == []


async def test_another_file_of_the_same_name_is_kept_beside_it(bench: Bench, company: Company) -> None:
    posting = await invoice(bench)
    await bench.erp.attach(posting, "invoice.pdf", PDF)
    await bench.erp.attach(posting, "invoice.pdf", PDF + b", second page")
    assert len(kept(company)) == 2


async def test_a_name_that_is_too_long_keeps_its_ending() -> None:
    assert fitting_name("a" * 300 + ".pdf") == "a" * 246 + ".pdf"
    assert fitting_name("invoice.pdf") == "invoice.pdf"


async def test_a_file_cannot_be_kept_with_an_order(bench: Bench, company: Company) -> None:
    made = await bench.erp.write(approved(an_action(Capability.CREATE_PURCHASE_ORDER, company)))
    with pytest.raises(ErpRejected, match="invoices and credit memos only"):
        await bench.erp.attach(made, "offer.pdf", PDF)


@pytest.fixture
async def client(company: Company) -> AsyncIterator[Client]:
    async with a_client(company) as connected:
        yield connected


def entry(company: Company, **values: Any) -> dict[str, Any]:
    document = company.documents.by_number("510001")
    body = {
        "fileName": "invoice.pdf",
        "parentType": "Purchase_x0020_Invoice",
        "parentId": document.document_id,
    }
    return {**body, **values}


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"byteSize": 5}, 400, "read-only"),
        ({"parentType": "Purchase Invoice"}, 400, "not a value of 'parentType'"),
        ({"parentType": "Purchase_x0020_Credit_x0020_Memo"}, 404, "parent record"),
        ({"parentType": "Vendor"}, 404, "parent record"),
        ({"parentId": "00000000-0000-0000-0000-000000000001"}, 404, "parent record"),
        ({"fileName": ""}, 400, "You must specify fileName"),
        ({"fileName": "x" * 251}, 400, "250 characters"),
        ({"documentFlowPurchase": True}, 400, "cannot keep the field"),
        ({"iban": "x"}, 400, "does not exist"),
    ],
)
async def test_an_entry_is_checked_as_the_service_does(
    client: Client, company: Company, change: dict[str, Any], status: int, words: str
) -> None:
    told = await client.refused("POST", "documentAttachments", entry(company, **change))
    assert told[0] == status
    assert words in told[2]


async def test_content_needs_a_matching_version_and_is_a_stream(client: Client, company: Company) -> None:
    made = (await client.send("POST", "documentAttachments", entry(company))).json()
    path = f"documentAttachments({made['id']})/attachmentContent"
    assert (await client.refused("PATCH", path, {"x": 1}, If_Match=made["@odata.etag"]))[0] == 400
    assert (await client.refused("PATCH", path, {"x": 1}))[1] == "BadRequest_InvalidToken"
    assert (await client.refused("PATCH", path, {"x": 1}, If_Match='W/"old"'))[0] == 409
    other = "documentAttachments(00000000-0000-0000-0000-000000000001)/attachmentContent"
    assert (await client.refused("PATCH", other, {"x": 1}, If_Match="*"))[0] == 404


async def test_files_are_told_for_one_document_only(client: Client) -> None:
    assert "You must specify a parentId" in (await client.refused("GET", "documentAttachments"))[2]
