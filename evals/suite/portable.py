"""`erp-eval run --erp all`: the suite in front of every ERP's sandbox; do the cases end the same?

The measure is the same case over the books in this process, which can do everything. Equal are the stages of
all documents and every change of the books. Another end needs a reason: one that the case declares for this
ERP, or one that the connector declares for what is missing in the books. Without one it is a defect, of the
connector or of the case, and the command fails. Harm is never excused, nor a run that broke off.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from enum import StrEnum

from rich.console import Console
from rich.table import Table
from rich.text import Text

from evals.erp_desks import IN_PROCESS, all_kinds, desk_of
from evals.suite.case import EvalCase
from evals.suite.judge import judge
from evals.suite.model_choice import ModelChoice
from evals.suite.outcome import DocumentEnd, Outcome
from evals.suite.players import NOT_RECORDED
from evals.suite.run import Job, jobs_of
from evals.suite.shown_text import visible
from evals.suite.world import world_of
from tools.domain.record import Record
from tools.erp.contract import Capability

_UNFIT = ("the recording does not fit", NOT_RECORDED)
_NEEDS = (
    ("draft ", Capability.PARK_INVOICE),
    ("posted credit_note ", Capability.POST_CREDIT_NOTE),
    ("posted ", Capability.POST_INVOICE),
    ("hold of ", Capability.HOLD_INVOICE),
    ("release of ", Capability.RELEASE_HOLD),
    ("receipt for ", Capability.CREATE_GOODS_RECEIPT),
    ("order ", Capability.AMEND_ORDER_LINE),
)
"""Beginnings of changes, and what an ERP must be able to do for them; the first that fits."""


class Standing(StrEnum):
    """One case in one ERP beside the measure."""

    EQUAL = "equal"
    DECLINED = "declined"
    """It ends differently, for a reason that is declared."""
    NOT_APPLICABLE = "not applicable"
    """It cannot be played there: a step that this kind of ERP has no way to carry out, or a recording whose
    conversations are others there."""
    DIFFERENT = "different"


class Beside(Record):
    """One case in one trial in one ERP."""

    case: str
    trial: int
    erp: str
    standing: Standing
    why: str = ""
    """Of what is declined or does not apply: the reason."""
    differs: tuple[str, ...] = ()
    """What is not as in the measure, in words."""
    findings: tuple[str, ...] = ()
    """Findings that differ; shown, and no difference by themselves: an ERP may not tell what they need."""
    needless: bool = False
    """The case declares that it cannot end there, and it does."""
    calls: int = 0
    bytes: int = 0


class SuitePortability(Record):
    model: str
    cases: int
    """Trials of cases that the measure played."""
    kinds: tuple[str, ...]
    beside: tuple[Beside, ...]
    measure_calls: int
    """Of the ERP in this process."""

    def of(self, kind: str, *standings: Standing) -> list[Beside]:
        """Those of one ERP; without `standings` all."""
        return [one for one in self.beside if one.erp == kind and one.standing in (standings or Standing)]

    @property
    def holds(self) -> bool:
        """Whether nothing differs without a reason."""
        return all(one.standing is not Standing.DIFFERENT for one in self.beside)


def jobs_in_every_erp(cases: Iterable[EvalCase], choice: ModelChoice, trials: int = 1) -> list[Job]:
    """Case by case, the measure first: a run that is cut off has compared what it has played."""
    kinds = (IN_PROCESS, *(kind for kind in all_kinds() if kind != IN_PROCESS))
    return [job for case in cases for kind in kinds for job in jobs_of([case], choice, kind, trials)]


def compare_suite(
    cases: Iterable[EvalCase], outcomes: Sequence[Outcome], declined: Mapping[str, Mapping[str, str]]
) -> SuitePortability:
    """`declined`: ERP kind -> capability -> the connector's reason. Outcomes without their measure, of a run
    that was cut off, are left out."""
    by_id = {case.id: case for case in cases}
    measures = {(one.case, one.trial): one for one in outcomes if one.erp == IN_PROCESS}
    found = [
        compare(by_id[one.case], measures[one.case, one.trial], one, declined.get(one.erp, {}))
        for one in outcomes
        if one.erp != IN_PROCESS and (one.case, one.trial) in measures
    ]
    return SuitePortability(
        model=" and ".join(sorted({one.model for one in outcomes})),
        cases=len(measures),
        kinds=tuple(sorted({one.erp for one in found})),
        beside=tuple(sorted(found, key=lambda one: (one.erp, one.case, one.trial))),
        measure_calls=sum(one.effort.erp_calls for one in measures.values()),
    )


def compare(case: EvalCase, measure: Outcome, own: Outcome, declined: Mapping[str, str]) -> Beside:
    """`declined`: of this ERP's connector."""
    harm, differs = tuple(_harm(case, measure, own)), tuple(_differs(measure, own))
    faults = (*harm, *_broken(measure, own))
    stated = case.expected.declined.get(own.erp, "")
    standing, why = Standing.EQUAL, ""
    if not harm and (reason := _unplayable(own)):
        standing, why = Standing.NOT_APPLICABLE, reason
    elif faults:
        standing = Standing.DIFFERENT
    elif differs:
        why = stated or _connectors_reason(measure, own, declined)
        standing = Standing.DECLINED if why else Standing.DIFFERENT
    return Beside(
        case=case.id,
        trial=own.trial,
        erp=own.erp,
        standing=standing,
        why=why,
        differs=(*faults, *differs),
        findings=tuple(_other_findings(measure, own)),
        needless=bool(stated) and standing is Standing.EQUAL,
        calls=own.effort.erp_calls,
        bytes=own.effort.bytes,
    )


