"""What the audit log holds: one small frozen class for each kind of event.

An auditor asks of each document: who or what did what, when, on what data, under which rule, who approved,
what exactly, and what came of it. Refusals and failures are events too. No bank account and no secret
stands in an event.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from tools.domain.case_events import (
    AnswerRefused,
    ApprovalGiven,
    ApprovalRefused,
    ApprovalsAwaited,
    CaseClosed,
    DocumentKindDecided,
    DocumentRead,
    DocumentReceived,
    DocumentReceivedAgain,
    DocumentRefused,
    InvoiceMatched,
    ProposalMade,
    ProposalRejected,
    QuestionAnswered,
    QuestionAsked,
    SecondReadingDone,
    StageChanged,
    StepFailed,
    SupplierFound,
)
from tools.domain.documents import Record
from tools.domain.identifiers import CaseId, PersonId
from tools.domain.master_events import (
    BankAccountVerified,
    CallBackRecorded,
    CallBackRefused,
    CodingImported,
    HistoryRead,
    SenderConfirmed,
    SenderWithdrawn,
    SuppliersSynced,
)
from tools.domain.posting_events import (
    DocumentAttached,
    PostingDone,
    PostingNotSent,
    PostingRefused,
    PostingResumed,
    PostingSent,
    PostingStarted,
    PostingUnknown,
    UnknownResolved,
)
from tools.domain.suggestion import (
    DraftDropped,
    MessageDrafted,
    ModelCalled,
    SuggestionDeclined,
    SuggestionMade,
    ToolCalled,
)

__all__ = [
    "Actor",
    "ActorType",
    "AnswerRefused",
    "ApprovalGiven",
    "ApprovalRefused",
    "ApprovalsAwaited",
    "AuditEvent",
    "AuditRecord",
    "BankAccountVerified",
    "CallBackRecorded",
    "CallBackRefused",
    "CodingImported",
    "CaseClosed",
    "DocumentAttached",
    "DocumentKindDecided",
    "DocumentRead",
    "DocumentReceived",
    "DocumentReceivedAgain",
    "DocumentRefused",
    "DraftDropped",
    "HistoryRead",
    "InvoiceMatched",
    "MessageDrafted",
    "ModelCalled",
    "PostingDone",
    "PostingNotSent",
    "PostingRefused",
    "PostingResumed",
    "PostingSent",
    "PostingStarted",
    "PostingUnknown",
    "ProposalMade",
    "ProposalRejected",
    "QuestionAnswered",
    "QuestionAsked",
    "SERVICE",
    "SecondReadingDone",
    "SenderConfirmed",
    "SenderWithdrawn",
    "StageChanged",
    "StepFailed",
    "SuggestionDeclined",
    "SuggestionMade",
    "SupplierFound",
    "SuppliersSynced",
    "ToolCalled",
    "UnknownResolved",
    "person",
]


class ActorType(StrEnum):
    PERSON = "person"
    SERVICE = "service"


class Actor(Record):
    """Who acted. The program itself is a preparer and never an approver."""

    id: str
    type: ActorType


SERVICE = Actor(id="erp-agent", type=ActorType.SERVICE)


def person(login: PersonId) -> Actor:
    return Actor(id=login, type=ActorType.PERSON)


AuditEvent = Annotated[
    DocumentReceived
    | DocumentReceivedAgain
    | DocumentRead
    | DocumentRefused
    | SecondReadingDone
    | DocumentKindDecided
    | SupplierFound
    | InvoiceMatched
    | QuestionAsked
    | QuestionAnswered
    | ProposalMade
    | ApprovalGiven
    | ApprovalRefused
    | ApprovalsAwaited
    | AnswerRefused
    | ProposalRejected
    | PostingStarted
    | PostingResumed
    | PostingSent
    | PostingNotSent
    | PostingDone
    | PostingRefused
    | PostingUnknown
    | UnknownResolved
    | DocumentAttached
    | CaseClosed
    | StageChanged
    | SuppliersSynced
    | HistoryRead
    | StepFailed
    | BankAccountVerified
    | CallBackRecorded
    | CallBackRefused
    | CodingImported
    | SenderConfirmed
    | SenderWithdrawn
    | SuggestionMade
    | SuggestionDeclined
    | MessageDrafted
    | DraftDropped
    | ToolCalled
    | ModelCalled,
    Field(discriminator="kind"),
]


class AuditRecord(Record):
    """One entry of the log. `hash` covers everything else in it and `previous`, so a change of any earlier
    entry shows in every later one."""

    sequence: int
    at: datetime
    actor: Actor
    case_id: CaseId | None
    event: AuditEvent
    previous: str
    hash: str
