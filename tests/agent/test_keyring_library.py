"""The real library `keyring`, with keyrings of its own kind in place of the machine's."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked

from agent.settings_keyring import KeyringUnusable, from_the_system, resolved

ROOT = Path(__file__).parents[2]
FILE = {"erp": {"client_secret": "keyring:erp-agent/exact"}}


class Memory(KeyringBackend):
    """Holds what it is given; the library talks to it as to the machine's own."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))


class Locked(Memory):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("the collection is locked; it holds s3cr3t-horse")


@pytest.fixture(autouse=True)
def machine() -> Iterator[None]:
    """Whatever a test sets, the next one has a machine without a keyring."""
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(fail.Keyring())


def test_what_was_put_into_the_keyring_is_the_secret_of_the_settings() -> None:
    keyring.set_keyring(Memory())
    keyring.set_password("erp-agent", "exact", "s3cr3t-horse")
    assert resolved(FILE) == ({"erp": {"client_secret": "s3cr3t-horse"}}, [])


def test_a_keyring_that_holds_nothing_says_how_to_put_it_there() -> None:
    keyring.set_keyring(null.Keyring())
    found, (fault,) = resolved(FILE)
    assert found == FILE
    assert "`keyring set erp-agent exact` puts it there" in fault


def test_a_machine_without_a_keyring_is_told_so() -> None:
    with pytest.raises(KeyringUnusable, match="this machine has no keyring.*a secret file does without"):
        from_the_system("erp-agent", "exact")


def test_a_locked_keyring_is_told_without_what_the_library_says_of_it() -> None:
    keyring.set_keyring(Locked())
    with pytest.raises(KeyringUnusable) as told:
        from_the_system("erp-agent", "exact")
    assert str(told.value) == "the keyring cannot be read: KeyringLocked"


def test_without_the_library_the_extra_is_named_and_the_extra_exists() -> None:
    def absent(name: str) -> Any:
        raise ImportError(name)

    with pytest.raises(KeyringUnusable, match=r"extra \[keyring\].*pip install '\.\[keyring\]'"):
        from_the_system("erp-agent", "exact", absent)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [need for need in project["optional-dependencies"]["keyring"] if need.startswith("keyring>=")]


def test_the_library_is_locked_with_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    (entry,) = [part for part in lock.split("\n") if part.startswith("keyring==")]
    assert lock.split(entry)[1].lstrip().startswith("--hash=sha256:")