def _unplayable(own: Outcome) -> str:
    return "; ".join(own.impossible) or (own.error if own.error.startswith(_UNFIT) else "")


def _harm(case: EvalCase, measure: Outcome, own: Outcome) -> Iterator[str]:
    """What does harm here only; the rest is the measure's."""
    known = judge(case, measure).harmful
    yield from (f"harm: {what}" for what in judge(case, own, accounts=False).harmful if what not in known)


def _broken(measure: Outcome, own: Outcome) -> Iterator[str]:
    if measure.error:
        yield f"the measure broke: {measure.error}"
    if own.error and own.error != measure.error:
        yield f"it broke: {own.error}"


def _differs(measure: Outcome, own: Outcome) -> Iterator[str]:
    there, here = _by_file(measure), _by_file(own)
    for file in sorted({*there, *here}):
        stages = [found[file].stage if file in found else "not there" for found in (here, there)]
        if stages[0] != stages[1]:
            yield f"{file} is {stages[0]}, elsewhere {stages[1]}"
    wanted, booked = Counter(measure.changes), Counter(own.changes)
    yield from (f"missing: {change}" for change in sorted((wanted - booked).elements()))
    yield from (f"too much: {change}" for change in sorted((booked - wanted).elements()))


def _by_file(outcome: Outcome) -> dict[str, DocumentEnd]:
    return {document.file: document for document in outcome.documents}


def _other_findings(measure: Outcome, own: Outcome) -> Iterator[str]:
    there, here = _by_file(measure), _by_file(own)
    for file in sorted(there.keys() & here.keys()):
        wanted, found = ({*end.blocks, *end.warnings} for end in (there[file], here[file]))
        yield from (f"{file}: {kind} is not found" for kind in sorted(wanted - found))
        yield from (f"{file}: {kind} is found here only" for kind in sorted(found - wanted))


def _connectors_reason(measure: Outcome, own: Outcome, declined: Mapping[str, str]) -> str:
    """Why every change that is missing in the books cannot be made there; empty where one could."""
    missing = sorted((Counter(measure.changes) - Counter(own.changes)).elements())
    needed = [next((what for begin, what in _NEEDS if change.startswith(begin)), None) for change in missing]
    if not needed or not all(what is not None and what in declined for what in needed):
        return ""
    return "; ".join(dict.fromkeys(f"{what} is declined: {declined[what]}" for what in needed if what))


async def declined_in(kinds: Iterable[str], case: EvalCase) -> dict[str, dict[str, str]]:
    """ERP kind -> capability -> the reason its connector gives, over the books of a case."""
    now = datetime.combine(case.story.today, time(9), tzinfo=UTC)
    found = {}
    for kind in kinds:
        async with desk_of(kind, world_of(case).books, lambda: now) as desk:
            found[kind] = {str(name): reason for name, reason in desk.erp.declined.items()}
    return found


def portability_of(cases: Sequence[EvalCase], outcomes: Sequence[Outcome]) -> SuitePortability:
    """As `compare_suite`, with the reasons of the connectors as they are."""
    kinds = sorted({one.erp for one in outcomes} - {IN_PROCESS})
    return compare_suite(cases, outcomes, asyncio.run(declined_in(kinds, cases[0])) if cases else {})


def print_portability(report: SuitePortability, console: Console) -> None:
    """Texts of cases are never read as markup."""
    table = Table(title=f"{report.cases} cases in front of each ERP's sandbox, model {report.model}")
    names = ("ERP", "applicable", "equal", "declined", "not applicable", "different", "calls", "bytes")
    for name in names:
        table.add_column(name, justify="left" if name == "ERP" else "right")
    for kind in report.kinds:
        counts = [len(report.of(kind, standing)) for standing in Standing]
        own = report.of(kind)
        moved = (f"{sum(one.calls for one in own):,}", f"{sum(one.bytes for one in own):,}")
        table.add_row(kind, str(len(own) - counts[2]), *map(str, counts), *moved)
    table.add_row(IN_PROCESS, str(report.cases), "", "", "", "", f"{report.measure_calls:,}", "0")
    console.print(table)
    for one in report.beside:
        for line, style in _lines(one):
            console.print(Text(visible(line), style=style), soft_wrap=True)


def _lines(one: Beside) -> Iterator[tuple[str, str]]:
    name = f"{one.erp} {one.case}" + (f" (trial {one.trial + 1})" if one.trial else "")
    match one.standing:
        case Standing.DIFFERENT:
            yield f"{name}: NO REASON DECLARED: {'; '.join(one.differs)}", "red"
        case Standing.DECLINED | Standing.NOT_APPLICABLE:
            yield f"{name}: {one.standing}: {one.why}", "yellow"
    if one.needless:
        yield f"{name}: ends equally, though the case declares that it cannot", "yellow"
    if one.findings and one.standing is Standing.EQUAL:
        yield f"{name}: ends equally, findings differ: {'; '.join(one.findings)}", "dim"
