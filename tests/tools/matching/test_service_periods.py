"""What period a line names."""

from __future__ import annotations

from datetime import date

import pytest

from tools.matching.service_periods import is_other_period, is_same_period, periods_in

NEAR = date(2026, 3, 16)


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("Miete März 2026", ("2026-03",)),
        ("Loyer février", ("2026-02",)),
        ("Rent for Mar. 2026", ("2026-03",)),
        ("you may pay later", ()),
        ("May 2026", ("2026-05",)),
        ("Fahrt am 12.03.2026", ("2026-03-12",)),
        ("ride 2026-03-12", ("2026-03-12",)),
        ("Fahrt vom 12.3.", ("2026-03-12",)),
        ("12/03/26", ("2026-03-12",)),
        ("Abo 03/2026", ("2026-03",)),
        ("hosting 2026-03", ("2026-03",)),
        ("Q1 2026", ("2026-Q1",)),
        ("1. Quartal", ("2026-Q1",)),
        ("Reinigung KW 7", ("2026-W07",)),
        ("week 12/2026", ("2026-W12",)),
        ("01.03.2026 - 31.03.2026", ("2026-03-01", "2026-03-31")),
        ("Vertrag vom 01.01.2019", ()),
        ("Q1 2019", ()),
        ("31.02.2026", ()),
        ("13/2026", ()),
        ("Bracket M6 x 40", ()),
    ],
)
def test_days_months_quarters_and_weeks_are_read_near_the_documents_date(
    text: str, periods: tuple[str, ...]
) -> None:
    assert periods_in([text], NEAR) == periods


def test_without_a_date_every_period_counts_and_a_month_without_year_stays_without() -> None:
    assert periods_in(["Miete März 2019"], None) == ("2019-03",)
    assert periods_in(["Miete März"], None) == ("-03",)
    assert periods_in(["Miete März", "Vertrag 31/01"], NEAR) == ("2026-03",)


def test_two_documents_name_one_period_another_or_nothing_to_compare() -> None:
    march, april, contract = ("2026-03",), ("2026-04",), ("2025-12-01",)
    assert is_same_period(march, march) and not is_same_period((), ())
    assert is_other_period(march, april) and not is_other_period(march, ())
    assert is_other_period((*contract, *march), (*contract, *april))
    assert not is_other_period(march, (*march, *april))
