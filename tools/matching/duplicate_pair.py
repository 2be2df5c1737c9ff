"""A document beside an earlier one, and what may be said about the two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tools.domain.findings import Severity
from tools.matching.document_print import DocumentPrint
from tools.matching.duplicate_candidates import NEAR, Candidate, Habit, Tie, days_apart, is_same_amount
from tools.matching.service_periods import is_other_period, is_same_period

SAME_DAY = timedelta(0)


@dataclass(frozen=True, slots=True)
class Suspicion:
    rule: str
    severity: Severity
    why: str
    """Completes 'possible duplicate of …:'."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The new document beside an earlier one, with what every rule asks about the two."""

    mine: DocumentPrint
    other: Candidate
    tie: Tie
    habit: Habit
    has_own_receipt: bool = False
    """Both bill one order line, and more was received than the other one billed."""

    @property
    def theirs(self) -> DocumentPrint:
        return self.other.paper

    @property
    def same_amount(self) -> bool:
        return is_same_amount(self.mine, self.theirs)

    @property
    def same_type(self) -> bool:
        return self.theirs.document_type is None or self.mine.is_credit == self.theirs.is_credit

    @property
    def apart(self) -> timedelta | None:
        return days_apart(self.mine, self.theirs)

    @property
    def is_near(self) -> bool:
        return self.apart is not None and self.apart <= NEAR

    @property
    def same_period(self) -> bool:
        """Both name one period, which the sender does not bill in several documents."""
        periods = self.theirs.periods
        return is_same_period(self.mine.periods, periods) and periods not in self.habit.periods

    @property
    def other_service(self) -> bool:
        """Other periods or orders on the lines, or a receipt for each on different days: not one delivery."""
        if self.has_own_receipt and self.apart != SAME_DAY:
            return True
        one, two = self.mine.orders, self.theirs.orders
        return is_other_period(self.mine.periods, self.theirs.periods) or bool(one and two and not one & two)
