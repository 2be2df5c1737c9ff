"""Whether a value lies outside a limit: a percent and an absolute bound, both binding."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

from tools.domain.policy import Limit


class Bound(StrEnum):
    PERCENT = "percent"
    ABSOLUTE = "absolute"
    ANY = "any"
    """No difference is allowed at all."""


def broken(limit: Limit, excess: Fraction, expected: Fraction) -> tuple[Bound, ...]:
    """The bounds that `excess` breaks; a value on the bound passes and a negative one is no excess.

    Where nothing was expected, any excess is infinitely many percent.
    """
    if excess <= 0 or limit.unlimited:
        return ()
    if limit.percent is None and limit.absolute is None:
        return (Bound.ANY,)
    found = []
    if limit.percent is not None and _breaks_percent(excess, expected, Fraction(limit.percent)):
        found.append(Bound.PERCENT)
    if limit.absolute is not None and excess > Fraction(limit.absolute):
        found.append(Bound.ABSOLUTE)
    return tuple(found)


def _breaks_percent(excess: Fraction, expected: Fraction, percent: Fraction) -> bool:
    return expected == 0 or excess > abs(expected) * percent / 100
