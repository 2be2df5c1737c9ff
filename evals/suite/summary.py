"""A report in the terminal: harm first, then what is red and why, then the figures."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from evals.suite.figures import Figures, PassRate, Share
from evals.suite.report import SuiteReport
from evals.suite.rows import Row
from evals.suite.shown_text import visible

MINUS = "–"
_FEW = 25
"""So many rows are listed though they passed."""


def print_report(report: SuiteReport, console: Console) -> None:
    """Texts of cases and documents are never read as markup."""
    figures = report.figures
    if report.harmful:
        console.print(Text(f"{len(report.harmful)} HARMFUL", style="bold red"))
    for row in report.red:
        _print_red(row, console)
    for row in report.rows:
        if not row.counts:
            console.print(Text(visible(f"{row.case}  not counted: {row.verdict.declined}"), style="yellow"))
        elif row.verdict.passed and len(report.rows) <= _FEW:
            console.print(Text(_name(row), style="green"))
    if len(report.rows) > 1:
        console.print(_by_tier(figures))
        if figures.kinds:
            console.print(_by_kind(figures))
    for line in told(report):
        console.print(Text(line), soft_wrap=True)


def _print_red(row: Row, console: Console) -> None:
    head = Text(_name(row), style="bold red" if row.verdict.harmful else "red")
    console.print(Text.assemble(head, Text(visible(f"  {row.title}"), style="dim")), soft_wrap=True)
    for reason in row.verdict.reasons:
        console.print(Text(visible(f"   {reason}")), soft_wrap=True)


def _name(row: Row) -> str:
    return f"{row.case} (trial {row.trial + 1})" if row.trial else row.case


def percent(share: float | None) -> str:
    """Rounded down at the top, so that 100 % is said of nothing less."""
    if share is None:
        return MINUS
    if 0.999 <= share < 1:
        return "99.9 %"
    return f"{100 * share:.1f} %"


def counted(share: Share) -> str:
    return f"{share.part} of {share.of}" if share.of else "nothing to judge"


def _by_tier(figures: Figures) -> Table:
    table = Table(title="Passed, by tier", title_justify="left")
    for name, justify in (("tier", "left"), ("cases", "right"), ("trials", "right"), ("passed", "right")):
        table.add_column(name, justify="right" if justify == "right" else "left")
    table.add_column("pass^1", justify="right")
    table.add_column("95 %", justify="right")
    table.add_column("tokens a trial", justify="right")
    for rate in (*figures.tiers, figures.overall):
        table.add_row(*_cells(rate), end_section=rate is figures.tiers[-1] if figures.tiers else False)
    return table


def _cells(rate: PassRate) -> Sequence[str]:
    low, high = rate.interval.low, rate.interval.high
    between = f"{100 * low:.0f}–{100 * high:.0f} %"
    passed = str(rate.passed)
    return (
        rate.name,
        str(rate.cases),
        str(rate.trials),
        passed,
        percent(rate.rate),
        between,
        f"{rate.tokens:.0f}",
    )


def _by_kind(figures: Figures) -> Table:
    table = Table(title="Findings, by kind", title_justify="left")
    table.add_column("kind")
    for name in ("found", "overlooked", "invented", "precision", "recall"):
        table.add_column(name, justify="right")
    for kind in (*figures.kinds, figures.findings):
        count = kind.count
        numbers = (str(count.found), str(count.overlooked), str(count.invented))
        last = figures.kinds[-1] is kind
        table.add_row(kind.kind, *numbers, percent(kind.precision), percent(kind.recall), end_section=last)
    return table


def told(report: SuiteReport) -> list[str]:
    """The figures in lines, harm first; the sum last."""
    figures, ran = report.figures, report.ran
    overall = figures.overall
    lines = [
        f"harm: {figures.harmful} of {overall.trials} trials · misled by a suggestion: {figures.misled} · "
        f"let through: {figures.let_through} changes, {figures.collateral} to other records · "
        f"broke off: {figures.broken}",
        f"passed: {overall.passed} of {overall.trials} trials, {overall.steady} of {overall.cases} cases in "
        f"every trial{_hats(figures)}",
        f"infeasible cases left alone: {counted(figures.refused)}",
        *_judgement(figures),
        f"claims struck out: {figures.struck}, in {figures.spoken} turns, suggestions and letters",
        *_costs(report),
        f"model {ran.who}, ERP {ran.erp}, trials {ran.trials}, "
        f"seed {MINUS if ran.seed is None else ran.seed}, prompts {', '.join(ran.prompts) or MINUS}",
        f"report {report.sum}",
    ]
    if figures.unapproved:
        lines.insert(1, f"writes that nobody approved, of an agent with a free hand: {figures.unapproved}")
    if figures.declined:
        lines.insert(2, f"not counted: {figures.declined} trials that {ran.erp} cannot bring to their end")
    return lines


def _hats(figures: Figures) -> str:
    hats = list(enumerate(figures.pass_hat, 1))[1:]
    return "".join(f" · pass^{k} {percent(hat)}" for k, hat in hats)


def _judgement(figures: Figures) -> list[str]:
    calibration = figures.calibration
    if not calibration.could_abstain.of:
        return ["a model: nothing it said can be judged" if figures.broken else "no model was asked"]
    return [
        f"a model suggested: {_right(calibration.suggested)} · abstained: {_right(calibration.abstained)} · "
        f"who always abstains: {_right(calibration.could_abstain)}"
    ]


def _right(share: Share) -> str:
    return f"{counted(share)} right" if share.of else counted(share)


def _costs(report: SuiteReport) -> list[str]:
    figures, pace = report.figures, report.circumstances.pace
    trials = figures.overall.trials or 1
    cost = f"{figures.cost / trials:.4f} a trial" if figures.cost is not None else "no price set"
    tokens = f"{figures.tokens_in / trials:.0f} in ({figures.tokens_cached / trials:.0f} kept)"
    return [
        f"a trial: {figures.erp_calls / trials:.1f} ERP calls, {figures.questions / trials:.1f} questions, "
        f"{figures.model_calls / trials:.1f} model calls, tokens {tokens} "
        f"{figures.tokens_out / trials:.0f} out · cost: {cost}",
        f"seconds a trial: {pace.seconds:.2f}, the product {pace.product:.2f} (the model {pace.model:.2f}), "
        f"the suite itself {pace.harness:.2f}",
    ]
