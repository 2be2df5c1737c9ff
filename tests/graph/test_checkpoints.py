"""What a case keeps while it waits: every type comes back as itself, and an earlier release's cases go on."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from pydantic import BaseModel

from agent.checkpoint_store import serializer
from agent.state import CHECKPOINT_TYPES, Answer, CaseState, ErpEntry, types_in_checkpoints
from tests.graph.office import ANNA, DORA, Office, raising
from tests.graph.papers import AWAITED, FOREIGN_IBAN, NOW, a_document
from tests.graph.stored_checkpoint import STORED
from tools.domain.decision import CreateGoodsReceipt, ReceivedLine
from tools.domain.identifiers import CompanyId, OrderNumber
from tools.domain.money import Money
from tools.erp.errors import OutcomeUnknown

RELEASES = sorted(path.name for path in STORED.iterdir())


@pytest.fixture(autouse=True)
def no_complaints(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The graph library only logs what it cannot restore."""
    caplog.set_level(logging.DEBUG, logger="langgraph")
    yield
    words = ("Blocked deserialization", "Deserializing unregistered")
    assert not [record for record in caplog.records if any(word in record.getMessage() for word in words)]


async def states(office: Office) -> list[CaseState]:
    """The states of cases in every kind of waiting and ending that a flow comes to."""
    first = await office.take_in(a_document())
    asked = await office.take_in(a_document("RE-2", iban=FOREIGN_IBAN))
    rows = (("BRACKET", "Bracket", "20", "10.00"),)
    held = await office.answer(
        await office.take_in(a_document("RE-3", order=AWAITED, rows=rows)), "wait_for_receipt"
    )
    bad = await office.take_in(a_document("RE-4", order="PO999999"))
    named = await office.answer(bad, "give_order", order_number="PO100004")
    nobody = await office.take_in(a_document("RE-5", name="Nobody Ltd", vat_id=None, order=None))
    lost = await office.take_in(
        a_document("RE-6", order="PO100004", rows=(("BRACKET", "Bracket", "1", "2.50"),))
    )
    office.line.before["write"] = raising(OutcomeUnknown("no answer"))
    lost = await office.approve(lost)
    posted = await office.approve(first)
    stages = [case.stage for case in (asked, held, named, nobody, lost, posted)]
    assert stages == [
        *("waiting_for_answer", "on_hold", "waiting_for_answer", "waiting_for_answer"),
        *("outcome_unknown", "posted"),
    ]
    service = office.app.service
    return [await service.state(case.case_id) for case in service.inbox()]


async def test_everything_a_case_keeps_comes_back_as_what_it_was(plain_office: Office) -> None:
    answer = Answer(
        question_id="q", option="give_order", values={"order_number": "PO1"}, person=ANNA, answered_at=NOW
    )
    receipt = CreateGoodsReceipt(
        company=CompanyId("WERK"),
        order_number=OrderNumber(AWAITED),
        delivery_note="LS-1",
        received_on=NOW.date(),
        lines=(ReceivedLine(order_line_id="10000", quantity=Decimal("20")),),
    )
    entry = ErpEntry(action=receipt, option="enter_receipt", words=("cleo: it came",))
    found = [*await states(plain_office), CaseState(answer=answer, entry=entry)]
    seen = {type(value) for state in found for value in state.values()}
    assert set(CHECKPOINT_TYPES) <= seen
    strict = serializer()
    for state in found:
        for key, value in state.items():
            back = strict.loads_typed(strict.dumps_typed(value))
            assert (type(back), back) == (type(value), value), key


def test_a_type_that_is_not_listed_does_not_come_back_as_itself(caplog: pytest.LogCaptureFixture) -> None:
    """The check above must be able to fail."""

    class Unlisted(BaseModel):
        amount: Money

    kept = serializer().dumps_typed(Unlisted(amount=Money.of("1.00", "EUR")))
    back = serializer().loads_typed(kept)
    assert not isinstance(back, Unlisted)
    caplog.clear()


def test_every_type_inside_a_kept_type_is_listed() -> None:
    listed = {kind.__name__ for kind in types_in_checkpoints()}
    assert {kind.__name__ for kind in CHECKPOINT_TYPES} <= listed
    assert {"Money", "PostingLine", "Discrepancy", "DiscrepancyKind", "Severity", "Option"} <= listed
    assert isinstance(serializer(), JsonPlusSerializer)


def test_a_checkpoint_is_stored_for_a_release() -> None:
    assert RELEASES


@pytest.mark.parametrize("release", RELEASES)
async def test_cases_that_an_earlier_release_left_waiting_go_on(release: str, tmp_path: Path) -> None:
    office = Office("sandbox", tmp_path)
    shutil.copytree(STORED / release, tmp_path / "data")
    office.clock.now = NOW.replace(hour=17)
    async with office.open() as app:
        await app.suppliers.sync()
        approvable, asked, held = office.app.service.inbox()
        # In the stored office Anna verified the accounts, so she may not approve.
        assert (await office.approve(approvable, DORA)).stage == "posted"
        assert "recheck" in await office.options(asked)
        office.receive_goods(AWAITED, "20")
        results: list[Any] = await app.recheck([held.case_id])
        assert results[0]["stage"] == "waiting_for_approval"
        assert (await office.approve(held, DORA)).stage == "posted"
        assert len(office.posted()) == len(office.posted("RE-3")) == 1
        office.verified()
