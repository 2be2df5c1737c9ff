"""What a conversation is made of: the turns it keeps, the pieces it shows, what it needs of the cases."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Any, Protocol, TypedDict

from agent.chat.turns import Turn
from tools.catalog import Scope
from tools.domain.identifiers import CaseId, PersonId, SupplierId
from tools.domain.record import Record
from tools.domain.suggestion import DraftMessage, Suggestion


class PieceKind(StrEnum):
    TEXT = "text"
    TOOL = "tool"
    """What is being looked up."""
    RECORDS = "records"
    """What was found there, row by row as the records have it, whatever a model then says of it."""
    SUGGESTION = "suggestion"
    DRAFT = "draft"
    QUESTION = "question"
    STRUCK = "struck"
    """A claim that no record supports."""
    NOTICE = "notice"
    """Said by the program."""
    TROUBLE = "trouble"


class Piece(Record):
    """One thing to show, in the order in which it came."""

    kind: PieceKind
    text: str
    suggestion: Suggestion | None = None
    draft: DraftMessage | None = None


class Talk(Record):
    """Which conversation: each person has their own about each case, about the inbox, and about each
    supplier's inquiry."""

    person: PersonId
    case_id: CaseId | None = None
    only_supplier: SupplierId | None = None

    @property
    def thread(self) -> str:
        return f"chat:{self.case_id or 'inbox'}:{self.only_supplier or ''}:{self.person}"


class Office(Protocol):
    """What the conversation needs of the cases."""

    def refusal(self, talk: Talk) -> str | None:
        """Why this person may not talk about this at all, as a sentence; None when they may."""
        ...

    def alone(self, talk: Talk) -> AbstractAsyncContextManager[bool]:
        """Claims the conversation for one turn: False while another process, or another task of this one,
        is in a turn of it."""
        ...

    async def scope(self, talk: Talk) -> Scope: ...

    def about(self, talk: Talk) -> str:
        """Number, amount, supplier and stage of the case, as the list of cases has them."""
        ...

    async def facts(self, talk: Talk) -> tuple[str, ...]:
        """Rows about where the case's document stands and what of its goods came. No model is shown them:
        words about deeds and states are held against them."""
        ...

    def accounts(self, cases: Iterable[str]) -> tuple[str, ...]:
        """Bank accounts that no prompt about these cases may hold."""
        ...

    async def suggest(self, suggestion: Suggestion, person: PersonId) -> str | None:
        """Keep it beside the case; in words why not."""
        ...

    async def draft(self, draft: DraftMessage, person: PersonId) -> str | None:
        """Keep it with the case; in words why not."""
        ...

    def called(self, talk: Talk, tool: str, access: str, arguments: dict[str, str], outcome: str) -> None:
        """Note that a tool was asked for."""
        ...


class ChatState(TypedDict, total=False):
    """Plain data only."""

    turns: list[Turn]
    ids: dict[str, list[str]]
    language: str
    words: str
    steps: int
    call: dict[str, Any]
    talk: dict[str, str | None]
