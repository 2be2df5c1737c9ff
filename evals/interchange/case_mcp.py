"""The tools of a case's desk over MCP."""

from __future__ import annotations

import json
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.types import CallToolResult, TextContent, Tool

from evals.interchange.case_desk import CaseDesk, Refusal
from evals.interchange.desk_tools import TOOLS, call


def case_mcp(desk: CaseDesk) -> StreamableHTTPSessionManager:
    """Without sessions and with JSON answers: every call stands alone; the desk remembers."""
    server: Server[Any, Any] = Server("erp-eval case", instructions=desk.task)

    async def tools() -> list[Tool]:
        return [
            Tool(name=tool.name, description=tool.description, inputSchema=tool.schema)
            for tool in TOOLS.values()
        ]

    async def use(name: str, arguments: dict[str, Any]) -> CallToolResult:
        try:
            text, refused = json.dumps(call(desk, name, arguments), ensure_ascii=False), False
        except Refusal as refusal:
            text, refused = str(refusal), True
        return CallToolResult(content=[TextContent(type="text", text=text)], isError=refused)

    server.list_tools()(tools)  # type: ignore[no-untyped-call]
    server.call_tool(validate_input=False)(use)
    return StreamableHTTPSessionManager(server, json_response=True, stateless=True)
