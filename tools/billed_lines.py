"""What was billed on order lines through us: read, reserved, given back, and hashed into a version.

These rows change only inside the transactions of `tools.billing`, which knows whose they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from decimal import Decimal

from sqlalchemy import Connection, delete, insert, select

from tools import store as tables
from tools.domain.case_events import ProposalMade
from tools.domain.decision import Action, InvoiceAction, ParkInvoice, PostCreditNote, PostingOrder
from tools.domain.documents import Record
from tools.domain.identifiers import CaseId, OrderNumber
from tools.domain.money import Exact, Money
from tools.domain.posting_events import PostingSent


class BilledLine(Record):
    """One posting's share of an order line; negative for credit notes."""

    order_number: OrderNumber
    order_line_id: str
    quantity: Exact
    amount: Money


def billed(connection: Connection, numbers: Collection[OrderNumber], excluding: str = "") -> list[BilledLine]:
    """Everything on these orders, in the order it was reserved, without what posting key `excluding` has."""
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


def versions(connection: Connection, numbers: Collection[OrderNumber], excluding: str = "") -> dict[str, str]:
    """`billing:ORDER` -> a short hash of everything billed on the order; `-` when nothing was."""
    lines = billed(connection, numbers, excluding)
    result = {}
    for number in numbers:
        own = [line.model_dump_json() for line in lines if line.order_number == number]
        result[f"billing:{number}"] = hashlib.sha256("\n".join(own).encode()).hexdigest()[:16] if own else "-"
    return result


def current_versions(connection: Connection, order: PostingOrder) -> dict[str, str]:
    """Versions of the orders that `order` rests on or bills, as far as others changed them: what an
    earlier attempt under the same key reserved is no change, whether the proposal counted it or not."""
    refs = {ref.partition(":")[2] for ref in order.proposal.versions if ref.startswith("billing:")}
    numbers = {OrderNumber(number) for number in refs} | {line.order_number for line in lines_of(order)}
    everything = versions(connection, numbers)
    others = versions(connection, numbers, excluding=order.key)
    return {
        ref: version if order.proposal.versions.get(ref) == version else others[ref]
        for ref, version in everything.items()
    }


def lines_of(order: PostingOrder) -> Iterable[BilledLine]:
    """What the order's action bills on order lines."""
    return lines_billed(order.action)


def lines_billed(action: Action) -> Iterable[BilledLine]:
    """What an action bills on order lines; nothing for a draft, which has no ledger effect."""
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


def reserve(connection: Connection, order: PostingOrder) -> None:
    """Replace what the order's key has reserved by what the order bills."""
    case_id = order.proposal.case_id
    release(connection, case_id, order.key)
    rows = [
        dict(
            key=order.key,
            case_id=case_id,
            order_number=line.order_number,
            order_line_id=line.order_line_id,
            quantity=str(line.quantity),
            amount=str(line.amount.amount),
            currency=line.amount.currency,
        )
        for line in lines_of(order)
    ]
    if rows:
        connection.execute(insert(tables.billed), rows)


def is_reserved(connection: Connection, order: PostingOrder) -> bool:
    """Whether rows stand under the order's key."""
    return (
        connection.execute(select(tables.billed.c.id).where(tables.billed.c.key == order.key)).first()
        is not None
    )


def release(connection: Connection, case_id: CaseId, key: str) -> None:
    connection.execute(
        delete(tables.billed).where(tables.billed.c.key == key, tables.billed.c.case_id == case_id)
    )


def sent_documents(connection: Connection, case_id: CaseId) -> bool:
    """Whether a write of the case's document ever went out. Entries beside it, such as a goods receipt, leave
    no draft under the document's number."""
    query = select(tables.audit.c.kind, tables.audit.c.event).where(
        tables.audit.c.case_id == case_id, tables.audit.c.kind.in_(("posting_sent", "proposal_made"))
    )
    rows = connection.execute(query).all()
    sent = {PostingSent.model_validate_json(row.event).digest for row in rows if row.kind == "posting_sent"}
    if not sent:
        return False
    made = [ProposalMade.model_validate_json(row.event) for row in rows if row.kind == "proposal_made"]
    beside = {event.digest for event in made if not isinstance(event.proposal.action, InvoiceAction)}
    return bool(sent - beside)
