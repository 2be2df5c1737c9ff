"""`erp-eval compare`, `baseline`, `tone`: kept runs of the suite beside each other, and their letters."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from evals.model_commands import ModelName, SettingsFile, asker_of
from evals.suite.case import CASES, CaseBroken

console = Console(highlight=False)
BASELINE = Path(__file__).parent / "baseline.json"
HtmlFile = Annotated[Path | None, typer.Option("--html", help="Write the report as one page.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the report as JSON.")]
BaselineFile = Annotated[
    Path | None,
    typer.Option("--baseline", help="Exit code 1 only where a case turned red against it, or on harm."),
]
NewBaseline = Annotated[Path | None, typer.Option("--write-baseline", help="Write this run as a baseline.")]
_KEPT = "Outcomes (--keep), a report (--json) or a baseline."


def compare(
    first: Annotated[Path, typer.Argument(help=_KEPT)],
    second: Annotated[Path, typer.Argument(help="The same, of the later run.")],
    html: Annotated[Path | None, typer.Option(help="A page with both runs side by side.")] = None,
    root: Annotated[Path, typer.Option(help="Where the cases of outcomes lie.")] = CASES,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of words.")] = False,
) -> None:
    """Name every case that got better or worse, why, and whether it means anything; exit code 1 where a
    green case turned red or anything did harm."""
    from evals.suite.compare import as_baseline, read_run
    from evals.suite.compare import compare as compared
    from evals.suite.comparison_lines import print_comparison
    from evals.suite.pages.html import html_page
    from evals.suite.readiness import check_apart, check_place
    from evals.suite.report import SuiteReport

    for name, run in (("FIRST", first), ("SECOND", second)):
        check_apart({name: run, "--html": html})
    if html is not None:
        check_place(html)
    before, after = read_run(first, root), read_run(second, root)
    found = compared(as_baseline(before), as_baseline(after))
    if html is not None:
        if not isinstance(after, SuiteReport):
            raise CaseBroken(f"{second} is a baseline: a page needs outcomes or a report")
        html.write_text(html_page(after, before), encoding="utf-8")
    faults = found.faults(is_whole=False)
    if as_json:
        sys.stdout.write(json.dumps({**found.model_dump(mode="json"), "faults": faults}) + "\n")
    else:
        print_comparison(found, console)
    raise typer.Exit(1 if faults else 0)


def baseline(
    run: Annotated[Path, typer.Argument(help="Outcomes (--keep) or a report (--json).")],
    to: Annotated[Path, typer.Option(help="Where it is written.")] = BASELINE,
    root: Annotated[Path, typer.Option(help="Where the cases of outcomes lie.")] = CASES,
) -> None:
    """Hold on to a run as the one that later runs are compared with; refused where anything did harm, or
    where it is not of every case below the root."""
    from evals.suite.compare import read_run, write_baseline
    from evals.suite.presenting import check_whole
    from evals.suite.readiness import check_apart, check_place
    from evals.suite.report import SuiteReport

    check_place(to)
    check_apart({"RUN": run, "--to": to})
    report = read_run(run, root)
    if not isinstance(report, SuiteReport):
        raise CaseBroken(f"{run} is a baseline already")
    if report.harmful:
        raise CaseBroken(f"{run} holds harm in {', '.join(row.case for row in report.harmful)}")
    check_whole(report, root)
    write_baseline(report, to)
    typer.echo(f"{to}: {report.figures.overall.cases} cases, {report.figures.overall.steady} of them green")


def tone(
    run: Annotated[Path, typer.Argument(help="Outcomes (--keep) or a report (--json).")],
    judge: ModelName,
    settings: SettingsFile = None,
    root: Annotated[Path, typer.Option(help="Where the cases of outcomes lie.")] = CASES,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of words.")] = False,
) -> None:
    """Let a model judge tone and clarity of the letters a run drafted. Apart from every figure of the run."""
    from evals.suite.compare import read_run
    from evals.suite.report import SuiteReport
    from evals.suite.tone import ToneReport, judge_letters, print_tone

    report = read_run(run, root)
    if not isinstance(report, SuiteReport):
        raise CaseBroken(f"{run} is a baseline: it holds no letters")

    async def judged() -> ToneReport:
        async with asker_of(judge, settings) as asker:
            return await judge_letters(report.rows, report.sum, asker)

    found = asyncio.run(judged())
    if as_json:
        sys.stdout.write(found.model_dump_json() + "\n")
    else:
        print_tone(found, console)


def register(app: typer.Typer) -> None:
    """The commands, on `erp-eval`."""
    app.command()(compare)
    app.command()(baseline)
    app.command()(tone)
