"""Many documents at once: bounded, resumable, one outcome for each file found.

First everything is received and read (so that duplicates within the batch see each other), then all cases
go through the graph together, so that their reads of the ERP travel together.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from agent.claims import CaseBusy
from agent.read_ahead import facts_ahead, orders_ahead
from agent.service import CaseService
from tools.archive import Receipt
from tools.audit_log import AuditBroken
from tools.domain.documents import Reading, Record, SourceDocument
from tools.domain.identifiers import CaseId
from tools.erp.errors import ErpError
from tools.erp.http import counted_calls
from tools.intake.editions import select_originals
from tools.intake.folder import Found, collect
from tools.intake.workers import ReadingPool
from tools.store_damage import StoreDamaged, StoreUnwritable

T = TypeVar("T")
_READ_AHEAD = 16
Pair = tuple[SourceDocument, Reading | None]

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, how many there are."""


def silent(what: str, done: int, total: int) -> None:
    """No progress is shown."""


class Outcome(Record):
    """What became of one file of the batch."""

    file: str
    case: CaseId
    state: str
    reason: str
    is_new: bool
    supplier: str | None
    """Supplier's number in the ERP once it is decided, else the name on the document."""
    supplier_id: str | None
    supplier_name: str | None
    number: str | None
    gross: str | None
    findings: tuple[str, ...]
    proposal: str | None
    """Digest of the proposal that waits for approval."""
    continued: bool = False
    """Left by an earlier run and taken up again by this one, which was not handed the file."""
    seconds: float
    """From the start of the batch until this case waits or is closed."""
    erp_calls: int
    """HTTP requests of the whole batch to the ERP: bulk reads answer many cases at once."""
    error: str | None = None
    error_kind: str | None = None
    """Name of the error's class, by which a program tells what to do next (`tools.erp.errors`)."""


class Trouble(NamedTuple):
    """Why a case came no further."""

    message: str
    kind: str


Result = tuple[float, Trouble | None]
"""Seconds since the start of the batch, and what went wrong."""


@dataclass(frozen=True)
class _Run:
    service: CaseService
    pool: ReadingPool
    progress: Progress
    started: float
    at_once: asyncio.Semaphore

    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def today(self) -> date:
        return self.service.deps.today()


async def run_batch(
    service: CaseService,
    paths: Sequence[Path],
    pool: ReadingPool,
    *,
    cases_at_once: int,
    prepare: Callable[[Progress], Awaitable[object]],
    progress: Progress = silent,
) -> list[Outcome]:
    """Bring every document below `paths` as far as it goes without a person, and finish what an earlier
    run left: those have an outcome too, after the files. `prepare` brings the supplier copy up to date while
    documents are read.

    Trouble of one case does not stop the others: its outcome carries the error, and the case goes on with
    the next run. Where there is no case to carry it, trouble of `prepare` is raised (ErpError).
    """
    run = _Run(service.fresh(), pool, progress, time.monotonic(), asyncio.Semaphore(cases_at_once))
    with counted_calls() as calls:
        preparing = _started(_prepare(run, prepare))
        received = await _take_in(run, paths)
        left = [case.case_id for case in run.service.unfinished()]
        cases = list(dict.fromkeys([*(receipt.case_id for _, receipt in received), *left]))
        _, failed = await asyncio.gather(orders_ahead(run.service.deps, _readings(run, left)), preparing)
        if failed is not None and not cases:
            raise failed
        trouble = _trouble(failed, "the supplier master could not be read: ") if failed else None
        wanted = _readings(run, left) if trouble is None else []
        ahead = _started(facts_ahead(run.service.deps, wanted))
        results = dict(zip(cases, await _advance_all(run, cases, trouble), strict=True))
        await asyncio.wait([ahead])  # its trouble is told by the case that asks again
    outcomes = [_outcome(run, path, receipt, results, calls) for path, receipt in received]
    handed = {outcome.case for outcome in outcomes}
    taken_up = [_continued(run, case_id, results, calls) for case_id in left if case_id not in handed]
    # What another process is just working on was not left by anybody.
    return outcomes + [outcome for outcome in taken_up if outcome.error_kind != CaseBusy.__name__]


