"""Whether the date cell of a statement's row holds a day that does not exist."""

from __future__ import annotations

import re

from tools.intake.pdf_dates import find_dates

_NO_YEAR = re.compile(r"\s*(\d{1,2})\s?[./-]\s?(\d{1,2})\s?[./-]?\s*")


def is_no_day(text: str) -> bool:
    """Figures that are no day of the calendar. Words are none, and a day and a month without a year are
    only short."""
    if find_dates(text) or not any(sign.isdigit() for sign in text):
        return False
    short = _NO_YEAR.fullmatch(text)
    if short is None:
        return True
    low, high = sorted((int(short[1]), int(short[2])))
    return not (1 <= low <= 12 and high <= 31)
