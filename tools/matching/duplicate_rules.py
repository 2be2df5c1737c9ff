"""What makes one earlier document a suspected duplicate: one rule after the other, the surest first."""

from __future__ import annotations

from collections.abc import Callable

from tools.domain.findings import Severity
from tools.matching.document_print import likeness
from tools.matching.duplicate_candidates import Tie
from tools.matching.duplicate_pair import SAME_DAY, Pair, Suspicion
from tools.matching.duplicate_years import TURN_OF_YEAR, check_year, year_of
from tools.matching.invoice_numbers import (
    has_gained_digit,
    is_dated_alike,
    is_in_sequence,
    is_one_apart,
    is_other_revision,
    is_printed_alike,
    is_same_number,
    lookalike_numbers,
    prefix_of,
    steps_between,
)
from tools.matching.service_periods import is_other_period

_NEIGHBOURS = 3
_ALIKE = 0.8
_NEARLY_IDENTICAL = 0.95
_BLOCK, _WARN, _INFO = Severity.BLOCK, Severity.WARN, Severity.INFO


def suspicion(pair: Pair) -> Suspicion | None:
    """The first rule that speaks; None where the two have nothing suspicious in common."""
    if pair.mine.company and pair.theirs.company and pair.mine.company != pair.theirs.company:
        return _other_company(pair)
    if pair.tie is Tie.NONE:
        return None
    mine, theirs = pair.mine.number, pair.theirs.number
    if is_same_number(mine, theirs):
        return _same_number(pair)
    return next((found for rule in _OTHER_NUMBER if (found := rule(pair))), None)


def _other_company(pair: Pair) -> Suspicion | None:
    """Number and amount across companies of ours: one delivery billed to two of them. Months apart, in
    another year, a number that began anew is no sign of it."""
    mine, theirs = pair.mine, pair.theirs
    if not _may_be_misread(pair) or not pair.same_amount:
        return None
    if pair.tie < Tie.NAME and mine.vat_id and theirs.vat_id:
        return None
    close = pair.apart is None or pair.apart <= TURN_OF_YEAR
    if not close and not year_of(mine) & year_of(theirs):
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
    is_dated = is_dated_alike(pair.mine.number, pair.theirs.number)
    if not is_dated and (numbering := check_year(pair)) is not None:
        return numbering if numbering.rule else None
    if pair.other.is_rejected and pair.same_amount:
        return Suspicion("duplicate.rejected", _BLOCK, "the same number and amount, which was rejected")
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
    if known and not pair.same_amount and is_other_revision(pair.mine.number, pair.theirs.number):
        return Suspicion("duplicate.number.revision", _WARN, "another revision of it, another amount")
    return Suspicion("duplicate.number.normalised", _BLOCK, "the same running number")


def _may_be_misread(pair: Pair) -> bool:
    """Whether the two numbers are one with letters read for digits."""
    return not lookalike_numbers(pair.mine.number).isdisjoint(lookalike_numbers(pair.theirs.number))


def _other_type(pair: Pair) -> Suspicion | None:
    """A credit note booked as an invoice pays what should come back. The other way round, a credit note may
    carry the number of the invoice it takes back whole."""
    if not pair.same_amount:
        return None
    severity = _WARN if pair.mine.is_credit or pair.other.is_void else _BLOCK
    return Suspicion("duplicate.type", severity, "the same number and amount as another type of document")


def _lookalike(pair: Pair) -> Suspicion | None:
    """O for 0, I or l for 1, S for 5, B for 8: what scanners and typists confuse."""
    if not _may_be_misread(pair) or not pair.same_type:
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
    if pair.apart != SAME_DAY:
        counted = is_in_sequence(mine.number, mine.invoice_date, theirs.number, theirs.invoice_date)
        says_nothing = pair.habit.repeats and not pair.is_near
        if (
            (counted and not has_gained_digit(mine.number, theirs.number))
            or says_nothing
            or pair.other_service
            or pair.other.is_void
        ):
            return None
    elif pair.other_service and _are_neighbours(pair):
        return None
    sure = pair.apart == SAME_DAY and not _are_neighbours(pair) and not pair.other.is_void
    text = "a number one sign apart, the same amount" + (" and date" if pair.apart == SAME_DAY else "")
    return Suspicion("duplicate.number.misread", _BLOCK if sure else _WARN, text)


def _are_neighbours(pair: Pair) -> bool:
    steps = steps_between(pair.mine.number, pair.theirs.number)
    return steps is not None and steps <= _NEIGHBOURS


def _amount(pair: Pair) -> Suspicion | None:
    """The same amount within five days: issued again under a new number, or a true repeat."""
    comparable = pair.tie >= Tie.NAME and pair.same_type and pair.same_amount and pair.is_near
    if not comparable or pair.other.is_void or pair.other_service:
        return None
    if pair.habit.within_days and pair.apart != SAME_DAY and not pair.same_period:
        return None
    if pair.apart == SAME_DAY and len(pair.mine.lines) > 1 and _likeness(pair) >= _NEARLY_IDENTICAL:
        return Suspicion("duplicate.content", _BLOCK, "the same amount, date and lines")
    days = pair.apart.days if pair.apart is not None else 0
    when = f"{days} days apart" if days else "of the same day"
    return Suspicion("duplicate.amount", _WARN, f"the same amount within five days ({when})")


def _period(pair: Pair) -> Suspicion | None:
    """The same amount for the same period, issued later under a new number."""
    comparable = pair.tie >= Tie.NAME and pair.same_type and pair.same_amount and not pair.other.is_void
    if not comparable or not pair.same_period or pair.other_service or _likeness(pair) < _ALIKE:
        return None
    named = ", ".join(pair.mine.periods[:3])
    return Suspicion("duplicate.period", _WARN, f"the same amount for the same period ({named})")


def _content(pair: Pair) -> Suspicion | None:
    """Nearly the same lines on the same day over another amount: issued again with a fee, or misread."""
    comparable = pair.tie >= Tie.NAME and pair.same_type and pair.apart == SAME_DAY
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
    if theirs.type_code == "384" and theirs.preceding and is_same_number(theirs.preceding, mine.number):
        return Suspicion("duplicate.corrected", _BLOCK, "it corrects this document; both would be paid")
    both = mine.preceding and theirs.preceding and is_same_number(mine.preceding, theirs.preceding)
    if both and pair.same_type and pair.same_amount:
        severity = _WARN if mine.is_credit else _BLOCK
        text = f"both refer to {mine.preceding} over the same amount"
        return Suspicion("duplicate.corrected", severity, text)
    if (
        mine.preceding
        and is_same_number(mine.preceding, theirs.number)
        and pair.same_type
        and pair.same_amount
    ):
        return Suspicion("duplicate.corrected", _WARN, "this document refers to it, over the same amount")
    return None


_OTHER_NUMBER: tuple[Callable[[Pair], Suspicion | None], ...] = (
    _correction,
    _lookalike,
    _misread,
    _amount,
    _period,
    _content,
)
