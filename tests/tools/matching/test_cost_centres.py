"""A cost centre is compared with those that the ERP has before anything is proposed."""

from __future__ import annotations

import pytest

from tests.builders import a_profile, a_supplier, an_invoice
from tools.coding_facts import CodingFacts, cost_centres_in, with_cost_centres
from tools.domain.coding import CodingPolicy, CodingRule
from tools.domain.findings import MatchDepth, MatchResult
from tools.erp.contract import CostCentre
from tools.matching.coding import Accounts
from tools.matching.coding_checks import check_coding

ASKED = frozenset({"SALES", "OLD", "NOWHERE"})
CENTRES = (
    CostCentre(code="SALES", name="Sales"),
    CostCentre(code="OLD", name="Closed", blocked=True),
    CostCentre(code="OTHER", name="Not in question"),
)


@pytest.mark.parametrize(
    ("given", "rules"),
    [
        (None, []),
        ("SALES", []),
        ("OLD", ["account.cost_centre.unknown"]),
        ("NOWHERE", ["account.cost_centre.unknown"]),
    ],
)
def test_an_unknown_or_blocked_cost_centre_blocks(given: str | None, rules: list[str]) -> None:
    invoice = an_invoice("121.00")
    match = MatchResult(depth=MatchDepth.NON_PO, unmatched=(0,), policy="p v1")
    chargeable = with_cost_centres(CodingFacts(), ASKED, CENTRES).chargeable
    accounts = Accounts(a_profile(), a_supplier(), "4400", chargeable=chargeable, cost_centre_for_all=given)
    assert [found.rule for found in check_coding(invoice, match, accounts)] == rules
    untold = Accounts(a_profile(), a_supplier(), "4400", cost_centre_for_all=given)
    assert check_coding(invoice, match, untold) == []


def test_where_the_erp_tells_no_cost_centres_nothing_is_said_against_one() -> None:
    assert with_cost_centres(CodingFacts(), ASKED, ()).chargeable is None


def test_those_of_rules_and_of_people_are_in_question() -> None:
    policy = CodingPolicy(
        rules=(
            CodingRule(name="fuel", text=("diesel",), account="6530", cost_centre="CAR"),
            CodingRule(name="rent", text=("rent",), account="6310"),
        )
    )
    assert cost_centres_in(CodingFacts(), policy, ("", "SALES")) == {"CAR", "SALES"}
