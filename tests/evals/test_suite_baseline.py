"""What may be a baseline, and which files of a run may be one: a gate must not be opened by its own file."""

from __future__ import annotations

import json
from io import StringIO
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from evals.cli import app
from evals.suite.case import CaseBroken
from evals.suite.compare import read_run, write_baseline
from evals.suite.presenting import Wanted, check, present
from tests.evals.suite_results import Shelf, posted, waiting

NAME = "0001_one"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    found = Shelf(tmp_path / "cases")
    found.case(NAME)
    return found


def erp_eval(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})


@pytest.mark.parametrize(
    ("stand", "words"),
    [
        ({"trials": 0, "passed": 0}, "trials"),
        ({"trials": -1, "passed": -1}, "trials"),
        ({"passed": -1}, "passed"),
        ({"passed": 2}, "more trials passed"),
        ({"case_sum": ""}, "case_sum"),
        ({"case_sum": "g" * 64}, "case_sum"),
        ({"case_sum": "a" * 64 + "\n"}, "case_sum"),
        (None, "it holds no case"),
    ],
)
def test_a_baseline_that_nothing_can_fall_short_of_is_refused(
    shelf: Shelf, tmp_path: Path, stand: dict[str, Any] | None, words: str
) -> None:
    path, worse = tmp_path / "b.json", tmp_path / "worse.json"
    write_baseline(shelf.report([posted()]), path)
    worse.write_text(shelf.report([waiting()]).model_dump_json(), encoding="utf-8")
    assert erp_eval("compare", path, worse).exit_code == 1
    content = json.loads(path.read_text(encoding="utf-8"))
    content["stands"] = {} if stand is None else {NAME: {**content["stands"][NAME], **stand}}
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(CaseBroken, match=rf"no baseline that can be used: .*{words}"):
        read_run(path, shelf.root)
    result = erp_eval("compare", path, worse)
    assert (result.exit_code, "no baseline that can be used" in result.output) == (2, True)


def test_a_report_that_speaks_of_stands_stays_a_report(shelf: Shelf, tmp_path: Path) -> None:
    report = shelf.report([posted(accounts={"stands": "1.00"}, trouble=('{"stands": {}}',))])
    path = tmp_path / "r.json"
    path.write_text(report.model_dump_json(), encoding="utf-8")
    assert read_run(path, shelf.root) == report


def test_a_run_of_fewer_cases_than_there_are_does_not_replace_a_baseline(
    shelf: Shelf, tmp_path: Path
) -> None:
    path, part = tmp_path / "b.json", tmp_path / "part.json"
    path.write_text("the old one", encoding="utf-8")
    part.write_text(shelf.report([posted()]).model_dump_json(), encoding="utf-8")
    shelf.case("0002_two")
    words = ("baseline", part, "--to", path, "--root", shelf.root)
    result = erp_eval(*words)
    assert (result.exit_code, path.read_text(encoding="utf-8")) == (2, "the old one")
    assert "0002_two were not played" in " ".join(result.output.split())
    part.write_text(shelf.report([posted(), waiting("0002_two")]).model_dump_json(), encoding="utf-8")
    assert erp_eval(*words).exit_code == 0


FILES = ("keep", "html", "json_file", "baseline", "write_baseline")


@pytest.mark.parametrize(("one", "two"), list(combinations(FILES, 2)))
def test_two_files_of_a_run_are_never_one(shelf: Shelf, tmp_path: Path, one: str, two: str) -> None:
    path = tmp_path / "b.json"
    write_baseline(shelf.report([posted()]), path)
    (tmp_path / "link.json").symlink_to(path)
    (tmp_path / "hard.json").hardlink_to(path)
    (tmp_path / "in").mkdir()
    for other in (path, tmp_path / "in" / ".." / "b.json", tmp_path / "link.json", tmp_path / "hard.json"):
        wanted = Wanted.model_validate({one: path, two: other, "root": shelf.root})
        if {one, two} == {"baseline", "write_baseline"}:
            assert check(wanted) is not None
        else:
            with pytest.raises(CaseBroken, match="cannot be two files"):
                check(wanted)


def test_what_was_kept_is_not_written_over(shelf: Shelf, tmp_path: Path) -> None:
    keep = tmp_path / "k.jsonl"
    words = ["run", NAME, "--root", shelf.root, "--model", "none", "--keep", keep, "--json", keep]
    result = erp_eval(*words)
    assert (result.exit_code, keep.exists()) == (2, False)
    assert "--keep and --json have to differ" in " ".join(result.output.split())


def test_a_run_that_may_not_stand_replaces_no_baseline(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    write_baseline(shelf.report([posted()]), path)
    before = path.read_bytes()
    wanted = Wanted(baseline=path, write_baseline=path, root=shelf.root)
    quiet = Console(file=(out := StringIO()))
    assert not present(shelf.report([waiting()]), wanted, check(wanted), quiet)
    assert path.read_bytes() == before
    assert "stays as it was" in out.getvalue()
    beside = wanted.model_copy(update={"write_baseline": tmp_path / "c.json"})
    assert not present(shelf.report([waiting()]), beside, check(beside), quiet)
    assert (tmp_path / "c.json").exists()
    assert present(shelf.report([posted(trial=0), posted(trial=1)]), wanted, check(wanted), quiet)
    assert path.read_bytes() != before


def test_a_comparison_writes_over_none_of_its_runs(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(shelf.report([posted()]).model_dump_json(), encoding="utf-8")
    before = path.read_bytes()
    for words in (("compare", path, path, "--html", path), ("baseline", path, "--to", path)):
        result = erp_eval(*words)
        assert (result.exit_code, path.read_bytes()) == (2, before)
        assert "cannot be two files" in " ".join(result.output.split())
