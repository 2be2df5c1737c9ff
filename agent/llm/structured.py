"""How an answer is held to a JSON Schema, by what the endpoint can; and whether it kept to it.

Whatever an endpoint promises, the answer is checked here against the whole schema.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agent.llm.contract import Message, Role

Mode = Literal["json_schema", "tools", "prompt"]
NAME = "answer"
_INNER = "answer"
_LONGEST = 100_000
"""Characters; no answer that was asked for is longer."""
_LONGEST_FAULT = 300
_KINDS = {Role.SYSTEM: SystemMessage, Role.USER: HumanMessage, Role.ASSISTANT: AIMessage}


class Unusable(ValueError):
    """The answer cannot be used; the text says why, for the model's next attempt."""


def as_messages(messages: Sequence[Message]) -> list[BaseMessage]:
    """For LangChain."""
    return [_KINDS[message.role](content=message.text) for message in messages]


@dataclass(frozen=True)
class Asked:
    """One way of asking for an object that keeps to a schema."""

    mode: Mode
    schema: Mapping[str, Any]
    wraps: bool = False
    """Whether the object stands inside of another one: some endpoints take only schemas of type object."""

    @classmethod
    def of(cls, mode: Mode, schema: Mapping[str, Any], *, objects_only: bool) -> Asked:
        wraps = objects_only and mode != "prompt" and schema.get("type") != "object"
        return cls(mode, schema, wraps)

    @property
    def sent(self) -> dict[str, Any]:
        """The schema as the endpoint gets it."""
        return closed({_INNER: dict(self.schema)}) if self.wraps else dict(self.schema)

    @property
    def options(self) -> dict[str, Any]:
        """For the call, as OpenAI's chat completions have them."""
        if self.mode == "json_schema":
            form = {"name": NAME, "schema": self.sent, "strict": is_strict(self.sent)}
            return {"response_format": {"type": "json_schema", "json_schema": form}}
        if self.mode == "tools":
            tool = {"name": NAME, "description": "Gives the answer.", "parameters": self.sent}
            chosen = {"type": "function", "function": {"name": NAME}}
            return {"tools": [{"type": "function", "function": tool}], "tool_choice": chosen}
        return {}

    @property
    def length(self) -> int:
        """Characters that the schema adds to the prompt."""
        return len(json.dumps(self.schema, ensure_ascii=False))

    def messages(self, messages: Sequence[BaseMessage]) -> list[BaseMessage]:
        """The conversation, with the schema in words where the endpoint cannot be given it otherwise. It
        stands at the end: what is the same for all cases stays the same."""
        if self.mode != "prompt":
            return list(messages)
        text = json.dumps(self.schema, ensure_ascii=False)
        rule = f"Answer with one JSON object and nothing else. It keeps to this JSON Schema:\n{text}"
        return [*messages, HumanMessage(content=rule)]

    def understood(self, message: AIMessage) -> dict[str, Any]:
        """The object answered. Raises Unusable."""
        value = self._value(message)
        if self.wraps:
            if not isinstance(value, dict) or set(value) != {_INNER}:
                raise Unusable(f"the answer must be one object with the field {_INNER}")
            value = value[_INNER]
        if not isinstance(value, dict):
            raise Unusable("the answer must be one JSON object")
        fault = best_match(Draft202012Validator(self.schema).iter_errors(value))
        if fault is not None:
            place = fault.json_path.removeprefix("$").removeprefix(".")
            raise Unusable(_cut(f"{place or 'the object'}: {fault.message}"))
        return value

    def _value(self, message: AIMessage) -> Any:
        if self.mode == "tools":
            return _arguments(message)
        text = message.text.strip()
        return parsed(_inner_json(text) if self.mode == "prompt" else text)


def closed(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object with exactly these properties."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def is_strict(schema: Any) -> bool:
    """Whether OpenAI's strict mode takes the schema: every object closed with every property required, and
    no alternatives but `anyOf` (platform.openai.com/docs/guides/structured-outputs, supported schemas)."""
    if isinstance(schema, list):
        return all(map(is_strict, schema))
    if not isinstance(schema, dict):
        return True
    if {"oneOf", "allOf", "not", "if", "patternProperties"} & set(schema):
        return False
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(
            properties
        ):
            return False
        return all(map(is_strict, properties.values()))
    return all(map(is_strict, schema.values()))


def _arguments(message: AIMessage) -> Any:
    calls = message.tool_calls
    if message.invalid_tool_calls or len(calls) != 1 or calls[0]["name"] != NAME:
        raise Unusable(f"the answer must be one call of the tool {NAME} with JSON arguments")
    return calls[0]["args"]


def _inner_json(text: str) -> str:
    """The object in an answer with words or a code fence around it."""
    first, last = text.find("{"), text.rfind("}")
    return text[first : last + 1] if 0 <= first < last else text


def parsed(text: str) -> Any:
    """JSON, strictly: no NaN, no field twice, decimals exact. Raises Unusable."""
    if not text:
        raise Unusable("the answer is empty")
    if len(text) > _LONGEST:
        raise Unusable("the answer is far too long")
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_each_field_once
        )
    except json.JSONDecodeError as error:
        raise Unusable(f"the answer is not valid JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise Unusable("the answer is nested too deeply") from None


def _no_constant(name: str) -> NoReturn:
    raise Unusable(f"{name} is no JSON value")


def _each_field_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Unusable("a field stands twice in one object")
    return fields


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_FAULT else f"{text[:_LONGEST_FAULT]}…"


def repair(text: str, fault: str) -> list[BaseMessage]:
    """The conversation continued: what was answered, and why it cannot be used."""
    said = f"This answer cannot be used: {fault}. Answer again with one JSON object that keeps to the schema."
    answered = text[:2_000] or "(no answer)"
    return [AIMessage(content=answered), HumanMessage(content=said)]
