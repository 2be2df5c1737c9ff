"""A kept outcome counts only for what it was played with; what was kept of anything else is refused."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from evals.suite.case import WORLDS, CaseBroken, inputs_of, read_case
from evals.suite.model_choice import ModelChoice
from evals.suite.origin import player_sum, program_sum
from evals.suite.outcome import Origin, Outcome
from evals.suite.report import SuiteReport, read_report
from evals.suite.run import jobs_of, kept_outcomes, run_all
from evals.suite.summary import told
from tests.evals.suite_cases import written
from tests.evals.suite_results import Shelf, posted

NONE = ModelChoice(model="none")


def run(folder: Path, keep: Path, choice: ModelChoice = NONE) -> tuple[list[Outcome], int]:
    """The case in `folder`, and how often it was played."""
    said: list[str] = []
    found = run_all(jobs_of([read_case(folder)], choice, "sandbox"), keep, progress=said.append)
    return found, len(said)


def as_made_by(keep: Path, **origin: Any) -> None:
    """As if something else had made what is kept."""
    (outcome,) = kept_outcomes(keep)
    made = outcome.origin.model_copy(update=origin) if origin and outcome.origin else None
    keep.write_text(outcome.model_copy(update={"origin": made}).model_dump_json() + "\n", encoding="utf-8")


def refused(words: str, folder: Path, keep: Path, choice: ModelChoice = NONE) -> None:
    before = keep.read_bytes()
    with pytest.raises(CaseBroken, match=re.escape(words)):
        run(folder, keep, choice)
    assert keep.read_bytes() == before


def test_what_the_same_program_kept_is_not_played_again(tmp_path: Path) -> None:
    folder, keep = written(tmp_path), tmp_path / "k.jsonl"
    assert run(folder, keep)[1] == 1
    assert run(folder, keep) == (kept_outcomes(keep), 0)


def test_what_another_program_kept_is_refused_also_for_another_case(tmp_path: Path) -> None:
    folder, keep = written(tmp_path, name="0001_one"), tmp_path / "k.jsonl"
    other = written(tmp_path, name="0002_two")
    run(folder, keep)
    as_made_by(keep, program="0" * 64)
    for asked in (folder, other):
        refused("0001_one was played by another version of the program: begin another file", asked, keep)
    as_made_by(keep)
    for asked in (folder, other):
        refused("0001_one was played by an older program", asked, keep)


def test_a_case_changed_since_is_neither_shown_nor_played_over_the_old(tmp_path: Path) -> None:
    folder, keep = written(tmp_path), tmp_path / "k.jsonl"
    run(folder, keep)
    path = folder / "case.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    refused("or its company was changed since it was played", folder, keep)


def test_a_changed_recording_is_seen(tmp_path: Path) -> None:
    folder, keep = written(tmp_path), tmp_path / "k.jsonl"
    run(folder, keep, ModelChoice())
    (folder / "model.jsonl").write_text('{"reply": "yes"}\n', encoding="utf-8")
    refused("was played with another recording", folder, keep, ModelChoice())


def test_folders_of_recordings_with_the_same_name_are_told_apart(tmp_path: Path) -> None:
    folder, keep = written(tmp_path / "cases"), tmp_path / "k.jsonl"
    choices = [ModelChoice(replay=tmp_path / one / "small") for one in ("a", "b")]
    for number, choice in enumerate(choices):
        assert choice.replay is not None
        choice.replay.mkdir(parents=True)
        (choice.replay / f"{folder.name}.jsonl").write_text(f'{{"reply": "{number}"}}\n', encoding="utf-8")
    run(folder, keep, choices[0])
    refused("was played with another recording", folder, keep, choices[1])


def test_models_of_one_name_are_told_apart(tmp_path: Path) -> None:
    folder, keep = written(tmp_path / "cases"), tmp_path / "k.jsonl"
    choices = []
    for number, one in enumerate(("a", "b", "c")):
        (tmp_path / one).mkdir()
        script = tmp_path / one / "small.jsonl"
        script.write_text(f'{{"reply": "{number % 2}"}}\n', encoding="utf-8")
        choices.append(ModelChoice(model=str(script)))
    run(folder, keep, choices[0])
    refused("by another model called small.jsonl", folder, keep, choices[1])
    assert run(folder, keep, choices[2])[1] == 0


def test_settings_of_one_name_are_told_apart(tmp_path: Path) -> None:
    text = (
        '[company]\ncompany = "WERK"\nnames = ["Werk"]\n[erp]\nkind = "sandbox"\n[llm.models.big]\n'
        'kind = "openai"\nbase_url = "http://127.0.0.1:8080/v1"\nmodel = "m"\napi_key = "x"\n'
    )
    sums = []
    for number, content in enumerate((text, text + "temperature = 0.5\n", text.replace('"x"', '"y"'))):
        path = tmp_path / f"{number}.toml"
        path.write_text(content, encoding="utf-8")
        sums.append(player_sum(ModelChoice(model="big", settings=path)))
    assert sums[0] != sums[1] and sums[0] == sums[2] and len(sums[0]) == 64


def test_every_file_of_the_program_counts_and_nothing_beside_it(tmp_path: Path) -> None:
    def wrote(name: str, text: str = "x = 1") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return program_sum(tmp_path)

    sums = [
        wrote(name, text)
        for text in ("x = 1", "x = 2")
        for name in ("agent/a.py", "tools/erp/b.toml", "prompts/chat/v1.md", "evals/suite/c.py")
    ]
    assert len(set(sums)) == len(sums)
    for beside in ("agent/__pycache__/a.pyc", "evals/cases/0001_a/model.jsonl", "evals/baseline.json"):
        assert wrote(beside) == sums[-1]
    for beside in ("evals/suite/worlds/w.json", "evals/README.md", "tools/.a.py.swp", "var/data.db"):
        assert wrote(beside) == sums[-1]


def test_the_company_a_case_begins_from_is_one_of_its_inputs(tmp_path: Path) -> None:
    case = read_case(written(tmp_path / "cases"))
    worlds = tmp_path / "worlds"
    worlds.mkdir()
    company = (WORLDS / "werk.json").read_bytes()
    (worlds / "werk.json").write_bytes(company)
    assert inputs_of(case, worlds) == case.inputs
    (worlds / "werk.json").write_bytes(company.replace(b"19", b"16"))
    assert inputs_of(case, worlds) != case.inputs


def test_books_that_name_no_company_break_no_sum(tmp_path: Path) -> None:
    case = read_case(written(tmp_path))
    for content in ("{", "[]", "{}", '{"base": []}'):
        (case.folder / "world.json").write_text(content, encoding="utf-8")
        assert len(case.inputs) == 64


def test_the_report_tells_recordings_apart_and_no_programs(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "cases")
    shelf.case("0001_one")

    def report(**origin: str) -> SuiteReport:
        return shelf.report([posted(model="recorded", origin=Origin(**origin))])

    one, two = report(program="1", recording="a"), report(program="2", recording="a")
    assert one.sum == two.sum
    assert report(recording="b").sum != one.sum
    assert one.ran.recordings[:12] in "\n".join(told(one))
    none = report(program="1", player="a")
    assert none.ran.recordings == ""
    assert none.sum == shelf.report([posted(model="recorded")]).sum
    for number, each in enumerate((one, none)):
        path = tmp_path / f"{number}.json"
        path.write_text(each.model_dump_json(), encoding="utf-8")
        assert read_report(path) == each
        assert '"program":"' not in path.read_text(encoding="utf-8")


def test_a_report_from_before_recordings_had_a_sum_still_fits_its_own(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "cases")
    shelf.case("0001_one")
    content = shelf.report([posted()]).model_dump(mode="json")
    del content["ran"]["recordings"]
    del content["rows"][0]["outcome"]["origin"]
    kept = {"ran": content["ran"], "rows": content["rows"]}
    content["sum"] = sha256(json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    (tmp_path / "r.json").write_text(json.dumps(content), encoding="utf-8")
    assert read_report(tmp_path / "r.json").sum == content["sum"]
