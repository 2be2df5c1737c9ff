"""Serves a made-up company over an ERP's own protocol, on this machine only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from typing import Any

import uvicorn

from tools import erp as connectors
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.world import WorldError, load_world

_TEMPLATE, _ACCOUNTS = "erp-agent.toml.in", "verified_accounts.csv"


class SandboxError(Exception):
    """The sandbox cannot be served; the text says why."""


def _listener(port: int) -> socket:
    listener = socket()
    # A sandbox that was ended a moment ago does not keep its port.
    listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        told = error.strerror if isinstance(error, OSError) else "ports end at 65535"
        raise SandboxError(f"port {port} of this machine cannot be used: {told}") from None
    return listener


def serve_sandbox(kind: str, world: Path, port: int, say: Callable[[str], None]) -> None:
    """Serve the ERP's protocol over the world's books on 127.0.0.1 until interrupted."""
    try:
        server = connectors.server(kind)
    except ValueError as error:
        raise SandboxError(str(error)) from None
    try:
        company = Company.load(load_world(world), lambda: datetime.now(UTC))
    except (WorldError, OSError) as error:
        raise SandboxError(f"{world}: {error}") from None
    app, listener = server.app(company), _listener(port)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    login = server.login(company, address)
    # All of it is TOML: what stands on standard output can be added to a settings file as it is.
    say(f"# {kind} sandbox of {company.settings.company} on {address}")
    say("\n".join((*remarks(world, login), *settings_lines(kind, login))))
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listener])


def remarks(world: Path, login: Mapping[str, Any]) -> Iterator[str]:
    """What whoever uses this server has to know, as comments of TOML."""
    yield "# The books are in memory: ended and started again, this server has forgotten what was posted and"
    yield "# gives its numbers again, so that two cases may name one. Begin with a new [data] folder then."
    if "state_folder" in login:
        yield "# state_folder stays when the server ends; its tokens reach this server only: delete it then."
    template, accounts = world.parent / _TEMPLATE, world.parent / _ACCOUNTS
    if template.is_file() and accounts.is_file():
        yield f"# Settings and verified accounts of this company: {template}, {accounts};"
        yield "# the commands to a first run stand in tools/erp/README.md."


def settings_lines(kind: str, login: Mapping[str, Any]) -> Iterator[str]:
    """Section `[erp]` of the settings that reaches the sandbox, as TOML. Its login is no secret."""
    yield "[erp]"
    yield f"kind = {json.dumps(kind)}"
    tables = {name: value for name, value in login.items() if isinstance(value, Mapping) and value}
    yield from (f"{name} = {_toml(value)}" for name, value in login.items() if name not in tables)
    for name, table in tables.items():
        yield f"\n[erp.{name}]"
        yield from (f"{json.dumps(key, ensure_ascii=False)} = {_toml(value)}" for key, value in table.items())


def _toml(value: Any) -> str:
    """Text, numbers and truth are written alike in JSON and TOML; a mapping becomes an inline table."""
    if isinstance(value, Mapping):
        inner = (f"{json.dumps(name)} = {_toml(entry)}" for name, entry in value.items())
        return f"{{{', '.join(inner)}}}"
    return json.dumps(value, ensure_ascii=False)
