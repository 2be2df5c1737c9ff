"""Tools of MCP servers beside our own, under the same gate: what the settings do not name as reading counts
as writing, and what may write is never called.

A server's word counts for nothing here: not its hints (`readOnlyHint`), not its descriptions, not its
answers. All of it is untrusted text. Answers are marked, cut and timed out; a server that is down costs its
tools.

A conversation offers these tools only before anything was read in its turn, and a text goes to a server only
when the person said it or it is the id of a record (`tools/catalog/foreign.py`): no note on a document can
send figures of ours out of the house.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Coroutine, Mapping, Sequence
from contextvars import copy_context
from typing import Any, TypeVar

from langchain_core.tools import BaseTool
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.sessions import Connection

from agent.llm.mcp_settings import McpServer
from agent.llm.mcp_trouble import HEARD, Heard, keep_quiet, silent, why
from agent.llm.self_test import Finding
from tools.catalog.result import ToolResult, refused
from tools.catalog.spec import Access, ToolSpec
from tools.untrusted_text import marked, tidied

T = TypeVar("T")
_MOST_TOOLS = 20
"""Of one server."""
_MOST_ARGUMENTS = 8
_ANSWER, _TEXT = 1600, 200
"""Characters of an answer, and of a text that a model may send."""
_WHOLE = re.compile(r"-?\d{1,15}")
_TO_END = 5.0
"""Seconds for a program to end after it was too slow."""
_SIMPLE = frozenset({"string", "integer", "number", "boolean"})
_WHOLE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_ARGUMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")


class Trouble(str):
    """Why a server or a tool of it cannot be used, as a sentence of ours."""

    __slots__ = ()


class McpTools:
    """The tools of all servers of the settings. `load` asks the servers once; without it there are none."""

    def __init__(self, servers: Mapping[str, McpServer]) -> None:
        self._servers = servers
        self._client = MultiServerMCPClient(
            {name: _connection(server) for name, server in servers.items()}, handle_tool_errors=True
        )
        self._tools: dict[str, tuple[str, BaseTool]] = {}
        self._specs: list[ToolSpec] = []
        self._is_loaded = False
        self.troubles: list[str] = []
        """Servers that could not be asked and tools that cannot be used, and why, as sentences."""

    @property
    def specs(self) -> Sequence[ToolSpec]:
        """Named `server_tool`, those of the settings' `read` as READ, all others as WRITE."""
        return tuple(self._specs)

    async def load(self) -> None:
        """Ask every server for its tools, the first time. What goes wrong is told in `troubles`; raises
        nothing for it."""
        if self._is_loaded:
            return
        self._is_loaded = True
        keep_quiet()
        asked = (
            _in_time(self._client.get_tools(server_name=name), name, server)
            for name, server in self._servers.items()
        )
        for (name, server), found in zip(self._servers.items(), await asyncio.gather(*asked), strict=True):
            if isinstance(found, Trouble):
                self.troubles.append(found)
            else:
                self._take(name, server, found)

    async def examine(self) -> list[Finding]:
        """What `doctor` says: which tools are read and which are never called, and every trouble."""
        await self.load()
        told = []
        for name in self._servers:
            own = [(tool.name, spec) for spec in self._specs if (tool := self._of(name, spec)) is not None]
            read = ", ".join(tool for tool, spec in own if spec.access is Access.READ) or "no tool"
            never = ", ".join(tool for tool, spec in own if spec.access is not Access.READ) or "none"
            words = f"reads with {read}; never called: {never}"
            told.append({"what": f"MCP server {name}", "state": "ok" if own else "note", "message": words})
        fault = {"what": "MCP servers", "state": "fault", "error_kind": "McpTrouble"}
        return told + [fault | {"message": trouble} for trouble in self.troubles]

    def _of(self, server: str, spec: ToolSpec) -> BaseTool | None:
        owner, tool = self._tools[spec.name]
        return tool if owner == server else None

    def _take(self, name: str, server: McpServer, tools: Sequence[BaseTool]) -> None:
        offered = {tool.name for tool in tools}
        for missing in sorted(server.read - offered):
            self.troubles.append(f"the MCP server {name} has no tool {missing}, which `read` names")
        for tool in tools[:_MOST_TOOLS]:
            spec = _spec(name, tool, is_read=tool.name in server.read)
            if isinstance(spec, Trouble):
                self.troubles.append(spec)
            elif spec.name not in self._tools:
                self._tools[spec.name] = (name, tool)
                self._specs.append(spec)
        if len(tools) > _MOST_TOOLS:
            self.troubles.append(f"the MCP server {name} has {len(tools)} tools; {_MOST_TOOLS} are taken")

    async def call(self, tool: ToolSpec, arguments: Mapping[str, Any]) -> ToolResult:
        """The server's answer, marked. A tool that may write leaves a note for the clerk instead."""
        known = self._tools.get(tool.name)
        if known is None:
            return refused("there is no such tool")
        server, base = known
        own = next(spec for spec in self._specs if spec.name == tool.name)
        if own.access is not Access.READ:
            return _note(server, base.name, arguments)
        arguments = _typed(own, arguments)
        fault = _fault(own, arguments)
        if fault is not None:
            return refused(fault)
        answer = await _in_time(base.ainvoke(dict(arguments)), server, self._servers[server])
        if isinstance(answer, Trouble):
            return refused(answer)
        said = _text_of(answer)
        for secret in self._servers[server].secrets:
            said = said.replace(secret, "(secret removed)")
        text = marked(said, f"MCP server {server} {base.name}", _ANSWER)
        return ToolResult(text=text, records=(f"mcp:{server}/{base.name}",))


