"""A JSON Schema as the grammars of local models take it: closed objects, no blanks to wander off into, and
nothing that they do not know. One engine answers without any grammar, and without a word, when it meets a
keyword that it does not know; so what is unknown is left out before. The grammar is then wider than the
schema, and who asks checks the answer against the whole schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.llm.contract import ModelTrouble

_COMPACT = {
    "whitespace_flexible": False,
    "item_separator": ", ",
    "key_separator": ": ",
    "coerce_one_of": True,
}
"""Keys of llguidance (`x-guidance`): small models may otherwise write blank lines until the tokens end."""
_KNOWN = frozenset(
    (
        *(
            "type",
            "properties",
            "required",
            "additionalProperties",
            "items",
            "enum",
            "const",
            "oneOf",
            "anyOf",
        ),
        *("minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum", "$defs", "definitions"),
        *("$ref", "title", "description"),
    )
)
_LONGEST_RANGE = 1000
_NAMES = frozenset(("properties", "$defs", "definitions"))
"""Under these the keys are names, and their values are schemas."""
_DATA = frozenset(("enum", "const", "required", "title", "description", "type", "$ref"))
_TYPES = frozenset(("object", "array", "string", "integer", "number", "boolean", "null"))


class SchemaUnusable(ModelTrouble):
    """No grammar can be made of this schema: a defect of who asks, never of a document."""


def closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same schema with each object closed against other keys unless it says that it is open. Raises
    SchemaUnusable for a reference that leads nowhere and for unknown types."""
    return _closed(schema, schema)


def compact(schema: Mapping[str, Any]) -> dict[str, Any]:
    """`closed`, with the one way to place blanks that llguidance shall allow."""
    return {**closed(schema), "x-guidance": _COMPACT}


def _closed(part: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    _check(part, whole)
    inner = {key: _inner(key, value, whole) for key, value in part.items() if key in _KNOWN}
    if "properties" in inner:
        inner.setdefault("additionalProperties", False)
    return _counted(inner)


def _counted(part: dict[str, Any]) -> dict[str, Any]:
    """A short range of integers as a list of them: not every grammar knows bounds."""
    low, high = part.get("minimum"), part.get("maximum")
    if part.get("type") != "integer" or not isinstance(low, int) or not isinstance(high, int):
        return part
    return {"enum": list(range(low, high + 1))} if 0 <= high - low <= _LONGEST_RANGE else part


def _inner(key: str, value: Any, whole: Mapping[str, Any]) -> Any:
    if key in _NAMES and isinstance(value, Mapping):
        return {name: _sub(one, whole) for name, one in value.items()}
    if key in _DATA or not isinstance(value, Mapping | list | tuple):
        return list(value) if isinstance(value, tuple) else value
    return _sub(value, whole) if isinstance(value, Mapping) else [_sub(one, whole) for one in value]


def _sub(part: Any, whole: Mapping[str, Any]) -> Any:
    """A schema may also be true or false."""
    return _closed(part, whole) if isinstance(part, Mapping) else part


def _check(part: Mapping[str, Any], whole: Mapping[str, Any]) -> None:
    kind = part.get("type")
    kinds = kind if isinstance(kind, list | tuple) else (kind,)
    if strange := [one for one in kinds if one is not None and one not in _TYPES]:
        raise SchemaUnusable(f"the schema names the type {strange[0]!r}, which JSON does not have")
    reference = part.get("$ref")
    if reference is not None and not _leads_somewhere(str(reference), whole):
        raise SchemaUnusable(f"the schema's reference {reference!r} leads nowhere inside of it")


def _leads_somewhere(reference: str, whole: Mapping[str, Any]) -> bool:
    """Only references into the same schema: nothing is ever fetched."""
    start, *names = reference.split("/")
    found: Any = whole if start == "#" else None
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return isinstance(found, Mapping)
