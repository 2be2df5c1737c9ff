"""`erp-eval new`: where a new case is written, and what is refused before anything is."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from evals.cli import app
from evals.suite.case import read_case
from evals.suite.lint import lint

LINE = ("--line", "W-100:10:129.00")


def new(root: Path, name: str, *words: str) -> Result:
    given = ("new", name, *words, *(() if "--line" in words else LINE), "--root", str(root))
    return CliRunner().invoke(app, list(given), env={"COLUMNS": "200"})


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "name",
    [
        "../../evil",
        "../0700_evil",
        "0700",
        "0700_",
        "0700_Big",
        "70_x",
        "٠٧٠٠_x",
        "0700_x/y",
        "",
    ],
)
def test_a_case_is_written_nowhere_but_below_its_root(tmp_path: Path, name: str) -> None:
    root = tmp_path / "a" / "cases"
    root.mkdir(parents=True)
    found = new(root, name)
    assert (found.exit_code, "a case is called NNNN_words" in found.output) == (2, True)
    assert files(tmp_path) == []


def test_a_number_that_is_taken_is_refused_and_so_is_a_folder(tmp_path: Path) -> None:
    assert new(tmp_path, "0700_first").exit_code == 0
    before = files(tmp_path)
    for name, words in (("0700_first", "is there already"), ("0700_other", "0700 is taken by 0700_first")):
        found = new(tmp_path, name)
        assert (found.exit_code, words in found.output) == (2, True)
    assert files(tmp_path) == before
    assert new(tmp_path, "0701_other").exit_code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--today", "morgen"), "--today takes a day such as 2026-03-16"),
        (("--today", "0001-01-03"), "no order can lie before 0001-01-03"),
        (("--line", "W-100:10"), "write ITEM:QUANTITY:PRICE"),
        (("--line", "W-100:NaN:2"), "write ITEM:QUANTITY:PRICE"),
        (("--line", "W-100:2:Infinity"), "write ITEM:QUANTITY:PRICE"),
        (("--line", ":1:2"), "write ITEM:QUANTITY:PRICE"),
        (("--line", "W-100:1e400:1"), "a quantity has up to 9 digits before its point"),
        (("--line", "W-100:1:1e400"), "a price has up to 9 digits before its point"),
        (("--line", "W-100:1:1e-400"), "a price has up to 5 decimals"),
        (("--line", "W-100:1:1.000001"), "a price has up to 5 decimals"),
        (("--line", "W-100:1.0001:1"), "a quantity has up to 3 decimals"),
        (("--line", "W-100:0:1"), "a quantity is above zero"),
        (("--line", "W-100:-1:1"), "a quantity is above zero"),
        (("--line", "Z-9:1:1"), "the company knows no item Z-9; it knows"),
        (("--base", "../x"), "there are: plain, werk"),
        (("--supplier", "9"), "knows no supplier 9"),
        (("--number", " "), "are printed in one line"),
        (("--order", "45\n1"), "are printed in one line"),
    ],
)
def test_what_is_none_is_told_and_leaves_no_folder(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    found = new(tmp_path, "0700_new", *words)
    assert (found.exit_code, told in found.output) == (2, True), found.output
    assert list(tmp_path.iterdir()) == []


def test_a_root_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = new(tmp_path / "file", "0700_new")
    assert (found.exit_code, "is no folder" in found.output) == (2, True)


def test_a_number_with_slashes_is_printed_whole_and_names_a_plain_file(tmp_path: Path) -> None:
    assert new(tmp_path, "0700_new", "--number", "../../RE/1").exit_code == 0
    folder = tmp_path / "0700_new"
    assert files(folder) == ["case.toml", "expected.json", "inbox/re-1.xml", "world.json"]
    assert "<cbc:ID>../../RE/1</cbc:ID>" in (folder / "inbox" / "re-1.xml").read_text(encoding="utf-8")
    assert "re-1.xml" in read_case(folder).expected.findings
    assert all("TO BE DECIDED" in fault for fault in lint(folder))
