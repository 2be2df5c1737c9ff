"""`erp-eval from-case`, `backtest`, `export`, `import`, `serve-case`: cases from life and for other tools."""

from __future__ import annotations

import secrets
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from agent.settings import Settings, SettingsError
from agent.settings import load as load_settings
from evals.suite.case import CASES, CaseBroken

console = Console(highlight=False)

Config = Annotated[Path | None, typer.Option(help="The installation's settings; erp-agent.toml by default.")]
Root = Annotated[Path, typer.Option(help="Where cases lie.")]


class told:  # noqa: N801 - reads as a word in `with told():`
    """What cannot be used is told in one line, with exit code 2."""

    def __enter__(self) -> None:
        """Nothing to open."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, CaseBroken | SettingsError):
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(2) from None


def from_case(
    case: Annotated[str, typer.Argument(help="A case of the installation, as `erp-agent cases` lists them.")],
    name: Annotated[str, typer.Option(help="Of the new case: number and words.")] = "9000_from_life",
    config: Config = None,
    scale: Annotated[str, typer.Option(help="Every amount times this; whole numbers keep all sums.")] = "1",
    root: Root = CASES,
) -> None:
    """Make a case of the suite from a real one, with other names and numbers, and play it once."""
    from agent.erp_connection import connect
    from evals.suite.from_case import make_case

    with told():
        settings: Settings = load_settings(config)
        found = make_case(
            settings,
            case,
            name,
            key=secrets.token_bytes(32),
            capabilities=connect(settings).capabilities,
            scale=_factor(scale),
            root=root,
        )
    for word, lines in (
        ("still the original", found.left),
        ("the original had this finding, the case has not", found.lacking),
        ("the case has this finding, the original had not", found.beyond),
        ("the books", found.differs),
        ("look at", found.doubts),
    ):
        for line in lines:
            console.print(f"{word}: {line}", markup=False, soft_wrap=True)
    if found.left:
        typer.echo("error: an original is left in it, so nothing was kept", err=True)
        raise typer.Exit(1)
    console.print(f"{found.folder}: {'plays as the original' if found.same else 'plays differently'}; say in")
    console.print(
        "case.toml and expected.json, where it is to be decided, whether people did the right thing"
    )
    raise typer.Exit(0 if found.same else 1)


def _factor(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise CaseBroken(f"--scale takes a number such as 3 or 0.5, not {text!r}") from None


def register(app: typer.Typer) -> None:
    """These commands, on `erp-eval`."""
    app.command("from-case")(from_case)
