"""Our own record of what was billed on each order line, and of who may post which business document.

Needed where the ERP keeps no link from an invoice line to an order line, and always for two cases that
bill the same order at the same time: what is sent is reserved before it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from tools import billed_lines
from tools import store as tables
from tools.audit_log import AuditLog
from tools.billed_lines import BilledLine
from tools.domain import audit
from tools.domain.audit import SERVICE, AuditEvent
from tools.domain.decision import Posting, PostingOrder
from tools.domain.identifiers import CaseId, OrderNumber, PersonId
from tools.erp.errors import ErpChanged, ErpRejected, ErpUnavailable
from tools.erp.posting import Progress
from tools.standing_approvals import require_approvals
from tools.store import Store

__all__ = ["BilledLine", "BillingLedger"]

_RESUMED = "resumed"
"""Stands in a row instead of `sent` once a later attempt has begun: only one of several may send then."""
_SENDABLE = (Progress.FRESH.value, Progress.FREED.value, _RESUMED)
_UNSETTLED = (Progress.SENT.value, Progress.UNKNOWN.value, _RESUMED)
_UNCLAIMED = (Progress.FRESH.value, Progress.FREED.value)
_keys = tables.posting_keys


class BillingLedger:
    """The PostingLog of `post_once`, over the store and the audit log."""

    def __init__(self, store: Store, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._store = store
        self._log = log
        self._now = now
        self._sending: dict[tuple[CaseId, str], str] = {}
        """What this process has sent and not settled -> the key's state before."""

    def billed(self, numbers: Collection[OrderNumber]) -> list[BilledLine]:
        """Everything billed or being billed on these orders through us."""
        with self._store.read() as connection:
            return billed_lines.billed(connection, numbers)

    def versions(self, numbers: Collection[OrderNumber]) -> dict[str, str]:
        """`billing:ORDER` -> version for each order."""
        with self._store.read() as connection:
            return billed_lines.versions(connection, numbers)

    def billing_versions(self, order: PostingOrder) -> Mapping[str, str]:
        with self._store.read() as connection:
            return billed_lines.current_versions(connection, order)

    def has_sent(self, case_id: CaseId) -> bool:
        """Whether this case's document ever went out: drafts under its number may then be its own."""
        with self._store.read() as connection:
            return billed_lines.sent_documents(connection, case_id)

    def unsettled(self, case_id: CaseId) -> str | None:
        """Digest of the proposal of this case that was sent and whose outcome is not settled."""
        query = select(_keys.c.digest).where(_keys.c.case_id == case_id, _keys.c.state.in_(_UNSETTLED))
        with self._store.read() as connection:
            row = connection.execute(query).first()
        return row.digest if row else None

    def begin(self, order: PostingOrder) -> tuple[Progress, Posting | None]:
        case_id, key, digest = order.proposal.case_id, order.key, order.proposal.digest
        with self._store.transaction(durable=True) as connection:
            require_approvals(connection, order)
            row = _row(connection, key)
            if (
                row is not None
                and row.state == Progress.DONE
                and (row.case_id, row.digest) == (case_id, digest)
            ):
                return Progress.DONE, Posting.model_validate_json(row.posting)
            _require_settled(connection, order)
            progress = _claimed(connection, order, row)
            self._note(connection, order, audit.PostingStarted(key=key, digest=digest))
            return progress, None

    def resumed(self, order: PostingOrder, rule: str) -> None:
        with self._store.transaction(durable=True) as connection:
            row = _row(connection, order.key)
            if row is None or row.case_id != order.proposal.case_id or row.state != Progress.UNKNOWN:
                raise ErpUnavailable("another attempt at posting this document is under way; try again later")
            connection.execute(update(_keys).where(_mine(order)).values(state=_RESUMED))
            event = audit.PostingResumed(key=order.key, digest=order.proposal.digest, rule=rule)
            self._note(connection, order, event)

    def sent(self, order: PostingOrder) -> None:
        with self._store.transaction(durable=True) as connection:
            row = _row(connection, order.key)
            if row is None or row.case_id != order.proposal.case_id or row.state not in _SENDABLE:
                raise ErpUnavailable("another attempt at posting this document is under way; try again later")
            for ref, version in billed_lines.current_versions(connection, order).items():
                if order.proposal.versions.get(ref, "-") != version:
                    raise ErpChanged(f"another invoice billed {ref.partition(':')[2]} in the meantime")
            _set_state(connection, order, Progress.SENT)
            billed_lines.reserve(connection, order)
            self._note(connection, order, audit.PostingSent(key=order.key, digest=order.proposal.digest))
        self._sending[order.proposal.case_id, order.key] = row.state

    def done(self, order: PostingOrder, posting: Posting, *, found: bool) -> None:
        with self._store.transaction(durable=True) as connection:
            _set_state(connection, order, Progress.DONE, posting)
            if not billed_lines.is_reserved(connection, order):
                # A person had freed it as not posted; it turned up after all.
                billed_lines.reserve(connection, order)
            self._note(
                connection,
                order,
                audit.PostingDone(key=order.key, digest=order.proposal.digest, posting=posting, found=found),
            )
        self._sending.pop((order.proposal.case_id, order.key), None)

    def not_sent(self, order: PostingOrder, reason: str) -> None:
        """Back to what was known before this attempt: an earlier one may still have arrived."""
        before = self._sending.get((order.proposal.case_id, order.key))
        with self._store.transaction(durable=True) as connection:
            if before == _RESUMED:
                _set_state(connection, order, Progress.SENT)
            elif before is not None:
                _give_back(connection, order, before)
            self._note(connection, order, audit.PostingNotSent(key=order.key, reason=reason))
        self._sending.pop((order.proposal.case_id, order.key), None)

    def refused(self, order: PostingOrder, reason: str) -> None:
        """An attempt that sent nothing gives back only a key under which nothing was ever sent."""
        before = self._sending.get((order.proposal.case_id, order.key))
        with self._store.transaction(durable=True) as connection:
            if before is not None:
                _give_back(connection, order, before)
            else:
                connection.execute(delete(_keys).where(_mine(order), _keys.c.state == Progress.FRESH.value))
            self._note(connection, order, audit.PostingRefused(key=order.key, reason=reason))
        self._sending.pop((order.proposal.case_id, order.key), None)

    def unknown(self, order: PostingOrder, reason: str) -> None:
        with self._store.transaction(durable=True) as connection:
            connection.execute(
                update(_keys)
                .where(_mine(order), _keys.c.state.in_((Progress.SENT.value, _RESUMED)))
                .values(state=Progress.UNKNOWN.value)
            )
            self._note(connection, order, audit.PostingUnknown(key=order.key, reason=reason))
        self._sending.pop((order.proposal.case_id, order.key), None)

    def resolve_unknown(
        self,
        case_id: CaseId,
        key: str,
        person: PersonId,
        *,
        posted: bool,
        remark: str,
        answered_at: datetime | None = None,
    ) -> None:
        """A person looked in the ERP. `posted` false frees the document for one more attempt.

        Settles only an outcome that is unknown now, and none that became unknown after `answered_at`: a
        step that is cut off runs again with its old answer, which must not free what was sent since.
        """
        with self._store.transaction(durable=True) as connection:
            row = _row(connection, key)
            if row is None or row.case_id != case_id or row.state != Progress.UNKNOWN:
                return
            since = _unknown_since(connection, case_id, key)
            if answered_at is not None and since is not None and since > answered_at:
                return
            if not posted:
                connection.execute(update(_keys).where(_keys.c.key == key).values(state=Progress.FREED.value))
                billed_lines.release(connection, case_id, key)
            self._log.append_in(
                connection,
                case_id,
                audit.person(person),
                audit.UnknownResolved(key=key, person=person, posted=posted, remark=remark),
            )

    def _note(self, connection: Connection, order: PostingOrder, event: AuditEvent) -> None:
        self._log.append_in(connection, order.proposal.case_id, SERVICE, event)


