"""Section `[llm.mcp.NAME]`: servers whose reading tools a model may use too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


_SHORTEST_SECRET = 6


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as http://127.0.0.1:9000/mcp")
    if parts.username or parts.password or parts.query:
        raise ValueError("holds a name, a password or a query; they belong in headers")
    return url


class McpServer(BaseModel):
    """One server: a program that is started (`command`), or an address (`url`, streamable HTTP)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    command: str | None = None
    args: tuple[str, ...] = ()
    env: Mapping[str, SecretStr] = Field(default_factory=dict)
    """Added to the few variables that every program gets; ours are not passed on."""
    url: Annotated[str, AfterValidator(_address)] | None = None
    headers: Mapping[str, SecretStr] = Field(default_factory=dict)
    read: frozenset[str] = frozenset()
    """Tools that only read, by your word. Every other one counts as writing, whatever the server says of it,
    and is never called."""
    timeout_seconds: float = Field(default=20, gt=0)
    """For listing the tools, and for each call with the start of the program."""

    @model_validator(mode="after")
    def _one_way(self) -> McpServer:
        if (self.command is None) == (self.url is None):
            raise ValueError("needs either command or url")
        if self.command is None and (self.args or self.env):
            raise ValueError("args and env belong to a command")
        if self.url is None and self.headers:
            raise ValueError("headers belong to a url")
        # The client library would fill in variables of our own environment.
        if any("${" in value.get_secret_value() for value in (*self.env.values(), *self.headers.values())):
            raise ValueError("env and headers hold values as they are; ${…} is not filled in")
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that must not stand in a text; `1` and the like are none."""
        values = (value.get_secret_value() for value in (*self.env.values(), *self.headers.values()))
        return tuple(value for value in values if len(value) >= _SHORTEST_SECRET)


def misnamed(servers: Iterable[str]) -> list[str]:
    """Faults in the names of servers: they stand in the names of tools."""
    wrong = (name for name in servers if not _NAME.fullmatch(name))
    return [f"mcp.{name}: a name has lower-case letters, digits and single underscores" for name in wrong]
