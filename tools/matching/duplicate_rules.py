"""What makes one earlier document a suspected duplicate: one rule after the other, the surest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from tools.domain.findings import Severity
from tools.matching.document_print import DocumentPrint, likeness
from tools.matching.duplicate_candidates import NEAR, Candidate, Habit, Tie, days_apart, is_same_amount
from tools.matching.invoice_numbers import (
    begins_anew,
    is_in_sequence,
    is_one_apart,
    is_printed_alike,
    is_short,
    lookalike_number,
    normalise_number,
    prefix_of,
    steps_between,
    years_printed,
)
from tools.matching.service_periods import is_other_period, is_same_period

_SAME_DAY = timedelta(0)
_TURN_OF_YEAR = timedelta(days=60)
"""A number that comes again within this time is no numbering that began anew."""
_NEIGHBOURS = 3
_ALIKE = 0.8
_NEARLY_IDENTICAL = 0.95
_BLOCK, _WARN, _INFO = Severity.BLOCK, Severity.WARN, Severity.INFO


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
    def other_service(self) -> bool:
        """Lines that name other periods or other orders: not the same delivery."""
        one, two = self.mine.orders, self.theirs.orders
        return is_other_period(self.mine.periods, self.theirs.periods) or bool(one and two and not one & two)


def suspicion(pair: Pair) -> Suspicion | None:
    """The first rule that speaks; None where the two have nothing suspicious in common."""
    if pair.mine.company and pair.theirs.company and pair.mine.company != pair.theirs.company:
        return _other_company(pair)
    if pair.tie is Tie.NONE:
        return None
    if normalise_number(pair.mine.number) == normalise_number(pair.theirs.number):
        return _same_number(pair)
    return next((found for rule in _OTHER_NUMBER if (found := rule(pair))), None)


def _other_company(pair: Pair) -> Suspicion | None:
    """Number and amount across companies of ours: one delivery billed to two of them."""
    mine, theirs = pair.mine, pair.theirs
    if lookalike_number(mine.number) != lookalike_number(theirs.number) or not pair.same_amount:
        return None
    if pair.tie < Tie.NAME and mine.vat_id and theirs.vat_id:
        return None
    sure = pair.tie >= Tie.NAME and not pair.other.is_void
    return Suspicion(
        "duplicate.company",
        _BLOCK if sure else _WARN,
        f"the same number and amount, received for {theirs.company}",
    )


def _same_number(pair: Pair) -> Suspicion | None:
    if pair.tie < Tie.FIRM and not (pair.same_amount and pair.same_type):
        return None
    if pair.tie is Tie.ACCOUNT:
        return Suspicion(
            "duplicate.account", _WARN, "the same running number, amount and bank account, another supplier"
        )
    if not pair.same_type:
        return _other_type(pair)
    if (numbering := _numbering(pair)) is not None:
        return numbering if numbering.rule else None
    if pair.other.is_void:
        return Suspicion("duplicate.void", _WARN, "the same number, void")
    if pair.tie is not Tie.SUPPLIER:
        return Suspicion("duplicate.supplier", _BLOCK, f"the same number from {_sender(pair)}")
    if is_printed_alike(pair.mine.number, pair.theirs.number):
        return Suspicion("duplicate.number", _BLOCK, "the same number")
    return _same_running_number(pair)


def _sender(pair: Pair) -> str:
    proof = f"VAT id {pair.mine.vat_id}" if pair.tie is Tie.FIRM else f"the name {pair.mine.supplier_name}"
    return f"the same firm under another supplier account ({proof})"


def _same_running_number(pair: Pair) -> Suspicion:
    """A typing variant drops or adds a prefix; two prefixes with two amounts are two series."""
    series = {prefix_of(pair.mine.number), prefix_of(pair.theirs.number)} - {""}
    known = pair.mine.gross is not None and pair.theirs.gross is not None
    if len(series) > 1 and known and not pair.same_amount:
        return Suspicion("duplicate.series", _INFO, "the same running number in another series")
    return Suspicion("duplicate.number.normalised", _BLOCK, "the same running number")


def _other_type(pair: Pair) -> Suspicion | None:
    """A credit note booked as an invoice pays what should come back. The other way round, a credit note may
    carry the number of the invoice it takes back whole."""
    if not pair.same_amount:
        return None
    severity = _WARN if pair.mine.is_credit or pair.other.is_void else _BLOCK
    return Suspicion("duplicate.type", severity, "the same number and amount as another type of document")


_SILENT = Suspicion("", _INFO, "")


def _numbering(pair: Pair) -> Suspicion | None:
    """What the year says about one running number used twice; `_SILENT` when it says they are two
    documents, None when it says nothing."""
    mine, theirs = pair.mine, pair.theirs
    printed = years_printed(mine.number), years_printed(theirs.number)
    years = [found or _year_of(paper) for found, paper in zip(printed, (mine, theirs), strict=True)]
    if not years[0] or not years[1] or years[0] & years[1]:
        return None
    close = pair.apart is None or pair.apart <= _TURN_OF_YEAR
    if printed[0] and printed[1]:
        if not (close and pair.same_amount):
            return _SILENT
        same_day = pair.apart == _SAME_DAY and not pair.other.is_void
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


def _year_of(paper: DocumentPrint) -> frozenset[int]:
    return frozenset({paper.invoice_date.year}) if paper.invoice_date else frozenset()


def _lookalike(pair: Pair) -> Suspicion | None:
    """O for 0, I or l for 1, S for 5, B for 8: what scanners and typists confuse."""
    if lookalike_number(pair.mine.number) != lookalike_number(pair.theirs.number) or not pair.same_type:
        return None
    known = pair.mine.gross is not None and pair.theirs.gross is not None
    if known and not pair.same_amount and not pair.is_near:
        return None
    sure = pair.same_amount and pair.tie >= Tie.NAME and not pair.other.is_void
    text = "the same number with letters for digits" + (" and the same amount" if pair.same_amount else "")
    return Suspicion("duplicate.number.lookalike", _BLOCK if sure else _WARN, text)


def _misread(pair: Pair) -> Suspicion | None:
    """One sign apart, the same amount: 891 and 819. Neighbours in a supplier's own numbering are so too."""
    comparable = pair.tie >= Tie.NAME and pair.same_type and pair.same_amount
    if not comparable or not is_one_apart(pair.mine.number, pair.theirs.number):
        return None
    mine, theirs = pair.mine, pair.theirs
    if pair.apart != _SAME_DAY:
        counted = is_in_sequence(mine.number, mine.invoice_date, theirs.number, theirs.invoice_date)
        if counted or pair.other_service or pair.other.is_void:
            return None
    elif pair.other_service and _are_neighbours(pair):
        return None
    sure = pair.apart == _SAME_DAY and not _are_neighbours(pair) and not pair.other.is_void
    text = "a number one sign apart, the same amount" + (" and date" if pair.apart == _SAME_DAY else "")
    return Suspicion("duplicate.number.misread", _BLOCK if sure else _WARN, text)


