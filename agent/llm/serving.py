"""Serves a local model to other programs of this machine, in the way of OpenAI's chat completions."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from agent.llm.contract import ModelUnavailable
from agent.llm.engine import EngineName
from agent.llm.engines import check_file, chosen, physical_cores
from agent.settings import let_threads_sleep


class ServingTrouble(Exception):
    """The model cannot be served; the text says why."""


def serve(
    path: Path,
    name: str,
    port: int,
    say: Callable[[str], None],
    *,
    context: int = 8192,
    threads: int | None = None,
    until: threading.Event | None = None,
) -> None:
    """Serve `/v1/models` and `/v1/chat/completions` on 127.0.0.1 until interrupted, or until the event
    is set. `port` 0 takes a free one. Raises ServingTrouble."""
    try:
        chosen(EngineName.XLLAMACPP)
        check_file(path)
    except ModelUnavailable as error:
        raise ServingTrouble(str(error)) from None
    _require_free(port)
    let_threads_sleep()
    from agent.llm import xllamacpp_engine as library

    server = library.listening(path, name, context, threads or physical_cores(), port)
    say(f"{name} on {server.listening_address}/v1")
    # Waiting is left to the interrupt key; the library answers on threads of its own.
    (until or threading.Event()).wait()


def _require_free(port: int) -> None:
    """The library takes a used port in silence and never answers there."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            told = error.strerror if isinstance(error, OSError) else "ports end at 65535"
            raise ServingTrouble(f"port {port} of this machine cannot be used: {told}") from None
