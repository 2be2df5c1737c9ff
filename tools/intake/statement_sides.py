"""Whether a statement is written from the supplier's side, as it should be, or from ours.

On the supplier's side an invoice stands under debit and a payment under credit. A statement that was printed
out of our own books, or by a program that turns the columns round, has it the other way. Nothing is turned
round without a person's word.
"""

from __future__ import annotations

from tools.domain.money import Money
from tools.domain.statement import EntryKind
from tools.intake.statement_columns import is_reversal, kinds_named


class Sides:
    """Counts rows whose words and side agree and those where they do not."""

    def __init__(self) -> None:
        self._agreeing = 0
        self._contrary = 0

    def fault(self, words: str, amount: Money, *, has_side: bool) -> str | None:
        """Why the row cannot be meant as it stands; None when it can. `has_side`: the amount stands under
        debit or credit, so that its side is told for payments too, which are often printed without sign."""
        named = kinds_named(words)
        if len(named) != 1 or not amount.amount or is_reversal(words):
            return None
        raises, is_invoice = amount.amount > 0, EntryKind.INVOICE in named
        if raises == is_invoice:
            self._agreeing += 1
            return None
        if not is_invoice and not has_side:
            return None
        self._contrary += 1
        return f"“{words}” would {'raise' if raises else 'lower'} what we owe"

    @property
    def doubt(self) -> str | None:
        """A question for a person, where every row that tells its side stands on the wrong one."""
        if not self._contrary or self._agreeing:
            return None
        return (
            f"all {self._contrary} rows that say what they are stand on the other side: is the statement "
            "written from our side? Nothing was turned round; if it is, read it again with --mirrored"
        )


def turned(printed: Money | None, computed: Money) -> Money | None:
    """A balance of a statement written from our side, where a credit is what we owe: as printed where that is
    what the lines add up to, else with the other sign."""
    return printed if printed is None or printed == computed else -printed
