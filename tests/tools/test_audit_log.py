"""The audit log: nothing is lost, and whatever is changed is named."""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from tests.builders import OTHER_IBAN, SUPPLIER_IBAN
from tools import store as tables
from tools.audit_log import GENESIS, AuditBroken, AuditLog
from tools.case_list import CaseList, project
from tools.domain import audit
from tools.domain.audit import SERVICE, AuditRecord, StageChanged, StepFailed
from tools.domain.identifiers import CaseId, DocumentId, PersonId
from tools.store import Store

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
CASE = CaseId("C-000001")
TRIGGERS = ("audit_no_update", "audit_no_delete", "audit_next_only")


def ticking() -> Callable[[], datetime]:
    seconds = count(1)
    return lambda: NOW + timedelta(seconds=next(seconds))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "erp-agent.db"


@pytest.fixture
def store(path: Path) -> Store:
    return Store.open(path)


@pytest.fixture
def log(store: Store) -> AuditLog:
    return AuditLog(store, ticking(), project)


def received(case_id: str = CASE) -> audit.DocumentReceived:
    document_id = DocumentId(case_id * 8)
    return audit.DocumentReceived(document_id=document_id, name="a.xml", path="in/a.xml", size=1)


@pytest.fixture
def filled(log: AuditLog) -> AuditLog:
    """Six records of one case."""
    log.append(CASE, SERVICE, received())
    for stage in ("read", "matched", "waiting_for_approval", "approved", "posted"):
        log.append(CASE, SERVICE, StageChanged(stage=stage))
    return log


