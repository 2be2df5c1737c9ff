"""What is shown of a turn, and what may be claimed in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from langgraph.config import get_stream_writer

from agent.absences import absence
from agent.chat.turns import RECORDS, REFUSED
from agent.chat.types import ChatState, Piece, PieceKind
from agent.checked_words import checked_words
from agent.grounding import STRUCK, Records
from agent.llm.redaction import redacted
from tools.account_numbers import without_numbers
from tools.catalog import Choice, Ref, Scope, ToolResult
from tools.matching.model_ways import parts
from tools.matching.ways_out import TAKE_SUGGESTED
from tools.untrusted_text import broken_off, in_quotes, tidied

_MOST_ROWS, _LONGEST_ROW = 24, 400
_QUOTATION = re.compile(r"“[^”]*”")


def tell(sentence: str, grounds: Records) -> str:
    """Show the sentence as far as records support it. What nobody can do here was not done."""
    sentence = without_numbers(redacted(sentence), ())
    found = checked_words(sentence, grounds)
    text = "" if found.text == STRUCK else found.text
    if text:
        show(PieceKind.TEXT, text)
    for claim in found.struck:
        show(PieceKind.STRUCK, tidied(claim))
    return text


def as_told(result: ToolResult) -> tuple[str, str]:
    """What a tool said, as a turn: records with their ids, or a refusal. That something is not there is a
    record of its own."""
    if result.absent:
        return RECORDS, "\n".join((absence(*result.absent.split(":", 1)), result.text))
    told = "\n".join(filter(None, (" ".join(f"({record})" for record in result.records), result.text)))
    return (REFUSED if result.is_refused else RECORDS), told


def grounds_of(state: ChatState, scope: Scope, about: str, facts: Sequence[str] = ()) -> Records:
    """What may be claimed: what tools told, what the case list says of the case (`about`), and the ids with
    letters of the case's own facts: `scope` is the case's, without what the clerk named. `facts` are rows for
    words about deeds and states alone."""
    told = [entry["text"] for entry in state["turns"] if entry["who"] == RECORDS]
    ids = (value for ref in Ref for value in scope.known(ref))
    named = [value for value in ids if any(map(str.isalpha, value))]
    return Records([*told, about, " ".join(named), context_of(scope)], facts, scope.case_id)


def context_of(scope: Scope) -> str:
    """In our own words only: no text of others stands in it."""
    if scope.only_supplier is not None:
        return f"An inquiry of supplier {scope.only_supplier}. Tell nothing about anybody else."
    if scope.case_id is None:
        return "The whole inbox."
    kinds = ", ".join(kind.replace("_", " ") for kind in scope.known(Ref.FINDING)) or "none"
    options = "; ".join(map(_named, scope.choices)) or "none"
    entries = "; ".join(
        f"{action} on {', '.join(values)}" for action, values in (scope.entries or {}).items()
    )
    more = f" Entries that fit: {entries}." if entries else ""
    return f"Case {scope.case_id}. Findings: {kinds}. Options of its question: {options}.{more}"


def _named(choice: Choice) -> str:
    """With our words; other labels may hold names that others chose."""
    is_ours = parts(choice.id) or choice.id == TAKE_SUGGESTED
    return f"{choice.id} ({choice.label})" if is_ours else choice.id


def show_records(result: ToolResult) -> None:
    """The rows themselves, so that an answer can be held against them at a glance."""
    if text := as_shown(result):
        show(PieceKind.RECORDS, text)


def as_shown(result: ToolResult) -> str:
    """Rows for a person. What others wrote was tidied when it was marked, and is redacted; our own words name
    ledger accounts, which look like accounts at a bank."""
    rows = result.text.splitlines()[: -1 if result.left_out else None]
    shown = [_cut(_QUOTATION.sub(_redacted, in_quotes(row))) for row in rows[:_MOST_ROWS]]
    more = len(rows) - len(shown) + result.left_out
    return "\n".join([*shown, *([f"({more} more, not shown)"] if more else [])]).strip()


def _redacted(quotation: re.Match[str]) -> str:
    return redacted(quotation[0])


def _cut(row: str) -> str:
    if len(row) <= _LONGEST_ROW:
        return row
    kept = broken_off(row[:_LONGEST_ROW])
    return f"{kept}{'”' if kept.count('“') > kept.count('”') else ''}"


def show(kind: PieceKind, text: str, **more: Any) -> None:
    get_stream_writer()(Piece(kind=kind, text=text, **more).model_dump(mode="json"))
