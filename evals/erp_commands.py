"""Commands of `erp-eval` that put the ERPs beside each other."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer
from rich.console import Console

console = Console()
Json = Annotated[bool, typer.Option("--json", help="JSON instead of tables.")]
Kinds = Annotated[list[str] | None, typer.Option("--erp", help="Only this kind; may be repeated.")]


def portability(
    documents: Annotated[
        int, typer.Option(help="How many, each with one of ten twists by turns.", min=1)
    ] = 40,
    seed: Annotated[int, typer.Option(help="Of the made-up company.")] = 1,
    erp: Kinds = None,
    as_json: Json = False,
) -> None:
    """The same documents and clerk in front of every ERP's sandbox: are the ends the same?"""
    from evals.portability import compare, print_report

    report = asyncio.run(compare(documents, seed, _known(erp)))
    if as_json:
        sys.stdout.write(report.model_dump_json() + "\n")
    else:
        print_report(report, console)
    if not report.equal:
        raise typer.Exit(1)


def facts(
    invoices: Annotated[int, typer.Option(min=1)] = 500,
    orders: Annotated[int, typer.Option(min=1)] = 120,
    erp: Kinds = None,
) -> None:
    """Calls and bytes to gather the facts of a batch: one by one against bulk reads, each ERP."""
    from evals.bench.facts import print_table, run

    print_table(run(invoices, orders, _known(erp)), invoices, orders, console)


def _known(chosen: list[str] | None) -> tuple[str, ...]:
    from tools.erp import kinds, servers

    for kind in chosen or kinds():
        if kind not in kinds():
            raise typer.BadParameter(f"there is no ERP {kind!r}; there are: {', '.join(kinds())}")
        if kind not in (*servers(), "sandbox"):
            raise typer.BadParameter(f"{kind} has no sandbox server: tools/erp/{kind}/sandbox.py is missing")
    return tuple(chosen or ())


def register(app: typer.Typer, bench: typer.Typer) -> None:
    app.command()(portability)
    bench.command()(facts)
