"""What happens to a document on its way to a decision: events of the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field

from tools.domain.decision import Proposal
from tools.domain.documents import Record
from tools.domain.findings import Discrepancy
from tools.domain.identifiers import DocumentId, PersonId, SupplierId


class DocumentReceived(Record):
    kind: Literal["document_received"] = "document_received"
    document_id: DocumentId
    name: str
    path: str
    size: int
    sender: str | None = None
    message_id: str | None = None
    reading_digest: str = ""
    """SHA-256 of what was read from it, as kept; empty in records from before it was noted."""


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


class SecondReadingDone(Record):
    """A language model read what rules left open in a document."""

    kind: Literal["second_reading_done"] = "second_reading_done"
    document_id: DocumentId
    model: str
    prompt: str
    """Name, version and hash of the prompt: `extract/v1 3fa9c1d2`."""
    taken: Mapping[str, str] = Field(default_factory=dict)
    """Field -> value; each stands printed in the document. Empty: the first reading stands."""
    dropped: tuple[str, ...] = ()
    """What was not taken, and why."""
    reading_digest: str = ""
    """SHA-256 of the completed reading, as kept; empty where nothing was taken."""


class DocumentKindDecided(Record):
    """A person said whether the document is an invoice or a credit note, where reading left that open."""

    kind: Literal["document_kind_decided"] = "document_kind_decided"
    document_id: DocumentId
    document_type: str
    person: PersonId
    reason: str
    reading_digest: str = ""
    """SHA-256 of the reading as kept from then on."""


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
    suggestion_id: str = ""
    """Of the suggestion the person took; empty for a choice of their own."""
    suggested_by: str = ""
    """The model that made it."""


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
    capacity: str = ""
    """In what capacity, and which step it took."""


class ApprovalsAwaited(Record):
    """An approval stands, but others are needed before anything is posted."""

    kind: Literal["approvals_awaited"] = "approvals_awaited"
    digest: str
    counted: tuple[PersonId, ...]
    """Whose approvals count so far."""
    waits_for: str
    may_act: tuple[PersonId, ...] = ()


class ApprovalRefused(Record):
    """Someone tried to approve and was not allowed to, or the proposal had changed."""

    kind: Literal["approval_refused"] = "approval_refused"
    digest: str
    person: PersonId
    reason: str


class AnswerRefused(Record):
    """Someone tried to answer a question that is not theirs to decide."""

    kind: Literal["answer_refused"] = "answer_refused"
    option: str
    person: PersonId
    reason: str


class ProposalRejected(Record):
    kind: Literal["proposal_rejected"] = "proposal_rejected"
    digest: str
    person: PersonId
    remark: str = ""


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
