"""Policies in the settings file: presets, changed keys, choices, and what is said when one is wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from agent.settings import PolicySettings, SettingsError, load
from tools.domain.findings import MatchDepth

BASE = '[company]\ncompany = "X"\n[erp]\nkind = "sandbox"\n'


def loaded(folder: Path, text: str) -> PolicySettings:
    path = folder / "erp-agent.toml"
    path.write_text(BASE + text, encoding="utf-8")
    return load(path).policy


def test_a_file_chooses_a_preset_and_changes_one_key_of_it(tmp_path: Path) -> None:
    policy = loaded(
        tmp_path,
        '[policy.match]\npreset = "sap_s4"\n[policy.match.rules.DQ]\nover = { absolute = 80.5 }\n'
        '[[policy.match_for]]\nlines = "services"\ndepth = "two_way"\n',
    )
    assert policy.match.rules["DQ"].over.absolute == Decimal("80.5")
    assert policy.match.label == "sap_s4 v1 (own rules.DQ)"
    assert policy.match_for[0].policy.depth is MatchDepth.TWO_WAY


def test_a_variable_of_the_environment_changes_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_AGENT_POLICY__MATCH__RULES__DQ__OVER__ABSOLUTE", "12.30")
    policy = loaded(tmp_path, '[policy.match]\npreset = "sap_s4"\n')
    assert policy.match.rules["DQ"].over.absolute == Decimal("12.30")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[policy.match]\npreset = "sap"\n', "there is no preset 'sap'; choose one of business_central"),
        ('[policy.match]\npreset = "sap_s4"\nrules.DX = { over = {} }\n', "no such key (it has AN, AP"),
        ("[policy.match]\nrules.DQ = { over = {} }\n", "choose a `preset` that has it"),
        ('[[policy.match_for]]\ndepth = "two_way"\n', "needs at least one of company, supplier"),
        (
            '[[policy.match_for]]\nlines = "goods"\ndepth = "five_way"\n',
            "policy.match_for[1].depth: must be one of",
        ),
    ],
)
def test_a_wrong_preset_or_key_says_what_to_do(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as raised:
        loaded(tmp_path, text)
    assert told in str(raised.value)