def _started(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Its trouble counts as seen: where the batch ends by another one, nothing is printed of it."""
    task = asyncio.create_task(work)
    task.add_done_callback(lambda done: None if done.cancelled() else done.exception())
    return task


def _trouble(error: Exception, before: str = "") -> Trouble:
    return Trouble(f"{before}{error}", type(error).__name__)


async def _prepare(run: _Run, prepare: Callable[[Progress], Awaitable[object]]) -> ErpError | None:
    """Why the supplier copy could not be brought up to date; None when it was."""
    try:
        await prepare(run.progress)
    except ErpError as error:
        return error
    return None


def _readings(run: _Run, cases: Sequence[CaseId]) -> list[Reading]:
    """The invoices among the cases, as they were read."""
    archive = run.service.deps.archive
    found = (archive.reading(run.service.case(case_id).document_id) for case_id in cases)
    return [reading for reading in found if reading is not None and reading.invoice is not None]


async def _take_in(run: _Run, paths: Sequence[Path]) -> list[tuple[str, Receipt]]:
    """Receive every file, in the order found; a few are read at a time, known ones not again."""
    room = asyncio.Semaphore(2 * run.pool.processes)
    tasks: list[asyncio.Task[list[Pair]]] = []
    received: list[tuple[str, Receipt]] = []
    for _, group in groupby(collect(paths, run.pool.limits), key=lambda found: found.group):
        await room.acquire()
        tasks.append(_started(_read_group(run, list(group), room)))
        while tasks and (tasks[0].done() or len(tasks) > _READ_AHEAD):
            received += _receive(run, await tasks.pop(0))
            run.progress("reading", len(received), len(received) + len(tasks))
    for task in tasks:
        received += _receive(run, await task)
        run.progress("reading", len(received), len(received))
    return received


async def _read_group(run: _Run, group: list[Found], room: asyncio.Semaphore) -> list[Pair]:
    """The parts of one file (of one mail) with their readings; None where all of them are known."""
    try:
        if all(run.service.knows(found.document.document_id) for found in group):
            return [(found.document, None) for found in group]
        readings = [
            found.completed(found.reading or await run.pool.read(found.document, run.today))
            for found in group
        ]
        return list(
            select_originals(
                [(found.document, reading) for found, reading in zip(group, readings, strict=True)]
            )
        )
    finally:
        room.release()


def _receive(run: _Run, pairs: Sequence[tuple[SourceDocument, Reading | None]]) -> list[tuple[str, Receipt]]:
    return [(document.path, run.service.receive(document, reading)) for document, reading in pairs]


async def _advance(run: _Run, case_id: CaseId) -> Result:
    trouble = None
    async with run.at_once:
        try:
            await run.service.advance(case_id)
        except (ErpError, CaseBusy, AuditBroken) as error:
            trouble = _trouble(error)
    return run.seconds(), trouble


async def _advance_all(run: _Run, cases: Sequence[CaseId], trouble: Trouble | None) -> list[Result]:
    """All of them together, with progress; results in the order given."""
    done = 0

    async def one(case_id: CaseId) -> Result:
        nonlocal done
        result = await _advance(run, case_id) if trouble is None else (run.seconds(), trouble)
        done += 1
        run.progress("cases", done, len(cases))
        return result

    tasks = [_started(one(case_id)) for case_id in cases]
    try:
        if tasks:
            await asyncio.wait(tasks)
        return [_settled(run, case_id, task) for case_id, task in zip(cases, tasks, strict=True)]
    finally:
        for task in tasks:
            task.cancel()


def _settled(run: _Run, case_id: CaseId, task: asyncio.Task[Result]) -> Result:
    """The result of a case. A defect that one document meets is told with its case: else that document would
    end this batch and each one after it. A disk that takes nothing ends it, because no case can be noted."""
    defect = task.exception()
    if defect is None:
        return task.result()
    if isinstance(defect, StoreUnwritable) or not isinstance(defect, Exception):
        raise defect
    if isinstance(defect, StoreDamaged):
        run.service.note_failure(case_id, defect)
        return run.seconds(), _trouble(defect)
    logging.getLogger(__name__).error("%s met a defect of the program", case_id, exc_info=defect)
    run.service.note_failure(case_id, defect)
    return run.seconds(), _trouble(defect, f"defect of the program, {type(defect).__name__}: ")


def _continued(run: _Run, case_id: CaseId, results: dict[CaseId, Result], calls: Counter[str]) -> Outcome:
    """What became of a case that an earlier run or a person's word left in the middle."""
    receipt = Receipt(case_id=case_id, is_new=False)
    found = _outcome(run, run.service.case(case_id).path, receipt, results, calls)
    return found.model_copy(update={"continued": True})


def _outcome(
    run: _Run,
    path: str,
    receipt: Receipt,
    results: dict[CaseId, Result],
    calls: Counter[str],
) -> Outcome:
    case = run.service.case(receipt.case_id)
    seconds, trouble = results[receipt.case_id]
    return Outcome(
        file=path,
        case=receipt.case_id,
        state=case.stage,
        reason=case.reason,
        is_new=receipt.is_new,
        supplier=case.supplier_id or case.supplier_name,
        supplier_id=case.supplier_id,
        supplier_name=case.supplier_name,
        number=case.number,
        gross=case.gross,
        findings=case.blocks + case.warnings,
        proposal=case.digest,
        seconds=round(seconds, 3),
        erp_calls=calls.total(),
        error=trouble.message if trouble else None,
        error_kind=trouble.kind if trouble else None,
    )
