"""`erp-agent drafts`; how suggestions and drafts are printed, marked as a model's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.panel import Panel

from agent.commands.common import Json, Terminal, app, show_json, with_application
from agent.commands.texts import lines_of, plain

if TYPE_CHECKING:
    from agent.suggestion_views import DraftView, SuggestionView
    from agent.views import CaseDetail


@app.command()
def drafts(
    case: Annotated[str | None, typer.Argument(help="Case number; else of all cases.")] = None,
    as_json: Json = False,
) -> None:
    """Letters that a model drafted, to read, change and send yourself: nothing is ever sent from here."""

    async def work(application: Any) -> Any:
        return application.drafts(case)

    found = with_application(work)
    if as_json:
        for draft in found:
            show_json(draft.model_dump(mode="json"))
        return
    for draft in found:
        print_draft(Terminal.out, draft)
    Terminal.out.print(f"{len(found)} drafts" if found else "nothing is drafted", style="bold")


def of_a_model(console: Console, detail: CaseDetail) -> None:
    """What a model left for the case, beside the question and never in its place."""
    for suggestion in detail.suggestions:
        print_suggestion(console, suggestion, detail.summary.case_id)
    for draft in detail.drafts:
        print_draft(console, draft)


def print_suggestion(console: Console, shown: SuggestionView, case_id: str) -> None:
    inputs = "".join(
        " --remark '…'" if name == "reason" else f" --set {name}=…"
        for name in shown.needs
        if not any(word.startswith(f"{name} ") for word in shown.refers_to)
    )
    lines = [f"[bold]{plain(shown.label)}[/bold] ({plain(shown.option)})"]
    lines += [f"about {plain(', '.join(shown.refers_to))}"] if shown.refers_to else []
    lines.append(f"the model writes: {plain(shown.reason)}")
    lines += [f"rests on {plain(', '.join(shown.evidence))}"] if shown.evidence else []
    lines += doubts(shown.struck, shown.flagged)
    lines.append(f"[dim]{plain(shown.model)}, {plain(shown.prompt)}[/dim]")
    lines.append(f"[dim]erp-agent answer {case_id} --take {shown.id}{inputs}[/dim]")
    title = "a model's suggestion, not checked by anybody"
    console.print(Panel("\n".join(lines), title=title, title_align="left", border_style="magenta"))


def print_draft(console: Console, shown: DraftView) -> None:
    lines = [
        f"[bold]{plain(shown.subject)}[/bold]",
        lines_of(shown.body),
        *doubts(shown.struck, shown.flagged),
    ]
    lines.append(f"[dim]{plain(shown.model)}, {plain(shown.prompt)}[/dim]")
    whom = f"{plain(shown.to)} ({plain(shown.language)})"
    title = f"{plain(shown.case)}: a model's draft to the {whom}, not sent"
    console.print(Panel("\n".join(lines), title=title, title_align="left", border_style="magenta"))


def doubts(struck: Sequence[str], flagged: Sequence[str]) -> list[str]:
    """What of a model's words was struck out, and what of them stands and needs a look."""
    return [
        *(f"[red]struck out, no record says so:[/red] {plain(claim)}" for claim in struck),
        *(f"[yellow]doubtful, look for yourself:[/yellow] {plain(claim)}" for claim in flagged),
    ]
