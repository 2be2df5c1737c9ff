"""A JSON Schema as the local grammars take it: closed objects, no blanks to wander off into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_COMPACT = {
    "whitespace_flexible": False,
    "item_separator": ", ",
    "key_separator": ": ",
    "coerce_one_of": True,
}
"""Keys of llguidance (`x-guidance`): small models may otherwise write blank lines until the tokens end."""


def closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same schema with each object closed against other keys, unless it says that it is open."""
    whole = _closed(schema)
    return whole if isinstance(whole, dict) else dict(schema)


def compact(schema: Mapping[str, Any]) -> dict[str, Any]:
    """`closed`, with the one way to place blanks that llguidance shall allow."""
    return {**closed(schema), "x-guidance": _COMPACT}


def _closed(part: Any) -> Any:
    if isinstance(part, Mapping):
        inner = {key: _verbatim(key, value) for key, value in part.items()}
        if "properties" in inner:
            inner.setdefault("additionalProperties", False)
        return inner
    if isinstance(part, list | tuple):
        return [_closed(one) for one in part]
    return part


def _verbatim(key: str, value: Any) -> Any:
    """What stands under these keys is data and no schema. The keys of `properties` are names."""
    if key in ("enum", "const", "default", "examples", "required"):
        return list(value) if isinstance(value, tuple) else value
    if key in ("properties", "$defs", "definitions", "patternProperties"):
        return {name: _closed(one) for name, one in value.items()}
    return _closed(value)
