"""Serves a made-up company over an ERP's own protocol, on this machine only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET, socket

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
    app = import_module(f"tools.erp.{kind}.sandbox").app(company)
    listener = _listener(port)
    say(f"{kind} sandbox of {company.settings.company} on http://127.0.0.1:{listener.getsockname()[1]}")
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listener])
