"""`erp-eval run`, `new`: replay the cases and judge the books."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from evals.suite.case import CASES, read_cases

if TYPE_CHECKING:
    from evals.suite.model_choice import ModelChoice

console = Console(highlight=False)
_MODEL = (
    "replay (recorded replies), none, first_option, abstain, right; a GGUF file, a script, or a name under "
    "[llm.models]."
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

    day = date.fromisoformat(today)
    folder = scaffold(
        name, line, supplier=supplier, today=day, number=number, order=order, base=base, root=root
    )
    typer.echo(f"{folder}: say in case.toml what it is for, in expected.json how it may end")


def run(
    cases: Annotated[list[str] | None, typer.Argument(help="Ids or how they begin; all by default.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tier or a tag; patterns are allowed.")] = None,
    model: Annotated[str, typer.Option(help=_MODEL)] = "replay",
    settings: Annotated[Path | None, typer.Option(help="Settings file with [llm.models].")] = None,
    erp: Annotated[str, typer.Option(help="Kind of ERP, or all: each beside the books.")] = "sandbox",
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
) -> None:
    """Play cases and judge what stands in the books; exit code 1 where one is red."""
    from evals.suite.judge import judge
    from evals.suite.model_choice import ModelChoice
    from evals.suite.run import jobs_of, run_all

    choice = ModelChoice(
        model=model, settings=settings, temperature=temperature, seed=seed, record=record, replay=replay
    )
    chosen = read_cases(cases or (), tag or (), root)
    _warn(choice, trials)
    outcomes = run_all(jobs_of(chosen, choice, erp, trials), keep, jobs, _say)
    by_id = {case.id: case for case in chosen}
    verdicts = [judge(by_id[found.case], found, accounts=erp == "sandbox") for found in outcomes]
    for outcome, verdict in zip(outcomes, verdicts, strict=True):
        if show:
            sys.stdout.write(outcome.model_dump_json(indent=1) + "\n")
        colour = "yellow" if not verdict.counts else "green" if verdict.passed else "red"
        console.print(
            f"[{colour}]{verdict.case}[/]" + (f" declined: {verdict.declined}" if verdict.declined else "")
        )
        for reason in verdict.reasons if verdict.counts else ():
            console.print(f"   {reason}", markup=False, soft_wrap=True)
    counted = [verdict for verdict in verdicts if verdict.counts]
    passed = sum(verdict.passed for verdict in counted)
    declined = f", {len(verdicts) - len(counted)} declined" if len(verdicts) > len(counted) else ""
    console.print(f"{passed} of {len(counted)} passed{declined}")
    raise typer.Exit(0 if passed == len(counted) else 1)


def _say(words: str) -> None:
    """Progress, where somebody watches."""
    if sys.stderr.isatty():
        typer.echo(words, err=True)


def _warn(choice: ModelChoice, trials: int) -> None:
    if trials > 1 and choice.is_live and not choice.temperature:
        typer.echo(
            "note: at temperature 0 a local model answers each trial alike; see --temperature", err=True
        )


def register(app: typer.Typer) -> None:
    """The suite's commands, on `erp-eval`."""
    app.command()(new)
    app.command()(run)
