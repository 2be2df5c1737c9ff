"""`erp-eval serve-case`: one case over HTTP (JSON) and MCP, on this machine.

    GET  /               the task in words, and the tools with their JSON schemas
    POST /tools/NAME     arguments as a JSON object; {"result": …} or, with status 422, {"error": "…"}
    /mcp                 the same tools over MCP (streamable HTTP)
    POST /end            outcome and verdict; only with the judge's key in the header `X-Judge`;
                         asked again it says the same, and no tool works any more

The key and the case's name are told to whoever started the server, not to the agent.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from evals.interchange.case_desk import CaseDesk, Refusal
from evals.interchange.case_mcp import case_mcp
from evals.interchange.desk_tools import TOOLS, call
from evals.suite.case import CaseBroken, EvalCase

_TOO_DEEP = "it lies too deep within itself"
_DEEPEST = 64
"""Arguments of a tool lie four deep, a call over MCP two more."""
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def case_app(desk: CaseDesk, judge_key: str, name: str = "case") -> Starlette:
    """The routes over one desk; it ends with the app. `name` is what the agent is told of the case: ids say
    in words what is wrong with it."""

    async def task(request: Request) -> Response:
        tools = [
            {"name": tool.name, "description": tool.description, "parameters": tool.schema}
            for tool in TOOLS.values()
        ]
        return JSONResponse({"case": name, "task": desk.task, "tools": tools})

    async def use(request: Request) -> Response:
        try:
            arguments = _arguments(await request.body())
        except ValueError as error:
            return JSONResponse({"error": f"no JSON: {error}"}, status_code=400)
        try:
            if not isinstance(arguments, dict):
                raise Refusal("arguments are a JSON object")
            return JSONResponse({"result": call(desk, request.path_params["name"], arguments)})
        except Refusal as refusal:
            return JSONResponse({"error": str(refusal)}, status_code=422)

    async def end(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get("x-judge", "").encode(), judge_key.encode()):
            return JSONResponse({"error": "only the judge may end a case"}, status_code=403)
        outcome, verdict = desk.end()
        told: dict[str, Any] = {
            "passed": verdict.passed,
            "verdict": verdict.model_dump(mode="json"),
            "outcome": outcome.model_dump(mode="json"),
            "calls": desk.calls,
        }
        return JSONResponse(told)

    mcp = case_mcp(desk)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with mcp.run():
            yield

    routes = [
        Route("/", task, methods=["GET"]),
        Route("/tools/{name}", use, methods=["POST"]),
        Route("/end", end, methods=["POST"]),
        Mount("/mcp", app=_shallow(mcp.handle_request)),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _arguments(body: bytes) -> Any:
    """Raises ValueError for what is no JSON, or lies too deep within itself."""
    if _lies_too_deep(body):
        raise ValueError(_TOO_DEEP)
    return json.loads(body, parse_float=str) if body.strip() else {}


def _lies_too_deep(body: bytes) -> bool:
    """What opens and is not closed again, strings left out."""
    depth = 0
    for sign in re.findall(rb"[\[{\]}]", _STRING.sub(b"", body)):
        depth += 1 if sign in b"[{" else -1
        if depth > _DEEPEST:
            return True
    return False


def _shallow(app: ASGIApp) -> ASGIApp:
    """The same, but a body that lies too deep is refused before a parser meets it."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        if _lies_too_deep(body):
            refused = JSONResponse({"error": f"no JSON: {_TOO_DEEP}"}, status_code=400)
            return await refused(scope, receive, send)
        first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return first.pop() if first else await receive()

        return await app(scope, again, send)

    return guarded


def serve(case: EvalCase, port: int, judge_key: str, say: Callable[[str], None]) -> None:
    """Until interrupted. Raises CaseBroken for a port that is taken and for a case that cannot be served."""
    name = f"case-{secrets.token_hex(4)}"
    app = case_app(CaseDesk(case), judge_key, name)
    listener = socket()
    listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        raise CaseBroken(f"port {port} of this machine cannot be used: {error}") from None
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    say(f"{case.id}, to the agent {name}, on {url}")
    say(f"MCP: {url}/mcp/")
    say(f"judge: curl -X POST -H 'X-Judge: {judge_key}' {url}/end")
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listener])
