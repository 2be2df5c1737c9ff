"""Approved actions for tests: what each write capability is tried with, and how often it was booked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tests.builders import facts_seen
from tests.erp.world import (
    BULK,
    COMPANY,
    LONG,
    NOW,
    OFFICE,
    PARTLY_RECEIVED,
    TODAY,
    TOOLS,
)
from tools.domain.authority import ApprovalPolicy, Approver
from tools.domain.decision import (
    Action,
    AmendOrderLine,
    Approval,
    CreateGoodsReceipt,
    CreatePurchaseOrder,
    Decision,
    DraftOrderLine,
    HoldInvoice,
    ParkInvoice,
    PostCreditNote,
    Posting,
    PostingLine,
    PostingOrder,
    PostingState,
    PostInvoice,
    Proposal,
    ReceivedLine,
    ReleaseHold,
    ReverseInvoice,
)
from tools.domain.identifiers import CaseId, DocumentId, PersonId
from tools.domain.money import Money
from tools.erp.contract import Capability
from tools.erp.posting import Progress
from tools.erp.sandbox.company import Company

CLERK = PersonId("clerk")
POLICY = ApprovalPolicy(
    approvers=(Approver(person=CLERK, name="A. Clerk", limit=Money.of("1000000", "EUR")),),
    group_rates={"USD": Decimal("0.92"), "JPY": Decimal("0.0061")},
)
INVOICE_DAY = date(2026, 3, 10)


def a_proposal(action: Action, versions: Mapping[str, str] | None = None) -> Proposal:
    return Proposal(
        case_id=CaseId("case-1"),
        document_id=DocumentId("0" * 64),
        action=action,
        reasons=("a test wants it",),
        versions=dict(versions or {}),
    )


def approved(action: Action, versions: Mapping[str, str] | None = None) -> PostingOrder:
    """The action with an approval that stands."""
    proposal = a_proposal(action, versions)
    approval = Approval(
        case_id=proposal.case_id,
        digest=proposal.digest,
        person=CLERK,
        decided_at=NOW,
        decision=Decision.APPROVE,
    )
    return PostingOrder.of(proposal, approval, POLICY, NOW, facts=facts_seen(proposal))


def a_line(net: str = "100.00", *, currency: str = "EUR", **values: Any) -> PostingLine:
    """One unit on an expense account at 21 %."""
    if "order_number" not in values:
        values.setdefault("account", "4100")
    values.setdefault("tax_code", "S21")
    quantity = values.pop("quantity", Decimal(1))
    return PostingLine(
        description=values.pop("description", "Chairs"),
        quantity=quantity,
        unit_price=values.pop("unit_price", Decimal(net) / quantity),
        net_amount=Money.of(net, currency),
        **values,
    )


def invoice_fields(
    net: str = "100.00", tax: str = "21.00", *, currency: str = "EUR", **values: Any
) -> dict[str, Any]:
    return {
        "company": COMPANY,
        "supplier_id": OFFICE,
        "supplier_name": "Van Dijk Kantoor B.V.",
        "number": "VD-90001",
        "invoice_date": INVOICE_DAY,
        "posting_date": INVOICE_DAY,
        "due_date": date(2026, 4, 9),
        "currency": currency,
        "lines": (a_line(net, currency=currency),),
        "net": Money.of(net, currency),
        "tax": Money.of(tax, currency),
        "gross": Money.of(Decimal(net) + Decimal(tax), currency),
        **values,
    }


def an_invoice(net: str = "100.00", tax: str = "21.00", **values: Any) -> PostInvoice:
    return PostInvoice(**invoice_fields(net, tax, **values))


def an_action(capability: Capability, company: Company) -> Action:
    """A plain example of a write; what has to stand in the books before it is put there."""
    if capability is Capability.POST_INVOICE:
        return an_invoice()
    if capability is Capability.PARK_INVOICE:
        return ParkInvoice(**invoice_fields())
    if capability is Capability.POST_CREDIT_NOTE:
        return PostCreditNote(**invoice_fields("20.00", "4.20", number="VD-C-90001"))
    if capability is Capability.CREATE_GOODS_RECEIPT:
        return CreateGoodsReceipt(
            company=COMPANY,
            order_number=PARTLY_RECEIVED,
            delivery_note="LS-90001",
            received_on=TODAY,
            lines=(ReceivedLine(order_line_id="30000", quantity=Decimal(5)),),
        )
    if capability is Capability.CREATE_PURCHASE_ORDER:
        line = DraftOrderLine(
            item_number="BRACKET",
            description="Bracket, steel",
            quantity=Decimal(10),
            unit="H87",
            unit_price=Money.of("10.00", "EUR"),
            tax_code="S21",
        )
        return CreatePurchaseOrder(
            company=COMPANY, supplier_id=BULK, currency="EUR", reference="CASE-90001", lines=(line,)
        )
    if capability is Capability.AMEND_ORDER_LINE:
        return AmendOrderLine(
            company=COMPANY,
            order_number=LONG,
            order_line_id="20000",
            unit_price=Money.of("2.50", "EUR"),
        )
    return _later_action(capability, company)


def _later_action(capability: Capability, company: Company) -> Action:
    posted = {"company": COMPANY, "supplier_id": TOOLS, "posted_number": "510001"}
    if capability is Capability.HOLD_INVOICE:
        return HoldInvoice(**posted, reason_code="PRICE")
    if capability is Capability.RELEASE_HOLD:
        document = company.documents.by_number("510001")
        if "PRICE" not in document.holds:
            company.payables.hold(document.document_id, "PRICE")
        return ReleaseHold(**posted, reason_code="PRICE")
    assert capability is Capability.REVERSE_INVOICE
    return ReverseInvoice(**posted, posting_date=INVOICE_DAY, reason="wrong supplier")


def times_booked(company: Company, action: Action) -> int:
    """How often the books hold what the action asks for."""
    if isinstance(action, (PostInvoice, ParkInvoice, PostCreditNote)):
        key = action.invoice_key
        wanted = {PostingState.DRAFT} if isinstance(action, ParkInvoice) else {PostingState.POSTED}
        same = company.documents.of_supplier(key.supplier_id, key.document_type, key.number)
        return sum(document.state in wanted for document in same)
    if isinstance(action, CreateGoodsReceipt):
        receipts = company.purchasing.receipts_of(action.order_number)
        return sum(receipt.delivery_note == action.delivery_note for receipt in receipts)
    if isinstance(action, CreatePurchaseOrder):
        return sum(card.reference == action.reference for card in company.books.orders.values())
    if isinstance(action, AmendOrderLine):
        line = company.purchasing.line(action.order_number, action.order_line_id)
        return int(line.unit_price == action.unit_price)
    document = company.documents.by_number(action.posted_number)
    if isinstance(action, ReverseInvoice):
        return int(document.state is PostingState.CANCELLED)
    return int((action.reason_code in document.holds) is isinstance(action, HoldInvoice))


def billing_lines(prices: Mapping[str, tuple[str, str]]) -> tuple[PostingLine, ...]:
    """Lines that bill PARTLY_RECEIVED: order line id -> (quantity, unit price)."""
    return tuple(
        a_line(
            str(Decimal(quantity) * Decimal(price)),
            quantity=Decimal(quantity),
            unit_price=Decimal(price),
            unit="H87",
            item_number="BRACKET",
            order_number=PARTLY_RECEIVED,
            order_line_id=line_id,
        )
        for line_id, (quantity, price) in prices.items()
    )


class MemoryLog:
    """A posting log for one test, without a database."""

    def __init__(self) -> None:
        self._progress: dict[str, tuple[Progress, Posting | None]] = {}
        self.notes: list[str] = []

    def begin(self, order: PostingOrder) -> tuple[Progress, Posting | None]:
        return self._progress.get(order.key, (Progress.FRESH, None))

    def billing_versions(self, order: PostingOrder) -> Mapping[str, str]:
        return {}

    def resumed(self, order: PostingOrder, rule: str) -> None:
        self.notes.append("resumed")

    def sent(self, order: PostingOrder) -> None:
        self._progress[order.key] = (Progress.SENT, None)
        self.notes.append("sent")

    def done(self, order: PostingOrder, posting: Posting, *, found: bool) -> None:
        self._progress[order.key] = (Progress.DONE, posting)
        self.notes.append("found" if found else "done")

    def not_sent(self, order: PostingOrder, reason: str) -> None:
        self._progress.pop(order.key, None)
        self.notes.append("not sent")

    def refused(self, order: PostingOrder, reason: str) -> None:
        self.notes.append(f"refused: {reason}")

    def unknown(self, order: PostingOrder, reason: str) -> None:
        self.notes.append("unknown")