def _row(connection: Connection, key: str) -> Row[Any] | None:
    return connection.execute(select(_keys).where(_keys.c.key == key)).first()


def _require_settled(connection: Connection, order: PostingOrder) -> None:
    """A case posts under one key at a time: what it sent under another one may have arrived."""
    query = select(_keys.c.key).where(
        _keys.c.case_id == order.proposal.case_id, _keys.c.key != order.key, _keys.c.state.in_(_UNSETTLED)
    )
    if connection.execute(query).first() is not None:
        raise ErpRejected(
            "an earlier posting of this case has no settled outcome; settle it in the ERP first"
        )


def _claimed(connection: Connection, order: PostingOrder, row: Row[Any] | None) -> Progress:
    """Make the key this case's and say how far earlier attempts came. What another case has not sent, or a
    person has freed, is no claim: that case may long be closed. Raises ErpRejected for any other claim."""
    case_id = order.proposal.case_id
    if row is None:
        values = {"case_id": case_id, "digest": order.proposal.digest, "state": Progress.FRESH.value}
        connection.execute(insert(_keys).values(key=order.key, **values))
        return Progress.FRESH
    foreign = row.case_id != case_id
    if row.state == Progress.DONE or (foreign and row.state not in _UNCLAIMED):
        raise ErpRejected(f"case {row.case_id} already posted or is posting this document")
    if foreign:
        connection.execute(
            update(_keys)
            .where(_keys.c.key == order.key)
            .values(case_id=case_id, digest=order.proposal.digest, state=Progress.FRESH.value)
        )
        return Progress.FRESH
    if row.state in (Progress.SENT, _RESUMED):
        connection.execute(update(_keys).where(_mine(order)).values(state=_RESUMED))
        return Progress.SENT
    return Progress(row.state)


def _mine(order: PostingOrder) -> ColumnElement[bool]:
    return and_(_keys.c.key == order.key, _keys.c.case_id == order.proposal.case_id)


def _set_state(
    connection: Connection, order: PostingOrder, state: Progress, posting: Posting | None = None
) -> None:
    values = {
        "case_id": order.proposal.case_id,
        "state": state.value,
        "digest": order.proposal.digest,
        "posting": posting.model_dump_json() if posting else None,
    }
    connection.execute(
        upsert(_keys)
        .values(key=order.key, **values)
        .on_conflict_do_update(index_elements=["key"], set_=values)
    )


def _give_back(connection: Connection, order: PostingOrder, before: str) -> None:
    """After an attempt of ours that surely did nothing. Where an earlier one may still arrive, the key
    stays with the case, so that what turns up is known as ours."""
    billed_lines.release(connection, order.proposal.case_id, order.key)
    if before == Progress.FRESH:
        connection.execute(delete(_keys).where(_mine(order)))
    else:
        connection.execute(update(_keys).where(_mine(order)).values(state=Progress.FREED.value))


def _unknown_since(connection: Connection, case_id: CaseId, key: str) -> datetime | None:
    """When the outcome became unknown for the last time."""
    rows = connection.execute(
        select(tables.audit.c.at, tables.audit.c.event)
        .where(tables.audit.c.case_id == case_id, tables.audit.c.kind == "posting_unknown")
        .order_by(tables.audit.c.sequence.desc())
    )
    for row in rows:
        if audit.PostingUnknown.model_validate_json(row.event).key == key:
            return datetime.fromisoformat(row.at)
    return None
