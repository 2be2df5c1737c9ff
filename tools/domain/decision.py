"""From what is proposed to what the ERP holds: Action → Proposal → Approval → PostingOrder → Posting."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import Field

from tools.domain.actions import (
    Action,
    AmendOrderLine,
    CreateGoodsReceipt,
    CreatePurchaseOrder,
    DraftOrderLine,
    HoldInvoice,
    InvoiceAction,
    InvoiceKey,
    ParkInvoice,
    PostCreditNote,
    PostingLine,
    PostInvoice,
    ReceivedLine,
    ReleaseHold,
    ReverseInvoice,
)
from tools.domain.authority import ApprovalPolicy
from tools.domain.authority_facts import ApprovalFacts, amount_of
from tools.domain.authority_verdict import Given, Standing, judge, standing
from tools.domain.documents import DocumentType, Record
from tools.domain.findings import Discrepancy
from tools.domain.identifiers import CaseId, DocumentId, PersonId, SupplierId
from tools.domain.money import Money

__all__ = [
    "Action",
    "AmendOrderLine",
    "Approval",
    "ApprovalInvalid",
    "ApprovalsMissing",
    "CreateGoodsReceipt",
    "CreatePurchaseOrder",
    "Decision",
    "DraftOrderLine",
    "HoldInvoice",
    "InvoiceAction",
    "InvoiceKey",
    "ParkInvoice",
    "PostCreditNote",
    "PostInvoice",
    "Posting",
    "PostingLine",
    "PostingOrder",
    "PostingState",
    "Proposal",
    "ReceivedLine",
    "ReleaseHold",
    "ReverseInvoice",
    "approvals_of",
    "digest_of",
]


def _canonical(value: Any) -> Any:
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(_canonical(item) for item in value)
    if isinstance(value, (list, tuple)):
        return [_canonical(item) for item in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


def _plain(value: Decimal) -> str:
    """Every digit of it; `normalize` would round to the 28 digits of the default context."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    return "0" if text == "-0" else text


