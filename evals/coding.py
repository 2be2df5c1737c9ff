"""Coding measured on a made-up ledger: train on the earlier months, code the later ones, beside baselines.

The ledger is invented: suppliers, texts, accounts, changes of policy and 5 % mistakes come from a seed. The
figures say how the rules behave on such data; they are no measurement of a real company.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.table import Table

from evals.coding_ledger import made_up_ledger
from tools.domain.coding import CodedLine, CodingPolicy
from tools.domain.identifiers import SupplierId
from tools.matching.coding_history import suggestions

_KEPT = 150
"""Lines of a supplier that the product looks at (`tools.coding_history`)."""
_Coder = Callable[[CodedLine, Sequence[CodedLine]], str | None]


class Score(BaseModel):
    """How one way of coding did on the later lines."""

    model_config = ConfigDict(frozen=True)

    name: str
    lines: int
    coded: int
    right: int
    """Coded with the account the policy of the day asks for, mistakes of the ledger not counted as truth."""

    @property
    def coded_share(self) -> float:
        return self.coded / self.lines if self.lines else 0.0

    @property
    def accuracy(self) -> float:
        return self.right / self.coded if self.coded else 0.0

    @property
    def wrong_share(self) -> float:
        return (self.coded - self.right) / self.lines if self.lines else 0.0


class Report(BaseModel):
    model_config = ConfigDict(frozen=True)

    data: str
    seed: int
    suppliers: int
    trained: int
    from_day: date
    scores: tuple[Score, ...]
    after_change: tuple[Score, ...]
    """Only lines within 90 days after their supplier's policy changed."""


def score(seed: int = 1, months: int = 30, test_months: int = 6) -> Report:
    """Code the last months line by line. Each line sees what was posted before its day, as in life: once a
    document is coded, its posting (with the ledger's mistakes) is history for the next."""
    ledger = made_up_ledger(seed, months)
    first_day = max(entry.line.posted_on for entry in ledger) - timedelta(days=30 * test_months)
    tested = [entry for entry in ledger if entry.line.posted_on > first_day]
    history: dict[SupplierId, list[CodedLine]] = defaultdict(list)
    for entry in ledger:
        if entry.line.posted_on <= first_day:
            history[entry.line.supplier_id].append(entry.line)
    trained = sum(map(len, history.values()))
    suppliers = len({entry.line.supplier_id for entry in ledger})
    answers: dict[str, list[tuple[str | None, str, bool]]] = {name: [] for name in _CODERS}
    for day in sorted({entry.line.posted_on for entry in tested}):
        today = [entry for entry in tested if entry.line.posted_on == day]
        for entry in today:
            for name, coder in _CODERS.items():
                said = coder(entry.line, history[entry.line.supplier_id][-_KEPT:])
                answers[name].append((said, entry.truth, entry.is_after_change))
        for entry in today:
            history[entry.line.supplier_id].append(entry.line)
    return Report(
        data="made up: invented suppliers, texts, accounts, policy changes and 5 % mistakes",
        seed=seed,
        suppliers=suppliers,
        trained=trained,
        from_day=first_day + timedelta(days=1),
        scores=tuple(_counted(name, given) for name, given in answers.items()),
        after_change=tuple(
            _counted(name, [one for one in given if one[2]]) for name, given in answers.items()
        ),
    )


def _counted(name: str, given: Sequence[tuple[str | None, str, bool]]) -> Score:
    coded = [(said, truth) for said, truth, _ in given if said is not None]
    return Score(
        name=name, lines=len(given), coded=len(coded), right=sum(said == truth for said, truth in coded)
    )


def _agent(line: CodedLine, own: Sequence[CodedLine]) -> str | None:
    found = suggestions(line.description, own)
    sure = found and found[0].confidence >= CodingPolicy().min_confidence
    return found[0].account if sure else None


def _agent_always(line: CodedLine, own: Sequence[CodedLine]) -> str | None:
    """The first suggestion, however unsure: what a person is shown."""
    found = suggestions(line.description, own)
    return found[0].account if found else None


def _most_frequent(_: CodedLine, own: Sequence[CodedLine]) -> str | None:
    counted = Counter(line.account for line in own)
    return min(counted, key=lambda account: (-counted[account], account)) if counted else None


def _most_recent(_: CodedLine, own: Sequence[CodedLine]) -> str | None:
    return max(own, key=lambda line: (line.posted_on, line.document)).account if own else None


_CODERS: dict[str, _Coder] = {
    "erp-agent (asks when unsure)": _agent,
    "erp-agent, first suggestion always": _agent_always,
    "supplier's most frequent account": _most_frequent,
    "supplier's most recent account": _most_recent,
}


def print_report(report: Report, console: Console) -> None:
    """Two tables: all later lines, and those soon after a change of policy."""
    console.print(
        f"Data: {report.data}; seed {report.seed}.\n"
        f"{report.suppliers} suppliers, {report.trained} lines before {report.from_day.isoformat()}, "
        "coded from then on, each with what was posted before its day.",
        markup=False,
    )
    for title, scores in (
        ("all later lines", report.scores),
        ("within 90 days after the policy changed (nobody can know the first)", report.after_change),
    ):
        table = Table("", "lines", "coded", "right of coded", "asked", "wrong of all", title=title)
        for entry in scores:
            table.add_row(
                entry.name,
                str(entry.lines),
                f"{entry.coded_share:.1%}",
                f"{entry.accuracy:.1%}",
                f"{1 - entry.coded_share:.1%}",
                f"{entry.wrong_share:.1%}",
            )
        console.print(table)
