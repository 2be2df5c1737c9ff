"""Plays a shipped case as it was recorded, or without a model where nothing is recorded."""

from __future__ import annotations

from pathlib import Path

from evals.suite.case import CASES, RECORDING, Tier, read_case
from evals.suite.judge import Verdict, judge
from evals.suite.lint import lint
from evals.suite.model_choice import NONE, REPLAY, ModelChoice
from evals.suite.outcome import Outcome
from evals.suite.run import Job, done


def folders(*tiers: Tier) -> list[Path]:
    """Of the cases of these tiers. A folder that cannot be read is among them: its own test tells why."""
    found = sorted(path for path in CASES.iterdir() if path.is_dir())
    words = [f'tier = "{tier}"' for tier in tiers]
    return [path for path in found if any(word in _story(path) for word in words)]


def _story(folder: Path) -> str:
    path = folder / "case.toml"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def name(folder: Path) -> str:
    return folder.name


def replayed(folder: Path, *, recorded: bool = True) -> tuple[Outcome, Verdict]:
    """`recorded` false: without a model, whatever is recorded."""
    case = read_case(folder)
    choice = ModelChoice(model=REPLAY if recorded and case.recording.is_file() else NONE)
    outcome = done(Job(folder=folder, choice=choice, erp="sandbox", trial=0))
    return outcome, judge(case, outcome)


def recorded(found: list[Path]) -> list[Path]:
    """Those with a recording: the others are played without a model anyway."""
    return [folder for folder in found if (folder / RECORDING).is_file()]


def faults(folder: Path) -> list[str]:
    return lint(folder)
