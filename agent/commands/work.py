"""`erp-agent`: what comes first, and suppliers' statements."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.commands.common import Json, Terminal, app, show_json, with_application
from agent.commands.rows import Columns, print_rows
from agent.commands.texts import plain, stage_words, suggested, word_left

if TYPE_CHECKING:
    from agent.work_desk import QueueEntry, Reconciliation

statements = typer.Typer(no_args_is_help=True, help="Suppliers' statements of account.")
app.add_typer(statements, name="statements")
_QUEUE = Columns.of(
    "case",
    "supplier",
    "number",
    "gross",
    "stage",
    "why first",
    wraps=("why first",),
    cut=("supplier", "number"),
    right=("gross",),
)
_STATEMENT = Columns.of(
    "row",
    "theirs",
    "their amount",
    "ours",
    "our amount",
    "found",
    "effect",
    "remark",
    wraps=("remark",),
    cut=("theirs", "ours"),
    right=("their amount", "our amount", "effect"),
)


@app.command()
def queue(
    most: Annotated[int | None, typer.Option("--most", help="Only the first so many.", min=1)] = None,
    as_json: Json = False,
) -> None:
    """Cases that wait for a person, the most urgent first: discounts about to lapse, then by due date,
    amount and age."""

    async def work(application: Any) -> Any:
        return application.work.queue()

    found = with_application(work)[:most]
    if as_json:
        for entry in found:
            show_json(entry.model_dump(mode="json"))
    else:
        _print_queue(found)


@statements.command("reconcile")
def reconcile(
    file: Annotated[Path, typer.Argument(help="CSV, or PDF with text.")],
    supplier: Annotated[str, typer.Option(help="The supplier's number in the ERP.")],
    mirrored: Annotated[
        bool, typer.Option("--mirrored", help="Debit and credit, or the signs, are written from our side.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Explain a supplier's statement with the ERP's open items and our cases. Exit code 1 when a remainder
    or rows that could not be read are left."""
    found = with_application(
        lambda application: application.work.reconcile(file, supplier, mirrored=mirrored)
    )
    if as_json:
        show_json({**found.model_dump(mode="json"), "done": found.is_done})
    else:
        _print_reconciliation(found)
    if not found.is_done:
        raise typer.Exit(1)


def _print_queue(found: Sequence[QueueEntry]) -> None:
    rows = []
    for entry in found:
        case = entry.case
        supplier = " ".join(filter(None, (case.supplier_id, case.supplier_name))) or case.name
        stage = stage_words(case)
        row = (
            case.case_id,
            supplier,
            case.number,
            case.gross,
            stage,
            "; ".join(filter(None, (word_left(case), suggested(case, "; ".join(entry.reasons))))),
        )
        rows.append([plain(cell) for cell in row])
    print_rows(Terminal.out, _QUEUE, rows)
    Terminal.out.print(f"{len(found)} cases wait" if found else "nothing waits", style="bold")


def _print_reconciliation(found: Reconciliation) -> None:
    rows = []
    for line in found.lines:
        theirs, ours = line.line, line.entry
        row = (
            theirs.position if theirs else "",
            theirs.number if theirs else "",
            theirs.amount.amount if theirs else "",
            (ours.number or ours.reference) if ours else "",
            ours.amount.amount if ours else "",
            line.found.replace("_", " "),
            line.effect.amount,
            line.remark,
        )
        rows.append([plain(cell) for cell in row])
    print_rows(Terminal.out, _STATEMENT, rows)
    for text in found.unread:
        Terminal.out.print(f"[red]not understood[/red] {plain(text)}")
    colour = "green" if found.is_done else "red"
    Terminal.out.print(
        f"their balance {found.statement} = ours {found.ledger} + explained "
        f"{found.statement - found.ledger - found.remainder} + "
        f"remainder [{colour}]{found.remainder}[/{colour}]",
        highlight=False,
    )
