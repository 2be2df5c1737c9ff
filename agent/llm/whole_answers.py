"""Endpoints that answer a request for a stream with one plain chat completion, as some gateways do.

OpenAI's client reads events only and would find none in it. The answer is handed on as a stream of one piece,
so that it is not asked and paid for twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import openai


class StreamingClient(openai.DefaultAsyncHttpxClient):
    """The client of one endpoint."""

    async def send(self, request: Any, **options: Any) -> Any:
        """As the library sends it; a whole answer to a request for a stream comes back as events. Raises what
        the library raises."""
        response = await super().send(request, **options)
        if not (response.is_success and _is_json(response) and _asks_for_a_stream(request)):
            return response
        said = await response.aread()
        return type(response)(
            response.status_code,
            headers={"content-type": "text/event-stream"},
            content="".join(f"data: {event}\n\n" for event in _events(said)).encode(),
            request=request,
        )


def _is_json(response: Any) -> bool:
    kind = response.headers.get("content-type", "").partition(";")[0]
    return bool(kind.strip().casefold() == "application/json")


def _asks_for_a_stream(request: Any) -> bool:
    try:
        return json.loads(request.content).get("stream") is True
    except (ValueError, AttributeError):
        return False


def _events(said: bytes) -> Iterator[str]:
    """The completion as chunks. An error is handed on as it is; of what is neither the client gets nothing,
    since it would take it for an answer without words."""
    try:
        whole = json.loads(said)
    except (ValueError, RecursionError):
        return
    choices = whole.get("choices") if isinstance(whole, Mapping) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, Mapping) or not isinstance(choice.get("message"), Mapping):
        if not isinstance(whole, Mapping) or "error" in whole:
            yield json.dumps(whole)
        return
    frame = {name: whole.get(name) for name in ("id", "created", "model")}
    frame["object"] = "chat.completion.chunk"
    yield json.dumps({**frame, "choices": [_chunk(choice)]})
    if isinstance(whole.get("usage"), Mapping):
        yield json.dumps({**frame, "choices": [], "usage": whole["usage"]})
    yield "[DONE]"


def _chunk(choice: Mapping[str, Any]) -> dict[str, Any]:
    text = choice["message"].get("content")
    return {
        "index": 0,
        "delta": {"role": "assistant", "content": text if isinstance(text, str) else ""},
        "finish_reason": choice.get("finish_reason"),
    }
