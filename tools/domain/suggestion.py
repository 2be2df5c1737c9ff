"""What a language model may leave behind: suggestions that a person can take, drafts that a person can send.

Neither does anything by itself. A suggestion becomes a proposal only when a person with the right takes it,
and the proposal still needs its approval. A model's words stand here as they are and count for nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import Field

from tools.domain.identifiers import CaseId
from tools.domain.record import Record


class SuggestionKind(StrEnum):
    """What taking the suggestion does."""

    RESOLUTION = "resolution"
    """Choose one of the options of the case's question."""
    CREATE_GOODS_RECEIPT = "create_goods_receipt"
    HOLD_INVOICE = "hold_invoice"
    RELEASE_HOLD = "release_hold"
    AMEND_ORDER_LINE = "amend_order_line"


class Suggestion(Record):
    """One way on that a model picked among those the rules allow."""

    case_id: CaseId
    kind: SuggestionKind
    option: str = ""
    """Id of the question's option, for `RESOLUTION`; empty for the others."""
    references: Mapping[str, str] = Field(default_factory=dict)
    """What it is about, by reference to facts of the case: `order_line` -> `PO-77/10000`, `posting` -> the
    ERP's number, `account` -> a known account. Never an amount, a payee or a bank account."""
    reason: str
    """The model's words, after every claim without a record behind it was struck out."""
    evidence: tuple[str, ...] = ()
    """Ids of records of the case that it rests on: `order:PO-77`, `receipt:107`, `finding:2`."""
    struck: tuple[str, ...] = ()
    """Claims that no record supports, as the model made them."""
    flagged: tuple[str, ...] = ()
    """Words that stand and need a doubt: figures that only a document says, sentences whose citation was
    struck, messages of others that no record knows."""
    findings: str
    """Digest of the match it was made for; with other findings it can no longer be taken."""
    model: str
    prompt: str
    """Name, version and hash of the prompt: `investigate/v1 3fa9c1d2`."""

    @property
    def suggestion_id(self) -> str:
        """Eight hexadecimal digits; the same for the same suggestion."""
        chosen = (
            self.case_id,
            self.kind,
            self.option,
            *(part for pair in sorted(self.references.items()) for part in pair),
            self.findings,
        )
        return hashlib.sha256("\0".join(chosen).encode()).hexdigest()[:8]


class DraftRecipient(StrEnum):
    SUPPLIER = "supplier"
    BUYER = "buyer"
    RECEIVER = "receiver"


class DraftMessage(Record):
    """A letter for a person to read, change and send. The program sends nothing."""

    case_id: CaseId
    to: DraftRecipient
    language: str
    """ISO 639-1: `nl`, `de`, `fr`, `en`."""
    subject: str
    body: str
    struck: tuple[str, ...] = ()
    flagged: tuple[str, ...] = ()
    """As of a suggestion."""
    model: str
    prompt: str


class SuggestionMade(Record):
    kind: Literal["suggestion_made"] = "suggestion_made"
    suggestion: Suggestion


class SuggestionDeclined(Record):
    """A model abstained, or what it said could not be used: the question stands without a suggestion."""

    kind: Literal["suggestion_declined"] = "suggestion_declined"
    model: str
    prompt: str
    reason: str
    again: bool = False
    """Whether asking again may help: no model was reached, or a budget was spent."""


class MessageDrafted(Record):
    kind: Literal["message_drafted"] = "message_drafted"
    draft: DraftMessage


class DraftDropped(Record):
    """A letter was written that is none: a person gets no draft of it."""

    kind: Literal["draft_dropped"] = "draft_dropped"
    to: DraftRecipient
    reason: str
    """Why, in our words; its text is not kept."""
    model: str
    prompt: str


class ToolCalled(Record):
    """A model asked for a tool. `outcome`: `read`, `suggested`, `drafted`, `asked`, or why it was refused."""

    kind: Literal["tool_called"] = "tool_called"
    tool: str
    access: str
    arguments: Mapping[str, str] = Field(default_factory=dict)
    outcome: str
    model: str


class ModelCalled(Record):
    """One call of a language model. The texts are not kept here: they can be rendered again."""

    kind: Literal["model_called"] = "model_called"
    task: str
    """`investigate`, `chat`, `extract`."""
    model: str
    prompt: str
    tokens_in: int
    tokens_out: int
    tokens_cached: int = 0
    """Of `tokens_in`, those that a kept prefix saved."""
    milliseconds: int
    cost: str | None = None
    """As `Money` prints it; absent where no price is set."""
    outcome: str = "ok"
