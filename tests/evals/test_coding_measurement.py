"""The measurement of coding: the same seed gives the same figures, and the baselines are what they say."""

from __future__ import annotations

from datetime import date

from evals.coding import score
from evals.coding_ledger import made_up_ledger


def test_the_invented_ledger_is_large_wrong_now_and_then_and_the_same_each_time() -> None:
    ledger = made_up_ledger(1, 30)
    assert ledger == made_up_ledger(1, 30) != made_up_ledger(2, 30)
    assert len(ledger) >= 3000 and len({entry.line.supplier_id for entry in ledger}) >= 60
    mistakes = sum(entry.line.account != entry.truth for entry in ledger) / len(ledger)
    assert 0.03 < mistakes < 0.07


def test_asking_when_unsure_codes_less_and_errs_less_than_the_baselines() -> None:
    report = score(seed=5, months=12, test_months=3)
    agent, always, frequent, recent = report.scores
    assert report.from_day > date(2024, 1, 1)
    assert agent.lines == always.lines == frequent.lines == recent.lines > 200
    assert agent.coded < always.coded == frequent.coded
    assert agent.wrong_share < always.wrong_share < min(frequent.wrong_share, recent.wrong_share)
    assert abs(agent.accuracy - agent.right / agent.coded) < 1e-9
