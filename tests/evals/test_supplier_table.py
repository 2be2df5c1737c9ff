"""The table of methods counts what each decided, and a larger master keeps every right answer right."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import pytest
from rich.console import Console

from evals.suppliers import Query, load_master, load_queries
from evals.suppliers_ambiguity import is_ambiguous
from evals.suppliers_fit import fit
from evals.suppliers_scale import extend
from evals.suppliers_table import Comparison, compare, print_comparison
from tests.tools.suppliers.master import a_supplier
from tools.domain.identifiers import SupplierId
from tools.suppliers.directory import SupplierDirectory
from tools.suppliers.names import core
from tools.suppliers.places import Agreement
from tools.suppliers.weights import NAME

SAMPLE = Path(__file__).parents[1] / "data" / "suppliers"


@pytest.fixture(scope="module")
def found() -> Comparison:
    ticks = itertools.count()
    return compare(SAMPLE, scale=3000, sample=60, clock=lambda: float(next(ticks)))


def test_every_query_is_decided_right_wrong_or_asked(found: Comparison) -> None:
    for row in found.rows:
        assert row.right + row.wrong + row.unknown_chosen + row.asked == row.queries
    assert [row.queries for row in found.rows] == [200, 200, 60, 60, 60, 60]


def test_ours_stays_within_the_limits_in_a_master_of_made_up_neighbours(found: Comparison) -> None:
    ours = [row for row in found.rows if row.method == "erp-agent"]
    assert sum(row.wrong + row.unknown_chosen for row in ours) == 0
    assert sum(row.right for row in ours) >= 0.6 * sum(row.known for row in ours)
    assert all(row.recall_1 >= 0.97 for row in ours)
    assert sum(row.taken_out_chosen or 0 for row in ours) <= 2


def test_what_nothing_can_answer_is_counted_apart(found: Comparison) -> None:
    for row in found.rows:
        assert 0 <= row.ambiguous < row.known / 4
        assert row.asked_needlessly <= row.asked
    ours = [row for row in found.rows if row.method == "erp-agent"]
    assert all(row.recall_1_determinable >= 0.97 for row in ours)
    assert sum(row.asked_needlessly for row in ours) < sum(row.asked for row in ours) / 2


def a_query(name: str, city: str | None, expected: str = "1") -> Query:
    return Query(name=name, city=city, expected=SupplierId(expected))


@pytest.mark.parametrize(
    ("name", "city", "ambiguous"),
    [
        ("Planet Hum", "Stockholm", True),
        ("Planet Hum Entertainment", "Stockholm", False),
        ("Planet Hum Entertainmet AB", "Stockholm", False),
        ("Planet Hum", "Malmö", False),
        ("Planet Hum Entertainment AB", None, True),
    ],
)
def test_a_query_is_ambiguous_where_all_it_says_is_as_true_of_another(
    name: str, city: str | None, ambiguous: bool
) -> None:
    master = [
        a_supplier("1", "Planet Hum Entertainment AB", "Malmö" if city == "Malmö" else "Stockholm", "SE"),
        a_supplier("2", "Planet Hum Automation AB", "Stockholm", "SE"),
        a_supplier("3", "Planet Hum Entertainment AB", "Uppsala", "SE"),
    ]
    assert is_ambiguous(a_query(name, city), SupplierDirectory(master)) is ambiguous


def test_a_query_for_an_unknown_supplier_is_not_ambiguous() -> None:
    directory = SupplierDirectory([a_supplier("2", "Planet Hum Automation AB", "Stockholm", "SE")])
    query = Query(name="Planet Hum", city="Stockholm", expected=None)
    assert not is_ambiguous(query, directory)


def test_what_was_left_out_is_said(found: Comparison) -> None:
    console = Console(record=True, width=160, file=io.StringIO())
    print_comparison(found, console)
    shown = console.export_text()
    assert "vectors alone were not measured" in shown
    assert "the plain methods were asked 60 queries of each half" in shown
    assert "3,000" in shown


def test_a_larger_master_is_always_the_same_and_repeats_no_company() -> None:
    master, avoid = load_master(SAMPLE), [query.name for query in load_queries(SAMPLE)]
    larger = extend(master, 2500, avoid)
    assert larger == extend(master, 2500, avoid)
    assert larger != extend(master, 2500, avoid, seed=12)
    assert larger[: len(master)] == master
    old = {" ".join(sorted(core(name).split())) for name in [*(s.name for s in master), *avoid]}
    new = [" ".join(sorted(core(s.name).split())) for s in larger[len(master) :]]
    assert not old & set(new)
    assert len(set(new)) == len(new)
    assert len({supplier.supplier_id for supplier in larger}) == 2500


def test_the_weights_can_be_worked_out_again() -> None:
    name, place = fit(SAMPLE)
    assert len(name) == len(NAME)
    assert place[Agreement.DIFFERS] < 0 < place[Agreement.AGREES]
