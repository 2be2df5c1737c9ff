"""What the rules say is what was worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.golden.run import Result, VectorError, areas, run, vectors


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return run()


def test_every_vector_holds(results: list[Result]) -> None:
    wrong = [
        f"{entry.area}/{entry.id}: {entry.expect} != {entry.found}" for entry in results if not entry.passed
    ]
    assert not wrong, "\n".join(wrong)


def test_every_area_has_an_evaluator_and_a_source_for_each_vector() -> None:
    for area in areas():
        assert all(len(vector.source) > 5 for vector in vectors(area)), area


@pytest.mark.parametrize(
    "line",
    [
        "{",
        json.dumps({"id": "a", "given": {}, "expect": 1}),
        json.dumps({"id": "a", "source": " ", "given": {}, "expect": 1}),
    ],
)
def test_a_faulty_line_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "made_up.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(VectorError, match=r"made_up.jsonl line 1"):
        list(vectors("made_up", tmp_path))


def test_an_unknown_area_is_refused_with_the_known_ones() -> None:
    with pytest.raises(VectorError, match="there is no area"):
        run("nothing")
