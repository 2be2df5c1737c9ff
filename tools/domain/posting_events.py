"""What is sent to the ERP and what comes of it: events of the audit log."""

from __future__ import annotations

from typing import Literal

from tools.domain.decision import Posting
from tools.domain.documents import Record
from tools.domain.identifiers import DocumentId, PersonId


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


class PostingResumed(Record):
    """What is not known may be sent again under the approval it has, because the ERP takes it once."""

    kind: Literal["posting_resumed"] = "posting_resumed"
    key: str
    digest: str
    rule: str
    """The ERP's rule, as its connector names it."""


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
