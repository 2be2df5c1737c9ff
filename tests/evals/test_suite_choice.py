"""Which cases a command means, and what it says where it means none, or one that nobody can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from evals.cli import app
from evals.suite.case import CASES, CaseBroken, read_cases, read_one
from evals.suite.lint import lint
from tests.evals.suite_cases import written
from tests.evals.suite_results import Shelf


def erp_eval(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    found = Shelf(tmp_path / "cases")
    found.case("0001_one", tags=["price_over"])
    found.case("0002_two", tags=["duplicate"], tier="infeasible")
    return found


def broken(shelf: Shelf, name: str = "0003_broken") -> Path:
    shelf.case(name)
    (shelf.root / name / "case.toml").write_text("title = [", encoding="utf-8")
    return shelf.root / name


@pytest.mark.parametrize("named", [(), ("0001",)])
def test_a_tag_that_no_case_has_plays_nothing_and_is_no_success(shelf: Shelf, named: tuple[str, ...]) -> None:
    found = erp_eval("run", *named, "--root", shelf.root, "--model", "none", "--tag", "prize_over")
    assert found.exit_code == 2
    assert "'prize_over'" in found.output and "tags: price_over" in found.output


def test_one_misspelt_tag_among_good_ones_is_told_with_the_tiers_there_are(shelf: Shelf) -> None:
    with pytest.raises(CaseBroken, match="'nosuch'; tiers: rules, infeasible; tags: price_over, duplicate$"):
        read_cases(tags=["rules", "nosuch"], root=shelf.root)
    assert [case.id for case in read_cases(tags=["infeas*"], root=shelf.root)] == ["0002_two"]


def test_of_hundreds_of_tags_only_some_are_told() -> None:
    with pytest.raises(CaseBroken, match=r"price_over.* and \d+ more") as told:
        read_cases(tags=["prce_over"])
    assert len(str(told.value)) < 500


@pytest.mark.parametrize("command", ["run", "lint"])
@pytest.mark.parametrize("name", ["9999", ""])
def test_a_name_of_no_case_is_an_error(shelf: Shelf, command: str, name: str) -> None:
    found = erp_eval(command, name, "--root", shelf.root)
    assert (found.exit_code, "there is no case" in found.output) == (2, True)


@pytest.mark.parametrize("command", ["run", "lint"])
def test_a_root_that_holds_no_cases_is_an_error(tmp_path: Path, command: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    for root, words in (
        ("nowhere", "cannot be read"),
        ("file", "cannot be read"),
        ("empty", "holds no cases"),
    ):
        found = erp_eval(command, "--root", tmp_path / root)
        assert found.exit_code == 2, root
        assert words in found.output and f"--root {tmp_path / root}" in found.output


def test_a_case_that_cannot_be_read_does_not_stop_others_that_are_named(shelf: Shelf) -> None:
    broken(shelf)
    assert [case.id for case in read_cases(["0001", "0002_t"], root=shelf.root)] == ["0001_one", "0002_two"]
    with pytest.raises(CaseBroken, match=r"0003_broken: case.toml is no TOML"):
        read_cases(root=shelf.root)
    with pytest.raises(CaseBroken, match="0003_broken"):
        read_cases(tags=["price_over"], root=shelf.root)


def test_a_named_folder_without_its_story_is_told_so(shelf: Shelf) -> None:
    (broken(shelf) / "case.toml").unlink()
    with pytest.raises(CaseBroken, match=r"0003_broken/case.toml is missing"):
        read_cases(["0003_broken"], root=shelf.root)


def test_where_one_case_is_wanted_two_are_too_many(shelf: Shelf) -> None:
    assert read_one("0002", shelf.root).id == "0002_two"
    with pytest.raises(CaseBroken, match="00 may be 0001_one, 0002_two: name one of them"):
        read_one("00", shelf.root)
    shelf.case("0001_one_more")
    assert read_one("0001_one", shelf.root).id == "0001_one"
    found = erp_eval("serve-case", "00", "--root", shelf.root)
    assert (found.exit_code, "name one of them" in found.output) == (2, True)


ODD = (
    ("case.toml", "title = [", "is no TOML"),
    ("case.toml", b"\xff\xfe", "it is no UTF-8"),
    ("expected.json", "[1]", "expected.json: Input should be an object"),
    ("world.json", '{"base": "werk", "suppliers": 5}', "suppliers is no list"),
    ("world.json", '{"base": "werk", "books": [1], "verified": [2]}', "verified is no object; books is no"),
    ("world.json", '{"base": "werk", "units": [7]}', "units are codes"),
    ("world.json", '{"base": "../../x"}', "base is one of plain, werk"),
    ("world.json", "7", "is no JSON object"),
    ("model.jsonl", "nonsense", "model.jsonl"),
)


@pytest.mark.parametrize(("name", "content", "words"), ODD)
def test_lint_tells_a_malformed_case_and_goes_on(
    tmp_path: Path, name: str, content: str | bytes, words: str
) -> None:
    text = content if isinstance(content, bytes) else content.encode()
    (written(tmp_path, name="0001_odd") / name).write_bytes(text)
    (written(tmp_path, name="0002_more") / "notes.txt").touch()
    found = erp_eval("lint", "--root", tmp_path)
    assert found.exit_code == 1
    assert words in found.output
    assert "notes.txt belongs to no case" in found.output and "2 cases with faults" in found.output


def test_what_an_end_needs_is_said_in_words(tmp_path: Path) -> None:
    (fault,) = lint(written(tmp_path, expected={"findings": {}, "ends": [{}]}))
    assert 'ends.0.stages is missing: where each document stands in this end, such as {"re-1.xml"' in fault
    assert "ends.0.changes is missing: every change of the books in this end" in fault
    assert "Tuple" not in fault


def test_an_empty_pattern_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    plain = json.loads((CASES / "0001_clean_and_once_more" / "expected.json").read_text(encoding="utf-8"))
    found = lint(written(tmp_path, expected={**plain, "forbidden": [""]}))
    assert found == ["forbidden: no change of the books begins so: "]
