"""A kept outcome counts only for what it was played with; what was kept of anything else is refused."""

from __future__ import annotations

from pathlib import Path

from evals.suite.case import WORLDS, inputs_of, read_case
from tests.evals.suite_cases import written


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
