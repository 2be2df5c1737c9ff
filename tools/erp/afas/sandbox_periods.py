"""The periods of the sandbox's financial years."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta


def months(today: date) -> Iterator[tuple[date, date]]:
    """The periods of last year, this year and the next."""
    for year in (today.year - 1, today.year, today.year + 1):
        for month in range(1, 13):
            first = date(year, month, 1)
            following = date(year + month // 12, month % 12 + 1, 1)
            yield first, following - timedelta(days=1)
