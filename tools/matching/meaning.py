"""What descriptions mean, as far as matching needs it: a seam. Models live elsewhere; matching is pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Meaning(Protocol):
    """How alike texts are in meaning, whatever their words and language."""

    def likeness(self, printed: Sequence[str], known: Sequence[str]) -> Sequence[Sequence[float]]:
        """A row for each of `printed`, a figure for each of `known`: 1 for the same text, 0 for two goods
        that have nothing in common; somewhat below 0 is possible. All texts come in one call."""
        ...
