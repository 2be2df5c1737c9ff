"""A policy asks about the rate at which an order was bought, and the ERP does not tell it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.builders import (
    TODAY,
    a_profile,
    a_supplier,
    an_invoice,
    an_invoice_line,
    an_order,
    an_order_line,
)
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.policy import MatchPolicy
from tools.matching.engine import assess
from tools.matching.facts import Facts
from tools.matching.preset_files import policy

ASKS = policy("oracle_fusion")


def found(
    chosen: MatchPolicy, *, told: bool, currency: str = "USD", rate: str | None = None
) -> list[Discrepancy]:
    line = an_invoice_line(currency=currency, buyer_item_id="1896-S")
    order = an_order(
        an_order_line(currency=currency),
        currency=currency,
        exchange_rate=None if rate is None else Decimal(rate),
    )
    facts = Facts(
        invoice=an_invoice(lines=(line,), currency=currency),
        supplier=a_supplier(),
        profile=a_profile(exchange_rates={"USD": Decimal("0.92")}),
        policy=chosen,
        today=TODAY,
        orders=(order,),
        order_rates_told=told,
    )
    return [one for one in assess(facts).discrepancies if one.kind is DiscrepancyKind.RATE_VARIANCE]


def test_what_cannot_be_compared_is_for_a_person_and_asked_once() -> None:
    (one,) = found(ASKS, told=False)
    assert one.severity is Severity.BLOCK
    assert one.order_number is not None
    assert "does not tell at which rate" in one.message


def test_an_erp_that_would_tell_a_rate_has_fixed_none() -> None:
    assert found(ASKS, told=True) == []
    assert found(ASKS, told=False, rate="0.92") == []


@pytest.mark.parametrize("chosen", [MatchPolicy(), policy("sap_s4")])
def test_a_policy_that_asks_nothing_about_rates_is_not_answered(chosen: MatchPolicy) -> None:
    assert found(chosen, told=False) == []


def test_an_order_in_our_own_currency_has_no_rate() -> None:
    assert found(ASKS, told=False, currency="EUR") == []
