"""A supplier's statement against our books: every line of both sides is explained, to remainder zero.

Lines are paired by normalised number, then by amount and date. The supplier's balance must come out as our
balance plus what explains the difference; a remainder says that the statement was not read completely or
does not add up by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from itertools import combinations

from tools.domain.money import Money, total
from tools.domain.statement import (
    EntryKind,
    LedgerEntry,
    LedgerState,
    LineClass,
    ReconciledLine,
    Reconciliation,
    Statement,
    StatementLine,
)
from tools.matching.duplicates import normalise_number
from tools.matching.statement_opening import parts_of
from tools.matching.statement_sides import side_doubts

_Alike = Callable[[StatementLine, LedgerEntry], bool]
_STATES, _CLASSES = list(LedgerState), list(LineClass)
_LAST = 1_000_000
_NEAR = timedelta(days=5)
_MOST_PAID_TOGETHER = 12
"""Documents looked at for one payment: all their combinations are tried, so there must be few."""


def reconcile(statement: Statement, ledger: Iterable[LedgerEntry]) -> Reconciliation:
    """Explain the statement with our documents of that supplier in its currency. Documents in another
    currency must not be passed in: they have a statement of their own."""
    entries = sorted(ledger, key=_ledger_place)
    balance = total(
        (entry.amount for entry in entries if entry.state is LedgerState.OPEN), statement.currency
    )
    work = _Pairing(statement, entries)
    documents, payments = work.documents(), work.payments()
    unknown = total(
        (line.effect for line in payments if line.found is LineClass.UNKNOWN_PAYMENT), statement.currency
    )
    lines = (
        *(_settled(line) if line.line and line.line.position in work.settled else line for line in documents),
        *payments,
        *work.brought_forward(unknown),
        *work.ours(),
    )
    explained = total((line.effect for line in lines), statement.currency)
    doubts = side_doubts(lines, work.rest(), _same_number_and_amount, _same_amount_and_date)
    return Reconciliation(
        statement=statement.closing,
        ledger=balance,
        lines=tuple(sorted(lines, key=_place)),
        remainder=statement.closing - balance - explained,
        unread=(*doubts, *statement.unread),
    )


class _Pairing:
    """Which of our documents are spoken for."""

    def __init__(self, statement: Statement, entries: Sequence[LedgerEntry]) -> None:
        self._statement = statement
        self._zero = Money.zero(statement.currency)
        self._free = list(entries)
        self._paid: list[tuple[StatementLine, LedgerEntry]] = []
        """Lines of documents that we paid: a payment on their side may settle them."""
        self.settled: set[int] = set()
        """Positions of those that one does."""

    def documents(self) -> list[ReconciledLine]:
        """Their invoices and credit notes. Exact pairs first, so that no near one takes their place."""
        lines = [line for line in self._statement.lines if line.kind is not EntryKind.PAYMENT]
        again = _said_twice(lines)
        found = [
            _line(line, None, LineClass.DUPLICATE_AT_SUPPLIER, line.amount, "they show it twice")
            for line in lines
            if line.position in again
        ]
        waiting = [line for line in lines if line.position not in again]
        for alike in (_same_number_and_amount, _same_number, _same_amount_and_date):
            waiting, paired = self._pair(waiting, alike)
            found += paired
        return found + [self._unknown(line) for line in waiting]

    def _pair(
        self, lines: Sequence[StatementLine], alike: _Alike
    ) -> tuple[list[StatementLine], list[ReconciledLine]]:
        left, paired = [], []
        for line in lines:
            fitting = [entry for entry in self._free if entry.kind is line.kind and alike(line, entry)]
            sure = alike is not _same_amount_and_date or (
                len(fitting) == 1 and sum(alike(other, fitting[0]) for other in lines) == 1
            )
            if not fitting or not sure:
                left.append(line)
                continue
            self._free.remove(fitting[0])
            paired.append(self._explained(line, fitting[0]))
        return left, paired

    def _explained(self, line: StatementLine, entry: LedgerEntry) -> ReconciledLine:
        match entry.state:
            case LedgerState.PAID:
                self._paid.append((line, entry))
                return _line(
                    line, entry, LineClass.PAID_IN_TRANSIT, line.amount, f"paid as {entry.reference}"
                )
            case LedgerState.IN_PROCESS:
                return _line(line, entry, LineClass.IN_PROCESS, line.amount, f"stands in {entry.reference}")
            case LedgerState.REJECTED:
                return _line(
                    line,
                    entry,
                    LineClass.REJECTED_HERE,
                    line.amount,
                    f"was closed unposted: {entry.reference}",
                )
        difference = line.amount - entry.amount
        if difference.amount == 0:
            return _line(line, entry, LineClass.MATCHED, self._zero, "")
        return _line(
            line, entry, LineClass.AMOUNT_DIFFERENCE, difference, f"they {line.amount}, we {entry.amount}"
        )

    def _unknown(self, line: StatementLine) -> ReconciledLine:
        if line.kind is EntryKind.CREDIT_NOTE:
            return _line(
                line, None, LineClass.CREDIT_NOT_RECEIVED, line.amount, "ask for a copy of the credit"
            )
        return _line(
            line, None, LineClass.MISSING_INVOICE, line.amount, "ask for a copy; look in mailbox and rejects"
        )

    def payments(self) -> list[ReconciledLine]:
        """Their payments: each that equals documents we paid settles them, else nobody knows it."""
        found = []
        for line in self._statement.lines:
            if line.kind is not EntryKind.PAYMENT:
                continue
            settled = self._settled_by(line)
            self._paid = [pair for pair in self._paid if pair not in settled]
            self.settled |= {shown.position for shown, _ in settled}
            numbers = ", ".join(shown.number or str(shown.position) for shown, _ in settled)
            kind = LineClass.PAYMENT_BOOKED if settled else LineClass.UNKNOWN_PAYMENT
            remark = f"settles {numbers}" if settled else "no documents that we paid add up to it"
            found.append(_line(line, None, kind, line.amount, remark))
        return found

    def _settled_by(self, line: StatementLine) -> list[tuple[StatementLine, LedgerEntry]]:
        """The fewest paid documents that add up to the payment, the oldest first."""
        paid = self._paid[:_MOST_PAID_TOGETHER]
        for size in range(1, len(paid) + 1):
            for choice in combinations(paid, size):
                if total((shown.amount for shown, _ in choice), line.amount.currency) == -line.amount:
                    return list(choice)
        return []

    def brought_forward(self, unknown: Money) -> list[ReconciledLine]:
        """Their opening balance, and our open documents from before the first line that it stands for.
        `unknown`: their payments that settle none of their lines; they may have settled part of it. What
        our documents do not explain is left over."""
        opening = self._statement.opening
        if opening is None:
            return []
        start = min((line.booked for line in self._statement.lines if line.booked), default=date.max)
        old = [
            entry
            for entry in self._free
            if entry.state is LedgerState.OPEN and entry.booked is not None and entry.booked < start
        ]
        sums = [opening, opening + unknown]
        within = next((part for wanted in sums if (part := parts_of(old, wanted)) is not None), old)
        self._free = [entry for entry in self._free if entry not in within]
        found = [
            _line(None, entry, LineClass.BROUGHT_FORWARD, -entry.amount, "within their opening balance")
            for entry in within
        ]
        ours = total((entry.amount for entry in within), self._statement.currency)
        remark = f"their opening balance; our documents from before come to {ours}"
        if ours == opening:
            effect = opening
        elif ours == sums[1]:
            effect, remark = opening, f"{remark}, which with their payments of {-unknown} is the same"
        else:
            effect, remark = ours, f"{remark}, {opening - ours} differ: ask for an earlier statement"
        return [*found, _line(None, None, LineClass.BROUGHT_FORWARD, effect, remark)]

    def rest(self) -> list[LedgerEntry]:
        """Our documents that no line of theirs stands for."""
        return list(self._free)

    def ours(self) -> list[ReconciledLine]:
        """Our open documents that they do not show."""
        found = []
        for entry in self._free:
            if entry.state is not LedgerState.OPEN:
                continue
            is_credit = entry.kind is EntryKind.CREDIT_NOTE
            kind = LineClass.CREDIT_NOT_TAKEN if is_credit else LineClass.NOT_BOOKED_BY_THEM
            after = self._statement.as_of is not None and (entry.booked or date.min) > self._statement.as_of
            remark = "from after the statement's date" if after else "they do not show it"
            found.append(_line(None, entry, kind, -entry.amount, remark))
        return found


def _same_number(line: StatementLine, entry: LedgerEntry) -> bool:
    """A number that is told on both sides and means the same."""
    if not line.number or not entry.number:
        return False
    return normalise_number(line.number) == normalise_number(entry.number)


def _same_number_and_amount(line: StatementLine, entry: LedgerEntry) -> bool:
    return line.amount == entry.amount and _same_number(line, entry)


def _same_amount_and_date(line: StatementLine, entry: LedgerEntry) -> bool:
    """Without a number on one side: the same amount within a few days. Two different numbers are two
    documents, however alike they look."""
    if line.number and entry.number:
        return False
    if line.booked is None or entry.booked is None:
        return False
    return line.amount == entry.amount and abs(line.booked - entry.booked) <= _NEAR


def _said_twice(lines: Sequence[StatementLine]) -> set[int]:
    """Positions of lines that repeat an earlier one: number, kind, amount and day."""
    seen, again = set(), set()
    for line in lines:
        if not line.number:
            continue
        key = (line.kind, normalise_number(line.number), line.amount.amount, line.booked)
        if key in seen:
            again.add(line.position)
        seen.add(key)
    return again


def _settled(line: ReconciledLine) -> ReconciledLine:
    """A document whose payment they have booked too: nothing to do on either side."""
    return line.model_copy(
        update={"found": LineClass.PAYMENT_BOOKED, "remark": f"{line.remark}; they booked it"}
    )


def _line(
    line: StatementLine | None, entry: LedgerEntry | None, found: LineClass, effect: Money, remark: str
) -> ReconciledLine:
    return ReconciledLine(line=line, entry=entry, found=found, effect=effect, remark=remark)


def _ledger_place(entry: LedgerEntry) -> tuple[int, date, str, str]:
    """Open documents first, the oldest first: what is paid or closed is looked for last."""
    return (_STATES.index(entry.state), entry.booked or date.max, entry.number or "", entry.reference)


def _place(line: ReconciledLine) -> tuple[int, int]:
    return (line.line.position if line.line else _LAST, _CLASSES.index(line.found))
