"""The files of a case: names that stand twice, links, and documents nobody takes in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.suite.case import CaseBroken, read_case
from evals.suite.case_files import file_faults
from evals.suite.lint import lint
from evals.suite.world import world_of
from tests.evals.suite_cases import written

TWICE = "'{}' stands twice in one object"


def doubled(path: Path, name: str) -> None:
    """The name at the file's beginning once more, with a value that says less."""
    text = path.read_text(encoding="utf-8")
    assert json.dumps(name) in text
    path.write_text("{" + f"{json.dumps(name)}: null," + text.lstrip().removeprefix("{"), encoding="utf-8")


@pytest.mark.parametrize("name", ["findings", "ends"])
def test_an_expectation_that_says_something_twice_is_broken(tmp_path: Path, name: str) -> None:
    folder = written(tmp_path)
    doubled(folder / "expected.json", name)
    with pytest.raises(CaseBroken, match=f"expected.json: {TWICE.format(name)}"):
        read_case(folder)


def test_so_is_one_that_does_within_an_end(tmp_path: Path) -> None:
    folder = written(tmp_path)
    path = folder / "expected.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"changes":', '"changes": [], "changes":', 1), encoding="utf-8")
    with pytest.raises(CaseBroken, match=TWICE.format("changes")):
        read_case(folder)


def test_a_world_that_says_something_twice_is_broken(tmp_path: Path) -> None:
    folder = written(tmp_path)
    doubled(folder / "world.json", "base")
    with pytest.raises(CaseBroken, match=f"world.json cannot be used: {TWICE.format('base')}"):
        world_of(read_case(folder))


def test_json_that_lies_too_deep_or_is_none_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path)
    for text, words in (("[" * 100_000, "too deep within itself"), ("{", "expected.json: .*JSON")):
        (folder / "expected.json").write_text(text, encoding="utf-8")
        with pytest.raises(CaseBroken, match=words):
            read_case(folder)


def test_a_link_is_a_fault_be_it_a_document_or_the_whole_case(tmp_path: Path) -> None:
    folder = written(tmp_path / "real")
    assert list(file_faults(read_case(folder))) == []
    (tmp_path / "cases").mkdir()
    link = tmp_path / "cases" / folder.name
    link.symlink_to(folder)
    assert "the folder is a link: a case holds its own files" in lint(link)
    document = folder / "inbox" / "re-2026-117.xml"
    document.symlink_to(document.rename(tmp_path / "elsewhere.xml"))
    assert lint(folder) == ["inbox/re-2026-117.xml is a link: a case holds its own files"]


def test_a_document_that_no_step_takes_in_is_a_fault(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "inbox" / "forgotten.xml").write_text("<Invoice/>", encoding="utf-8")
    steps = '\n[[step]]\ndo = "take_in"\nfiles = ["re-*"]\n'
    story = folder / "case.toml"
    text = story.read_text(encoding="utf-8").partition("[[step]]")[0]
    story.write_text(text + steps, encoding="utf-8")
    assert list(file_faults(read_case(folder))) == ["inbox/forgotten.xml is taken in by no step"]
