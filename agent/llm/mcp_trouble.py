"""What is wrong with an MCP server, in words that say what to mend, and the client library's log kept away
from the clerk: it writes a traceback for each line of a server that is no message of the protocol."""

from __future__ import annotations

import logging
import shutil
from contextvars import ContextVar
from dataclasses import dataclass

from pydantic import ValidationError

from agent.llm.mcp_settings import McpServer

LIBRARY = ("mcp", "client")
"""Loggers of the library `mcp`; its sessions log as `client`, and some of its warnings to the root."""
_NO_MESSAGE = "Failed to parse"
_CLOSED = -32000
"""The library's own code for a connection that ended before the answer (`mcp.types.CONNECTION_CLOSED`)."""
_NO_PROTOCOL = "does not speak the protocol: what it writes to its standard output are no messages of MCP"


@dataclass
class Heard:
    """What the library logged about one server while it was asked."""

    is_no_protocol: bool = False
    """It wrote a line that is no message."""


HEARD: ContextVar[Heard | None] = ContextVar("HEARD", default=None)
"""Of the server that the running task asks; tasks that the library starts inherit it."""


class _Kept(logging.Handler):
    """Takes what the library logs and shows none of it."""

    def emit(self, record: logging.LogRecord) -> None:
        heard = HEARD.get()
        if heard is not None and str(record.msg).startswith(_NO_MESSAGE):
            heard.is_no_protocol = True


class _NotOfTheLibrary(logging.Filter):
    """Lets everything pass but what the library logs to the root while a server is asked."""

    def filter(self, record: logging.LogRecord) -> bool:
        return HEARD.get() is None or "/mcp/" not in record.pathname.replace("\\", "/")


class _NoUnknownChild(logging.Filter):
    """asyncio's warning of a program whose end the library noticed first."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith("Unknown child process")


def keep_quiet() -> None:
    """From now on the library's log is not shown. Said twice it is the same as once."""
    for name in LIBRARY:
        logger = logging.getLogger(name)
        logger.propagate = False
        if not any(isinstance(handler, _Kept) for handler in logger.handlers):
            logger.addHandler(_Kept())
    for name, kind in (("root", _NotOfTheLibrary), ("asyncio", _NoUnknownChild)):
        logger = logging.getLogger(name)
        if not any(isinstance(entry, kind) for entry in logger.filters):
            logger.addFilter(kind())


def why(error: BaseException, server: McpServer, heard: Heard) -> str:
    """What an error of the client says about the server, as the rest of a sentence after its name."""
    error = _innermost(error)
    if not _has_program(server):
        return f"cannot be started: there is no such program as {server.command}"
    if heard.is_no_protocol or isinstance(error, ValidationError):
        return _NO_PROTOCOL if server.url is None else "does not speak the protocol: check its address"
    code = getattr(getattr(error, "error", None), "code", None)
    if isinstance(code, int) and code != _CLOSED:
        return f"refuses: its error has the code {code}"
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(status, int):
        return f"answers with HTTP {status}: check its address and headers"
    if server.url is not None:
        return "cannot be reached: check its address, and whether it runs"
    return "ended at once, before it answered: run its command by hand to see why"


def silent(server: McpServer, heard: Heard, seconds: float) -> str:
    """Why nothing came in time, likewise."""
    if heard.is_no_protocol:
        return _NO_PROTOCOL
    return f"did not answer within {seconds:g} seconds"


def _has_program(server: McpServer) -> bool:
    if server.command is None:
        return True
    path = server.env.get("PATH")
    return shutil.which(server.command, path=path.get_secret_value() if path else None) is not None


def _innermost(error: BaseException) -> BaseException:
    """What went wrong inside a group of tasks: the group's own name helps nobody."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
