"""What the authority rules look at in one document: amounts, matching, and who had a hand in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tools.domain.actions import (
    Action,
    AmendOrderLine,
    CreateGoodsReceipt,
    HoldInvoice,
    InvoiceAction,
    PostCreditNote,
    ReleaseHold,
)
from tools.domain.documents import Record
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.money import Money


class Risk(StrEnum):
    """What calls for a second pair of eyes."""

    OUT_OF_TOLERANCE = "out_of_tolerance"
    BANK_CHANGE = "bank_change"
    """An account nobody had verified was on the document, whatever became of it."""
    DUPLICATE_CLEARED = "duplicate_cleared"


class ApprovalFacts(Record):
    """One document as the matrix and the segregation of duties see it. People stand here as the ERP or the
    log names them."""

    company: str = ""
    supplier_id: str = ""
    gross: Money | None = None
    """Absent for actions without an amount: they need what the largest amount needs."""
    net: Money | None = None
    others: tuple[Money, ...] = ()
    """Other documents of the same commitment (same order, or same supplier and reference within the
    policy's days), gross or net as the policy says."""
    other_documents: tuple[str, ...] = ()
    """The same in words, for people."""
    cost_centres: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """Where no category is known: the accounts."""
    on_order: bool = False
    """Every line bills an order line."""
    in_tolerance: bool = True
    supplier_risk: bool = False
    risks: tuple[Risk, ...] = ()
    requested_by: tuple[str, ...] = ()
    ordered_by: tuple[str, ...] = ()
    received_by: tuple[str, ...] = ()
    entered_by: tuple[str, ...] = ()
    verified_by: tuple[str, ...] = ()
    """Who verified a bank account that stands on the document."""
    decided_by: tuple[str, ...] = ()
    """Who answered a question that changed the proposal."""
    waiting_since: datetime | None = None
    """When the proposal was first shown for approval."""


_ON_ORDERS = (CreateGoodsReceipt, AmendOrderLine, HoldInvoice, ReleaseHold)
"""Entries beside a document, which come of comparing it with its order."""
_RISKY_SUPPLIER = frozenset({DiscrepancyKind.FIRST_INVOICE, DiscrepancyKind.SENDER_SUSPECT})


def facts_of(action: Action, findings: Iterable[Discrepancy]) -> ApprovalFacts:
    """What the proposed action and its findings alone tell; who had a hand in it is not among them."""
    found = tuple(findings)
    stopped = {entry.kind for entry in found if entry.severity is Severity.BLOCK}
    blocked, kinds = bool(stopped), {entry.kind for entry in found}
    if not isinstance(action, InvoiceAction):
        value = amount_of(action)
        return ApprovalFacts(
            company=action.company,
            gross=value,
            net=value,
            on_order=isinstance(action, _ON_ORDERS),
            in_tolerance=not blocked,
        )
    billed = [line for line in action.lines if line.net_amount.amount != Decimal(0)] or list(action.lines)
    risks = {
        Risk.OUT_OF_TOLERANCE: blocked,
        Risk.BANK_CHANGE: DiscrepancyKind.BANK_CHANGE in stopped,
        Risk.DUPLICATE_CLEARED: DiscrepancyKind.DUPLICATE_SUSPECT in stopped,
    }
    return ApprovalFacts(
        company=action.company,
        supplier_id=action.supplier_id,
        gross=action.gross,
        net=action.net,
        cost_centres=_different(line.cost_centre for line in action.lines),
        categories=_different(line.account for line in action.lines),
        on_order=bool(billed) and all(line.order_number for line in billed),
        in_tolerance=not blocked,
        supplier_risk=bool(kinds & _RISKY_SUPPLIER),
        risks=tuple(risk for risk, holds in risks.items() if holds),
    )


def amount_of(action: Action) -> Money | None:
    """What the limits compare: the gross amount of a document; what a receipt or a changed order line is
    worth at the order's prices; what a released hold lets be paid. None for actions without an amount."""
    if isinstance(action, InvoiceAction):
        return action.gross
    return action.value if isinstance(action, _ON_ORDERS) else None


def is_credit(action: Action) -> bool:
    """A credit note reduces what is owed: other documents do not add to it."""
    return isinstance(action, PostCreditNote)


def _different(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
