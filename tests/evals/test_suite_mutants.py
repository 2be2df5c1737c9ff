"""A seeded defect in each safety promise turns a case red, and the program without one is green."""

from __future__ import annotations

import pytest

from evals.suite.case import CaseBroken
from evals.suite.defects import DEFECTS, Defect, Edit
from evals.suite.mutants import ROOT, MutantReport, Survey, run


@pytest.mark.slow
def test_every_seeded_defect_is_noticed_and_nothing_is_red_without_one() -> None:
    report = run(at_once=2)
    assert not report.clean.red
    assert not report.clean.error
    assert [entry.defect for entry in report.found if not entry.is_caught] == []


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_every_defect_fits_the_program_exactly_once(defect: Defect) -> None:
    for edit in defect.edits:
        assert (ROOT / edit.path).read_text(encoding="utf-8").count(edit.old) == 1
        assert edit.old != edit.new


def test_a_defect_that_does_not_fit_the_program_is_told() -> None:
    wrong = Edit(path="agent/service.py", old="no such text", new="")
    defect = Defect(name="none", promise="none", edits=(wrong,), cases=("0001",))
    with pytest.raises(CaseBroken, match="holds the text to replace 0 times"):
        run([defect])


def test_a_defect_that_nobody_notices_or_that_cannot_be_played_does_not_hold() -> None:
    green = Survey(defect="none", promise="", played=1, red=())
    caught = Survey(defect="a", promise="p", played=1, red=("0001: harm",))
    assert MutantReport(clean=green, found=(caught,)).holds
    assert not MutantReport(clean=green, found=(green,)).holds
    assert not MutantReport(clean=caught, found=(caught,)).holds
    broken = caught.model_copy(update={"error": "SyntaxError"})
    assert not MutantReport(clean=green, found=(broken,)).holds
