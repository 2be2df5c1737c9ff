"""`erp-eval`: measure before you trust. Every figure is printed with what it was measured on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from evals import attack_commands, erp_commands, interchange_commands, suite_commands
from evals.edge import Edge
from evals.model_commands import register

app = typer.Typer(
    cls=Edge,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Measures erp-agent: reading, supplier resolution, speed, crash safety.",
)
bench = typer.Typer(no_args_is_help=True, help="Speed as ratios against a named baseline, in one run.")
app.add_typer(bench, name="bench")
register(app)
attack_commands.register(app)
erp_commands.register(app, bench)
suite_commands.register(app)
interchange_commands.register(app)
console = Console()

Json = Annotated[bool, typer.Option("--json", help="JSON instead of tables.")]


def show_json(text: str) -> None:
    sys.stdout.write(text + "\n")


@app.command()
def extraction(
    folder: Annotated[Path, typer.Argument(help="Documents with NAME.truth.json beside them.")],
    model: Annotated[
        str | None, typer.Option(help="A GGUF file, a script, or a name under [llm.models]: with it as well.")
    ] = None,
    sample: Annotated[int, typer.Option(help="Documents that the model reads.", min=1)] = 15,
    as_json: Json = False,
) -> None:
    """Score reading against the truth: by format and field; with a model, what it adds to the rules."""
    from evals.extraction import CorpusError, print_report, score
    from evals.second_readings import print_second, second_report

    try:
        if model is not None:
            second = second_report(folder, model, sample, lambda words: typer.echo(words, err=True))
        else:
            report = score(folder)
    except CorpusError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if model is not None:
        show_json(second.model_dump_json()) if as_json else print_second(second, console)
    elif as_json:
        show_json(json.dumps(report.as_json()))
    else:
        print_report(report, console)


@app.command()
def suppliers(
    folder: Annotated[Path, typer.Argument(help="Folder with master.csv and queries.csv.")],
    scale: Annotated[int | None, typer.Option(help="Add made-up suppliers up to this number.")] = None,
    sample: Annotated[
        int | None, typer.Option(help="Queries of each half for the plain methods; all by default.")
    ] = None,
    vectors: Annotated[
        Path | None, typer.Option(help="Folder for the vectors of this master, kept for the next run.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Score supplier resolution beside plain methods: decided right, decided wrong, asked, time."""
    from evals.suppliers_table import compare, print_comparison

    found = compare(folder, scale, sample, vectors)
    if as_json:
        show_json(found.model_dump_json())
    else:
        print_comparison(found, console)


