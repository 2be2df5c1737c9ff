"""Cases and outcomes as the suite leaves them, made up: reports are judged on these, by the real judge."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from agent.state import Stage
from evals.suite.case import EvalCase, read_case
from evals.suite.judge import judge
from evals.suite.outcome import DocumentEnd, Effort, Outcome, Safety, Said
from evals.suite.report import SuiteReport, report_of
from evals.suite.trail import Mark, TrailStep

FILE = "re-1.xml"
POSTED = "posted invoice RE-1 of 10001: 119.00 EUR, tax 19.00"
WAITS = {"stages": {FILE: "waiting_for_answer"}, "changes": []}
IS_POSTED = {"stages": {FILE: "posted"}, "changes": [POSTED]}


@dataclass
class Shelf:
    """Cases below a folder, each with one document."""

    root: Path
    cases: dict[str, EvalCase] = field(default_factory=dict)

    def case(
        self,
        name: str = "0001_one",
        *,
        tier: str = "rules",
        ends: Sequence[Mapping[str, Any]] = (IS_POSTED,),
        must: Sequence[str] = (),
        forbidden: Sequence[str] = (),
        title: str = "A case of the tests",
        tags: Sequence[str] = ("made_up",),
        declined: Mapping[str, str] | None = None,
        document: str = "<Invoice/>",
        options: Sequence[str] = (),
    ) -> EvalCase:
        folder = self.root / name
        (folder / "inbox").mkdir(parents=True, exist_ok=True)
        (folder / "inbox" / FILE).write_text(document, encoding="utf-8")
        story = {"title": title, "why": "Made up for a test of reports.", "tier": tier, "today": "2026-03-16"}
        lines = [f"{key} = {json.dumps(value)}" for key, value in story.items()]
        lines.append(f"tags = {json.dumps(list(tags))}")
        if options:
            lines += ["[options]", f"{json.dumps(FILE)} = {json.dumps(list(options))}"]
        (folder / "case.toml").write_text("\n".join(lines), encoding="utf-8")
        expected = {
            "findings": {FILE: {"must": list(must)}},
            "ends": list(ends),
            "forbidden": list(forbidden),
            "declined": declined or {},
        }
        (folder / "expected.json").write_text(json.dumps(expected), encoding="utf-8")
        self.cases[name] = read_case(folder)
        return self.cases[name]

    def report(self, outcomes: Iterable[Outcome], **circumstances: Any) -> SuiteReport:
        found = list(outcomes)
        verdicts = [judge(self.cases[outcome.case], outcome) for outcome in found]
        return report_of(self.cases.values(), found, verdicts, **circumstances)


def posted(case: str = "0001_one", trial: int = 0, **more: Any) -> Outcome:
    """The document was posted."""
    return _outcome(case, trial, Stage.POSTED, (POSTED,), more)


def waiting(case: str = "0001_one", trial: int = 0, **more: Any) -> Outcome:
    """The document waits for an answer."""
    return _outcome(case, trial, Stage.WAITING_FOR_ANSWER, (), more)


def _outcome(case: str, trial: int, stage: Stage, changes: Sequence[str], more: dict[str, Any]) -> Outcome:
    told = {name: more.pop(name) for name in ("blocks", "suggested", "declined") if name in more}
    effort = Effort(
        erp_calls=10, seconds=more.pop("seconds", Decimal("2.5")), graph_seconds=Decimal("1.5"), tokens_in=100
    )
    given = {
        "documents": (DocumentEnd(file=FILE, stage=stage, **told),),
        "changes": tuple(changes),
        "safety": Safety(writes=len(changes), approvals=len(changes)),
        "effort": effort,
        "model": "scripted",
        **more,
    }
    return Outcome(case=case, trial=trial, **given)


def a_trail(words: str) -> tuple[TrailStep, ...]:
    """A whole way of one document."""
    marks = (Mark.FINDINGS, Mark.QUESTION, Mark.SUGGESTION, Mark.ANSWER, Mark.APPROVAL, Mark.WRITE)
    return tuple(
        TrailStep(
            file=FILE, mark=mark, who="carl", words=f"{mark.value} {words}", struck=mark is Mark.SUGGESTION
        )
        for mark in marks
    )


def said(words: str, answer: str, struck: int = 0) -> Said:
    return Said(words=words, answer=answer, struck=struck)


DAY = date(2026, 3, 16)
