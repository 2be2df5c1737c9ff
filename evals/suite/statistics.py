"""Figures over cases: pass^k, intervals and whether two runs really differ. Shares are floats, never money.

The unit is the case: trials of one case are no independent looks at a product, so intervals and tests are
made over cases. Everything that draws does so from a seed of its own: the same input gives the same figures.

Sources: pass^k is the unbiased estimate C(c,k)/C(n,k) of Yao et al., "τ-bench", 2024 (arXiv 2406.12045); the
exact test is McNemar's in its binomial form, that is a sign test over the cases that differ; where all cases
agree the interval is that of Clopper and Pearson, 1934.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import comb
from random import Random

from tools.domain.record import Record

SEED = 20260316
DRAWS = 2_000
LEVEL = 0.95
Trials = Mapping[str, Sequence[bool]]
"""Case -> whether each of its trials passed."""


class Interval(Record):
    """Between 0 and 1 for shares, -1 and 1 for differences."""

    low: float
    high: float


class Difference(Record):
    """The second run against the first, over the cases both have."""

    cases: int
    better: int
    worse: int
    change: float
    """Of pass^1."""
    interval: Interval
    """Of `change`: paired bootstrap over cases."""
    chance: float
    """Exact two-sided sign test: how likely such a split is where neither run is better."""

    @property
    def is_significant(self) -> bool:
        return self.chance < 1 - LEVEL

    @property
    def is_worse(self) -> bool:
        """More cases came out worse than chance explains."""
        return self.is_significant and self.worse > self.better

    @property
    def words(self) -> str:
        return (
            f"{self.better} better, {self.worse} worse of {self.cases} cases that both ran, "
            f"p = {self.chance:.3f}"
        )


class RiskPoint(Record):
    """Keeping only answers at least this sure: how many are kept, and how many of those are wrong."""

    sureness: float
    coverage: float
    risk: float


def mean(values: Sequence[float]) -> float:
    """0 for none: shown beside the number of cases."""
    return sum(values) / len(values) if values else 0.0


def pass_hat(trials: Trials, k: int) -> float | None:
    """How likely `k` trials of a case all pass, averaged over the cases with at least `k` trials; None
    without such a case."""
    shares = [comb(sum(passed), k) / comb(len(passed), k) for passed in trials.values() if len(passed) >= k]
    return mean(shares) if shares else None


def rates(trials: Trials) -> dict[str, float]:
    """Case -> share of its trials that passed."""
    return {case: mean([float(one) for one in passed]) for case, passed in sorted(trials.items()) if passed}


def interval(values: Sequence[float], seed: int = SEED, draws: int = DRAWS) -> Interval:
    """Of the mean: percentile bootstrap over cases. Where all values are 0, or all 1, drawing again says
    nothing, and the exact binomial interval stands instead. The whole range for no values at all."""
    count = len(values)
    if not count:
        return Interval(low=0, high=1)
    tail = ((1 - LEVEL) / 2) ** (1 / count)
    if all(value == 1 for value in values):
        return Interval(low=tail, high=1)
    if all(value == 0 for value in values):
        return Interval(low=0, high=1 - tail)
    return _drawn(values, seed, draws)


def _drawn(values: Sequence[float], seed: int, draws: int) -> Interval:
    random, count = Random(seed), len(values)  # noqa: S311 - figures, no secrets
    means = sorted(sum(random.choices(values, k=count)) / count for _ in range(draws))
    cut = int(draws * (1 - LEVEL) / 2)
    return Interval(low=means[cut], high=means[draws - 1 - cut])


def sign_test(better: int, worse: int) -> float:
    """Two-sided, exact; 1 where nothing differs."""
    count = better + worse
    tail = sum(comb(count, at) for at in range(min(better, worse) + 1))
    return min(1.0, 2 * tail / (1 << count))


def difference(first: Trials, second: Trials, seed: int = SEED, draws: int = DRAWS) -> Difference:
    """Over the cases that both have."""
    old, new = rates(first), rates(second)
    changes = [new[case] - old[case] for case in sorted(old.keys() & new.keys())]
    better, worse = sum(change > 0 for change in changes), sum(change < 0 for change in changes)
    drawn = _drawn(changes, seed, draws) if changes else Interval(low=-1, high=1)
    return Difference(
        cases=len(changes),
        better=better,
        worse=worse,
        change=mean(changes),
        interval=drawn,
        chance=sign_test(better, worse),
    )


def risk_coverage(answers: Sequence[tuple[float, bool]], of: int) -> tuple[RiskPoint, ...]:
    """`answers`: how sure each was, 0 to 1, and whether it was right; `of`: how many could have been given.
    From the surest on; answers that are equally sure make one point."""
    points: list[RiskPoint] = []
    for sureness in sorted({sure for sure, _ in answers}, reverse=True):
        kept = [right for sure, right in answers if sure >= sureness]
        risk = mean([float(not right) for right in kept])
        points.append(RiskPoint(sureness=sureness, coverage=len(kept) / of, risk=risk))
    return tuple(points)


def precision(found: int, invented: int) -> float | None:
    """None where nothing was claimed."""
    return found / (found + invented) if found + invented else None


def recall(found: int, overlooked: int) -> float | None:
    """None where nothing was to find."""
    return found / (found + overlooked) if found + overlooked else None
