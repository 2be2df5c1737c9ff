"""What may be a baseline, and which files of a run may be one: a gate must not be opened by its own file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from evals.cli import app
from evals.suite.case import CaseBroken
from evals.suite.compare import read_run, write_baseline
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
