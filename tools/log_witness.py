"""What the audit log says must stand in the other tables, and whether it does.

The log is the truth; the list of cases, the documents, the postings, what was billed, the verified
accounts, call-backs, confirmed senders and earlier codings are kept beside it. What the log does not hold
is named by `NOT_PROVED`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, RowMapping, Table, select

from tools import store as tables
from tools.audit_log import AuditLog, masked_event
from tools.billed_lines import BilledLine, lines_billed
from tools.callbacks import call_backs
from tools.case_list import NOBODY, CaseSummary, advance
from tools.domain import audit
from tools.domain.audit import AuditRecord
from tools.domain.decision import Posting
from tools.domain.identifiers import CaseId
from tools.domain.money import Money
from tools.master_witness import MasterSaid

NOT_PROVED = (
    "the supplier copy (`suppliers sync --all` reads it again), what was read from the ERP, checkpoints of "
    "open cases; of accounts the country and last four signs count, of imported codings how many they are"
)
_OPEN = ("sent", "unknown", "resumed")
"""States of a posting key under which something went out and is not settled."""
_MOST = 20
"""Contradictions told; the first ones lead to the rest."""


class _Said:
    """What the records say, taken in one after another."""

    def __init__(self) -> None:
        self.cases: dict[CaseId, tuple[CaseSummary, int]] = {}
        self.documents: dict[str, tuple[CaseId | None, audit.DocumentReceived]] = {}
        self.masters = MasterSaid()
        self.billing: dict[str, list[BilledLine]] = {}
        self.done: dict[str, tuple[CaseId | None, audit.PostingDone]] = {}
        self.sent: set[str] = set()
        self.last: dict[str, str] = {}

    def hear(self, record: AuditRecord) -> None:
        if record.case_id is not None:
            known = self.cases.get(record.case_id)
            after = advance(known[0] if known else None, record, len(self.cases) + 1)
            if after is not None:
                self.cases[record.case_id] = (after, record.sequence)
        self.masters.hear(record)
        self._hear_event(record, record.event)

    def _hear_event(self, record: AuditRecord, event: audit.AuditEvent) -> None:
        match event:
            case audit.DocumentReceived():
                self.documents[event.document_id] = (record.case_id, event)
            case audit.SecondReadingDone() | audit.DocumentKindDecided():
                self._hear_reading(event.document_id, event.reading_digest)
            case audit.ProposalMade():
                self.billing[event.digest] = list(lines_billed(event.proposal.action))
            case _:
                self._hear_posting(record, event)

    def _hear_reading(self, document_id: str, digest: str) -> None:
        """What is kept of a document since; an empty digest changed nothing."""
        if digest and document_id in self.documents:
            case_id, received = self.documents[document_id]
            read = received.model_copy(update={"reading_digest": digest})
            self.documents[document_id] = (case_id, read)

    def _hear_posting(self, record: AuditRecord, event: audit.AuditEvent) -> None:
        match event:
            case audit.PostingDone():
                self.done[event.key] = (record.case_id, event)
            case audit.PostingSent():
                self.sent.add(event.key)
            case audit.PostingStarted() | audit.PostingNotSent() | audit.PostingRefused():
                pass
            case audit.PostingUnknown() | audit.UnknownResolved() | audit.PostingResumed():
                pass
            case _:
                return
        self.last[event.key] = event.kind


def contradictions(log: AuditLog) -> list[str]:
    """In words, what stands in a table and not in the log, or otherwise, or is missing; at most 20, empty
    when all agree. The chain itself is `AuditLog.verify`'s. Raises AuditBroken for what cannot be read."""
    said = _Said()
    for record in log.records():
        said.hear(record)
    found: list[str] = []
    with log.store.read() as connection:
        for check in (_cases, _documents, _keys, _billed, _masters):
            for text in check(connection, said):
                found.append(text)
                if len(found) == _MOST:
                    return found
    return found


def _rows(connection: Connection, table: Table) -> Iterator[RowMapping]:
    """Row by row: documents may be many and large."""
    yield from connection.execution_options(yield_per=50).execute(select(table)).mappings()


def _cases(connection: Connection, said: _Said) -> Iterator[str]:
    left = dict(said.cases)
    for row in _rows(connection, tables.cases):
        wanted = left.pop(row["case_id"], None)
        if wanted is None or not _is_listed(row, *wanted):
            yield f"{row['case_id']}: the case list is not what the audit log says"
    for case_id in left:
        yield f"{case_id} is missing in the case list"


def _is_listed(row: RowMapping, case: CaseSummary, sequence: int) -> bool:
    kept = (row["position"], row["document_id"], row["stage"], row["sequence"])
    same = kept == (case.position, case.document_id, case.stage, sequence)
    return same and CaseSummary.model_validate_json(row["summary"]) in (case, _as_listed_before(case))


