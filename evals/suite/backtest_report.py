"""What people did beside what the agent would have done, document by document and in figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import PurePosixPath

from rich.console import Console
from rich.table import Table

from agent.settings import Settings
from evals.suite.backtest import Rehearsal, Rehearsed
from evals.suite.backtest_history import Did, HistoryRow
from tools.domain.identifiers import compact
from tools.domain.money import Exact
from tools.domain.record import Record

_POSTS = ("post_invoice", "post_credit_note")
_CENT = Decimal("0.01")


class Agreement(StrEnum):
    """How one document compares."""

    SAME = "would have posted the same"
    DIFFERENT = "would have posted something else"
    ASKED = "asked while people posted"
    UNREAD = "took it for no invoice while people posted"
    POSTED_REJECTED = "would have posted while people did not"
    STOPPED = "stopped it, as people did"
    NO_HISTORY = "nobody told what people did"
    NO_DOCUMENT = "no such document in the inbox"
    AMBIGUOUS = "several documents or rows have this name"


class Difference(Record):
    field: str
    people: str
    agent: str
    by: Exact | None = None
    """Agent less people, where it is an amount."""


class Compared(Record):
    """One document, or one row that has none."""

    document: str
    line: int | None = None
    """Of the history."""
    agreement: Agreement
    gross: Exact | None = None
    """As people posted it, else as the agent read it."""
    currency: str = ""
    differences: tuple[Difference, ...] = ()
    findings: tuple[str, ...] = ()
    reason: str = ""
    """Of the agent, where it stopped."""


class FindingCount(Record):
    """How often a finding was raised, by what people did with the document."""

    kind: str
    no_trouble: int = 0
    """Posted, and nobody gave a reason for trouble."""
    trouble: int = 0
    """Posted after trouble, parked, held or rejected."""


class BacktestReport(Record):
    documents: int
    """In the inbox."""
    rows: int
    """Of the history; every document and every row stands in `compared` once."""
    writes: int
    counts: Mapping[str, int]
    automated: Exact | None
    """Percent of documents with a history that went to an approver without a question."""
    agreed: Exact | None
    """Percent of documents people posted that would have been posted the same."""
    agreed_value: Exact | None
    """The same, weighted by gross amount in the company's currency."""
    unweighed: tuple[str, ...]
    """Currencies without a rate in the settings, left out of `agreed_value`."""
    findings: tuple[FindingCount, ...]
    compared: tuple[Compared, ...]


def report(rehearsal: Rehearsal, history: Sequence[HistoryRow], settings: Settings) -> BacktestReport:
    """Nothing is left out: what cannot be compared is counted too."""
    compared = tuple(_all(rehearsal.documents, history, settings.company.currency))
    known = [entry for entry in compared if entry.agreement not in _NOT_COMPARED]
    posted = [entry for entry in known if entry.agreement in _PEOPLE_POSTED]
    same = [entry for entry in posted if entry.agreement is Agreement.SAME]
    proposed = [entry for entry in known if entry.agreement in _PROPOSED]
    rates = _rates(settings)
    foreign = {entry.currency for entry in posted} - set(rates)
    value, agreed = _value(posted, rates), _value(same, rates)
    return BacktestReport(
        documents=len(rehearsal.documents),
        rows=len(history),
        writes=rehearsal.writes,
        counts={kind.value: sum(e.agreement is kind for e in compared) for kind in Agreement},
        automated=_percent(len(proposed), len(known)),
        agreed=_percent(len(same), len(posted)),
        agreed_value=_percent(agreed, value),
        unweighed=tuple(sorted(foreign)),
        findings=_finding_counts(compared, history),
        compared=compared,
    )


_NOT_COMPARED = (Agreement.NO_HISTORY, Agreement.NO_DOCUMENT, Agreement.AMBIGUOUS)
_PEOPLE_POSTED = (Agreement.SAME, Agreement.DIFFERENT, Agreement.ASKED, Agreement.UNREAD)
_PROPOSED = (Agreement.SAME, Agreement.DIFFERENT, Agreement.POSTED_REJECTED)


def _value(entries: Sequence[Compared], rates: Mapping[str, Decimal]) -> Decimal:
    """Gross amounts in company currency, those without a rate left out."""
    known = (entry for entry in entries if entry.currency in rates)
    return sum((abs(entry.gross or Decimal(0)) * rates[entry.currency] for entry in known), Decimal(0))


