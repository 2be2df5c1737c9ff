"""One running number used twice: what the years on and beside it say."""

from __future__ import annotations

from datetime import timedelta

from tools.domain.findings import Severity
from tools.matching.document_print import DocumentPrint
from tools.matching.duplicate_pair import SAME_DAY, Pair, Suspicion
from tools.matching.invoice_numbers import begins_anew, is_short, years_printed
from tools.matching.service_periods import is_other_period

TURN_OF_YEAR = timedelta(days=60)
"""A number that comes again within this time is no numbering that began anew."""
_BLOCK, _WARN, _INFO = Severity.BLOCK, Severity.WARN, Severity.INFO
SILENT = Suspicion("", _INFO, "")


def check_year(pair: Pair) -> Suspicion | None:
    """What the year says about one running number used twice; `SILENT` when it says they are two
    documents, None when it says nothing."""
    mine, theirs = pair.mine, pair.theirs
    printed = years_printed(mine.number), years_printed(theirs.number)
    years = [found or year_of(paper) for found, paper in zip(printed, (mine, theirs), strict=True)]
    if not years[0] or not years[1] or years[0] & years[1]:
        return None
    close = pair.apart is None or pair.apart <= TURN_OF_YEAR
    if printed[0] and printed[1]:
        if not (close and pair.same_amount):
            return SILENT
        same_day = pair.apart == SAME_DAY and not pair.other.is_void
        text = "the same running number and amount under another year"
        return Suspicion("duplicate.year", _BLOCK if same_day else _WARN, text)
    return _anew(pair, close=close)


def _anew(pair: Pair, *, close: bool) -> Suspicion | None:
    """The number does not print the year: numbering may begin anew each year."""
    text = "the same number in another year, another amount: numbering may restart"
    anew = not close and _numbers_begin_anew(pair)
    if not pair.same_amount:
        return Suspicion("duplicate.year", _INFO if anew else _WARN, text)
    if (anew and pair.habit.repeats) or (
        not close and is_other_period(pair.mine.periods, pair.theirs.periods)
    ):
        text = "the same number and amount in another year; the amount repeats, numbering may restart"
        return Suspicion("duplicate.year", _INFO, text)
    return None


def _numbers_begin_anew(pair: Pair) -> bool:
    """The sender's other documents show it, or the number is a small one."""
    days = sorted(day for day in (pair.mine.invoice_date, pair.theirs.invoice_date) if day)
    between = [number for day, number in pair.habit.given if days[0] < day <= days[-1]]
    return is_short(pair.mine.number) or begins_anew(pair.mine.number, between)


def year_of(paper: DocumentPrint) -> frozenset[int]:
    return frozenset({paper.invoice_date.year}) if paper.invoice_date else frozenset()
