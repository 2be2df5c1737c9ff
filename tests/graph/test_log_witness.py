"""The tables beside the log say what the log says; whoever changes one of them is found, and a case whose own
history was changed is not worked on."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.service import Refused
from tests.graph.conftest import Furnish
from tests.graph.office import ANNA, BERT, CLEO, Office, raising
from tests.graph.papers import FOREIGN_IBAN, NORD, PLAIN, a_document
from tools.audit_log import AuditBroken
from tools.erp.errors import ErpUnavailable
from tools.log_witness import contradictions


@pytest.fixture
async def worked(furnish: Furnish, tmp_path: Path) -> AsyncIterator[Office]:
    """One posted invoice, one that asks, one file that is no invoice, and confirmed senders."""
    office = furnish("sandbox", tmp_path)
    async with office.open():
        case = await office.take_in(a_document())
        with pytest.raises(Refused):
            await office.approve(case, BERT)
        office.line.before["write"] = raising(ErpUnavailable("the ERP cannot be reached"))
        with pytest.raises(ErpUnavailable):
            await office.approve(case)
        await office.app.recheck(None)
        await office.take_in(a_document("RE-2", iban=FOREIGN_IBAN))
        office.lay("c.bin", b"\x00\x01 no invoice")
        await office.run()
        senders = office.app.service.deps.mirror.senders
        senders.confirm(NORD, "nord.example", CLEO, f"contract, and the account {FOREIGN_IBAN}")
        senders.confirm(NORD, "old.example", CLEO, "contract")
        senders.withdraw(NORD, "old.example", CLEO, "closed")
        yield office


def change(office: Office, statement: str) -> None:
    """As somebody would who has the database open."""
    connection = sqlite3.connect(office.settings().data.folder / "erp-agent.sqlite")
    for trigger in ("update", "delete", "next_only"):
        name = trigger if trigger == "next_only" else f"no_{trigger}"
        connection.execute(f"drop trigger if exists audit_{name}")
    assert connection.execute(statement).rowcount > 0
    connection.commit()
    connection.close()


async def test_after_a_days_work_nothing_contradicts_the_log(worked: Office) -> None:
    assert len(worked.posted()) == 1
    assert contradictions(worked.app.service.deps.log) == []
    assert worked.verified() > 10


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("update cases set stage = 'posted' where position = 2", "C-000002: the case list"),
        ("update cases set position = 9 where position = 2", "C-000002: the case list"),
        (
            "update cases set summary = replace(summary, 'RE-2', 'RE-3') where position = 2",
            "C-000002: the case",
        ),
        ("delete from cases where position = 3", "C-000003 is missing"),
        (
            "update documents set content = content || ' ' where case_id = 'C-000001'",
            "of C-000001 is not the one",
        ),
        ("update documents set content = x'' where case_id = 'C-000001'", "of C-000001 is not the one"),
        ("update documents set path = 'elsewhere' where case_id = 'C-000003'", "of C-000003 is not the one"),
        (
            "update documents set case_id = 'C-000009' where case_id = 'C-000003'",
            "of C-000009 is not the one",
        ),
        ("delete from documents where case_id = 'C-000002'", "of C-000002 is missing"),
        (
            "update readings set reading = replace(reading, 'RE-2', 'RE-3')",
            "of C-000002: what was read from it",
        ),
        ("delete from readings", "what was read from it was changed"),
        ("delete from posting_keys", "is missing"),
        ("update posting_keys set state = 'freed'", "of C-000001 is not what the audit log says"),
        ("update posting_keys set case_id = 'C-000002'", "of C-000002 is not what the audit log says"),
        ("update posting_keys set posting = replace(posting, '119', '120')", "of C-000001 is not what"),
        (
            "insert into posting_keys (key, case_id, state, digest) values ('k', 'C-000002', 'done', 'd')",
            "posting k of C-000002",
        ),
        ("delete from billed", f"what C-000001 billed on {PLAIN}/10000"),
        ("update billed set quantity = '1'", f"what C-000001 billed on {PLAIN}/10000"),
        ("update bank_accounts set iban = 'DE89370400440532013001'", "verified account"),
        ("update bank_accounts set verified_by = 'anna'", "verified account"),
        ("update bank_accounts set supplier_id = 'V9' where supplier_id = 'V10001'", "of supplier V9"),
        ("delete from bank_accounts", "is missing or was changed"),
        ("update confirmed_senders set domain = 'evil.example'", "confirmed sender evil.example"),
        ("delete from confirmed_senders", "confirmed sender nord.example"),
    ],
)
async def test_a_table_that_was_changed_is_found(worked: Office, statement: str, told: str) -> None:
    change(worked, statement)
    result = worked.app.verify_audit(None)
    assert not result["ok"]
    assert told in result["message"]


async def test_a_case_with_a_changed_record_is_not_worked_on(worked: Office) -> None:
    case = worked.case("C-000002")
    change(
        worked,
        "update audit set event = replace(event, 'RE-2', 'RE-3') "
        "where case_id = 'C-000002' and kind = 'document_read'",
    )
    with pytest.raises(AuditBroken):
        await worked.answer(case, "reject", remark="no")
    (result,) = await worked.app.recheck([case.case_id])
    assert result["error_kind"] == "AuditBroken"


async def test_a_changed_record_keeps_an_agreed_case_from_being_posted(plain_office: Office) -> None:
    case = await plain_office.take_in(a_document())
    assert case.stage == "waiting_for_approval"
    change(plain_office, "update audit set actor = 'anna' where kind = 'document_read'")
    (result,) = await plain_office.app.approve([(case.case_id, case.digest or "")], ANNA, "")
    assert result["error_kind"] == "AuditBroken"
    assert plain_office.posted() == []


async def test_other_cases_go_on_when_one_has_a_changed_record(worked: Office) -> None:
    change(worked, "update audit set actor = 'anna' where case_id = 'C-000002' and kind = 'invoice_matched'")
    assert worked.app.service.deps.log.verify_case(worked.case("C-000001").case_id) > 5
    case = await worked.take_in(a_document("RE-7", order=None))
    assert case.stage == "waiting_for_answer"


async def test_a_record_cut_out_of_a_case_is_found_by_its_neighbours(worked: Office) -> None:
    change(worked, "delete from audit where case_id = 'C-000001' and kind = 'approval_given'")
    with pytest.raises(AuditBroken):
        worked.app.service.deps.log.verify_case(worked.case("C-000001").case_id)
