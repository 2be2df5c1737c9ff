"""What people read who mistyped a setting: the key, what is wrong, what is allowed; never a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr, ValidationError, model_validator

from agent.settings import SettingsError, load
from agent.settings_faults import explain

BASE = '[company]\ncompany = "X"\n[erp]\nkind = "sandbox"\n'
APPROVER = '[[policy.approval.approvers]]\nperson = "anna"\nname = "Anna"\n'


def told(folder: Path, text: str) -> str:
    path = folder / "erp-agent.toml"
    path.write_text(BASE + text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(path)
    return str(caught.value).partition("\n")[2]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "[policy.match]\nunit_prise = { over = { percent = 2 } }\n",
            "policy.match.unit_prise: there is no such setting; did you mean unit_price?",
        ),
        (
            "[batch]\nzzz = 1\n",
            "batch.zzz: there is no such setting; here are: beyond_daily_limit, cases_at_once, "
            "max_file_mb, reading_processes, seconds_per_document",
        ),
        ('[policy.match]\nfreight = { percent = "5%" }\n', "policy.match.freight.percent: must be a number"),
        (
            "[policy.match]\nunit_price = 2\n",
            "policy.match.unit_price: must be a table, such as { over = …, under = … }",
        ),
        (
            f"{APPROVER}limit = 10000\n",
            "policy.approval.approvers[1].limit: must be a table, such as { amount = …, currency = … }",
        ),
        (APPROVER, "policy.approval.approvers[1].limit: is missing"),
        (
            '[llm.models.cloud]\nkind = "anthropic"\nmodel = "x"\n',
            "llm.models.cloud.kind: must be one of 'openai', 'local', 'scripted'",
        ),
        (
            '[llm.models.cloud]\nmodel = "x"\n',
            "llm.models.cloud.kind: is missing; it must be one of 'openai', 'local', 'scripted'",
        ),
        (
            '[llm.models.openai]\nkind = "openai"\nmodel = "x"\nbase_url = "nonsense"\n',
            "llm.models.openai.base_url: must be an address",
        ),
        (
            '[llm.models.cloud]\nkind = "openai"\nmodel = "x"\nthread = 2\n',
            "llm.models.cloud.thread: there is no such setting; here are: api_key",
        ),
        (
            '[llm.models.home]\nkind = "local"\ndownload = "x"\nthread = 2\n',
            "llm.models.home.thread: there is no such setting; did you mean threads?",
        ),
        (
            '[policy.approval]\nsegregation = { answers = "yes" }\n',
            "policy.approval.segregation.answers: must be one of 'four_eyes', 'barred', 'allowed'",
        ),
        (
            '[[coding.rules]]\nname = "x"\ntext = "fuel"\naccount = 6530\n',
            "coding.rules[1].text: must be a list in square brackets, even of one entry\n"
            '  coding.rules[1].account: must be text in quotes, such as "6530"',
        ),
        (
            '[[policy.approval.delegations]]\ngiver = "a"\ntaker = "b"\ndays = { start = "1.7.2026" }\n',
            "policy.approval.delegations[1].days.start: must be a date such as 2026-03-31",
        ),
        ('[policy.fraud]\ncooling_off = "soon"\n', 'cooling_off: must be a length of time such as "P3D"'),
        ("[policy.fraud]\nweekend_days = [7]\n", "policy.fraud.weekend_days[1]: must be 6 or less"),
        ("[batch]\ncases_at_once = 0\n", "batch.cases_at_once: must be 1 or more"),
        ('[policy.match]\npo_required = "maybe"\n', "policy.match.po_required: must be true or false"),
        (
            '[[policy.match_for]]\nlines = "goods"\ndepth = "five_way"\n',
            "policy.match_for[1].depth: must be one of 'two_way'",
        ),
        (
            "[policy.approval]\ngroup_rates = { EURO = 1 }\n",
            "policy.approval.group_rates.EURO: the value is not an ISO 4217 currency code",
        ),
        ('[[policy.approval.matrix]]\nname = "x"\nsteps = []\n', "matrix[1].steps: needs at least 1 entry"),
        (
            "[policy.match]\nline_value = { over = { percent = 5, unlimited = true } }\n",
            "policy.match.line_value.over: `unlimited = true` checks nothing: leave it out, or `percent`",
        ),
        (
            "[policy.match]\nquantity_ordered = { absolute = 0, unlimited = true }\n",
            "policy.match.quantity_ordered: `unlimited = true` checks nothing",
        ),
    ],
)
def test_a_mistyped_setting_is_told_with_its_key_and_what_is_allowed(
    tmp_path: Path, text: str, fault: str
) -> None:
    assert fault in told(tmp_path, text)


def test_a_wrong_entry_is_told_once_and_not_as_a_list_that_is_too_short(tmp_path: Path) -> None:
    found = told(tmp_path, '[[policy.approval.matrix]]\nname = "x"\nsteps = [{ any_of = ["chief"] }]\n')
    assert found.startswith(
        "  policy.approval.matrix[1].steps[1]: neither a role nor `person:LOGIN`: chief; "
    )
    assert "ap_lead" in found and len(found.splitlines()) == 1


def test_a_short_value_does_not_garble_other_words() -> None:
    class Choice(BaseModel):
        name: str

        @model_validator(mode="before")
        @classmethod
        def _known(cls, given: Any) -> Any:
            raise ValueError("there is no sap; choose sap_s4 or sapphire")

    with pytest.raises(ValidationError) as caught:
        Choice.model_validate("sap")
    assert explain(caught.value) == "  settings: there is no the value; choose sap_s4 or sapphire"


def test_a_secret_within_a_table_is_not_told_either() -> None:
    class Login(BaseModel):
        client_secret: SecretStr
        place: dict[str, str] = {}

        @model_validator(mode="before")
        @classmethod
        def _pair(cls, given: dict[str, Any]) -> Any:
            raise ValueError(f"{given['client_secret']} and {given['place']['api_key']!r} do not fit")

    with pytest.raises(ValidationError) as caught:
        Login.model_validate({"client_secret": "horse-7", "place": {"api_key": "staple"}})
    assert explain(caught.value) == "  settings: the value and the value do not fit"