def _as_listed_before(case: CaseSummary) -> CaseSummary:
    """Lists kept by releases that did not show yet that nobody may approve; the proposal in the log does."""
    left = tuple(kind for kind in case.warnings if kind != NOBODY)
    return case.model_copy(update={"warnings": left})


def _documents(connection: Connection, said: _Said) -> Iterator[str]:
    left = dict(said.documents)
    readings = {row.document_id: row.reading for row in connection.execute(select(tables.readings))}
    for row in _rows(connection, tables.documents):
        case_id, event = left.pop(row["document_id"], (None, None))
        name = f"document {row['document_id'][:12]} of {row['case_id']}"
        if event is None or case_id != row["case_id"] or not _is_received(row, event):
            yield f"{name} is not the one that was received"
        elif event.reading_digest and event.reading_digest != _digest(readings.get(row["document_id"])):
            yield f"{name}: what was read from it was changed"
    for case_id, event in left.values():
        yield f"document {event.document_id[:12]} of {case_id} is missing"


def _digest(text: str | None) -> str:
    return hashlib.sha256((text or "").encode()).hexdigest()


def _is_received(row: RowMapping, event: audit.DocumentReceived) -> bool:
    """A document that was refused unread is kept without its bytes."""
    content = row["content"] or b""
    if not isinstance(content, bytes):
        return False
    kept = event.model_copy(
        update={
            "document_id": row["document_id"],
            "size": row["size"],
            **{name: row[name] for name in ("name", "path", "sender", "message_id")},
        }
    )
    same_bytes = not content or hashlib.sha256(content).hexdigest() == row["document_id"]
    return masked_event(kept) == event and len(content) == event.size and same_bytes


def _keys(connection: Connection, said: _Said) -> Iterator[str]:
    left = {key for key in said.last if key in said.done or said.last[key] in _LEAVES_OPEN}
    for row in _rows(connection, tables.posting_keys):
        left.discard(row["key"])
        if not _is_kept(row, said):
            yield f"posting {row['key']} of {row['case_id']} is not what the audit log says"
    for key in sorted(left):
        yield f"posting {key} is missing"


_LEAVES_OPEN = ("posting_sent", "posting_unknown", "posting_resumed")


def _is_kept(row: RowMapping, said: _Said) -> bool:
    key, state = row["key"], row["state"]
    if key in said.done:
        case_id, event = said.done[key]
        return (row["case_id"], row["digest"], state) == (case_id, event.digest, "done") and _is_said(
            row, event
        )
    if state == "done" or (state in _OPEN and key not in said.sent):
        return False
    return key in said.last and (said.last[key] not in _LEAVES_OPEN or state in _OPEN)


def _is_said(row: RowMapping, event: audit.PostingDone) -> bool:
    posting = Posting.model_validate_json(row["posting"] or "{}")
    return masked_event(event.model_copy(update={"posting": posting})) == event


def _billed(connection: Connection, said: _Said) -> Iterator[str]:
    wanted: Counter[tuple[str, ...]] = Counter()
    for row in _rows(connection, tables.posting_keys):
        if row["state"] == "done" or row["state"] in _OPEN:
            wanted.update(
                _line(row["key"], row["case_id"], line) for line in said.billing.get(row["digest"], [])
            )
    kept = Counter(_line(row["key"], row["case_id"], _read(row)) for row in _rows(connection, tables.billed))
    for key, case_id, order, line, *_ in sorted((wanted - kept) | (kept - wanted)):
        yield f"what {case_id} billed on {order}/{line} ({key}) is not what was approved and posted"


def _line(key: str, case_id: str, line: BilledLine) -> tuple[str, ...]:
    figures = (f"{line.quantity.normalize():f}", f"{line.amount.amount.normalize():f}", line.amount.currency)
    return (key, case_id, line.order_number, line.order_line_id, *figures)


def _read(row: RowMapping) -> BilledLine:
    return BilledLine.model_validate(
        {
            "order_number": row["order_number"],
            "order_line_id": row["order_line_id"],
            "quantity": row["quantity"],
            "amount": Money.of(row["amount"], row["currency"]),
        }
    )


def _masters(connection: Connection, said: _Said) -> Iterator[str]:
    yield from said.masters.check_accounts(_rows(connection, tables.bank_accounts))
    yield from said.masters.check_calls(_rows(connection, call_backs))
    yield from said.masters.check_senders(_rows(connection, tables.confirmed_senders))
    yield from said.masters.check_codings(_rows(connection, tables.coding_history))
