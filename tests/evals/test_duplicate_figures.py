"""The measurement of the duplicate check, with a small company."""

from __future__ import annotations

import pytest

from evals.duplicate_kinds import KINDS
from evals.duplicates import Report, run


@pytest.fixture(scope="module")
def report() -> Report:
    return run(2000, 3, each=25)


def test_copies_of_every_kind_are_found(report: Report) -> None:
    assert [kind.kind for kind in report.kinds] == list(KINDS) and len(KINDS) >= 20
    missed = {kind.kind: kind.found for kind in report.kinds if kind.tried and kind.found < 0.7}
    assert not missed
    assert report.recall > 0.97 and report.recall >= report.recall_blocked > 0.5


def test_the_simpler_ways_find_less(report: Report) -> None:
    assert report.baseline_exact < report.recall / 2
    assert report.baseline_normalised < report.recall / 2


def test_hardly_a_document_that_is_no_copy_is_suspected(report: Report) -> None:
    assert report.fresh == 60
    assert report.false_alarms <= 0.05
    assert 0 < report.p50_own_ms <= report.p95_own_ms
