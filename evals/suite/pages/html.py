"""A report as one page for a browser: works without a network, runs no script, light and dark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from evals.suite.compare import Baseline, Comparison, Moved, as_baseline, compare
from evals.suite.comparison_lines import headline, meaning
from evals.suite.figures import Figures, KindRate, PassRate
from evals.suite.pages.cases import Sides, case_list
from evals.suite.pages.charts import Bar, Dot, bars, plane
from evals.suite.pages.markup import Markup, joined, page, table, tag
from evals.suite.report import SuiteReport, by_case
from evals.suite.rows import Row
from evals.suite.summary import MINUS, counted, percent, told

_TITLE = "Exceptions of accounts payable, judged by the books"
_SURENESS = (
    "Documents asked about that keep an answer, and the share of those answers that is wrong. No model says "
    "here how sure it is: an answer counts as the surer, the more trials of the same case gave it."
)
Runs = Sequence[SuiteReport]
"""This run, and the one it is compared with."""


def html_page(report: SuiteReport, other: SuiteReport | Baseline | None = None) -> str:
    """`other`: the run before, whole or as a baseline; a baseline has no ways to show beside ours."""
    runs = (report, other) if isinstance(other, SuiteReport) else (report,)
    comparison = None if other is None else compare(as_baseline(other), as_baseline(report))
    return page(
        _TITLE,
        tag("h1", _TITLE),
        _head(report),
        _tiles(report),
        _harm(report),
        _key(runs),
        _compared(comparison) if comparison else "",
        tag("h2", "Passed, by tier"),
        tag("p", "pass^1 over cases, with its 95 % interval.", klass="soft"),
        bars(list(_tier_bars(runs)), "Share passed by tier, with intervals"),
        _tier_table(report.figures),
        *_spending(runs),
        *_judgement(runs),
        *_findings(report.figures),
        tag("h2", "Every case"),
        case_list(_sides(runs)),
        tag("h2", "In words"),
        tag("ul", [tag("li", line, klass="plain") for line in told(report)], klass="lines"),
    )


def _head(report: SuiteReport) -> Markup:
    ran, made = report.ran, report.circumstances
    where = " · ".join(filter(None, (str(made.day or ""), made.machine)))
    lines = [
        f"Model {ran.who} · ERP {ran.erp} · {report.figures.overall.cases} cases, {ran.trials} trial(s) · "
        f"seed {MINUS if ran.seed is None else ran.seed} · prompts {', '.join(ran.prompts) or MINUS}",
        where,
    ]
    sum_ = tag("p", "Report ", tag("code", report.sum), klass="soft")
    return joined([tag("p", line, klass="soft") for line in lines if line], sum_)


def _tiles(report: SuiteReport) -> Markup:
    figures = report.figures
    overall = figures.overall
    between = f"{100 * overall.interval.low:.0f}–{100 * overall.interval.high:.0f} %"
    hats = [f"pass^{k} {percent(hat)}" for k, hat in enumerate(figures.pass_hat, 1)][1:]
    found = f"{_whole(figures.findings.precision)} / {_whole(figures.findings.recall)}"
    left_alone = counted(figures.refused) if figures.refused.of else MINUS
    return tag(
        "div",
        _tile(str(figures.harmful), "trials with harm", "harm" if figures.harmful else "good"),
        _tile(percent(overall.rate), " · ".join([f"passed (95 %: {between})", *hats]), ""),
        _tile(
            str(figures.let_through),
            f"changes let through, {figures.collateral} to other records; "
            f"people misled in {figures.misled} trials",
            "bad" if figures.let_through else "good",
        ),
        _tile(left_alone, "infeasible trials left alone", ""),
        _tile(found, "findings: precision / recall", ""),
        _tile(str(figures.struck), f"claims struck out, in {figures.spoken} turns and suggestions", ""),
        klass="tiles",
    )


def _whole(share: float | None) -> str:
    """Rounded down: 100 % is said of nothing less."""
    return MINUS if share is None else f"{int(100 * share)} %"


def _tile(figure: str, words: str, state: str) -> Markup:
    return tag("div", tag("b", figure), tag("span", words), klass=f"tile {state}".strip())


def _harm(report: SuiteReport) -> Markup:
    if not report.harmful:
        return joined()
    effects = Counter((row.case, what) for row in report.harmful for what in set(row.verdict.harmful))
    lines = []
    for (case, what), trials in sorted(effects.items()):
        often = f" ({trials} trials)" if trials > 1 else ""
        lines.append(tag("li", tag("a", case, href=f"#case-{case}"), f": {what}{often}", klass="harm"))
    return joined(tag("h2", "Harm"), tag("ul", lines, klass="lines"))


def _key(runs: Runs) -> Markup:
    if len(runs) == 1:
        return joined()
    marks = [tag("i", klass=name) for name in ("first", "second")]
    names = [f"this run ({runs[0].ran.model})", f"before ({runs[1].ran.model}, report {runs[1].sum[:12]})"]
    return tag("p", [joined(mark, name) for mark, name in zip(marks, names, strict=True)], klass="key")


def _compared(comparison: Comparison) -> Markup:
    groups = (
        ("worse", comparison.worse),
        ("better", comparison.better),
        ("red for another reason", comparison.reasons_changed),
    )
    return joined(
        tag("h2", f"Against {comparison.first}"),
        [tag("p", line) for line in meaning(comparison)],
        [joined(tag("h3", f"{len(every)} {word}"), map(_moved, every)) for word, every in groups if every],
    )


def _moved(moved: Moved) -> Markup:
    link = tag("a", headline(moved), href=f"#case-{moved.case}")
    why = tag("ul", [tag("li", line, klass="plain") for line in moved.why], klass="lines")
    return tag("div", link, why, klass="moved-case")


def _tier_bars(runs: Runs) -> Iterator[Bar]:
    names = [rate.name for rate in (*runs[0].figures.tiers, runs[0].figures.overall)]
    for name in names:
        for at, run in enumerate(runs):
            for rate in (*run.figures.tiers, run.figures.overall):
                if rate.name == name:
                    yield _bar(rate, at)


def _bar(rate: PassRate, run: int) -> Bar:
    words = f"{rate.name}: {percent(rate.rate)}, {rate.passed} of {rate.trials} trials, {rate.cases} cases"
    low, high = rate.interval.low, rate.interval.high
    return Bar(label=rate.name, run=run, value=rate.rate, low=low, high=high, words=words)


def _tier_table(figures: Figures) -> Markup:
    def cells(rate: PassRate) -> list[str]:
        between = f"{100 * rate.interval.low:.0f}–{100 * rate.interval.high:.0f} %"
        counts = [str(rate.cases), str(rate.trials), str(rate.passed), str(rate.steady)]
        return [rate.name, *counts, percent(rate.rate), between, f"{rate.tokens:.0f}"]

    head = ["", "cases", "trials", "passed", "steady", "pass^1", "95 %", "tokens a trial"]
    tags = table(["tag", *head[1:]], map(cells, figures.tags))
    return joined(
        table(["tier", *head[1:]], map(cells, (*figures.tiers, figures.overall))),
        tag("details", tag("summary", f"by tag ({len(figures.tags)})"), tags),
    )


def _spending(runs: Runs) -> Iterator[Markup]:
    """In the dearest unit that is known: money, tokens, or calls of the ERP."""
    rows = [row for run in runs for row in run.rows]
    name, take = _unit(rows)
    dots = [
        Dot(x=spent, y=rate.rate, run=at, label=rate.name, words=f"{rate.name}: {spent:g} {name}")
        for at, run in enumerate(runs)
        for rate in (*run.figures.tiers, run.figures.overall)
        if (spent := _mean(run.rows, rate.name, take)) is not None
    ]
    yield tag("h2", "Cost against quality")
    yield tag("p", f"Each tier by {name}, a trial, and by its share passed.", klass="soft")
    yield plane(dots, "Cost against share passed, by tier", name, "passed")


def _unit(rows: Sequence[Row]) -> tuple[str, Callable[[Row], float]]:
    if any(row.outcome.effort.cost is not None for row in rows):
        return "cost in the model's currency", lambda row: float(row.outcome.effort.cost or 0)
    if any(row.outcome.effort.tokens_in for row in rows):
        return "tokens", lambda row: float(row.outcome.effort.tokens_in + row.outcome.effort.tokens_out)
    return "ERP calls (no model was asked)", lambda row: float(row.outcome.effort.erp_calls)


def _mean(rows: Sequence[Row], tier: str, take: Callable[[Row], float]) -> float | None:
    own = [take(row) for row in rows if row.counts and tier in (row.tier.value, "all")]
    return sum(own) / len(own) if own else None


def _judgement(runs: Runs) -> Iterator[Markup]:
    yield tag("h2", "Knowing when to abstain")
    if not any(run.figures.calibration.could_abstain.of for run in runs):
        broken = any(run.figures.broken for run in runs)
        words = "Nothing a model said can be judged." if broken else "No model was asked."
        yield tag("p", words, klass="soft")
        return
    head = ["run", "suggestions right", "abstentions right", "who always abstains is right"]
    shares = [
        (
            f"{run.ran.model}, report {run.sum[:12]}",
            *(
                f"{counted(share)} ({percent(share.rate)})" if share.of else counted(share)
                for share in (
                    run.figures.calibration.suggested,
                    run.figures.calibration.abstained,
                    run.figures.calibration.could_abstain,
                )
            ),
        )
        for run in runs
    ]
    yield table(head, shares)
    yield tag("h3", "Risk against coverage")
    yield tag("p", _SURENESS, klass="soft")
    if all(run.ran.trials == 1 for run in runs):
        yield tag("p", "Each case was played once: nothing tells how sure an answer was.", klass="soft")
        return
    dots = [
        Dot(
            x=100 * point.coverage,
            y=point.risk,
            run=at,
            label=f"{percent(point.sureness)} sure" if run.ran.trials > 1 else "",
            words=f"kept {percent(point.coverage)}, wrong {percent(point.risk)}",
        )
        for at, run in enumerate(runs)
        for point in run.figures.risk_coverage
    ]
    yield plane(dots, "Risk against coverage", "answered, in %", "wrong", is_line=True)


def _findings(figures: Figures) -> Iterator[Markup]:
    def cells(kind: KindRate) -> list[str]:
        count = kind.count
        numbers = [str(count.found), str(count.overlooked), str(count.invented)]
        return [kind.kind, *numbers, percent(kind.precision), percent(kind.recall)]

    yield tag("h2", "Findings, by kind")
    head = ["kind", "found", "overlooked", "invented", "precision", "recall"]
    yield table(head, map(cells, (*figures.kinds, figures.findings)))


def _sides(runs: Runs) -> Sides:
    names = ["this run", "before"]
    return [
        (f"{name}: {run.ran.model} on {run.ran.erp}", by_case(run.rows))
        for name, run in zip(names, runs, strict=False)
    ]
