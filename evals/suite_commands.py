"""`erp-eval run`, `new`: replay the cases and judge the books."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from evals import report_commands
from evals.machine import describe
from evals.report_commands import BaselineFile, HtmlFile, JsonFile, NewBaseline
from evals.suite.case import CASES, CaseBroken, EvalCase, read_cases

if TYPE_CHECKING:
    from evals.suite.model_choice import ModelChoice
    from evals.suite.presenting import Wanted

console = Console(highlight=False)
_MODEL = (
    "replay (recorded replies), none, first_option, abstain, right; a GGUF file, a script, or a name under "
    "[llm.models]; plain:MODEL, LangChain's agent with a free hand."
)


def new(
    name: Annotated[str, typer.Argument(help="Number and words: 0007_price_over_tolerance.")],
    line: Annotated[list[str], typer.Option(help="ITEM:QUANTITY:PRICE; repeat it.")],
    supplier: Annotated[str, typer.Option(help="Of the company.")] = "10001",
    number: Annotated[str, typer.Option(help="The invoice's number.")] = "RE-2026-100",
    order: Annotated[str, typer.Option(help="Number of its order; empty: none.")] = "4500001",
    base: Annotated[str, typer.Option(help="The company, in evals/suite/worlds.")] = "werk",
    today: Annotated[str, typer.Option(help="The day of the case.")] = "2026-03-16",
    root: Annotated[Path, typer.Option(help="Where cases lie.")] = CASES,
) -> None:
    """Scaffold a case: its document, an order that fits, and the files in which the author goes on."""
    from evals.suite.scaffold import scaffold

    try:
        day = date.fromisoformat(today)
    except ValueError:
        raise CaseBroken(f"--today takes a day such as 2026-03-16, not {today!r}") from None
    folder = scaffold(
        name, line, supplier=supplier, today=day, number=number, order=order, base=base, root=root
    )
    typer.echo(f"{folder}: say in case.toml what it is for, in expected.json how it may end")


def run(
    cases: Annotated[list[str] | None, typer.Argument(help="Ids or how they begin; all by default.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tier or a tag; patterns are allowed.")] = None,
    model: Annotated[str, typer.Option(help=_MODEL)] = "replay",
    settings: Annotated[Path | None, typer.Option(help="Settings file with [llm.models].")] = None,
    erp: Annotated[str, typer.Option(help="Kind of ERP; all: each beside the sandbox.")] = "sandbox",
    trials: Annotated[int, typer.Option(help="Of each case.", min=1)] = 1,
    temperature: Annotated[
        float | None, typer.Option(help="So that trials can differ.", min=0, max=2)
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the first trial.", min=0)] = 1,
    record: Annotated[
        Path | None, typer.Option(help="Folder for recordings; --root: beside the cases.")
    ] = None,
    replay: Annotated[Path | None, typer.Option(help="Folder with recordings to replay.")] = None,
    jobs: Annotated[int, typer.Option(help="Processes.", min=1)] = 1,
    keep: Annotated[Path | None, typer.Option(help="Outcomes are kept here; a cut run goes on.")] = None,
    root: Annotated[Path, typer.Option(help="Where cases lie.")] = CASES,
    show: Annotated[bool, typer.Option(help="Each outcome whole, as JSON.")] = False,
    html: HtmlFile = None,
    json_file: JsonFile = None,
    baseline: BaselineFile = None,
    write_baseline: NewBaseline = None,
) -> None:
    """Play cases and judge what stands in the books; exit code 1 where one is red."""
    from evals.suite.cut_off import telling_what_is_kept
    from evals.suite.model_choice import ModelChoice
    from evals.suite.presenting import Wanted
    from evals.suite.readiness import EVERY, check_run

    files = {"html": html, "json_file": json_file, "baseline": baseline, "write_baseline": write_baseline}
    wanted = Wanted(**files, keep=keep, is_whole=not (cases or tag), root=root)
    choice = ModelChoice(
        model=model, settings=settings, temperature=temperature, seed=seed, record=record, replay=replay
    )
    chosen = read_cases(cases or (), tag or (), root)
    check_run(chosen, choice, erp, trials, keep)
    _warn(choice, trials)
    with telling_what_is_kept(
        keep, Console(stderr=True, markup=False, soft_wrap=True, highlight=False).print
    ):
        if erp == EVERY:
            stands = _in_every_erp(chosen, choice, trials, jobs, keep, wanted)
        else:
            stands = _played(chosen, choice, erp, trials, jobs, keep, wanted, show)
    raise typer.Exit(0 if stands else 1)


def _played(
    chosen: list[EvalCase],
    choice: ModelChoice,
    erp: str,
    trials: int,
    jobs: int,
    keep: Path | None,
    wanted: Wanted,
    show: bool,
) -> bool:
    """Whether the run may stand."""
    from evals.suite.judge import judge
    from evals.suite.presenting import check, present, progress_on
    from evals.suite.report import report_of
    from evals.suite.run import jobs_of, run_all

    before = check(wanted)
    with progress_on(Console(stderr=True)) as say:
        outcomes = run_all(jobs_of(chosen, choice, erp, trials), keep, jobs, say)
    by_id = {case.id: case for case in chosen}
    verdicts = [judge(by_id[found.case], found, accounts=found.erp == "sandbox") for found in outcomes]
    if show:
        for outcome in outcomes:
            sys.stdout.write(outcome.model_dump_json(indent=1) + "\n")
    drawn = choice.seed if choice.is_live else None
    today = datetime.now(UTC).date()
    report = report_of(chosen, outcomes, verdicts, seed=drawn, machine=describe(), day=today)
    return present(report, wanted, before, console)


def _in_every_erp(
    chosen: list[EvalCase], choice: ModelChoice, trials: int, jobs: int, keep: Path | None, wanted: Wanted
) -> bool:
    """Whether every case ends the same everywhere, or says why not. Raises CaseBroken for what only a run
    with one ERP can give."""
    from evals.suite.portable import jobs_in_every_erp, portability_of, print_portability
    from evals.suite.presenting import check, progress_on
    from evals.suite.run import run_all

    if wanted.html or wanted.baseline or wanted.write_baseline:
        raise CaseBroken("--erp all compares the ERPs: a page and a baseline are of a run with one of them")
    check(wanted)
    with progress_on(Console(stderr=True)) as say:
        outcomes = run_all(jobs_in_every_erp(chosen, choice, trials), keep, jobs, say)
    report = portability_of(chosen, outcomes)
    if wanted.json_file is not None:
        wanted.json_file.write_text(report.model_dump_json(indent=1) + "\n", encoding="utf-8")
    print_portability(report, console)
    return report.holds


def _warn(choice: ModelChoice, trials: int) -> None:
    if trials > 1 and choice.is_live and not choice.temperature:
        typer.echo(
            "note: at temperature 0 a local model answers each trial alike; see --temperature", err=True
        )


def lint(
    cases: Annotated[list[str] | None, typer.Argument(help="Ids or how they begin; all by default.")] = None,
    root: Annotated[Path, typer.Option(help="Where cases lie.")] = CASES,
) -> None:
    """What is wrong with cases before they are played, and which are too easy; exit code 1 where one is."""
    from evals.suite.lint import lint_all

    found = lint_all(root, cases or ())
    for case, faults in found.items():
        console.print(f"[red]{case}[/]")
        for fault in faults:
            console.print(f"   {fault}", markup=False, soft_wrap=True)
    console.print(f"{len(found)} cases with faults" if found else "no faults")
    raise typer.Exit(1 if found else 0)


def mutants(
    jobs: Annotated[int, typer.Option(help="Processes.", min=1)] = 2,
) -> None:
    """Break each safety promise in a copy of the program: does a case notice? Exit code 1 where none does."""
    from evals.suite.mutants import print_report
    from evals.suite.mutants import run as run_mutants

    report = run_mutants(at_once=jobs, progress=lambda told: typer.echo(told, err=True))
    print_report(report, console)
    raise typer.Exit(0 if report.holds else 1)


def register(app: typer.Typer) -> None:
    """The suite's commands, on `erp-eval`."""
    app.command()(new)
    app.command()(lint)
    app.command()(mutants)
    app.command()(run)
    report_commands.register(app)
