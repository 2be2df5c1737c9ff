"""Calls, accounts, senders and codings that people recorded: whoever changes their tables is found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.account_desk import CallSlip
from tests.graph.conftest import Furnish
from tests.graph.office import BERT, CLEO, Office
from tests.graph.papers import FOREIGN_IBAN, NORD, a_document
from tests.graph.test_log_witness import change
from tools.domain.call_backs import CallResult, NumberSource
from tools.domain.identifiers import SupplierId
from tools.log_witness import contradictions

CONSULTING = (("", "Consulting", "1", "300.00"),)
LOCAL = "1234567890"
"""An account in a form that nothing marks."""


def missed_call(office: Office) -> None:
    slip = CallSlip(
        supplier_id=NORD,
        account=LOCAL,
        number="0431 5550100",
        number_from=NumberSource.CONTRACT,
        result=CallResult.NOT_REACHED,
        remark=f"about {LOCAL}",
    )
    office.app.accounts.call_back(slip, CLEO)


@pytest.fixture
async def recorded(furnish: Furnish, tmp_path: Path) -> AsyncIterator[Office]:
    """Two call-backs of which one activated an account, a confirmed sender, a coded and posted invoice."""
    office = furnish("sandbox", tmp_path)
    async with office.open():
        case = await office.take_in(a_document("RE-9", order=None, rows=CONSULTING))
        case = await office.answer(case, "give_account", account="4100")
        case = await office.answer(case, "post_without_order", reason="confirmed")
        await office.approve(case)
        missed_call(office)
        office.verify(NORD, FOREIGN_IBAN, spoken_with=f"Ms Nord, about {FOREIGN_IBAN}")
        office.app.service.deps.mirror.senders.confirm(SupplierId(NORD), "nord.example", CLEO, "contract")
        yield office


async def test_what_was_recorded_stands_as_the_log_says(recorded: Office) -> None:
    recorded.verified()
    assert contradictions(recorded.app.service.deps.log) == []


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("delete from call_backs where id = 1", "call-back 1 about"),
        ("delete from call_backs where id = 2", "activation of the account"),
        (
            "update call_backs set call = replace(call, 'not_reached', 'confirmed')",
            "call-back 1",
        ),
        ("update call_backs set call = replace(call, '5550100', '5550199')", "call-back 1"),
        ("update call_backs set call = replace(call, 'cleo', 'dora')", "call-back 2"),
        ("update call_backs set call = '{}'", "call-back 1 cannot be read"),
        ("update call_backs set account = 'NL91ABNA0417164301' where id = 2", "call-back 2 NL…4301"),
        ("update call_backs set supplier_id = 'V10002' where id = 2", "of supplier V10002"),
        ("update call_backs set activated_at = '2026-03-20T09:00:00+00:00' where id = 2", "call-back 2"),
        ("update call_backs set activated_by = 'anna' where id = 2", "call-back 2"),
        ("update call_backs set activated_by = null, activated_at = null", "activation of the account"),
        ("update call_backs set activated_by = null where id = 2", "call-back 2"),
        (
            "update call_backs set activated_by = 'anna', activated_at = '2026-03-20T09:00:00+00:00' "
            "where id = 1",
            "call-back 1",
        ),
        (
            "insert into call_backs select 3, supplier_id, account, replace(call, '\"id\":2', '\"id\":3'), "
            "null, null from call_backs where id = 2",
            "call-back 3 NL…4300",
        ),
        ("update bank_accounts set verified_at = '2026-03-20T09:00:00+00:00'", "verified account"),
        (
            "update confirmed_senders set confirmed_at = '2026-03-20T09:00:00+00:00'",
            "confirmed sender nord.example",
        ),
        ("update confirmed_senders set confirmed_by = 'bert'", "confirmed sender nord.example"),
        ("update confirmed_senders set confirmed_how = 'heard'", "confirmed sender nord.example"),
        ("delete from coding_history", "earlier codings of C-000001 are missing"),
        ("update coding_history set account = '4500'", "earlier codings of C-000001 are not"),
        ("update coding_history set posted_on = '2025-03-16'", "earlier codings of C-000001 are not"),
        ("update coding_history set case_id = 'C-000007'", "earlier codings of C-000007 are not"),
        ("update coding_history set case_id = 'import:old.csv'", "earlier codings of import:old.csv are not"),
    ],
)
async def test_a_changed_record_is_named(recorded: Office, statement: str, told: str) -> None:
    change(recorded, statement)
    result = await asyncio.to_thread(recorded.app.verify_audit, None)
    assert not result["ok"]
    assert told in result["message"]


async def test_a_withdrawn_sender_that_is_back_is_named(recorded: Office) -> None:
    senders = recorded.app.service.deps.mirror.senders
    senders.withdraw(SupplierId(NORD), "nord.example", BERT, "closed")
    recorded.verified()
    senders.confirm(SupplierId(NORD), "nord.example", CLEO, "contract")
    recorded.verified()
    change(recorded, "delete from confirmed_senders")
    assert any("nord.example" in told for told in contradictions(recorded.app.service.deps.log))
