"""The list of cases, computed from the audit log: one summary a case, updated with each record.

`rebuild` computes it again from nothing; `erp-agent audit verify` compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Select, func, insert, literal_column, or_, select, text, update

from tools import store as tables
from tools.domain import audit
from tools.domain.audit import AuditRecord
from tools.domain.documents import Record
from tools.domain.findings import DiscrepancyKind, Severity
from tools.domain.identifiers import CaseId, DocumentId, SupplierId
from tools.store import Store

_NOT_THE_DOCUMENT = frozenset(
    {"create_goods_receipt", "hold_invoice", "release_hold", "create_purchase_order", "amend_order_line"}
)
"""Actions whose number in the ERP is not that of the case's document."""
NOBODY = DiscrepancyKind.APPROVER_MISSING.value
"""The one finding that a proposal knows and its match does not: nobody may approve it."""


class WordLeft(Record):
    """A person's word on the proposal that stands in the log and was not carried out yet."""

    what: str
    """`approved` or `rejected`."""
    person: str
    at: datetime
    told: str
    """All of it in words, and what takes it further or stops it."""


class CaseSummary(Record):
    """What a list shows of a case. Absent means not known (yet)."""

    case_id: CaseId
    position: int
    """Order of arrival, from 1."""
    document_id: DocumentId
    name: str
    path: str
    stage: str
    reason: str = ""
    received_at: datetime
    updated_at: datetime
    supplier_id: SupplierId | None = None
    supplier_name: str | None = None
    number: str | None = None
    gross: str | None = None
    blocks: tuple[str, ...] = ()
    """Kinds of the findings that need a person, in the order found."""
    warnings: tuple[str, ...] = ()
    question: str | None = None
    action: str | None = None
    digest: str | None = None
    """Of the proposal that waits or was approved."""
    erp_number: str | None = None
    suggestion: str | None = None
    """What a model suggests, by its id; a person may take it. Absent: nothing that still fits."""
    sent_again: int = 0
    """How often the same file came again."""
    word_left: WordLeft | None = None
    """Found in the log for those who look; never kept in the list."""


def _opened(record: AuditRecord, event: audit.DocumentReceived, position: int) -> CaseSummary:
    if record.case_id is None:
        raise ValueError("a received document always opens a case")
    return CaseSummary(
        case_id=record.case_id,
        position=position,
        document_id=event.document_id,
        name=event.name,
        path=event.path,
        stage="received",
        received_at=record.at,
        updated_at=record.at,
    )


def _changes(event: audit.AuditEvent) -> dict[str, object]:
    match event:
        case audit.StageChanged():
            return {"stage": event.stage, "reason": event.reason}
        case audit.DocumentRead():
            return {"number": event.number, "supplier_name": event.supplier_name, "gross": event.gross}
        case audit.DocumentRefused() | audit.StepFailed():
            return {"reason": event.message}
        case audit.SupplierFound():
            return {"supplier_id": event.supplier_id}
        case audit.InvoiceMatched():
            return _found(event)
        case _:
            return _decided(event)


def _decided(event: audit.AuditEvent) -> dict[str, object]:
    """What changes once people are asked."""
    match event:
        case audit.QuestionAsked():
            return {"question": event.question}
        case audit.QuestionAnswered():
            return {"question": None, "suggestion": None}
        case audit.SuggestionMade():
            return {"suggestion": event.suggestion.option or event.suggestion.kind.value}
        case audit.ProposalMade():
            return {"digest": event.digest, "action": event.proposal.action.kind, "question": None}
        case audit.ApprovalsAwaited():
            return {"reason": event.waits_for}
        case audit.PostingDone():
            return {"erp_number": event.posting.number, "question": None}
        case _:
            return {}


def _found(event: audit.InvoiceMatched) -> dict[str, object]:
    kinds = {
        severity: tuple(dict.fromkeys(f.kind.value for f in event.findings if f.severity is severity))
        for severity in Severity
    }
    return {
        "blocks": kinds[Severity.BLOCK],
        "warnings": kinds[Severity.WARN],
        "digest": None,
        "action": None,
        "suggestion": None,
    }


