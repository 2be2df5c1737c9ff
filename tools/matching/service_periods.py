"""The days, weeks, months and quarters that the lines of a document name.

Rent, leases, subscriptions and rides repeat the amount with a new number; what tells one from another is
the period in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from tools.domain.months import BESIDE_A_YEAR, IN_TEXT, folded_month

_ISO_DAY = re.compile(r"(?<!\d)(20\d\d)-(\d\d)-(\d\d)(?!\d)")
_DAY = re.compile(r"(?<![\d.])(\d{1,2})[./](\d{1,2})[./](20\d\d|\d\d)(?![\d])")
_DAY_AND_MONTH = re.compile(r"(?<![\d.,])(\d{1,2})\.(\d{1,2})\.(?!\d)")
_MONTH_AND_YEAR = re.compile(r"(?<![\d./-])(\d{1,2})[/.](20\d\d)(?!\d)|(?<!\d)(20\d\d)-(\d\d)(?![\d-])")
_NAMED = re.compile(r"([^\W\d_]{3,10})\.?,?(?:\s+(20\d\d|'?\d\d(?![\d.,])))?")
_QUARTER = re.compile(
    r"(?:\bQ([1-4])|\b([1-4])\.?\s*(?:quartal|quarter|trimest\w+|kwartaal))\b\D{0,3}(20\d\d)?", re.I
)
_WEEK = re.compile(r"\b(?:KW|CW|week|woche|semaine)\s*(\d{1,2})(?:\s*[/-]?\s*(20\d\d))?\b", re.I)
_FAR = timedelta(days=400)


def periods_in(texts: Iterable[str], near: date | None) -> tuple[str, ...]:
    """Days as `2026-03-12`, months as `2026-03`, quarters as `2026-Q1`, weeks as `2026-W12`, sorted.

    A year that is not printed is the one of `near`, the document's date; what lies more than 400 days from
    it (the date of a contract) is no period of the document.
    """
    found = {period for text in texts for period in _periods(text, near)}
    return tuple(sorted(period for period in found if _is_near(period, near)))


def _periods(text: str, near: date | None) -> Iterator[str]:
    year = str(near.year) if near else ""
    for pattern, order in ((_ISO_DAY, (0, 1, 2)), (_DAY, (2, 1, 0))):
        for match in pattern.finditer(text):
            yield from _day(*(match.groups()[at] for at in order))
        text = pattern.sub(" ", text)
    for match in _WEEK.finditer(text):
        yield f"{match[2] or year}-W{int(match[1]):02d}"
    text = _WEEK.sub(" ", text)
    for match in _MONTH_AND_YEAR.finditer(text):
        printed, month = (match[2], match[1]) if match[2] else (match[3], match[4])
        yield from _month(printed, int(month))
    text = _MONTH_AND_YEAR.sub(" ", text)
    for match in _DAY_AND_MONTH.finditer(text):
        yield from _day(year, match[2], match[1])
    for match in _QUARTER.finditer(text):
        yield f"{match[3] or year}-Q{match[1] or match[2]}"
    yield from _named(text, year)


def _named(text: str, year: str) -> Iterator[str]:
    for match in _NAMED.finditer(text.casefold()):
        printed = (match[2] or "").lstrip("'")
        names = BESIDE_A_YEAR if len(printed) == 4 else IN_TEXT
        month = names.get(folded_month(match[1]))
        if month is not None:
            yield from _month(printed if len(printed) == 4 else year, month)


def _day(year: str, month: str, day: str) -> Iterator[str]:
    full = f"20{year}" if len(year) == 2 else year
    try:
        yield date(int(full), int(month), int(day)).isoformat()
    except ValueError:
        return


def _month(year: str, month: int) -> Iterator[str]:
    if 1 <= month <= 12:
        yield f"{year}-{month:02d}"


def _is_near(period: str, near: date | None) -> bool:
    if near is None or not period[:4].isdigit():
        return True
    if "Q" in period or "W" in period:
        return abs(int(period[:4]) - near.year) <= 1
    first = date.fromisoformat(period if len(period) == 10 else f"{period}-01")
    return abs(first - near) <= _FAR


def is_other_period(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Both name a period that the other does not name."""
    return bool(set(one) - set(two)) and bool(set(two) - set(one))


def is_same_period(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Both name the same, and something."""
    return bool(one) and one == two
