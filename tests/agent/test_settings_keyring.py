"""Secrets whose place in the keyring the settings file names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.settings import SettingsError, load
from agent.settings_keyring import KeyringUnusable, resolved

HELD = {("erp-agent", "exact"): "s3cr3t-horse", ("firm/erp", "key"): "other"}


def read(service: str, user: str) -> str | None:
    return HELD.get((service, user))


def test_a_place_in_the_keyring_stands_for_what_lies_there() -> None:
    values = {
        "erp": {"client_secret": "keyring:erp-agent/exact", "client_id": "plain"},
        "llm": {"models": [{"key": "keyring:firm/erp/key"}]},
        "limit": 5,
    }
    found, faults = resolved(values, read)
    assert found == {
        "erp": {"client_secret": "s3cr3t-horse", "client_id": "plain"},
        "llm": {"models": [{"key": "other"}]},
        "limit": 5,
    }
    assert not faults


def test_every_place_that_cannot_be_read_is_named_at_once() -> None:
    values = {"erp": {"a": "keyring:erp-agent/nobody", "b": "keyring:nothing", "c": "keyring:/x"}}
    found, faults = resolved(values, read)
    assert found == values
    assert [fault.split(":")[0].strip() for fault in faults] == ["erp.a", "erp.b", "erp.c"]
    assert "keyring set erp-agent nobody" in faults[0]
    assert "keyring:SERVICE/USER" in faults[1]


def test_a_keyring_that_is_locked_is_told() -> None:
    def locked(service: str, user: str) -> str | None:
        raise KeyringUnusable("the keyring cannot be read: KeyringLocked")

    _, faults = resolved({"erp": {"a": "keyring:erp-agent/exact"}}, locked)
    assert faults == ["  erp.a: the keyring cannot be read: KeyringLocked"]


def test_a_file_without_places_in_the_keyring_never_asks_it() -> None:
    def never(service: str, user: str) -> str | None:
        raise AssertionError(service)

    assert resolved({"erp": {"kind": "sandbox"}}, never) == ({"erp": {"kind": "sandbox"}}, [])


def test_settings_say_what_to_do_where_the_keyring_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.upper().startswith("ERP_AGENT_")]:
        monkeypatch.delenv(name)
    file = tmp_path / "erp-agent.toml"
    file.write_text(
        '[company]\ncompany = "D"\n[erp]\nkind = "exact"\nclient_secret = "keyring:erp-agent/x"\n'
    )
    with pytest.raises(SettingsError) as told:
        load(file)
    assert "erp.client_secret: " in str(told.value)
    assert "keyring" in str(told.value)