@app.command()
def alignment(
    files: Annotated[list[Path], typer.Argument(help="Case files, in the published or our own format.")],
    as_json: Json = False,
) -> None:
    """Score line alignment: exact, silently matched, proposed, abstained, wrong, beside a baseline."""
    from evals.alignment import print_report, score
    from evals.alignment_cases import CaseError, read_cases

    try:
        cases = read_cases(files)
    except (CaseError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    report = score(cases)
    if as_json:
        show_json(report.model_dump_json())
    else:
        print_report(report, console)


@app.command()
def duplicates(
    invoices: Annotated[int, typer.Option(help="Documents in the register.", min=400)] = 100_000,
    seed: int = 1,
    each: Annotated[int, typer.Option(help="Copies of each kind.", min=1)] = 150,
    as_json: Json = False,
) -> None:
    """Score the duplicate check: copies found by kind, false alarms, time of one look."""
    from evals.duplicates import print_report, run

    report = run(invoices, seed, each)
    if as_json:
        show_json(report.model_dump_json())
    else:
        print_report(report, console)


@app.command()
def coding(
    seed: int = 1,
    months: Annotated[int, typer.Option(help="Months of the made-up ledger.")] = 30,
    as_json: Json = False,
) -> None:
    """Code the later months of a made-up ledger from the earlier ones, beside two baselines."""
    from evals.coding import print_report, score

    report = score(seed, months)
    if as_json:
        show_json(report.model_dump_json())
    else:
        print_report(report, console)


@app.command()
def golden(
    area: Annotated[str | None, typer.Argument(help="Only this area.")] = None, as_json: Json = False
) -> None:
    """Compare the rules with vectors worked out by hand; exit code 1 when one differs."""
    from evals.golden.run import VectorError, print_report, run

    try:
        results = run(area)
    except VectorError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if as_json:
        for result in results:
            show_json(result.model_dump_json())
    else:
        print_report(results, console)
    if not all(result.passed for result in results):
        raise typer.Exit(1)


@app.command()
def authority(as_json: Json = False) -> None:
    """Try every combination of role, amount, relation and delegation; exit code 1 when a rule is broken."""
    from evals.authority import print_report, run

    report = run()
    if as_json:
        show_json(report.model_dump_json())
    else:
        print_report(report, console)
    if not report.holds:
        raise typer.Exit(1)


@app.command()
def fraud(
    texts: Annotated[
        Path | None, typer.Argument(help="JSON lines with text and kind; ours by default.")
    ] = None,
    documents: Annotated[Path | None, typer.Option(help="Honest documents, for false alarms.")] = None,
    as_json: Json = False,
) -> None:
    """How much of what attackers write is noticed, and how often honest documents are warned of."""
    from evals.fraud import TEXTS, print_report, score

    report = score(texts or TEXTS, documents)
    if as_json:
        show_json(report.model_dump_json())
    else:
        print_report(report, console)


@bench.command("batch")
def bench_batch(
    invoices: int = 500,
    latency: Annotated[float, typer.Option(help="Seconds of each ERP call.")] = 4,
    plain: Annotated[int, typer.Option(help="Invoices of the plain loop.")] = 3,
    as_json: Json = False,
) -> None:
    """Files to proposals with a slow ERP, against the physical limit and a plain loop."""
    from evals.bench import batch

    report = batch.run(invoices, latency, plain)
    if as_json:
        show_json(report.model_dump_json())
        return
    console.print(
        f"{report.machine}\n{report.invoices} invoices, {report.latency:g} s a call, {report.proposals} "
        f"proposals\nbatch: {report.seconds:.1f} s, {report.calls} calls "
        f"({report.calls / report.invoices:.3f} an invoice), at most {report.peak} at once\n"
        f"physical limit: {report.limit_seconds:g} s ({len(batch.CHAIN)} calls in a row) → "
        f"ratio {report.against_limit:.2f}\n"
        f"plain loop: {report.plain_seconds_each:.1f} s and {report.plain_calls_each:.1f} calls an invoice "
        f"(slice of {report.plain_slice}), scaled {report.plain_seconds_each * report.invoices / 60:.0f} min"
        f" → the batch is {report.against_plain:.0f} times as fast",
        highlight=False,
    )


@bench.command("reading")
def bench_reading(folder: Annotated[Path, typer.Argument(help="Folder of structured invoices.")]) -> None:
    """Files a second against the factur-x library and against parsing alone."""
    from evals.bench import reading
    from evals.extraction import CorpusError

    try:
        reading.run(folder)
    except CorpusError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


@bench.command("matching")
def bench_matching(
    rounds: Annotated[int, typer.Option(help="How often each size is matched.")] = 30, as_json: Json = False
) -> None:
    """Milliseconds an invoice line of all checks, against a plain join by item number."""
    from evals.bench import matching

    report = matching.run(rounds)
    if as_json:
        show_json(report.model_dump_json())
    else:
        matching.print_report(report, console)


@bench.command("prefix")
def bench_prefix(
    model: Annotated[Path, typer.Argument(help="A GGUF file.")],
    tokens: Annotated[int, typer.Option(help="Of the constant beginning.", min=300, max=6000)] = 1600,
    cases: Annotated[int, typer.Option(min=2)] = 6,
    as_json: Json = False,
) -> None:
    """Time to the first token of the 2nd..nth case against the 1st, for each engine of local models."""
    from agent.llm.contract import ModelTrouble
    from evals.bench import prefix

    try:
        report = prefix.run(model, tokens, cases)
    except ModelTrouble as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if as_json:
        show_json(report.model_dump_json())
    else:
        prefix.print_report(report, console)


@app.command()
def kills(
    invoices: int = 20,
    kills: Annotated[int, typer.Option(help="How often the process is killed.")] = 100,
    seed: int = 1,
    as_json: Json = False,
) -> None:
    """Kill -9 a batch at random moments, start it again, and check the books afterwards."""
    from evals import crashes

    report = crashes.run(invoices, kills, seed)
    if as_json:
        show_json(report.model_dump_json())
    else:
        console.print_json(json.dumps(report.model_dump(mode="json")))
    if not report.safe:
        raise typer.Exit(1)


def main() -> None:
    """Entry point of `erp-eval`."""
    app()


if __name__ == "__main__":
    main()
