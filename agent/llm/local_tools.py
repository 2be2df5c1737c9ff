"""Messages and tool calls as a small local model understands them: the tools are told in the constant text, a
call is one JSON object under a grammar. The call templates inside the files are not used: the models answer
them in forms that no parser knows."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, SystemMessage, ToolMessage
from langchain_core.messages.tool import ToolCall

from agent.llm.contract import Message, Role

_MUST = (True, "any", "required")
_LONGEST_ANSWER = 1200
"""Characters; a repeated text is how small models fail."""


def told(message: BaseMessage) -> Message:
    """One message in the three roles that every chat template knows."""
    text = message.text
    if isinstance(message, ToolMessage):
        return Message(role=Role.USER, text=f"Result of {message.name or 'the tool'}:\n{text}")
    if isinstance(message, AIMessage):
        calls = [json.dumps({"tool": one["name"], "arguments": one["args"]}) for one in message.tool_calls]
        return Message(role=Role.ASSISTANT, text="\n".join((*([text] if text else ()), *calls)))
    return Message(role=Role.SYSTEM if isinstance(message, SystemMessage) else Role.USER, text=text)


def with_tools(messages: Sequence[Message], tools: Sequence[Mapping[str, Any]]) -> tuple[Message, ...]:
    """The tools as part of the first system message, so that they stand in the constant text."""
    lines = [_line(tool["function"]) for tool in tools]
    words = "You answer with one JSON object. You may call a tool:\n" + "\n".join(lines)
    if messages and messages[0].role is Role.SYSTEM:
        first = messages[0].model_copy(update={"text": f"{messages[0].text}\n\n{words}"})
        return (first, *messages[1:])
    return (Message(role=Role.SYSTEM, text=words), *messages)


def _line(function: Mapping[str, Any]) -> str:
    names = ", ".join(function.get("parameters", {}).get("properties", {}))
    return f"- {function['name']}({names}): {function.get('description', '')}".strip()


def call_schema(tools: Sequence[Mapping[str, Any]], choice: Any) -> dict[str, Any]:
    """`{"tool": name, "arguments": {…}}` for each tool, and `{"answer": text}` where none must be called."""
    named = _named(choice)
    offered = [tool["function"] for tool in tools if named is None or tool["function"]["name"] == named]
    shapes = [_shape(function) for function in offered]
    if named is None and choice not in _MUST:
        shapes.append(_object(answer={"type": "string", "maxLength": _LONGEST_ANSWER}))
    return {"anyOf": shapes}


def tool_calls(text: str) -> tuple[str, list[ToolCall]]:
    """The answer in words and the calls in what the grammar let through; a cut-off text is no call."""
    try:
        found = json.loads(text)
    except ValueError:
        return text, []
    if isinstance(found, dict) and isinstance(found.get("tool"), str):
        return "", [
            ToolCall(name=found["tool"], args=found.get("arguments") or {}, id=f"call-{secrets.token_hex(6)}")
        ]
    return (str(found["answer"]), []) if isinstance(found, dict) and "answer" in found else (text, [])


def _named(choice: Any) -> str | None:
    """The tool that must be called, where the choice names one."""
    if isinstance(choice, Mapping):
        return str(choice.get("function", {}).get("name"))
    return choice if isinstance(choice, str) and choice not in ("auto", "any", "required", "none") else None


def _shape(function: Mapping[str, Any]) -> dict[str, Any]:
    arguments = function.get("parameters") or {"type": "object", "properties": {}}
    return _object(tool={"const": function["name"]}, arguments=arguments)


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}
