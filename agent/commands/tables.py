"""How the command line prints: tables a clerk can read. Texts of documents are printed as text, never as
markup or terminal codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from agent.commands.panels import proposal_panel, question_panel
from agent.commands.rows import Columns, print_rows
from agent.commands.texts import hanging, indented, lines_of, plain, quoted, stage_words, suggested, word_left

if TYPE_CHECKING:  # the command line answers faster without the graph library
    from agent.batch import Outcome
    from agent.views import CaseDetail, LineView
    from tools.case_list import CaseSummary

_COLOURS = {"block": "red", "warn": "yellow", "info": "dim", "fault": "red", "ok": "green", "note": "yellow"}


_DOCUMENT, _WHY, _FIGURES = ("file", "supplier", "number"), ("why",), ("gross",)
_OUTCOMES = Columns.of(
    "case",
    "file",
    "supplier",
    "number",
    "gross",
    "state",
    "why",
    wraps=("why",),
    cut=_DOCUMENT,
    right=("gross",),
)
_CASES = Columns.of(
    "case",
    "received",
    "supplier",
    "number",
    "gross",
    "stage",
    "why",
    wraps=_WHY,
    cut=_DOCUMENT,
    right=_FIGURES,
)
_LINES = Columns.of(
    "line",
    "invoice",
    "order",
    "received",
    "billed before",
    "aligned by",
    wraps=("line", "order", "aligned by"),
)
_RESULTS = Columns.of("case", "stage", "ERP number", "what happened", wraps=("what happened",))


@contextmanager
def progress(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each kind of work; `update(what, done, total)`."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def update(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield update


def _table(*columns: str, right: Sequence[str] = (), title: str | None = None) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


def outcomes(console: Console, found: Sequence[Outcome]) -> None:
    """One row a file, then what the batch came to."""
    rows = []
    for row in found:
        why = row.error or ", ".join(dict.fromkeys(row.findings)).replace("_", " ") or row.reason
        known = "continued" if row.continued else "known"
        state = row.state if row.is_new else f"{row.state} ({known})"
        supplier = " ".join(filter(None, (row.supplier_id, row.supplier_name)))
        name = row.file.rpartition("/")[2]
        cells = (row.case, name, supplier, row.number, row.gross, state.replace("_", " "), why)
        rows.append([plain(cell) for cell in cells])
    print_rows(console, _OUTCOMES, rows)
    _count(console, [row.state for row in found])
    if found:
        seconds = max(row.seconds for row in found)
        left = sum(row.continued for row in found)
        earlier = f", {_several(left, 'case')} of earlier runs" if left else ""
        documents = _several(len(found) - left, "document")
        words = f"{documents}{earlier}, {seconds:.1f} s, {found[0].erp_calls} ERP calls"
        console.print(words, style="dim")


def _several(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _count(console: Console, states: Iterable[str]) -> None:
    counts: dict[str, int] = {}
    for state in states:
        counts[state] = counts.get(state, 0) + 1
    words = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in sorted(counts.items()))
    console.print(words or "nothing", style="bold")


def case_list(console: Console, found: Sequence[CaseSummary]) -> None:
    rows = []
    for case in found:
        why = word_left(case) or suggested(case, ", ".join(case.blocks).replace("_", " ") or case.reason)
        supplier = " ".join(filter(None, (case.supplier_id, case.supplier_name))) or case.name
        received, stage = f"{case.received_at:%Y-%m-%d %H:%M}", stage_words(case)
        cells = (case.case_id, received, supplier, case.number, case.gross, stage, why)
        rows.append([plain(cell) for cell in cells])
    print_rows(console, _CASES, rows)
    _count(console, [stage_words(case) for case in found])


def case_detail(console: Console, detail: CaseDetail) -> None:
    """The whole case: document beside order beside receipt, differences in red."""
    summary = detail.summary
    console.rule(f"{summary.case_id}  {plain(summary.name)}  {stage_words(summary)}", align="left")
    if summary.reason and not detail.findings and summary.word_left is None:
        console.print(plain(summary.reason))
    head = Table.grid(padding=(0, 2))
    for label, value in detail.header:
        head.add_row(f"[dim]{label}[/dim]", plain(value))
    console.print(head)
    if detail.lines:
        print_rows(console, _LINES, [_line(line) for line in detail.lines])
    _findings(console, detail)
    for note in detail.notes:
        console.print("text of the document:", style="dim")
        quoted(console, note)
    if detail.question:
        question_panel(console, detail.question, summary.case_id)
    if detail.proposal:
        proposal_panel(console, detail.proposal)
    for line in detail.authority:
        console.print(hanging("[dim]approval:[/dim]", plain(line)))
    console.print("[dim]history[/dim]")
    for line in detail.history:
        console.print(indented(f"[dim]{plain(line)}[/dim]", 2))


def _findings(console: Console, detail: CaseDetail) -> None:
    """Each finding; a suspected duplicate with its candidate beside the document."""
    for found in detail.findings:
        colour = _COLOURS[found.severity]
        words = f"{plain(found.message)} [dim]({found.rule})[/dim]"
        console.print(hanging(f"[{colour}]{found.severity:5}[/{colour}]", words))
        if found.compared:
            beside = _table("", "this document", "the earlier one")
            for row in found.compared:
                beside.add_row(*map(plain, row))
            console.print(beside)


def _line(line: LineView) -> list[str]:
    order, received = lines_of(line.order), lines_of(line.received)
    return [
        plain(line.description),
        plain(line.invoice),
        f"[red]{order}[/red]" if "order" in line.differs else order,
        f"[red]{received}[/red]" if "received" in line.differs else received,
        lines_of(line.billed_before),
        plain(line.evidence),
    ]


def results(console: Console, found: Sequence[dict[str, Any]]) -> None:
    rows = []
    for result in found:
        stage, told = str(result["stage"]).replace("_", " "), result["error"] or result["reason"]
        rows.append([plain(cell) for cell in (result["case"], stage, result["erp_number"], told)])
    print_rows(console, _RESULTS, rows)


def supplier_choice(console: Console, choice: Any) -> None:
    console.print(plain(choice.reason), style="green" if choice.chosen else "yellow")
    table = _table("supplier", "name", "city", "country", "score", "evidence", right=("score",))
    for entry in choice.candidates:
        table.add_row(
            *map(
                plain,
                (
                    entry.supplier_id,
                    entry.name,
                    entry.city,
                    entry.country,
                    entry.score,
                    ", ".join(entry.evidence).replace("_", " "),
                ),
            )
        )
    console.print(table)


def extraction(console: Console, result: dict[str, Any]) -> None:
    console.rule(plain(result["file"]), align="left")
    invoice = result["invoice"]
    if invoice is None:
        console.print(
            plain(f"{result.get('state')}: {result.get('reason')}: {result.get('message')}"), style="yellow"
        )
        return
    head = Table.grid(padding=(0, 2))
    for key, value in invoice.items():
        if key != "lines" and value is not None:
            head.add_row(f"[dim]{key}[/dim]", plain(value))
    console.print(head)
    if invoice["lines"]:
        keys = list(invoice["lines"][0])
        lines = [[plain(line[key]) for key in keys] for line in invoice["lines"]]
        print_rows(console, Columns.of(*keys, wraps=("description",)), lines)
    for problem in result["problems"]:
        console.print(plain(f"{problem['severity']}: {problem['message']}"), style="yellow")


def checks(console: Console, found: Sequence[dict[str, Any]]) -> None:
    for check in found:
        colour = _COLOURS[check["state"]]
        words = f"{plain(check['what'])}: {plain(check['message'])}"
        console.print(hanging(f"[{colour}]{check['state']:6}[/{colour}]", words))
