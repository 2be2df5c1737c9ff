"""A further line that is a small part of a large document may still be much money: no model suggests it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.builders import a_profile, a_supplier, an_invoice, an_invoice_line, an_order, an_order_line, eur
from tools.domain.findings import DiscrepancyKind
from tools.domain.match_rules import Limit, Tolerance
from tools.domain.policy import MatchPolicy
from tools.matching.contradictions import contradiction
from tools.matching.engine import assess
from tools.matching.facts import Facts
from tools.matching.model_ways import contradicted


def why_not(surcharge: str, policy: MatchPolicy) -> str | None:
    """A document over 14,260.00 of goods as ordered, and a thing that nobody ordered."""
    goods = an_invoice_line(quantity="1426", price="10.00", buyer_item_id="1896-S")
    extra = an_invoice_line("Cleaning set", quantity="1", price=surcharge, unit="C62")
    lines = (goods, extra)
    known = Facts(
        invoice=an_invoice(lines=lines, net_total=eur(Decimal("14260.00") + Decimal(surcharge))),
        supplier=a_supplier(),
        profile=a_profile(),
        today=date(2026, 3, 20),
        orders=(an_order(an_order_line(ordered="1426", received="1426")),),
        policy=policy,
    )
    match = assess(known)
    assert DiscrepancyKind.UNPLANNED_LINE in {found.kind for found in match.discrepancies}
    assert contradicted("accept_line", known, match) == contradiction("accept_line", known, match)
    return contradiction("accept_line", known, match)


@pytest.mark.parametrize(
    ("surcharge", "limit", "possible"),
    [
        ("1140.00", Limit(percent=Decimal(5), absolute=Decimal(500)), False),
        ("500.01", Limit(percent=Decimal(5), absolute=Decimal(500)), False),
        ("500.00", Limit(percent=Decimal(5), absolute=Decimal(500)), True),
        ("60.00", Limit(percent=Decimal(5), absolute=Decimal(50)), False),
        ("1140.00", Limit(absolute=Decimal(2000)), True),
        ("1140.00", Limit(unlimited=True), True),
    ],
)
def test_the_amount_is_measured_by_the_policy(surcharge: str, limit: Limit, possible: bool) -> None:
    why = why_not(surcharge, MatchPolicy(cumulative_value=Tolerance(over=limit)))
    assert (why is None) is possible
    assert possible or f"{limit.absolute:f} by which an order may be exceeded" in (why or "")
