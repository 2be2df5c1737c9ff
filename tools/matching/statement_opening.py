"""Which of our older documents a supplier's opening balance stands for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from tools.domain.money import Money, total
from tools.domain.statement import LedgerEntry

_MOST_TRIED = 12
"""All combinations of the documents are tried, so there must be few."""


def parts_of(old: Sequence[LedgerEntry], opening: Money) -> list[LedgerEntry] | None:
    """All of them where they come to the balance, none where it is zero, else the one combination that
    comes to it and leaves out the fewest; None where nothing does or several do, which nobody can tell
    apart."""
    if total((entry.amount for entry in old), opening.currency) == opening:
        return list(old)
    if opening.amount == 0:
        return []
    for size in range(len(old) - 1, 0, -1) if len(old) <= _MOST_TRIED else ():
        found = [
            choice
            for choice in combinations(old, size)
            if total((entry.amount for entry in choice), opening.currency) == opening
        ]
        if found:
            return list(found[0]) if len(found) == 1 else None
    return None
