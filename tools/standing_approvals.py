"""Which approvals of a proposal stand in the audit log: asked before anything is sent under them."""

from __future__ import annotations

from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, select

from tools import store as tables
from tools.domain import audit
from tools.domain.audit import ActorType
from tools.domain.decision import ApprovalInvalid, PostingOrder
from tools.domain.identifiers import PersonId

_WORD: TypeAdapter[audit.ApprovalGiven | audit.ProposalRejected] = TypeAdapter(
    audit.ApprovalGiven | audit.ProposalRejected
)


def require_approvals(connection: Connection, order: PostingOrder) -> None:
    """Each approval must stand in the log: noted as that person's own act, for this digest, at the time the
    order names, and not followed by a rejection. Raises ApprovalInvalid."""
    rows = connection.execute(
        select(tables.audit.c.event, tables.audit.c.actor, tables.audit.c.actor_type)
        .where(
            tables.audit.c.case_id == order.proposal.case_id,
            tables.audit.c.kind.in_(("approval_given", "proposal_rejected")),
        )
        .order_by(tables.audit.c.sequence)
    )
    standing: set[tuple[PersonId, datetime]] = set()
    for row in rows:
        word = _WORD.validate_json(row.event)
        if word.digest != order.proposal.digest:
            continue
        if isinstance(word, audit.ProposalRejected):
            standing.clear()
        elif (row.actor, row.actor_type) == (word.person, ActorType.PERSON.value):
            standing.add((word.person, word.decided_at))
    named = (order.approval, *getattr(order, "approvals", ()))
    if len(named) < 2 or any((entry.person, entry.decided_at) not in standing for entry in named):
        raise ApprovalInvalid("the approval does not stand in the audit log")
