"""What becomes of a wish of the model: a suggestion, a draft or a question, as a person gets to see it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from agent.chat.told import show
from agent.chat.types import Office, PieceKind, Talk
from agent.checked_words import checked_words
from agent.grounding import Records
from tools.catalog.result import ToolResult
from tools.domain.suggestion import DraftMessage, Suggestion

_MOSTLY = Fraction(4, 5)


async def carried_out(result: ToolResult, talk: Talk, grounds: Records, office: Office) -> ToolResult:
    """Shown and kept once its words were compared with what was read; results of other kinds stay as they
    are."""
    if result.suggestion is not None:
        return await _suggested(result, result.suggestion, talk, grounds, office)
    if result.draft is not None:
        return await _drafted(result, result.draft, talk, grounds, office)
    if result.question is not None:
        show(PieceKind.QUESTION, checked_words(result.question, grounds).text)
    return result


def gives_back(call: Mapping[str, Any], words: str) -> bool:
    """Whether the call asks the clerk what the clerk asked: nearly all words of the question are theirs."""
    if call.get("tool") != "ask_clerk":
        return False
    asked = set(re.findall(r"\w+", str(call.get("arguments", {}).get("question", "")).casefold()))
    return bool(asked) and len(asked & set(re.findall(r"\w+", words.casefold()))) >= _MOSTLY * len(asked)


def is_for_a_person(result: ToolResult) -> bool:
    """Whether the turn ends with it: a person looks at it first."""
    return any(entry is not None for entry in (result.suggestion, result.draft, result.question))


async def _suggested(
    result: ToolResult, wished: Suggestion, talk: Talk, grounds: Records, office: Office
) -> ToolResult:
    found = checked_words(wished.reason, grounds)
    suggestion = wished.model_copy(
        update={"reason": found.text, "struck": found.struck, "flagged": found.flagged}
    )
    fault = await office.suggest(suggestion, talk.person)
    if fault is not None:
        return ToolResult(text=f"it cannot be suggested: {fault}", is_refused=True)
    words = f"{suggestion.option or suggestion.kind.value.replace('_', ' ')}: {suggestion.reason}"
    show(PieceKind.SUGGESTION, words, suggestion=suggestion)
    return result.model_copy(update={"suggestion": suggestion})


async def _drafted(
    result: ToolResult, wished: DraftMessage, talk: Talk, grounds: Records, office: Office
) -> ToolResult:
    subject, body = checked_words(wished.subject, grounds), checked_words(wished.body, grounds)
    draft = wished.model_copy(
        update={
            "subject": subject.text,
            "body": body.text,
            "struck": (*subject.struck, *body.struck),
            "flagged": (*subject.flagged, *body.flagged),
        }
    )
    fault = await office.draft(draft, talk.person)
    if fault is not None:
        return ToolResult(text=f"there is no draft: {fault}", is_refused=True)
    show(PieceKind.DRAFT, f"{draft.subject}\n\n{draft.body}", draft=draft)
    return result.model_copy(update={"draft": draft})
