"""What is wrong with a case is said before anybody plays it; every fault has a test that lint goes red on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals.cli import app
from evals.suite.case import CASES
from evals.suite.lint import lint, lint_all
from tests.evals.suite_cases import written

SOURCE = CASES / "0001_clean_and_once_more"
FIRST, AGAIN = "re-2026-117.xml", "re-2026-117-again.xml"


def expected() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SOURCE / "expected.json").read_text(encoding="utf-8"))
    return found


def changed(edit: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    found = expected()
    edit(found)
    return found


def test_a_good_case_has_no_fault(tmp_path: Path) -> None:
    assert lint(written(tmp_path)) == []


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda e: e["findings"][AGAIN]["must"].append("price_ovre"), "price_ovre is no kind of finding"),
        (lambda e: e["findings"][AGAIN].update(may=["po_exhausted"]), "both a must and a may"),
        (lambda e: e["findings"].update({"none.xml": {}}), "findings names none.xml"),
        (lambda e: e["ends"][0]["stages"].update({"none.xml": "posted"}), "end 0 names none.xml"),
        (lambda e: e["ends"][0].update(stages={}), "end 0 says of no document"),
        (lambda e: e["ends"][0]["stages"].update({FIRST: "paid"}), "ends.0.stages"),
        (lambda e: e["ends"][0].update(changes=["posted RE-2026-117: 1651.72"]), "no change of the books"),
        (lambda e: e["ends"][0]["accounts"].update({"1600": "-1651.71"}), "add up to 0.01"),
        (lambda e: e.update(forbidden=["parked *"]), "forbidden: no change of the books begins so: parked *"),
        (lambda e: e.update(ends=[]), "ends"),
        (lambda e: e.update(declined={"sage": "no"}), "declined names sage"),
        (lambda e: e.update(said=[{"turn": 1, "holds": ["x"]}]), "the clerk says 0 things"),
        (lambda e: e.update(questions={"none.xml": "investigate"}), "questions names none.xml"),
    ],
)
def test_faults_of_what_is_expected(
    edit: Callable[[dict[str, Any]], object], told: str, tmp_path: Path
) -> None:
    faults = lint(written(tmp_path, expected=changed(edit)))
    assert any(told in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('source = ""', "source is empty"),
        ('source = "found on a web page"', "source names no licence"),
        ('benign = "0999_none"', "benign names 0999_none"),
        ('title = "TO BE DECIDED"', "TO BE DECIDED still stands there"),
    ],
)
def test_faults_of_the_story(line: str, told: str, tmp_path: Path) -> None:
    old = (
        "tier = "
        if not line.startswith("title")
        else 'title = "A clean invoice that comes twice is posted once"'
    )
    new = line if line.startswith("title") else f"{line}\n{old}"
    faults = lint(written(tmp_path, case={old: new}))
    assert any(told in fault for fault in faults), faults


@pytest.mark.parametrize("entry", ["title", "why", "tier", "tags"])
def test_a_story_that_lacks_a_part_is_refused(entry: str, tmp_path: Path) -> None:
    faults = lint(written(tmp_path, case={f"{entry} = ": f"not_{entry} = "}))
    assert any(f"{entry} is missing: " in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ('do = "approve"\nfile = "none.xml"', "step approve names none.xml"),
        (f'do = "answer"\nfile = "{FIRST}"\noption = "pay_it"', "pay_it is no option"),
        ('do = "fault"\noperation = "write"\nkind = "burnt"', "burnt is no kind of fault"),
    ],
)
def test_faults_of_steps(step: str, told: str, tmp_path: Path) -> None:
    last = 'files = ["re-2026-117-again.xml"]'
    faults = lint(written(tmp_path, case={last: f"{last}\n\n[[step]]\n{step}"}))
    assert any(told in fault for fault in faults), faults


def test_options_that_name_a_record_or_join_two_ways_are_known(tmp_path: Path) -> None:
    last = 'files = ["re-2026-117-again.xml"]'
    for option in ("order:4500001", "supplier:10001", "park", "accept_price+wait_for_receipt", "recheck"):
        step = f'[[step]]\ndo = "answer"\nfile = "{FIRST}"\noption = "{option}"'
        assert lint(written(tmp_path / option[:5], case={last: f"{last}\n\n{step}"})) == []


def test_books_that_cannot_be_opened_are_told(tmp_path: Path) -> None:
    assert any(
        "unknown entries: supplyers" in fault for fault in lint(written(tmp_path, world={"supplyers": []}))
    )


def test_who_does_nothing_must_not_pass(tmp_path: Path) -> None:
    stages = {FIRST: ["received", "posted"], AGAIN: ["received", "waiting_for_answer"]}
    free = {"findings": {}, "ends": [{"stages": stages, "changes": []}]}
    assert "too easy: who does nothing passes" in lint(written(tmp_path, expected=free))


def test_who_posts_all_as_billed_must_not_pass(tmp_path: Path) -> None:
    folder = written(tmp_path, expected=changed(_only_the_first))
    (folder / "inbox" / AGAIN).unlink()
    assert "too easy: who posts all as billed passes" in lint(folder)


def _only_the_first(found: dict[str, Any]) -> None:
    del found["findings"][AGAIN]
    del found["ends"][0]["stages"][AGAIN]


def test_one_number_for_two_cases_and_files_that_belong_to_none_are_told(tmp_path: Path) -> None:
    written(tmp_path, name="0001_one")
    (written(tmp_path, name="0001_two") / "notes.txt").write_text("later", encoding="utf-8")
    found = lint_all(tmp_path)
    assert found["0001_one"] == ["another case has the number 0001 too"]
    assert "notes.txt belongs to no case" in found["0001_two"]
    assert list(lint_all(tmp_path, ["0001_o"])) == ["0001_one"]


def test_a_folder_without_its_story_is_told_and_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "0002_empty" / "inbox").mkdir(parents=True)
    assert "case.toml is missing" in lint_all(tmp_path)["0002_empty"]


def test_the_command_tells_faults_with_exit_code_one(tmp_path: Path) -> None:
    written(tmp_path, name="0001_one", expected=changed(lambda e: e.update(forbidden=["parked *"])))
    result = CliRunner().invoke(app, ["lint", "--root", str(tmp_path)])
    assert result.exit_code == 1
    assert "begins so: parked *" in result.output
    assert CliRunner().invoke(app, ["lint", "0001_clean"]).exit_code == 0
