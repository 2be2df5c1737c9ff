"""A disk that takes nothing is told in one sentence that names the file and no value of any statement."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.exc import OperationalError

from tools import store as tables
from tools.store import Store
from tools.store_damage import StoreDamaged, StoreUnwritable, damage_told
from tools.write_ahead import use_write_ahead_log

SECRET = "DE123456789"


@pytest.mark.parametrize(
    ("code", "what", "mend"),
    [
        (sqlite3.SQLITE_FULL, "the disk is full", "make room"),
        (sqlite3.SQLITE_IOERR_WRITE, "the disk failed", "make room"),
        (sqlite3.SQLITE_READONLY_DBMOVED, "may only be read", "give the right to write"),
        (sqlite3.SQLITE_CANTOPEN_ISDIR, "cannot be opened", "give the right to write"),
        (sqlite3.SQLITE_PERM, "access is denied", "give the right to write"),
    ],
)
def test_each_refusal_says_what_to_do(code: int, what: str, mend: str) -> None:
    error = sqlite3.OperationalError("SQLite's own words")
    error.sqlite_errorcode = code
    for raised in (error, OperationalError(f"insert {SECRET}", (SECRET,), error)):
        with pytest.raises(StoreUnwritable) as told, damage_told("/data/erp.sqlite"):
            raise raised
        said = str(told.value)
        assert said.startswith("/data/erp.sqlite: ")
        assert what in said
        assert mend in said
        assert "run this again (nothing that was noted is lost)" in said
        assert SECRET not in said
        assert told.value.__suppress_context__


@pytest.mark.parametrize("code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_BUSY_SNAPSHOT])
def test_a_busy_file_is_left_to_those_who_ask_again(code: int) -> None:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = code
    with pytest.raises(sqlite3.OperationalError), damage_told("/data/erp.sqlite"):
        raise error


def test_a_file_with_no_room_keeps_what_it_had(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "erp.sqlite")
    event.listen(store.engine, "begin", lambda taken: taken.exec_driver_sql("pragma max_page_count=1"))
    row = {"name": "kept", "value": "1"}
    with store.transaction() as connection:
        connection.execute(insert(tables.marks).values(row))
    with pytest.raises(StoreUnwritable, match="the disk is full") as told, store.transaction() as connection:
        large = {"name": SECRET, "value": "x" * 100_000}
        connection.execute(insert(tables.marks).values(large))
    assert SECRET not in str(told.value)
    with store.transaction(durable=True) as connection:
        assert connection.execute(text("select name from marks")).scalars().all() == ["kept"]
    store.close()


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "erp.sqlite").mkdir()
    with pytest.raises(StoreUnwritable, match=r"erp\.sqlite: it cannot be opened"):
        Store.open(tmp_path / "erp.sqlite")


def test_what_is_no_database_is_damage_and_not_a_full_disk(tmp_path: Path) -> None:
    path = tmp_path / "erp.sqlite"
    path.write_bytes(b"no database" * 500)
    with pytest.raises(StoreDamaged, match="restore it from a backup") as told, damage_told(str(path)):
        use_write_ahead_log(path)
    assert not isinstance(told.value, StoreUnwritable)


def test_a_trigger_that_refuses_passes(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "erp.sqlite")) as connection:
        connection.execute("create table one (name unique)")
        connection.execute("insert into one values (1)")
        with pytest.raises(sqlite3.IntegrityError), damage_told("erp.sqlite"):
            connection.execute("insert into one values (1)")
