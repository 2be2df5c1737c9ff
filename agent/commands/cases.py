"""`erp-agent`: commands for the cases: run, cases, show, approve, reject, answer, recheck."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from agent.commands import tables
from agent.commands.common import (
    Json,
    Terminal,
    app,
    asked,
    fail,
    finish,
    posting,
    readable,
    show_json,
    with_application,
    working,
)
from agent.commands.panels import summary
from agent.commands.suggestions import of_a_model
from agent.settings import login

CaseArgument = Annotated[str, typer.Argument(help="Case number, for example C-000007.")]
Remark = Annotated[str, typer.Option(help="Your reason; it stands in the audit log.", callback=readable)]

Beyond = Annotated[
    bool,
    typer.Option("--beyond-daily-limit", help="Begin even if the ERP's vendor allows too few calls today."),
]


@app.command()
def run(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders; folders are read recursively.")],
    beyond: Beyond = False,
    as_json: Json = False,
) -> None:
    """Take in documents and bring each as far as it goes without a person."""
    with tables.progress(Terminal.err) as progress:
        outcomes = with_application(
            lambda application: working(application, lambda: application.run(paths, progress, beyond=beyond))
        )
    if as_json:
        for outcome in outcomes:
            show_json(outcome.model_dump(mode="json"))
    else:
        tables.outcomes(Terminal.out, outcomes)
    finish(outcome.error_kind for outcome in outcomes)


@app.command()
def cases(
    stage: Annotated[
        list[str] | None, typer.Option(help="Only cases in this stage; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the cases."""
    found = with_application(lambda application: application.inbox(stage))
    if as_json:
        for case in found:
            show_json(case.model_dump(mode="json"))
    else:
        tables.case_list(Terminal.out, found)


@app.command()
def show(case: CaseArgument, as_json: Json = False) -> None:
    """Document beside order beside receipt, with findings, question or proposal, and history."""
    detail = with_application(lambda application: application.service.show(case))
    if as_json:
        show_json(detail.model_dump(mode="json"))
    else:
        tables.case_detail(Terminal.out, detail)
        of_a_model(Terminal.out, detail)


@app.command()
def approve(
    case: Annotated[list[str] | None, typer.Argument(help="Case numbers.")] = None,
    clean: Annotated[bool, typer.Option("--clean", help="All cases that match within tolerance.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; approve what is shown.")] = False,
    digest: Annotated[str | None, typer.Option(help="Approve only if the proposal has this digest.")] = None,
    remark: Remark = "",
    beyond: Beyond = False,
    as_json: Json = False,
) -> None:
    """Show the full proposal, ask, post. You approve as the person logged in to this machine."""
    if bool(case) == clean:
        fail("name cases to approve, or --clean for all that match within tolerance", 2)
    if as_json and not yes:
        fail("--json does not ask; add --yes to approve what is proposed now", 2)
    if digest is not None and (clean or case is None or len(case) != 1):
        fail("--digest goes with exactly one case", 2)

    async def work(application: Any) -> tuple[list[dict[str, Any]], int]:
        refused = application.not_waiting(case)
        chosen = await application.proposals(case, clean, login())
        if digest is not None:
            chosen = [(found, digest) for found, _ in chosen]
        agreed = _agreed(chosen, clean=clean, yes=yes, quiet=as_json)
        done = await posting(application, application.approve(agreed, login(), remark, beyond=beyond))
        said_no = {found.summary.case_id for found, _ in chosen} - {agreed_to for agreed_to, _ in agreed}
        # Approved by somebody while this person looked at it: their no stops nothing, and is told so.
        too_late = application.not_waiting(sorted(said_no)) if said_no else []
        return [*refused, *done, *too_late], len(said_no) - len(too_late)

    results, declined = with_application(work)
    if declined:
        Terminal.err.print(f"{declined} not approved; nothing was sent")
    if results:
        _print_results(results, as_json)
    if declined:
        raise typer.Exit(1)


def _agreed(chosen: list[tuple[Any, str]], *, clean: bool, yes: bool, quiet: bool) -> list[tuple[str, str]]:
    """(case, digest) of what the person agreed to after seeing it."""
    if not chosen:
        if clean:
            Terminal.err.print("no case waits for this approval")
        return []
    if clean and not quiet:
        summary(Terminal.out, [detail for detail, _ in chosen])
        if yes or typer.confirm(f"Approve and post these {len(chosen)} as {login()}?", default=False):
            return [(detail.summary.case_id, digest) for detail, digest in chosen]
        return []
    agreed = []
    for detail, digest in chosen:
        if not quiet:
            tables.case_detail(Terminal.out, detail)
        if yes or typer.confirm(f"Approve and post {detail.summary.case_id} as {login()}?", default=False):
            agreed.append((detail.summary.case_id, digest))
    return agreed


def _print_results(results: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        for result in results:
            show_json(result)
    else:
        tables.results(Terminal.out, results)
    finish(result["error_kind"] for result in results)


@app.command()
def reject(
    case: CaseArgument,
    remark: Annotated[str | None, typer.Option(help="Your reason; you are asked for it.")] = None,
    as_json: Json = False,
) -> None:
    """Reject the proposal of a case and close it; where only an entry beside the document was proposed, such
    as a goods receipt, the case goes back to its question."""
    why = asked(remark, "--remark", "Why?", as_json)
    results = with_application(lambda application: application.reject(case, login(), why))
    _print_results(results, as_json)


@app.command()
def answer(
    case: CaseArgument,
    suggestion: Annotated[
        str, typer.Argument(help="With --take: id of the suggestion, when there are several.")
    ] = "",
    choose: Annotated[str | None, typer.Option(help="Id of the option, as `show` lists it.")] = None,
    take: Annotated[bool, typer.Option("--take", help="Take a model's suggestion as your answer.")] = False,
    value: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE the option asks for.")] = None,
    remark: Remark = "",
    as_json: Json = False,
) -> None:
    """Answer the question of a case, by an option of your choice or by taking a model's suggestion."""
    if take == (choose is not None):
        fail("name an option with --choose, or take a suggestion with --take [ID]", 2)
    if suggestion and not take:
        fail("the id of a suggestion goes with --take", 2)
    pairs = [entry.partition("=") for entry in value or ()]
    if any(not middle for _, middle, _ in pairs):
        fail("--set takes NAME=VALUE", 2)
    values = {name.strip(): readable(text.strip()) for name, _, text in pairs}
    if choose is None:
        results = with_application(
            lambda application: application.take(case, suggestion, values, login(), remark)
        )
    else:
        results = with_application(
            lambda application: application.answer(case, choose, values, login(), remark)
        )
    _print_results(results, as_json)


@app.command()
def recheck(
    case: Annotated[list[str] | None, typer.Argument(help="Case numbers; else all that wait.")] = None,
    beyond: Beyond = False,
    as_json: Json = False,
) -> None:
    """Read the ERP again for cases on hold or with a question about findings, and match again; look again for
    what was sent and whose outcome is unknown; post what was approved and then cut off."""
    results = with_application(
        lambda application: working(application, lambda: application.recheck(case, beyond=beyond))
    )
    _print_results(results, as_json)
