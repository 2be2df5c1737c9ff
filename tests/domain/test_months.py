"""A name means a month in the company it keeps."""

from __future__ import annotations

import pytest

from tools.domain.months import BESIDE_A_YEAR, IN_DATES, IN_TEXT, folded_month


@pytest.mark.parametrize(
    ("name", "number"),
    [("März", 3), ("AOÛT", 8), ("Jänner", 1), ("março", 3), ("października", 10), ("Sept", 9)],
)
def test_a_name_is_known_in_any_writing(name: str, number: int) -> None:
    assert IN_DATES[folded_month(name)] == number


def test_words_of_other_meaning_are_months_only_where_nothing_else_fits() -> None:
    for word in ("set", "out", "des", "marco", "ago"):
        assert word in IN_DATES and word not in BESIDE_A_YEAR
    for word in ("may", "mar", "dec"):
        assert word in BESIDE_A_YEAR and word not in IN_TEXT


def test_every_month_has_a_name_everywhere() -> None:
    for names in (IN_TEXT, BESIDE_A_YEAR, IN_DATES):
        assert set(names.values()) == set(range(1, 13))
