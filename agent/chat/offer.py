"""Which tools are offered in a step of a turn.

In the first step a model has read nothing but the clerk's own words: only there stand the tools that suggest
a change and those of other servers. A letter is written after something was read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agent.chat.acts import asks_for_a_letter
from tools.catalog import Access, Ref, Scope, ToolSpec, offered
from tools.catalog.offer import MOST
from tools.domain.findings import DiscrepancyKind

MOST_STEPS = 4
DONE: dict[str, Any] = {"tool": "answer", "arguments": {}}
"""The call that ends a turn with words."""
ANSWER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "tool": {"const": "answer"},
        "arguments": {"type": "object", "additionalProperties": False},
    },
    "required": ["tool", "arguments"],
    "additionalProperties": False,
}
"""JSON Schema of that call."""
_NEEDS_RECORDS = frozenset({"draft_message"})
_SUBJECT = "explain_match"
"""What a letter about a document is about; only one thing is read before it is written."""


def offered_now(tools: Iterable[ToolSpec], scope: Scope, words: str, step: int) -> tuple[ToolSpec, ...]:
    """Those of `tools` that the step may call; `step` counts from 0."""
    if step >= MOST_STEPS:
        return ()
    first = step == 0
    access = frozenset(Access) if first else frozenset({Access.READ, Access.TALK})
    found = tuple(tool for tool in tools if not (tool.name in _NEEDS_RECORDS if first else tool.is_foreign))
    if not first and scope.case_id is not None and asks_for_a_letter(words):
        return tuple(tool for tool in found if tool.access is Access.TALK)
    kinds = [DiscrepancyKind(kind) for kind in scope.known(Ref.FINDING)]
    if first and scope.case_id is not None and asks_for_a_letter(words):
        others = [tool for tool in found if tool.name != _SUBJECT]
        chosen = {tool.name for tool in offered(kinds, words, access=access, tools=others, most=MOST - 1)}
        return tuple(tool for tool in found if tool.name in {_SUBJECT, *chosen})
    return offered(kinds, words, access=access, tools=found)


def writes_a_letter(tools: Iterable[ToolSpec]) -> bool:
    """Whether one of them takes a whole letter."""
    return any(tool.name in _NEEDS_RECORDS for tool in tools)


def is_late(tool: ToolSpec | None, step: int) -> bool:
    """Whether the tool was only on offer before something of others was read."""
    return step > 0 and tool is not None and (tool.access is Access.WRITE or tool.is_foreign)
