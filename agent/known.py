"""The claims that texts hold, kept so that a claim of a model can be looked up among them."""

from __future__ import annotations

import re

from agent.atoms import Atom, AtomKind, atoms, numbers, runs
from agent.measures import Measure

_PARTS = re.compile(r"[-/_.\s]")
_DECIMALS = re.compile(r"[.,]\d{2,}\Z")


class Known:
    """Numbers with what stood beside them, dates, codes."""

    def __init__(self) -> None:
        self._dates: set[str] = set()
        self._codes: set[str] = set()
        self._parts: set[str] = set()
        self._figures: dict[str, list[Measure | None]] = {}
        """By reading; None for digits of an id, of a year, of a day: no amount and no share."""

    def add(self, text: str) -> None:
        """Everything that one text claims."""
        for line in text.splitlines():
            found = atoms(line)
            currencies = [atom.measure.currency for atom in found if atom.measure and atom.measure.currency]
            only = currencies[0] if len(set(currencies)) == 1 else frozenset[str]()
            for atom in found:
                self._add(atom, line[atom.start : atom.end], only)

    def add_codes(self, text: str) -> None:
        """Only its codes: names that others gave things."""
        for atom in atoms(text):
            if atom.kind is AtomKind.CODE:
                self._add(atom, text[atom.start : atom.end], frozenset())

    def _add(self, atom: Atom, written: str, currency: frozenset[str]) -> None:
        if atom.kind is AtomKind.DATE:
            self._add_dates(atom)
        elif atom.kind is AtomKind.CODE:
            self._add_code(atom, written)
        else:
            found = atom.measure
            # `from 10.00 to 12.00 EUR`: a price that shares the currency of its row.
            if found and not (found.currency or found.is_percent) and _DECIMALS.search(written):
                found = found.model_copy(update={"currency": currency})
            for reading in atom.readings:
                self._figures.setdefault(reading, []).append(found)

    def _add_dates(self, atom: Atom) -> None:
        """A date also bears out its month and its day without the year."""
        self._dates |= atom.readings
        days = [day for day in atom.readings if day.count("-") == 2 and not day.startswith("--")]
        self._dates |= {f"-{day[4:]}" for day in days} | {day[:7] for day in days}
        for reading in (*atom.others, *(day[:4] for day in days)):
            self._figures.setdefault(reading, []).append(None)

    def _add_code(self, atom: Atom, written: str) -> None:
        """A code also bears out its parts: order and line of `PO100001/10000`, `3411` of `INV3411`."""
        parts = [part for part in _PARTS.split(written) if part]
        heads = [_bare("".join(parts[: at + 1])) for at in range(len(parts))]
        self._codes |= atom.readings | {head for head in heads if not head.isdigit()}
        self._parts |= {run for code in atom.readings for run in runs(code)}
        for text in (*atom.readings, *parts):
            for run in runs(text):
                for reading in numbers(run):
                    self._figures.setdefault(reading, []).append(None)

    def has_code(self, code: str) -> bool:
        return code in self._codes

    def holds(self, atom: Atom) -> bool:
        """Whether some text holds the claim."""
        if atom.kind is AtomKind.DATE:
            return bool(atom.readings & self._dates) or any(value in self._figures for value in atom.others)
        if atom.kind is AtomKind.CODE:
            # A range (`5-10`), or a number that a supplier writes without its letters (`2026-118`).
            return bool(atom.readings & self._codes) or any(
                code.isdigit() and code in self._parts for code in atom.readings
            )
        return any(
            _agrees(atom.measure, found) for value in atom.readings for found in self._figures.get(value, ())
        )


def _agrees(claim: Measure | None, record: Measure | None) -> bool:
    """Currency, minus and percent of the claim are the record's; a share is no quantity."""
    if claim is None:
        return True
    if record is None:
        return not (claim.currency or claim.is_percent or claim.is_negative)
    if claim.currency and not claim.currency & record.currency:
        return False
    if claim.is_negative and not record.is_negative:
        return False
    if claim.is_percent:
        return record.is_percent or record.may_be_percent
    return not record.is_percent or claim.may_be_percent


def _bare(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isalnum())
