"""The amount above which a supplier's invoice needs a word of its own: the ERP's limit, or our settings'."""

from __future__ import annotations

import pytest

from tests.builders import TODAY, a_profile, a_supplier, an_invoice
from tools.domain.money import Money
from tools.matching.currency import limited, surroundings

EURO = {own: Money.of(own, "EUR") for own in ("500", "1000", "2000")}


@pytest.mark.parametrize(
    ("told", "own", "counts"),
    [
        (None, None, None),
        (None, "1000", "1000"),
        ("1000", None, "1000"),
        ("1000", "500", "500"),
        ("1000", "1000", "1000"),
        ("1000", "2000", "1000"),
    ],
)
def test_the_lower_limit_counts_and_the_settings_speak_where_the_erp_does_not(
    told: str | None, own: str | None, counts: str | None
) -> None:
    supplier = a_supplier(amount_limit=EURO[told] if told else None)
    profile = a_profile(supplier_limits={supplier.supplier_id: EURO[own]} if own else {})
    around = surroundings(an_invoice(), supplier, profile, TODAY)
    assert around.supplier is not None and around.supplier.amount_limit == (EURO[counts] if counts else None)


def test_a_limit_in_another_currency_does_not_replace_the_erps() -> None:
    dollars = Money.of("900", "USD")
    supplier = a_supplier(amount_limit=dollars)
    assert limited(supplier, a_profile(supplier_limits={supplier.supplier_id: EURO["500"]})) is supplier


def test_the_limit_of_another_supplier_is_nothing_to_this_one() -> None:
    assert limited(a_supplier(), a_profile(supplier_limits={"99999": EURO["500"]})).amount_limit is None
