"""Dates as suppliers print them. 03/04/2026 is two dates until the document says which."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tools.domain.months import IN_DATES, folded_month

_ISO = re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)")
_NUMERIC = re.compile(
    r"(?<![\d.,/-])(?P<a>\d{1,2})\s?(?P<s>[-/.])\s?(?P<b>\d{1,2})\s?(?P=s)\s?(?P<y>(?:19|20)\d\d|\d\d)"
    r"(?!\d|[./-]\d)"
)
_DAY_NAME = re.compile(
    r"(?<!\d)(?P<d>\d{1,2})(?:st|nd|rd|th|er|º|ª)?[\s.-]{1,3}(?:de |di |of |d')?(?P<n>[^\W\d_]{3,13})"
    r"\.?,?[\s-]*(?:de |del )?(?P<y>(?:19|20)\d\d|(?<=-)\d\d)(?!\d)"
)
_NAME_DAY = re.compile(
    r"(?P<n>[^\W\d_]{3,10})\.?[\s-](?P<d>\d{1,2})(?:st|nd|rd|th)?,?[\s-]+(?P<y>(?:19|20)\d\d)(?!\d)"
)
_COMPACT = re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)")


class DateOrder(StrEnum):
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


@dataclass(frozen=True, slots=True)
class DateText:
    """A date in a text: one reading, or two where day and month can be exchanged."""

    start: int
    end: int
    day_first: date | None
    month_first: date | None
    """Set only for forms in which a month may stand first."""

    def resolve(self, order: DateOrder | None) -> date | None:
        """The date; None when it is ambiguous and no order is known."""
        if self.month_first is None or self.month_first == self.day_first:
            return self.day_first
        if self.day_first is None:
            return self.month_first
        if order is None:
            return None
        return self.day_first if order is DateOrder.DAY_FIRST else self.month_first

    @property
    def shows(self) -> DateOrder | None:
        """The order that this date proves: 31/12 day first, 12/31 month first."""
        if self.month_first is None and self.day_first is None:
            return None
        if self.month_first is None or self.day_first is None:
            return DateOrder.DAY_FIRST if self.month_first is None else DateOrder.MONTH_FIRST
        return None


def find_dates(text: str) -> list[DateText]:
    """All dates in a text, from left to right, without overlaps."""
    found = [
        *(_dated(match, int(match["m"])) for match in _ISO.finditer(text)),
        *(_numeric(match) for match in _NUMERIC.finditer(text)),
        *(_named(match) for pattern in (_DAY_NAME, _NAME_DAY) for match in pattern.finditer(text)),
        *(_dated(match, int(match["m"])) for match in _COMPACT.finditer(text)),
    ]
    kept: list[DateText] = []
    for one in sorted((one for one in found if one is not None), key=lambda one: (one.start, -one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _dated(match: re.Match[str], month: int) -> DateText | None:
    day = _day(match["y"], month, int(match["d"]))
    return DateText(match.start(), match.end(), day, day) if day else None


def _named(match: re.Match[str]) -> DateText | None:
    month = IN_DATES.get(folded_month(match["n"]))
    return _dated(match, month) if month else None


def _numeric(match: re.Match[str]) -> DateText | None:
    first, second = int(match["a"]), int(match["b"])
    day_first = _day(match["y"], second, first)
    # Dots separate day, month and year in this order wherever they are used.
    month_first = _day(match["y"], first, second) if match["s"] != "." else None
    if day_first is None and month_first is None:
        return None
    if match["s"] == ".":
        month_first = day_first
    return DateText(match.start(), match.end(), day_first, month_first)


def _day(year: str, month: int, day: int) -> date | None:
    whole = int(year) if len(year) == 4 else 2000 + int(year)
    try:
        return date(whole, month, day)
    except ValueError:
        return None


def date_order(texts: Iterable[str], usual: DateOrder | None) -> DateOrder | None:
    """The order that the document's dates prove together; else `usual`; None when they contradict."""
    shown = {one.shows for text in texts for one in find_dates(text)} - {None}
    if len(shown) == 1:
        return shown.pop()
    return usual if not shown else None
