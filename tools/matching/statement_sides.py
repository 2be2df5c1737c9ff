"""Documents that stand on a statement with the opposite amount of ours: perhaps it is written from our side.

Such a statement adds up all the same, as credits that never came and invoices they never booked; it is a
person who says which side it is written from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tools.domain.statement import LedgerEntry, LineClass, ReconciledLine, StatementLine

Alike = Callable[[StatementLine, LedgerEntry], bool]
_KNOWN = frozenset({LineClass.MATCHED, LineClass.PAID_IN_TRANSIT, LineClass.IN_PROCESS})
"""Their line and our document agree, which says that the sides do."""
_UNKNOWN = frozenset({LineClass.MISSING_INVOICE, LineClass.CREDIT_NOT_RECEIVED})


def side_doubts(
    lines: Sequence[ReconciledLine], rest: Sequence[LedgerEntry], same_number: Alike, same_day: Alike
) -> Iterator[str]:
    """A question for a person where lines that we do not know are documents of `rest`, those of ours that no
    line stands for, with the opposite amount. Without numbers a pair counts only where nothing at all
    agrees: a refund may look like it."""
    agrees = any(line.found in _KNOWN for line in lines)
    ways = (same_number,) if agrees else (same_number, same_day)
    shown = [line.line for line in lines if line.line is not None and line.found in _UNKNOWN]
    turned = [_turned(line) for line in shown]
    pairs = [(line, entry) for line in turned for entry in rest if any(way(line, entry) for way in ways)]
    if not pairs:
        return
    rows = list(dict.fromkeys(f"row {line.position} ({_name(line, entry)})" for line, entry in pairs))
    many = len(rows) > 1
    yield (
        f"{', '.join(rows)}: {'these stand' if many else 'this stands'} in our books with the opposite "
        "amount; is the statement written from our side? Nothing was turned round; if it is, read it again "
        "with --mirrored (or without, where that was given)"
    )


def _turned(line: StatementLine) -> StatementLine:
    return line.model_copy(update={"amount": -line.amount})


def _name(line: StatementLine, entry: LedgerEntry) -> str:
    return line.number or entry.number or entry.reference
