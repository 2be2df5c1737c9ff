"""What the audit log holds: one small frozen class for each kind of event.

An auditor asks of each document: who or what did what, when, on what data, under which rule, who approved,
what exactly, and what came of it. Refusals and failures are events too. No bank account and no secret
stands in an event.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from tools.domain.decision import Posting, Proposal
from tools.domain.documents import Record
from tools.domain.findings import Discrepancy
from tools.domain.identifiers import CaseId, DocumentId, PersonId, SupplierId


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


class DocumentReceived(Record):
    kind: Literal["document_received"] = "document_received"
    document_id: DocumentId
    name: str
    path: str
    size: int
    sender: str | None = None
    message_id: str | None = None


class DocumentReceivedAgain(Record):
    """The same bytes came a second time; nothing new is opened for them."""

    kind: Literal["document_received_again"] = "document_received_again"
    document_id: DocumentId
    name: str
    path: str


class DocumentRead(Record):
    kind: Literal["document_read"] = "document_read"
    document_id: DocumentId
    format: str
    number: str | None
    supplier_name: str | None
    gross: str | None
    problems: tuple[str, ...] = ()
    """Codes of the reader's problems."""


class DocumentRefused(Record):
    """No invoice came out of the file. The file is kept."""

    kind: Literal["document_refused"] = "document_refused"
    document_id: DocumentId
    state: str
    reason: str
    message: str


class SupplierFound(Record):
    kind: Literal["supplier_found"] = "supplier_found"
    supplier_id: SupplierId
    reason: str


class InvoiceMatched(Record):
    kind: Literal["invoice_matched"] = "invoice_matched"
    depth: str
    findings: tuple[Discrepancy, ...]
    policy: str
    versions: Mapping[str, str] = Field(default_factory=dict)


class QuestionAsked(Record):
    kind: Literal["question_asked"] = "question_asked"
    question_id: str
    question: str
    options: tuple[str, ...]


class QuestionAnswered(Record):
    kind: Literal["question_answered"] = "question_answered"
    question_id: str
    option: str
    values: Mapping[str, str] = Field(default_factory=dict)
    remark: str = ""


class ProposalMade(Record):
    kind: Literal["proposal_made"] = "proposal_made"
    digest: str
    proposal: Proposal


class ApprovalGiven(Record):
    kind: Literal["approval_given"] = "approval_given"
    digest: str
    person: PersonId
    decided_at: datetime
    policy: str
    remark: str = ""


class ApprovalRefused(Record):
    """Someone tried to approve and was not allowed to, or the proposal had changed."""

    kind: Literal["approval_refused"] = "approval_refused"
    digest: str
    person: PersonId
    reason: str


class ProposalRejected(Record):
    kind: Literal["proposal_rejected"] = "proposal_rejected"
    digest: str
    person: PersonId
    remark: str = ""


class PostingStarted(Record):
    """From here on only this case may post under the key."""

    kind: Literal["posting_started"] = "posting_started"
    key: str
    digest: str


class PostingSent(Record):
    """Noted before the first write goes out: without this note, nothing was ever sent."""

    kind: Literal["posting_sent"] = "posting_sent"
    key: str
    digest: str


class PostingNotSent(Record):
    """The ERP surely did nothing; the attempt may be repeated."""

    kind: Literal["posting_not_sent"] = "posting_not_sent"
    key: str
    reason: str


class PostingDone(Record):
    kind: Literal["posting_done"] = "posting_done"
    key: str
    digest: str
    posting: Posting
    found: bool
    """True when the document was already there under our key and nothing was sent now."""


class PostingRefused(Record):
    kind: Literal["posting_refused"] = "posting_refused"
    key: str
    reason: str


class PostingUnknown(Record):
    kind: Literal["posting_unknown"] = "posting_unknown"
    key: str
    reason: str


class UnknownResolved(Record):
    """A person looked in the ERP and says what happened."""

    kind: Literal["unknown_resolved"] = "unknown_resolved"
    key: str
    person: PersonId
    posted: bool
    remark: str


class DocumentAttached(Record):
    kind: Literal["document_attached"] = "document_attached"
    document_id: DocumentId
    erp_id: str


class CaseClosed(Record):
    kind: Literal["case_closed"] = "case_closed"
    outcome: str
    reason: str


class StageChanged(Record):
    kind: Literal["stage_changed"] = "stage_changed"
    stage: str
    reason: str = ""


class StepFailed(Record):
    """A step could not be finished; the case goes on from the same step with the next run."""

    kind: Literal["step_failed"] = "step_failed"
    error: str
    message: str


class SuppliersSynced(Record):
    kind: Literal["suppliers_synced"] = "suppliers_synced"
    added: int
    changed: int
    removed: int


class BankAccountVerified(Record):
    """A person verified an account outside the document; the number itself is kept masked here."""

    kind: Literal["bank_account_verified"] = "bank_account_verified"
    supplier_id: SupplierId
    iban: str
    how: str


AuditEvent = Annotated[
    DocumentReceived
    | DocumentReceivedAgain
    | DocumentRead
    | DocumentRefused
    | SupplierFound
    | InvoiceMatched
    | QuestionAsked
    | QuestionAnswered
    | ProposalMade
    | ApprovalGiven
    | ApprovalRefused
    | ProposalRejected
    | PostingStarted
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
    | StepFailed
    | BankAccountVerified,
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
