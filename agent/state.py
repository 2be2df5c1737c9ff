"""What a case knows while it runs, the stages it can be in, and what the steps work with.

The state is small: documents, readings and ERP facts stand in the store and are found by the case's id.
Everything in it is listed in `CHECKPOINT_TYPES`, so an old checkpoint loads or fails loudly.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Any, Protocol, TypedDict, get_args

from pydantic import BaseModel, Field

from tools.approval_records import ApprovalRecords
from tools.archive import Archive
from tools.audit_log import AuditLog
from tools.billing import BillingLedger
from tools.case_facts import CaseFacts
from tools.catalog.sources import Known
from tools.coding_history import CodingHistory
from tools.document_register import DocumentRegister
from tools.domain.audit import Actor, AuditEvent, StageChanged
from tools.domain.authority import ApprovalPolicy
from tools.domain.coding import CodingPolicy
from tools.domain.company import CompanyProfile
from tools.domain.decision import Action, Approval, Posting, Proposal
from tools.domain.documents import Reading, Record
from tools.domain.findings import MatchResult
from tools.domain.identifiers import CaseId, DocumentId, PersonId
from tools.domain.policy import MatchChoice, MatchPolicy
from tools.domain.suggestion import Suggestion
from tools.domain.supplier import SupplierChoice
from tools.erp.contract import Erp
from tools.erp.reader import ErpReader
from tools.fraud_records import FraudRecords
from tools.matching.meaning import Meaning
from tools.supplier_mirror import SupplierMirror


class Stage(StrEnum):
    """Where a case stands. Every document received is in exactly one of these."""

    RECEIVED = "received"
    READ = "read"
    MATCHED = "matched"
    WAITING_FOR_ANSWER = "waiting_for_answer"
    WAITING_FOR_APPROVAL = "waiting_for_approval"
    ON_HOLD = "on_hold"
    APPROVED = "approved"
    OUTCOME_UNKNOWN = "outcome_unknown"
    POSTED = "posted"
    PARKED = "parked"
    REJECTED = "rejected"
    NOT_AN_INVOICE = "not_an_invoice"
    UNREADABLE = "unreadable"


FINAL = frozenset({Stage.POSTED, Stage.PARKED, Stage.REJECTED, Stage.NOT_AN_INVOICE, Stage.UNREADABLE})
WAITING = frozenset(
    {Stage.WAITING_FOR_ANSWER, Stage.WAITING_FOR_APPROVAL, Stage.ON_HOLD, Stage.OUTCOME_UNKNOWN}
)
"""A person is asked; nothing goes on by itself."""

_DECIDE = {Stage.MATCHED, Stage.WAITING_FOR_ANSWER, Stage.WAITING_FOR_APPROVAL, Stage.ON_HOLD, Stage.REJECTED}
# A step that was cut off runs again, so each stage may also follow itself.
ALLOWED: Mapping[Stage, frozenset[Stage]] = {
    Stage.RECEIVED: frozenset({Stage.READ, Stage.NOT_AN_INVOICE, Stage.UNREADABLE}),
    Stage.READ: frozenset({Stage.MATCHED, Stage.WAITING_FOR_ANSWER}),
    Stage.MATCHED: frozenset(_DECIDE),
    Stage.WAITING_FOR_ANSWER: frozenset(_DECIDE),
    Stage.WAITING_FOR_APPROVAL: frozenset(_DECIDE | {Stage.APPROVED}),
    Stage.ON_HOLD: frozenset(_DECIDE),
    Stage.APPROVED: frozenset(_DECIDE | {Stage.POSTED, Stage.PARKED, Stage.OUTCOME_UNKNOWN}),
    Stage.OUTCOME_UNKNOWN: frozenset(_DECIDE | {Stage.POSTED, Stage.PARKED, Stage.APPROVED}),
    **{stage: frozenset[Stage]() for stage in FINAL},
}


class ImpossibleChange(Exception):
    """A step asked for a change of stage that the table does not allow: a defect, not a user's error."""


class Option(Record):
    """One answer a person may choose."""

    id: str
    label: str
    description: str = ""
    inputs: tuple[str, ...] = ()
    """Names of values the answer must carry: `order_number`, `supplier_id`, `account` …"""
    who: str = ""
    """Who decides, in the words of the decision table; empty: whoever may answer."""
    optional: tuple[str, ...] = ()
    """Names of values the answer may carry."""


class Question(Record):
    """What a step needs from a person."""

    question_id: str
    step: str
    """The step that asked and gets the answer."""
    text: str
    explanation: tuple[str, ...] = ()
    options: tuple[Option, ...]


class Answer(Record):
    question_id: str
    option: str
    values: Mapping[str, str] = Field(default_factory=dict)
    person: PersonId
    answered_at: datetime
    remark: str = ""
    suggestion_id: str = ""
    """Of the suggestion that was taken; empty for a choice of the person's own."""
    suggested_by: str = ""
    """The model that made it."""


class ErpEntry(Record):
    """An entry in the ERP beside the document itself, which a person wants made; it is proposed next."""

    action: Action
    option: str
    """Id of the answer that asked for it."""
    words: tuple[str, ...]
    """Who wants it and why, for the approver."""


