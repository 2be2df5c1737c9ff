"""`erp-eval run`, `compare` and `baseline` on finished outcomes: what is written, shown and refused."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from evals.cli import app
from evals.suite.case import CaseBroken
from evals.suite.compare import Baseline
from evals.suite.origin import own_program
from evals.suite.outcome import Origin, Outcome
from evals.suite.presenting import Wanted, check, progress_on
from evals.suite.report import read_report
from tests.evals.suite_results import POSTED, WAITS, Shelf, posted, waiting

RED = waiting("0001_one")
GREEN = posted("0001_one")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    found = Shelf(tmp_path / "cases")
    found.case("0001_one")
    return found


def kept(shelf: Shelf, name: str, *outcomes: Outcome) -> Path:
    """A file of outcomes as `--keep` leaves it: a run over it has nothing left to play."""
    path = shelf.root.parent / name
    origin = Origin(program=own_program())
    played = [
        found.model_copy(update={"inputs": shelf.cases[found.case].inputs, "model": "none", "origin": origin})
        for found in outcomes
    ]
    path.write_text("".join(found.model_dump_json() + "\n" for found in played))
    return path


def erp_eval(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})


def run(shelf: Shelf, keep: Path, *words: object) -> Result:
    return erp_eval("run", "--root", shelf.root, "--model", "none", "--keep", keep, *words)


def test_a_red_case_ends_a_run_with_exit_code_one(shelf: Shelf) -> None:
    assert run(shelf, kept(shelf, "green.jsonl", GREEN)).exit_code == 0
    result = run(shelf, kept(shelf, "red.jsonl", RED))
    assert result.exit_code == 1
    assert f"missing in the books: {POSTED}" in result.output


def test_a_red_case_that_was_red_before_leaves_the_gate_open(shelf: Shelf) -> None:
    red = kept(shelf, "red.jsonl", RED)
    assert (
        erp_eval("baseline", red, "--to", shelf.root.parent / "b.json", "--root", shelf.root).exit_code == 0
    )
    result = run(shelf, red, "--baseline", shelf.root.parent / "b.json")
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "gate passed")


def test_a_case_that_turned_red_closes_it_and_is_named(shelf: Shelf) -> None:
    path = shelf.root.parent / "b.json"
    assert run(shelf, kept(shelf, "green.jsonl", GREEN), "--write-baseline", path).exit_code == 0
    result = run(shelf, kept(shelf, "red.jsonl", RED), "--baseline", path)
    assert result.exit_code == 1
    assert "GATE 0001_one was green and is red" in result.output
    assert result.output.splitlines()[-1].startswith("gate closed: ")


def test_a_case_that_was_taken_away_closes_the_gate_of_a_whole_run_only(shelf: Shelf) -> None:
    shelf.case("0002_two")
    both = kept(shelf, "both.jsonl", GREEN, posted("0002_two"))
    path = shelf.root.parent / "b.json"
    assert run(shelf, both, "--write-baseline", path).exit_code == 0
    assert run(shelf, both, "0001", "--baseline", path).exit_code == 0
    for file in ("case.toml", "expected.json"):
        (shelf.root / "0002_two" / file).unlink()
    result = run(shelf, both, "--baseline", path)
    assert result.exit_code == 1
    assert "GATE 0002_two was not played" in result.output


def test_a_run_with_harm_is_no_baseline(shelf: Shelf) -> None:
    shelf.case("0001_one", ends=[WAITS], forbidden=["posted *"])
    path = shelf.root.parent / "b.json"
    harm = kept(shelf, "harm.jsonl", GREEN)
    result = erp_eval("baseline", harm, "--to", path, "--root", shelf.root)
    assert (result.exit_code, path.exists()) == (2, False)
    assert "holds harm in 0001_one" in result.output
    assert run(shelf, harm, "--write-baseline", path).exit_code == 1
    assert run(shelf, harm, "--baseline", path).exit_code == 1


def test_a_choice_of_cases_is_no_baseline(shelf: Shelf) -> None:
    result = run(shelf, kept(shelf, "a.jsonl", GREEN), "0001", "--write-baseline", shelf.root / "b.json")
    assert result.exit_code == 2
    assert "of a run of every case" in result.output


def test_a_run_writes_its_report_and_its_page(shelf: Shelf) -> None:
    folder = shelf.root.parent
    keep = kept(shelf, "a.jsonl", GREEN)
    assert run(shelf, keep, "--html", folder / "r.html", "--json", folder / "r.json").exit_code == 0
    report = read_report(folder / "r.json")
    assert report.ran.model == "none"
    assert report.circumstances.day is not None
    assert report.sum in (folder / "r.html").read_text()


def test_what_cannot_be_written_is_told_before_anything_is_played(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(CaseBroken, match="there is no folder"):
        check(Wanted(html=tmp_path / "nowhere" / "r.html", root=shelf.root))
    with pytest.raises(CaseBroken, match="cannot be read"):
        check(Wanted(baseline=tmp_path / "missing.json", root=shelf.root))


def test_a_baseline_holds_every_case_with_its_trials(shelf: Shelf) -> None:
    path = shelf.root.parent / "b.json"
    outcomes = kept(shelf, "a.jsonl", GREEN, waiting("0001_one", 1))
    assert erp_eval("baseline", outcomes, "--to", path, "--root", shelf.root).exit_code == 0
    stand = Baseline.model_validate_json(path.read_text()).stands["0001_one"]
    assert (stand.trials, stand.passed, stand.words) == (2, 1, "unsteady (1 of 2)")


def test_compare_names_what_got_worse_with_exit_code_one(shelf: Shelf) -> None:
    folder = shelf.root.parent
    green, red = kept(shelf, "a.jsonl", GREEN), kept(shelf, "b.jsonl", RED)
    result = erp_eval("compare", green, red, "--root", shelf.root, "--html", folder / "c.html")
    assert result.exit_code == 1
    assert "worse: 0001_one, was green, is red" in result.output
    assert "0001_one, was green, is red" in (folder / "c.html").read_text()
    assert erp_eval("compare", red, green, "--root", shelf.root).exit_code == 0


def test_a_page_of_two_baselines_is_refused(shelf: Shelf) -> None:
    folder = shelf.root.parent
    erp_eval("baseline", kept(shelf, "a.jsonl", GREEN), "--to", folder / "b.json", "--root", shelf.root)
    result = erp_eval("compare", folder / "b.json", folder / "b.json", "--html", folder / "c.html")
    assert result.exit_code == 2
    assert "is a baseline" in result.output


def test_where_nobody_watches_every_twenty_fifth_case_leaves_a_line() -> None:
    console = Console(file=(out := StringIO()), width=80)
    with progress_on(console) as say:
        for number in range(1, 61):
            say(f"{number} of 60: \x1b[2Jcase")
    assert out.getvalue().splitlines() == ["25 of 60: [U+001B][2Jcase", "50 of 60: [U+001B][2Jcase"]
