"""`erp-eval from-case`, `backtest`, `export`, `import`, `serve-case`: cases from life and for other tools."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from agent.settings import Settings, SettingsError
from agent.settings import load as load_settings
from evals.suite.case import CASES, CaseBroken, read_cases, read_one

if TYPE_CHECKING:
    from evals.suite.outcome import Outcome

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


def backtest(
    history: Annotated[Path, typer.Argument(help="CSV or JSON lines of what people posted and rejected.")],
    inbox: Annotated[Path, typer.Option(help="Folder with the documents.")],
    config: Config = None,
    codings: Annotated[Path | None, typer.Option(help="Earlier codings, as `coding import` takes.")] = None,
    today: Annotated[str, typer.Option(help="The day it is; today by default.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of tables.")] = False,
) -> None:
    """What the agent would have done with documents people have done, without writing anything.

    Columns: file or number, supplier, outcome (posted, parked, held, rejected), reason, net, tax, gross,
    currency, accounts (4900:100.00;4730:20.00), cost_centres, orders.
    """
    from agent.bootstrap import ErpError, WrongUsage
    from agent.erp_connection import connect
    from agent.service import Refused
    from evals.suite.backtest import rehearse
    from evals.suite.backtest_history import read_history
    from evals.suite.backtest_report import print_backtest, report

    with told():
        settings, rows = load_settings(config), read_history(history)
        try:
            run = rehearse(settings, connect(settings), _folder(inbox), rows, _clock(today), codings)
            found = report(asyncio.run(run), rows, settings)
        except (ErpError, WrongUsage, Refused) as error:
            raise CaseBroken(str(error)) from None
    if as_json:
        sys.stdout.write(found.model_dump_json(indent=1) + "\n")
    else:
        print_backtest(found, console)
    raise typer.Exit(1 if found.writes else 0)


def export(
    cases: Annotated[list[str] | None, typer.Argument(help="Ids or how they begin; all by default.")] = None,
    langsmith: Annotated[Path | None, typer.Option(help="Cases as examples of a LangSmith dataset.")] = None,
    trajectories: Annotated[Path | None, typer.Option(help="Ways as messages with tool calls.")] = None,
    outcomes: Annotated[Path | None, typer.Option(help="Of `run --keep`, for --trajectories.")] = None,
    log: Annotated[Path | None, typer.Option(help="Of `audit export`, for --trajectories.")] = None,
    root: Root = CASES,
) -> None:
    """Write cases for LangSmith, or the ways that cases went for trajectory evaluators; JSON lines both."""
    from evals.interchange import langsmith_examples
    from evals.interchange import trajectories as ways
    from evals.suite.readiness import check_place

    with told():
        if langsmith is None and trajectories is None:
            raise CaseBroken("say --langsmith FILE or --trajectories FILE")
        if trajectories is not None and (outcomes is None) == (log is None):
            raise CaseBroken("--trajectories takes one of --outcomes and --log")
        for place in (langsmith, trajectories):
            if place is not None:
                check_place(place)
        if langsmith is not None:
            count = langsmith_examples.write_examples(read_cases(cases or (), (), root), langsmith)
            console.print(f"{count} examples in {langsmith}")
        if trajectories is not None:
            found = ways.of_log(ways.read_log(log)) if log else ways.of_outcomes(_outcomes(outcomes))
            chosen = [one for one in found if not cases or one.case.startswith(tuple(cases))]
            if not chosen:
                raise CaseBroken(f"{log or outcomes} holds no way of {', '.join(cases or ()) or 'any case'}")
            console.print(f"{ways.write_trajectories(chosen, trajectories)} trajectories in {trajectories}")


def _outcomes(path: Path | None) -> list[Outcome]:
    from evals.suite.run import kept_outcomes

    if path is None or not path.is_file():
        raise CaseBroken(f"there is no file {path} with outcomes, as `run --keep` writes them")
    return kept_outcomes(path)


def import_cases(
    langsmith: Annotated[Path, typer.Option(help="Examples as `export --langsmith` writes them.")],
    root: Root = CASES,
) -> None:
    """Write the examples of a LangSmith dataset as case folders."""
    from evals.interchange.langsmith_examples import read_examples

    with told():
        found = read_examples(langsmith, root)
    console.print(f"{len(found)} cases in {root}")


def serve_case(
    case: Annotated[str, typer.Argument(help="Id of a case, or how it begins.")],
    port: Annotated[int, typer.Option(help="Of this machine; 0: any that is free.")] = 0,
    root: Root = CASES,
) -> None:
    """Offer one case to somebody else's agent over HTTP and MCP; the judge answers whoever has its key."""
    from evals.interchange.case_server import serve

    with told():
        serve(read_one(case, root), port, secrets.token_urlsafe(16), lambda text: typer.echo(text))


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise CaseBroken(f"{path} is no folder")
    return path


def _clock(day: str) -> Callable[[], datetime]:
    """Runs from the day's noon, or as clocks do."""
    started = datetime.now(UTC)
    try:
        begins = datetime.combine(date.fromisoformat(day), time(12), tzinfo=UTC) if day else started
    except ValueError:
        raise CaseBroken(f"--today takes a day such as 2026-03-16, not {day!r}") from None
    return lambda: begins + (datetime.now(UTC) - started)


def _factor(text: str) -> Decimal:
    try:
        factor = Decimal(text)
    except InvalidOperation:
        factor = Decimal("NaN")
    if not factor.is_finite():
        raise CaseBroken(f"--scale takes a number such as 3 or 0.5, not {text!r}")
    return factor


def register(app: typer.Typer) -> None:
    """These commands, on `erp-eval`."""
    app.command("from-case")(from_case)
    app.command()(backtest)
    app.command()(export)
    app.command("import")(import_cases)
    app.command("serve-case")(serve_case)
