"""Commands of `erp-eval` that attack what a language model is used for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

console = Console()
Json = Annotated[bool, typer.Option("--json", help="JSON instead of tables.")]


def fuzz(
    steps: Annotated[int, typer.Option(help="Answers of the hostile model.", min=1)] = 10_000,
    seed: int = 1,
    as_json: Json = False,
) -> None:
    """Let a hostile model answer investigations and chats; exit code 1 when anything came of it."""
    from evals.fuzz_report import print_report
    from evals.fuzzing import run

    report = run(steps, seed)
    if as_json:
        sys.stdout.write(report.model_dump_json() + "\n")
    else:
        print_report(report, console)
    if not report.safe:
        raise typer.Exit(1)


def injections(
    model: Annotated[
        str,
        typer.Option(help="none, obeying (does what a text says), a GGUF file, or a name of the settings."),
    ] = "none",
    file: Annotated[Path | None, typer.Option(help="JSON lines with text and kind; ours by default.")] = None,
    limit: Annotated[
        int | None, typer.Option(help="Only the first texts, each at one place instead of all.", min=1)
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="Settings file with [llm.models].")] = None,
    as_json: Json = False,
) -> None:
    """Write attack texts into documents and compare what is proposed with the same without them; exit code 1
    when a payee, an amount or an account changed or anything was written."""
    from evals.injections import TEXTS, print_report, run
    from evals.model_commands import llm_settings

    llm = None if model in ("none", "obeying") else llm_settings(model, settings)
    report = run(model, file or TEXTS, limit, llm)
    if as_json:
        sys.stdout.write(report.model_dump_json() + "\n")
    else:
        print_report(report, console)
    if not report.safe:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Make these commands of `erp-eval`."""
    for command in (fuzz, injections):
        app.command()(command)
