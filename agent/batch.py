"""Many documents at once: bounded, resumable, one outcome for each file found.

First everything is received and read (so that duplicates within the batch see each other), then all cases
go through the graph together, so that their reads of the ERP travel together.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from agent.claims import CaseBusy
from agent.nodes.read_invoice import read_and_keep
from agent.service import CaseService
from agent.state import FINAL, WAITING, Stage
from tools.case_list import CaseSummary
from tools.domain.documents import Record, SourceDocument
from tools.domain.identifiers import CaseId
from tools.erp.errors import ErpError
from tools.erp.http import counted_calls

T = TypeVar("T")

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, how many there are."""


class Outcome(Record):
    """What became of one file of the batch."""

    file: str
    case: CaseId
    state: str
    reason: str
    is_new: bool
    supplier: str | None
    number: str | None
    gross: str | None
    findings: tuple[str, ...]
    proposal: str | None
    """Digest of the proposal that waits for approval."""
    seconds: float
    """From the start of the batch until this case waits or is closed."""
    erp_calls: int
    """HTTP requests of the whole batch to the ERP: bulk reads answer many cases at once."""
    error: str | None = None


@dataclass(frozen=True)
class _Run:
    service: CaseService
    progress: Progress
    started: float
    at_once: asyncio.Semaphore


async def run_batch(
    service: CaseService,
    documents: Iterable[SourceDocument],
    *,
    cases_at_once: int,
    progress: Progress = lambda what, done, total: None,
) -> list[Outcome]:
    """Bring every document as far as it goes without a person, and finish what an earlier run left.

    ERP trouble of one case does not stop the others: its outcome carries the error, and the case goes on
    with the next run.
    """
    run = _Run(service.fresh(), progress, time.monotonic(), asyncio.Semaphore(cases_at_once))
    with counted_calls() as calls:
        received = [(document.path, run.service.receive(document)) for document in documents]
        new = [receipt.case_id for _, receipt in received if receipt.is_new]
        await _each(run, "reading", [_read(run, case_id) for case_id in new])
        cases = list(
            dict.fromkeys(
                [receipt.case_id for _, receipt in received]
                + [left.case_id for left in _unfinished(run.service)]
            )
        )
        results = dict(
            zip(cases, await _each(run, "cases", [_advance(run, case) for case in cases]), strict=True)
        )
    return [
        _outcome(run, path, receipt.case_id, receipt.is_new, results, calls) for path, receipt in received
    ]


def _unfinished(service: CaseService) -> list[CaseSummary]:
    """Cases that an earlier run left in the middle."""
    stages = [stage for stage in Stage if stage not in FINAL | WAITING]
    return service.inbox(stages)


async def _read(run: _Run, case_id: CaseId) -> None:
    async with run.at_once:
        await read_and_keep(run.service.deps, run.service.deps.archive.document_of(case_id))


async def _advance(run: _Run, case_id: CaseId) -> tuple[float, str | None]:
    error = None
    async with run.at_once:
        try:
            await run.service.advance(case_id)
        except (ErpError, CaseBusy) as trouble:
            error = str(trouble)
    return time.monotonic() - run.started, error


async def _each(run: _Run, what: str, work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """All of them together, with progress; results in the order given."""
    done = 0

    async def one(job: Coroutine[Any, Any, T]) -> T:
        nonlocal done
        result = await job
        done += 1
        run.progress(what, done, len(work))
        return result

    return await asyncio.gather(*(one(job) for job in work))


def _outcome(
    run: _Run,
    path: str,
    case_id: CaseId,
    is_new: bool,
    results: dict[CaseId, tuple[float, str | None]],
    calls: Counter[str],
) -> Outcome:
    case = run.service.case(case_id)
    seconds, error = results[case_id]
    return Outcome(
        file=path,
        case=case_id,
        state=case.stage,
        reason=case.reason,
        is_new=is_new,
        supplier=case.supplier_id or case.supplier_name,
        number=case.number,
        gross=case.gross,
        findings=case.blocks + case.warnings,
        proposal=case.digest,
        seconds=round(seconds, 3),
        erp_calls=calls.total(),
        error=error,
    )