def _connection(server: McpServer) -> Connection:
    if server.url is not None:
        headers = {name: value.get_secret_value() for name, value in server.headers.items()}
        return {"transport": "streamable_http", "url": server.url, "headers": headers}
    env = {name: value.get_secret_value() for name, value in server.env.items()}
    # What a server writes beside its answers must not reach the clerk's terminal.
    quiet = ("-c", 'exec "$0" "$@" 2>/dev/null', server.command or "", *server.args)
    return {"transport": "stdio", "command": "/bin/sh", "args": list(quiet), "env": env or None}


async def _in_time(work: Coroutine[Any, Any, T], name: str, server: McpServer) -> T | Trouble:
    """What came of it, or why nothing did. Whatever a server does raises nothing here."""
    heard = Heard()
    context = copy_context()
    context.run(HEARD.set, heard)
    task = asyncio.get_running_loop().create_task(work, context=context)
    try:
        await asyncio.wait({task}, timeout=server.timeout_seconds)
    finally:
        in_time = task.done()
        if not in_time:
            task.cancel()
    who = f"the MCP server {name}"
    if not in_time:
        await asyncio.wait({task}, timeout=_TO_END)
        return Trouble(f"{who} {silent(server, heard, server.timeout_seconds)}")
    if task.cancelled() or (error := task.exception()) is None:
        return Trouble(f"{who} broke off") if task.cancelled() else task.result()
    return Trouble(f"{who} {why(error, server, heard)}")


def _spec(server: str, tool: BaseTool, *, is_read: bool) -> ToolSpec | Trouble:
    """Described by its name alone: what a server says of its tool would stand among our own words."""
    if not _WHOLE_NAME.fullmatch(tool.name):
        return Trouble(f"the MCP server {server} has a tool whose name cannot be used")
    arguments = _arguments(tool.args_schema)
    if arguments is None:
        return Trouble(f"{tool.name} of the MCP server {server} takes more than plain values")
    names = ", ".join(arguments["properties"]) or "nothing"
    return ToolSpec(
        name=f"{server}_{re.sub(r'[^A-Za-z0-9]', '_', tool.name).lower()}",
        description=f"Asks the server {server} for {tool.name.replace('_', ' ')}, by {names}.",
        access=Access.READ if is_read else Access.WRITE,
        arguments=arguments,
        is_foreign=True,
    )


def _arguments(schema: Any) -> dict[str, Any] | None:
    """Plain values only, bounded. None where a required argument is none."""
    if not isinstance(schema, Mapping):
        return None
    properties, required = schema.get("properties", {}), list(schema.get("required", ()))
    plain = {name: _value(part) for name, part in properties.items() if _ARGUMENT.fullmatch(name)}
    kept = {name: value for name, value in list(plain.items())[:_MOST_ARGUMENTS] if value is not None}
    if not set(required) <= set(kept):
        return None
    return {"type": "object", "properties": kept, "required": required, "additionalProperties": False}


def _value(part: Any) -> dict[str, Any] | None:
    kind = part.get("type") if isinstance(part, Mapping) else None
    if kind not in _SIMPLE:
        return None
    if kind != "string":
        return {"type": kind}
    words = [word for word in part.get("enum", ()) if isinstance(word, str) and _WHOLE_NAME.fullmatch(word)]
    return {"type": kind, "enum": words} if words else {"type": kind, "maxLength": _TEXT}


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool) or kind == "boolean":
        return isinstance(value, bool) and kind == "boolean"
    return isinstance(value, {"string": str, "integer": int}.get(kind, int | float))


def _typed(tool: ToolSpec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Whole numbers that came as text, as the numbers they are."""
    known: Mapping[str, Any] = (tool.arguments or {}).get("properties", {})
    numbers = {name for name, part in known.items() if part["type"] in ("integer", "number")}
    return {
        name: int(value) if name in numbers and isinstance(value, str) and _WHOLE.fullmatch(value) else value
        for name, value in arguments.items()
    }


def _fault(tool: ToolSpec, arguments: Mapping[str, Any]) -> str | None:
    """Why the arguments cannot be sent; None when they can."""
    schema = tool.arguments or {}
    known: Mapping[str, Any] = schema.get("properties", {})
    for name, value in arguments.items():
        part = known.get(name)
        if part is None or not _is(value, part["type"]):
            return f"{tool.name} does not take {str(name)[:40]} so"
        if isinstance(value, str) and (len(value) > _TEXT or value not in part.get("enum", (value,))):
            return f"{tool.name} does not take {str(name)[:40]} so"
    missing = [name for name in schema.get("required", ()) if name not in arguments]
    return f"{tool.name} needs {missing[0]}" if missing else None


def _note(server: str, tool: str, arguments: Mapping[str, Any]) -> ToolResult:
    """For the clerk: what the model wanted of another server. It was not called."""
    said = tidied(json.dumps(dict(arguments), ensure_ascii=False, default=str), _ANSWER)
    note = f"The server {server} offers {tool}. A model asked for it with {said}. It was not carried out."
    return ToolResult(text=f"{tool} was not carried out; the clerk is told.", question=note)


def _text_of(content: Any) -> str:
    """The texts of an answer; pictures and files are only named."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [content]
    return "\n".join(_part(part) for part in parts)


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    text = part.get("text") if isinstance(part, Mapping) else None
    return text if isinstance(text, str) else "(something that is no text)"
