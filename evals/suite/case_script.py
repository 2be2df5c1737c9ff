"""What people did in a real case, step by step, and how it ended, as a case of the suite says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from evals.suite.anonymise import Disguise
from evals.suite.disguised_records import money_text
from evals.suite.installation import RealCase
from tools.domain import audit
from tools.domain.audit import ActorType
from tools.domain.decision import (
    Action,
    AmendOrderLine,
    CreateGoodsReceipt,
    CreatePurchaseOrder,
    HoldInvoice,
    InvoiceAction,
    ParkInvoice,
    PostCreditNote,
    ReleaseHold,
    ReverseInvoice,
)

_APPROVERS, _CLERKS = ("vera", "otto"), ("carl",)
_NO_REMARK = "as in the original"


def people_of(case: RealCase) -> dict[str, str]:
    """Logins and names of everybody the case or the policy knows -> who plays them. Whoever may approve
    becomes `vera`, `otto`, `approver3` …, everybody else `carl`, `clerk2` …"""
    policy = case.settings.policy.approval
    approvers = [str(entry.person) for entry in policy.everyone]
    acted = [r.actor.id for r in case.records if r.actor.type is ActorType.PERSON]
    given = [str(entry) for side in policy.delegations for entry in (side.giver, side.taker)]
    others = [*acted, *given, *sorted(policy.clerks), *sorted(policy.service_accounts)]
    clerks = [login for login in dict.fromkeys(others) if login not in approvers]
    return {**_parts(approvers, _APPROVERS, "approver"), **_parts(clerks, _CLERKS, "clerk")}


def _parts(logins: list[str], known: tuple[str, ...], word: str) -> dict[str, str]:
    parts = (*known, *(f"{word}{place}" for place in range(len(known) + 1, len(logins) + 1)))
    return dict(zip(logins, parts, strict=False))


def steps_of(
    case: RealCase, file: str, disguise: Disguise, people: Mapping[str, str], earlier: list[str]
) -> list[dict[str, Any]]:
    """As `[[step]]` of `case.toml`: what came in, each answer and each approver's word, in their order."""
    found: list[dict[str, Any]] = [{"do": "take_in", "files": [name]} for name in (*earlier, file)]
    for record in case.records:
        if record.actor.type is not ActorType.PERSON:
            continue
        who = {"file": file, "person": people[record.actor.id]}
        match record.event:
            case audit.QuestionAnswered() as event:
                values = {name: disguise.reference(value) for name, value in event.values.items()}
                step = {"do": "answer", **who, "option": disguise.reference(event.option)}
                found.append({**step, **({"values": values} if values else {}), "remark": _NO_REMARK})
            case audit.ApprovalGiven():
                found.append({"do": "approve", **who, "remark": _NO_REMARK})
            case audit.ProposalRejected():
                found.append({"do": "reject", **who, "remark": _NO_REMARK})
    return found


def changes_of(
    case: RealCase, disguise: Disguise, scaled: Callable[[Decimal], Decimal], doubts: list[str]
) -> list[str]:
    """What the case wrote into the books, in the words of `book_changes`."""
    found, proposals = [], case.proposals
    for record in case.records:
        if isinstance(record.event, audit.PostingDone):
            proposal = proposals.get(record.event.digest)
            lines = _change(case, proposal.action, disguise, scaled) if proposal else None
            if lines is None:
                doubts.append("something was written that a case has no words for")
            found += lines or []
    return sorted(found)


def _change(
    case: RealCase, action: Action, disguise: Disguise, scaled: Callable[[Decimal], Decimal]
) -> list[str] | None:
    if isinstance(action, InvoiceAction):
        state = "draft" if isinstance(action, ParkInvoice) else "posted"
        kind = "credit_note" if isinstance(action, PostCreditNote) else "invoice"
        gross, tax = money_text(action.gross, scaled), money_text(action.tax, scaled).split()[0]
        name = f"{disguise.identifier(action.number)} of {disguise.identifier(action.supplier_id)}"
        return [f"{state} {kind} {name}: {gross}, tax {tax}"]
    if isinstance(action, CreateGoodsReceipt):
        order = disguise.identifier(action.order_number)
        return [f"receipt for {order}/{line.order_line_id}: {_plain(line.quantity)}" for line in action.lines]
    if isinstance(action, HoldInvoice | ReleaseHold):
        word = "hold" if isinstance(action, HoldInvoice) else "release"
        number = disguise.identifier(case.invoice.number or action.posted_number)
        return [f"{word} of {number} of {disguise.identifier(action.supplier_id)}: {action.reason_code}"]
    if isinstance(action, AmendOrderLine):
        return _amended(case, action, disguise, scaled)
    return [] if isinstance(action, CreatePurchaseOrder | ReverseInvoice) else None


def _amended(
    case: RealCase, action: AmendOrderLine, disguise: Disguise, scaled: Callable[[Decimal], Decimal]
) -> list[str]:
    """The order line as it came to be; the facts may already hold it so."""
    orders = case.facts.orders if case.facts else ()
    lines = (line for order in orders if order.number == action.order_number for line in order.lines)
    line = next((line for line in lines if line.line_id == action.order_line_id), None)
    price = action.unit_price or (line.unit_price if line else None)
    quantity = action.quantity or (line.ordered if line else Decimal(0))
    shown = _plain(scaled(price.amount)) if price else "0"
    name = f"{disguise.identifier(action.order_number)}/{action.order_line_id}"
    return [f"order {name}: unit price {shown}, ordered {_plain(quantity)}"]


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
