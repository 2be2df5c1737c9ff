"""A model's words held against the records: what no record bears out is struck out and told.

Every number, date and code of a sentence must stand in what the model was shown or a tool answered. Nothing
is computed: a sum that stands in no record is struck, true or not.
"""

from __future__ import annotations

from collections.abc import Iterable

from agent.atoms import Atom, AtomKind, atoms, numbers, runs
from tools.domain.record import Record

STRUCK = "[not found in the records]"


class Grounded(Record):
    """A text after the check."""

    text: str
    """With `STRUCK` in place of what was not found."""
    struck: tuple[str, ...] = ()
    """What was struck, as the model wrote it, in order."""


class Records:
    """Everything that may be claimed, from the texts that a model was given."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._known: dict[AtomKind, set[str]] = {kind: set() for kind in AtomKind}
        for text in texts:
            for atom in atoms(text):
                self._known[atom.kind] |= atom.readings
        self._add_parts()

    def _add_parts(self) -> None:
        """A date also bears out its month and its day without the year; a code its long runs of digits."""
        dates = [
            day for day in self._known[AtomKind.DATE] if day.count("-") == 2 and not day.startswith("--")
        ]
        self._known[AtomKind.DATE] |= {f"-{day[4:]}" for day in dates} | {day[:7] for day in dates}
        self._known[AtomKind.NUMBER] |= {day[:4] for day in dates}
        for code in list(self._known[AtomKind.CODE]):
            self._known[AtomKind.NUMBER] |= {reading for run in runs(code) for reading in numbers(run)}

    def bear_out(self, atom: Atom) -> bool:
        """Whether some record holds it."""
        if atom.readings & self._known[atom.kind]:
            return True
        if atom.kind is AtomKind.CODE:
            return any(self._is_named(reading) for reading in atom.readings)
        return False

    def _is_named(self, code: str) -> bool:
        """A range (`5-10`) or a number that a supplier writes without its letters (`2026-118`)."""
        return code.isdigit() and any(code in runs(known) for known in self._known[AtomKind.CODE])


def ground(text: str, records: Records) -> Grounded:
    """Strike out of `text` what `records` do not bear out."""
    shown, place, struck = list[str](), 0, list[str]()
    for atom in atoms(text):
        if records.bear_out(atom):
            continue
        shown += [text[place : atom.start], STRUCK]
        struck.append(text[atom.start : atom.end])
        place = atom.end
    return Grounded(text="".join((*shown, text[place:])), struck=tuple(struck))
