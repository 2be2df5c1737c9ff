"""How far goods came and where documents stand, as the rows of our own tools tell it.

A claim in words (`unbacked.py`, `deeds.py`) is held against it: the goods of an order came in full when every
known row of it says so, a document is posted when its case or the ERP's document says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from agent.absences import bare

_NUMBER = r"-?\d+(?:\.\d+)?"
_GOODS = re.compile(
    rf"(?:\b(?P<order>[\w.-]*\w)/(?P<line>[\w.-]*\w)\b|\[order:(?P<of>[^\]]+)\] Order line (?P<at>\S+)).*?"
    rf"\bordered (?P<ordered>{_NUMBER})\b.*?\breceived (?P<received>{_NUMBER})(?!\d)"
)
_STAGES = "received|read|matched|waiting for answer|waiting for approval|on hold|approved|outcome unknown"
_ENDS = "posted|parked|rejected|not an invoice|unreadable|waiting|not posted"
_CASE = re.compile(
    rf"\bcase (?P<case>[\w.#/-]*\w)(?::? (?P<now>{_STAGES}|{_ENDS})\b"
    rf"|.*?\b(?:stage|ended) (?P<then>{_STAGES}|{_ENDS})\b)"
)
_POSTING = re.compile(r"\bERP [a-z ]+? (?P<number>[\w./#-]*\w): (?P<state>draft|posted|paid|cancelled)\b")
_ALSO = re.compile(r"\b(?:number|ERP number) ([\w./#-]*\w)")
_SETTLED = re.compile(r"\bnothing of it is open any more\b")
_CODE = re.compile(r"[\w./#-]*\w")
_LINE = re.compile(r"\b(?:line|position|zeile|regel|ligne|pos\.?)\s+(\d+)\b", re.IGNORECASE)


class State(StrEnum):
    """What may be said of a document."""

    APPROVED = "approved"
    POSTED = "posted"
    PAID = "paid"


_MAY_SAY = {
    "approved": frozenset({State.APPROVED}),
    "posted": frozenset({State.APPROVED, State.POSTED}),
    "paid": frozenset(State),
}
"""By stage or state in the ERP; of every other one nothing of the kind."""


class _Goods(NamedTuple):
    order: str
    line: str
    is_whole: bool
    has_come: bool
    """Some of it."""


class Whereabouts:
    """Gathered row by row; a later row about the same thing replaces an earlier one."""

    def __init__(self) -> None:
        self._goods: dict[tuple[str, str], _Goods] = {}
        self._documents: dict[str, str] = {}
        """Bare id of a case or an ERP document -> its stage or state."""
        self._names: dict[str, str] = {}
        """Bare number of a document -> its case."""
        self._own: str | None = None

    def add(self, row: str) -> None:
        """One row of ours, without text of others."""
        if found := _GOODS.search(row):
            order, line = found["order"] or found["of"], found["line"] or found["at"]
            received = Decimal(found["received"])
            whole, some = received >= Decimal(found["ordered"]), received > 0
            self._goods[bare(order), bare(line)] = _Goods(bare(order), bare(line), whole, some)
        for case in _CASE.finditer(row):
            name = bare(case["case"])
            self._documents[name] = case["now"] or case["then"]
            self._names |= {bare(number): name for number in _ALSO.findall(row[case.start() :])}
        for posting in _POSTING.finditer(row):
            self._documents[bare(posting["number"])] = posting["state"]
        if _SETTLED.search(row) and len(self._documents) == 1:
            self._documents = dict.fromkeys(self._documents, "paid")

    def talk_about(self, case: str) -> None:
        """A sentence that names no document means this case's."""
        self._own = bare(case)

    def all_came(self, sentence: str) -> bool | None:
        """Whether the goods that the sentence speaks of came in full; None where no row tells."""
        rows = self._rows(sentence)
        return all(row.is_whole for row in rows) if rows else None

    def some_came(self, sentence: str) -> bool | None:
        """Whether any of these goods came; None where no row tells."""
        rows = self._rows(sentence)
        return any(row.has_come for row in rows) if rows else None

    def _rows(self, sentence: str) -> list[_Goods]:
        """Those of the order and the lines that it names, else all."""
        codes = {bare(code) for code in _CODE.findall(sentence)}
        named = [row for row in self._goods.values() if row.order in codes or row.order + row.line in codes]
        lines = set(_LINE.findall(sentence))
        return [row for row in named or self._goods.values() if not lines or row.line in lines]

    def may_say(self, sentence: str, states: Collection[State]) -> bool | None:
        """Whether the documents that the sentence names, else the case that is talked about, stand so; None
        where no row tells."""
        codes = {bare(code) for code in _CODE.findall(sentence)}
        codes |= {self._names[code] for code in codes if code in self._names}
        named = [state for name, state in self._documents.items() if name in codes]
        own = [self._documents[self._own]] if self._own in self._documents else []
        found = named or own
        return all(set(states) <= _MAY_SAY.get(state, frozenset()) for state in found) if found else None
