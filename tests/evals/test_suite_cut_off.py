"""Who ends a run by Ctrl-C learns what is kept and how to go on."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from evals.suite.case import read_case
from evals.suite.cut_off import telling_what_is_kept
from evals.suite.model_choice import NONE, ModelChoice
from evals.suite.run import jobs_of, kept_outcomes, run_all
from tests.evals.suite_cases import written


def interrupt(_: str) -> None:
    signal.raise_signal(signal.SIGINT)


def test_a_run_cut_off_by_the_signal_counts_what_is_kept_and_goes_on(tmp_path: Path) -> None:
    cases = [read_case(written(tmp_path / "cases", name=name)) for name in ("0001_one", "0002_two")]
    keep, said = tmp_path / "kept.jsonl", list[str]()
    jobs = jobs_of(cases, ModelChoice(model=NONE), "sandbox")
    with pytest.raises(SystemExit) as ended, telling_what_is_kept(keep, said.append):
        run_all(jobs, keep, progress=interrupt)
    assert ended.value.code == 130
    assert said == [f"cut off: 1 outcome is kept in {keep}; the same command with --keep {keep} goes on"]
    assert len(run_all(jobs, keep)) == 2
    assert [outcome.case for outcome in kept_outcomes(keep)] == ["0001_one", "0002_two"]


def test_a_run_without_a_file_says_that_nothing_is_kept() -> None:
    said = list[str]()
    with pytest.raises(SystemExit), telling_what_is_kept(None, said.append):
        interrupt("")
    assert said == ["cut off: nothing is kept; with --keep FILE.jsonl a run goes on where it was cut off"]


def test_nothing_is_said_of_a_run_that_ends_by_itself() -> None:
    said = list[str]()
    with telling_what_is_kept(None, said.append):
        pass
    assert said == []
