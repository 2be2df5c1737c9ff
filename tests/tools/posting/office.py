"""One installation over a database file: what a process opens, and what the next process finds again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.builders import ORDER, SUPPLIER, a_post_invoice, eur, facts_seen
from tests.tools.posting.fake_erp import FakeErp
from tools.audit_log import AuditLog
from tools.billing import BillingLedger
from tools.case_list import project
from tools.domain import audit
from tools.domain.audit import AuditEvent
from tools.domain.authority import ApprovalPolicy, Approver
from tools.domain.decision import (
    Action,
    Approval,
    Decision,
    Posting,
    PostingLine,
    PostingOrder,
    PostInvoice,
    Proposal,
)
from tools.domain.identifiers import CaseId, DocumentId, PersonId
from tools.erp.posting import post_once
from tools.store import Store

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
CASE = CaseId("C-000001")
OTHER_CASE = CaseId("C-000002")
ANNA = PersonId("anna")
BEN = PersonId("ben")
POLICY = ApprovalPolicy(
    approvers=(
        Approver(person=ANNA, name="Anna", limit=eur(10000)),
        Approver(person=BEN, name="Ben", limit=eur(500)),
    )
)


@dataclass
class Clock:
    """Moves one second with each look, so that every record has its own time."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Office:
    """What one process has open. `Office(path)` again is the next process."""

    path: Path
    clock: Clock = field(default_factory=Clock)
    opened: Store | None = None

    def __post_init__(self) -> None:
        self.store = self.opened or Store.open(self.path)
        self.log = AuditLog(self.store, self.clock, project)
        self.ledger = BillingLedger(self.store, self.log, self.clock)

    def restarted(self) -> Office:
        """The process died, and with it all it had in mind; the file is as it was."""
        return Office(self.path, self.clock, self.store)

    def approve(
        self,
        action: Action | None = None,
        case_id: CaseId = CASE,
        *,
        versions: Mapping[str, str] | None = None,
        noted: bool = True,
        **changes: Any,
    ) -> PostingOrder:
        """An order whose approval by Anna stands in the log, unless `noted` is False."""
        order = ordered(action, case_id, versions=versions, **changes)
        if noted:
            self.note_approval(order)
        return order

    def note_approval(self, order: PostingOrder, **changes: Any) -> None:
        fields = {
            "digest": order.proposal.digest,
            "person": order.approval.person,
            "decided_at": order.approval.decided_at,
            "policy": POLICY.label,
            **changes,
        }
        self.log.append(order.proposal.case_id, audit.person(fields["person"]), audit.ApprovalGiven(**fields))

    async def post(self, erp: FakeErp, order: PostingOrder) -> Posting:
        return await post_once(erp, order, self.ledger, no_pause)

    def resolve(self, order: PostingOrder, *, posted: bool, **fields: Any) -> None:
        """Anna looked in the ERP."""
        self.ledger.resolve_unknown(
            order.proposal.case_id, order.key, ANNA, posted=posted, remark="looked", **fields
        )

    def events(self, kind: type[AuditEvent] | None = None) -> list[AuditEvent]:
        events = [record.event for record in self.log.records()]
        return events if kind is None else [event for event in events if isinstance(event, kind)]

    def story(self) -> list[str]:
        """The kinds of posting events, in order, without `posting_`."""
        kinds = [event.kind for event in self.events()]
        return [kind.removeprefix("posting_") for kind in kinds if kind.startswith(("posting_", "unknown_"))]


async def no_pause(seconds: float) -> None:
    assert seconds > 0


def an_approval(proposal: Proposal, person: PersonId = ANNA, **changes: Any) -> Approval:
    fields = {
        "case_id": proposal.case_id,
        "digest": proposal.digest,
        "person": person,
        "decided_at": NOW,
        "decision": Decision.APPROVE,
        **changes,
    }
    return Approval(**fields)


def a_proposal(
    action: Action | None = None, case_id: CaseId = CASE, versions: Mapping[str, str] | None = None
) -> Proposal:
    return Proposal(
        case_id=case_id,
        document_id=DocumentId("0" * 64),
        action=action or a_post_invoice(),
        reasons=("everything agrees",),
        versions=versions or {},
    )


def ordered(
    action: Action | None = None,
    case_id: CaseId = CASE,
    *,
    versions: Mapping[str, str] | None = None,
    person: PersonId = ANNA,
) -> PostingOrder:
    proposal = a_proposal(action, case_id, versions)
    return PostingOrder.of(proposal, an_approval(proposal, person), POLICY, NOW, facts=facts_seen(proposal))


def billing(
    number: str = "INV-3411", quantity: str = "10", net: str = "100.00", **fields: Any
) -> PostInvoice:
    """An invoice that bills line 1 of the test order."""
    action = fields.pop("kind", PostInvoice)
    plain = a_post_invoice(number=number)
    line = PostingLine(
        invoice_line=0,
        description="Bracket",
        quantity=quantity,
        unit_price="10.00",
        net_amount=eur(net),
        order_number=ORDER,
        order_line_id="1",
    )
    fields = {**dict(plain), "lines": (line,), **fields}
    del fields["kind"]
    return action(**fields)


def current(office: Office) -> dict[str, str]:
    """Versions as a proposal would carry them now."""
    return {f"order:{ORDER}": "1", f"supplier:{SUPPLIER}": "1", **office.ledger.versions([ORDER])}
