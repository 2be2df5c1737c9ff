"""Cuts texts and streams into whole sentences; dots of dates, ordinals and abbreviations end none."""

from __future__ import annotations

import re
from collections.abc import Iterator

_GAP = re.compile(r"\s+(?=\S)")
_ORDINAL = re.compile(r"(?<![\d.,])\d{1,2}(?:\.\d{1,2})?\.\Z")
_WORD = re.compile(r"(?:[^\W\d_]{1,6}\.)*[^\W\d_]{1,7}\.\Z")
_SHORT = frozenset(
    # English, German, Dutch, French
    "no nos approx incl excl e.g i.e etc vs mr mrs ms dr inc ltd co fig ref qty pcs max min "
    "nr nrn z.b bzw ca d.h u.a inkl exkl zzgl ggf vgl stk st pos art abs abt tel evtl usw lt gem v.h "
    "bijv d.w.z t.a.v o.a m.b.t resp nl blz btw incl "
    "env ex réf cf mme num p.ex c.-à-d "
    "jan feb mar apr jun jul aug sep sept okt oct nov dez dec déc févr janv avr juil mrt".split()
)


def _ends(text: str, at: int, gap: str, following: str) -> bool:
    before = text[max(0, at - 24) : at]
    if before.endswith("."):
        word = _WORD.search(before)
        is_short = word is not None and word[0][:-1].casefold() in _SHORT
        return not is_short and _ORDINAL.search(before) is None
    if before.endswith(("!", "?")):
        return True
    return "\n" in gap and (gap.count("\n") > 1 or not following.islower())


def _cuts(text: str) -> Iterator[int]:
    """Places behind the gap of each whole sentence."""
    for gap in _GAP.finditer(text):
        if _ends(text, gap.start(), gap[0], text[gap.end()]):
            yield gap.end()


def sentences(text: str) -> list[str]:
    """The whole text in its sentences, each with the blank or line break behind it."""
    cut = Sentences()
    return [*cut.more(text), *cut.end()]


class Sentences:
    """Cuts a stream into whole sentences, so that each can be checked before anybody reads it."""

    def __init__(self) -> None:
        self._rest = ""

    def more(self, piece: str) -> list[str]:
        """The sentences that are whole now."""
        self._rest += piece
        places = [0, *_cuts(self._rest)]
        found = [self._rest[start:end] for start, end in zip(places, places[1:], strict=False)]
        self._rest = self._rest[places[-1] :]
        return found

    def end(self) -> list[str]:
        rest, self._rest = self._rest, ""
        return [rest] if rest else []
