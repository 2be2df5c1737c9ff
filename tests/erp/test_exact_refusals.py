"""What Exact Online's 500 means: a rule's refusal, or that nobody knows."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.erp.exact_bench import ExactBench
from tests.erp.orders import MemoryLog, an_action, an_invoice, approved
from tests.erp.world import CENTS, OFFICE
from tools.domain.documents import DocumentType
from tools.erp.contract import Capability
from tools.erp.errors import ErpUnavailable, OutcomeUnknown
from tools.erp.exact.refusals import is_known_refusal
from tools.erp.posting import post_once
from tools.erp.sandbox.company import Company

TIMEOUT = (
    "Execution Timeout Expired. The timeout period elapsed prior to completion of the operation or the "
    "server is not responding."
)


@pytest.fixture
async def bench(company: Company, tmp_path: Path) -> ExactBench:
    found = ExactBench(company, tmp_path)
    await found.consent()
    return found


def said(sentence: str) -> httpx.Response:
    return httpx.Response(500, json={"error": {"code": "", "message": {"lang": "", "value": sentence}}})


class Late(httpx.AsyncBaseTransport):
    """Answers a posting with a sentence; what was posted lands when it is told to."""

    def __init__(self, bench: ExactBench, sentence: str) -> None:
        self._bench = bench
        self._sentence = sentence
        self.kept: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "POST" or "/api/v1/" not in request.url.path:
            return await self._bench.recorder.handle_async_request(request)
        await request.aread()
        self.kept.append(request)
        return said(self._sentence)

    async def land(self) -> None:
        for request in self.kept:
            assert (await self._bench.recorder.handle_async_request(request)).status_code == 201
        self.kept.clear()


async def test_a_timeouts_sentence_is_no_refusal_and_the_commit_that_lands_later_is_found(
    bench: ExactBench, company: Company
) -> None:
    late, waits, log = Late(bench, TIMEOUT), 0, MemoryLog()

    async def pause(seconds: float) -> None:
        nonlocal waits
        waits += 1
        if waits == 2:
            await late.land()

    posting = await post_once(bench.connect(late), approved(an_invoice()), log, pause)
    assert (posting.supplier_number, waits) == ("VD-90001", 2)
    assert len(company.documents.of_supplier(OFFICE, DocumentType.INVOICE, "VD-90001")) == 1


async def test_a_timeout_whose_commit_never_lands_is_for_a_person(bench: ExactBench) -> None:
    waits: list[float] = []
    log = MemoryLog()

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    with pytest.raises(OutcomeUnknown, match="Execution Timeout Expired"):
        await post_once(bench.connect(Late(bench, TIMEOUT)), approved(an_invoice()), log, pause)
    assert waits == [1.0, 3.0, 6.0]
    assert not [note for note in log.notes if note.startswith("refused")]


async def test_a_receipts_timeout_is_no_refusal_either(bench: ExactBench) -> None:
    order = approved(an_action(Capability.CREATE_GOODS_RECEIPT, bench.company))
    with pytest.raises(OutcomeUnknown):
        await bench.connect(Late(bench, TIMEOUT)).write(order)


async def test_a_reads_timeout_is_a_failure_to_try_again(bench: ExactBench) -> None:
    with pytest.raises(ErpUnavailable, match="Execution Timeout Expired"):
        await bench.changing(lambda request, answer: said(TIMEOUT)).orders([CENTS])


@pytest.mark.parametrize(
    ("sentence", "known"),
    [
        ("Mandatory: Relationship", True),
        ("Ongeldig: Grootboekrekeningtype", True),
        ("Mandatory: Relationship\r\nInvalid reference: Cost unit\r\nMandatory: Diary", True),
        ("Periode is afgesloten", True),
        ("Mandatory: Relationship\r\nAn error occurred.", False),
        ("Already exists: Your reference", False),
        ("Transaction was deadlocked on lock resources. Rerun the transaction.", False),
        (TIMEOUT, False),
        ("Invalid:", False),
        ("", False),
    ],
)
def test_only_sentences_seen_of_rules_are_refusals(sentence: str, known: bool) -> None:
    assert is_known_refusal(sentence) is known
