"""Serves a made-up company over an ERP's own protocol, on this machine only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from typing import Any

import uvicorn

from tools import erp as connectors
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.world import WorldError, load_world


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
    if kind not in connectors.kinds() or kind == "sandbox":
        served = ", ".join(name for name in connectors.kinds() if name != "sandbox")
        raise SandboxError(f"there is no sandbox server for {kind!r}; there are: {served}")
    try:
        company = Company.load(load_world(world), lambda: datetime.now(UTC))
    except (WorldError, OSError) as error:
        raise SandboxError(f"{world}: {error}") from None
    server = import_module(f"tools.erp.{kind}.sandbox")
    app, listener = server.app(company), _listener(port)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    say(f"{kind} sandbox of {company.settings.company} on {address}")
    say("\n".join(settings_lines(kind, server.login(company, address))))
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listener])


def settings_lines(kind: str, login: Mapping[str, Any]) -> Iterator[str]:
    """Section `[erp]` of the settings that reaches the sandbox, as TOML. Its login is no secret."""
    yield "[erp]"
    yield f"kind = {json.dumps(kind)}"
    yield from (f"{name} = {_toml(value)}" for name, value in login.items())


def _toml(value: Any) -> str:
    """Text, numbers and truth are written alike in JSON and TOML; a mapping becomes an inline table."""
    if isinstance(value, Mapping):
        inner = (f"{json.dumps(name)} = {_toml(entry)}" for name, entry in value.items())
        return f"{{{', '.join(inner)}}}"
    return json.dumps(value, ensure_ascii=False)
