"""The report of one run of the suite: rows, figures, and a sum that is the same for the same results.

The sum covers what was run and what came of it. Machine, day and times stand apart (`Circumstances`): the
same commit on another machine gives the same sum. A kept report is checked against its sum when it is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from evals.suite.case import CaseBroken, EvalCase
from evals.suite.figures import Figures, Pace, figures_of, pace_of
from evals.suite.judge import Verdict
from evals.suite.outcome import Outcome
from evals.suite.rows import Row, Times, row_of, times_of
from tools.domain.record import Record

LAYOUT = 1
"""Of the records below; a report of another layout is not compared."""


class Ran(Record):
    """What was run."""

    layout: int = LAYOUT
    model: str
    erp: str
    trials: int
    """The most any case has."""
    seed: int | None = None
    """Of the model; None: the model takes none, or none was set."""
    prompts: tuple[str, ...] = ()
    """Name, version and sum of each prompt that was asked."""
    recordings: str = ""
    """SHA-256 over the replies that were replayed, by case and trial; empty: none were. A recording does not
    say which model was recorded, so this tells one "recorded" from another."""

    @property
    def who(self) -> str:
        """The model, and of recordings which."""
        return f"{self.model} (replies {self.recordings[:12]})" if self.recordings else self.model


class Circumstances(Record):
    """On what and when it was run. Stands outside of the sum."""

    machine: str = ""
    day: date | None = None
    times: tuple[Times, ...] = ()
    """Of the rows, in their order."""

    @property
    def pace(self) -> Pace:
        return pace_of(self.times)


class SuiteReport(Record):
    sum: str
    """SHA-256 of `ran` and `rows`."""
    ran: Ran
    rows: tuple[Row, ...]
    """By case and trial."""
    figures: Figures
    circumstances: Circumstances

    @property
    def harmful(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.verdict.harmful and row.counts)

    @property
    def red(self) -> tuple[Row, ...]:
        """Harmful ones first."""
        red = [row for row in self.rows if not row.verdict.passed and row.counts]
        return tuple(sorted(red, key=lambda row: (not row.verdict.harmful, row.case, row.trial)))


def report_of(
    cases: Iterable[EvalCase],
    outcomes: Sequence[Outcome],
    verdicts: Sequence[Verdict],
    *,
    seed: int | None = None,
    machine: str = "",
    day: date | None = None,
) -> SuiteReport:
    """`verdicts` in the order of `outcomes`. The order of both does not matter for the report. A case that
    was played with several ERPs is one case with each of them."""
    by_id = {case.id: case for case in cases}
    pairs = sorted(zip(outcomes, verdicts, strict=True), key=_place_of)
    rows = tuple(row_of(by_id[outcome.case], outcome, verdict) for outcome, verdict in pairs)
    if len({outcome.erp for outcome in outcomes}) > 1:
        rows = tuple(row.model_copy(update={"case": f"{row.case} on {row.outcome.erp}"}) for row in rows)
    ran = Ran(
        model=_only({outcome.model for outcome in outcomes}),
        erp=_only({outcome.erp for outcome in outcomes}),
        trials=max((row.trial for row in rows), default=-1) + 1,
        seed=seed,
        prompts=tuple(sorted({prompt for outcome in outcomes for prompt in outcome.prompts})),
        recordings=_recordings(outcomes),
    )
    times = tuple(times_of(outcome) for outcome, _ in pairs)
    return SuiteReport(
        sum=sum_of(ran, rows),
        ran=ran,
        rows=rows,
        figures=figures_of(rows),
        circumstances=Circumstances(machine=machine, day=day, times=times),
    )


def _place_of(pair: tuple[Outcome, Verdict]) -> tuple[str, str, int]:
    return pair[0].case, pair[0].erp, pair[0].trial


def _only(names: set[str]) -> str:
    return " and ".join(sorted(names)) or "none"


def _recordings(outcomes: Iterable[Outcome]) -> str:
    sums = {(one.case, one.trial, one.origin.recording) for one in outcomes if one.origin}
    lines = [f"{case} {trial} {told}\n" for case, trial, told in sorted(sums) if told]
    return hashlib.sha256("".join(lines).encode()).hexdigest() if lines else ""


def sum_of(ran: Ran, rows: Sequence[Row]) -> str:
    """Over JSON with sorted names, without blanks. Never over the program that made the outcomes: another
    version with the same results has the same report."""
    told = ran.model_dump(mode="json", exclude=None if ran.recordings else {"recordings"})
    each = [row.model_dump(mode="json", exclude={"outcome": {"origin"}}) for row in rows]
    content = {"ran": told, "rows": each}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def read_report(path: Path) -> SuiteReport:
    """Its figures are worked out again from its rows. Raises CaseBroken for a file that holds no report, or
    one that was changed after it was made."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        kept = _Kept.model_validate_json(json.dumps({**content, "figures": {}}))
    except (OSError, ValueError, TypeError) as error:
        raise CaseBroken(f"{path} holds no report of this layout: {_place(error)}") from None
    if sum_of(kept.ran, kept.rows) != kept.sum:
        raise CaseBroken(f"{path} was changed after it was made: its sum does not fit its rows")
    return SuiteReport(
        sum=kept.sum,
        ran=kept.ran,
        rows=kept.rows,
        figures=figures_of(kept.rows),
        circumstances=kept.circumstances,
    )


class _Kept(Record):
    """A report's file, without the figures that stand in it for other readers."""

    sum: str
    ran: Ran
    rows: tuple[Row, ...]
    figures: Mapping[str, str]
    circumstances: Circumstances


def _place(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return f"at {'.'.join(map(str, error.errors()[0]['loc']))}"
    return str(error)


def by_case(rows: Iterable[Row]) -> Mapping[str, list[Row]]:
    """Case -> its rows, by trial."""
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.case, row.trial)):
        found.setdefault(row.case, []).append(row)
    return found
