"""Settings: all faults at once, no value shown, secrets from their own places, amounts exact."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr, ValidationError, field_validator

from agent.settings import Settings, SettingsError, has_login, load, login
from agent.settings_faults import explain
from tools.domain.identifiers import PersonId

SECRET = "s3cr3t-horse"
PLAIN = """
[company]
company = "DEMO"
[erp]
kind = "sandbox"
world = "world.json"
"""


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith("ERP_AGENT_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, PLAIN)


def written(folder: Path, text: str) -> Path:
    path = folder / "erp-agent.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        load(path)
    return str(caught.value)


def test_a_plain_file_is_enough(file: Path) -> None:
    settings = load(file)
    assert settings.erp == {"kind": "sandbox", "world": "world.json"}
    assert settings.company.company == "DEMO"


def test_the_file_is_found_by_the_environment_or_here(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERP_AGENT_CONFIG", str(file))
    assert load().company.company == "DEMO"
    monkeypatch.delenv("ERP_AGENT_CONFIG")
    monkeypatch.chdir(tmp_path)
    assert load().company.company == "DEMO"


def test_all_faults_are_told_at_once_and_without_the_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"""
    [company]
    currency = "{SECRET}"
    colour = "{SECRET}"
    [erp]
    client_secret = "{SECRET}"
    [batch]
    cases_at_once = 0
    reading_processes = "{SECRET}"
    [policy.match]
    freight = {{ percent = -1 }}
    """
    monkeypatch.setenv("ERP_AGENT_BTACH__CASES_AT_ONCE", SECRET)
    told = refusal(written(tmp_path, text))
    for place in (
        "company.company: is missing",
        "company.currency:",
        "company.colour: there is no such setting",
        "erp: ",
        "`kind` is missing",
        "batch.cases_at_once:",
        "batch.reading_processes:",
        "policy.match.freight.percent:",
        "ERP_AGENT_BTACH__CASES_AT_ONCE: there is no such setting",
    ):
        assert place in told
    assert SECRET not in told


@pytest.mark.parametrize("line", ["colour = 1", "[data]\nfodler = 'x'", "[policy.approval]\nvalid = 1"])
def test_an_unknown_key_is_refused(tmp_path: Path, line: str) -> None:
    assert "there is no such setting" in refusal(written(tmp_path, f"{line}\n{PLAIN}"))


def test_a_percentage_written_as_a_number_arrives_exactly(tmp_path: Path) -> None:
    text = f"{PLAIN}\n[policy.match.unit_price.over]\npercent = 2.5\nabsolute = 0.1\n"
    over = load(written(tmp_path, text)).policy.match.unit_price.over
    assert (over.percent, over.absolute) == (Decimal("2.5"), Decimal("0.1"))
    assert isinstance(over.percent, Decimal)


@pytest.mark.parametrize("number", ["inf", "nan", "-1.0", "true"])
def test_a_number_that_is_no_percentage_is_refused(tmp_path: Path, number: str) -> None:
    text = f"{PLAIN}\n[policy.match.unit_price.over]\npercent = {number}\n"
    assert "policy.match.unit_price.over.percent" in refusal(written(tmp_path, text))


def test_a_binary_float_handed_over_by_code_is_refused() -> None:
    with pytest.raises(ValidationError, match="not exact"):
        Settings(
            company={"company": "DEMO"},
            erp={"kind": "sandbox"},
            policy={"match": {"unit_price": {"over": {"percent": 2.5}}}},
        )


def test_the_environment_stands_above_the_secret_files_and_those_above_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, f"{PLAIN}a = 'file'\nb = 'file'\nc = 'file'\n")
    secrets = tmp_path / "secrets"
    (secrets / "..data").mkdir(parents=True)
    for name in ("ERP__B", "erp_agent_erp__c", ".hidden"):
        (secrets / name).write_text("secret\n")
    monkeypatch.setenv("ERP_AGENT_SECRETS", str(secrets))
    monkeypatch.setenv("ERP_AGENT_ERP__C", "environment")
    erp = load(path).erp
    assert (erp["a"], erp["b"], erp["c"]) == ("file", "secret", "environment")


@pytest.mark.parametrize(
    "value", ["0012", "123456789012345678901234567890.10", "1e400", "true", "null", "{}"]
)
@pytest.mark.parametrize("name", ["CLIENT_SECRET", "LOGIN__PASSWORD"])
def test_a_secret_that_looks_like_a_number_stays_text(
    file: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"ERP_AGENT_ERP__{name}", value)
    place: Any = load(file).erp
    for key in name.lower().split("__"):
        place = place[key]
    assert place == value


def test_a_section_given_as_json_keeps_its_numbers_exact(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_AGENT_ERP", '{"kind": "sandbox", "rate": 0.1}')
    monkeypatch.setenv("ERP_AGENT_POLICY__MATCH__UNIT_PRICE__OVER", '{"percent": 2.5}')
    monkeypatch.setenv("ERP_AGENT_POLICY__MATCH__FREIGHT__PERCENT", "7.5")
    settings = load(file)
    assert settings.erp["rate"] == Decimal("0.1")
    assert settings.policy.match.unit_price.over.percent == Decimal("2.5")
    assert settings.policy.match.freight.percent == Decimal("7.5")


def test_a_section_that_is_no_json_is_told_without_its_text(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERP_AGENT_ERP", f'{{"client_secret": "{SECRET}"')
    told = refusal(file)
    assert '"erp"' in told
    assert SECRET not in told


def test_secrets_show_in_no_text_of_the_settings(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_AGENT_ERP__CLIENT_SECRET", SECRET)
    settings = load(file)
    assert settings.erp["client_secret"] == SECRET
    assert SECRET not in f"{settings!r} {settings} {[settings]}"


def test_the_error_of_the_library_holds_no_secret_either() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(company={"company": SECRET, "colour": SECRET}, erp={"password": SECRET})
    assert SECRET not in str(caught.value)


def test_a_validators_own_sentence_is_told_without_the_value() -> None:
    class Login(BaseModel):
        token: SecretStr
        place: str

        @field_validator("place")
        @classmethod
        def _known(cls, place: str) -> str:
            raise ValueError(f"{place!r} is no place")

    with pytest.raises(ValidationError) as caught:
        Login.model_validate({"token": 7, "place": SECRET})
    told = explain(caught.value)
    assert SECRET not in told
    assert "place: the value is no place" in told
    assert "token:" in told


@pytest.mark.parametrize(
    ("text", "told"), [("[company", "not valid TOML"), ("a = 1\na = 2", "not valid TOML")]
)
def test_what_is_no_toml_is_told(tmp_path: Path, text: str, told: str) -> None:
    assert told in refusal(written(tmp_path, text))


def test_a_missing_or_unreadable_file_is_told(tmp_path: Path) -> None:
    assert "there is no settings file" in refusal(tmp_path / "none.toml")
    assert "cannot be read: Is a directory" in refusal(tmp_path)


def test_a_secrets_folder_that_cannot_be_read_is_told(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERP_AGENT_SECRETS", str(tmp_path / "none"))
    assert "No such file" in refusal(file)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "ERP__KEY").write_bytes(b"\xff\xfe")
    monkeypatch.setenv("ERP_AGENT_SECRETS", str(tmp_path / "bad"))
    assert "not UTF-8" in refusal(file)


def test_secret_files_for_a_section_and_for_a_value_in_it_contradict(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secrets").mkdir()
    for name in ("ERP", "ERP__KEY"):
        (tmp_path / "secrets" / name).write_text(SECRET)
    monkeypatch.setenv("ERP_AGENT_SECRETS", str(tmp_path / "secrets"))
    told = refusal(file)
    assert "a file for the whole of erp too" in told
    assert SECRET not in told


def test_the_person_at_the_keyboard_is_the_login_and_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "LOGNAME", "USERNAME", "LNAME"):
        monkeypatch.setenv(name, "mallory")
    assert login() != "mallory"


def test_a_login_is_one_that_this_machine_knows() -> None:
    assert has_login(login())
    assert not has_login(PersonId("nobody-was-ever-called-this"))
