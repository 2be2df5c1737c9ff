"""The benchmark of matching measures what it says: every line is matched and the planted prices are found."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from evals.bench.matching import SIZES, made_up, plain_join, print_report, run
from tools.domain.findings import DiscrepancyKind
from tools.matching.engine import assess


@pytest.mark.parametrize("name", ["default", "sap_s4"])
def test_every_planted_price_is_found_and_nothing_else(name: str) -> None:
    facts = made_up(20, name)
    result = assess(facts)
    dearer = ["5", "10", "15", "20"]
    found = [entry for entry in result.discrepancies if entry.kind is DiscrepancyKind.PRICE_OVER]
    assert sorted((entry.line_id or "" for entry in found), key=int) == dearer
    assert len(result.lines) == 20
    assert plain_join(facts.invoice, facts.orders[0]) == dearer


def test_the_report_has_a_row_for_each_size_and_policy() -> None:
    report = run(rounds=2)
    assert [row.lines for row in report.rows] == [size for size in SIZES for _ in range(2)]
    text = io.StringIO()
    print_report(report, Console(file=text, width=120))
    assert "sap_s4" in text.getvalue() and "ms/line" in text.getvalue()