def _are_neighbours(pair: Pair) -> bool:
    steps = steps_between(pair.mine.number, pair.theirs.number)
    return steps is not None and steps <= _NEIGHBOURS


def _amount(pair: Pair) -> Suspicion | None:
    """The same amount within five days: issued again under a new number, or a true repeat."""
    comparable = pair.tie >= Tie.NAME and pair.same_type and pair.same_amount and pair.is_near
    if not comparable or pair.other.is_void or pair.other_service:
        return None
    if pair.habit.within_days and pair.apart != _SAME_DAY:
        return None
    if pair.apart == _SAME_DAY and len(pair.mine.lines) > 1 and _likeness(pair) >= _NEARLY_IDENTICAL:
        return Suspicion("duplicate.content", _BLOCK, "the same amount, date and lines")
    days = pair.apart.days if pair.apart is not None else 0
    when = f"{days} days apart" if days else "of the same day"
    return Suspicion("duplicate.amount", _WARN, f"the same amount within five days ({when})")


def _period(pair: Pair) -> Suspicion | None:
    """The same amount for the same period, issued later under a new number."""
    comparable = pair.tie >= Tie.NAME and pair.same_type and pair.same_amount and not pair.other.is_void
    if not comparable or not is_same_period(pair.mine.periods, pair.theirs.periods) or pair.other_service:
        return None
    if pair.theirs.periods in pair.habit.periods or pair.habit.within_days or _likeness(pair) < _ALIKE:
        return None
    named = ", ".join(pair.mine.periods[:3])
    return Suspicion("duplicate.period", _WARN, f"the same amount for the same period ({named})")


def _content(pair: Pair) -> Suspicion | None:
    """Nearly the same lines on the same day over another amount: issued again with a fee, or misread."""
    comparable = pair.tie >= Tie.NAME and pair.same_type and pair.apart == _SAME_DAY
    if not comparable or pair.other.is_void or len(pair.mine.lines) < 2 or _likeness(pair) < _ALIKE:
        return None
    if is_other_period(pair.mine.periods, pair.theirs.periods):
        return None
    return Suspicion("duplicate.content", _WARN, "nearly the same lines on the same day")


def _likeness(pair: Pair) -> float:
    return likeness(pair.mine, pair.theirs)


def _correction(pair: Pair) -> Suspicion | None:
    """Two documents that correct or take back one, and an original that comes after its correction."""
    mine, theirs = pair.mine, pair.theirs
    if pair.tie < Tie.NAME or pair.other.is_void:
        return None
    if theirs.type_code == "384" and theirs.preceding and _is_number(theirs.preceding, mine.number):
        return Suspicion("duplicate.corrected", _BLOCK, "it corrects this document; both would be paid")
    both = mine.preceding and theirs.preceding and _is_number(mine.preceding, theirs.preceding)
    if both and pair.same_type and pair.same_amount:
        severity = _WARN if mine.is_credit else _BLOCK
        text = f"both refer to {mine.preceding} over the same amount"
        return Suspicion("duplicate.corrected", severity, text)
    if mine.preceding and _is_number(mine.preceding, theirs.number) and pair.same_type and pair.same_amount:
        return Suspicion("duplicate.corrected", _WARN, "this document refers to it, over the same amount")
    return None


def _is_number(one: str, two: str) -> bool:
    return normalise_number(one) == normalise_number(two)


_OTHER_NUMBER: tuple[Callable[[Pair], Suspicion | None], ...] = (
    _correction,
    _lookalike,
    _misread,
    _amount,
    _period,
    _content,
)
