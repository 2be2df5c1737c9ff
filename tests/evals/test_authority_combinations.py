"""Every combination that the rules of authority meet, against what they must say."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from evals import authority
from evals.authority import Combination, Outcome, Report, combinations, expected, found, run
from tools.domain.authority import Role


@pytest.fixture(scope="module")
def report() -> Report:
    return run()


def test_no_combination_is_decided_otherwise_than_the_rules_say(report: Report) -> None:
    assert report.holds, "\n".join(report.wrong[:10])
    assert report.combinations == len(set(combinations())) >= 10_000


def test_what_is_legitimate_passes(report: Report) -> None:
    """Rules that refuse everything would break no rule."""
    assert report.completed == report.tried_together >= 500
    assert report.alone > 0 and sum(report.yes.values()) + report.no == report.combinations
    assert {reason.rpartition(": ")[2] for reason in report.yes} >= {"buyer", "cfo", "ap lead"}


def test_neither_relation_nor_dead_delegation_ever_suffices() -> None:
    for case in combinations():
        if case.relation != "none" or case.delegation in ("expired", "future", "to_self"):
            assert not expected(case).alone


def test_a_rule_that_is_broken_is_named(report: Report) -> None:
    """The comparison must be able to fail."""
    case = Combination(Role.AP_LEAD, "400", "requester", "none", True, True, False)
    assert found(case)[0] == expected(case) == Outcome(False, False)
    assert found(case._replace(relation="none"))[0] == Outcome(True, True) != expected(case)
    broken = report.model_copy(update={"wrong": ("one",)})
    assert not broken.holds


def test_the_report_is_printed_with_its_reasons(report: Report, tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as out:
        authority.print_report(report, Console(file=out, width=200))
    text = (tmp_path / "out").read_text()
    assert f"{report.combinations} combinations" in text and "0 wrong" in text
