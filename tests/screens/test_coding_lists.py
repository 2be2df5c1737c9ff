"""`coding import` at the command line: wrong lists are wrong usage, and nothing of them is kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.graph.papers import NORD
from tests.screens.desk import Desk, joined

HEADER = "supplier_id,description,account,date"


def a_list(desk: Desk, *rows: str, name: str = "old.csv") -> Path:
    file = desk.folder / name
    file.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    return file


def test_two_files_of_one_name_are_both_kept_and_each_counts_once(desk: Desk) -> None:
    first = a_list(desk, f"{NORD},Rent,4100,2026-01-02")
    assert "1 earlier codings" in desk.call("coding", "import", first).stdout
    second = a_list(desk, f"{NORD},Freight,4500,2026-01-03")
    assert desk.rows("coding", "import", second) == [{"message": "1 earlier codings from old.csv"}]
    assert "nothing changed" in desk.call("coding", "import", second).stdout
    imported = [row for row in desk.rows("audit", "export") if row["event"]["kind"] == "coding_imported"]
    assert len(imported) == 2


@pytest.mark.parametrize("rows", [(), ("V9,Rent,4100,2026-01-02",), (f"{NORD},Rent,9,2026-01-02",)])
def test_a_faulty_list_is_wrong_usage(desk: Desk, rows: tuple[str, ...]) -> None:
    told = desk.call("coding", "import", a_list(desk, *rows), code=2)
    assert "nothing was taken over" in joined(told.stderr)


def test_what_is_no_file_is_told_and_nobody_waits_for_it(desk: Desk) -> None:
    os.mkfifo(desk.folder / "pipe.csv")
    for name in ("pipe.csv", "none.csv"):
        assert "cannot be read" in joined(desk.call("coding", "import", desk.folder / name, code=2).stderr)
