"""Answers that keep to a JSON Schema, chosen by whoever fills it: the most a constrained model can do.

Only what our own schemas use is known: `oneOf`, `const`, `enum`, closed objects, arrays, texts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage

Pick = Callable[[Sequence[Any]], Any]
"""One of several."""
Write = Callable[[int], str]
"""A text of at most so many characters."""
_MARK = "JSON Schema:\n"
_UNBOUNDED = 400


def schema_in(messages: Sequence[BaseMessage], options: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema that a call asks to keep to, however the endpoint is told; None for free text."""
    form = options.get("response_format")
    if form is not None:
        return dict(form["json_schema"]["schema"])
    tools = options.get("tools")
    if tools:
        return dict(tools[0]["function"]["parameters"])
    asked = [message.text for message in messages if _MARK in message.text]
    return dict(json.loads(asked[-1].partition(_MARK)[2])) if asked else None


def filled(schema: Mapping[str, Any], pick: Pick, write: Write) -> Any:
    """A value that keeps to `schema`."""
    if "oneOf" in schema:
        return filled(pick(schema["oneOf"]), pick, write)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return pick(schema["enum"])
    match schema.get("type"):
        case "array":
            fewest, most = schema.get("minItems", 0), schema.get("maxItems", 3)
            many = pick(range(fewest, max(fewest, most) + 1))
            return [filled(schema["items"], pick, write) for _ in range(many)]
        case "string":
            text = write(schema.get("maxLength", _UNBOUNDED))
            return text or "x" * schema.get("minLength", 0)
        case "object":
            properties: Mapping[str, Any] = schema.get("properties", {})
            return {name: filled(part, pick, write) for name, part in properties.items()}
    return None


def calls_in(schema: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The tools that a schema of calls offers, each with its own schema."""
    inner = schema.get("properties", {}).get("answer", schema)
    found = inner.get("oneOf", [inner])
    calls = [(call.get("properties", {}).get("tool", {}).get("const", ""), call) for call in found]
    return [(name, call) for name, call in calls if name]
