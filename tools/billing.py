"""Our own record of what was billed on each order line, and of who may post which business document.

Needed where the ERP keeps no link from an invoice line to an order line, and always for two cases that
bill the same order at the same time: what is sent is reserved before it is sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, delete, insert, select, update

from tools import store as tables
from tools.audit_log import AuditLog
from tools.domain import audit
from tools.domain.audit import SERVICE, AuditEvent
from tools.domain.decision import (
    ApprovalInvalid,
    InvoiceAction,
    ParkInvoice,
    PostCreditNote,
    Posting,
    PostingOrder,
)
from tools.domain.documents import Record
from tools.domain.identifiers import CaseId, OrderNumber, PersonId
from tools.domain.money import Exact, Money
from tools.erp.errors import ErpChanged, ErpRejected
from tools.erp.posting import Progress
from tools.store import Store


class BilledLine(Record):
    """One posting's share of an order line; negative for credit notes."""

    order_number: OrderNumber
    order_line_id: str
    quantity: Exact
    amount: Money


class BillingLedger:
    """The PostingLog of `post_once`, over the store and the audit log."""

    def __init__(self, store: Store, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._store = store
        self._log = log
        self._now = now

    def billed(self, numbers: Collection[OrderNumber]) -> list[BilledLine]:
        """Everything billed or being billed on these orders through us."""
        with self._store.read() as connection:
            return _billed(connection, numbers)

    def versions(self, numbers: Collection[OrderNumber]) -> dict[str, str]:
        """`billing:ORDER` -> version for each order."""
        with self._store.read() as connection:
            return _versions(connection, numbers)

    def billing_versions(self, order: PostingOrder) -> Mapping[str, str]:
        with self._store.read() as connection:
            return _versions(connection, _orders(order), excluding=order.key)

    def begin(self, order: PostingOrder) -> tuple[Progress, Posting | None]:
        case_id, key = order.proposal.case_id, order.key
        with self._store.transaction(durable=True) as connection:
            self._require_approval(connection, order)
            row = connection.execute(
                select(tables.posting_keys).where(tables.posting_keys.c.key == key)
            ).first()
            if row is None:
                connection.execute(
                    insert(tables.posting_keys).values(
                        key=key, case_id=case_id, state=Progress.FRESH.value, digest=order.proposal.digest
                    )
                )
            elif (
                row.state == Progress.DONE and row.case_id == case_id and row.digest == order.proposal.digest
            ):
                return Progress.DONE, Posting.model_validate_json(row.posting)
            elif row.state == Progress.DONE or row.case_id != case_id:
                raise ErpRejected(f"case {row.case_id} already posted or is posting this document")
            self._log.append_in(
                connection, case_id, SERVICE, audit.PostingStarted(key=key, digest=order.proposal.digest)
            )
            return Progress(row.state) if row is not None else Progress.FRESH, None

    @staticmethod
    def _require_approval(connection: Connection, order: PostingOrder) -> None:
        """The approval must stand in the log, from this person and for this digest."""
        rows = connection.execute(
            select(tables.audit.c.event).where(
                tables.audit.c.case_id == order.proposal.case_id, tables.audit.c.kind == "approval_given"
            )
        )
        for row in rows:
            given = audit.ApprovalGiven.model_validate_json(row.event)
            if given.digest == order.proposal.digest and given.person == order.approval.person:
                return
        raise ApprovalInvalid("the approval does not stand in the audit log")

    def sent(self, order: PostingOrder) -> None:
        with self._store.transaction(durable=True) as connection:
            current = _versions(connection, _orders(order), excluding=order.key)
            for ref, version in current.items():
                if ref in order.proposal.versions and order.proposal.versions[ref] != version:
                    raise ErpChanged(f"another invoice billed {ref.partition(':')[2]} in the meantime")
            self._state(connection, order, Progress.SENT)
            connection.execute(delete(tables.billed).where(tables.billed.c.key == order.key))
            rows = [
                dict(
                    key=order.key,
                    case_id=order.proposal.case_id,
                    order_number=line.order_number,
                    order_line_id=line.order_line_id,
                    quantity=str(line.quantity),
                    amount=str(line.amount.amount),
                    currency=line.amount.currency,
                )
                for line in _lines(order)
            ]
            if rows:
                connection.execute(insert(tables.billed), rows)
            self._note(connection, order, audit.PostingSent(key=order.key, digest=order.proposal.digest))

    def done(self, order: PostingOrder, posting: Posting, *, found: bool) -> None:
        with self._store.transaction(durable=True) as connection:
            self._state(connection, order, Progress.DONE, posting)
            self._note(
                connection,
                order,
                audit.PostingDone(key=order.key, digest=order.proposal.digest, posting=posting, found=found),
            )

    def not_sent(self, order: PostingOrder, reason: str) -> None:
        self._undo(order, audit.PostingNotSent(key=order.key, reason=reason))

    def refused(self, order: PostingOrder, reason: str) -> None:
        self._undo(order, audit.PostingRefused(key=order.key, reason=reason))

    def unknown(self, order: PostingOrder, reason: str) -> None:
        with self._store.transaction(durable=True) as connection:
            self._note(connection, order, audit.PostingUnknown(key=order.key, reason=reason))

    def resolve_unknown(
        self, case_id: CaseId, key: str, person: PersonId, *, posted: bool, remark: str
    ) -> None:
        """A person looked in the ERP. `posted` false frees the document for another attempt."""
        with self._store.transaction(durable=True) as connection:
            if not posted:
                self._free(connection, key)
            self._log.append_in(
                connection,
                case_id,
                audit.person(person),
                audit.UnknownResolved(key=key, person=person, posted=posted, remark=remark),
            )

    def _undo(self, order: PostingOrder, event: AuditEvent) -> None:
        with self._store.transaction(durable=True) as connection:
            self._free(connection, order.key)
            self._note(connection, order, event)

    @staticmethod
    def _free(connection: Connection, key: str) -> None:
        connection.execute(delete(tables.billed).where(tables.billed.c.key == key))
        connection.execute(
            delete(tables.posting_keys).where(
                tables.posting_keys.c.key == key, tables.posting_keys.c.state != Progress.DONE.value
            )
        )

    @staticmethod
    def _state(
        connection: Connection, order: PostingOrder, state: Progress, posting: Posting | None = None
    ) -> None:
        connection.execute(
            update(tables.posting_keys)
            .where(tables.posting_keys.c.key == order.key)
            .values(
                state=state.value,
                digest=order.proposal.digest,
                posting=posting.model_dump_json() if posting else None,
            )
        )

    def _note(self, connection: Connection, order: PostingOrder, event: AuditEvent) -> None:
        self._log.append_in(connection, order.proposal.case_id, SERVICE, event)


def _orders(order: PostingOrder) -> set[OrderNumber]:
    refs = (ref for ref in order.proposal.versions if ref.startswith("billing:"))
    return {OrderNumber(ref.partition(":")[2]) for ref in refs}


def _lines(order: PostingOrder) -> Iterable[BilledLine]:
    action = order.action
    if not isinstance(action, InvoiceAction) or isinstance(action, ParkInvoice):
        return
    sign = -1 if isinstance(action, PostCreditNote) else 1
    for line in action.lines:
        if line.order_number is not None and line.order_line_id is not None:
            yield BilledLine(
                order_number=line.order_number,
                order_line_id=line.order_line_id,
                quantity=line.quantity * sign,
                amount=line.net_amount * sign,
            )


def _billed(
    connection: Connection, numbers: Collection[OrderNumber], excluding: str = ""
) -> list[BilledLine]:
    if not numbers:
        return []
    rows = connection.execute(
        select(tables.billed)
        .where(tables.billed.c.order_number.in_(list(numbers)), tables.billed.c.key != excluding)
        .order_by(tables.billed.c.id)
    )
    return [
        BilledLine(
            order_number=OrderNumber(row.order_number),
            order_line_id=row.order_line_id,
            quantity=Decimal(row.quantity),
            amount=Money.of(row.amount, row.currency),
        )
        for row in rows
    ]


def _versions(
    connection: Connection, numbers: Collection[OrderNumber], excluding: str = ""
) -> dict[str, str]:
    """A short hash of everything billed on the order; `-` when nothing was."""
    lines = _billed(connection, numbers, excluding)
    result = {}
    for number in numbers:
        own = [line.model_dump_json() for line in lines if line.order_number == number]
        result[f"billing:{number}"] = hashlib.sha256("\n".join(own).encode()).hexdigest()[:16] if own else "-"
    return result
