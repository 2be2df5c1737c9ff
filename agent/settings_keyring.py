"""Secrets of the settings file that lie in the operating system's keyring.

`client_secret = "keyring:erp-agent/exact"` in the file stands for the password that the keyring holds for
service `erp-agent` and user `exact`. The library `keyring` (the extra [keyring]) is imported only where a
file names such a place.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

PREFIX = "keyring:"
Read = Callable[[str, str], str | None]
"""Service, user -> password; None where there is none."""
Load = Callable[[str], Any]
"""Name -> module. Raises ImportError."""
_WITHOUT = "a variable or a secret file does without"


class KeyringUnusable(Exception):
    """The keyring cannot be read; the text says what to do."""


def resolved(values: dict[str, Any], read: Read | None = None) -> tuple[dict[str, Any], list[str]]:
    """The values with every place in the keyring replaced by what lies there, and a line for each that cannot
    be read; no line holds a secret."""
    faults: list[str] = []
    found = _walked(values, "", read or from_the_system, faults)
    return found, faults


def _walked(value: Any, name: str, read: Read, faults: list[str]) -> Any:
    if isinstance(value, dict):
        return {
            key: _walked(inner, f"{name}.{key}".lstrip("."), read, faults) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_walked(inner, f"{name}[{at}]", read, faults) for at, inner in enumerate(value, start=1)]
    if not isinstance(value, str) or not value.startswith(PREFIX):
        return value
    service, slash, user = value.removeprefix(PREFIX).rpartition("/")
    if not slash or not service or not user:
        faults.append(f"  {name}: a place in the keyring is written keyring:SERVICE/USER")
        return value
    try:
        secret = read(service, user)
    except KeyringUnusable as error:
        faults.append(f"  {name}: {error}")
        return value
    if secret is None:
        faults.append(
            f"  {name}: the keyring holds nothing for {service}/{user}; `keyring set {service} {user}` puts "
            "it there"
        )
        return value
    return secret


def from_the_system(service: str, user: str, load: Load = import_module) -> str | None:
    """What the operating system's keyring holds. Raises KeyringUnusable without the library, without a
    keyring and for a locked one."""
    try:
        library, errors = load("keyring"), load("keyring.errors")
    except ImportError:
        raise KeyringUnusable(
            "the library that reads the keyring is not installed; the extra [keyring] brings it "
            f"(`pip install '.[keyring]'` in the program's folder; `make setup` has it); {_WITHOUT}"
        ) from None
    try:
        found: str | None = library.get_password(service, user)
    except errors.NoKeyringError:
        raise KeyringUnusable(f"this machine has no keyring that can be read; {_WITHOUT}") from None
    except errors.KeyringError as error:
        raise KeyringUnusable(f"the keyring cannot be read: {type(error).__name__}") from None
    return found
