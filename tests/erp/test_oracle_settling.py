"""Oracle takes a number of a supplier once: an invoice of unknown outcome can be settled by looking and,
where nothing or something unfinished of ours stands there, by sending it again."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.erp.oracle_client import Bench
from tests.erp.orders import MemoryLog, an_action, an_invoice, approved, invoice_fields
from tools.domain.decision import ParkInvoice, Posting, PostingOrder, PostingState
from tools.erp.contract import Capability
from tools.erp.errors import OutcomeUnknown
from tools.erp.once import TakesOnce
from tools.erp.posting import Progress, post_once
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import FaultKind, Faults


class Unknown(MemoryLog):
    """Remembers that an outcome is unknown, as the ledger does."""

    def unknown(self, order: PostingOrder, reason: str) -> None:
        super().unknown(order, reason)
        self._progress[order.key] = (Progress.UNKNOWN, None)


@pytest.fixture
def bench(company: Company, faults: Faults) -> Bench:
    return Bench(company, faults)


async def no_pause(seconds: float) -> None:
    return None


async def settle(bench: Bench, order: PostingOrder, log: MemoryLog) -> Posting:
    return await post_once(bench.erp, order, log, no_pause, again=True)


async def lost(bench: Bench, order: PostingOrder, log: MemoryLog, operation: str, kind: FaultKind) -> None:
    bench.faults.plan(operation, kind)
    with pytest.raises(OutcomeUnknown):
        await post_once(bench.erp, order, log, no_pause)
    assert log.begin(order)[0] is Progress.UNKNOWN


@pytest.mark.parametrize(
    ("operation", "kind", "creations"),
    [
        ("create_invoices", FaultKind.REPLY_LOST, 1),
        ("create_invoices", FaultKind.ERROR_AFTER, 1),
        ("create_invoices", FaultKind.REQUEST_LOST, 2),
        ("validateInvoice", FaultKind.REQUEST_LOST, 1),
    ],
)
async def test_a_creation_or_validation_without_an_answer_is_settled_by_a_later_look(
    bench: Bench, operation: str, kind: FaultKind, creations: int
) -> None:
    order, log = approved(an_invoice()), Unknown()
    await lost(bench, order, log, operation, kind)
    posting = await settle(bench, order, log)
    assert posting.state is PostingState.POSTED
    assert [document.state for document in bench.documents()] == [PostingState.POSTED]
    assert bench.changes().count("POST invoices") == creations


@pytest.mark.parametrize("kind", [FaultKind.REPLY_LOST, FaultKind.REQUEST_LOST])
async def test_parking_without_an_answer_is_settled_too(bench: Bench, kind: FaultKind) -> None:
    order, log = approved(ParkInvoice(**invoice_fields())), Unknown()
    bench.faults.plan("batch", kind)
    try:
        await post_once(bench.erp, order, log, no_pause)
    except OutcomeUnknown:
        await settle(bench, order, log)
    (document,) = bench.documents()
    assert [hold.name for hold in bench.server.payables.active(document)] == ["AP Agent Parked"]


async def test_a_document_of_other_content_under_the_number_is_for_a_person(bench: Bench) -> None:
    order, log = approved(an_invoice()), Unknown()
    await lost(bench, order, log, "create_invoices", FaultKind.REQUEST_LOST)
    bench.unvalidated(stated_gross=Decimal("90.00"))
    before = bench.changes()
    with pytest.raises(OutcomeUnknown, match="not the invoice approved here"):
        await settle(bench, order, log)
    assert bench.changes() == before
    assert log.begin(order)[0] is Progress.UNKNOWN


async def test_a_receipt_that_is_not_found_may_still_come_and_is_never_sent_again(bench: Bench) -> None:
    order, log = approved(an_action(Capability.CREATE_GOODS_RECEIPT, bench.company)), Unknown()
    operation = "create_receivingReceiptRequests"
    await lost(bench, order, log, operation, FaultKind.REQUEST_LOST)
    before = bench.changes()
    with pytest.raises(OutcomeUnknown):
        await settle(bench, order, log)
    assert bench.changes() == before
    assert isinstance(bench.erp, TakesOnce)
    assert Capability.CREATE_GOODS_RECEIPT not in bench.erp.takes_once
