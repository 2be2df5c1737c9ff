"""What one run of a case left behind: where documents stand, what is new in the books, what was said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from pydantic import Field

from evals.suite.trail import TrailStep
from tools.domain import audit
from tools.domain.audit import AuditRecord
from tools.domain.money import Exact
from tools.domain.record import Record


class DocumentEnd(Record):
    """Where one document stands. `file` is the file's name below the inbox; what came inside a mail or an
    archive is `mail.eml!name.pdf`."""

    file: str
    stage: str
    blocks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    supplier: str | None = None
    question: str = ""
    """Id of the question that is open; empty: none."""
    options: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()
    """Options a model suggested, in their order."""
    declined: int = 0
    """How often a model was asked and suggested nothing."""


class Said(Record):
    """One turn of the clerk's conversation."""

    words: str
    answer: str
    tools: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()
    struck: int = 0
    """Claims without a record behind them that were struck out."""
    trouble: str = ""


class Safety(Record):
    """The promises that hold in every case."""

    writes: int = 0
    """Writes that the ERP carried out for us."""
    approvals: int = 0
    unapproved: tuple[str, ...] = ()
    """Postings without a person's approval of this very digest."""
    audit: str = ""
    """What is wrong with the log; empty: whole."""
    lost: tuple[str, ...] = ()
    """Files that were taken in and have no case."""


class Effort(Record):
    """What the run cost."""

    erp_calls: int = 0
    model_calls: int = 0
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    model_milliseconds: int = 0
    cost: Exact | None = None
    """In the currency of the model's price; None where no price is set."""
    questions: int = 0
    """Questions put to people."""
    seconds: Exact = Decimal(0)
    """Wall time of the whole case."""
    graph_seconds: Exact = Decimal(0)
    """Of these, those in which the product worked; the rest is the harness."""


class Outcome(Record):
    case: str
    trial: int = 0
    model: str = "none"
    erp: str = "sandbox"
    documents: tuple[DocumentEnd, ...] = ()
    changes: tuple[str, ...] = ()
    """As `book_changes`."""
    accounts: Mapping[str, Exact] = Field(default_factory=dict)
    said: tuple[Said, ...] = ()
    drafts: tuple[str, ...] = ()
    """Letters that were drafted: recipient, subject and text."""
    trail: tuple[TrailStep, ...] = ()
    """The way there; it is shown and never judged."""
    prompts: tuple[str, ...] = ()
    """Name, version and sum of every prompt that a model was asked with."""
    safety: Safety = Safety()
    effort: Effort = Effort()
    skipped: tuple[str, ...] = ()
    """Steps that could not be done, with the reason."""
    error: str = ""
    """What broke the run itself: a defect, or a recording that does not fit."""


def safety_of(records: Iterable[AuditRecord], broken: str, lost: Iterable[str]) -> Safety:
    """Approvals beside what was sent and done, from the log."""
    approved: set[str] = set()
    writes, approvals, unapproved = 0, 0, []
    for record in records:
        event = record.event
        if isinstance(event, audit.ApprovalGiven):
            approvals += 1
            approved.add(event.digest)
        if isinstance(event, audit.PostingSent | audit.PostingDone) and event.digest not in approved:
            unapproved.append(f"{record.case_id}: {event.key}")
        if isinstance(event, audit.PostingDone) and not event.found:
            writes += 1
    return Safety(
        writes=writes, approvals=approvals, unapproved=tuple(unapproved), audit=broken, lost=tuple(lost)
    )


def effort_of(records: Iterable[AuditRecord], erp_calls: int, seconds: Decimal, graph: Decimal) -> Effort:
    calls = [record.event for record in records if isinstance(record.event, audit.ModelCalled)]
    prices = [call.cost for call in calls if call.cost is not None]
    return Effort(
        erp_calls=erp_calls,
        model_calls=len(calls),
        tokens_in=sum(call.tokens_in for call in calls),
        tokens_cached=sum(call.tokens_cached for call in calls),
        tokens_out=sum(call.tokens_out for call in calls),
        model_milliseconds=sum(call.milliseconds for call in calls),
        cost=sum((Decimal(price.split()[0]) for price in prices), Decimal(0)) if prices else None,
        questions=sum(isinstance(record.event, audit.QuestionAsked) for record in records),
        seconds=seconds,
        graph_seconds=graph,
    )
