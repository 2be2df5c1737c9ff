"""Where a login's tokens are kept between runs, for every process of this machine.

A refresh token that works only once must survive whatever happens to us: what came in is on the disk before
it is used, and that a renewal was sent is on the disk before it is sent. So a process that finds such a mark
without an answer knows that the answer was lost, and says so.
"""

from __future__ import annotations

import hashlib
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tools.erp.state_file import StateFile, StateUnusable


@dataclass(frozen=True)
class StoredTokens:
    """A pair of tokens. Moments are seconds since 1970, `life` is seconds."""

    access_token: str
    refresh_token: str
    received_at: float
    life: float
    renewal_sent_at: float | None = None
    """A renewal with this refresh token went out, and its answer is not kept: it may be used up."""
    refused: str | None = None
    """Why the login service will not renew these: a person has to consent anew."""

    def __repr__(self) -> str:
        return f"StoredTokens(received_at={self.received_at}, life={self.life})"

    @property
    def header(self) -> str:
        return f"Bearer {self.access_token}"


class TokenStore:
    """The tokens of one app at one login service."""

    def __init__(self, folder: Path, name: str, *, login_url: str, client_id: str) -> None:
        """`name` starts the file's name; another app or another service never sees these tokens."""
        owner = hashlib.sha256(f"{login_url}\n{client_id}".encode()).hexdigest()[:12]
        self._file = StateFile(folder / f"{name}-{owner}.token.json")

    @property
    def path(self) -> Path:
        return self._file.path

    def held(self) -> AbstractAsyncContextManager[None]:
        """The lock: one process of this machine at a time renews."""
        return self._file.held_across_calls()

    def read(self) -> StoredTokens | None:
        """None before the first consent. Raises StateUnusable."""
        values = self._file.read()
        if not values:
            return None
        try:
            return StoredTokens(
                access_token=_text(values, "access_token"),
                refresh_token=_text(values, "refresh_token"),
                received_at=float(values["received_at"]),
                life=float(values["life"]),
                renewal_sent_at=_moment(values.get("renewal_sent_at")),
                refused=values.get("refused"),
            )
        except (KeyError, TypeError, ValueError):
            pass
        raise StateUnusable(f"{self.path} is damaged: it holds no tokens")

    def keep(self, tokens: StoredTokens) -> None:
        """Durable before it returns. Raises StateUnusable."""
        values: dict[str, Any] = {
            "access_token": tokens.access_token,
            "refresh_token": tokens.refresh_token,
            "received_at": tokens.received_at,
            "life": tokens.life,
            "renewal_sent_at": tokens.renewal_sent_at,
            "refused": tokens.refused,
        }
        self._file.write({name: value for name, value in values.items() if value is not None})

    def note_sent(self, tokens: StoredTokens, now: float) -> None:
        """To be kept before the renewal goes out."""
        self.keep(replace(tokens, renewal_sent_at=now))


def _text(values: dict[str, Any], name: str) -> str:
    value = values[name]
    if not isinstance(value, str) or not value:
        raise ValueError(name)
    return value


def _moment(value: Any) -> float | None:
    return None if value is None else float(value)
