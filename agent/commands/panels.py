"""What a person is asked to decide, in a frame: a question with its options, a proposal, a list of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.panel import Panel

from agent.commands.texts import hanging, indented, plain

if TYPE_CHECKING:  # the command line answers faster without the graph library
    from agent.views import CaseDetail, ProposalView, QuestionView


def question_panel(console: Console, question: QuestionView, case_id: str) -> None:
    lines = [plain(line) for line in question.explanation]
    for option in question.options:
        inputs = "".join(
            " --remark '…'" if name == "reason" else f" --set {name}=…" for name in option.inputs
        )
        inputs += plain("".join(f" [--set {name}=…]" for name in option.optional))
        lines.append(
            f"[bold]{plain(option.label)}[/bold]  {plain(option.description)}\n"
            f"  [dim]erp-agent answer {case_id} --choose '{plain(option.id)}'{inputs}[/dim]"
        )
    console.print(
        Panel("\n".join(lines), title=plain(question.text), title_align="left", border_style="yellow")
    )


def proposal_panel(console: Console, shown: ProposalView) -> None:
    """Everything an approval is bound to. Words of the document begin no line of the frame."""
    rows = Group(
        hanging(plain(shown.action), f"{plain(shown.number)} of {plain(shown.supplier)}"),
        plain(shown.dates),
        f"[bold]{plain(shown.amounts)}[/bold]",
        *(indented(plain(line), 2) for line in shown.lines),
        *(hanging("because", plain(reason)) for reason in shown.reasons),
        f"[dim]rests on {plain(', '.join(shown.rests_on))}\ndigest {shown.digest}[/dim]",
    )
    console.print(Panel(rows, title="proposal", title_align="left", border_style="green"))


def summary(console: Console, details: Sequence[CaseDetail]) -> None:
    """What `approve --clean` asks about: everything the approvals are bound to, case by case."""
    for detail in details:
        if detail.proposal is None:
            continue
        shown = detail.proposal
        words = (
            f"{plain(shown.action)} {plain(shown.number)} of {plain(shown.supplier)}: "
            f"[bold]{plain(shown.amounts)}[/bold]; {plain(shown.dates)}"
        )
        console.print(hanging(f"[bold]{detail.summary.case_id}[/bold]", words))
        for line in shown.lines:
            console.print(indented(plain(line), 4))
        for reason in shown.reasons:
            console.print(indented(f"[dim]because {plain(reason)}[/dim]", 4))
        rests = f"rests on {plain(', '.join(shown.rests_on))}; digest {shown.digest}"
        console.print(indented(f"[dim]{rests}[/dim]", 4))
    console.print(f"{len(details)} cases", style="bold")
