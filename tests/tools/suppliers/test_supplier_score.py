from __future__ import annotations

import io
import itertools
from pathlib import Path

import pytest
from rich.console import Console

from evals.suppliers import Report, load_master, load_queries, print_report, score, score_queries
from tools.suppliers.directory import SupplierDirectory

SAMPLE = Path(__file__).parents[2] / "data" / "suppliers"


@pytest.fixture(scope="module")
def report() -> Report:
    ticks = itertools.count()
    return score(SAMPLE, clock=lambda: float(next(ticks)))


def test_no_supplier_is_chosen_wrongly_in_the_sample(report: Report) -> None:
    assert report.queries == 400
    assert (report.wrong, report.unknown_chosen) == (0, 0)
    assert report.precision == 1.0


def test_most_questions_show_the_right_supplier_first(report: Report) -> None:
    assert report.recall_1 >= 0.98
    assert report.recall_5 >= 0.99


def test_names_and_places_that_agree_are_decided(report: Report) -> None:
    assert report.right >= 0.45 * report.known
    assert report.right + report.asked == report.queries


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    assert load_queries(SAMPLE, 20, 1) == load_queries(SAMPLE, 20, 1)
    assert load_queries(SAMPLE, 20, 1) != load_queries(SAMPLE, 20, 2)
    assert len(load_queries(SAMPLE, 20, 1)) == 20


def test_a_supplier_taken_out_of_the_master_is_not_replaced_by_a_neighbour() -> None:
    queries = [query for query in load_queries(SAMPLE) if query.expected]
    gone = {query.expected for query in queries}
    directory = SupplierDirectory(s for s in load_master(SAMPLE) if s.supplier_id not in gone)
    assert score_queries(queries, directory).wrong == 0


def test_a_wrong_choice_is_counted_and_shown() -> None:
    master = load_master(SAMPLE)
    query = next(q for q in load_queries(SAMPLE) if q.expected)
    record = next(s for s in master if s.supplier_id == query.expected)
    unknown = query.model_copy(update={"name": record.name, "city": record.city, "expected": None})
    report = score_queries([unknown], SupplierDirectory(master))
    assert (report.unknown_chosen, report.right, report.wrong_per_mille) == (1, 0, 1000.0)
    console = Console(record=True, width=120, file=io.StringIO())
    print_report(report, console)
    shown = console.export_text()
    assert "expected nobody" in shown
    assert "1000.00" in shown
