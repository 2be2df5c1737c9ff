"""Sparing an endpoint that does not work: a batch of many cases would wait for each of its timeouts."""

from __future__ import annotations

_IN_A_ROW = 3
_SECONDS = 60.0


class Rest:
    """One endpoint's failures in a row. After three of them it is not asked for a minute; then once, to see
    whether it is back. Times are seconds of any clock that only goes forward."""

    def __init__(self) -> None:
        self._failures = 0
        self._until = 0.0

    def why_not(self, now: float) -> str | None:
        """Why it is not asked now; None when it is."""
        if self._failures < _IN_A_ROW or now >= self._until:
            # Who comes next while this one finds out is still spared.
            self._until = now + _SECONDS
            return None
        return (
            f"it failed {self._failures} times in a row and is asked again in {self._until - now:.0f} seconds"
        )

    def failed(self, now: float) -> None:
        """It was not reached, did not answer, or refuses us altogether."""
        self._failures += 1
        self._until = now + _SECONDS

    def answered(self) -> None:
        self._failures = 0