def digest_of(record: Record) -> str:
    """SHA-256 over canonical JSON: sorted keys, no blanks, decimals as plain text without trailing
    zeros (so 121.0 and 121.00 are the same amount), dates in ISO form."""
    text = json.dumps(
        _canonical(record.model_dump(mode="python")),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(text.encode()).hexdigest()


class Proposal(Record):
    """One action as it is shown to a person, with everything it was decided on."""

    case_id: CaseId
    document_id: DocumentId
    action: Action
    reasons: tuple[str, ...]
    """Sentences for the approver: why this action."""
    findings: tuple[Discrepancy, ...] = ()
    resolution: str | None = None
    """Id of the resolution a person chose; absent when nothing had to be resolved."""
    versions: Mapping[str, str] = Field(default_factory=dict)
    """`order:NUMBER`, `supplier:ID`, `billing:ORDER` -> version of the record this rests on."""
    policies: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        return digest_of(self)

    @property
    def amount(self) -> Money | None:
        """What the authority limits compare: the gross amount, or what an entry is worth at the order's
        prices; absent for actions without one."""
        return amount_of(self.action)


class Decision(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"


class Approval(Record):
    """A person's word on exactly one proposal. `person` comes from the login, never from a request."""

    case_id: CaseId
    digest: str
    person: PersonId
    decided_at: datetime
    decision: Decision
    remark: str = ""


class ApprovalInvalid(Exception):
    """No posting order can be made from this approval; the text says why, for people."""


class ApprovalsMissing(ApprovalInvalid):
    """What was approved so far stands, but somebody else must approve too; `standing` says who."""

    def __init__(self, found: Standing) -> None:
        super().__init__(found.waits_for)
        self.standing = found


def approves(approval: Approval, proposal: Proposal) -> bool:
    """Whether it is a yes to exactly this proposal; anything else counts for nothing."""
    return approval.decision is Decision.APPROVE and (approval.case_id, approval.digest) == (
        proposal.case_id,
        proposal.digest,
    )


def approvals_of(proposal: Proposal, approvals: Iterable[Approval]) -> tuple[Given, ...]:
    """Who approved exactly this proposal, and when."""
    return tuple(Given(entry.person, entry.decided_at) for entry in approvals if approves(entry, proposal))


_SEAL = object()


class PostingOrder:
    """Permission to write one approved action. `PostingOrder.of` is the only way to get one."""

    __slots__ = ("approval", "approvals", "proposal")

    proposal: Proposal
    approval: Approval
    """The last one: the word that completed the approvals."""
    approvals: tuple[Approval, ...]
    """All that count, in the order they were given."""

    def __init__(
        self, proposal: Proposal, approval: Approval, seal: object, approvals: tuple[Approval, ...] = ()
    ) -> None:
        if seal is not _SEAL:
            raise ApprovalInvalid("a posting order is made by PostingOrder.of and by nothing else")
        object.__setattr__(self, "proposal", proposal)
        object.__setattr__(self, "approval", approval)
        object.__setattr__(self, "approvals", approvals)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a posting order cannot be changed")

    @classmethod
    def of(
        cls,
        proposal: Proposal,
        approval: Approval,
        policy: ApprovalPolicy,
        now: datetime,
        *,
        facts: ApprovalFacts,
        approvals: Iterable[Approval] = (),
    ) -> PostingOrder:
        """`facts` are what the authority rules look at, with who had a hand in the document: the proposal
        alone does not tell that. `approvals` are those given before `approval`. Raises ApprovalInvalid for
        a rejection, a foreign digest or case, an expired or post-dated approval, and an approver without
        the right to this document; ApprovalsMissing when it stands but is not enough."""
        if approval.decision is not Decision.APPROVE:
            raise ApprovalInvalid(f"{approval.person} rejected the proposal")
        if approval.case_id != proposal.case_id or approval.digest != proposal.digest:
            raise ApprovalInvalid("the approval was given for another proposal; show and approve this one")
        if approval.decided_at > now:
            raise ApprovalInvalid("the approval is dated in the future")
        if now - approval.decided_at > policy.valid_for:
            raise ApprovalInvalid("the approval has expired; approve again")
        given = tuple(entry for entry in dict.fromkeys((*approvals, approval)) if approves(entry, proposal))
        words = approvals_of(proposal, given)
        found = standing(policy, facts, words, now)
        if approval.person not in found.counted:
            before = tuple(word for word in words if word.person != approval.person)
            raise ApprovalInvalid(judge(policy, facts, before, approval.person, approval.decided_at).reason)
        if not found.is_complete:
            raise ApprovalsMissing(found)
        counted = tuple(entry for entry in given if entry.person in found.counted)
        return cls(proposal, approval, _SEAL, counted)

    @property
    def action(self) -> Action:
        return self.proposal.action

    @property
    def key(self) -> str:
        return self.proposal.action.key


class PostingState(StrEnum):
    DRAFT = "draft"
    POSTED = "posted"
    PAID = "paid"
    CANCELLED = "cancelled"


class Posting(Record):
    """What the ERP says it holds. For invoices the amounts are positive; the type tells a credit note."""

    erp_id: str
    """The record's technical id, stable from draft to posted."""
    number: str
    """The number a person finds it by."""
    state: PostingState
    supplier_id: SupplierId | None = None
    document_type: DocumentType | None = None
    supplier_number: str | None = None
    invoice_date: date | None = None
    posting_date: date | None = None
    net: Money | None = None
    tax: Money | None = None
    gross: Money | None = None
    reference: str | None = None
    """Free reference the ERP keeps (delivery note, hold reason, our order reference)."""
    version: str = ""
    differs: str | None = None
    """What it says otherwise than the order it was looked up for, in words, as far as the ERP shows its
    content; only `Erp.find` tells it. Absent: nothing that could be seen."""