def _percent(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return None if not whole else (Decimal(100) * part / whole).quantize(Decimal("0.1"))


def _rates(settings: Settings) -> dict[str, Decimal]:
    """Company currency for one of each; rates of the company go before those of the approval policy."""
    company, policy = settings.company, settings.policy.approval
    group = policy.group_rates if policy.currency == company.currency else {}
    return {**group, **company.exchange_rates, company.currency: Decimal(1)}


def _all(documents: Sequence[Rehearsed], history: Sequence[HistoryRow], currency: str) -> Iterator[Compared]:
    rows: dict[int, list[HistoryRow]] = {}
    for row in history:
        fitting = [at for at, document in enumerate(documents) if _is_of(row, document)]
        if len(fitting) == 1:
            rows.setdefault(fitting[0], []).append(row)
            continue
        kind = Agreement.AMBIGUOUS if fitting else Agreement.NO_DOCUMENT
        yield Compared(document=row.name, line=row.line, agreement=kind)
    for at, document in enumerate(documents):
        own = rows.get(at, [])
        if len(own) == 1:
            yield _compared(document, own[0], currency)
        elif not own:
            yield _alone(document, Agreement.NO_HISTORY)
        else:
            yield from (
                _alone(document, Agreement.AMBIGUOUS).model_copy(update={"line": row.line}) for row in own
            )


def _is_of(row: HistoryRow, document: Rehearsed) -> bool:
    if row.file:
        whole, name = PurePosixPath(document.file), PurePosixPath(row.file)
        return whole == name or whole.parts[-len(name.parts) :] == name.parts
    same = compact(row.number) == compact(document.number) != ""
    return same and (not row.supplier or not document.supplier or row.supplier == document.supplier)


def _alone(document: Rehearsed, kind: Agreement) -> Compared:
    return Compared(
        document=document.file,
        agreement=kind,
        gross=document.gross,
        currency=document.currency,
        findings=document.findings,
        reason=document.reason,
    )


def _compared(document: Rehearsed, row: HistoryRow, currency: str) -> Compared:
    posts = document.action in _POSTS
    differences = tuple(_differences(document, row, currency)) if posts and row.did is Did.POSTED else ()
    return Compared(
        document=document.file,
        line=row.line,
        agreement=_agreement(document, row, posts, bool(differences)),
        gross=row.gross if row.gross is not None else document.gross,
        currency=row.currency or document.currency or currency,
        differences=differences,
        findings=document.findings,
        reason="" if posts else document.reason,
    )


def _agreement(document: Rehearsed, row: HistoryRow, posts: bool, differs: bool) -> Agreement:
    if row.did is not Did.POSTED:
        return Agreement.POSTED_REJECTED if posts else Agreement.STOPPED
    if posts:
        return Agreement.DIFFERENT if differs else Agreement.SAME
    return Agreement.UNREAD if document.stage in ("not_an_invoice", "unreadable") else Agreement.ASKED


def _differences(document: Rehearsed, row: HistoryRow, currency: str) -> Iterator[Difference]:
    """Only what the history tells is compared."""
    told = {"supplier": row.supplier, "number": row.number, "currency": row.currency or currency}
    for name, people in told.items():
        agent = getattr(document, name)
        if people and compact(people) != compact(agent):
            yield Difference(field=name, people=people, agent=agent)
    for name in ("net", "tax", "gross"):
        wanted, got = getattr(row, name), getattr(document, name)
        if wanted is not None and got is not None and abs(wanted) != got:
            yield Difference(field=name, people=f"{wanted}", agent=f"{got}", by=got - abs(wanted))
    for name in ("accounts", "cost_centres"):
        yield from _coded(name, getattr(row, name), getattr(document, name))
    if row.orders and set(map(compact, row.orders)) != set(map(compact, document.orders)):
        yield Difference(field="orders", people=", ".join(row.orders), agent=", ".join(document.orders))


def _coded(
    name: str, people: Mapping[str, Decimal | None], agent: Mapping[str, Decimal]
) -> Iterator[Difference]:
    for code in sorted({*people, *agent}) if people else ():
        wanted, got = people.get(code, Decimal(0)), agent.get(code, Decimal(0))
        if wanted is None:
            if not got:
                yield Difference(field=f"{name} {code}", people="all", agent="nothing")
        elif abs(wanted - got) >= _CENT:
            yield Difference(field=f"{name} {code}", people=f"{wanted}", agent=f"{got}", by=got - wanted)


def _finding_counts(compared: Sequence[Compared], history: Sequence[HistoryRow]) -> tuple[FindingCount, ...]:
    by_line = {row.line: row for row in history}
    counts: dict[str, list[int]] = {}
    for entry in compared:
        if entry.line is None or entry.agreement in _NOT_COMPARED:
            continue
        row = by_line[entry.line]
        trouble = row.did is not Did.POSTED or bool(row.reason)
        for kind in dict.fromkeys(entry.findings):
            counts.setdefault(kind, [0, 0])[trouble] += 1
    found = [FindingCount(kind=kind, no_trouble=no, trouble=yes) for kind, (no, yes) in counts.items()]
    return tuple(sorted(found, key=lambda count: (-count.no_trouble - count.trouble, count.kind)))


def print_backtest(found: BacktestReport, console: Console) -> None:
    console.print(f"{found.documents} documents, {found.rows} rows of history")
    console.print(f"writes that were tried: {found.writes} (any is a defect)")
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("documents", justify="right")
    table.add_column("what")
    for kind, times in found.counts.items():
        if times:
            table.add_row(str(times), kind)
    console.print(table)
    for word, figure in (
        ("went to an approver without a question", found.automated),
        ("of what people posted, the same", found.agreed),
        ("the same, weighted by value", found.agreed_value),
    ):
        console.print(f"{word}: {'-' if figure is None else f'{figure} %'}")
    if found.unweighed:
        console.print(f"without a rate, so without weight: {', '.join(found.unweighed)}")
    for count in found.findings:
        console.print(f"  {count.kind}: {count.no_trouble} posted without trouble, {count.trouble} with")
    for entry in found.compared:
        if entry.agreement not in (Agreement.SAME, Agreement.STOPPED):
            _print_one(entry, console)


def _print_one(entry: Compared, console: Console) -> None:
    where = "" if entry.line is None else f" (line {entry.line})"
    console.print(f"{entry.document}{where}: {entry.agreement.value}", markup=False, soft_wrap=True)
    for difference in entry.differences:
        by = "" if difference.by is None else f", by {difference.by:+}"
        told = f"   {difference.field}: people {difference.people}, agent {difference.agent}{by}"
        console.print(told, markup=False, soft_wrap=True)
    if entry.reason:
        console.print(f"   {entry.reason}", markup=False, soft_wrap=True)