class Overrides(Record):
    """What people decided about this case; it stands above what the document claims."""

    supplier_id: str | None = None
    order_number: str | None = None
    account: str | None = None
    """For everything on the document that has no order line."""
    accounts: Mapping[int, str] = Field(default_factory=dict)
    """Invoice line position, from 0 -> account; it goes before `account`."""
    cost_centre: str | None = None
    cost_centres: Mapping[int, str] = Field(default_factory=dict)
    lines: Mapping[int, tuple[str, str]] = Field(default_factory=dict)
    """Invoice line position, from 0 -> (order number, order line id)."""
    words: tuple[str, ...] = ()
    """Who decided what, and why: each stands in the proposal for the approver."""
    cleared: tuple[str, ...] = ()
    """Candidates that a person looked at and found to be no duplicates."""

    @property
    def all_accounts(self) -> tuple[str, ...]:
        """Every account a person gave."""
        return tuple(filter(None, (self.account, *self.accounts.values())))


class Hold(Record):
    """A person let the case wait; it goes on waiting while the findings are these."""

    findings: str
    """Digest of the match."""
    reason: str


class CaseState(TypedDict, total=False):
    """One key for each result. A missing key means that the step has not run."""

    case_id: CaseId
    document_id: DocumentId
    stage: Stage
    choice: SupplierChoice
    overrides: Overrides
    match: MatchResult
    hold: Hold | None
    resolution: str | None
    resolution_reason: str
    """Who chose the resolution, and why, in words."""
    changed: str
    """Why an approved proposal was not posted and the case was matched again; for the next approver."""
    entry: ErpEntry | None
    """What is proposed next instead of the document; absent or None: the document."""
    question: Question | None
    answer: Answer | None
    proposal: Proposal | None
    approval: Approval | None
    approvals: tuple[Approval, ...]
    """All given so far; only those of the proposal that is shown count."""
    posting: Posting | None


CHECKPOINT_TYPES: tuple[type, ...] = (
    Stage,
    SupplierChoice,
    Overrides,
    MatchResult,
    Hold,
    Question,
    Answer,
    ErpEntry,
    Proposal,
    Approval,
    Posting,
)
"""What stands in a checkpoint by itself; `types_in_checkpoints` adds what stands inside of these."""


def types_in_checkpoints() -> list[type]:
    """All our types that a checkpoint may hold: those above, their fields' types, and so on."""
    found: dict[type, None] = {}
    waiting: list[Any] = list(CHECKPOINT_TYPES)
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, type) and issubclass(entry, BaseModel | Enum) and entry not in found:
            found[entry] = None
            waiting += [field.annotation for field in getattr(entry, "model_fields", {}).values()]
        waiting += get_args(entry)
    return list(found)


class SupplierFinder(Protocol):
    """Resolves the supplier of a document over the mirrored master data."""

    def find(self, reading: Reading, order_supplier: str | None) -> SupplierChoice: ...


class Investigator(Protocol):
    """Picks one of a question's options with a model. It decides nothing: options, rights and approvals are
    the same with and without it."""

    async def suggest(self, case: CaseState, question: Question, deps: Deps) -> Suggestion | None:
        """None when it abstains or no usable answer came. Notes in the log what it did and why not;
        raises nothing for trouble with the model."""
        ...


class SecondReader(Protocol):
    """Reads what rules left open in a document, with a model. What it takes goes to a person."""

    async def complete(self, case: CaseState, reading: Reading, deps: Deps) -> Reading | None:
        """The completed reading, kept and noted; None where nothing was taken. Raises nothing for trouble
        with the model."""
        ...


@dataclass(frozen=True)
class Deps:
    """What the steps work with; made by `bootstrap` or by a test."""

    archive: Archive
    register: DocumentRegister
    log: AuditLog
    facts: CaseFacts
    ledger: BillingLedger
    mirror: SupplierMirror
    finder: SupplierFinder
    erp: Erp
    reader: ErpReader
    profile: CompanyProfile
    match_policy: MatchPolicy
    fraud: FraudRecords
    approval_policy: ApprovalPolicy
    approvals: ApprovalRecords
    now: Callable[[], datetime]
    pause: Callable[[float], Awaitable[None]]
    coding_history: CodingHistory
    coding: CodingPolicy = CodingPolicy()
    meaning: Meaning | None = None
    """Absent: lines are compared by their words alone."""
    knowledge: Known | None = None
    """Earlier cases, rules and accounts by meaning. Absent: a model is told of none."""
    investigator: Investigator | None = None
    """Absent: no model is used, and people choose without a suggestion."""
    second_reader: SecondReader | None = None
    """Absent: what rules cannot read stays unread."""
    suggestion_seconds: float = 300.0
    """Longer than any budget of the investigator: what does not come back by then counts as no suggestion."""
    match_choices: tuple[MatchChoice, ...] = ()
    """Policies for some suppliers and lines, which replace `match_policy` there."""

    def today(self) -> date:
        return self.now().date()

    def note(
        self, case: CaseState, actor: Actor, *events: AuditEvent, stage: Stage | None = None, reason: str = ""
    ) -> CaseState:
        """Append the events, with the change of stage when there is one; returns the state's change."""
        current = case.get("stage", Stage.RECEIVED)
        if stage is None or stage is current:
            if events:
                self.log.append(case["case_id"], actor, *events)
            return {}
        if stage not in ALLOWED[current]:
            raise ImpossibleChange(f"{case['case_id']}: {current} cannot become {stage}")
        self.log.append(case["case_id"], actor, *events, StageChanged(stage=stage, reason=reason))
        return {"stage": stage}
