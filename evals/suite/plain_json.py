"""JSON in which every name stands once: of two that are alike the last would win, and nobody would see it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def read_plain(text: str, parse_float: Callable[[str], Any] | None = None) -> Any:
    """As `json.loads`. Raises ValueError, also for a name that stands twice in one object, and for what lies
    too deep within itself."""
    try:
        return json.loads(text, parse_float=parse_float, object_pairs_hook=_once)
    except RecursionError:
        raise ValueError("it lies too deep within itself") from None


def repetition(text: str) -> str:
    """What names stand twice, or that it lies too deep, in words; empty for all else, right or wrong."""
    try:
        read_plain(text)
    except json.JSONDecodeError:
        return ""
    except ValueError as error:
        return str(error)
    return ""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name!r} stands twice in one object")
        found[name] = value
    return found
