"""`[events]` of the settings: how often the ERP is asked what changed, and where it may tell us."""

from __future__ import annotations

import re
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

_LISTEN = re.compile(r"(?P<host>[0-9A-Za-z.\-]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")
_SHORTEST_SECRET = 32


class EventSettings(BaseModel):
    """For `erp-agent watch`. Without `listen` the ERP is only asked, which misses nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    poll_seconds: int = Field(default=60, ge=5)
    complete_minutes: int = Field(default=60, ge=1)
    """How often every open case is compared with the ERP, whatever it tells to have changed."""
    settle_seconds: float = Field(default=2.0, ge=0)
    """Rest after each look, in which messages that come together become one reason."""
    event_seconds: int = Field(default=60, ge=0)
    """Least time between two looks that messages ask for; the first message after a rest is followed at once.
    Where calls are counted by the day, this with `poll_seconds` bounds what messages may use up."""
    listen: str | None = None
    """`HOST:PORT` of our plain HTTP endpoint, which a proxy with TLS stands before."""
    address: str | None = None
    """The https address of `/events` as the ERP reaches it. Given, the ERP is asked to send messages."""
    secret: SecretStr | None = None
    """For the signatures; from ERP_AGENT_EVENTS__SECRET or a secret file."""
    vendor_secret: SecretStr | None = None
    """The secret that the ERP's vendor gave the app for its webhooks (Exact Online); the same places."""
    window_seconds: int = Field(default=300, ge=30, le=3600)
    """How old a signed message may be."""

    @field_validator("listen")
    @classmethod
    def _is_host_and_port(cls, value: str | None) -> str | None:
        found = None if value is None else _LISTEN.fullmatch(value)
        if value is not None and (found is None or int(found["port"]) > 65535):
            raise ValueError("listen is HOST:PORT, for example 127.0.0.1:8085")
        return value

    @field_validator("address")
    @classmethod
    def _is_https(cls, value: str | None) -> str | None:
        if value is not None and not re.match(
            r"https://[^/@\s]+/|http://(127\.0\.0\.1|localhost)(:\d+)?/", value
        ):
            raise ValueError("address is the https address of /events, for example https://ap.example/events")
        return None if value is None else value.rstrip("/")

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if self.address is not None and self.listen is None:
            raise ValueError("address needs listen: the ERP's handshake must be answered")
        if self.listen is not None:
            if self.secret is None:
                raise ValueError("listen needs secret: a message that nobody signed is refused")
            if len(self.secret.get_secret_value()) < _SHORTEST_SECRET:
                raise ValueError(f"secret must have at least {_SHORTEST_SECRET} characters")
        return self

    @property
    def host_and_port(self) -> tuple[str, int] | None:
        """Where to listen; None: nowhere."""
        found = None if self.listen is None else _LISTEN.fullmatch(self.listen)
        return None if found is None else (found["host"].strip("[]"), int(found["port"]))
