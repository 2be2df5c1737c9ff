"""Named policies: each file is a policy, settings change single keys, and what is wrong is said."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tools.domain.findings import MatchDepth
from tools.domain.policy import Limit, MatchChoice, MatchPolicy
from tools.matching.document_measures import DOCUMENT_MEASURES
from tools.matching.line_measures import LINE_MEASURES
from tools.matching.order_measures import ORDER_MEASURES
from tools.matching.preset_files import PresetError, chosen, expanded, names, policy


def test_the_default_preset_is_the_policy_that_holds_without_one() -> None:
    assert policy("default") == MatchPolicy()


@pytest.mark.parametrize("name", names())
def test_every_preset_is_a_policy_whose_keys_have_titles(name: str) -> None:
    made = policy(name)
    assert made.label == f"{name} v1"
    assert all(rule.title for rule in made.rules.values())
    assert all(hold.title for hold in made.holds.values())
    assert name == "default" or made.prefix


def test_every_measure_of_a_preset_is_evaluated_somewhere() -> None:
    known = {*LINE_MEASURES, *ORDER_MEASURES, *DOCUMENT_MEASURES}
    assert {rule.measure for name in names() for rule in policy(name).rules.values()} <= known


def test_the_keys_of_sap_are_all_there() -> None:
    assert set(policy("sap_s4").rules) == set("AN AP BD BR BW DQ DW KW LA LD PP PS ST VP".split())


def test_a_limit_of_the_settings_replaces_the_presets_limit_and_is_named() -> None:
    made = policy("sap_s4", {"rules": {"PP": {"over": {"absolute": Decimal(80)}}}})
    assert made.rules["PP"].over == Limit(absolute=Decimal(80))
    assert made.rules["PP"].under == Limit(percent=Decimal(5), absolute=Decimal(50))
    assert made.label == "sap_s4 v1 (own rules.PP)"


def test_variables_of_the_environment_reach_a_key_in_lower_case() -> None:
    made = policy("oracle_fusion", {"rules": {"qty ord": {"over": {"percent": "5"}}}})
    assert made.rules["QTY ORD"].over.percent == 5
    assert "qty ord" not in made.rules


def test_one_side_of_a_tolerance_may_be_changed_alone() -> None:
    made = MatchPolicy.model_validate(
        chosen({"unit_price": {"over": {"percent": 1}}, "preset": "default"}, {})
    )
    assert made.unit_price.over.percent == 1
    assert made.unit_price.under.percent == 2


def test_an_unknown_preset_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(PresetError, match="no preset 'sap'; choose one of business_central, d365, default"):
        policy("sap")


def test_an_unknown_key_is_refused_with_the_keys_there_are() -> None:
    with pytest.raises(PresetError, match=r"rules\.DX: policy 'sap_s4' has no such key \(it has AN, AP"):
        policy("sap_s4", {"rules": {"DX": {"over": {}}}})
    with pytest.raises(PresetError, match=r"it has none\); .* `rules` or `kinds`"):
        policy("sap_s4", {"holds": {"R": {"title": "?"}}})


def test_a_key_of_ones_own_needs_a_measure_or_what_it_is_placed_for() -> None:
    own = {"measure": "unit_price", "kind": "price_over"}
    made = policy("sap_s4", {"rules": {"ZZ": own}, "holds": {"R": {"kinds": ["price_over"]}}})
    assert made.rules["ZZ"].over == Limit()
    assert made.holds["R"].manual_release


def test_a_hold_that_is_placed_for_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs `rules` or `kinds`"):
        policy("sap_s4", {"holds": {"R": {"kinds": []}}})


def choices(**policies: Any) -> tuple[MatchPolicy, tuple[MatchChoice, ...]]:
    found = expanded(policies)
    return (
        MatchPolicy.model_validate(found["match"]),
        tuple(MatchChoice.model_validate(entry) for entry in found.get("match_for", ())),
    )


def test_a_choice_starts_from_the_companys_policy_unless_it_names_a_preset() -> None:
    whole, (services, fabrikam) = choices(
        match={"preset": "sap_s4"},
        match_for=[
            {"lines": "services", "depth": "two_way"},
            {"supplier": "10042", "preset": "d365", "name": "fabrikam"},
        ],
    )
    assert services.policy.rules == whole.rules
    assert services.policy.depth is MatchDepth.TWO_WAY
    assert services.policy.label == "sap_s4 v1 (own depth)"
    assert (fabrikam.policy.label, fabrikam.policy.prefix) == ("fabrikam v1", "d365")
    assert fabrikam.words == "supplier 10042"


def test_two_choices_for_the_same_are_refused() -> None:
    twins = [{"supplier": "1", "depth": "two_way"}, {"supplier": "1", "depth": "three_way"}]
    with pytest.raises(PresetError, match=r"name the same \(supplier = 1\); keep one"):
        expanded({"match_for": twins})


@pytest.mark.parametrize(
    ("table", "told"),
    [({"depth": "two_way"}, "needs at least one of"), ({"lines": "ordered"}, "'goods' or 'services'")],
)
def test_a_choice_without_a_usable_criterion_is_refused(table: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        choices(match_for=[table])


def test_what_is_no_table_is_left_for_the_settings_to_refuse() -> None:
    made = MatchPolicy()
    ready = {"supplier": "1", "policy": made}
    assert expanded({"match": made, "match_for": [ready]}) == {"match": made, "match_for": [ready]}
    assert expanded({"match_for": "x"})["match_for"] == "x"
    assert expanded({"match_for": [ready]})["match_for"] == [ready]
    with pytest.raises(ValueError, match="valid dictionary"):
        policy("sap_s4", {"rules": {"DQ": 3}})


@pytest.mark.parametrize("table", ["x", 3])
def test_a_choice_that_is_no_table_is_left_too(table: Any) -> None:
    assert expanded({"match_for": [table]})["match_for"] == [table]
