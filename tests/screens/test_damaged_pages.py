"""Pages of a database that are noise: `doctor` looks for them, whether or not a command meets them."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing

import pytest

from tests.screens.desk import Desk


@pytest.mark.parametrize("name", ["erp-agent.sqlite", "checkpoints.sqlite"])
def test_doctor_finds_pages_that_are_damaged(desk: Desk, name: str) -> None:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    path = desk.database.with_name(name)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
        (root,) = connection.execute(
            "select rootpage from sqlite_master where name in ('billed', 'sqlite_autoindex_writes_1')"
        ).fetchone()
        (size,) = connection.execute("pragma page_size").fetchone()
    content = bytearray(path.read_bytes())
    noise = hashlib.shake_256(b"noise").digest(size)
    content[(root - 1) * size : root * size] = noise
    path.write_bytes(content)
    (check,) = (row for row in desk.rows("doctor", code=1) if row["what"] == "databases")
    assert check["state"] == "fault"
    assert name in check["message"]
    assert "from a backup" in check["message"]


def test_doctor_says_that_whole_databases_are_whole(desk: Desk) -> None:
    (check,) = (row for row in desk.rows("doctor") if row["what"] == "databases")
    assert check["state"] == "ok"