def by_hand(path: Path, *statements: str) -> None:
    """What somebody with the file does who first takes the triggers away."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for trigger in TRIGGERS:
            connection.execute(f"drop trigger {trigger}")
        for statement in statements:
            connection.execute(statement)


def test_an_untouched_chain_verifies_and_counts_its_records(filled: AuditLog) -> None:
    assert filled.verify() == 6
    assert filled.verify(filled.head()) == 6


def test_an_empty_log_verifies(log: AuditLog) -> None:
    assert log.head() == (0, GENESIS)
    assert log.verify(log.head()) == 0


def test_a_record_comes_back_as_it_was_appended(log: AuditLog) -> None:
    anna = audit.person(PersonId("anna"))
    log.append(None, anna, audit.SuppliersSynced(added=1, changed=2, removed=3))
    (record,) = log.records()
    assert (record.sequence, record.actor, record.case_id) == (1, anna, None)
    assert record.at == NOW + timedelta(seconds=1)
    assert record.event == audit.SuppliersSynced(added=1, changed=2, removed=3)
    assert (record.previous, (1, record.hash)) == (GENESIS, log.head())


def test_records_of_one_case_leave_out_the_others(filled: AuditLog) -> None:
    other = CaseId("C-000002")
    filled.append(other, SERVICE, received(other))
    assert [record.sequence for record in filled.records(other)] == [7]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("update audit set event = replace(event, 'matched', 'posted') where sequence = 3", "record 3"),
        ("update audit set actor = 'mallory' where sequence = 4", "record 4"),
        ("update audit set actor_type = 'person' where sequence = 4", "record 4"),
        ("update audit set actor_type = 'ghost' where sequence = 4", "record 4"),
        ("update audit set at = '2026-03-20T08:00:00.000000+00:00' where sequence = 2", "record 2"),
        ("update audit set case_id = 'C-000009' where sequence = 5", "record 5"),
        ("update audit set kind = 'case_closed' where sequence = 5", "record 5"),
        ("update audit set previous = hash where sequence = 5", "record 5"),
        ("update audit set hash = previous || 'x' where sequence = 6", "record 6"),
        ("delete from audit where sequence = 1", "record 1 is missing; the next one has number 2"),
        ("delete from audit where sequence = 3", "record 3 is missing; the next one has number 4"),
        ("delete from audit where sequence in (3, 4)", "record 3 is missing; the next one has number 5"),
        ("update audit set sequence = 7 where sequence = 5", "record 5 is missing"),
        (
            "insert into audit select 7, at, actor, actor_type, case_id, kind, event, hash, 'x' from audit "
            "where sequence = 6",
            "record 7",
        ),
        (
            "insert into audit select 0, at, actor, actor_type, case_id, kind, event, previous, 'x' "
            "from audit where sequence = 1",
            "record 0 stands before the first one",
        ),
    ],
)
def test_a_record_changed_behind_our_back_is_named(
    filled: AuditLog, path: Path, statement: str, told: str
) -> None:
    by_hand(path, statement)
    with pytest.raises(AuditBroken, match=told):
        filled.verify()


def test_two_swapped_records_are_noticed_at_the_first(filled: AuditLog, path: Path) -> None:
    by_hand(
        path,
        "update audit set sequence = 99 where sequence = 2",
        "update audit set sequence = 2 where sequence = 4",
        "update audit set sequence = 4 where sequence = 99",
    )
    with pytest.raises(AuditBroken, match="record 2 .* was changed after it was written"):
        filled.verify()


def test_a_record_put_in_between_is_noticed(filled: AuditLog, path: Path) -> None:
    by_hand(
        path,
        "update audit set sequence = 7 where sequence = 6",
        "update audit set sequence = 6 where sequence = 5",
        "update audit set sequence = 5 where sequence = 4",
        "insert into audit select 4, at, 'mallory', actor_type, case_id, kind, event, hash, 'x' from audit "
        "where sequence = 3",
    )
    with pytest.raises(AuditBroken, match="record 4"):
        filled.verify()


def test_a_tail_that_was_cut_off_is_noticed_against_a_head_written_down(filled: AuditLog, path: Path) -> None:
    written_down = filled.head()
    by_hand(path, "delete from audit where sequence > 4")
    assert filled.verify() == 4
    with pytest.raises(AuditBroken, match="ends at record 4, but record 6 was written down"):
        filled.verify(written_down)


def test_a_chain_written_anew_is_noticed_against_a_head_written_down(filled: AuditLog, path: Path) -> None:
    written_down = filled.head()
    by_hand(path, "delete from audit where sequence > 4")
    for _ in range(4):
        filled.append(CASE, SERVICE, StageChanged(stage="rejected"))
    assert filled.verify() == 8
    with pytest.raises(AuditBroken, match="record 6 is not the one whose hash was written down"):
        filled.verify(written_down)


def test_an_event_nobody_knows_is_named_without_repeating_its_values(log: AuditLog, store: Store) -> None:
    class Foreign(StageChanged):
        kind: str = "foreign"

    unprojected = AuditLog(store, ticking(), lambda _connection, _record: None)
    with pytest.raises(ValueError, match="AuditRecord"):
        unprojected.append(CASE, SERVICE, Foreign(stage="password-123"))
    assert log.verify() == 0


def test_a_record_that_cannot_be_read_is_named_without_repeating_its_values(
    filled: AuditLog, path: Path
) -> None:
    by_hand(path, 'update audit set event = \'{"kind": "password-123"}\' where sequence = 2')
    with pytest.raises(AuditBroken, match=r"record 2 \(stage_changed\) holds no known event") as caught:
        list(filled.records())
    assert "password-123" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set actor = 'mallory'",
        "update audit set event = event where sequence = 2",
        "delete from audit",
        "delete from audit where sequence = 6",
        "insert or replace into audit select 3, at, 'mallory', actor_type, case_id, kind, event, previous, "
        "'x' from audit where sequence = 3",
        "insert into audit select 9, at, actor, actor_type, case_id, kind, event, hash, 'x' from audit "
        "where sequence = 6",
    ],
)
def test_sql_that_changes_the_log_is_refused(filled: AuditLog, path: Path, statement: str) -> None:
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="the audit log is append-only"),
    ):
        connection.execute(statement)
    assert filled.verify() == 6


def test_the_triggers_stand_again_after_the_next_start(filled: AuditLog, path: Path) -> None:
    by_hand(path)
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("delete from audit")


def test_a_failing_projection_leaves_neither_event_nor_projection(store: Store) -> None:
    def failing(connection: Connection, records: Sequence[AuditRecord]) -> None:
        project(connection, records)
        if records[-1].sequence == 2:
            raise RuntimeError("no room")

    log = AuditLog(store, ticking(), failing)
    with pytest.raises(RuntimeError, match="no room"):
        log.append(CASE, SERVICE, received(), StageChanged(stage="read"))
    assert log.verify() == 0
    assert CaseList(store).all() == []


def test_what_fails_later_in_the_callers_transaction_takes_the_event_back(
    store: Store, log: AuditLog
) -> None:
    row = {"name": "mark", "value": "1"}
    with store.transaction() as connection:
        connection.execute(insert(tables.marks).values(**row))
    with pytest.raises(IntegrityError), store.transaction() as connection:
        log.append_in(connection, CASE, SERVICE, received())
        connection.execute(insert(tables.marks).values(**row))
    assert log.verify() == 0
    assert CaseList(store).get(CASE) is None


def test_the_log_may_be_written_while_it_is_read(filled: AuditLog) -> None:
    seen = []
    for record in filled.records():
        seen.append(record.sequence)
        filled.append(CASE, SERVICE, StageChanged(stage="posted"))
    assert seen == [1, 2, 3, 4, 5, 6]
    assert filled.verify() == 12


def test_a_reader_sees_one_moment(store: Store, filled: AuditLog) -> None:
    with store.read() as connection:
        before = connection.exec_driver_sql("select count(*) from audit").scalar_one()
        filled.append(CASE, SERVICE, StageChanged(stage="posted"))
        assert connection.exec_driver_sql("select count(*) from audit").scalar_one() == before
    assert filled.verify() == before + 1


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])
def test_a_durable_transaction_waits_for_the_disk(store: Store, durable: bool, level: int) -> None:
    """SQLite: 2 is `full`, 1 is `normal`."""
    for _ in range(2):
        with store.transaction(durable=durable) as connection:
            assert connection.exec_driver_sql("pragma synchronous").scalar_one() == level
    with store.transaction() as connection:
        assert connection.exec_driver_sql("pragma synchronous").scalar_one() == 1


@pytest.mark.parametrize(
    "text",
    [
        f"paid to {SUPPLIER_IBAN}",
        f"{SUPPLIER_IBAN}, as told by phone",
        "call-back on DE89 3704 0044 0532 0130 00 with Mr Schmidt",
        "line one\nDE89370400440532013000\nline three",
        f"{OTHER_IBAN} replaces {SUPPLIER_IBAN}",
        SUPPLIER_IBAN.lower(),
    ],
)
def test_a_bank_account_in_any_text_is_masked_in_the_log(log: AuditLog, path: Path, text: str) -> None:
    log.append(CASE, SERVICE, received(), StepFailed(error="Trouble", message=text))
    kept = "".join(str(row) for row in sqlite3.connect(path).execute("select * from audit, cases"))
    for account in (SUPPLIER_IBAN, OTHER_IBAN):
        assert account not in kept.upper().replace(" ", "")
    assert "…3000" in kept
    log.verify()


@pytest.mark.parametrize(
    "text", ["a" * 22 + "0" * 42, "INV 2026-0001", "DE89370400440532013001 is mistyped", "FR21 chairs, blue"]
)
def test_what_is_no_bank_account_stays_as_it_is(log: AuditLog, text: str) -> None:
    log.append(None, SERVICE, StepFailed(error="Trouble", message=text))
    (record,) = log.records()
    assert record.event == StepFailed(error="Trouble", message=text)


def test_a_writer_has_the_log_to_itself_from_the_first_moment(store: Store, path: Path) -> None:
    """Else two writers read the same last record, and one of them fails or forks the chain."""
    with (
        store.transaction(),
        closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as rival,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        rival.execute("begin immediate")


def _append_in_a_process(path: Path, name: str, times: int, barrier: Barrier) -> None:
    barrier.wait(timeout=60)
    store = Store.open(path)
    barrier.wait(timeout=60)
    log = AuditLog(store, ticking(), project)
    case_id = CaseId(f"C-{name}")
    log.append(case_id, SERVICE, received(case_id))
    for number in range(times - 1):
        log.append(case_id, SERVICE, StageChanged(stage=f"{name}-{number}"), durable=number % 5 == 0)
    store.close()


def test_several_processes_keep_one_unbroken_chain(path: Path) -> None:
    """They also create the file at the same moment."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(3)
    processes = [
        context.Process(target=_append_in_a_process, args=(path, str(number), 40, barrier))
        for number in range(3)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    store = Store.open(path)
    log = AuditLog(store, ticking(), project)
    assert log.verify() == 120
    stages = [
        record.event.stage for record in log.records(CaseId("C-1")) if record.event.kind == "stage_changed"
    ]
    assert stages == [f"1-{number}" for number in range(39)]
    assert sorted(case.position for case in CaseList(store).all()) == [1, 2, 3]


@pytest.mark.parametrize("between", ["\n", "\t", "\r\n", "\u00a0", "\u200b", " ", "-"])
def test_an_account_is_masked_whatever_stands_between_its_groups(log: AuditLog, between: str) -> None:
    account = between.join(("DE89", "3704", "0044", "0532", "0130", "00"))
    log.append(CaseId("C-1"), SERVICE, StepFailed(error="E", message=f"pay to {account} please"))
    (record,) = log.records(CaseId("C-1"))
    assert isinstance(record.event, StepFailed)
    assert "0532" not in record.event.message and record.event.message.endswith("please")
