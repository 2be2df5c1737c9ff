"""Finds bank accounts and secrets in texts where none may stand, however they are dressed up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_SIGNS = re.compile(r"[^A-Z0-9]")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


class Leaks:
    """What was found, as `place: what`."""

    def __init__(self, accounts: Collection[str], secrets: Collection[str]) -> None:
        self._accounts = {bare(account): account for account in accounts}
        self._secrets = tuple(secrets)
        self.found: set[str] = set()

    def look(self, place: str, text: str) -> None:
        signs = bare(text)
        self.found |= {f"{place}: {name}" for account, name in self._accounts.items() if account in signs}
        self.found |= {f"{place}: {secret}" for secret in self._secrets if secret in text}


def bare(text: str) -> str:
    """Letters and digits alone, in capitals, out of any dress and any escape of JSON."""
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return _SIGNS.sub("", unicodedata.normalize("NFKC", plain).upper())
