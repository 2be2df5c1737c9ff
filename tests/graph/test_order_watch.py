"""What changed in the ERP while a case waits is seen, whatever breaks off; what did not is left alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from agent.service import Refused
from agent.triggers.order_watch import OrderWatch
from tests.graph.office import BERT, Office, raising
from tests.graph.papers import AWAITED, NORD, SHARED, a_document
from tools.change_marks import ChangeMarks
from tools.domain import audit
from tools.domain.money import Money
from tools.domain.supplier import SupplierBlock
from tools.erp.contract import Capability
from tools.erp.errors import ErpAccessDenied, ErpRejected, ErpUnavailable
from tools.store import Store

UNDELIVERED: dict[str, Any] = {"order": AWAITED, "rows": (("BRACKET", "Bracket", "20", "10.00"),)}
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def marks(office: Office) -> ChangeMarks:
    return ChangeMarks(Store.open(office.folder / "data" / "erp-agent.sqlite"))


@pytest.fixture
async def watch(office: Office, marks: ChangeMarks) -> AsyncIterator[OrderWatch]:
    """Every case was compared a moment ago."""
    found = OrderWatch(office.app.service, marks, complete_every=DAY)
    await found.look()
    yield found


def answers(office: Office, case: Any) -> int:
    return len(office.events(case, audit.QuestionAnswered))


async def test_a_receipt_moves_the_case_that_waits_for_it_and_no_other(
    office: Office, watch: OrderWatch
) -> None:
    held = await office.answer(await office.take_in(a_document(**UNDELIVERED)), "wait_for_receipt")
    other = await office.take_in(
        a_document("RE-3", order=SHARED, rows=(("BRACKET", "Bracket", "4", "2.50"),))
    )
    office.clock.later(minutes=3)
    assert (await watch.look()).rechecked == ()
    office.receive_goods(AWAITED, "20")
    (done,) = (await watch.look()).rechecked
    assert (done.case_id, done.stage, done.error) == (held.case_id, "waiting_for_approval", None)
    assert f"order {AWAITED}" in done.why
    word = office.events(held, audit.QuestionAnswered)[-1]
    assert (word.option, word.remark) == ("recheck", done.why)
    assert office.case(other.case_id) == other
    assert office.posted() == [], "nobody approved anything"
    office.verified()


async def test_the_same_change_is_looked_at_once(office: Office, watch: OrderWatch) -> None:
    case = await office.take_in(a_document(**UNDELIVERED))
    office.receive_goods(AWAITED, "5")
    assert len((await watch.look()).rechecked) == 1
    before = answers(office, case)
    for _ in range(3):
        office.clock.later(minutes=1)
        assert (await watch.look()).rechecked == ()
    assert (await watch.look(complete=True)).rechecked == ()
    assert answers(office, case) == before


async def test_a_look_asks_for_changes_in_few_calls_and_reads_nothing_for_cases_they_do_not_touch(
    office: Office, watch: OrderWatch
) -> None:
    await office.take_in(a_document(**UNDELIVERED))
    office.clock.later(minutes=30)
    await watch.look()
    office.line.calls.clear()
    office.clock.later(minutes=30)
    found = await watch.look()
    assert (found.complete, found.compared) == (False, 0)
    assert dict(office.line.calls) == {"orders_changed_since": 1}


async def test_a_proposal_that_waits_for_approval_is_made_anew_when_its_order_changes(
    office: Office, watch: OrderWatch
) -> None:
    case = await office.take_in(a_document(order=SHARED, rows=(("BRACKET", "Bracket", "4", "2.50"),)))
    shown = (await office.app.service.show(case.case_id)).proposal
    assert shown is not None
    office.books.purchasing.amend_line(SHARED, "10000", unit_price=Money.of("3.00", "EUR"))
    (done,) = (await watch.look()).rechecked
    moved = await office.app.service.show(case.case_id)
    assert done.stage == moved.summary.stage
    assert moved.proposal is None or moved.proposal.digest != shown.digest
    assert "price_variance" in str(moved.findings) or "price" in str(moved.findings)
    office.verified()


async def test_an_answer_of_the_program_to_a_proposal_survives_the_death_of_the_process(
    office: Office, watch: OrderWatch
) -> None:
    case = await office.take_in(a_document(order=SHARED, rows=(("BRACKET", "Bracket", "4", "2.50"),)))
    office.books.purchasing.amend_line(SHARED, "10000", unit_price=Money.of("2.51", "EUR"))
    office.line.before["suppliers_by_id"] = raising(ErpUnavailable("away"))
    with pytest.raises(ErpUnavailable):
        await watch.look()
    office.line.before.clear()
    state = await office.app.service.state(case.case_id)
    shown = state["proposal"]
    assert shown is not None
    said = audit.QuestionAnswered(
        question_id=shown.digest,
        option="recheck",
        values={},
        remark="changed in the ERP: order",
        suggestion_id="",
    )
    office.app.service.deps.log.append(case.case_id, audit.SERVICE, said)
    moved = await office.app.service.fresh().advance(case.case_id)
    assert moved.stage == "waiting_for_approval"
    assert moved.digest != shown.digest
    assert (await office.approve(moved)).stage == "posted"


async def test_a_proposal_whose_new_match_failed_goes_on_with_the_next_look(
    office: Office, watch: OrderWatch, marks: ChangeMarks
) -> None:
    case = await office.take_in(a_document(order=SHARED, rows=(("BRACKET", "Bracket", "4", "2.50"),)))
    office.books.purchasing.amend_line(SHARED, "10000", unit_price=Money.of("2.51", "EUR"))
    office.line.before["posting_window"] = raising(ErpUnavailable("away"))
    (done,) = (await watch.look()).rechecked
    assert (done.error_kind, office.case(case.case_id).stage) == ("ErpUnavailable", "matched")
    with pytest.raises(Refused, match="does not wait for an approval"):
        await office.approve(case)
    assert marks.again() == [case.case_id]
    (done,) = (await watch.look()).rechecked
    assert (done.error, done.stage) == (None, "waiting_for_approval")
    assert (await office.approve(office.case(case.case_id))).stage == "posted"
    office.verified()


async def test_a_person_cannot_have_a_proposal_made_anew_in_the_programs_name(office: Office) -> None:
    case = await office.take_in(a_document(order=SHARED, rows=(("BRACKET", "Bracket", "4", "2.50"),)))
    with pytest.raises(Refused, match="asks nothing"):
        await office.answer(case, "recheck", BERT, "because I say so")
    assert office.case(case.case_id).digest == case.digest


async def test_a_restart_misses_nothing_that_happened_meanwhile(office: Office, marks: ChangeMarks) -> None:
    await OrderWatch(office.app.service, marks, DAY).look()
    case = await office.take_in(a_document(**UNDELIVERED))
    office.clock.later(hours=2)
    office.receive_goods(AWAITED, "20")
    office.clock.later(hours=2)
    fresh = OrderWatch(office.app.service, marks, DAY)
    assert [done.case_id for done in (await fresh.look()).rechecked] == [case.case_id]


async def test_a_look_that_dies_between_asking_and_matching_is_made_again(
    office: Office, watch: OrderWatch, marks: ChangeMarks
) -> None:
    case = await office.take_in(a_document(**UNDELIVERED))
    office.clock.later(minutes=20)
    office.receive_goods(AWAITED, "20")
    office.line.before["receipts"] = raising(Killed())
    before = marks.looked_at()
    with pytest.raises(Killed):
        await watch.look()
    assert marks.looked_at() == before
    office.clock.later(hours=3)
    again = OrderWatch(office.app.service, marks, DAY)
    assert [done.case_id for done in (await again.look()).rechecked] == [case.case_id]


async def test_an_erp_that_is_away_moves_no_mark(
    office: Office, watch: OrderWatch, marks: ChangeMarks
) -> None:
    before = marks.looked_at()
    office.clock.later(minutes=1)
    office.line.before["orders_changed_since"] = raising(ErpUnavailable("away"))
    with pytest.raises(ErpUnavailable):
        await watch.look()
    assert marks.looked_at() == before


async def test_a_case_that_is_busy_is_taken_up_by_the_next_look(
    office: Office, watch: OrderWatch, marks: ChangeMarks
) -> None:
    case = await office.take_in(a_document(**UNDELIVERED))
    office.receive_goods(AWAITED, "20")
    async with office.app.service.claims.hold([case.case_id]):
        (done,) = (await watch.look()).rechecked
    assert (done.error_kind, marks.again()) == ("CaseBusy", [case.case_id])
    office.clock.later(hours=5)
    (done,) = (await OrderWatch(office.app.service, marks, DAY).look()).rechecked
    assert (done.error, done.stage, marks.again()) == (None, "waiting_for_approval", [])


@pytest.mark.parametrize("error", [ErpRejected("no"), ErpAccessDenied("no"), ValueError("odd")])
async def test_a_case_that_the_erp_refused_once_is_matched_by_the_next_look_that_compares_it(
    office: Office, watch: OrderWatch, marks: ChangeMarks, error: Exception
) -> None:
    await office.take_in(a_document(**UNDELIVERED))
    office.receive_goods(AWAITED, "20")
    office.line.before["posting_window"] = raising(error, times=2)
    for _ in range(2):
        (done,) = (await watch.look()).rechecked
        assert done.error_kind == type(error).__name__
        office.clock.later(minutes=20)
    assert (await watch.look()).rechecked == (), "the ERP is not asked for it each minute"
    assert marks.again() == []
    (done,) = (await watch.look(complete=True)).rechecked
    assert (done.error, done.stage) == (None, "waiting_for_approval")


async def test_an_order_that_is_entered_after_its_invoice_is_found(office: Office, watch: OrderWatch) -> None:
    case = await office.take_in(a_document(order="PO100077"))
    assert "bad_po" in case.blocks
    card = office.books.books.orders[SHARED]
    late = card.order.model_copy(update={"number": "PO100077"})
    changes = {"order": late, "changed_at": office.clock.now}
    office.books.books.orders["PO100077"] = card.model_copy(update=changes)
    (done,) = (await watch.look()).rechecked
    assert done.case_id == case.case_id
    assert "bad_po" not in office.case(case.case_id).blocks


async def test_a_supplier_whose_block_was_lifted_is_seen_by_a_complete_look(
    office: Office, watch: OrderWatch
) -> None:
    office.books.master.block_supplier(NORD, SupplierBlock.ALL)
    case = await office.take_in(a_document())
    assert "supplier_blocked" in case.blocks
    office.clock.later(minutes=30)
    await watch.look()
    office.books.master.block_supplier(NORD, SupplierBlock.NONE)
    assert (await watch.look()).rechecked == ()
    (done,) = (await watch.look(complete=True)).rechecked
    assert f"supplier {NORD}" in done.why
    assert "supplier_blocked" not in office.case(case.case_id).blocks


async def test_every_case_is_compared_when_the_time_for_it_has_come(
    office: Office, watch: OrderWatch
) -> None:
    assert (await watch.look()).complete is False
    office.clock.later(hours=25)
    assert (await watch.look()).complete is True


async def test_an_erp_that_cannot_tell_changes_is_compared_in_full_each_time(
    office: Office, watch: OrderWatch
) -> None:
    line: Any = office.line
    line.capabilities = line.capabilities - {Capability.READ_ORDER_CHANGES}
    case = await office.take_in(a_document(**UNDELIVERED))
    office.receive_goods(AWAITED, "20")
    found = await watch.look()
    assert (found.complete, [done.case_id for done in found.rechecked]) == (True, [case.case_id])
    assert "orders_changed_since" not in office.line.calls


async def test_an_event_is_kept_until_a_look_that_began_after_it_is_finished(
    office: Office, watch: OrderWatch, marks: ChangeMarks
) -> None:
    moment = office.clock.now
    assert marks.take("signed", "1", moment)
    assert not marks.take("signed", "1", moment)
    assert marks.take("other", "1", moment)
    office.line.before["orders_changed_since"] = lambda: marks.take("signed", "2", moment)
    await watch.look()
    assert marks.asked() is not None, "the event that came while the look was under way asks for another"
    office.line.before.clear()
    await watch.look()
    assert marks.asked() is None
    assert marks.forget(moment + MINUTE) == 3
    assert marks.take("signed", "1", moment)


def test_marks_outlive_the_process(office: Office, marks: ChangeMarks) -> None:
    moment = datetime.fromisoformat("2026-03-16T09:00:00+00:00")
    marks.note(moment, [], complete=True)
    marks.take("signed", "1", moment)
    again = ChangeMarks(Store.open(office.folder / "data" / "erp-agent.sqlite"))
    assert (again.looked_at(), again.complete_at()) == (moment, moment)
    assert again.asked() is not None


def test_amounts_of_the_world_are_what_the_tests_assume(office: Office) -> None:
    (line,) = office.books.purchasing.order(AWAITED).lines
    assert (line.ordered, line.received) == (Decimal(20), Decimal(0))
