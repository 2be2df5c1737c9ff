"""Which tools are offered in a step of a turn.

In the first step a model has read nothing but the clerk's own words: only there stand the tools that suggest
a change and those of other servers. A letter is written after something was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from agent.chat.acts import asks_for_a_letter
from tools.catalog import Access, Ref, Scope, ToolSpec, offered
from tools.domain.findings import DiscrepancyKind

MOST_STEPS = 4
_LETTER_STEPS = 2
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
    if forced := _for_a_letter(found, scope, words, step):
        return forced
    kinds = [DiscrepancyKind(kind) for kind in scope.known(Ref.FINDING)]
    return offered(kinds, words, access=access, tools=found)


def is_forced(scope: Scope, words: str, step: int) -> bool:
    """Whether the step has to call one of the tools offered and may not answer: a letter about the case that
    is talked of is wanted, and is still to be read for or to be written."""
    return step < _LETTER_STEPS and scope.case_id is not None and asks_for_a_letter(words)


def instead(scope: Scope, step: int) -> dict[str, Any]:
    """The call in place of one that asks for nothing: the case is looked at first, then answered for."""
    if step or scope.case_id is None:
        return dict(DONE)
    return {"tool": _SUBJECT, "arguments": {"case": scope.case_id}}


def _for_a_letter(tools: Sequence[ToolSpec], scope: Scope, words: str, step: int) -> tuple[ToolSpec, ...]:
    """First what the letter is about is read, then it is written: a small model would ask or book instead."""
    if not is_forced(scope, words, step):
        return ()
    names = {_SUBJECT} if step == 0 else _NEEDS_RECORDS
    return tuple(tool for tool in tools if tool.name in names)


def writes_a_letter(tools: Iterable[ToolSpec]) -> bool:
    """Whether one of them takes a whole letter."""
    return any(tool.name in _NEEDS_RECORDS for tool in tools)


def is_late(tool: ToolSpec | None, step: int) -> bool:
    """Whether the tool was only on offer before something of others was read."""
    return step > 0 and tool is not None and (tool.access is Access.WRITE or tool.is_foreign)
