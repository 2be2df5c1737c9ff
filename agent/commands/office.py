"""`erp-agent`: commands around the cases: extract, audit, sandbox, doctor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.commands import tables, texts
from agent.commands.common import Json, Terminal, app, audit, fail, finish, show_json, with_application
from agent.settings import login


@app.command()
def extract(
    files: Annotated[list[Path], typer.Argument(help="Files and folders.")], as_json: Json = False
) -> None:
    """Read documents and print what they say; nothing is kept and no ERP is asked."""
    from agent import bootstrap

    try:
        results = bootstrap.extractions(files)
    except bootstrap.WrongUsage as error:
        fail(str(error), 2)
    for result in results:
        if as_json:
            show_json(result)
        else:
            tables.extraction(Terminal.out, result)


@audit.command("verify")
def verify(
    head: Annotated[str | None, typer.Option(help="SEQUENCE:HASH written down earlier.")] = None,
    as_json: Json = False,
) -> None:
    """Recompute the hash chain and the case list."""

    async def work(application: Any) -> Any:
        return application.verify_audit(head)

    result = with_application(work)
    if as_json:
        show_json(result)
    else:
        # The head is to be written down: it stays in one piece.
        Terminal.out.print(result["message"], markup=False, highlight=False, soft_wrap=True)
    if not result["ok"]:
        raise typer.Exit(5)


@audit.command("export")
def export(
    case: Annotated[str | None, typer.Option(help="Only this case.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The log is always printed so.")] = True,
) -> None:
    """Print the log, one JSON object a line."""

    async def work(application: Any) -> Any:
        return application.audit_records(case)

    for record in with_application(work):
        show_json(record)


@app.command()
def sandbox(
    kind: Annotated[str, typer.Argument(help="An ERP kind, for example business_central.")],
    world: Annotated[Path, typer.Option(help="World file; its format stands in tools/erp/sandbox.")],
    port: Annotated[int, typer.Option(help="0: any free port.", min=0, max=65535)] = 0,
    as_json: Json = False,
) -> None:
    """Serve a made-up company over that ERP's own protocol, on this machine only."""
    from agent import sandbox_server

    def say(text: str) -> None:
        if as_json:
            show_json({"message": text, "url": text.split()[-1]})
            sys.stdout.flush()
        else:
            Terminal.out.print(texts.lines_of(text), highlight=False, soft_wrap=True)

    try:
        sandbox_server.serve_sandbox(kind, world, port, say)
    except sandbox_server.SandboxError as error:
        fail(str(error), 2)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check settings, data folder, ERP login and rights, approvers, index; says what is missing."""
    checks = with_application(lambda application: application.doctor(login()))
    if as_json:
        for check in checks:
            show_json(check)
    else:
        tables.checks(Terminal.out, checks)
    finish(check["error_kind"] for check in checks if check["state"] == "fault")
