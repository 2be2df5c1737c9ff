"""How many copies are found among a hundred thousand documents, how often a document that is none is
suspected, and how long one look takes: beside comparing supplier and number, and beside a normalised number
with the amount.

The register and the rules are the product's own; a document counts as found when the finding names the
original.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from rich.console import Console
from rich.table import Table

from evals.duplicate_files import Files, opened
from evals.duplicate_kinds import KINDS, is_original
from evals.duplicate_population import Sent, stream
from evals.machine import describe
from tools.domain.documents import Record
from tools.domain.findings import Discrepancy, Severity

FRESH = 0.03
"""Share of the documents, the latest ones, that are checked as they come: none of them is a copy."""
_AT_ONCE = 2000
_POOL = 0.1


class KindReport(Record):
    """One way of coming twice. Shares are of `tried`."""

    kind: str
    tried: int
    found: float
    blocked: float
    """Found, and posting is stopped; the rest of `found` is a warning."""
    baseline_exact: float
    """Same supplier account and number as printed."""
    baseline_normalised: float
    """Same supplier account, normalised number and gross amount."""


class Report(Record):
    machine: str
    documents: int
    seed: int
    kinds: tuple[KindReport, ...]
    recall: float
    """Over all kinds, each counting the same."""
    recall_blocked: float
    baseline_exact: float
    baseline_normalised: float
    fresh: int
    """Documents that are no copies, checked as they came."""
    false_alarms: float
    false_blocks: float
    baseline_exact_false: float
    baseline_normalised_false: float
    false_by_rule: dict[str, int]
    false_by_trade: dict[str, int]
    p50_ms: float
    p95_ms: float
    """One look by the clock: reading the register and comparing."""
    p50_own_ms: float
    p95_own_ms: float
    """The same in processor time of this process, which other work on the machine does not lengthen."""
    seconds: float


def run(documents: int, seed: int, each: int = 150) -> Report:
    """Make up `documents` invoices, keep them, check the latest as they come, then `each` copies of every
    kind."""
    started = time.monotonic()
    rng = random.Random(seed)  # noqa: S311 - a repeatable company, no secret
    with opened() as files:
        pool, alarms = _fill(files, stream(documents, rng), documents, rng)
        kinds = tuple(_try(files, name, pool, rng, each) for name in KINDS)
        fresh = max(1, int(documents * FRESH))
        walls, own = (sorted(column) for column in zip(*files.looks, strict=True))
        return Report(
            machine=describe(),
            documents=documents,
            seed=seed,
            kinds=kinds,
            recall=_mean(kinds, "found"),
            recall_blocked=_mean(kinds, "blocked"),
            baseline_exact=_mean(kinds, "baseline_exact"),
            baseline_normalised=_mean(kinds, "baseline_normalised"),
            fresh=fresh,
            false_alarms=round(alarms.count / fresh, 5),
            false_blocks=round(alarms.blocks / fresh, 5),
            baseline_exact_false=round(alarms.exact / fresh, 5),
            baseline_normalised_false=round(alarms.normalised / fresh, 5),
            false_by_rule=alarms.rules,
            false_by_trade=alarms.trades,
            p50_ms=_quantile(walls, 50),
            p95_ms=_quantile(walls, 95),
            p50_own_ms=_quantile(own, 50),
            p95_own_ms=_quantile(own, 95),
            seconds=round(time.monotonic() - started, 1),
        )


class _Alarms:
    """What was said about documents that are no copies."""

    def __init__(self) -> None:
        self.count = self.blocks = self.exact = self.normalised = 0
        self.rules: dict[str, int] = {}
        self.trades: dict[str, int] = {}

    def note(self, sent: Sent, found: list[Discrepancy], baselines: tuple[bool, bool]) -> None:
        self.exact += baselines[0]
        self.normalised += baselines[1]
        if not found:
            return
        self.count += 1
        self.blocks += any(entry.severity is Severity.BLOCK for entry in found)
        self.rules[found[0].rule] = self.rules.get(found[0].rule, 0) + 1
        self.trades[sent.firm.trade] = self.trades.get(sent.firm.trade, 0) + 1


def _fill(
    files: Files, documents: Iterator[Sent], count: int, rng: random.Random
) -> tuple[list[Sent], _Alarms]:
    """A sample of the documents to copy, and the alarms about the latest ones."""
    pool: list[Sent] = []
    waiting: list[Sent] = []
    alarms, first_fresh = _Alarms(), count - int(count * FRESH)
    for position, sent in enumerate(documents):
        if position >= first_fresh:
            files.keep(waiting)
            alarms.note(sent, files.look(sent), files.baselines(sent))
            files.keep([sent])
            waiting = []
            continue
        waiting.append(sent)
        if position > count / 4 and is_original(sent) and rng.random() < _POOL:
            pool.append(sent)
        if len(waiting) == _AT_ONCE:
            files.keep(waiting)
            waiting = []
    files.looks.clear()
    return pool, alarms


def _try(files: Files, name: str, pool: list[Sent], rng: random.Random, each: int) -> KindReport:
    """Copies of one kind, of documents drawn anew."""
    tried = found = blocked = exact = normalised = 0
    for original in rng.sample(pool, len(pool)):
        copy = KINDS[name](_billed(original), rng)
        if copy is None:
            continue
        reference = f"case:{original.case_id}"
        told = [entry for entry in files.look(copy) if entry.figures["candidate"] == reference]
        baselines = files.baselines(copy)
        tried, found = tried + 1, found + bool(told)
        blocked += any(entry.severity is Severity.BLOCK for entry in told)
        exact, normalised = exact + baselines[0], normalised + baselines[1]
        if tried == each:
            break
    shares = [round(part / max(1, tried), 4) for part in (found, blocked, exact, normalised)]
    names = ("found", "blocked", "baseline_exact", "baseline_normalised")
    return KindReport(kind=name, tried=tried, **dict(zip(names, shares, strict=True)))


def _billed(sent: Sent) -> Sent:
    """The document as a copy of it finds the order: what it billed is counted once it is posted."""
    quantity = sent.invoice.lines[0].quantity or Decimal(0)
    return replace(sent, billed_before=sent.billed_before + quantity) if sent.stage == "posted" else sent


def _quantile(ordered: list[float], percent: int) -> float:
    return round(ordered[len(ordered) * percent // 100], 3)


def _mean(kinds: tuple[KindReport, ...], name: str) -> float:
    tried: list[float] = [getattr(kind, name) for kind in kinds if kind.tried]
    return round(sum(tried) / max(1, len(tried)), 4)


def print_report(report: Report, console: Console) -> None:
    """One row for each kind, then the sums."""
    table = Table(
        "kind of copy", "tried", "found", "blocked", "exact number", "number+amount", title="Copies"
    )
    for kind in report.kinds:
        shares = (kind.found, kind.blocked, kind.baseline_exact, kind.baseline_normalised)
        table.add_row(kind.kind, str(kind.tried), *(f"{share:.1%}" for share in shares))
    sums = (report.recall, report.recall_blocked, report.baseline_exact, report.baseline_normalised)
    table.add_row("all kinds, each alike", "", *(f"{share:.2%}" for share in sums))
    false = (report.false_blocks, report.baseline_exact_false, report.baseline_normalised_false)
    table.add_row(
        "no copies: alarms",
        str(report.fresh),
        f"{report.false_alarms:.2%}",
        *(f"{share:.2%}" for share in false),
    )
    console.print(table)
    console.print(
        f"{report.machine}\n{report.documents} documents, seed {report.seed}, {report.seconds:.0f} s; "
        f"one look: p50 {report.p50_ms:.2f} ms, p95 {report.p95_ms:.2f} ms "
        f"(processor time {report.p50_own_ms:.2f} and {report.p95_own_ms:.2f} ms)\n"
        f"alarms about documents that are no copies, by rule: {report.false_by_rule}, "
        f"by trade: {report.false_by_trade}",
        highlight=False,
    )
