"""Settings that load and cannot work: each fault names the place and says what to do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agent.settings import Settings
from agent.settings_checks import (
    code_faults,
    gaps,
    login_faults,
    matrix_faults,
    people_faults,
    tax_key_faults,
)
from tools.domain.authority import ApprovalPolicy
from tools.domain.company import CompanyProfile
from tools.domain.identifiers import PersonId
from tools.erp.codes import LedgerCodes
from tools.erp.contract import Account, CostCentre

DAY = date(2026, 3, 16)
CARLA = {"person": "carla", "name": "Carla Ruiz", "roles": ["cost_centre_owner"]}
DIRK = {"person": "dirk", "name": "Dirk Holm", "roles": ["ap_lead"]}


def a_policy(**fields: Any) -> ApprovalPolicy:
    return ApprovalPolicy.model_validate(fields)


def a_rule(*steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"name": "all", "steps": list(steps), **fields}


def matrix(rule: dict[str, Any], *people: dict[str, Any]) -> list[str]:
    return matrix_faults(a_policy(matrix=[rule], people=list(people)), "DEMO", DAY)


def test_a_matrix_that_names_somebody_for_each_step_is_right() -> None:
    rule = a_rule({"any_of": ["cost_centre_owner"]}, {"all_of": ["ap_lead", "person:carla"]})
    assert matrix(rule, CARLA, DIRK) == []


@pytest.mark.parametrize(
    ("step", "people", "told"),
    [
        ({"any_of": ["cfo", "board"]}, [CARLA], "rule “all”, step 1: nobody is cfo or board; name them"),
        ({"all_of": ["cost_centre_owner", "cfo"]}, [CARLA], "step 1: nobody is cfo"),
        ({"any_of": ["person:erik"]}, [CARLA], "step 1: nobody is erik"),
        ({"any_of": ["cost_centre_owner"], "people": 2}, [CARLA], "only 1 of 2 people are cost centre owner"),
        ({"any_of": ["ap_lead"]}, [{**DIRK, "employed": {"end": "2026-03-15"}}], "nobody is ap lead"),
        ({"any_of": ["ap_lead"]}, [{**DIRK, "companies": ["OTHER"]}], "nobody is ap lead"),
    ],
)
def test_a_step_that_nobody_may_take_is_told(
    step: dict[str, Any], people: list[dict[str, Any]], told: str
) -> None:
    (fault,) = matrix(a_rule(step), *people)
    assert told in fault


def test_a_rule_of_another_company_does_not_count_here() -> None:
    assert matrix(a_rule({"any_of": ["cfo"]}, companies=["OTHER"]), CARLA) == []


def test_the_preset_without_people_names_every_missing_role() -> None:
    told = "\n".join(matrix_faults(a_policy(preset="illustrative"), "DEMO", DAY))
    for role in (
        "cost centre owner",
        "accounts payable or ap lead",
        "buyer",
        "department head",
        "cfo",
        "board",
    ):
        assert f"nobody is {role}" in told


def test_amounts_above_every_rule_are_told() -> None:
    step = {"any_of": ["ap_lead"]}
    small, large = a_rule(step, up_to=100), a_rule(step, name="large", up_to=1000)
    (fault,) = gaps(a_policy(matrix=[small, large]))
    assert "“large” above 1000" in fault
    assert gaps(a_policy(matrix=[small, large, a_rule(step, name="rest")])) == []
    ordered = [a_rule(step, on_order=True, up_to=100), a_rule(step, on_order=False)]
    assert len(gaps(a_policy(matrix=ordered))) == 1
    assert gaps(a_policy(preset="illustrative")) == gaps(a_policy()) == []


def test_delegations_between_unknown_logins_superiors_and_keepers_are_told() -> None:
    days = {"start": "2026-03-01", "end": "2026-03-31"}
    policy = a_policy(
        people=[{**CARLA, "superior": "erik"}],
        delegations=[
            {"giver": "carla", "taker": "karla", "days": days},
            {"giver": "x", "taker": "y", "days": days},
        ],
        clerks=["jan"],
    )
    told = people_faults(policy, frozenset({PersonId("jan"), PersonId("tom")}))
    assert [line.partition(":")[0] for line in told] == [
        "the delegation from carla to karla gives no right",
        "the delegation from x to y gives no right",
        "erik, the superior of carla, is unknown; describe them under [[policy.approval.people]] or "
        "[[policy.approval.approvers]]",
        "tom keeps accounts and may not",
    ]
    assert "karla unknown" in told[0] and "x and y unknown" in told[1]


def test_an_approver_whose_login_nobody_has_is_told() -> None:
    limit = {"amount": "100", "currency": "EUR"}
    policy = a_policy(
        approvers=[
            {"person": "Anna Berg", "name": "Anna Berg", "limit": limit},
            {"person": "bert", "name": "Bert", "limit": limit},
        ]
    )
    (fault,) = login_faults(policy, lambda login: login == "bert")
    assert fault.startswith("Anna Berg (Anna Berg): no login of this machine has this name")
    # Whoever only requests or receives needs no login, but a delegate does.
    days = {"start": "2026-03-01", "end": "2026-03-31"}
    delegated = a_policy(
        approvers=[{"person": "bert", "name": "Bert", "limit": limit}],
        people=[CARLA, DIRK],
        delegations=[{"giver": "bert", "taker": "dirk", "days": days}],
    )
    assert [fault.split()[0] for fault in login_faults(delegated, lambda login: login == "bert")] == ["dirk"]


@pytest.mark.parametrize(
    "key", ["S:19", "S:5.5", "AE:0", "FR|AE:0", "K:0|goods", "S:19@4650", "FR|K:0|services@4650"]
)
def test_a_tax_key_in_its_form_is_right(key: str) -> None:
    assert tax_key_faults(CompanyProfile(company="X", tax_codes={key: "V"})) == []


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("19", "is no key; write category:rate as “S:19”"),
        ("S19", "is no key"),
        ("S:19%", "is no key"),
        ("s:19", "is no key"),
        ("S:19|things", "is no key"),
        ("AE:0@4650|goods", "is no key"),
        ("Q:19", "there is no category Q"),
        ("S:19.0", "write the rate as 19, else no invoice fits"),
        ("S:05.50", "write the rate as 5.5"),
    ],
)
def test_a_tax_key_that_no_invoice_fits_is_told(key: str, told: str) -> None:
    faults = tax_key_faults(CompanyProfile(company="X", tax_codes={key: "V"}))
    assert len(faults) == 1 and told in faults[0] and f"“{key}”" in faults[0]


CHART = {
    "6300": Account(number="6300", name="Costs", direct_posting=True, blocked=False),
    "1600": Account(number="1600", name="Suppliers", direct_posting=False, blocked=False),
    "6400": Account(number="6400", name="Old", direct_posting=True, blocked=True),
}


def settings(**sections: Any) -> Settings:
    company = {"company": "DEMO", **sections.pop("company", {})}
    return Settings(company=company, erp={"kind": "sandbox"}, **sections)


def test_every_code_that_the_erp_lacks_is_told_with_its_place() -> None:
    found = settings(
        company={
            "default_account": "6300",
            "freight_account": "1600",
            "rounding_account": "6400",
            "tax_codes": {"S:19": "V19", "S:7@4711": "V7"},
            "deductible": {"4650": 0},
        },
        coding={
            "rules": [{"name": "fuel", "text": ["fuel"], "account": "6530", "tax_code": "VX"}],
            "cost_centres": {"9": ["A"]},
        },
    )
    told = code_faults(found, LedgerCodes(accounts=CHART, tax_codes=frozenset({"V19"})))
    assert [line.rpartition(";")[0] for line in told] == [
        "company.freight_account: account 1600 Suppliers takes no direct posting in the ERP",
        "company.rounding_account: account 6400 Old is blocked in the ERP",
        "coding rule “fuel”: there is no account 6530 in the ERP",
        "company.deductible: there is no account 4650 in the ERP",
        "company.tax_codes “S:7@4711”: there is no account 4711 in the ERP",
        "coding.cost_centres: there is no account 9 in the ERP",
        "company.tax_codes “S:7@4711”: there is no tax code V7 in the ERP",
        "coding rule “fuel”: there is no tax code VX in the ERP",
    ]
    assert code_faults(found, LedgerCodes()) == []


def test_cost_centres_of_the_settings_are_compared_with_those_of_the_erp() -> None:
    found = settings(
        coding={
            "rules": [{"name": "fuel", "text": ["fuel"], "account": "6300", "cost_centre": "CARS"}],
            "cost_centres": {"6300": ["CARS", "OLD", "SALES"]},
        },
    )
    centres = {
        code: CostCentre(code=code, name=code.title(), blocked=code == "OLD") for code in ("OLD", "SALES")
    }
    told = code_faults(found, LedgerCodes(cost_centres=centres))
    assert [line.rpartition(";")[0] for line in told] == [
        "coding rule “fuel”: there is no cost centre CARS in the ERP",
        "coding.cost_centres of 6300: there is no cost centre CARS in the ERP",
        "coding.cost_centres of 6300: cost centre OLD Old is blocked in the ERP",
    ]
