"""Re-checks the cases whose orders, receipts or supplier changed in the ERP since they were read.

The ERP is asked which orders changed since the last look, less an overlap, and only what really differs from
what a case rests on is matched again; so looking twice at the same change does nothing. Now and then, and
where an ERP cannot tell what changed, every open case is compared. A case whose new match failed is not
forgotten: it is taken up by the next look, or by the next one that compares it. Nothing here approves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from agent.claims import CaseBusy
from agent.service import CaseService, Refused
from agent.triggers.odd_records import ODD, OddRecord, reading, words
from agent.triggers.open_cases import ErpNow, OpenCase, OpenCases
from tools.audit_log import AuditBroken
from tools.change_marks import ChangeMarks
from tools.domain.documents import Record
from tools.domain.identifiers import CaseId, OrderNumber, SupplierId
from tools.erp.contract import Capability
from tools.erp.errors import ErpError, ErpUnavailable

T = TypeVar("T")
_MOST_SPLITS = 40
"""Enough to find two cases with an odd record among a thousand; an ERP that is odd altogether must not be
asked case by case."""
OVERLAP = timedelta(minutes=5)
"""Changes are asked for from a little before the last look: the two clocks may differ, and an ERP may write
the moment of a change before others can read it."""


class Rechecked(Record):
    """A case that was matched again, and why; `error` says why that could not be done."""

    case_id: CaseId
    why: str
    stage: str
    error: str | None = None
    error_kind: str | None = None

    @property
    def is_due_again(self) -> bool:
        """Nothing was wrong with the case itself: the next look takes it up."""
        return self.error_kind in (CaseBusy.__name__, ErpUnavailable.__name__, OddRecord.__name__)


class Look(Record):
    """What one look found."""

    complete: bool
    """Every open case was compared."""
    compared: int
    rechecked: tuple[Rechecked, ...]


@dataclass
class OrderWatch:
    """One look after the other; two looks at once are not made."""

    service: CaseService
    marks: ChangeMarks
    complete_every: timedelta
    """How often every open case is compared, whatever the ERP tells to have changed."""
    cases_at_once: int = 50
    _cases: OpenCases = field(init=False)
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _seen: dict[CaseId, tuple[OpenCase, tuple[str, ...]]] = field(default_factory=dict, init=False)
    """What a case rested on and what differed when it was last matched again without becoming equal."""

    def __post_init__(self) -> None:
        self._cases = OpenCases(self.service)

    async def look(self, *, complete: bool = False) -> Look:
        """Raises ErpError when the ERP cannot be asked: then nothing is noted and the next look begins
        where this one did."""
        async with self._looking:
            asked = self.marks.asked()
            started = self.service.deps.now()
            found, everything = await self._affected(complete)
            rechecked = await self._recheck(found)
            again = [each.case_id for each in rechecked if each.is_due_again]
            self.marks.note(started, again, complete=everything)
            if asked is not None:
                self.marks.answered(asked)
            return Look(complete=everything, compared=len(found), rechecked=tuple(rechecked))

    async def _affected(self, complete: bool) -> tuple[list[OpenCase], bool]:
        """Cases to compare, and whether these are all."""
        deps = self.service.deps
        cases, last, whole = await self._cases.all(), self.marks.looked_at(), self.marks.complete_at()
        due = whole is None or deps.now() - whole >= self.complete_every
        tells = Capability.READ_ORDER_CHANGES in deps.erp.capabilities
        if complete or due or last is None or not tells:
            return cases, True
        changed = await _read("changed orders", deps.erp.orders_changed_since(last - OVERLAP))
        senders = await self._senders(changed, cases)
        left = set(self.marks.again())
        return [case for case in cases if case.case_id in left or case.is_touched(changed, senders)], False

    async def _senders(self, changed: set[OrderNumber], cases: Sequence[OpenCase]) -> set[SupplierId]:
        """Suppliers of changed orders that no case knows; asked only where a case waits for any order."""
        known = {number for case in cases for number in (*case.numbers, *case.candidates)}
        unknown = changed - known
        if not unknown or all(case.orders for case in cases):
            return set()
        found = await _read("changed orders", self.service.deps.erp.orders(unknown))
        return {order.supplier_id for order in found.values()}

    async def _recheck(self, cases: Sequence[OpenCase]) -> list[Rechecked]:
        """Match again what differs from what the ERP says now."""
        moved, odd = await self._compared(cases)
        # A case that was matched again and still rests on the same is not matched again for ever.
        due = [(case, why) for case, why in moved if why and self._seen.get(case.case_id) != (case, why)]
        service, room = self.service.fresh(), asyncio.Semaphore(self.cases_at_once)
        done = await asyncio.gather(*(self._one(service, case, why, room) for case, why in due))
        for (case, why), result in zip(due, done, strict=True):
            if result.why and result.error is None:
                self._seen[case.case_id] = (case, why)
        return odd + [result for result in done if result.error is not None or result.why]

    async def _compared(
        self, cases: Sequence[OpenCase]
    ) -> tuple[list[tuple[OpenCase, tuple[str, ...]]], list[Rechecked]]:
        """What changed for each case, and the cases of which that cannot be told: a bulk read that an odd
        record spoils is halved until the case at fault stands alone. Raises OddRecord when many are odd."""
        moved: list[tuple[OpenCase, tuple[str, ...]]] = []
        odd: list[Rechecked] = []
        parts, splits = [cases] if cases else [], 0
        while parts:
            part = parts.pop()
            try:
                now = await self._now(part)
            except OddRecord as error:
                if splits >= _MOST_SPLITS:
                    raise
                if len(part) == 1:
                    odd.append(self._told(self.service, part[0], "", error))
                    continue
                splits += 1
                parts += [part[: len(part) // 2], part[len(part) // 2 :]]
            else:
                moved += [(case, now.changes(case)) for case in part]
        return moved, odd

    async def _one(
        self, service: CaseService, case: OpenCase, changes: tuple[str, ...], room: asyncio.Semaphore
    ) -> Rechecked:
        """A case whose question is about something else is left to it: `why` is empty then."""
        why, trouble = f"changed in the ERP: {', '.join(changes)}", None
        async with room:
            try:
                await service.recheck(case.case_id, why)
            except Refused:
                why = ""
            except (CaseBusy, ErpError, AuditBroken, *ODD) as error:
                trouble = error
        return self._told(service, case, why, trouble)

    def _told(
        self, service: CaseService, case: OpenCase, why: str, trouble: BaseException | None
    ) -> Rechecked:
        told = words(trouble) if isinstance(trouble, ODD) else str(trouble)
        return Rechecked(
            case_id=case.case_id,
            why=why,
            stage=service.case(case.case_id).stage,
            error=None if trouble is None else told,
            error_kind=None if trouble is None else type(trouble).__name__,
        )

    async def _now(self, cases: Iterable[OpenCase]) -> ErpNow:
        """Everything the cases rest on, read in bulk."""
        erp = self.service.deps.erp
        numbers = {number for case in cases for number in case.numbers}
        senders = {case.supplier_id for case in cases}
        choosing = {case.supplier_id for case in cases if not case.orders}
        orders, receipts, candidates, suppliers = await asyncio.gather(
            _read("orders", erp.orders(numbers)),
            _read("goods receipts", erp.receipts(numbers)),
            _read("open orders", erp.orders_of(choosing)),
            _read("suppliers", erp.suppliers_by_id(senders)),
        )
        return ErpNow(orders=orders, receipts=receipts, candidates=candidates, suppliers=suppliers)


async def _read(what: str, answer: Awaitable[T]) -> T:
    with reading(what):
        return await answer
