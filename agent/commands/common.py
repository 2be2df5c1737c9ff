"""What all commands share: the app, its settings, opening the application, turning trouble into words."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console

from agent.commands.patience import FIRST, of_posting, patiently
from agent.settings import Settings, SettingsError, load
from agent.shortcomings import at_end, at_start, meanwhile

T = TypeVar("T")
_AT_THE_DOOR = ("ErpUnavailable", "ErpAccessDenied")
"""Classes of `tools.erp.errors`: nothing was done because the ERP could not be used at all."""
_BROKEN = "AuditBroken"
_LAST_OF_FRAMES = "\u259f"
"""Unicode's Box Drawing (from U+2500) and Block Elements end here."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="""Accounts payable: invoices in, matched and approved postings in the ERP.

Exit codes: 0 done; 1 something was refused or could not be finished; 2 wrong usage; 3 settings or data
cannot be used; 4 the ERP is not reachable or denies access; 5 the audit log is broken. Of several cases: 5 if
one met a broken log, 4 if every one of them failed at the ERP's door, 1 if only some were done.""",
)
suppliers = typer.Typer(no_args_is_help=True, help="The copy of the supplier master.")
audit = typer.Typer(no_args_is_help=True, help="The audit log.")
app.add_typer(suppliers, name="suppliers")
app.add_typer(audit, name="audit")

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of tables.")]


class Terminal:
    """Where this run of the command line prints, the settings file it was given, and the seconds after which
    a wait for the ERP is told."""

    config: Path | None = None
    patience: float = FIRST
    out = Console()
    err = Console(stderr=True)


@app.callback()
def options(
    config: Annotated[Path | None, typer.Option(help="Settings file; else erp-agent.toml here.")] = None,
) -> None:
    Terminal.config = config


def printable(text: str) -> str:
    """Without control characters, and without the signs that frames are drawn with: no document, file name or
    ERP steers the terminal or draws a screen of its own."""
    return "".join(char if _is_harmless(char) else "\N{REPLACEMENT CHARACTER}" for char in text)


def _is_harmless(char: str) -> bool:
    return char == "\n" or (char.isprintable() and not "\u2500" <= char <= _LAST_OF_FRAMES)


def fail(message: str, code: int = 1) -> NoReturn:
    Terminal.err.print(printable(message), style="red", markup=False, highlight=False)
    raise typer.Exit(code)


def settings() -> Settings:
    try:
        return load(Terminal.config)
    except SettingsError as error:
        fail(str(error), 3)


def with_application(work: Callable[[Any], Awaitable[T]]) -> T:
    """Open everything, do the work, close everything; turn known trouble into a sentence and a code."""
    from agent import bootstrap
    from agent.claims import CaseBusy
    from agent.service import Refused

    async def go() -> T:
        async with bootstrap.opened(chosen) as application:
            return await work(application)

    chosen = settings()
    try:
        return asyncio.run(go())
    except (SettingsError, bootstrap.StoreDamaged) as error:
        fail(str(error), 3)
    except bootstrap.WrongUsage as error:
        fail(str(error), 2)
    except (Refused, CaseBusy, bootstrap.DeskRefused) as error:
        fail(str(error))
    except bootstrap.AuditBroken as error:
        fail(f"the audit log is broken: {error}", 5)
    except bootstrap.ErpError as error:
        fail(f"{chosen.erp.get('kind')}: {error}", exit_code([type(error).__name__]))


async def working(application: Any, work: Callable[[], Awaitable[T]]) -> T:
    """The work, with what it has to do without told once: before it begins, and what models failed at behind
    it, with the number of questions that they left to people. On the error stream: no row of the result is
    one of these."""
    await tell_at_start(application)
    try:
        return await work()
    finally:
        _tell(at_end(application))


async def posting(application: Any, work: Awaitable[T]) -> T:
    """The work, which posts; that the ERP is waited for is told on the error stream while it lasts."""
    from agent.erp_connection import answer_seconds

    kind, longest = str(application.settings.erp.get("kind")), answer_seconds(application.settings)
    return await patiently(work, lambda text: _tell([text]), of_posting(kind, longest), Terminal.patience)


async def tell_at_start(application: Any) -> None:
    """What has to be done without as the settings have it."""
    _tell(await at_start(application))


def tell_meanwhile(application: Any) -> None:
    """What went wrong with models since it was last told."""
    _tell(meanwhile(application))


def _tell(sentences: Iterable[str]) -> None:
    for text in sentences:
        Terminal.err.print(printable(text), style="yellow", markup=False, highlight=False)


def say(work: Callable[[Any], str | Awaitable[str]], as_json: bool) -> None:
    """Do it and print the sentence it returns."""

    async def go(application: Any) -> str:
        told = work(application)
        return told if isinstance(told, str) else await told

    told = with_application(go)
    if as_json:
        show_json({"message": told})
    else:
        Terminal.out.print(printable(told), markup=False, highlight=False)


def asked(given: str | None, option: str, question: str, as_json: bool) -> str:
    """What was given as `option`, or typed in answer to the question; never blank, and text. With `--json`
    nobody is asked, and a question never stands between the objects on standard output."""
    if given is None:
        if as_json:
            fail(f"--json does not ask; add {option}", 2)
        given = str(typer.prompt(question, err=True))
    if not given.strip():
        fail(f"{option} must not be blank", 2)
    return readable(given)


def readable(text: str) -> str:
    """The text as typed; wrong usage when it is not UTF-8, which no log can keep."""
    try:
        text.encode()
    except UnicodeEncodeError:
        fail("what was typed is not UTF-8 text", 2)
    return text


def exit_code(kinds: Iterable[str | None]) -> int:
    """The code for a list of results: the class of each one's error, None where it was done."""
    found = list(kinds)
    if _BROKEN in found:
        return 5
    if found and all(kind in _AT_THE_DOOR for kind in found):
        return 4
    return 1 if any(found) else 0


def finish(kinds: Iterable[str | None]) -> None:
    """End with the code for these results."""
    code = exit_code(kinds)
    if code:
        raise typer.Exit(code)


def show_json(value: Any) -> None:
    """One object a line on standard output, nothing else there; control characters as JSON escapes."""
    text = json.dumps(value, ensure_ascii=False)
    sys.stdout.write("".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text) + "\n")
