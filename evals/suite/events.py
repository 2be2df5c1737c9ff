"""What others do in a case: days pass, goods come, buyers change orders, periods close, the ERP fails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day

from evals.erp_desks import ErpDesk
from evals.suite import steps
from evals.suite.case import EvalCase
from tools.domain.money import Money
from tools.domain.supplier import SupplierBlock
from tools.erp.contract import PostingWindow
from tools.erp.sandbox.connector import SandboxErp
from tools.erp.sandbox.faults import FaultKind


class Days:
    """The case's day at nine o'clock; runs a millisecond a look, and days where a step says so."""

    def __init__(self, case: EvalCase) -> None:
        self._now = datetime.combine(case.story.today, time_of_day(9), tzinfo=UTC)

    def __call__(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now

    def pass_on(self, days: int) -> None:
        self._now += timedelta(days=days)


def happen(step: steps.Step, desk: ErpDesk, clock: Days) -> bool:
    """Carry out what is none of our people's. False where this kind of ERP has no way to. Raises Refused
    where the books do not allow it."""
    company, today = desk.company, clock().date()
    match step:
        case steps.DaysPass():
            clock.pass_on(step.days)
        case steps.ReceiveGoods():
            company.purchasing.receive(step.order, dict(step.lines), today)
        case steps.ChangeOrder():
            currency = company.purchasing.order(step.order).currency
            price = None if step.price is None else Money.of(step.price, currency)
            company.purchasing.amend_line(step.order, step.line, quantity=step.quantity, unit_price=price)
        case steps.BlockSupplier():
            company.master.block_supplier(step.supplier, SupplierBlock(step.block))
        case steps.ClosePeriod():
            company.master.set_window(PostingWindow(first_open=step.first_open))
        case steps.FaultStep() if isinstance(desk.erp, SandboxErp):
            values = {"times": step.times, "status": step.status}
            desk.erp.faults.plan(step.operation, FaultKind(step.kind), **values)
        case _:
            return False
    return True