def _with_nobody(case: CaseSummary, event: audit.ProposalMade) -> tuple[str, ...]:
    kinds = (found.kind.value for found in event.proposal.findings)
    others = tuple(kind for kind in case.warnings if kind != NOBODY)
    return (*others, NOBODY) if NOBODY in kinds else others


def advance(case: CaseSummary | None, record: AuditRecord, position: int) -> CaseSummary | None:
    """The summary after one more record; None for records that belong to no case."""
    if isinstance(record.event, audit.DocumentReceived) and case is None:
        return _opened(record, record.event, position)
    if case is None:
        return None
    if isinstance(record.event, audit.DocumentReceivedAgain):
        return case.model_copy(update={"sent_again": case.sent_again + 1})
    changes = _changes(record.event)
    if isinstance(record.event, audit.PostingDone) and case.action in _NOT_THE_DOCUMENT:
        changes["erp_number"] = case.erp_number
    if isinstance(record.event, audit.ProposalMade):
        changes["warnings"] = _with_nobody(case, record.event)
    return case.model_copy(update={"updated_at": record.at, **changes})


def project(connection: Connection, records: Sequence[AuditRecord]) -> None:
    """Keep the stored list in step; called by the audit log within its transaction, with the records of
    one case in their order."""
    case_id = records[0].case_id
    if case_id is None:
        return
    row = connection.execute(select(tables.cases.c.summary).where(tables.cases.c.case_id == case_id)).first()
    before = after = CaseSummary.model_validate_json(row.summary) if row else None
    position = before.position if before else next_position(connection)
    for record in records:
        after = advance(after, record, position)
    if after is None:
        return
    values = {"summary": after.model_dump_json(), "stage": after.stage, "sequence": records[-1].sequence}
    if before is None:
        connection.execute(
            insert(tables.cases).values(
                case_id=after.case_id, position=position, document_id=after.document_id, **values
            )
        )
    else:
        connection.execute(
            update(tables.cases).where(tables.cases.c.case_id == after.case_id).values(**values)
        )


def next_position(connection: Connection) -> int:
    """Number of the next case, from 1."""
    return (
        int(connection.execute(select(func.coalesce(func.max(tables.cases.c.position), 0))).scalar_one()) + 1
    )


def rebuild(records: Iterable[AuditRecord]) -> dict[CaseId, CaseSummary]:
    """The list computed from the log alone."""
    found: dict[CaseId, CaseSummary] = {}
    for record in records:
        if record.case_id is None:
            continue
        after = advance(found.get(record.case_id), record, len(found) + 1)
        if after is not None:
            found[record.case_id] = after
    return found


class CaseList:
    """Reads the stored list."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self, stages: Iterable[str] | None = None) -> list[CaseSummary]:
        """In the order of arrival; only those in `stages` when given."""
        query = select(tables.cases.c.summary).order_by(tables.cases.c.position)
        if stages is not None:
            query = query.where(tables.cases.c.stage.in_(list(stages)))
        return self._read(query)

    def named(self, words: Iterable[str]) -> list[CaseSummary]:
        """Those whose id, document number or number in the ERP is one of the words, in the order of arrival.
        Asked by index; small and capital letters are the same from A to Z."""
        wanted = sorted({tables.folded(word) for word in words})
        if not wanted:
            return []
        found = (literal_column(name).in_(wanted) for name in tables.CASE_NAMES)
        return self._read(select(tables.cases.c.summary).where(or_(*found)).order_by(tables.cases.c.position))

    def of_supplier(self, supplier_id: SupplierId) -> list[CaseSummary]:
        """In the order of arrival."""
        own = text(f"{tables.CASE_SUPPLIER} = :supplier").bindparams(supplier=supplier_id)
        return self._read(select(tables.cases.c.summary).where(own).order_by(tables.cases.c.position))

    def _read(self, query: Select[tuple[str]]) -> list[CaseSummary]:
        with self._store.read() as connection:
            return [CaseSummary.model_validate_json(row.summary) for row in connection.execute(query)]

    def get(self, case_id: CaseId) -> CaseSummary | None:
        with self._store.read() as connection:
            row = connection.execute(
                select(tables.cases.c.summary).where(tables.cases.c.case_id == case_id)
            ).first()
        return CaseSummary.model_validate_json(row.summary) if row else None
