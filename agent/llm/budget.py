"""What models may use up, for each case and for a batch: seconds, tokens, money."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from agent.llm.contract import BudgetSpent
from agent.llm.settings import BudgetSettings
from tools.domain.identifiers import CaseId
from tools.domain.money import Money


@dataclass
class _Spent:
    """Used up, with what is reserved for calls under way."""

    seconds: float = 0
    tokens: int = 0
    money: Money | None = None

    def add(self, seconds: float, tokens: int, money: Money | None) -> None:
        self.seconds += seconds
        self.tokens += tokens
        if money is not None:
            self.money = money if self.money is None else self.money + money


@dataclass(frozen=True)
class Reservation:
    """What a call may use at most; settled with what it did use."""

    charged: tuple[_Spent, ...]
    """Those of the case and of the batch in which it was made."""
    tokens: int
    money: Money | None


@dataclass(frozen=True)
class _Limit:
    """One of the two bounds, in the words of its settings."""

    prefix: str
    seconds: float | None
    tokens: int | None
    money: Money | None


class Budget:
    """Counts for one process. Calls under way count with the most they may use, so that many at once do not
    pass a limit together; what a call used beyond its estimate counts against the next one."""

    def __init__(self, limits: BudgetSettings) -> None:
        self._case = _Limit("case", limits.case_seconds, limits.case_tokens, limits.case_money)
        self._batch = _Limit("batch", limits.batch_seconds, limits.batch_tokens, limits.batch_money)
        self.begin_batch()

    def begin_batch(self) -> None:
        """Nothing is used up: a new batch, and each of its cases, has the whole budget. Calls still under way
        settle with the batch they were made in."""
        self._cases: defaultdict[CaseId, _Spent] = defaultdict(_Spent)
        self._all = _Spent()

    def reserve(self, case_id: CaseId | None, tokens: int, money: Money | None) -> Reservation:
        """Raises BudgetSpent where the call would pass a limit of the case or of the batch."""
        bounds = self._bounds(case_id)
        for limit, spent in bounds:
            fault = _fault(limit, spent, tokens, money)
            if fault is not None:
                raise BudgetSpent(fault)
        for _, spent in bounds:
            spent.add(0, tokens, money)
        return Reservation(tuple(spent for _, spent in bounds), tokens, money)

    def settle(self, reserved: Reservation, seconds: float, tokens: int, money: Money | None) -> None:
        """The call is over and used this."""
        less = None if reserved.money is None else -reserved.money
        for spent in reserved.charged:
            spent.add(0, -reserved.tokens, less)
            spent.add(seconds, tokens, money)

    def seconds_left(self, case_id: CaseId | None) -> float | None:
        """How long a call may take; None where nothing bounds it."""
        left = (limit.seconds - spent.seconds for limit, spent in self._bounds(case_id) if limit.seconds)
        return min(left, default=None)

    def _bounds(self, case_id: CaseId | None) -> list[tuple[_Limit, _Spent]]:
        batch = (self._batch, self._all)
        return [batch] if case_id is None else [(self._case, self._cases[case_id]), batch]


def _fault(limit: _Limit, spent: _Spent, tokens: int, money: Money | None) -> str | None:
    """Which limit the call would pass, in words."""
    if limit.seconds is not None and spent.seconds >= limit.seconds:
        return f"{limit.prefix}_seconds is spent: {spent.seconds:.0f} of {limit.seconds:.0f}"
    if limit.tokens is not None and spent.tokens + tokens > limit.tokens:
        return f"{limit.prefix}_tokens does not allow another call: {spent.tokens} of {limit.tokens} are used"
    if limit.money is not None and money is not None:
        used = Money.zero(money.currency) if spent.money is None else spent.money
        if (used + money).amount > limit.money.amount:
            return f"{limit.prefix}_money does not allow another call: {used} of {limit.money} are used"
    return None
