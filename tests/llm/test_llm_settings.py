"""The section [llm]: every fault is told at once, keys come from the environment and are never shown."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from agent.llm.contract import Task
from agent.llm.model_files import catalogue
from agent.llm.settings import BudgetSettings, LlmSettings, LocalSettings, OpenAiSettings
from agent.settings import Settings, SettingsError, load
from tests.llm.desk import a_model, llm_settings
from tools.domain.money import Money

KEY = "sk-key-of-the-test-0815"
TOML = """
[company]
company = "CRONUS DE"
currency = "EUR"
[erp]
kind = "business_central"
[llm]
investigate = "big"
[llm.models.big]
kind = "openai"
model = "small-1"
base_url = "http://127.0.0.1:8080/v1"
price_in = 0.15
price_out = 0.60
currency = "USD"
"""


def loaded(place: Path, text: str) -> Settings:
    path = place / "erp-agent.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_the_section_of_the_example_can_be_used_as_it_stands() -> None:
    example = (Path(__file__).parents[2] / "erp-agent.example.toml").read_text(encoding="utf-8")
    lines = example[example.index("# [llm]") :].splitlines()
    tables = tomllib.loads("\n".join(line.removeprefix("# ") for line in lines), parse_float=Decimal)["llm"]
    tables["models"]["cloud"]["api_key"] = KEY
    settings = LlmSettings.model_validate(tables)
    assert (settings.investigate, settings.chat) == ("local", "cloud")
    local, cloud = settings.models["local"], settings.models["cloud"]
    assert isinstance(local, LocalSettings)
    assert local.download in catalogue()
    assert cloud.is_priced
    assert settings.budget.case_seconds == BudgetSettings().case_seconds
    assert settings.budget.case_tokens == BudgetSettings().case_tokens
    assert settings.telemetry.is_on


def test_without_the_section_no_task_has_a_model() -> None:
    assert [LlmSettings().model_for(task) for task in Task] == [None, None, None]


def test_a_key_comes_from_the_environment_and_is_shown_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERP_AGENT_LLM__MODELS__BIG__API_KEY", KEY)
    settings = loaded(tmp_path, TOML)
    big = settings.llm.models["big"]
    assert isinstance(big, OpenAiSettings)
    assert big.api_key is not None
    assert big.api_key.get_secret_value() == KEY
    assert settings.llm.secrets == (KEY,)
    assert "0815" not in f"{settings} {settings!r} {settings.llm.model_dump()}"
    assert big.cost(1_000_000, 500_000) == Money.of("0.45", "USD")


def test_a_key_may_stand_in_a_secret_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "LLM__MODELS__BIG__API_KEY").write_text(f"{KEY}\n")
    monkeypatch.setenv("ERP_AGENT_SECRETS", str(folder))
    assert loaded(tmp_path, TOML).llm.secrets == (KEY,)


def test_the_vendors_own_variable_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert loaded(tmp_path, TOML).llm.secrets == ()


def test_all_faults_of_the_section_are_told_at_once(tmp_path: Path) -> None:
    more = """
chat = "huge"
[llm.models.Big-One]
kind = "scripted"
path = "x.jsonl"
[llm.budget]
case_money = { amount = "0.10", currency = "EUR" }
"""
    text = TOML.replace('investigate = "big"', 'investigate = "bigg"' + more.split("[llm.models")[0])
    text += "[llm.models" + more.split("[llm.models")[1] + "".join(more.split("[llm.models")[2:])
    with pytest.raises(SettingsError) as told:
        loaded(tmp_path, text)
    for fault in (
        "investigate names the model bigg",
        "chat names the model huge",
        "models.Big-One: a name has lower-case letters",
        "budget: models.big needs price_in and price_out in EUR",
    ):
        assert fault in str(told.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"base_url": "https://me:secret-pass@host/v1"}, "a key belongs in api_key"),
        ({"base_url": "https://host/v1?key=secret-pass"}, "a key belongs in api_key"),
        ({"base_url": "host:80"}, "must be an address"),
        ({"price_in": "1"}, "belong together"),
        ({"price_in": "1", "price_out": "1"}, "needs its currency"),
        ({"price_in": "-1", "price_out": "1", "currency": "EUR"}, "below zero"),
        ({"price_in": 0.1, "price_out": "1", "currency": "EUR"}, "not exact"),
        ({"base_url": "https://api.openai.com/v1", "api_key": None}, "api_key is missing"),
        ({"structured": "maybe"}, "structured"),
        ({"modell": "x"}, "modell"),
    ],
)
def test_a_faulty_model_is_refused_without_showing_values(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as refused:
        llm_settings(a_model("http://127.0.0.1:1/v1", **change))
    assert told in str(refused.value)
    assert "secret-pass" not in str(refused.value)


def test_a_local_model_needs_a_file_or_a_name_not_both() -> None:
    for entry in ({}, {"path": "a.gguf", "download": "b"}):
        with pytest.raises(ValidationError, match="either path or download"):
            llm_settings({"kind": "local", **entry})


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.openai.com/v1", "max_completion_tokens"),
        ("https://firm.openai.azure.com/openai/v1", "max_completion_tokens"),
        ("http://127.0.0.1:11434/v1", "max_tokens"),
        ("https://openai.azure.com.example.org/v1", "max_tokens"),
    ],
)
def test_the_bound_on_the_length_has_the_name_that_the_endpoint_knows(url: str, name: str) -> None:
    entry = OpenAiSettings.model_validate({"kind": "openai", "model": "m", "base_url": url, "api_key": KEY})
    assert entry.length_name == name
    other = {"max_tokens", "max_completion_tokens"} - {name}
    assert entry.model_copy(update={"length_field": next(iter(other))}).length_name != name


def test_kept_tokens_cost_their_own_price_and_the_sum_is_exact() -> None:
    prices = {"price_in": Decimal("3"), "price_cached": Decimal("0.3"), "price_out": 15, "currency": "EUR"}
    entry = OpenAiSettings.model_validate(a_model("http://127.0.0.1:1/v1", **prices))
    assert entry.cost(1000, 100, 900) == Money.of("0.00207", "EUR")
    assert entry.cost(1000, 100, 5000) == entry.cost(1000, 100, 1000)


def test_limits_in_two_currencies_are_refused() -> None:
    budget = {
        "case_money": {"amount": "1", "currency": "EUR"},
        "batch_money": {"amount": "1", "currency": "USD"},
    }
    with pytest.raises(ValidationError, match="different currencies"):
        llm_settings({"kind": "scripted", "path": "x"}, budget=budget)
