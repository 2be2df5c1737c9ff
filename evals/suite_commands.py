"""`erp-eval run`, `new`: replay the cases and judge the books."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from evals.suite.case import CASES, CaseBroken, read_cases
from evals.suite.judge import judge
from evals.suite.run import jobs_of, run_all
from evals.suite.scaffold import scaffold

console = Console(highlight=False)


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
    with told():
        day = date.fromisoformat(today)
        folder = scaffold(
            name, line, supplier=supplier, today=day, number=number, order=order, base=base, root=root
        )
    typer.echo(f"{folder}: say in case.toml what it is for, in expected.json how it may end")


def run(
    cases: Annotated[list[str] | None, typer.Argument(help="Ids or how they begin; all by default.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tier or a tag; patterns are allowed.")] = None,
    model: Annotated[str, typer.Option(help="replay (recorded replies) or none.")] = "replay",
    erp: Annotated[str, typer.Option(help="Kind of ERP.")] = "sandbox",
    trials: Annotated[int, typer.Option(min=1)] = 1,
    jobs: Annotated[int, typer.Option(help="Processes.", min=1)] = 1,
    keep: Annotated[Path | None, typer.Option(help="Outcomes are kept here; a cut run goes on.")] = None,
    root: Annotated[Path, typer.Option(help="Where cases lie.")] = CASES,
    show: Annotated[bool, typer.Option(help="Each outcome whole, as JSON.")] = False,
) -> None:
    """Play cases and judge what stands in the books; exit code 1 where one is red."""
    with told():
        chosen = read_cases(cases or (), tag or (), root)
        outcomes = run_all(jobs_of(chosen, model, erp, trials), keep, jobs)
        by_id = {case.id: case for case in chosen}
        verdicts = [judge(by_id[found.case], found, accounts=erp == "sandbox") for found in outcomes]
    for outcome, verdict in zip(outcomes, verdicts, strict=True):
        if show:
            sys.stdout.write(outcome.model_dump_json(indent=1) + "\n")
        console.print(f"[{'green' if verdict.passed else 'red'}]{verdict.case}[/]")
        for reason in verdict.reasons:
            console.print(f"   {reason}", markup=False, soft_wrap=True)
    passed = sum(verdict.passed for verdict in verdicts)
    console.print(f"{passed} of {len(verdicts)} passed")
    raise typer.Exit(0 if passed == len(verdicts) else 1)


def register(app: typer.Typer) -> None:
    """The suite's commands, on `erp-eval`."""
    app.command()(new)
    app.command()(run)


class told:  # noqa: N801 - reads as a word in `with told():`
    """A case that cannot be used is told in one line, with exit code 2."""

    def __enter__(self) -> None:
        """Nothing to open."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, CaseBroken):
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(2) from None
