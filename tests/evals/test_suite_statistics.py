"""Figures of the suite against values worked out by hand."""

from __future__ import annotations

from math import comb
from random import Random

import pytest

from evals.suite.statistics import (
    difference,
    interval,
    pass_hat,
    precision,
    recall,
    risk_coverage,
    sign_test,
)


def test_pass_hat_k_is_the_share_of_choices_of_k_trials_that_all_passed() -> None:
    trials = {"a": [True, True, False, True], "b": [True] * 4, "c": [False] * 4}
    assert pass_hat(trials, 1) == pytest.approx((0.75 + 1 + 0) / 3)
    assert pass_hat(trials, 2) == pytest.approx((3 / 6 + 1 + 0) / 3)
    assert pass_hat(trials, 4) == pytest.approx((0 + 1 + 0) / 3)


def test_a_case_with_fewer_trials_than_k_says_nothing_about_pass_hat_k() -> None:
    assert pass_hat({"a": [True], "b": [True, False]}, 2) == 0
    assert pass_hat({"a": [True]}, 2) is None


def test_pass_hat_k_is_unbiased() -> None:
    """Mean over all results of five trials, weighted as they come with a chance of 0.7, is 0.7 cubed."""
    chance, mean = 0.7, 0.0
    for passed in range(6):
        weight = comb(5, passed) * chance**passed * (1 - chance) ** (5 - passed)
        found = pass_hat({"a": [True] * passed + [False] * (5 - passed)}, 3)
        assert found is not None
        mean += weight * found
    assert mean == pytest.approx(chance**3)


def test_the_interval_is_the_same_each_time_and_another_with_another_seed() -> None:
    values = [at / 37 for at in range(38)]
    assert interval(values) == interval(values)
    assert interval(values, seed=1, draws=200) != interval(values, seed=2, draws=200)


def test_the_interval_of_three_in_four_over_forty_cases_is_about_what_theory_says() -> None:
    """0.75 ± 1.96·√(0.75·0.25/40) = 0.616 … 0.884."""
    found = interval([1.0] * 30 + [0.0] * 10)
    assert found.low == pytest.approx(0.616, abs=0.03)
    assert found.high == pytest.approx(0.884, abs=0.03)


def test_cases_that_all_passed_are_no_proof_of_all_cases() -> None:
    """Clopper and Pearson: 0.025^(1/20) = 0.832 for 20 of 20; the mirror of it for 0 of 20."""
    assert interval([1.0] * 20).low == pytest.approx(0.8316, abs=1e-4)
    assert interval([1.0] * 20).high == 1
    assert interval([0.0] * 20).high == pytest.approx(0.1684, abs=1e-4)
    assert (interval([]).low, interval([]).high) == (0, 1)


@pytest.mark.parametrize(
    ("better", "worse", "chance"), [(0, 0, 1), (5, 0, 2 / 32), (6, 0, 2 / 64), (1, 8, 20 / 512), (3, 3, 1)]
)
def test_the_exact_test_counts_splits_at_least_as_uneven(better: int, worse: int, chance: float) -> None:
    assert sign_test(better, worse) == pytest.approx(chance)
    assert sign_test(worse, better) == pytest.approx(chance)


def test_six_better_and_none_worse_is_significant_and_five_is_not() -> None:
    old = {f"{at}": [at >= 6] for at in range(20)}
    new = {case: [True] for case in old}
    found = difference(old, new)
    assert (found.better, found.worse, found.cases) == (6, 0, 20)
    assert found.change == pytest.approx(0.3)
    assert found.interval.low > 0
    assert found.is_significant
    assert not difference({**old, "0": [True]}, new).is_significant


def test_cases_that_only_one_run_has_do_not_count() -> None:
    found = difference({"a": [True], "b": [False]}, {"b": [True], "c": [True]})
    assert (found.cases, found.better) == (1, 1)


def test_the_sign_test_is_seldom_wrong_where_nothing_differs() -> None:
    random = Random(7)  # noqa: S311 - a test
    wrong = 0
    for _ in range(200):
        better = sum(random.random() < 0.5 for _ in range(12))
        wrong += sign_test(better, 12 - better) < 0.05
    assert wrong / 200 < 0.07


def test_risk_grows_with_coverage_where_unsure_answers_are_wrong() -> None:
    points = risk_coverage([(1.0, True), (1.0, True), (0.5, False)], of=4)
    assert [(point.coverage, round(point.risk, 3)) for point in points] == [(0.5, 0.0), (0.75, 0.333)]


def test_precision_and_recall_say_nothing_where_there_was_nothing() -> None:
    assert (precision(3, 1), recall(3, 0)) == (0.75, 1)
    assert precision(0, 0) is None
    assert recall(0, 0) is None
