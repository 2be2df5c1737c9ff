"""What a run lacks is told before anything is played, and never counted as a model that abstains."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from evals.cli import app
from evals.suite.case import CaseBroken
from evals.suite.figures import Share
from evals.suite.model_choice import ModelChoice
from evals.suite.readiness import check_run
from evals.suite.run import Job, kept_outcomes, run_all
from evals.suite.summary import counted, told
from tests.evals.suite_cases import written
from tests.evals.suite_results import Shelf, posted, waiting

CASE = "0001_one"
REPLY = '{"reply": "yes"}\n'


def run(shelf: Shelf, *words: object) -> Result:
    """With a file in which an outcome would be seen that was played in spite of all."""
    asked = ["run", CASE, "--root", shelf.root, "--keep", shelf.root.parent / "kept.jsonl", *words]
    return CliRunner().invoke(app, [str(word) for word in asked], env={"COLUMNS": "200"})


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    found = Shelf(tmp_path / "cases")
    found.case(CASE)
    return found


def refused(shelf: Shelf, words: str, *options: object) -> None:
    found = run(shelf, *options)
    assert found.exit_code == 2, found.output
    assert words in found.output
    assert not (shelf.root.parent / "kept.jsonl").exists()


@pytest.mark.parametrize("kind", ["", "plain:"])
def test_a_model_whose_file_is_not_there_is_refused(shelf: Shelf, tmp_path: Path, kind: str) -> None:
    refused(shelf, "there is no model file", "--model", f"{kind}{tmp_path}/none.gguf")
    refused(shelf, "none.jsonl cannot be read", "--model", f"{kind}{tmp_path}/none.jsonl")


def test_a_file_that_is_no_model_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(b"no model")
    refused(shelf, "is no GGUF file", "--model", tmp_path / "x.gguf")
    (tmp_path / "x.jsonl").touch()
    refused(shelf, "holds no replies", "--model", tmp_path / "x.jsonl")


def test_a_model_of_the_settings_is_looked_at_too(shelf: Shelf, tmp_path: Path) -> None:
    settings = tmp_path / "s.toml"
    entry = f'[llm.models.big]\nkind = "local"\npath = "{tmp_path}/none.gguf"\n'
    settings.write_text(
        f'[company]\ncompany = "WERK"\nnames = ["Werk"]\n[erp]\nkind = "sandbox"\n{entry}', encoding="utf-8"
    )
    refused(shelf, "there is no model file", "--model", "big", "--settings", settings)
    refused(shelf, "there is no model bigger", "--model", "bigger", "--settings", settings)


def test_a_model_nobody_knows_is_told_with_the_option_of_this_command(shelf: Shelf, tmp_path: Path) -> None:
    found = run(shelf, "--model", "nosuch", "--settings", tmp_path / "none.toml")
    assert found.exit_code == 2
    assert "'nosuch' is no GGUF file" in found.output and "--settings" in found.output
    assert "--config" not in found.output


def test_recordings_that_are_not_there_are_refused(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "runs.jsonl").touch()
    for name, words in (
        ("nowhere", "cannot be read as a folder"),
        ("file", "cannot be read as a folder"),
        ("empty", "holds no recording of a case, such as 0001_one.jsonl"),
        ("others", "holds no recording of a case"),
    ):
        refused(shelf, words, "--replay", tmp_path / name)


def test_recordings_of_other_cases_are_enough_for_one_that_asks_nothing(shelf: Shelf, tmp_path: Path) -> None:
    shelf.case("0002_two")
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings" / "0002_two.1.jsonl").write_text(REPLY, encoding="utf-8")
    case = shelf.cases[CASE]
    check_run([case], ModelChoice(replay=tmp_path / "recordings"), "sandbox", 1, None)
    with pytest.raises(CaseBroken, match="holds no recording"):
        check_run([case], ModelChoice(replay=shelf.root), "sandbox", 1, None)
    (case.folder / "model.jsonl").write_text(REPLY, encoding="utf-8")
    check_run([case], ModelChoice(replay=shelf.root), "sandbox", 1, None)


def test_a_trial_that_was_not_recorded_is_told_before_it_is_played(shelf: Shelf) -> None:
    folder, case = shelf.root / CASE, shelf.cases[CASE]
    check_run([case], ModelChoice(), "sandbox", 2, None)
    (folder / "model.jsonl").write_text(REPLY, encoding="utf-8")
    refused(shelf, f"not each of --trials 2 is recorded of {CASE}", "--trials", 2)
    check_run([case], ModelChoice(model="none"), "sandbox", 2, None)
    (folder / "model.1.jsonl").write_text(REPLY, encoding="utf-8")
    check_run([case], ModelChoice(), "sandbox", 2, None)
    with pytest.raises(CaseBroken, match="not each of --trials 3"):
        check_run([case], ModelChoice(), "sandbox", 3, None)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--model", "none", "--replay", "x"), "--replay plays recordings"),
        (("--model", "abstain", "--record", "x"), "--record keeps what a model answers"),
        (("--temperature", "0.7"), "--temperature is of a model that is asked"),
        (("--erp", "nosuch"), "'nosuch' is no kind of ERP; there are: afas"),
    ],
)
def test_what_would_not_happen_or_is_not_there_is_refused(
    shelf: Shelf, options: tuple[str, ...], words: str
) -> None:
    refused(shelf, words, *options)


@pytest.mark.parametrize("option", ["--json", "--html"])
def test_a_report_does_not_fit_into_a_folders_place(shelf: Shelf, tmp_path: Path, option: str) -> None:
    refused(shelf, "is a folder: name a file in it", option, tmp_path)
    refused(shelf, "cannot be two files", "--json", tmp_path / "a", "--html", tmp_path / "a")


def test_outcomes_are_kept_in_a_file_of_a_folder_that_is_there(shelf: Shelf, tmp_path: Path) -> None:
    for keep, words in ((tmp_path, "is a folder"), (tmp_path / "nowhere" / "a", "there is no folder")):
        found = run(shelf, "--keep", keep)
        assert (found.exit_code, words in found.output) == (2, True)


@pytest.mark.parametrize("content", [b"a line of somebody else", b"\xff\xfe\n", b'{"case_id": 1}'])
def test_nothing_is_cut_off_a_file_that_no_run_has_written(
    shelf: Shelf, tmp_path: Path, content: bytes
) -> None:
    other = tmp_path / "other"
    other.write_bytes(content)
    found = run(shelf, "--model", "none", "--keep", other)
    assert (found.exit_code, "name another file" in found.output) == (2, True)
    assert other.read_bytes() == content


def test_a_line_end_within_a_text_ends_no_outcome(tmp_path: Path) -> None:
    outcome = posted(trouble=("first\u2028second\x85third",))
    (tmp_path / "kept.jsonl").write_text(outcome.model_dump_json() + "\n", encoding="utf-8")
    assert kept_outcomes(tmp_path / "kept.jsonl") == [outcome]


def test_a_play_that_broke_off_tells_nothing_of_a_models_judgement(shelf: Shelf) -> None:
    shelf.case(CASE, options=["accept"])
    right = posted(suggested=("accept",))
    silent = waiting(trial=1, declined=1)
    whole = shelf.report([right, silent]).figures
    assert whole.calibration.suggested == Share(part=1, of=1)
    assert whole.calibration.abstained == Share(part=0, of=1)
    broken = [silent.model_copy(update={"error": "the recording does not fit"})]
    report = shelf.report([right, *broken])
    assert report.figures.calibration.abstained == Share(part=0, of=0)
    assert report.figures.calibration.could_abstain == Share(part=0, of=1)
    assert report.figures.risk_coverage == shelf.report([right]).figures.risk_coverage
    assert not any(row.verdict.abstained for row in report.rows)
    only = told(shelf.report(broken))
    assert "a model: nothing it said can be judged" in only


def test_nothing_to_judge_is_not_none_right(shelf: Shelf) -> None:
    shelf.case(CASE, options=["accept"])
    lines = told(shelf.report([posted(suggested=("accept",))]))
    assert "a model suggested: 1 of 1 right · abstained: nothing to judge" in "\n".join(lines)
    assert "infeasible cases left alone: nothing to judge" in lines
    assert counted(Share(part=0, of=2)) == "0 of 2"


@pytest.mark.parametrize(
    ("world", "words"),
    [
        ({"base": "werk", "orders": 7}, "orders is no list"),
        ({"base": "werk", "orders": [{"number": "1"}]}, "Field required"),
    ],
)
def test_books_that_cannot_be_opened_stop_a_run_before_its_first_case(
    tmp_path: Path, world: dict[str, object], words: str
) -> None:
    folders = [written(tmp_path, name="0001_good"), written(tmp_path, name="0002_bad", world=world)]
    jobs = [Job(folder=one, choice=ModelChoice(model="none"), erp="sandbox", trial=0) for one in folders]
    said: list[str] = []
    with pytest.raises(CaseBroken, match=f"0002_bad: world.json: .*{words}"):
        run_all(jobs, progress=said.append)
    assert said == []
