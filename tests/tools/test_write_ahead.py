"""Many processes turn on the write-ahead log of one file in the same moment."""

from __future__ import annotations

import multiprocessing
import sqlite3
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from tools.write_ahead import use_write_ahead_log

ROUNDS, RIVALS = 60, 6
"""With the bare pragma about one process of seventy is refused."""


def _race(folder: Path, barrier: Barrier) -> None:
    for number in range(ROUNDS):
        barrier.wait(timeout=60)
        use_write_ahead_log(folder / f"{number}.sqlite")


def test_none_of_them_is_refused(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(RIVALS)
    processes = [context.Process(target=_race, args=(tmp_path, barrier)) for _ in range(RIVALS)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)
    assert [process.exitcode for process in processes] == [0] * RIVALS
    with closing(sqlite3.connect(tmp_path / "0.sqlite")) as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "erp.sqlite"
    file.write_bytes(b"no database" * 200)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        use_write_ahead_log(file)
