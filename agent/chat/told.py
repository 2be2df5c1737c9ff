"""What is shown of a turn, and what may be claimed in it."""

from __future__ import annotations

from typing import Any

from langgraph.config import get_stream_writer

from agent.chat.acts import claims_a_deed
from agent.chat.turns import RECORDS
from agent.chat.types import ChatState, Piece, PieceKind
from agent.grounding import Records, ground
from agent.llm.redaction import redacted
from tools.account_numbers import without_numbers
from tools.catalog import Choice, Ref, Scope
from tools.matching.model_ways import parts
from tools.untrusted_text import tidied


def tell(sentence: str, grounds: Records) -> str:
    """Show the sentence as far as records support it. What nobody can do here was not done."""
    sentence = without_numbers(redacted(sentence), ())
    if claims_a_deed(sentence):
        show(PieceKind.STRUCK, tidied(sentence))
        return ""
    found = ground(sentence, grounds)
    show(PieceKind.TEXT, found.text)
    for claim in found.struck:
        show(PieceKind.STRUCK, claim)
    return found.text


def grounds_of(state: ChatState, scope: Scope, about: str) -> Records:
    """What may be claimed: what tools told, what the case list says of the case (`about`), and ids with
    letters. A bare number that only the clerk said is no record."""
    told = [entry["text"] for entry in state["turns"] if entry["who"] == RECORDS]
    ids = (value for ref in Ref for value in scope.known(ref))
    named = [value for value in ids if any(map(str.isalpha, value))]
    return Records([*told, about, " ".join(named), context_of(scope)])


def context_of(scope: Scope) -> str:
    """In our own words only: no text of others stands in it."""
    if scope.only_supplier is not None:
        return f"An inquiry of supplier {scope.only_supplier}. Tell nothing about anybody else."
    if scope.case_id is None:
        return "The whole inbox."
    kinds = ", ".join(kind.replace("_", " ") for kind in scope.known(Ref.FINDING)) or "none"
    options = "; ".join(map(_named, scope.choices)) or "none"
    return f"Case {scope.case_id}. Findings: {kinds}. Options of its question: {options}."


def _named(choice: Choice) -> str:
    """With the words of the decision table; other labels may hold names that others chose."""
    return f"{choice.id} ({choice.label})" if parts(choice.id) else choice.id


def show(kind: PieceKind, text: str, **more: Any) -> None:
    get_stream_writer()(Piece(kind=kind, text=text, **more).model_dump(mode="json"))
