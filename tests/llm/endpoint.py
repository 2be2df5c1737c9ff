"""An endpoint that speaks OpenAI's chat completions over HTTP on this machine, more strictly than OpenAI: a
field it does not know is refused, and so is a key, a model or a schema that is not right."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

KEY = "sk-test-4711-very-secret-key"
MODEL = "small-1"
_FIELDS = {
    "model",
    "messages",
    "temperature",
    "max_tokens",
    "max_completion_tokens",
    "response_format",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "stream",
    "stream_options",
}

Reply = Response | Mapping[str, Any] | str


def said(content: str, finish: str = "stop", tokens: tuple[int, int, int] = (100, 20, 0)) -> dict[str, Any]:
    """A chat completion with this text; tokens in, out, cached."""
    return completion({"role": "assistant", "content": content}, finish, tokens)


def called(arguments: str, name: str = "answer") -> dict[str, Any]:
    """A chat completion that calls one tool."""
    function = {"name": name, "arguments": arguments}
    call = {"id": "call_1", "type": "function", "function": function}
    return completion({"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls")


def completion(
    message: Mapping[str, Any], finish: str = "stop", tokens: tuple[int, int, int] = (100, 20, 0)
) -> dict[str, Any]:
    usage = {
        "prompt_tokens": tokens[0],
        "completion_tokens": tokens[1],
        "total_tokens": tokens[0] + tokens[1],
        "prompt_tokens_details": {"cached_tokens": tokens[2]},
    }
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": usage,
    }


def failed(status: int, message: str, code: str | None = None, **headers: str) -> Response:
    error = {"message": message, "type": "error", "code": code}
    return JSONResponse(
        {"error": error}, status, {name.replace("_", "-"): one for name, one in headers.items()}
    )


class Hang(Response):
    """Stands for an endpoint that does not answer."""


class Endpoint:
    """Answers with the replies in their order; `requests` are the bodies that came, `keys` their headers."""

    def __init__(self, *replies: Reply, key: str | None = KEY, declines: Sequence[str] = ()) -> None:
        self.url = ""
        self.requests: list[dict[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self._replies = list(replies)
        self._key = key
        self._declines = frozenset(declines)
        """Fields that it does not know."""

    def expect(self, *replies: Reply) -> None:
        """These come next, and nothing else."""
        self._replies = list(replies)

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/v1/chat/completions", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        body = await request.json()
        self.requests.append(body)
        self.headers.append(request.headers)
        refusal = self._refusal(request, body)
        if refusal is not None:
            return refusal
        reply = self._replies.pop(0) if self._replies else failed(500, "nothing more was expected")
        if isinstance(reply, Hang):
            await request.receive()  # until the client has gone
            return reply
        if isinstance(reply, Response):
            return reply
        if body.get("stream"):
            return StreamingResponse(_events(reply), media_type="text/event-stream")
        return JSONResponse(reply if isinstance(reply, Mapping) else said(reply))

    def _refusal(self, request: Request, body: Mapping[str, Any]) -> Response | None:
        given = request.headers.get("authorization", "")
        if self._key is not None and given != f"Bearer {self._key}":
            return failed(401, f"Incorrect API key provided: {given}", "invalid_api_key")
        if body.get("model") != MODEL:
            return failed(404, f"The model `{body.get('model')}` does not exist", "model_not_found")
        unknown = sorted(set(body) - (_FIELDS - self._declines))
        if unknown:
            return failed(400, f"Unrecognized request argument supplied: {', '.join(unknown)}")
        form = body.get("response_format")
        if form is not None and form["json_schema"]["schema"].get("type") != "object":
            return failed(400, "Invalid schema: it must be of type object")
        return None


async def _events(reply: Mapping[str, Any] | str) -> AsyncIterator[str]:
    """As server-sent events: each word a chunk, the usage in the last one."""
    whole = reply if isinstance(reply, Mapping) else said(reply)
    frame = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL}
    for word in whole["choices"][0]["message"]["content"].split(" "):
        choice = {"index": 0, "delta": {"role": "assistant", "content": word + " "}, "finish_reason": None}
        yield f"data: {json.dumps({**frame, 'choices': [choice]})}\n\n"
    end = {"index": 0, "delta": {}, "finish_reason": "stop"}
    yield f"data: {json.dumps({**frame, 'choices': [end]})}\n\n"
    yield f"data: {json.dumps({**frame, 'choices': [], 'usage': whole['usage']})}\n\n"
    yield "data: [DONE]\n\n"


@contextmanager
def serving(endpoint: Endpoint) -> Iterator[Endpoint]:
    """Over HTTP on a free port. The port is open before the server starts, so nobody has to wait for it."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        endpoint.url = f"http://127.0.0.1:{door.getsockname()[1]}/v1"
        server = uvicorn.Server(uvicorn.Config(endpoint.app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield endpoint
        finally:
            server.should_exit = True
            thread.join()
