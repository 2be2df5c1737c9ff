"""A tool as a model sees it: its name, what it is for, and which references it takes. Never a free number."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from tools.domain.record import Record


class Access(StrEnum):
    """What a call may do."""

    READ = "read"
    WRITE = "write"
    """Leaves a suggestion for a person; nothing is written."""
    TALK = "talk"
    """Leaves a question or a draft for a person; nothing is sent."""


class Ref(StrEnum):
    """What an argument refers to. All but the last three take an id that the conversation knows."""

    CASE = "case"
    ORDER = "order"
    ORDER_LINE = "order_line"
    """`PO-77/10000`."""
    RECEIPT = "receipt"
    SUPPLIER = "supplier"
    POSTING = "posting"
    """The ERP's number of a document."""
    RESOLUTION = "resolution"
    """An option of the case's question."""
    ACCOUNT = "account"
    """A ledger account."""
    FINDING = "finding"
    """A kind of finding, such as `price_over`."""
    RULE = "rule"
    """A kind of finding whose rules are asked for: one of the case's, or one that the person means."""
    STAGE = "stage"
    DAY = "day"
    """ISO date, read by the program from what the person wrote."""
    TEXT = "text"
    LANGUAGE = "language"
    RECIPIENT = "recipient"

    @property
    def is_free(self) -> bool:
        """Whether it needs no id: text for people, or one of a few fixed words."""
        return self in (Ref.TEXT, Ref.LANGUAGE, Ref.RECIPIENT)


class Parameter(Record):
    name: str
    ref: Ref
    required: bool = True
    """An optional one is offered only where the person's words hold a value for it."""
    most: int = 200
    """Characters, for texts."""


class ToolSpec(Record):
    """One tool. Without a mark it counts as one that writes."""

    name: str
    description: str
    parameters: tuple[Parameter, ...] = ()
    access: Access = Access.WRITE
    arguments: Mapping[str, Any] | None = None
    """JSON Schema of the arguments, for tools of others; absent: made of `parameters`."""
    is_foreign: bool = False
    """It belongs to another server and is called there."""
