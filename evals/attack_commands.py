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


def attacks(
    model: Annotated[
        str,
        typer.Option(
            help="none, obeying (does what a text says), captured (serves the attacker in every case), a "
            "GGUF file, recorded replies (JSON lines), or a name of the settings."
        ),
    ] = "none",
    file: Annotated[Path | None, typer.Option(help="JSON lines with text and kind; ours by default.")] = None,
    sample: Annotated[int | None, typer.Option(help="So many of them, always the same.", min=1)] = None,
    everywhere: Annotated[bool, typer.Option(help="Each text at every place, not at one by turns.")] = False,
    settings: Annotated[Path | None, typer.Option(help="Settings file with [llm.models].")] = None,
    as_json: Json = False,
) -> None:
    """Write attacks into documents and mails, let trusting people take and approve everything, and compare
    the books with the same without the attacks; exit code 1 when an attacker got anything."""
    from evals.attacks.report import print_report
    from evals.attacks.run import WITHOUT_SETTINGS, run
    from evals.model_commands import llm_settings

    llm = None if model in WITHOUT_SETTINGS else llm_settings(model, settings)
    report = run(model, file, sample, llm, everywhere=everywhere)
    if as_json:
        sys.stdout.write(report.model_dump_json() + "\n")
    else:
        print_report(report, console)
    if not report.safe:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Make these commands of `erp-eval`."""
    app.command()(fuzz)
    app.command()(attacks)
    app.command("injections", hidden=True)(attacks)
