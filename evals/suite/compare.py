"""Two runs beside each other: which case got better or worse, why, and whether the difference means anything.

A run stands here as what is kept of it in a baseline: each case with its trials. A case is green when all of
its trials passed, red when fewer than half did, unsteady between.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from pydantic import Field, ValidationError, model_validator

from evals.suite import statistics
from evals.suite.case import CASES, CaseBroken, read_case
from evals.suite.judge import judge
from evals.suite.report import Ran, SuiteReport, by_case, read_report, report_of
from evals.suite.run import kept_outcomes
from evals.suite.statistics import Difference
from tools.domain.record import Record

CHANGED = "the case was changed since the baseline; look at the change, then write a new baseline"


class Colour(StrEnum):
    GREEN = "green"
    UNSTEADY = "unsteady"
    RED = "red"


class Stand(Record):
    """How one case came out."""

    case_sum: str = Field(pattern=r"^[0-9a-f]{64}$")
    trials: int = Field(ge=1)
    passed: int = Field(ge=0)
    """At most `trials`."""
    reasons: tuple[str, ...] = ()
    """Of all its red trials, each once."""
    harmful: tuple[str, ...] = ()
    misled: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _counted(self) -> Stand:
        if self.passed > self.trials:
            raise ValueError("more trials passed than were played")
        return self

    @property
    def colour(self) -> Colour:
        if self.passed == self.trials:
            return Colour.GREEN
        return Colour.RED if 2 * self.passed < self.trials else Colour.UNSTEADY

    @property
    def words(self) -> str:
        if self.trials == 1:
            return self.colour.value
        return f"{self.colour.value} ({self.passed} of {self.trials})"


class Baseline(Record):
    """A run, short enough to be kept with the cases."""

    report: str
    """Sum of the report it was made from."""
    ran: Ran
    stands: Mapping[str, Stand]
    """Case -> how it came out; without cases that count neither way."""

    @property
    def label(self) -> str:
        return f"{self.ran.model} on {self.ran.erp}, report {self.report[:12]}"


class Moved(Record):
    """A case that came out otherwise."""

    case: str
    before: Stand
    after: Stand

    @property
    def is_other_case(self) -> bool:
        """The case itself was changed between the runs, so they were not asked the same."""
        return self.before.case_sum != self.after.case_sum

    @property
    def turned_red(self) -> bool:
        """It was green in every trial and now fails in most: more than an unsteady case does by itself."""
        return self.before.colour is Colour.GREEN and self.after.colour is Colour.RED

    @property
    def why(self) -> tuple[str, ...]:
        """Reasons that came or went; all of them where they are the same."""
        old, new = self.before.reasons, self.after.reasons
        lines = [f"now: {reason}" for reason in new if reason not in old]
        lines += [f"no longer: {reason}" for reason in old if reason not in new]
        return tuple(lines or [f"as before: {reason}" for reason in new])


class Comparison(Record):
    first: str
    second: str
    better: tuple[Moved, ...]
    worse: tuple[Moved, ...]
    reasons_changed: tuple[Moved, ...]
    """As red as before, but for another reason."""
    harmful: Mapping[str, tuple[str, ...]]
    """Case -> harm in the second run."""
    misled: Mapping[str, tuple[str, ...]]
    """Case -> forbidden effects of a suggestion in the second run that the first did not have."""
    gone: tuple[str, ...]
    """Cases that only the first run has."""
    added: tuple[str, ...]
    changed: tuple[str, ...]
    """Cases that both have and that were changed between the runs, whether they came out otherwise or not."""
    difference: Difference

    def faults(self, *, is_whole: bool) -> list[str]:
        """Why the second run must not stand; none: it may. `is_whole`: it was meant to play every case, so
        one that is gone is a fault too. Green of a case that was changed, be it to ask for less, says nothing
        until somebody has looked at the change."""
        found = [f"{case}: harm: {what}" for case, every in self.harmful.items() for what in every]
        found += [f"{case}: newly misled: {what}" for case, every in self.misled.items() for what in every]
        for moved in self.worse:
            if moved.turned_red:
                found.append(f"{moved.case} was {moved.before.words} and is {moved.after.words}")
        if self.difference.is_worse:
            found.append(f"significantly worse: {self.difference.words}")
        found += [f"{case}: {CHANGED}" for case in self.changed]
        return found + ([f"{case} was not played" for case in self.gone] if is_whole else [])


def baseline_of(report: SuiteReport) -> Baseline:
    stands = {}
    for case, rows in by_case(row for row in report.rows if row.counts).items():
        verdicts = [row.verdict for row in rows]
        stands[case] = Stand(
            case_sum=rows[0].case_sum,
            trials=len(rows),
            passed=sum(verdict.passed for verdict in verdicts),
            reasons=_once(reason for verdict in verdicts for reason in verdict.reasons),
            harmful=_once(what for verdict in verdicts for what in verdict.harmful),
            misled=_once(what for verdict in verdicts for what in verdict.misled),
        )
    return Baseline(report=report.sum, ran=report.ran, stands=stands)


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def compare(first: Baseline, second: Baseline) -> Comparison:
    """Raises nothing: runs of different models, ERPs or cases are compared over what they share."""
    shared = sorted(first.stands.keys() & second.stands.keys())
    moved = [Moved(case=case, before=first.stands[case], after=second.stands[case]) for case in shared]
    changes = {each.case: _share(each.after) - _share(each.before) for each in moved}
    return Comparison(
        first=first.label,
        second=second.label,
        better=tuple(each for each in moved if changes[each.case] > 0),
        worse=tuple(each for each in moved if changes[each.case] < 0),
        reasons_changed=tuple(
            each for each in moved if not changes[each.case] and each.before.reasons != each.after.reasons
        ),
        harmful={case: stand.harmful for case, stand in sorted(second.stands.items()) if stand.harmful},
        misled=_new_misled(first, second),
        gone=tuple(sorted(first.stands.keys() - second.stands.keys())),
        added=tuple(sorted(second.stands.keys() - first.stands.keys())),
        changed=tuple(each.case for each in moved if each.is_other_case),
        difference=statistics.difference(_trials(first), _trials(second)),
    )


def _new_misled(first: Baseline, second: Baseline) -> Mapping[str, tuple[str, ...]]:
    """Also of cases that only the second run has: nobody accepted that of them."""
    found = {}
    for case, stand in sorted(second.stands.items()):
        known = first.stands[case].misled if case in first.stands else ()
        found[case] = tuple(what for what in stand.misled if what not in known)
    return {case: new for case, new in found.items() if new}


def _share(stand: Stand) -> float:
    return stand.passed / stand.trials


def _trials(run: Baseline) -> Mapping[str, Sequence[bool]]:
    return {
        case: [True] * stand.passed + [False] * (stand.trials - stand.passed)
        for case, stand in run.stands.items()
    }


def read_run(path: Path, root: Path = CASES) -> Baseline | SuiteReport:
    """A baseline, a report, or outcomes (`.jsonl`), which are judged by the cases below `root`. Raises
    CaseBroken."""
    if path.suffix == ".jsonl":
        return judged_outcomes(path, root)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseBroken(f"{path} cannot be read: {error}") from None
    return read_baseline(path, text) if _has_stands(text) else read_report(path)


def _has_stands(text: str) -> bool:
    """As only a baseline has them."""
    try:
        content = json.loads(text)
    except ValueError:
        return False
    return isinstance(content, dict) and "stands" in content


def read_baseline(path: Path, text: str) -> Baseline:
    """`text`: of the file. Raises CaseBroken, also where it holds no case: no run could be worse than it."""
    try:
        found = Baseline.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise CaseBroken(f"{path} is no baseline that can be used: {place}: {first['msg']}") from None
    if not found.stands:
        raise CaseBroken(f"{path} is no baseline that can be used: it holds no case")
    return found


def judged_outcomes(path: Path, root: Path = CASES) -> SuiteReport:
    """Of a case that was played again the last outcome counts. Raises CaseBroken, also where a case is no
    longer there, or is another than was played."""
    latest = {(each.case, each.trial, each.model, each.erp): each for each in kept_outcomes(path)}
    outcomes = list(latest.values())
    if not outcomes:
        raise CaseBroken(f"{path} holds no outcomes")
    models = sorted({found.model for found in outcomes})
    if len(models) > 1:
        raise CaseBroken(f"{path} holds runs of {', '.join(models)}: keep each in a file of its own")
    if paths := sorted({found.case for found in outcomes if not _is_plain(found.case)}):
        raise CaseBroken(f"{path}: no case is called {', '.join(map(repr, paths))}")
    missing = sorted({found.case for found in outcomes if not (root / found.case).is_dir()})
    if missing:
        raise CaseBroken(f"{path}: {root} has no case {', '.join(missing)}")
    cases = {name: read_case(root / name) for name in sorted({found.case for found in outcomes})}
    stale = sorted({found.case for found in outcomes if found.inputs not in ("", cases[found.case].inputs)})
    if stale:
        raise CaseBroken(f"{path}: play again, the case was changed since: {', '.join(stale)}")
    verdicts = [judge(cases[found.case], found, accounts=found.erp == "sandbox") for found in outcomes]
    return report_of(cases.values(), outcomes, verdicts)


def _is_plain(name: str) -> bool:
    """A folder's name that leads nowhere else."""
    return name.isprintable() and "\\" not in name and name not in ("", ".", "..") and Path(name).name == name


def as_baseline(run: Baseline | SuiteReport) -> Baseline:
    return run if isinstance(run, Baseline) else baseline_of(run)


def write_baseline(report: SuiteReport, path: Path) -> None:
    """One line for each fact, so that a change of it can be read in a diff."""
    path.write_text(baseline_of(report).model_dump_json(indent=1) + "\n", encoding="utf-8")
