"""Two attempts at once: of one case, of two cases with one document, of two documents on one order."""

from __future__ import annotations

import asyncio
import multiprocessing
import sqlite3
from collections import deque
from contextlib import suppress
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from tests.builders import ORDER, SUPPLIER, eur
from tests.tools.posting.fake_erp import FakeErp, Mood
from tests.tools.posting.office import CASE, OTHER_CASE, Office, billing, current
from tools.billing import BillingLedger
from tools.domain import audit
from tools.domain.decision import AmendOrderLine, ParkInvoice, PostCreditNote, Posting, PostingOrder
from tools.domain.money import Money
from tools.erp.errors import ErpChanged, ErpError, ErpRejected, ErpUnavailable, OutcomeUnknown


class Slow(FakeErp):
    """Lets everybody else run before it answers, and takes duplicates."""

    refuses_duplicates = False

    async def find(self, order: PostingOrder) -> Posting | None:
        held = await super().find(order)
        await asyncio.sleep(0)
        return held

    async def write(self, order: PostingOrder) -> Posting:
        await asyncio.sleep(0)
        return await super().write(order)


def a_slow_erp() -> Slow:
    return Slow(refuses_duplicates=False)


async def test_of_two_attempts_of_one_case_at_once_only_one_sends(office: Office) -> None:
    erp, order = a_slow_erp(), office.approve()
    ended = await asyncio.gather(*(office.post(erp, order) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(end, Posting) for end in ended) == 1
    assert sum(isinstance(end, ErpUnavailable) for end in ended) == 3
    assert erp.calls.count("write") == 1
    assert await office.post(erp, order) == erp.posted(order.key)[0]


async def test_of_two_cases_with_one_document_only_one_sends(office: Office) -> None:
    erp = a_slow_erp()
    orders = [office.approve(case_id=CASE), office.approve(case_id=OTHER_CASE)]
    ended = await asyncio.gather(*(office.post(erp, order) for order in orders), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ended) == ["ErpUnavailable", "Posting"]
    assert erp.calls.count("write") == 1
    loser = orders[[isinstance(end, ErpError) for end in ended].index(True)]
    with pytest.raises(ErpRejected, match="already posted"):
        await office.post(erp, loser)


async def test_a_rival_that_finds_its_proposal_outdated_frees_nothing_of_ours(office: Office) -> None:
    """The rival looked before we sent, and is refused after."""
    erp, order = FakeErp(), office.approve()
    rival = BillingLedger(office.store, office.log, office.clock)
    rival.begin(order)
    office.ledger.begin(order)
    office.ledger.sent(order)
    rival.refused(order, "changed since the proposal was made")
    with pytest.raises(OutcomeUnknown):
        await office.restarted().post(erp, order)
    assert erp.calls.count("write") == 0


async def test_a_second_case_is_told_which_case_has_the_document(office: Office, erp: FakeErp) -> None:
    erp.moods.append(Mood.REQUEST_LOST)
    with pytest.raises(OutcomeUnknown):
        await office.post(erp, office.approve())
    with pytest.raises(ErpRejected, match=f"case {CASE} already posted or is posting this document"):
        await office.post(erp, office.approve(case_id=OTHER_CASE))
    assert erp.calls.count("write") == 1


async def test_a_case_that_sent_nothing_blocks_no_other(office: Office, erp: FakeErp) -> None:
    erp.find_errors.append(ErpUnavailable("nobody answers"))
    with pytest.raises(ErpUnavailable):
        await office.post(erp, office.approve())
    await office.post(erp, office.approve(case_id=OTHER_CASE))
    with pytest.raises(ErpRejected, match=f"case {OTHER_CASE} already posted"):
        await office.post(erp, office.approve())


async def test_what_a_person_freed_may_be_posted_by_another_case(office: Office, erp: FakeErp) -> None:
    erp.moods.append(Mood.REQUEST_LOST)
    order = office.approve()
    with pytest.raises(OutcomeUnknown):
        await office.post(erp, order)
    office.resolve(order, posted=False)
    await office.post(erp, office.approve(case_id=OTHER_CASE))
    assert len(erp.posted(order.key)) == 1


async def test_an_answer_for_another_case_settles_nothing(office: Office, erp: FakeErp) -> None:
    erp.moods.append(Mood.REQUEST_LOST)
    order = office.approve()
    with pytest.raises(OutcomeUnknown):
        await office.post(erp, order)
    office.resolve(office.approve(case_id=OTHER_CASE), posted=False)
    with pytest.raises(OutcomeUnknown):
        await office.post(erp, order)


async def test_of_two_invoices_on_one_order_line_the_second_must_be_matched_again(office: Office) -> None:
    erp, versions = a_slow_erp(), current(office)
    orders = [
        office.approve(billing("INV-1"), CASE, versions=versions),
        office.approve(billing("INV-2"), OTHER_CASE, versions=versions),
    ]
    ended = await asyncio.gather(*(office.post(erp, order) for order in orders), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ended) == ["ErpChanged", "Posting"]
    assert [line.quantity for line in office.ledger.billed([ORDER])] == [10]
    loser = [isinstance(end, ErpChanged) for end in ended].index(True)
    again = office.approve(
        billing(f"INV-{loser + 1}"), orders[loser].proposal.case_id, versions=current(office)
    )
    await office.post(erp, again)
    assert [line.quantity for line in office.ledger.billed([ORDER])] == [10, 10]


async def test_what_was_billed_is_checked_in_the_same_moment_as_it_is_reserved(office: Office) -> None:
    versions = current(office)
    first = office.approve(billing("INV-1"), CASE, versions=versions)
    second = office.approve(billing("INV-2"), OTHER_CASE, versions=versions)
    for order in (first, second):
        office.ledger.begin(order)
    office.ledger.sent(first)
    with pytest.raises(ErpChanged, match=f"another invoice billed {ORDER} in the meantime"):
        office.ledger.sent(second)
    office.ledger.not_sent(first, "nobody answers")
    office.ledger.sent(second)


async def test_a_proposal_that_does_not_say_what_was_billed_was_made_on_nothing_billed(
    office: Office, erp: FakeErp
) -> None:
    await office.post(erp, office.approve(billing("INV-1"), versions={}))
    with pytest.raises(ErpChanged, match=f"another invoice billed {ORDER}"):
        await office.post(erp, office.approve(billing("INV-2"), OTHER_CASE, versions={}))


async def test_a_credit_note_is_billed_with_the_opposite_sign(office: Office, erp: FakeErp) -> None:
    await office.post(erp, office.approve(billing(), versions=current(office)))
    credit = billing("CN-17", "4", "40.00", kind=PostCreditNote)
    await office.post(erp, office.approve(credit, OTHER_CASE, versions=current(office)))
    lines = office.ledger.billed([ORDER])
    assert [line.quantity for line in lines] == [10, -4]
    assert [line.amount for line in lines] == [eur("100.00"), eur("-40.00")]


async def test_a_draft_and_an_action_without_lines_bill_nothing(office: Office, erp: FakeErp) -> None:
    amend = AmendOrderLine(
        company="DEMO", order_number=ORDER, order_line_id="1", unit_price=Money.of("9.00", "EUR")
    )
    office.ledger.begin(office.approve(amend))
    office.ledger.sent(office.approve(amend))
    office.ledger.not_sent(office.approve(amend), "the line was down")
    await office.post(erp, office.approve(billing(kind=ParkInvoice), versions=current(office)))
    assert office.ledger.billed([ORDER]) == []
    assert office.ledger.versions([ORDER]) == {f"billing:{ORDER}": "-"}
    assert office.ledger.billed([]) == []


async def test_a_proposal_made_while_our_own_reservation_stood_is_not_outdated_by_it(
    office: Office, erp: FakeErp
) -> None:
    erp.moods.append(Mood.REQUEST_LOST)
    order = office.approve(billing(), versions=current(office))
    with pytest.raises(OutcomeUnknown):
        await office.post(erp, order)
    counted = office.approve(billing(), versions=current(office))
    assert counted.proposal.versions != order.proposal.versions
    office.resolve(order, posted=False)
    await office.post(erp, order)
    assert len(erp.posted(order.key)) == 1
    assert counted.key == order.key


def test_billing_versions_take_our_own_reservation_for_no_change(office: Office) -> None:
    order = office.approve(billing(), versions=current(office))
    office.ledger.begin(order)
    office.ledger.sent(order)
    counted = office.approve(billing(), versions=current(office))
    assert office.ledger.billing_versions(order)[f"billing:{ORDER}"] == "-"
    ref = f"billing:{ORDER}"
    assert counted.proposal.versions[ref] != "-"
    assert office.ledger.billing_versions(counted)[ref] == counted.proposal.versions[ref]


def _post_in_a_process(path: Path, books: Path, barrier: Barrier, case_id: str, number: str) -> None:
    """Everybody begins and looks, waits for the others, and only then tries to send."""
    office = Office(path)
    order = office.approve(billing(number), case_id, versions={"billing:" + ORDER: "-"})

    class Shared(FakeErp):
        async def find(self, order: PostingOrder) -> Posting | None:
            barrier.wait(timeout=60)
            return None

        async def write(self, order: PostingOrder) -> Posting:
            posting = self.books(order)
            with sqlite3.connect(books, timeout=60) as connection:
                connection.execute("insert into written values (?, ?)", (order.key, case_id))
            connection.close()
            return posting

    with suppress(ErpError):
        asyncio.run(office.post(Shared(), order))
    office.store.close()


@pytest.mark.parametrize(
    ("cases", "numbers"),
    [
        ((CASE, CASE), ("INV-1",) * 2),
        ((CASE, OTHER_CASE), ("INV-1",) * 2),
        ((CASE, OTHER_CASE), ("INV-1", "INV-2")),
    ],
    ids=["one case", "one document in two cases", "one order line in two cases"],
)
def test_of_two_processes_only_one_sends(
    office: Office, tmp_path: Path, cases: tuple[str, ...], numbers: tuple[str, ...]
) -> None:
    books = tmp_path / "books.db"
    with sqlite3.connect(books) as connection:
        connection.execute("create table written (key text, case_id text)")
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    processes = [
        context.Process(target=_post_in_a_process, args=(office.path, books, barrier, case_id, number))
        for case_id, number in zip(cases, numbers, strict=True)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)
    assert [process.exitcode for process in processes] == [0, 0]
    assert connection.execute("select count(*) from written").fetchone() == (1,)
    connection.close()
    assert len(office.events(audit.PostingDone)) == 1
    assert len(office.ledger.billed([ORDER])) == 1
    office.log.verify()


async def test_a_late_document_that_a_person_had_freed_counts_as_billed_again(office: Office) -> None:
    erp = FakeErp(moods=deque([Mood.UNDER_WAY]), delay=99)
    order = office.approve(billing(), versions=current(office))
    with pytest.raises(OutcomeUnknown):
        await office.post(erp, order)
    office.resolve(order, posted=False)
    assert office.ledger.billed([ORDER]) == []
    erp.land(order)
    await office.post(erp, order)
    assert [line.quantity for line in office.ledger.billed([ORDER])] == [10]
    assert order.action.supplier_id == SUPPLIER
