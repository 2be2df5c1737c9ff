"""The one JSON object that a model may answer with: a tool and references that exist.

An id is an enum of what the conversation knows, so none can be made up; a tool whose ids nobody knows is left
out; an optional argument is there only where the person's own words hold a value for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tools.catalog.scope import Scope
from tools.catalog.spec import Access, Parameter, Ref, ToolSpec
from tools.domain import languages
from tools.domain.suggestion import DraftRecipient
from tools.matching.ways_out import Effect

MOST_IDS = 40
"""Of one kind: a grammar grows with each. Those named last by the person come first."""
_ORDER = frozenset({Effect.REMATCH, Effect.WAIT, Effect.REJECT})
EFFECTS: Mapping[str, frozenset[Effect]] = {
    "post_invoice": frozenset({Effect.POST}),
    "post_credit_note": frozenset({Effect.POST}),
    "park_invoice": frozenset({Effect.PARK}),
    "choose_option": _ORDER,
}
"""Which options a tool may refer to, by what choosing them does."""
ENTRIES = frozenset({"create_goods_receipt", "hold_invoice", "release_hold", "amend_order_line"})
"""Tools that suggest an entry in the ERP beside the document."""


def call_schema(tools: Iterable[ToolSpec], scope: Scope, text: str = "") -> dict[str, Any]:
    """JSON Schema of one call: `{"tool": …, "arguments": {…}}`, one alternative for each tool that can be
    called now. `text` is what the person wrote; empty: nobody did, and nothing is searched by words."""
    calls = [_call(tool, scope) for tool in tools if can_be_called(tool, scope, text)]
    return calls[0] if len(calls) == 1 else {"oneOf": calls}


def can_be_called(tool: ToolSpec, scope: Scope, text: str = "") -> bool:
    """Whether every required argument has a value, and searching has words."""
    if tool.arguments is not None:
        return bool(text.strip()) or not tool.arguments.get("required")
    words = tool.access is Access.READ and any(entry.ref is Ref.TEXT for entry in tool.parameters)
    if words and not text.strip():
        return False
    if tool.access is not Access.READ and tool.name != "ask_clerk" and scope.case_id is None:
        return False
    return all(values(tool, entry, scope) for entry in tool.parameters if _needs_id(entry))


def _needs_id(entry: Parameter) -> bool:
    return entry.required and not entry.ref.is_free


def values(tool: ToolSpec, entry: Parameter, scope: Scope) -> tuple[str, ...]:
    """The ids that an argument may have now."""
    match entry.ref:
        case Ref.RESOLUTION:
            return _options(tool, scope)
        case Ref.LANGUAGE:
            return tuple(languages.NAMES)
        case Ref.RECIPIENT:
            return tuple(DraftRecipient)
        case Ref.ORDER_LINE | Ref.POSTING if tool.name in ENTRIES and scope.entries is not None:
            return scope.entries.get(tool.name, ())[:MOST_IDS]
        case _ if entry.required:
            return scope.known(entry.ref)[:MOST_IDS]
        case _:
            return scope.spoken.get(entry.ref, ())[:MOST_IDS]


def _options(tool: ToolSpec, scope: Scope) -> tuple[str, ...]:
    if tool.name == "post_credit_note" and not scope.is_credit_note:
        return ()
    if tool.name == "post_invoice" and scope.is_credit_note:
        return ()
    effects = EFFECTS.get(tool.name, frozenset(Effect))
    return tuple(choice.id for choice in scope.choices if choice.effect in effects)


def _call(tool: ToolSpec, scope: Scope) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"tool": {"const": tool.name}, "arguments": _arguments(tool, scope)},
        "required": ["tool", "arguments"],
        "additionalProperties": False,
    }


def _arguments(tool: ToolSpec, scope: Scope) -> dict[str, Any]:
    if tool.arguments is not None:
        return dict(tool.arguments)
    known = {entry: values(tool, entry, scope) for entry in tool.parameters}
    taken = [entry for entry in tool.parameters if entry.ref is Ref.TEXT or known[entry]]
    return {
        "type": "object",
        "properties": {entry.name: _value(entry, known[entry]) for entry in taken},
        "required": [entry.name for entry in taken if entry.required],
        "additionalProperties": False,
    }


def _value(entry: Parameter, ids: tuple[str, ...]) -> dict[str, Any]:
    if entry.ref is Ref.TEXT:
        return {"type": "string", "minLength": 1, "maxLength": entry.most}
    return {"type": "string", "enum": list(ids)}
